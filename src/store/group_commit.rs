//! Group commit: writers that wait share one transaction and one sync.
//!
//! There is one writing transaction at a time. A writer that has done its part hands the open transaction to the next one
//! in the queue, and the last one commits for all. Each works behind a savepoint of its own, so that one that fails takes
//! back its own writes only. Nobody is answered before the commit.

use std::{
    collections::VecDeque,
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    time::{Duration, Instant},
};

use diesel::connection::{Connection, TransactionManager};

use super::{
    abandoned::{still_wanted, uninterrupted},
    conn::DbConn,
    error::StoreError,
    pool::Checkout,
};

type Manager = <DbConn as Connection>::TransactionManager;

/// Writers that share a transaction at most, and for how long one is handed on: whoever came first waits for the others.
const MOST: usize = 64;
const LONGEST: Duration = Duration::from_millis(25);

/// Whether a write may share its transaction with others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sharing {
    /// It takes a few milliseconds at most.
    Shared,
    /// It writes many rows: nobody else has to wait for them before they are answered.
    Alone,
}

/// Those who want to write, in their order.
#[derive(Default)]
pub(super) struct WriteQueue {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Somebody has the turn.
    is_taken: bool,
    waiting: VecDeque<Waiter>,
    last_number: u64,
}

struct Waiter {
    number: u64,
    sharing: Sharing,
    turn: SyncSender<Option<Group>>,
}

/// An open transaction that several writers share.
struct Group {
    conn: Checkout,
    opened: Instant,
    /// Writers that have worked in it.
    size: usize,
    is_open: bool,
    outcome: Arc<Outcome>,
}

/// What became of a group.
#[derive(Default)]
struct Outcome {
    ended: Mutex<Option<Result<(), Arc<StoreError>>>>,
    told: Condvar,
}

impl Outcome {
    fn tell(&self, result: Result<(), Arc<StoreError>>) {
        *lock(&self.ended) = Some(result);
        self.told.notify_all();
    }

    fn wait(&self) -> Result<(), StoreError> {
        let ended = self.told.wait_while(lock(&self.ended), |ended| ended.is_none());
        match &*ended.unwrap_or_else(PoisonError::into_inner) {
            Some(Err(error)) => Err(error.for_another()),
            _ => Ok(()),
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl WriteQueue {
    /// Waits for the turn, no longer than the given time.
    pub fn turn(&self, sharing: Sharing, longest: Duration) -> Result<Turn<'_>, StoreError> {
        let (number, handed) = {
            let mut state = lock(&self.state);
            if !state.is_taken {
                state.is_taken = true;
                return Ok(Turn { queue: self, sharing, group: None });
            }
            state.last_number += 1;
            let (turn, handed) = sync_channel(1);
            let number = state.last_number;
            state.waiting.push_back(Waiter { number, sharing, turn });
            (number, handed)
        };
        let group = match handed.recv_timeout(longest) {
            Ok(group) => group,
            Err(_) => self.give_up(number, &handed)?,
        };
        Ok(Turn { queue: self, sharing, group })
    }

    /// Leaves the queue, unless the turn has come at this very moment.
    fn give_up(&self, number: u64, handed: &Receiver<Option<Group>>) -> Result<Option<Group>, StoreError> {
        let late = || StoreError::Unavailable("other writes took too long".into());
        let mut state = lock(&self.state);
        let before = state.waiting.len();
        state.waiting.retain(|waiter| waiter.number != number);
        if state.waiting.len() < before { Err(late()) } else { handed.try_recv().map_err(|_| late()) }
    }

    /// Gives the turn to whoever waits longest. Nobody waiting, the next one to come has it.
    fn pass(&self) {
        let mut state = lock(&self.state);
        while let Some(next) = state.waiting.pop_front() {
            if next.turn.send(None).is_ok() {
                return;
            }
        }
        state.is_taken = false;
    }

    /// Hands an open transaction to whoever waits longest, and gives it back when nobody is to have it.
    fn hand_on(&self, group: Group) -> Option<Group> {
        if group.size >= MOST || group.opened.elapsed() >= LONGEST {
            return Some(group);
        }
        let mut state = lock(&self.state);
        let mut group = Some(group);
        while state.waiting.front().is_some_and(|next| next.sharing == Sharing::Shared) {
            let next = state.waiting.pop_front()?;
            match next.turn.send(group.take()) {
                Ok(()) => return None,
                Err(unsent) => group = unsent.0,
            }
        }
        group
    }
}

/// The right to write. Dropped, it goes to the next one.
pub(super) struct Turn<'a> {
    queue: &'a WriteQueue,
    sharing: Sharing,
    /// The transaction that others have begun.
    group: Option<Group>,
}

impl Turn<'_> {
    /// Does the writes of one writer, and returns when they are committed. The writes of work that fails are taken back.
    pub fn write<T, E: From<StoreError>>(
        mut self,
        begun: impl FnOnce() -> Result<Checkout, StoreError>,
        work: impl FnOnce(&mut DbConn) -> Result<T, E>,
    ) -> Result<T, E> {
        // It may have waited for its turn.
        still_wanted()?;
        let mut group = match self.group.take() {
            Some(group) => group,
            None => Group::of(begun()?),
        };
        let done = group.member(self.sharing, work)?;
        if group.is_open {
            self.group = Some(group);
            // What was refused may have been so because of what others have written in the same transaction.
            self.end()?;
        }
        done
    }

