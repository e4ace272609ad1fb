//! Writers that wait share a transaction: one that fails takes back its own writes only, and nobody is answered before
//! the commit.

use std::{
    sync::mpsc::{Receiver, Sender, channel},
    thread::{self, ScopedJoinHandle},
    time::Duration,
};

use kartoteka::store::{Sharing, Store, StoreError, Waiting};

use crate::harness::{TestApp, cases, id};

cases![
    writers_that_wait_share_a_transaction,
    a_writer_that_fails_takes_back_its_own_writes_only,
    a_writer_that_panics_ends_the_transaction_and_nothing_else,
    a_writer_that_nobody_waits_for_takes_back_its_own_writes_only,
    a_writer_alone_shares_with_nobody,
    a_writer_that_has_waited_too_long_leaves_the_queue,
    every_write_of_many_writers_is_kept,
];

type Written = Result<(), StoreError>;

/// Writes a secret of this name: the plainest row there is.
fn write(store: &Store, name: &str) -> Written {
    store.write(|tx| tx.insert_secret(name, "x", 1))
}

fn is_there(store: &Store, name: &str) -> bool {
    store.read(|tx| tx.secret(name)).unwrap().is_some()
}

/// A writer that has the turn until it is told to go on.
struct Held<'scope> {
    go_on: Sender<()>,
    thread: ScopedJoinHandle<'scope, Written>,
}

impl<'scope> Held<'scope> {
    fn start<'env>(
        scope: &'scope thread::Scope<'scope, 'env>,
        store: &'env Store,
        sharing: Sharing,
        name: &'env str,
    ) -> (Self, Receiver<()>) {
        let ((go_on, told), (has_turn, turn)) = (channel(), channel());
        let thread = scope.spawn(move || {
            store.write_as(sharing, |tx| {
                tx.insert_secret(name, "x", 1)?;
                has_turn.send(()).unwrap();
                told.recv().unwrap();
                Ok(())
            })
        });
        (Self { go_on, thread }, turn)
    }

    fn release(self) -> Written {
        self.go_on.send(()).unwrap();
        self.thread.join().unwrap()
    }
}

/// Time for a thread to come into the queue.
fn queue_up() {
    thread::sleep(Duration::from_millis(100));
}

fn writers_that_wait_share_a_transaction(app: &TestApp) {
    let store = &app.archive.store;
    let [first, second, third] = [id(), id(), id()];
    thread::scope(|scope| {
        let (holder, turn) = Held::start(scope, store, Sharing::Shared, &first);
        turn.recv().unwrap();
        let waiting = scope.spawn(|| write(store, &second));
        queue_up();
        let (last, its_turn) = Held::start(scope, store, Sharing::Shared, &third);
        queue_up();
        holder.release().unwrap();
        // The one before it has written, and is not answered until the last one is done.
        its_turn.recv().unwrap();
        queue_up();
        assert!(is_there(store, &first) && !waiting.is_finished() && !is_there(store, &second));
        last.release().unwrap();
        waiting.join().unwrap().unwrap();
        assert!(is_there(store, &second) && is_there(store, &third));
    });
}

/// Lets one writer go wrong between two others that share its transaction, and gives what became of the three.
fn between(app: &TestApp, wrong: impl FnOnce(&Store, &str) -> Written + Send) -> [(Written, bool); 3] {
    let store = &app.archive.store;
    let names = [id(), id(), id(), id()];
    let [holder, before, middle, after] = names.each_ref();
    thread::scope(|scope| {
        let (holder, turn) = Held::start(scope, store, Sharing::Shared, holder);
        turn.recv().unwrap();
        let first = scope.spawn(|| write(store, before));
        queue_up();
        let second = scope.spawn(|| wrong(store, middle));
        queue_up();
        let third = scope.spawn(|| write(store, after));
        queue_up();
        holder.release().unwrap();
        let done = [first, second, third].map(|thread| thread.join().unwrap_or(Err(StoreError::Abandoned)));
        let there = [before, middle, after].map(|name| is_there(store, name));
        let mut there = there.into_iter();
        done.map(|done| (done, there.next().unwrap()))
    })
}

