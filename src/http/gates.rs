//! Bounds on the work that goes on at once, and on the memory it takes.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::Instant,
};

use super::problem::ApiError;
use crate::usecase::Error;

/// Sign-ins from known addresses that are worked on beside those from others.
const HOMES: usize = 2;

/// Refreshes and sign-outs worked on at once, and probes of the database.
const SESSIONS: usize = 4;
const PROBES: usize = 2;

/// Readers that costly requests leave free, where there are twice as many.
const KEPT: u32 = 2;

/// Writes that are prepared, or wait for their turn, at once: those that wait share a transaction.
pub const WRITERS: usize = 64;

/// Bytes of bodies from which on the preparation of a write may take long.
pub const HEAVY: usize = 64 * 1024;

fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Requests of the largest size that there is room for, and how many times their bytes all documents may take once they
/// are read: one of the largest size with what people write takes half of it.
const LARGEST_BODIES: usize = 4;
const READ_BODIES: usize = 16;

/// Kibibytes of the large answers that wait for their clients.
const ANSWERS: usize = 128 * 1024;

/// Whole kibibytes.
pub(super) fn kibibytes(bytes: usize) -> usize {
    bytes.div_ceil(1024)
}

/// Bounds on the work in the blocking pool, so that neither kind of work starves the other.
pub struct Gates {
    pub(super) readers: Arc<Semaphore>,
    /// How many of the readers work on costly requests at once.
    pub(super) costly: Arc<Semaphore>,
    pub(super) writers: Arc<Semaphore>,
    pub(super) accounts: Arc<Semaphore>,
    /// Beside `accounts`, for sign-ins from where the account has signed in before: strangers cannot stand in their way.
    pub(super) homes: Arc<Semaphore>,
    /// Sessions without passwords: nothing that takes long, and a flood of sign-ins does not stand in its way.
    pub(super) sessions: Arc<Semaphore>,
    /// Probes of the database.
    pub(super) probes: Arc<Semaphore>,
    /// Exports: they take long, and hold a snapshot of the database for so long.
    pub(super) exports: Arc<Semaphore>,
    /// Large bodies that are parsed, and writes whose preparation takes long: as many as leave a processor for everybody
    /// else.
    pub(super) heavy: Arc<Semaphore>,
    /// Jobs that this instance works on.
    pub(super) jobs: Arc<Semaphore>,
    /// Manifests of files that are made without sending them.
    pub(super) manifests: Arc<Semaphore>,
    pub(super) bodies: Room,
    pub(super) answers: Room,
    /// Room for the documents of large bodies, in kibibytes, and for those of small ones: who waits for much room must
    /// not stand before those who need little.
    pub(super) documents: Arc<Semaphore>,
    pub(super) small_documents: Arc<Semaphore>,
    pub(super) documents_kib: usize,
    pub(super) wait: Duration,
}

impl Gates {
    /// Gates for as many connections as the pools have.
    pub fn new(readers: u32, exports: u32, accounts: usize, request_bytes: usize, wait: Duration) -> Self {
        let permits = |n: u32| usize::try_from(n.max(1)).unwrap_or(1);
        let bodies_kib = kibibytes(request_bytes).saturating_mul(LARGEST_BODIES);
        let documents_kib = kibibytes(request_bytes).saturating_mul(READ_BODIES);
        Self {
            readers: Arc::new(Semaphore::new(permits(readers))),
            costly: Arc::new(Semaphore::new(permits(readers - readers.min(KEPT).min(readers / 2)))),
            writers: Arc::new(Semaphore::new(WRITERS)),
            accounts: Arc::new(Semaphore::new(accounts.max(1))),
            homes: Arc::new(Semaphore::new(HOMES)),
            sessions: Arc::new(Semaphore::new(SESSIONS)),
            probes: Arc::new(Semaphore::new(PROBES)),
            exports: Arc::new(Semaphore::new(permits(exports))),
            heavy: Arc::new(Semaphore::new(processors().saturating_sub(1).max(1))),
            jobs: Arc::new(Semaphore::new(1)),
            manifests: Arc::new(Semaphore::new(1)),
            bodies: Room::new(bodies_kib, bodies_kib / 2),
            answers: Room::new(ANSWERS, ANSWERS / 4),
            documents: Arc::new(Semaphore::new(documents_kib)),
            small_documents: Arc::new(Semaphore::new(documents_kib / 4)),
            documents_kib,
            wait,
        }
    }
}

/// Room for what takes memory, in kibibytes: in all, and a part of it for each client.
pub struct Room {
    pub(super) all: Arc<Semaphore>,
    /// What one client gets at most.
    pub(super) share: usize,
    by_owner: Mutex<HashMap<String, Weak<Semaphore>>>,
}

impl Room {
    fn new(kib: usize, share: usize) -> Self {
        Self { all: Arc::new(Semaphore::new(kib)), share, by_owner: Mutex::default() }
    }

    /// That of one client. It is remembered for as long as some of it is taken.
    pub(super) fn of(&self, owner: &str) -> Arc<Semaphore> {
        let mut all = self.by_owner.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = all.get(owner).and_then(Weak::upgrade) {
            return known;
        }
        all.retain(|_, room| room.strong_count() > 0);
        let room = Arc::new(Semaphore::new(self.share));
        all.insert(owner.to_owned(), Arc::downgrade(&room));
        room
    }
}

/// A place at a gate, waited for no longer than until then.
pub(super) async fn place(
    gate: &Arc<Semaphore>,
    until: Instant,
) -> std::result::Result<OwnedSemaphorePermit, ApiError> {
    if let Ok(permit) = gate.clone().try_acquire_owned() {
        return Ok(permit);
    }
    match tokio::time::timeout_at(until, gate.clone().acquire_owned()).await {
        Ok(Ok(permit)) => Ok(permit),
        _ => Err(Error::Busy.into()),
    }
}
