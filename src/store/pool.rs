//! The store: a pool for writing and one for reading, and the transactions they give out.

use std::{sync::Arc, time::Duration};

use diesel::{
    connection::{Connection, SimpleConnection, TransactionManager},
    r2d2::{Pool, PooledConnection},
};

use super::{
    abandoned::still_wanted,
    conn::{Backend, Begin, Connector, DatabaseUrl, DbConn, Purpose, begin},
    deadline,
    error::StoreError,
    migrate,
    plan::Estimates,
    probe::Probes,
};

/// How the store is set up.
#[derive(Clone, Debug)]
pub struct StoreSettings {
    /// `sqlite:path` or `postgres://…`
    pub url: String,
    /// Where reads go, when not to `url`: a streaming replica of PostgreSQL.
    pub replica_url: Option<String>,
    pub readers: u32,
    /// Connections for exports, which hold them long.
    pub exports: u32,
    /// Connections for writing; SQLite always has one.
    pub writers: u32,
    /// How long a request waits for a connection before it is told to come back.
    pub checkout_timeout: Duration,
    /// How long one statement may run or wait for a lock.
    pub statement_timeout: Duration,
}

/// The archive's database.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    backend: Backend,
    readers: Pool<Connector>,
    writers: Pool<Connector>,
    exports: Pool<Connector>,
    probes: Probes,
    checkout_timeout: Duration,
    has_replica: bool,
    estimates: Estimates,
}

type Checkout = PooledConnection<Connector>;

impl Store {
    /// Opens the database and brings its tables up to date. Several instances may do so at once.
    pub fn open(settings: &StoreSettings) -> Result<Self, StoreError> {
        let url = DatabaseUrl::parse(&settings.url)?;
        migrate::run(&url)?;
        Self::connect(settings, url)
    }

    fn connect(settings: &StoreSettings, url: DatabaseUrl) -> Result<Self, StoreError> {
        let timeout = u64::try_from(settings.statement_timeout.as_millis()).unwrap_or(u64::MAX);
        let backend = url.backend();
        let read_url = match (&settings.replica_url, backend) {
            (Some(replica), Backend::Postgres) => DatabaseUrl::parse(replica)?,
            (Some(_), Backend::Sqlite) => return Err(StoreError::Setup("only PostgreSQL can have a replica".into())),
            (None, _) => url.clone(),
        };
        let writers = if backend == Backend::Sqlite { 1 } else { settings.writers };
        let build = |connector: Connector, size: u32, idle: u32| {
            Pool::builder()
                .max_size(size.max(1))
                .min_idle(Some(idle))
                .connection_timeout(settings.checkout_timeout)
                .error_handler(Box::new(LogError))
                .build_unchecked(connector)
        };
        let pool = |url: DatabaseUrl, purpose, size: u32, idle: u32| {
            build(Connector { url, purpose, statement_timeout_ms: timeout }, size, idle)
        };
        let inner = Inner {
            backend,
            // Exports are rare: their connections are made when they are needed.
            exports: pool(read_url.clone(), Purpose::Read, settings.exports, 0),
            readers: pool(read_url, Purpose::Read, settings.readers, 1),
            probes: Probes::new(url.clone(), |connector, size| build(connector, size, 0)),
            writers: pool(url, Purpose::Write, writers, 1),
            checkout_timeout: settings.checkout_timeout,
            has_replica: settings.replica_url.is_some(),
            estimates: Estimates::default(),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    pub fn backend(&self) -> Backend {
        self.inner.backend
    }

    /// Runs reads, each statement by itself.
    pub fn read<T, E: From<StoreError>>(&self, work: impl FnOnce(&mut ReadTx) -> Result<T, E>) -> Result<T, E> {
        let mut conn = self.checkout(&self.inner.readers)?;
        work(&mut ReadTx { conn: &mut conn, estimates: &self.inner.estimates })
    }

    /// Runs reads that see every write that was acknowledged: where there is a replica, past it.
    pub fn read_fresh<T, E: From<StoreError>>(&self, work: impl FnOnce(&mut ReadTx) -> Result<T, E>) -> Result<T, E> {
        let pool = if self.inner.has_replica { &self.inner.writers } else { &self.inner.readers };
        let mut conn = self.checkout(pool)?;
        work(&mut ReadTx { conn: &mut conn, estimates: &self.inner.estimates })
    }

    /// Runs reads that all see the same state of the archive.
    pub fn snapshot<T, E: From<StoreError>>(&self, work: impl FnOnce(&mut ReadTx) -> Result<T, E>) -> Result<T, E> {
        let mut conn = self.checkout(&self.inner.readers)?;
        in_transaction(&mut conn, Begin::Snapshot, |conn| work(&mut ReadTx { conn, estimates: &self.inner.estimates }))
    }

    /// The same for work that takes long, on a connection of its own: it keeps no reader waiting.
    pub fn long_snapshot<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&mut ReadTx) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut conn = self.checkout(&self.inner.exports)?;
        in_transaction(&mut conn, Begin::Snapshot, |conn| work(&mut ReadTx { conn, estimates: &self.inner.estimates }))
    }

