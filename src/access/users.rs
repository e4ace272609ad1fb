//! Accounts as administrators manage them: roles, switches, and what follows from changing them.

use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::{
    OPERATOR,
    accounts::role_of,
    audit::{Act, note, note_by, user_subject},
    totp,
};
use crate::{
    model::{canon::sha256_hex, permissions::Role, time::to_rfc3339},
    store::{ReadTx, UserFilter, UserRow, WriteTx},
    usecase::{Actor, Archive, Authority, Credential, Error, IfMatch, Listing, Result, require_match},
};

/// An account as administrators see it.
#[derive(Debug, Serialize, ToSchema)]
pub struct UserView {
    #[schema(format = "uuid")]
    pub id: String,
    #[schema(example = "anna")]
    pub username: String,
    pub role: Role,
    /// It cannot come in.
    pub disabled: bool,
    /// Its additive changes are accepted at once, where the archive allows it.
    pub trusted: bool,
    /// It has a second factor.
    pub totp_enabled: bool,
    #[schema(format = "date-time")]
    pub created_at: String,
    /// When role, switches or password last changed.
    #[schema(format = "date-time")]
    pub updated_at: String,
    #[serde(skip)]
    pub etag: String,
}

impl UserView {
    fn new(user: UserRow, totp_enabled: bool) -> Result<Self> {
        let mut view = Self {
            role: role_of(&user)?,
            created_at: to_rfc3339(user.created_at),
            updated_at: to_rfc3339(user.updated_at),
            id: user.id,
            username: user.username,
            disabled: user.disabled,
            trusted: user.trusted,
            totp_enabled,
            etag: String::new(),
        };
        let text = serde_json::to_string(&view).map_err(|e| Error::Internal(format!("an account as JSON: {e}")))?;
        view.etag = format!("\"{}\"", &sha256_hex(text.as_bytes())[..32]);
        Ok(view)
    }
}

/// What is to be different about an account; `None` leaves it as it is.
#[derive(Clone, Copy, Debug, Default)]
pub struct UserChange {
    pub role: Option<Role>,
    pub disabled: Option<bool>,
    pub trusted: Option<bool>,
}

/// The account with this id or name.
pub fn find(tx: &mut ReadTx, key: &str) -> Result<UserRow> {
    let found = match tx.user(key)? {
        Some(user) => Some(user),
        None => tx.user_by_name(key)?,
    };
    found.ok_or(Error::NotFound("account"))
}

/// Accounts by name, after the given one.
pub fn list_users(
    tx: &mut ReadTx,
    filter: &UserFilter,
    after: Option<&str>,
    limit: i64,
) -> Result<Listing<UserView, String>> {
    let rows = tx.list_users(filter, after, limit + 1)?;
    let total = tx.count_users(filter)?;
    let ids: Vec<String> = rows.iter().map(|row| row.id.clone()).collect();
    let protected = tx.with_totp(&ids)?;
    let show = |row: UserRow| {
        let totp_enabled = protected.contains(&row.id);
        UserView::new(row, totp_enabled)
    };
    Listing::of(rows, limit, total, |row| row.username.clone()).shown(|rows| rows.into_iter().map(show).collect())
}

/// The account with this id or name.
pub fn get_user(tx: &mut ReadTx, key: &str) -> Result<UserView> {
    let user = find(tx, key)?;
    let totp_enabled = totp::is_enabled(tx, &user.id)?;
    UserView::new(user, totp_enabled)
}

/// Changes an account that was read before. Its sessions end when it is disabled or its role changes.
pub fn change_user(
    tx: &mut WriteTx,
    actor: &Actor,
    key: &str,
    condition: Option<&IfMatch>,
    change: UserChange,
    now: i64,
) -> Result<UserView> {
    let before = get_user(tx, key)?;
    require_match(condition, &before.etag)?;
    apply(tx, Some(actor), &before.id, change, now)?;
    get_user(tx, &before.id)
}

/// Changes an account from the machine itself.
pub fn change_user_as_operator(archive: &Archive, username: &str, change: UserChange) -> Result<()> {
    let now = archive.now();
    archive.write(Authority::Operator, |tx| {
        let user = tx.user_by_name(username)?.ok_or(Error::NotFound("account"))?;
        apply(tx, None, &user.id, change, now)
    })
}

/// Changes an account for an administrator, or for the operator where there is none.
fn apply(tx: &mut WriteTx, actor: Option<&Actor>, user_id: &str, change: UserChange, now: i64) -> Result<()> {
    let before = tx.user(user_id)?.ok_or(Error::NotFound("account"))?;
    if change.trusted == Some(true) && actor.is_some_and(|actor| actor.user_id == user_id) {
        return Err(Error::Forbidden("nobody trusts themselves; another administrator may"));
    }
    let old_role = role_of(&before)?;
    let mut after = before.clone();
    let mut lines = Vec::new();
    let gives = change.role.is_some_and(|role| role > old_role)
        || (before.disabled && change.disabled == Some(false))
        || (!before.trusted && change.trusted == Some(true));
    // What a key has given would outlive its revocation.
    if gives && actor.is_some_and(|a| matches!(a.credential, Credential::Key { .. })) {
        return Err(Error::Forbidden("an API key takes rights away and gives none; sign in to give them"));
    }
    if let Some(role) = change.role.filter(|role| *role != old_role) {
        after.role = role.as_str().to_owned();
        lines.push((Act::RoleChanged, json!({"from": old_role, "to": role})));
    }
    if let Some(disabled) = change.disabled.filter(|disabled| *disabled != before.disabled) {
        after.disabled = disabled;
        lines.push((if disabled { Act::Disabled } else { Act::Enabled }, json!({})));
    }
    let ends_sessions = !lines.is_empty();
    if let Some(trusted) = change.trusted.filter(|trusted| *trusted != before.trusted) {
        after.trusted = trusted;
        lines.push((if trusted { Act::Trust } else { Act::Distrust }, json!({})));
    }
    if lines.is_empty() {
        return Ok(());
    }
    after.updated_at = now;
    tx.update_user(&after)?;
    let was_admin = old_role == Role::Admin && !before.disabled;
    let is_admin = after.role == Role::Admin.as_str() && !after.disabled;
    if was_admin && tx.count_active_admins()? == 0 {
        return Err(Error::LastAdmin);
    }
    if is_admin {
        tx.revoke_setup(now)?;
    }
    if ends_sessions {
        tx.end_sessions(user_id, None, now)?;
        tx.use_resets(user_id, now)?;
    }
    let handed_out = if was_admin && !is_admin { tx.revoke_handed_out(&after.username, now)? } else { 0 };
    let keys = if after.disabled && !before.disabled { tx.revoke_api_keys(user_id, now)? } else { 0 };
    if let Some((_, detail)) = lines.first_mut() {
        for (what, count) in [("invitations_and_resets_revoked", handed_out), ("api_keys_revoked", keys)] {
            if count > 0 {
                detail[what] = json!(count);
            }
        }
    }
    for (act, detail) in lines {
        let subject = user_subject(&after.username);
        match actor {
            Some(actor) => note_by(tx, now, actor, act, subject, detail)?,
            None => note(tx, now, OPERATOR, act, subject, detail)?,
        }
    }
    Ok(())
}
