//! Whether the database answers, and whether it can be written to: found out by writing, on connections of its own, so
//! that no other write delays the answer.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use diesel::{connection::SimpleConnection, r2d2::Pool};

use super::{
    conn::{Begin, Connector, DatabaseUrl, DbConn, Losses, Purpose},
    error::{Obstacle, StoreError},
    pool::{Store, in_transaction},
};

/// How long an outcome counts: however often somebody asks, there is no more than one write in this time.
const KNOWN_FOR: Duration = Duration::from_secs(2);
/// How long a probe waits for the writer of SQLite, and how long it may take. Whoever holds the lock is writing.
const LONGEST_MS: u64 = 500;
/// One connection for a probe, and one to ask for a sign of life meanwhile.
const CONNECTIONS: u32 = 2;

/// A row that is always there.
const SIGN_OF_LIFE: &str = "SELECT probes FROM writability WHERE id = 1";

/// What stands in the way of writing, if anything does.
type Outcome = Option<Obstacle>;

/// The connections for probes, and what the last one has found.
pub(super) struct Probes {
    pub connections: Pool<Connector>,
    known: Mutex<Option<(Instant, Outcome)>>,
    one_at_a_time: Mutex<()>,
}

impl Probes {
    pub fn new(url: DatabaseUrl, losses: Losses, build: impl FnOnce(Connector, u32) -> Pool<Connector>) -> Self {
        let connector = Connector { url, purpose: Purpose::Write, statement_timeout_ms: LONGEST_MS, losses };
        Self { connections: build(connector, CONNECTIONS), known: Mutex::default(), one_at_a_time: Mutex::default() }
    }

    fn known(&self) -> Option<Outcome> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.filter(|(at, _)| at.elapsed() < KNOWN_FOR).map(|(_, outcome)| outcome)
    }
}

impl Store {
    /// Asks the database of the writer for a sign of life.
    pub fn ping(&self) -> Result<(), StoreError> {
        self.on_live(&self.probes().connections, sign_of_life)
    }

    /// What stood in the way of writing a moment ago; `None` when that has to be found out first.
    pub fn known_obstacle(&self) -> Option<Option<Obstacle>> {
        self.probes().known()
    }

    /// What stands in the way of writing. Nothing does while somebody else writes.
    pub fn obstacle(&self) -> Result<Option<Obstacle>, StoreError> {
        let probes = self.probes();
        let _turn = probes.one_at_a_time.lock().unwrap_or_else(PoisonError::into_inner);
        // Somebody else may have found it out in the meantime.
        if let Some(outcome) = probes.known() {
            return Ok(outcome);
        }
        let trial = |conn: &mut DbConn| in_transaction(conn, Begin::Probe, write);
        let outcome = match self.on_live(&probes.connections, trial) {
            Ok(()) | Err(StoreError::Locked(_)) => None,
            Err(StoreError::NotWritable(obstacle)) => Some(obstacle),
            Err(error) => {
                tracing::warn!(%error, "a trial write failed");
                // Either the database is away altogether, or it reads and does not write.
                self.on_live(&probes.connections, sign_of_life)?;
                let is_slow = matches!(error, StoreError::Unavailable(_) | StoreError::Lost(_));
                Some(if is_slow { Obstacle::TooSlow } else { Obstacle::Unknown })
            }
        };
        *probes.known.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), outcome));
        Ok(outcome)
    }
}

fn sign_of_life(conn: &mut DbConn) -> Result<(), StoreError> {
    Ok(conn.batch_execute(SIGN_OF_LIFE)?)
}

fn write(conn: &mut DbConn) -> Result<(), StoreError> {
    let sql = match conn {
        DbConn::Sqlite(_) => "UPDATE writability SET probes = probes + 1",
        // Where the probe of another instance has the row, that one is writing.
        DbConn::Postgres(_) => {
            "UPDATE writability SET probes = probes + 1 \
             WHERE id = (SELECT id FROM writability WHERE id = 1 FOR UPDATE SKIP LOCKED)"
        }
    };
    Ok(conn.batch_execute(sql)?)
}
