//! The connection: SQLite or PostgreSQL behind one type, told apart by the scheme of the URL.

use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use diesel::{
    connection::{AnsiTransactionManager, Connection, SimpleConnection, TransactionManager},
    pg::PgConnection,
    sqlite::SqliteConnection,
};

use super::{deadline, error::StoreError, files};

/// Which database the archive lies in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    Sqlite,
    Postgres,
}

/// A connection to either database.
#[derive(diesel::MultiConnection)]
pub enum DbConn {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

/// A connection of a pool.
pub struct Conn {
    inner: DbConn,
    last_used: Instant,
    /// It was found to be broken.
    pub is_lost: bool,
}

impl std::ops::Deref for Conn {
    type Target = DbConn;

    fn deref(&self) -> &DbConn {
        &self.inner
    }
}

impl std::ops::DerefMut for Conn {
    fn deref_mut(&mut self) -> &mut DbConn {
        self.last_used = Instant::now();
        &mut self.inner
    }
}

/// A connection that was used so short a time ago is not tested before it is used again.
const IS_FRESH_FOR: Duration = Duration::from_secs(2);

/// Where the database is, read from its URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// `sqlite:path/to/file.db`
    Sqlite { path: String },
    /// `postgres://…` or `postgresql://…`
    Postgres { url: String },
}

impl DatabaseUrl {
    /// Reads a database URL; anything but the known schemes is refused, so that a typo makes no empty file.
    pub fn parse(url: &str) -> Result<Self, StoreError> {
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Self::Postgres { url: url.to_owned() });
        }
        let path = url.strip_prefix("sqlite://").or_else(|| url.strip_prefix("sqlite:"));
        match path {
            Some("" | ":memory:") => {
                Err(StoreError::Setup("SQLite needs the path of a file: sqlite:data/kartoteka.db".into()))
            }
            // SQLite would read it as a URI with options, and open another file than the one that is named.
            Some(path) if path.starts_with("file:") => {
                Err(StoreError::Setup("SQLite needs the path of a file, not a URI: sqlite:data/kartoteka.db".into()))
            }
            Some(path) => Ok(Self::Sqlite { path: path.to_owned() }),
            None => Err(StoreError::Setup("the database URL begins with sqlite: or postgres://".into())),
        }
    }

    pub fn backend(&self) -> Backend {
        match self {
            Self::Sqlite { .. } => Backend::Sqlite,
            Self::Postgres { .. } => Backend::Postgres,
        }
    }
}

/// How connections to SQLite that only read are set up. 8 MiB of pages each: the upper parts of all indexes, which else
/// would be copied from the system's memory again and again.
pub const SQLITE_READING: &str = "PRAGMA query_only = ON; PRAGMA cache_size = -8192;";

/// Asks PostgreSQL for messages in English, where the role may: [`StoreError`] knows some failures by nothing else.
pub const ENGLISH: &str = "DO $$ BEGIN SET lc_messages = 'C'; EXCEPTION WHEN insufficient_privilege THEN NULL; END $$";

/// What a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    Read,
    Write,
}

/// The one way to a file of SQLite: a new one is for its owner alone.
pub(super) fn open_sqlite(path: &str) -> diesel::ConnectionResult<SqliteConnection> {
    files::create_private(Path::new(path)).map_err(|e| diesel::ConnectionError::BadConnection(e.to_string()))?;
    SqliteConnection::establish(path)
}

/// Makes and tests connections for r2d2.
#[derive(Clone, Debug)]
pub struct Connector {
    pub url: DatabaseUrl,
    pub purpose: Purpose,
    /// Longest time a statement may run or wait for a lock, in milliseconds.
    pub statement_timeout_ms: u64,
    pub losses: Losses,
}

/// When a connection was last found to be lost: those that have not been used since are tested first.
#[derive(Clone, Debug, Default)]
pub struct Losses(Arc<Mutex<Option<Instant>>>);

impl Losses {
    pub fn note(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    fn is_since(&self, time: Instant) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_some_and(|lost| lost >= time)
    }
}

