//! By what right something is written, and the one way to a writing transaction.
//!
//! The guard of a route looks at the caller when the head of a request arrives. Its body may arrive a minute later, and a
//! write may wait for its turn. So the account, its role, and the session or key are looked at again inside the
//! transaction that writes.

use super::{Actor, Archive, Credential, Error, Result};
use crate::store::{ApiKeyRow, ReadTx, RunningAt, UserRow, WriteTx};

/// By what right something is written.
#[derive(Clone, Copy, Debug)]
pub enum Authority<'a> {
    /// An account calls. It must still be what the guard has found.
    Caller(&'a Actor),
    /// Somebody shows a secret: a password, a refresh token, an invitation. The write looks at it itself.
    Secret,
    /// The operator, at the machine.
    Operator,
    /// The archive by itself: its keys, its trail, what time has brought about.
    Archive,
}

impl Archive {
    /// Runs one writing transaction by the given right: all of it is kept, or nothing.
    pub fn write<T>(&self, by: Authority, effect: impl FnOnce(&mut WriteTx) -> Result<T>) -> Result<T> {
        self.store.write(|tx| {
            if let Authority::Caller(actor) = by {
                look_again(tx, actor, self.now())?;
            }
            effect(tx)
        })
    }
}

/// The account of a caller, if it may still do what it could when the request came in.
pub fn look_again(tx: &mut ReadTx, actor: &Actor, now: i64) -> Result<UserRow> {
    let user = match &actor.credential {
        Credential::Session { id } => {
            // It was used a moment ago: it is not idle.
            let used = RunningAt { now, idle_since: i64::MIN };
            let open = tx.session(id)?.filter(|(session, user)| session.is_running(used) && !user.disabled);
            open.map(|(_, user)| user).ok_or(Error::InvalidToken("its session has ended"))?
        }
        Credential::Key { id, .. } => {
            let (key, user) = (tx.api_key(id)?, tx.user(&actor.user_id)?);
            let valid = key.zip(user).filter(|(key, user)| key_fault(key, user, now).is_none());
            valid.map(|(_, user)| user).ok_or(Error::InvalidToken("it is revoked"))?
        }
        Credential::Operator => return Err(Error::InvalidToken("an operator acts at the machine")),
    };
    // The name stands in the record of what they do.
    if user.id != actor.user_id || user.role != actor.role.as_str() || user.username != actor.username {
        return Err(Error::RightsChanged);
    }
    Ok(user)
}

/// Why an API key does not open, though it is the right one.
pub fn key_fault(key: &ApiKeyRow, owner: &UserRow, now: i64) -> Option<&'static str> {
    match key {
        _ if key.user_id != owner.id => Some("of another account"),
        _ if owner.disabled => Some("disabled"),
        key if key.revoked_at.is_some() => Some("revoked"),
        key if key.expires_at.is_some_and(|at| at <= now) => Some("expired"),
        _ => None,
    }
}
