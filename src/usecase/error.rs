//! What can go wrong in a use case.

use crate::{
    model::errors::FieldErrors,
    store::{OfStore, StoreError},
};

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
    /// A job was cancelled, or another instance works on it by now. Callers never see it.
    #[error("the job was taken away")]
    JobTaken,
    /// What a write was prepared on has changed: it is prepared again. Callers never see it.
    #[error("the archive has changed in the meantime")]
    Outdated,
    #[error("something went wrong inside: {0}")]
    Internal(String),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl OfStore for Error {
    fn of_store(&self) -> Option<&StoreError> {
        match self {
            Self::Store(error) => Some(error),
            _ => None,
        }
    }
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
            | Error::Outdated
            | Error::JobTaken
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