fn a_writer_that_fails_takes_back_its_own_writes_only(app: &TestApp) {
    let [before, failed, after] = between(app, |store, name| {
        store.write(|tx| {
            tx.insert_secret(name, "x", 1)?;
            // The same once more: the database refuses it.
            tx.insert_secret(name, "x", 1)
        })
    });
    assert!(matches!(before, (Ok(()), true)) && matches!(after, (Ok(()), true)), "{before:?} {after:?}");
    assert!(matches!(failed, (Err(StoreError::Database(_)), false)), "{failed:?}");
}

fn a_writer_that_panics_ends_the_transaction_and_nothing_else(app: &TestApp) {
    let [before, panicked, after] = between(app, |store, name| {
        store.write(|tx| {
            tx.insert_secret(name, "x", 1)?;
            std::panic::resume_unwind(Box::new("a test"))
        })
    });
    // Whoever shared it is told to try again, and nothing is kept of what was not acknowledged.
    assert!(matches!(before, (Err(StoreError::Unavailable(_)), false)), "{before:?}");
    assert!(!panicked.1 && matches!(after, (Ok(()), true)), "{after:?}");
    write(&app.archive.store, &id()).unwrap();
}

fn a_writer_that_nobody_waits_for_takes_back_its_own_writes_only(app: &TestApp) {
    let [before, abandoned, after] = between(app, |store, name| {
        let waiting = Waiting::default();
        waiting.wanted().work(|| {
            store.write(|tx| {
                tx.insert_secret(name, "x", 1)?;
                drop(waiting);
                // Long enough to be interrupted, were it not for the others.
                for n in 0..2_000 {
                    tx.insert_secret(&format!("{name}-{n}"), "x", 1)?;
                }
                Ok(())
            })
        })
    });
    assert!(matches!(before, (Ok(()), true)) && matches!(after, (Ok(()), true)), "{before:?} {after:?}");
    assert!(matches!(abandoned, (Err(StoreError::Abandoned), false)), "{abandoned:?}");
}

fn a_writer_alone_shares_with_nobody(app: &TestApp) {
    let store = &app.archive.store;
    let [first, second, third, fourth] = [id(), id(), id(), id()];
    thread::scope(|scope| {
        let (holder, turn) = Held::start(scope, store, Sharing::Shared, &first);
        turn.recv().unwrap();
        let before = scope.spawn(|| write(store, &second));
        queue_up();
        let (alone, its_turn) = Held::start(scope, store, Sharing::Alone, &third);
        queue_up();
        let after = scope.spawn(|| write(store, &fourth));
        queue_up();
        holder.release().unwrap();
        its_turn.recv().unwrap();
        // Who came before it is answered while it still writes.
        before.join().unwrap().unwrap();
        assert!(is_there(store, &second) && !is_there(store, &third) && !after.is_finished());
        alone.release().unwrap();
        after.join().unwrap().unwrap();
        assert!(is_there(store, &third) && is_there(store, &fourth));
    });
}

fn a_writer_that_has_waited_too_long_leaves_the_queue(app: &TestApp) {
    let mut settings = TestApp::settings(&app.database.url).store;
    settings.turn_timeout = Duration::from_millis(50);
    let store = &Store::open(&settings).unwrap();
    let [first, second, third] = [id(), id(), id()];
    thread::scope(|scope| {
        let (holder, turn) = Held::start(scope, store, Sharing::Shared, &first);
        turn.recv().unwrap();
        let late = write(store, &second);
        assert!(matches!(late, Err(StoreError::Unavailable(_))), "{late:?}");
        holder.release().unwrap();
    });
    write(store, &third).unwrap();
    assert!(is_there(store, &first) && !is_there(store, &second) && is_there(store, &third));
}

fn every_write_of_many_writers_is_kept(app: &TestApp) {
    let store = &app.archive.store;
    let prefix = id();
    thread::scope(|scope| {
        for writer in 0..16 {
            let prefix = &prefix;
            scope.spawn(move || {
                for n in 0..25 {
                    let name = format!("{prefix}-{writer}-{n}");
                    let done = store.write(|tx| {
                        tx.insert_secret(&name, "x", 1)?;
                        // Every fifth takes itself back.
                        if n % 5 == 0 { Err(StoreError::Setup("a test".into())) } else { Ok(()) }
                    });
                    assert_eq!(done.is_ok(), n % 5 != 0, "{done:?}");
                }
            });
        }
    });
    for writer in 0..16 {
        for n in 0..25 {
            assert_eq!(is_there(store, &format!("{prefix}-{writer}-{n}")), n % 5 != 0, "{writer} {n}");
        }
    }
}
