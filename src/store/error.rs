//! What can go wrong on the way to the database.

use diesel::result::{DatabaseErrorKind, Error as DieselError};

/// The error of this floor.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database does not answer, a statement took too long, or every connection is in use. Worth another try.
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    /// The connection was lost before the statement was done. Reads are tried once more on another one.
    #[error("the connection to the database was lost: {0}")]
    Lost(String),
    /// Nobody waits for the outcome any more.
    #[error("nobody waits for it any more")]
    Abandoned,
    /// Another transaction has had what this one needs for too long. Worth another try.
    #[error("the database is locked: {0}")]
    Locked(String),
    /// Reading may go on. Worth another try: the operator may have mended it.
    #[error("the database takes no writes: {}", .0.reason())]
    NotWritable(Obstacle),
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

/// What stands in the way of writing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Obstacle {
    DiskFull,
    DiskError,
    FileReadOnly,
    ServerReadOnly,
    /// Writing takes longer than it may.
    TooSlow,
    /// Something else; the log has it.
    Unknown,
}

impl Obstacle {
    /// For people, in a sentence.
    pub fn reason(self) -> &'static str {
        match self {
            Self::DiskFull => "The disk of the database is full.",
            Self::DiskError => "The disk of the database reports an error.",
            Self::FileReadOnly => "The database file is read-only.",
            Self::ServerReadOnly => {
                "The database server is read-only: it is a standby, or default_transaction_read_only is on."
            }
            Self::TooSlow => "The database did not finish a write in time.",
            Self::Unknown => "A write to the database failed. The log of the server contains the error.",
        }
    }
}

impl StoreError {
    /// The same for another one who is concerned by it.
    pub(super) fn for_another(&self) -> Self {
        match self {
            Self::Unavailable(why) => Self::Unavailable(why.clone()),
            Self::Lost(why) => Self::Lost(why.clone()),
            Self::Locked(why) => Self::Locked(why.clone()),
            Self::NotWritable(obstacle) => Self::NotWritable(*obstacle),
            Self::Setup(why) => Self::Setup(why.clone()),
            Self::Corrupt(what) => Self::Corrupt(what.clone()),
            Self::Abandoned => Self::Unavailable(self.to_string()),
            Self::Database(error) => Self::Database(DieselError::QueryBuilderError(error.to_string().into())),
        }
    }
}

/// An error that may be one of this layer.
pub trait OfStore: From<StoreError> {
    fn of_store(&self) -> Option<&StoreError>;
}

impl OfStore for StoreError {
    fn of_store(&self) -> Option<&StoreError> {
        Some(self)
    }
}

impl From<DieselError> for StoreError {
    fn from(error: DieselError) -> Self {
        match error {
            DieselError::DatabaseError(kind, info) => {
                let message = info.message().to_owned();
                kind_of(kind, &message)
                    .map_or_else(|| Self::Database(DieselError::DatabaseError(kind, info)), |kind| kind.error(message))
            }
            DieselError::RollbackErrorOnCommit { commit_error, .. } => match Self::from(*commit_error) {
                Self::Database(error) => Self::Unavailable(error.to_string()),
                other => other,
            },
            DieselError::BrokenTransactionManager => Self::Unavailable(error.to_string()),
            _ => Self::Database(error),
        }
    }
}

/// What a failure of the database is, besides one of the statement.
#[derive(Clone, Copy)]
enum Kind {
    Away,
    Lost,
    Locked,
    NotWritable(Obstacle),
    Damaged,
}

impl Kind {
    fn error(self, message: String) -> StoreError {
        match self {
            Self::Away => StoreError::Unavailable(message),
            Self::Lost => StoreError::Lost(message),
            Self::Locked => StoreError::Locked(message),
            Self::NotWritable(obstacle) => StoreError::NotWritable(obstacle),
            Self::Damaged => StoreError::Corrupt(message),
        }
    }
}

/// By the kind of diesel, and where that is unknown by the whole message. Nobody's text makes a whole message.
fn kind_of(kind: DatabaseErrorKind, message: &str) -> Option<Kind> {
    match kind {
        // A command that could not be sent has not been done.
        DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand => Some(Kind::Lost),
        DatabaseErrorKind::SerializationFailure => Some(Kind::Away),
        DatabaseErrorKind::ReadOnlyTransaction => Some(Kind::NotWritable(Obstacle::ServerReadOnly)),
        DatabaseErrorKind::UniqueViolation
        | DatabaseErrorKind::ForeignKeyViolation
        | DatabaseErrorKind::RestrictViolation
        | DatabaseErrorKind::NotNullViolation
        | DatabaseErrorKind::CheckViolation
        | DatabaseErrorKind::ExclusionViolation => None,
        _ => of_sqlite(message).or_else(|| of_postgres(message)),
    }
}

/// What SQLite says of its result codes (`sqlite3_errstr`), whole: diesel gives no other sign of the code.
fn of_sqlite(message: &str) -> Option<Kind> {
    match message {
        // SQLITE_BUSY, SQLITE_LOCKED, SQLITE_PROTOCOL
        "database is locked" | "database table is locked" | "locking protocol" => Some(Kind::Locked),
        // SQLITE_INTERRUPT: the statement took too long. SQLITE_NOMEM; SQLITE_CANTOPEN: too many open files
        "interrupted" | "out of memory" | "unable to open database file" => Some(Kind::Away),
        // SQLITE_FULL, SQLITE_IOERR, SQLITE_READONLY
        "database or disk is full" => Some(Kind::NotWritable(Obstacle::DiskFull)),
        "disk I/O error" => Some(Kind::NotWritable(Obstacle::DiskError)),
        "attempt to write a readonly database" => Some(Kind::NotWritable(Obstacle::FileReadOnly)),
        // SQLITE_CORRUPT, SQLITE_NOTADB
        "database disk image is malformed" | "file is not a database" => Some(Kind::Damaged),
        _ => None,
    }
}

/// Messages of PostgreSQL for errors whose SQLSTATE diesel does not give. Connections ask for them in English.
fn of_postgres(message: &str) -> Option<Kind> {
    match message {
        // 57014 query_canceled; 53200 out_of_memory is among those of SQLite
        "canceling statement due to statement timeout" | "canceling statement due to user request" => Some(Kind::Away),
        // 55P03 lock_not_available, 40P01 deadlock_detected
        "canceling statement due to lock timeout" | "deadlock detected" => Some(Kind::Locked),
        // 57P01 admin_shutdown and its like: what follows is fixed too, but differs with the version.
        _ if message.starts_with("terminating connection ") => Some(Kind::Lost),
        // 53100 disk_full, 58030 io_error: the name of the server's file stands in the middle.
        _ if ["could not extend file \"", "could not write "].iter().any(|start| message.starts_with(start)) => {
            let is_full = message.ends_with(": No space left on device") || message.contains("\": wrote only ");
            Some(Kind::NotWritable(if is_full { Obstacle::DiskFull } else { Obstacle::DiskError }))
        }
        _ => None,
    }
}