impl Connector {
    /// Opens a connection and sets it up.
    pub fn open(&self) -> Result<DbConn, diesel::ConnectionError> {
        let setup = |e| diesel::ConnectionError::CouldntSetupConfiguration(e);
        let timeout = self.statement_timeout_ms;
        match &self.url {
            DatabaseUrl::Sqlite { path } => {
                deadline::prepare();
                let mut conn = open_sqlite(path)?;
                // Every acknowledged write survives a power loss: FULL on the writer.
                let purpose = match self.purpose {
                    // 64 MiB of pages: an import touches dozens of indexes all over the file.
                    Purpose::Write => "PRAGMA synchronous = FULL; PRAGMA cache_size = -65536;",
                    Purpose::Read => SQLITE_READING,
                };
                conn.batch_execute(&format!(
                    "PRAGMA busy_timeout = {timeout}; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; {purpose}"
                ))
                .map_err(setup)?;
                deadline::bound(&mut conn, Duration::from_millis(timeout));
                Ok(DbConn::Sqlite(conn))
            }
            DatabaseUrl::Postgres { url } => {
                let mut conn = PgConnection::establish(url)?;
                let purpose = match self.purpose {
                    Purpose::Write => "",
                    Purpose::Read => "SET default_transaction_read_only = on;",
                };
                conn.batch_execute(&format!(
                    "SET application_name = 'kartoteka'; SET statement_timeout = {timeout}; SET lock_timeout = {timeout}; \
                     SET client_encoding = 'UTF8'; {ENGLISH}; {purpose}"
                ))
                .map_err(setup)?;
                Ok(DbConn::Postgres(conn))
            }
        }
    }
}

impl diesel::r2d2::ManageConnection for Connector {
    type Connection = Conn;
    type Error = diesel::r2d2::Error;

    fn connect(&self) -> Result<Conn, Self::Error> {
        let inner = self.open().map_err(diesel::r2d2::Error::ConnectionError)?;
        Ok(Conn { inner, last_used: Instant::now(), is_lost: false })
    }

    fn is_valid(&self, conn: &mut Conn) -> Result<(), Self::Error> {
        if conn.last_used.elapsed() < IS_FRESH_FOR && !self.losses.is_since(conn.last_used) {
            return Ok(());
        }
        match &mut **conn {
            // A file does not go away between two statements; a server does.
            DbConn::Sqlite(_) => Ok(()),
            DbConn::Postgres(conn) => conn.batch_execute("SELECT 1").map_err(diesel::r2d2::Error::QueryError),
        }
    }

    fn has_broken(&self, conn: &mut Conn) -> bool {
        std::thread::panicking()
            || conn.is_lost
            || <DbConn as Connection>::TransactionManager::is_broken_transaction_manager(&mut conn.inner)
    }
}

/// How a transaction begins.
#[derive(Clone, Copy, Debug)]
pub enum Begin {
    /// Reads that belong together see one state.
    Snapshot,
    /// The one writing transaction at a time: the feed is gapless and ordered by construction.
    Writing,
    /// A write that proves that writing is possible, beside the others where the database can do that.
    Probe,
}

/// Begins a transaction on the inner connection, so that diesel's own bookkeeping stays right.
pub fn begin(conn: &mut DbConn, how: Begin) -> diesel::QueryResult<()> {
    match (conn, how) {
        (DbConn::Sqlite(c), Begin::Snapshot) => AnsiTransactionManager::begin_transaction_sql(c, "BEGIN DEFERRED"),
        // A deferred transaction that turns to writing fails at once when another writes; an immediate one waits.
        (DbConn::Sqlite(c), Begin::Writing | Begin::Probe) => {
            AnsiTransactionManager::begin_transaction_sql(c, "BEGIN IMMEDIATE")
        }
        (DbConn::Postgres(c), Begin::Snapshot) => {
            AnsiTransactionManager::begin_transaction_sql(c, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        }
        (DbConn::Postgres(c), Begin::Probe) => {
            AnsiTransactionManager::begin_transaction_sql(c, "BEGIN ISOLATION LEVEL READ COMMITTED")
        }
        (DbConn::Postgres(c), Begin::Writing) => {
            // One row is the right to write; whoever has locked it writes. In one round trip.
            let sql = "BEGIN ISOLATION LEVEL READ COMMITTED; SELECT id FROM writer WHERE id = 1 FOR UPDATE";
            AnsiTransactionManager::begin_transaction_sql(c, sql).inspect_err(|_| {
                // The transaction has begun where only the lock was refused; diesel does not know of it.
                let _ = c.batch_execute("ROLLBACK");
            })
        }
    }
}
