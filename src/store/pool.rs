//! The store: a pool for writing and one for reading, and the transactions they give out.

use std::{sync::Arc, time::Duration};

use diesel::{
    connection::{Connection, SimpleConnection, TransactionManager},
    r2d2::{Pool, PooledConnection},
};

use super::{
    conn::{Backend, Begin, Connector, DatabaseUrl, DbConn, Losses, Purpose, begin},
    deadline,
    error::{OfStore, StoreError},
    group_commit::{Sharing, WriteQueue},
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
    /// Connections on which writes are prepared. They read past any replica.
    pub preparers: u32,
    /// How long a request waits for a connection before it is told to come back.
    pub checkout_timeout: Duration,
    /// How long it waits for its turn to write.
    pub turn_timeout: Duration,
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
    /// Connections on which writes are prepared.
    preparers: Pool<Connector>,
    queue: WriteQueue,
    losses: Losses,
    probes: Probes,
    checkout_timeout: Duration,
    turn_timeout: Duration,
    has_replica: bool,
    estimates: Estimates,
}

pub(super) type Checkout = PooledConnection<Connector>;

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
        // One writes, and whoever takes statistics needs another where the database lets both go on.
        let writers = if backend == Backend::Sqlite { 1 } else { 2 };
        let build = |connector: Connector, size: u32, idle: u32| {
            Pool::builder()
                .max_size(size.max(1))
                .min_idle(Some(idle))
                .connection_timeout(settings.checkout_timeout)
                .error_handler(Box::new(LogError))
                .build_unchecked(connector)
        };
        let losses = Losses::default();
        let pool = |url: DatabaseUrl, purpose, size: u32, idle: u32| {
            let losses = losses.clone();
            build(Connector { url, purpose, statement_timeout_ms: timeout, losses }, size, idle)
        };
        let inner = Inner {
            backend,
            // Exports are rare: their connections are made when they are needed.
            exports: pool(read_url.clone(), Purpose::Read, settings.exports, 0),
            readers: pool(read_url, Purpose::Read, settings.readers, 1),
            preparers: pool(url.clone(), Purpose::Read, settings.preparers, 0),
            queue: WriteQueue::default(),
            losses: losses.clone(),
            probes: Probes::new(url.clone(), losses.clone(), |connector, size| build(connector, size, 0)),
            writers: pool(url, Purpose::Write, writers, 1),
            checkout_timeout: settings.checkout_timeout,
            turn_timeout: settings.turn_timeout,
            has_replica: settings.replica_url.is_some(),
            estimates: Estimates::default(),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    pub fn backend(&self) -> Backend {
        self.inner.backend
    }

    /// Runs reads, each statement by itself. Where the connection was lost they are run once more, on another one.
    pub fn read<T, E: OfStore>(&self, work: impl Fn(&mut ReadTx) -> Result<T, E>) -> Result<T, E> {
        self.each_by_itself(&self.inner.readers, work)
    }

    /// Runs reads that see every write that was acknowledged: where there is a replica, past it.
    pub fn read_fresh<T, E: OfStore>(&self, work: impl Fn(&mut ReadTx) -> Result<T, E>) -> Result<T, E> {
        let pool = if self.inner.has_replica { &self.inner.preparers } else { &self.inner.readers };
        self.each_by_itself(pool, work)
    }

    fn each_by_itself<T, E: OfStore>(
        &self,
        pool: &Pool<Connector>,
        work: impl Fn(&mut ReadTx) -> Result<T, E>,
    ) -> Result<T, E> {
        self.on_live(pool, |conn| work(&mut ReadTx { conn, estimates: &self.inner.estimates }))
    }

    /// Runs reads that all see the same state of the archive.
    pub fn snapshot<T, E: From<StoreError>>(&self, work: impl FnOnce(&mut ReadTx) -> Result<T, E>) -> Result<T, E> {
        self.in_snapshot(&self.inner.readers, work)
    }

    /// The same for work that takes long, on a connection of its own: it keeps no reader waiting.
    pub fn long_snapshot<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&mut ReadTx) -> Result<T, E>,
    ) -> Result<T, E> {
        self.in_snapshot(&self.inner.exports, work)
    }

    /// Runs reads that prepare a write: they all see one state, with every write in it that was acknowledged.
    pub fn prepare<T, E: From<StoreError>>(&self, work: impl FnOnce(&mut ReadTx) -> Result<T, E>) -> Result<T, E> {
        self.in_snapshot(&self.inner.preparers, work)
    }

    fn in_snapshot<T, E: From<StoreError>>(
        &self,
        pool: &Pool<Connector>,
        work: impl FnOnce(&mut ReadTx) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut conn = self.begun(pool, Begin::Snapshot)?;
        let outcome = work(&mut ReadTx { conn: &mut conn, estimates: &self.inner.estimates });
        end(&mut conn, outcome)
    }

    /// A connection on which a transaction has begun. One that was lost is found out here, and another one taken.
    fn begun(&self, pool: &Pool<Connector>, how: Begin) -> Result<Checkout, StoreError> {
        self.live(pool, |conn| begin(conn, how).map_err(StoreError::from)).map(|((), conn)| conn)
    }

    /// Does something that may be done twice. Where the connection was lost it is done once more, on another one.
    pub(super) fn on_live<T, E: OfStore>(
        &self,
        pool: &Pool<Connector>,
        work: impl Fn(&mut DbConn) -> Result<T, E>,
    ) -> Result<T, E> {
        self.live(pool, work).map(|(done, _)| done)
    }

    fn live<T, E: OfStore>(
        &self,
        pool: &Pool<Connector>,
        work: impl Fn(&mut DbConn) -> Result<T, E>,
    ) -> Result<(T, Checkout), E> {
        let once = || {
            let mut conn = self.checkout(pool)?;
            let done = work(&mut conn);
            if done.as_ref().is_err_and(is_lost) {
                conn.is_lost = true;
                self.inner.losses.note();
            }
            done.map(|done| (done, conn))
        };
        match once() {
            Err(error) if is_lost(&error) => once(),
            done => done,
        }
    }

    /// Runs the writes of one writer: all of them are kept, or none. They may share a transaction with those of others.
    pub fn write<T, E: From<StoreError>>(&self, work: impl FnOnce(&mut WriteTx) -> Result<T, E>) -> Result<T, E> {
        self.write_as(Sharing::Shared, work)
    }

    /// The same, alone if they take long.
    pub fn write_as<T, E: From<StoreError>>(
        &self,
        sharing: Sharing,
        work: impl FnOnce(&mut WriteTx) -> Result<T, E>,
    ) -> Result<T, E> {
        let turn = self.inner.queue.turn(sharing, self.inner.turn_timeout)?;
        turn.write(
            || self.begun(&self.inner.writers, Begin::Writing),
            |conn| work(&mut WriteTx { read: ReadTx { conn, estimates: &self.inner.estimates } }),
        )
    }

    /// Makes the database ready for questions after very many writes: PostgreSQL takes statistics, without which it goes
    /// about them as in an empty archive; SQLite puts the parts of its indexes of words and marks together. This takes seconds for a
    /// million entries.
    pub fn settle(&self) -> Result<(), StoreError> {
        let mut conn = self.checkout(&self.inner.writers)?;
        let result = match &mut **conn {
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

fn is_lost<E: OfStore>(error: &E) -> bool {
    matches!(error.of_store(), Some(StoreError::Lost(_)))
}

pub(super) fn in_transaction<T, E: From<StoreError>>(
    conn: &mut DbConn,
    how: Begin,
    work: impl FnOnce(&mut DbConn) -> Result<T, E>,
) -> Result<T, E> {
    begin(conn, how).map_err(StoreError::from)?;
    let outcome = work(conn);
    end(conn, outcome)
}

/// Commits a transaction whose work is done, or rolls it back.
fn end<T, E: From<StoreError>>(conn: &mut DbConn, outcome: Result<T, E>) -> Result<T, E> {
    type Manager = <DbConn as Connection>::TransactionManager;
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