    /// Hands the transaction on, or commits it.
    fn end(mut self) -> Result<(), StoreError> {
        let Some(group) = self.group.take() else { return Ok(()) };
        let outcome = group.outcome.clone();
        let kept = if self.sharing == Sharing::Shared { self.queue.hand_on(group) } else { Some(group) };
        match kept {
            // Whoever has it now has the turn too.
            None => std::mem::forget(self),
            Some(group) => {
                group.commit();
                drop(self);
            }
        }
        outcome.wait()
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        if let Some(group) = self.group.take() {
            // Others have written in it: their writes stay.
            match self.queue.hand_on(group) {
                None => return,
                Some(group) => group.commit(),
            }
        }
        self.queue.pass();
    }
}

impl Group {
    fn of(conn: Checkout) -> Self {
        Self { conn, opened: Instant::now(), size: 0, is_open: true, outcome: Arc::default() }
    }

    /// Does the work of one member. The outer error is one of the transaction, which is lost then.
    fn member<T, E: From<StoreError>>(
        &mut self,
        sharing: Sharing,
        work: impl FnOnce(&mut DbConn) -> Result<T, E>,
    ) -> Result<Result<T, E>, StoreError> {
        // The first has nobody before it whose writes have to stay.
        let is_first = self.size == 0;
        self.size += 1;
        if !is_first {
            Manager::begin_transaction(&mut **self.conn)?;
        }
        let conn = &mut **self.conn;
        // SQLite takes the whole transaction back when a statement that writes is interrupted.
        let done = match sharing {
            Sharing::Shared => uninterrupted(|| work(conn)),
            Sharing::Alone => work(conn),
        };
        // It may have taken long.
        let done = done.and_then(|value| still_wanted().map(|()| value).map_err(E::from));
        match (&done, is_first) {
            (Ok(_), true) => {}
            (Ok(_), false) => Manager::commit_transaction(&mut **self.conn)?,
            (Err(_), false) => Manager::rollback_transaction(&mut **self.conn)?,
            (Err(_), true) => self.roll_back(),
        }
        Ok(done)
    }

    fn commit(mut self) {
        self.is_open = false;
        let committed = Manager::commit_transaction(&mut **self.conn).map_err(|error| {
            let _ = Manager::rollback_transaction(&mut **self.conn);
            Arc::new(StoreError::from(error))
        });
        self.outcome.tell(committed);
    }

    fn roll_back(&mut self) {
        self.is_open = false;
        if let Err(error) = Manager::rollback_transaction(&mut **self.conn) {
            tracing::warn!(%error, "a rollback failed; the connection is dropped");
        }
    }
}

impl Drop for Group {
    /// Its transaction is lost, or somebody's work has panicked.
    fn drop(&mut self) {
        if self.is_open {
            self.roll_back();
            let lost = StoreError::Unavailable("the transaction was lost by the fault of another write".into());
            self.outcome.tell(Err(Arc::new(lost)));
        }
    }
}
