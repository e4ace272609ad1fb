//! The lobby of floor 3: what its rooms share. The archive at hand, who asks, and what can go wrong.

use std::{sync::Arc, time::Duration};

use crate::{
    model::{
        desk::DeskRules,
        kinds::KindDescriptor,
        limits::Limits,
        permissions::{Role, Scope},
    },
    store::Store,
};

mod answers;
mod authority;
mod error;
pub mod jobs;

pub use answers::{ANSWERS_KEPT, Answer, RetryKey};
pub use authority::{Authority, Commit, PreparedWrite, key_fault, look_again, run_inside};
pub use error::{Error, Result};

/// The archive, open for business.
#[derive(Clone)]
pub struct Archive {
    pub store: Store,
    pub limits: Arc<Limits>,
    /// How submissions are reviewed.
    pub desk: Arc<DeskRules>,
}

/// The kind with this name; entries of other kinds cannot be stored.
pub fn kind_of(name: &str) -> Result<&'static KindDescriptor> {
    KindDescriptor::by_name(name).ok_or_else(|| Error::Internal(format!("unknown kind {name}")))
}

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    pub user_id: String,
    pub username: String,
    pub role: Role,
    pub credential: Credential,
}

/// What the caller came in with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Credential {
    /// Signed in.
    Session { id: String },
    /// An API key: it reaches no further than its scopes.
    Key { id: String, scopes: Vec<Scope> },
    /// At the machine itself, past the door.
    Operator,
    /// A job that the account has started works on.
    Job { id: String },
}

impl Actor {
    /// Whether they act, and see, as a moderator. With a key that takes the scope as well as the role.
    pub fn is_moderator(&self) -> bool {
        self.role >= Role::Moderator && self.has(Scope::Moderate)
    }

    /// Whether what they came in with reaches the scope. The role is another question.
    pub fn has(&self, scope: Scope) -> bool {
        match &self.credential {
            Credential::Key { scopes, .. } => scope.is_in(scopes),
            Credential::Session { .. } | Credential::Operator | Credential::Job { .. } => true,
        }
    }

    /// By which session, API key or job they act, as the trails write it: `session <id>`, `api_key <id>`, `job <id>`; nothing
    /// for who acts at the machine.
    pub fn via(&self) -> Option<String> {
        match &self.credential {
            Credential::Session { id } => Some(format!("session {id}")),
            Credential::Key { id, .. } => Some(format!("api_key {id}")),
            Credential::Job { id } => Some(format!("job {id}")),
            Credential::Operator => None,
        }
    }

    /// The session, for those who signed in.
    pub fn session_id(&self) -> Option<&str> {
        match &self.credential {
            Credential::Session { id } => Some(id),
            Credential::Key { .. } | Credential::Operator | Credential::Job { .. } => None,
        }
    }
}

/// A page of a list, and where the next one begins.
#[derive(Debug)]
pub struct Listing<T, P> {
    pub items: Vec<T>,
    pub total: i64,
    /// Position of the last item, when there are more.
    pub last: Option<P>,
}

impl<T, P> Listing<T, P> {
    /// A page of rows that were read with one more than the limit.
    pub fn of(mut rows: Vec<T>, limit: i64, total: i64, position: impl Fn(&T) -> P) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let has_more = rows.len() > limit;
        rows.truncate(limit);
        let last = rows.last().filter(|_| has_more).map(position);
        Self { items: rows, total, last }
    }

    /// The page of what is shown of the rows.
    pub fn shown<U>(self, show: impl FnOnce(Vec<T>) -> Result<Vec<U>>) -> Result<Listing<U, P>> {
        Ok(Listing { items: show(self.items)?, total: self.total, last: self.last })
    }
}

/// An `If-Match` condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IfMatch {
    /// `*`: whatever the current state is.
    Any,
    /// One of these strong tags.
    Tags(Vec<String>),
}

/// Holds the state of a thing against the condition of the request.
pub fn require_match(condition: Option<&IfMatch>, etag: &str) -> Result<()> {
    match condition {
        None => Err(Error::PreconditionRequired),
        Some(IfMatch::Any) => Ok(()),
        Some(IfMatch::Tags(tags)) if tags.iter().any(|t| t == etag) => Ok(()),
        Some(IfMatch::Tags(_)) => Err(Error::PreconditionFailed),
    }
}

/// The strong tag of a state of an entry.
pub fn entry_etag(revision: i64, hash: &str) -> String {
    format!("\"r{revision}-{}\"", hash.get(..16).unwrap_or(hash))
}

impl Archive {
    /// The time now, in microseconds.
    pub fn now(&self) -> i64 {
        let since_1970 = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since_1970.as_micros()).unwrap_or(i64::MAX)
    }
}

/// A duration in microseconds.
pub fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}
