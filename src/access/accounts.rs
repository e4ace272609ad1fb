//! Accounts and their sessions: sign in, refresh, sign out, and who a token belongs to.

use serde::Serialize;
use utoipa::ToSchema;

use super::{
    passwords::{PasswordPolicy, Passwords},
    secret::{self, Secret},
    tokens::{TokenSettings, Tokens},
};
use crate::{
    model::{
        canon::sha256_hex,
        errors::{FieldCode, FieldErrors},
        permissions::Role,
        time::to_rfc3339,
    },
    store::{AuditRow, SessionRow, UserRow},
    usecase::{Actor, Archive, Error, Result, micros},
};

/// The door: everything that signing in needs.
pub struct Access {
    pub passwords: Passwords,
    pub tokens: Tokens,
}

/// What signing in gives.
#[derive(Debug, Serialize, ToSchema)]
pub struct TokenPair {
    /// Goes into the header `Authorization: Bearer …`.
    pub access_token: String,
    /// Always `Bearer`.
    #[schema(example = "Bearer")]
    pub token_type: &'static str,
    /// Seconds until the access token expires.
    #[schema(example = 900)]
    pub expires_in: u64,
    /// Gives a new pair, once. Using it a second time ends the session.
    pub refresh_token: String,
}

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

/// Letters, digits, `.`, `_` and `-`, two to forty of them.
fn is_username(name: &str) -> bool {
    (2..=40).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'_' | b'-'))
}

/// Makes an account.
pub fn create_user(
    archive: &Archive,
    passwords: &Passwords,
    username: &str,
    role: Role,
    password: &Secret,
) -> Result<AccountView> {
    if !is_username(username) {
        let detail = "A user name has 2 to 40 small letters, digits, dots, underscores or hyphens.";
        return Err(Error::Invalid(FieldErrors::one("/username", FieldCode::InvalidValue, detail)));
    }
    let hash = passwords.hash(password)?;
    let now = archive.now();
    let user = UserRow {
        id: uuid::Uuid::now_v7().to_string(),
        username: username.to_owned(),
        role: role.as_str().to_owned(),
        password_hash: hash,
        disabled: false,
        created_at: now,
        updated_at: now,
        trusted: false,
    };
    archive.store.write(|tx| {
        if tx.user_by_name(username)?.is_some() {
            let detail = format!("There is an account {username} already.");
            return Err(Error::Invalid(FieldErrors::one("/username", FieldCode::AlreadyExists, detail)));
        }
        tx.insert_user(&user)?;
        account_view(&user)
    })
}

/// Gives an account a new password and ends its sessions.
pub fn reset_password(archive: &Archive, passwords: &Passwords, username: &str, password: &Secret) -> Result<()> {
    let hash = passwords.hash(password)?;
    let now = archive.now();
    archive.store.write(|tx| {
        let user = tx.user_by_name(username)?.ok_or(Error::NotFound("account"))?;
        tx.set_password(&user.id, &hash, now)?;
        Ok(tx.end_sessions(&user.id, now)?)
    })
}

/// Trusts an account, or does so no longer. It is audited; the operator does it on the machine.
pub fn set_trusted(archive: &Archive, username: &str, trusted: bool) -> Result<()> {
    let now = archive.now();
    archive.store.write(|tx| {
        if !tx.set_trusted(username, trusted, now)? {
            return Err(Error::NotFound("account"));
        }
        Ok(tx.append_audit(AuditRow {
            seq: 0,
            at: now,
            actor: "(operator)".into(),
            action: if trusted { "trust" } else { "distrust" }.into(),
            subject: format!("user {username}"),
            detail: "{}".into(),
        })?)
    })
}

fn account_view(user: &UserRow) -> Result<AccountView> {
    Ok(AccountView {
        id: user.id.clone(),
        username: user.username.clone(),
        role: role_of(user)?,
        created_at: to_rfc3339(user.created_at),
    })
}

fn role_of(user: &UserRow) -> Result<Role> {
    Role::parse(&user.role).ok_or_else(|| Error::Internal(format!("unknown role {}", user.role)))
}

impl Access {
    pub fn open(archive: &Archive, policy: PasswordPolicy, settings: TokenSettings) -> Result<Self> {
        Ok(Self { passwords: Passwords::new(policy)?, tokens: Tokens::open(&archive.store, settings, archive.now())? })
    }

