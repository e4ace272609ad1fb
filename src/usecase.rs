//! The lobby of floor 3: what its rooms share. The archive at hand, who asks, and what can go wrong.

use std::{sync::Arc, time::Duration};

use crate::{
    model::{
        desk::DeskRules,
        errors::FieldErrors,
        kinds::KindDescriptor,
        limits::Limits,
        permissions::{Role, Scope},
    },
    store::{Attempt, Store, StoreError, WriteTx},
};

mod authority;

pub use authority::{Authority, key_fault, look_again};

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
            Credential::Session { .. } | Credential::Operator => true,
        }
    }

    /// By which session or API key they act, as the trails write it: `session <id>`, `api_key <id>`; nothing for who acts
    /// at the machine.
    pub fn via(&self) -> Option<String> {
        match &self.credential {
            Credential::Session { id } => Some(format!("session {id}")),
            Credential::Key { id, .. } => Some(format!("api_key {id}")),
            Credential::Operator => None,
        }
    }

    /// The session, for those who signed in.
    pub fn session_id(&self) -> Option<&str> {
        match &self.credential {
            Credential::Session { id } => Some(id),
            Credential::Key { .. } | Credential::Operator => None,
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

/// The error of this floor. What each becomes for a client is decided by `http::problem`.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the input is invalid")]
    Invalid(FieldErrors),
    #[error("a query parameter is invalid")]
    InvalidQuery(FieldErrors),
    #[error("the cursor is not one of this list")]
    InvalidCursor,
    /// An export of an earlier state was asked for: its number, and that of the present one.
    #[error("the archive is at snapshot {now}, not {asked}")]
    SnapshotMoved { asked: i64, now: i64 },
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// The entry was retired; the public reason.
    #[error("the entry was retired: {reason}")]
    Retired { reason: String },
    /// The entry was merged into another one: its ref, and the address that takes the place of the one asked for.
    #[error("the entry was merged into {reference}")]
    Merged { reference: String, location: String },
    #[error("the user name or the password is wrong")]
    WrongCredentials,
    /// Too many attempts at a password have failed; the seconds to wait.
    #[error("too many attempts")]
    TooManyAttempts { seconds: u64 },
    /// The password is right, and a second factor is missing.
    #[error("a one-time code is required")]
    OtpRequired,
    /// The second factor is not in the state that the action needs.
    #[error("{0}")]
    TotpState(&'static str),
    /// Nobody would be left who manages accounts.
    #[error("the last active administrator has to stay one")]
    LastAdmin,
    #[error("the token is not valid: {0}")]
    InvalidToken(&'static str),
    #[error("{0}")]
    Forbidden(&'static str),
    /// The account is another one than the guard saw: its role or name was changed in the meantime.
    #[error("the account has changed since the request began")]
    RightsChanged,
    /// Approvals that were given do not count any more.
    #[error("{counted} of {required} approvals count")]
    ApprovalsMissing { counted: usize, required: usize },
    #[error("the state {state} does not allow {action}")]
    WrongState { state: &'static str, action: &'static str },
    /// Another moderator has taken the submission.
    #[error("the submission is taken by {holder}")]
    Leased { holder: String, until: String },
    /// Findings of the checks stop the approval.
    #[error("checks stop the approval")]
    Blocked(FieldErrors),
    /// The reviewer has not opened these rows of the sample.
    #[error("rows of the sample are unread")]
    Unread(FieldErrors),
    #[error("a precondition is required")]
    PreconditionRequired,
    #[error("the precondition failed")]
    PreconditionFailed,
    #[error("a request with this key is under way")]
    IdempotencyInProgress,
    #[error("the key was used for another request")]
    IdempotencyMismatch,
    #[error("too much work at once")]
    Busy,
    #[error("something went wrong inside: {0}")]
    Internal(String),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Error {
    /// Too many attempts: the next one is looked at after so many microseconds.
    pub fn wait(micros: i64) -> Self {
        Self::TooManyAttempts { seconds: u64::try_from(micros).unwrap_or(0).div_ceil(1_000_000) }
    }

    /// The same request would fail again in the same way, whatever happens in the meantime: its answer may be remembered.
    pub fn is_final(&self) -> bool {
        // Without a wildcard: what a new error is has to be decided here.
        match self {
            Error::Invalid(_)
            | Error::InvalidQuery(_)
            | Error::InvalidCursor
            | Error::SnapshotMoved { .. }
            | Error::NotFound(_)
            | Error::Retired { .. }
            | Error::Merged { .. }
            | Error::TotpState(_)
            | Error::WrongState { .. }
            | Error::PreconditionRequired
            | Error::PreconditionFailed
            | Error::IdempotencyMismatch => true,
            // They pass with time, or by what others do.
            Error::TooManyAttempts { .. }
            | Error::Leased { .. }
            | Error::Blocked(_)
            | Error::Unread(_)
            | Error::LastAdmin
            | Error::ApprovalsMissing { .. }
            | Error::Forbidden(_)
            | Error::IdempotencyInProgress
            | Error::Busy => false,
            // Who signs in again, or sends the right code, may send the same request.
            Error::WrongCredentials | Error::OtpRequired | Error::InvalidToken(_) | Error::RightsChanged => false,
            // Faults of the archive.
            Error::Internal(_) | Error::Store(_) => false,
        }
    }
}

/// Result of this floor.
pub type Result<T> = std::result::Result<T, Error>;

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

/// A request that may be retried without a second effect.
#[derive(Clone, Debug)]
pub struct RetryKey {
    pub principal: String,
    pub key: String,
    /// Hash of all that makes the request what it is.
    pub fingerprint: String,
}

/// How long an answer is remembered.
pub const ANSWERS_KEPT: Duration = Duration::from_secs(24 * 3600);
/// After this time an attempt without an answer counts as lost, and another may take its place.
const ATTEMPT_LOST_AFTER: Duration = Duration::from_secs(60);

/// The answer to a writing request, as the floor above put it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub text: String,
    /// It is the remembered answer of an earlier request.
    pub replayed: bool,
}

impl Archive {
    /// The time now, in microseconds.
    pub fn now(&self) -> i64 {
        let since_1970 = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since_1970.as_micros()).unwrap_or(i64::MAX)
    }

    /// Does `effect` in one writing transaction and gives its answer. With a key, the answer is stored in the same
    /// transaction, and a retry gets the stored one: the effect happens once, however often the request comes.
    pub fn perform<T>(
        &self,
        by: Authority,
        key: Option<RetryKey>,
        effect: impl FnOnce(&mut WriteTx) -> Result<T>,
        render: impl Fn(std::result::Result<&T, &Error>) -> Result<String>,
    ) -> Result<Answer> {
        let fresh = |text| Answer { text, replayed: false };
        let Some(key) = key else {
            let value = self.write(by, effect)?;
            return Ok(fresh(render(Ok(&value))?));
        };
        let attempt = match self.begin(by, key)? {
            Begun::Mine(attempt) => attempt,
            Begun::Answered(text) => return Ok(Answer { text, replayed: true }),
        };
        let done = self.write(by, |tx| {
            let text = render(Ok(&effect(tx)?))?;
            // Another attempt has taken over: nothing of this one may stay.
            if tx.finish_attempt(&attempt, &text)? { Ok(text) } else { Err(Error::IdempotencyInProgress) }
        });
        match done {
            Ok(text) => Ok(fresh(text)),
            Err(error) => {
                self.remember_failure(&attempt, &error, &render);
                Err(error)
            }
        }
    }

    fn begin(&self, by: Authority, key: RetryKey) -> Result<Begun> {
        let now = self.now();
        self.write(by, |tx| {
            tx.forget_attempts_before(now.saturating_sub(micros(ANSWERS_KEPT)))?;
            if let Some(earlier) = tx.idempotency_attempt(&key.principal, &key.key)? {
                if earlier.fingerprint != key.fingerprint {
                    return Err(Error::IdempotencyMismatch);
                }
                if let Some(answer) = earlier.answer {
                    return Ok(Begun::Answered(answer));
                }
                if earlier.started_at > now.saturating_sub(micros(ATTEMPT_LOST_AFTER)) {
                    return Err(Error::IdempotencyInProgress);
                }
            }
            let attempt = Attempt {
                principal: key.principal,
                idempotency_key: key.key,
                fingerprint: key.fingerprint,
                attempt: uuid::Uuid::new_v4().to_string(),
                started_at: now,
                answer: None,
            };
            tx.begin_attempt(&attempt)?;
            Ok(Begun::Mine(attempt))
        })
    }

    /// A refusal that will not change is remembered; after any other failure the key is free again.
    fn remember_failure<T>(
        &self,
        attempt: &Attempt,
        error: &Error,
        render: impl Fn(std::result::Result<&T, &Error>) -> Result<String>,
    ) {
        let kept = self.write(Authority::Archive, |tx| {
            if error.is_final() {
                tx.finish_attempt(attempt, &render(Err(error))?)?;
            } else {
                tx.abandon_attempt(attempt)?;
            }
            Ok(())
        });
        if let Err(error) = kept {
            tracing::warn!(%error, "the outcome of a request could not be remembered");
        }
    }
}

enum Begun {
    Mine(Attempt),
    Answered(String),
}

/// A duration in microseconds.
pub fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_can_never_succeed_is_remembered() {
        for passing in [
            Error::TooManyAttempts { seconds: 1 },
            Error::OtpRequired,
            Error::WrongCredentials,
            Error::Busy,
            Error::Store(StoreError::Unavailable("a test".into())),
            Error::Store(StoreError::Locked("a test".into())),
            Error::Store(StoreError::NotWritable(crate::store::Obstacle::DiskFull)),
        ] {
            assert!(!passing.is_final(), "{passing}");
        }
        assert!(Error::NotFound("entry").is_final() && Error::PreconditionFailed.is_final());
    }
}
