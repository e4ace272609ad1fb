//! Accounts: making them, and setting their passwords.

use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::{
    Access, OPERATOR,
    audit::{Act, note, note_by, user_subject},
    passwords::{self, Passwords},
    rename,
    secret::Secret,
    sessions::Client,
};
use crate::{
    model::{
        errors::{FieldCode, FieldErrors},
        permissions::Role,
        time::to_rfc3339,
        usernames::{fold, is_username},
    },
    store::{ReadTx, UserRow, WriteTx},
    usecase::{Actor, Archive, Authority, Error, Result},
};

/// An account as its owner sees it.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccountView {
    #[schema(format = "uuid")]
    pub id: String,
    #[schema(example = "anna")]
    pub username: String,
    pub role: Role,
    #[schema(format = "date-time")]
    pub created_at: String,
}

/// What is wrong with a name that an account is to have, in its one spelling.
pub fn check_name(username: &str, errors: &mut FieldErrors) {
    if !is_username(username) {
        let detail = "A user name has 2 to 40 letters from a to z, digits, dots, underscores or hyphens.";
        errors.push("/username", FieldCode::InvalidValue, detail);
    }
}

/// Whether an account can get a name: nobody has it, nor has had it, since the history names people by it. `owner` may have
/// had it.
pub fn require_free(tx: &mut ReadTx, username: &str, owner: Option<&str>) -> Result<()> {
    let taken = |detail: String| Err(Error::Invalid(FieldErrors::one("/username", FieldCode::AlreadyExists, detail)));
    if tx.user_by_name(username)?.is_some() {
        return taken(format!("There is an account {username} already."));
    }
    match rename::former_owner(tx, username)? {
        Some(former) if owner != Some(former.as_str()) => taken(format!(
            "The name {username} belonged to an account that was renamed, and the history names it so. Choose another one."
        )),
        _ => Ok(()),
    }
}

/// The name of a new account in its one spelling, and the hash of its password, both held against the rules.
pub fn prepare_new(passwords: &Passwords, username: &str, password: &Secret) -> Result<(String, String)> {
    let username = fold(username);
    let mut errors = FieldErrors::default();
    check_name(&username, &mut errors);
    passwords::check(password, &username, "/password", &mut errors);
    errors.into_result(()).map_err(Error::Invalid)?;
    let hash = passwords.hash(password)?;
    Ok((username, hash))
}

/// Stores a new account whose name and password were prepared.
pub fn insert_account(tx: &mut WriteTx, (username, hash): (String, String), role: Role, now: i64) -> Result<UserRow> {
    require_free(tx, &username, None)?;
    let user = UserRow {
        id: uuid::Uuid::now_v7().to_string(),
        username,
        role: role.as_str().to_owned(),
        password_hash: hash,
        disabled: false,
        created_at: now,
        updated_at: now,
        trusted: false,
    };
    tx.insert_user(&user)?;
    if role == Role::Admin {
        // There is a first administrator now.
        tx.revoke_setup(now)?;
    }
    Ok(user)
}

/// Makes an account: the operator's way.
pub fn create_user(
    archive: &Archive,
    passwords: &Passwords,
    username: &str,
    role: Role,
    password: &Secret,
) -> Result<AccountView> {
    let prepared = prepare_new(passwords, username, password)?;
    let now = archive.now();
    archive.write(Authority::Operator, |tx| {
        let user = insert_account(tx, prepared, role, now)?;
        note(tx, now, OPERATOR, Act::UserCreated, user_subject(&user.username), json!({"role": role}))?;
        account_view(&user)
    })
}

/// Gives an account a new password and ends its sessions: the operator's way.
pub fn reset_password(archive: &Archive, passwords: &Passwords, username: &str, password: &Secret) -> Result<()> {
    let hash = passwords.hash_new(password, &fold(username), "/password")?;
    let now = archive.now();
    archive.write(Authority::Operator, |tx| {
        let user = tx.user_by_name(username)?.ok_or(Error::NotFound("account"))?;
        tx.set_password(&user.id, &hash, now)?;
        tx.use_resets(&user.id, now)?;
        tx.end_sessions(&user.id, None, now)?;
        note(tx, now, OPERATOR, Act::PasswordSet, user_subject(&user.username), json!({}))
    })
}

pub fn account_view(user: &UserRow) -> Result<AccountView> {
    Ok(AccountView {
        id: user.id.clone(),
        username: user.username.clone(),
        role: role_of(user)?,
        created_at: to_rfc3339(user.created_at),
    })
}

pub fn role_of(user: &UserRow) -> Result<Role> {
    Role::parse(&user.role).ok_or_else(|| Error::Internal(format!("unknown role {}", user.role)))
}

/// The hash that a password of the caller was held against, outside of the transaction that acts on it.
pub struct ConfirmedHash(String);

impl ConfirmedHash {
    /// Looks again, inside the transaction: a reset or another change may have been faster.
    pub fn still_holds(&self, tx: &mut ReadTx, actor: &Actor) -> Result<UserRow> {
        let user = tx.user(&actor.user_id)?.ok_or(Error::WrongCredentials)?;
        if user.password_hash == self.0 { Ok(user) } else { Err(Error::WrongCredentials) }
    }
}

impl Access {
    /// The account of the caller.
    pub fn account(&self, archive: &Archive, actor: &Actor) -> Result<AccountView> {
        let user = archive.store.read(|tx| -> Result<_> { Ok(tx.user(&actor.user_id)?) })?;
        account_view(&user.ok_or(Error::NotFound("account"))?)
    }

    /// Holds a password against that of the caller and gives the hash it was held against. A wrong one is written down like a
    /// failed sign-in.
    pub fn confirm_password(
        &self,
        archive: &Archive,
        actor: &Actor,
        password: &Secret,
        client: &Client,
    ) -> Result<ConfirmedHash> {
        let user = archive.store.read_fresh(|tx| -> Result<_> { Ok(tx.user(&actor.user_id)?) })?;
        if self.passwords.verify(password, user.as_ref().map(|u| u.password_hash.as_str()))? {
            return Ok(ConfirmedHash(user.map(|u| u.password_hash).unwrap_or_default()));
        }
        let detail = json!({"reason": "password", "address": client.address});
        let now = archive.now();
        archive.write(Authority::Archive, |tx| {
            note_by(tx, now, actor, Act::SignInFailed, user_subject(&actor.username), detail)
        })?;
        Err(Error::WrongCredentials)
    }

    /// Gives the caller a new password and ends all sessions but the present one.
    pub fn change_password(
        &self,
        archive: &Archive,
        actor: &Actor,
        (current, new): (&Secret, &Secret),
        client: &Client,
    ) -> Result<()> {
        let mut errors = FieldErrors::default();
        passwords::check(new, &actor.username, "/new_password", &mut errors);
        if passwords::is_same(current, new) {
            errors.push("/new_password", FieldCode::NoChange, "The new password is the current one.");
        }
        errors.into_result(()).map_err(Error::Invalid)?;
        let confirmed = self.confirm_password(archive, actor, current, client)?;
        let hash = self.passwords.hash(new)?;
        let now = archive.now();
        archive.write(Authority::Caller(actor), |tx| {
            confirmed.still_holds(tx, actor)?;
            tx.set_password(&actor.user_id, &hash, now)?;
            tx.use_resets(&actor.user_id, now)?;
            let ended = tx.end_sessions(&actor.user_id, actor.session_id(), now)?;
            let detail = json!({"sessions_ended": ended});
            note_by(tx, now, actor, Act::PasswordChanged, user_subject(&actor.username), detail)
        })
    }
}
