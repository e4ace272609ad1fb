//! One-time password resets: an administrator hands a token out, its holder sets a new password with it.

use std::time::Duration;

use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::{
    ANONYMOUS, Access, OPERATOR,
    audit::{Act, note, note_by, user_subject},
    secret::{self, Secret},
    sessions::Client,
    users,
};
use crate::{
    model::time::to_rfc3339,
    store::{ReadTx, ResetRow, UserRow, WriteTx},
    usecase::{Actor, Archive, Authority, Error, Result, micros},
};

/// How long a reset can be used.
const LIFETIME: Duration = Duration::from_secs(24 * 3600);
const INVALID: Error = Error::InvalidToken("the reset token is not valid");

/// The one answer that shows a reset token.
#[derive(Debug, Serialize, ToSchema)]
pub struct ResetView {
    /// Shown this once. It sets one new password.
    #[serde(serialize_with = "Secret::shown")]
    #[schema(value_type = String)]
    pub reset_token: Secret,
    #[schema(format = "date-time")]
    pub expires_at: String,
}

/// Makes a reset for an account; earlier ones of it become useless.
fn issue(tx: &mut WriteTx, user: &UserRow, issued_by: &str, now: i64) -> Result<ResetView> {
    let token = secret::random();
    let expires_at = now.saturating_add(micros(LIFETIME));
    tx.use_resets(&user.id, now)?;
    tx.insert_reset(&ResetRow {
        token_hash: token.digest(),
        user_id: user.id.clone(),
        issued_by: issued_by.to_owned(),
        created_at: now,
        expires_at,
        used_at: None,
    })?;
    Ok(ResetView { reset_token: token, expires_at: to_rfc3339(expires_at) })
}

/// Makes a reset for the account with this id or name.
pub fn issue_reset(tx: &mut WriteTx, actor: &Actor, key: &str, now: i64) -> Result<ResetView> {
    let user = users::find(tx, key)?;
    let view = issue(tx, &user, &actor.username, now)?;
    let detail = json!({"expires_at": view.expires_at});
    note_by(tx, now, actor, Act::ResetIssued, user_subject(&user.username), detail)?;
    Ok(view)
}

/// Makes a reset from the machine itself.
pub fn issue_reset_as_operator(archive: &Archive, username: &str) -> Result<ResetView> {
    let now = archive.now();
    archive.write(Authority::Operator, |tx| {
        let user = tx.user_by_name(username)?.ok_or(Error::NotFound("account"))?;
        let view = issue(tx, &user, OPERATOR, now)?;
        let detail = json!({"expires_at": view.expires_at});
        note(tx, now, OPERATOR, Act::ResetIssued, user_subject(&user.username), detail)?;
        Ok(view)
    })
}

/// The account that a reset token is for, while it can be used.
fn account_of(tx: &mut ReadTx, hash: &str, now: i64) -> Result<UserRow> {
    let open = tx.reset(hash)?.filter(|reset| reset.used_at.is_none() && reset.expires_at > now).ok_or(INVALID)?;
    tx.user(&open.user_id)?.filter(|user| !user.disabled).ok_or(INVALID)
}

impl Access {
    /// Sets a new password with a reset token, once, and ends all sessions of the account. A second factor stays.
    pub fn use_reset(&self, archive: &Archive, token: &Secret, new: &Secret, client: &Client) -> Result<()> {
        let hash = token.digest();
        let user = archive.store.read_fresh(|tx| account_of(tx, &hash, archive.now()))?;
        let password_hash = self.passwords.hash_new(new, &user.username, "/new_password")?;
        let now = archive.now();
        archive.write(Authority::Secret, |tx| {
            // Somebody else may have been faster.
            let user = account_of(tx, &hash, now)?;
            tx.use_resets(&user.id, now)?;
            tx.set_password(&user.id, &password_hash, now)?;
            tx.end_sessions(&user.id, None, now)?;
            let detail = json!({"address": client.address});
            note(tx, now, ANONYMOUS, Act::ResetUsed, user_subject(&user.username), detail)
        })
    }
}
