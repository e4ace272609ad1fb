//! Work for which nobody waits any more: its client has gone, or was told that it took too long.
//!
//! Whoever waits holds a [`Waiting`]. When it is dropped, statements on SQLite end, the next step of the work ends with
//! [`StoreError::Abandoned`], and a transaction is rolled back instead of committed. A statement that runs on PostgreSQL goes
//! on until it is done or its time is over.

use std::{
    cell::{Cell, RefCell},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use super::error::StoreError;

thread_local! {
    /// That of the work which this thread does.
    static CURRENT: RefCell<Option<Wanted>> = const { RefCell::new(None) };
    /// The statements of this thread run to their end.
    static IS_UNINTERRUPTED: Cell<bool> = const { Cell::new(false) };
}

/// Somebody waits for the outcome of some work, as long as this lives.
#[derive(Debug, Default)]
pub struct Waiting(Wanted);

/// Tells the work whether somebody waits.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    is_abandoned: Arc<AtomicBool>,
}

impl Waiting {
    /// What goes with the work.
    pub fn wanted(&self) -> Wanted {
        self.0.clone()
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.is_abandoned.store(true, Ordering::Relaxed);
    }
}

impl Wanted {
    /// Does the work on this thread.
    pub fn work<T>(self, work: impl FnOnce() -> T) -> T {
        /// The thread is used again, however the work ends.
        struct Done;
        impl Drop for Done {
            fn drop(&mut self) {
                CURRENT.set(None);
            }
        }
        CURRENT.set(Some(self));
        let _done = Done;
        work()
    }
}

fn is_abandoned() -> bool {
    CURRENT.with_borrow(|current| current.as_ref().is_some_and(|wanted| wanted.is_abandoned.load(Ordering::Relaxed)))
}

/// Whether to end the statement that this thread runs: nobody waits for it any more.
pub(super) fn interrupts() -> bool {
    !IS_UNINTERRUPTED.get() && is_abandoned()
}

/// Does work whose statements are not interrupted. It still ends between two of them.
pub(super) fn uninterrupted<T>(work: impl FnOnce() -> T) -> T {
    /// Statements are interrupted again, however the work ends.
    struct Done;
    impl Drop for Done {
        fn drop(&mut self) {
            IS_UNINTERRUPTED.set(false);
        }
    }
    IS_UNINTERRUPTED.set(true);
    let _done = Done;
    work()
}

/// Ends work for which nobody waits any more; work that nobody ever waited for goes on. To be asked between the steps of whatever takes long.
pub fn still_wanted() -> Result<(), StoreError> {
    if is_abandoned() { Err(StoreError::Abandoned) } else { Ok(()) }
}
