//! Keys and sessions of others: what administrators and the operator see of them, and how they end them.

use serde_json::json;

use super::{
    OPERATOR,
    api_keys::{self, ApiKeyView, subject},
    audit::{Act, note, note_by, user_subject},
    sessions::{self, SessionView},
    users::find,
};
use crate::{
    store::{ReadTx, RunningAt, WriteTx},
    usecase::{Actor, Archive, Authority, Error, Listing, Result},
};

/// More than any account has.
const ALL: i64 = 1000;

/// The keys of the account with this id or name that were not revoked, newest first, below the given id.
pub fn user_api_keys(
    tx: &mut ReadTx,
    key: &str,
    before: Option<&str>,
    limit: i64,
) -> Result<Listing<ApiKeyView, String>> {
    let user = find(tx, key)?;
    api_keys::api_keys(tx, &user.id, before, limit)
}

/// Revokes a key of the account with this id or name. One that is revoked already is no error.
pub fn revoke_user_api_key(tx: &mut WriteTx, actor: &Actor, key: &str, id: &str, now: i64) -> Result<()> {
    let user = find(tx, key)?;
    let found = tx.api_key(id)?.filter(|api_key| api_key.user_id == user.id).ok_or(Error::NotFound("API key"))?;
    if tx.revoke_api_key(id, now)? {
        let detail = json!({"prefix": found.prefix, "account": user.username});
        note_by(tx, now, actor, Act::KeyRevoked, subject(id), detail)?;
    }
    Ok(())
}

/// The running sessions of the account with this id or name, newest first, below the given id.
pub fn user_sessions(
    tx: &mut ReadTx,
    (key, actor): (&str, &Actor),
    at: RunningAt,
    before: Option<&str>,
    limit: i64,
) -> Result<Listing<SessionView, String>> {
    let user = find(tx, key)?;
    sessions::sessions(tx, (&user.id, actor), at, before, limit)
}

/// Ends all sessions of the account with this id or name.
pub fn end_user_sessions(tx: &mut WriteTx, actor: &Actor, key: &str, now: i64) -> Result<()> {
    let user = find(tx, key)?;
    let ended = tx.end_sessions(&user.id, None, now)?;
    if ended > 0 {
        note_by(tx, now, actor, Act::SessionsEnded, user_subject(&user.username), json!({"count": ended}))?;
    }
    Ok(())
}

/// The keys of an account, for the operator.
pub fn keys_as_operator(archive: &Archive, username: &str) -> Result<Vec<ApiKeyView>> {
    archive.store.read(|tx| {
        let user = tx.user_by_name(username)?.ok_or(Error::NotFound("account"))?;
        Ok(api_keys::api_keys(tx, &user.id, None, ALL)?.items)
    })
}

/// Revokes the keys of an account from the machine itself, all or the one with the prefix, and tells how many there were.
pub fn revoke_keys_as_operator(archive: &Archive, username: &str, prefix: Option<&str>) -> Result<usize> {
    // What people copy from the key itself.
    let prefix = prefix.map(|text| text.strip_prefix(api_keys::MARK).unwrap_or(text));
    let now = archive.now();
    archive.write(Authority::Operator, |tx| {
        let user = tx.user_by_name(username)?.ok_or(Error::NotFound("account"))?;
        let keys = tx.list_api_keys(&user.id, None, ALL)?;
        let wanted: Vec<_> = keys.into_iter().filter(|key| prefix.is_none_or(|p| key.prefix == p)).collect();
        if prefix.is_some() && wanted.is_empty() {
            return Err(Error::NotFound("API key"));
        }
        for key in &wanted {
            tx.revoke_api_key(&key.id, now)?;
            let detail = json!({"prefix": key.prefix, "account": user.username});
            note(tx, now, OPERATOR, Act::KeyRevoked, subject(&key.id), detail)?;
        }
        Ok(wanted.len())
    })
}
