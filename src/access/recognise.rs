//! Whose a token seems to be, told without the database, so that who has spent a budget is refused at no cost.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{Access, Secret, api_keys::is_key, tokens::AccessClaims};
use crate::model::bounded::Bounded;

/// What a token says of itself: the session or key behind it may have ended since.
pub struct Recognised {
    /// The id of the account.
    pub account: String,
    /// Of an access token, whose signature has been checked.
    pub(super) claims: Option<AccessClaims>,
}

/// What this process remembers of tokens it has looked up, bounded.
pub struct Remembered {
    /// API keys that were good when they were last used, by their digests, with the accounts.
    keys: Mutex<Bounded<String, String>>,
    /// Sessions that have ended while somebody goes on to use their tokens.
    ended: Mutex<Bounded<String, ()>>,
}

/// The oldest are forgotten; what is not remembered is counted by address until it has been looked up.
const REMEMBERED: usize = 50_000;

impl Default for Remembered {
    fn default() -> Self {
        Self { keys: Mutex::new(Bounded::new(REMEMBERED)), ended: Mutex::new(Bounded::new(REMEMBERED)) }
    }
}

fn locked<V>(map: &Mutex<Bounded<String, V>>) -> MutexGuard<'_, Bounded<String, V>> {
    map.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Remembered {
    /// An API key with this digest was good.
    pub fn good_key(&self, digest: String, account: &str) {
        locked(&self.keys).put(digest, account.to_owned());
    }

    /// An API key with this digest was not good.
    pub fn bad_key(&self, digest: &str) {
        locked(&self.keys).remove(&digest.to_owned());
    }

    /// The session is over: whoever has its tokens shall not spend what belongs to the account.
    pub fn ended_session(&self, id: String) {
        locked(&self.ended).put(id, ());
    }
}

impl Access {
    /// Whose the token is, as far as this process can tell by itself; `None` when it cannot.
    pub fn recognise(&self, token: &Secret, now: i64) -> Option<Recognised> {
        if is_key(token) {
            let account = locked(&self.remembered.keys).get(&token.digest())?.clone();
            return Some(Recognised { account, claims: None });
        }
        let claims = self.tokens.verify(token.reveal(), now).ok()?;
        let has_ended = locked(&self.remembered.ended).get(&claims.sid).is_some();
        (!has_ended).then(|| Recognised { account: claims.sub.clone(), claims: Some(claims) })
    }
}