    /// Signs in. A wrong name, a wrong password and a disabled account give the same answer after the same work.
    pub fn login(&self, archive: &Archive, username: &str, password: &Secret) -> Result<TokenPair> {
        let user = match is_username(username) {
            true => archive.store.read(|tx| -> Result<_> { Ok(tx.user_by_name(username)?) })?,
            false => None,
        };
        let right = self.passwords.verify(password, user.as_ref().map(|u| u.password_hash.as_str()))?;
        let user = user.filter(|u| right && !u.disabled).ok_or(Error::WrongCredentials)?;
        let now = archive.now();
        let session = SessionRow {
            id: uuid::Uuid::now_v7().to_string(),
            user_id: user.id.clone(),
            created_at: now,
            expires_at: now.saturating_add(micros(self.tokens.settings.session_lifetime)),
            ended_at: None,
        };
        let refresh = secret::random();
        archive.store.write(|tx| -> Result<()> {
            tx.insert_session(&session)?;
            Ok(tx.insert_refresh_token(&sha256_hex(refresh.reveal().as_bytes()), &session.id, now)?)
        })?;
        self.pair(&user.id, &session.id, &refresh, now)
    }

    /// Gives a new pair for a refresh token that was not used before. One that was is a sign of theft: its session ends.
    pub fn refresh(&self, archive: &Archive, token: &Secret) -> Result<TokenPair> {
        let hash = sha256_hex(token.reveal().as_bytes());
        let now = archive.now();
        let next = secret::random();
        let invalid = Error::InvalidToken("the refresh token is not valid");
        // The theft must stay recorded: it is an outcome of the transaction, not an error that undoes it.
        let owner = archive.store.write(|tx| -> Result<Option<(String, String)>> {
            let Some((session_id, used_at)) = tx.refresh_token(&hash)? else { return Ok(None) };
            let Some((session, user)) = tx.session(&session_id)? else { return Ok(None) };
            if used_at.is_some() {
                tracing::warn!(session = %session_id, user = %user.username, "a refresh token was used twice; the session ends");
                tx.end_session(&session_id, now)?;
                return Ok(None);
            }
            if !is_open(&session, &user, now) {
                return Ok(None);
            }
            tx.use_refresh_token(&hash, now)?;
            tx.insert_refresh_token(&sha256_hex(next.reveal().as_bytes()), &session_id, now)?;
            Ok(Some((user.id, session_id)))
        })?;
        let (user_id, session_id) = owner.ok_or(invalid)?;
        self.pair(&user_id, &session_id, &next, now)
    }

    /// Ends the session of a refresh token. An unknown token is no error: the session is over either way.
    pub fn logout(&self, archive: &Archive, token: &Secret) -> Result<()> {
        let hash = sha256_hex(token.reveal().as_bytes());
        let now = archive.now();
        archive.store.write(|tx| -> Result<()> {
            if let Some((session_id, _)) = tx.refresh_token(&hash)? {
                tx.end_session(&session_id, now)?;
            }
            Ok(())
        })
    }

    /// Who an access token belongs to. The session and the account are looked up, so that ending one takes effect at once.
    pub fn authenticate(&self, archive: &Archive, token: &str) -> Result<Actor> {
        let claims = self.tokens.read(token)?;
        let found = archive.store.read(|tx| -> Result<_> { Ok(tx.session(&claims.sid)?) })?;
        let ended = Error::InvalidToken("its session has ended");
        let (session, user) = found.filter(|(_, user)| user.id == claims.sub).ok_or(ended)?;
        if !is_open(&session, &user, archive.now()) {
            return Err(Error::InvalidToken("its session has ended"));
        }
        let role = role_of(&user)?;
        Ok(Actor { user_id: user.id, username: user.username, role, session_id: session.id })
    }

    /// The account of the caller.
    pub fn account(&self, archive: &Archive, actor: &Actor) -> Result<AccountView> {
        let user = archive.store.read(|tx| -> Result<_> { Ok(tx.user(&actor.user_id)?) })?;
        account_view(&user.ok_or(Error::NotFound("account"))?)
    }

    fn pair(&self, user_id: &str, session_id: &str, refresh: &Secret, now: i64) -> Result<TokenPair> {
        Ok(TokenPair {
            access_token: self.tokens.issue(user_id, session_id, now)?,
            token_type: "Bearer",
            expires_in: self.tokens.settings.access_lifetime.as_secs(),
            refresh_token: refresh.reveal().to_owned(),
        })
    }
}

fn is_open(session: &SessionRow, user: &UserRow, now: i64) -> bool {
    session.ended_at.is_none() && session.expires_at > now && !user.disabled
}
