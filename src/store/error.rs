//! What can go wrong on the way to the database.

use diesel::result::{DatabaseErrorKind, Error as DieselError};

/// The error of this floor.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database does not answer, is locked for too long, or every connection is in use. Worth another try.
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    /// Nobody waits for the outcome any more.
    #[error("nobody waits for it any more")]
    Abandoned,
    /// The database cannot be used as it is set up.
    #[error("{0}")]
    Setup(String),
    /// A stored value cannot be read; the archive has been tampered with or is damaged.
    #[error("stored data cannot be read: {0}")]
    Corrupt(String),
    /// Any other failure of a statement.
    #[error("the database refused a statement: {0}")]
    Database(DieselError),
}

impl From<DieselError> for StoreError {
    fn from(error: DieselError) -> Self {
        match &error {
            DieselError::DatabaseError(
                DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::SerializationFailure,
                info,
            ) => Self::Unavailable(info.message().to_owned()),
            DieselError::DatabaseError(DatabaseErrorKind::Unknown, info) if is_passing(info.message()) => {
                Self::Unavailable(info.message().to_owned())
            }
            DieselError::BrokenTransactionManager => Self::Unavailable(error.to_string()),
            DieselError::RollbackErrorOnCommit { .. } => Self::Unavailable(error.to_string()),
            _ => Self::Database(error),
        }
    }
}

/// Failures that pass by themselves, which neither database gives a kind of its own in diesel.
fn is_passing(message: &str) -> bool {
    const SIGNS: &[&str] = &[
        "database is locked",
        "database table is locked",
        "database or disk is full",
        "disk I/O error",
        "unable to open database file",
        "statement timeout",
        "interrupted",
        "lock timeout",
        "terminating connection",
        "the database system is",
        "connection",
    ];
    SIGNS.iter().any(|sign| message.contains(sign))
}
