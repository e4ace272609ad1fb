//! The time limit of a statement on SQLite, which has none of its own: it asks us now and then whether to go on.
//!
//! Diesel neither sets a progress handler nor hands out its connection, so SQLite is asked to set one on each connection as
//! it is opened. The handler looks at a time that belongs to the thread: a connection is used by one thread at a time.

use std::{
    cell::Cell,
    ffi::{c_char, c_int, c_void},
    sync::Once,
    time::{Duration, Instant},
};

use super::abandoned::interrupts;
use diesel::{
    connection::{Connection, InstrumentationEvent, get_default_instrumentation},
    sqlite::SqliteConnection,
};
use libsqlite3_sys::{SQLITE_OK, sqlite3, sqlite3_api_routines, sqlite3_auto_extension, sqlite3_progress_handler};

/// Steps of SQLite's virtual machine between two questions: about a tenth of a millisecond.
const STEPS: c_int = 10_000;

thread_local! {
    /// When the statement that runs on this thread has to end.
    static DEADLINE: Cell<Option<Instant>> = const { Cell::new(None) };
    /// Work is being done that may take as long as it takes.
    static IS_FREE: Cell<bool> = const { Cell::new(false) };
}

/// Lets every connection opened after this ask for the time. Opening more often than once changes nothing.
#[expect(unsafe_code, reason = "the two functions of SQLite that diesel does not offer")]
pub fn prepare() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // SAFETY: the function has the signature that SQLite calls it with, and lives as long as the program.
        unsafe { sqlite3_auto_extension(Some(watch)) };
    });
}

#[expect(unsafe_code, reason = "called by SQLite")]
unsafe extern "C" fn watch(db: *mut sqlite3, _: *mut *mut c_char, _: *const sqlite3_api_routines) -> c_int {
    // SAFETY: SQLite gives the connection that it has just opened; the handler needs no data of ours.
    unsafe { sqlite3_progress_handler(db, STEPS, Some(is_over), std::ptr::null_mut()) };
    SQLITE_OK
}

#[expect(unsafe_code, reason = "called by SQLite")]
unsafe extern "C" fn is_over(_: *mut c_void) -> c_int {
    c_int::from(interrupts() || DEADLINE.get().is_some_and(|end| Instant::now() >= end))
}

/// Bounds each statement on the connection. Whoever watches all connections of the program goes on watching this one.
pub fn bound(conn: &mut SqliteConnection, longest: Duration) {
    let mut watcher = get_default_instrumentation();
    conn.set_instrumentation(move |event: InstrumentationEvent<'_>| {
        match event {
            InstrumentationEvent::StartQuery { .. } if !IS_FREE.get() => {
                DEADLINE.set(Instant::now().checked_add(longest));
            }
            InstrumentationEvent::FinishQuery { .. } => DEADLINE.set(None),
            _ => {}
        }
        if let Some(watcher) = &mut watcher {
            watcher.on_connection_event(event);
        }
    });
}

/// Does something on this thread that no deadline ends.
pub fn without<T>(work: impl FnOnce() -> T) -> T {
    /// The bound comes back, however the work ends.
    struct Free;
    impl Drop for Free {
        fn drop(&mut self) {
            IS_FREE.set(false);
        }
    }
    IS_FREE.set(true);
    let _free = Free;
    work()
}