    /// Runs one writing transaction: all of it is kept, or nothing.
    pub fn write<T, E: From<StoreError>>(&self, work: impl FnOnce(&mut WriteTx) -> Result<T, E>) -> Result<T, E> {
        let mut conn = self.checkout(&self.inner.writers)?;
        in_transaction(&mut conn, Begin::Writing, |conn| {
            work(&mut WriteTx { read: ReadTx { conn, estimates: &self.inner.estimates } })
        })
    }

    /// Makes the database ready for questions after very many writes: PostgreSQL takes statistics, without which it goes
    /// about them as in an empty archive; SQLite puts the parts of its indexes of words and marks together. This takes seconds for a
    /// million entries.
    pub fn settle(&self) -> Result<(), StoreError> {
        let mut conn = self.checkout(&self.inner.writers)?;
        let result = match &mut *conn {
            DbConn::Sqlite(c) => deadline::without(|| {
                c.batch_execute(
                    "INSERT INTO search_text (search_text) VALUES ('optimize'); \
                     INSERT INTO entry_marks (entry_marks) VALUES ('optimize')",
                )
            }),
            DbConn::Postgres(c) => c.batch_execute("BEGIN; SET LOCAL statement_timeout = 0; ANALYZE; COMMIT"),
        };
        Ok(result?)
    }

    pub(super) fn probes(&self) -> &Probes {
        &self.inner.probes
    }

    pub(super) fn checkout(&self, pool: &Pool<Connector>) -> Result<Checkout, StoreError> {
        pool.get_timeout(self.inner.checkout_timeout)
            .map_err(|_| StoreError::Unavailable("no connection could be had in time".into()))
    }
}

pub(super) fn in_transaction<T, E: From<StoreError>>(
    conn: &mut DbConn,
    how: Begin,
    work: impl FnOnce(&mut DbConn) -> Result<T, E>,
) -> Result<T, E> {
    type Manager = <DbConn as Connection>::TransactionManager;
    if let Err(error) = begin(conn, how) {
        // The lock of the writer may have been refused inside the transaction.
        let _ = Manager::rollback_transaction(conn);
        return Err(StoreError::from(error).into());
    }
    let outcome = match how {
        Begin::Snapshot | Begin::Probe => work(conn),
        // It may have waited for its turn, and then may have taken long.
        Begin::Writing => still_wanted().map_err(E::from).and_then(|()| work(conn)).and_then(|value| {
            still_wanted()?;
            Ok(value)
        }),
    };
    match outcome {
        Ok(value) => match Manager::commit_transaction(conn) {
            Ok(()) => Ok(value),
            Err(error) => {
                let _ = Manager::rollback_transaction(conn);
                Err(StoreError::from(error).into())
            }
        },
        Err(error) => {
            if let Err(rollback) = Manager::rollback_transaction(conn) {
                tracing::warn!(error = %rollback, "a rollback failed; the connection is dropped");
            }
            Err(error)
        }
    }
}

/// A connection for reading.
pub struct ReadTx<'a> {
    pub(super) conn: &'a mut DbConn,
    pub(super) estimates: &'a Estimates,
}

/// The writing transaction. It can do all that [`ReadTx`] can, and what it wrote it sees.
pub struct WriteTx<'a> {
    read: ReadTx<'a>,
}

impl<'a> std::ops::Deref for WriteTx<'a> {
    type Target = ReadTx<'a>;

    fn deref(&self) -> &ReadTx<'a> {
        &self.read
    }
}

impl std::ops::DerefMut for WriteTx<'_> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.read
    }
}

/// Connection failures of the pools go to the log once each, without the address and its password.
#[derive(Debug)]
struct LogError;

impl diesel::r2d2::HandleError<diesel::r2d2::Error> for LogError {
    fn handle_error(&self, error: diesel::r2d2::Error) {
        let kind = match error {
            diesel::r2d2::Error::ConnectionError(_) => "connecting failed",
            diesel::r2d2::Error::QueryError(_) => "the connection is gone",
        };
        tracing::warn!(kind, "database connection");
    }
}
