//! The statements that a server under test runs: recorded, counted, and held up.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
};

use diesel::connection::{Instrumentation, InstrumentationEvent, set_default_instrumentation};

/// What was run on the databases that are recorded, by their addresses.
static RECORDED: Mutex<Option<HashMap<String, BTreeMap<String, usize>>>> = Mutex::new(None);

/// Statements that are held up: of which database, and how they begin.
static HELD: Mutex<Vec<Arc<Held>>> = Mutex::new(Vec::new());

struct Held {
    database: String,
    start: &'static str,
    /// How many wait; `None` when they may go on.
    waiting: Mutex<Option<usize>>,
    opened: Condvar,
}

/// Statements wait for as long as this is there.
pub struct Hold(Arc<Held>);

impl Hold {
    pub fn waiting(&self) -> usize {
        self.0.waiting.lock().unwrap().unwrap_or_default()
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        HELD.lock().unwrap().retain(|held| !Arc::ptr_eq(held, &self.0));
        *self.0.waiting.lock().unwrap() = None;
        self.0.opened.notify_all();
    }
}

/// Holds up all statements on a database that begin like this.
pub fn hold(database_url: &str, start: &'static str) -> Hold {
    let held = Held { database: name_of(database_url), start, waiting: Mutex::new(Some(0)), opened: Condvar::new() };
    let held = Arc::new(held);
    HELD.lock().unwrap().push(held.clone());
    Hold(held)
}

fn wait_where_held(url: &str, statement: &str) {
    let is_held = |held: &&Arc<Held>| url.ends_with(held.database.as_str()) && statement.starts_with(held.start);
    let Some(held) = HELD.lock().unwrap().iter().find(is_held).cloned() else { return };
    let mut waiting = held.waiting.lock().unwrap();
    if let Some(count) = waiting.as_mut() {
        *count += 1;
    }
    drop(held.opened.wait_while(waiting, |waiting| waiting.is_some()).unwrap());
}

thread_local! {
    /// The database that was opened last on this thread.
    static OPENED: RefCell<String> = const { RefCell::new(String::new()) };
}

struct Recorder {
    url: String,
}

impl Instrumentation for Recorder {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        match event {
            InstrumentationEvent::StartEstablishConnection { url, .. } => {
                url.clone_into(&mut self.url);
                OPENED.with_borrow_mut(|opened| url.clone_into(opened));
            }
            InstrumentationEvent::StartQuery { query, .. } => {
                let mut recorded = recorded();
                // What the server does by itself: it makes and tests connections, and looks for jobs.
                let statement = query.to_string();
                let its_own = ["SELECT 1", "PRAGMA busy_timeout", "SELECT \"jobs\"", "SELECT `jobs`"];
                if its_own.iter().any(|start| statement.starts_with(start)) {
                    return;
                }
                let found = recorded.iter_mut().flatten().find(|(name, _)| self.url.ends_with(name.as_str()));
                if let Some((_, statements)) = found {
                    *statements.entry(query.to_string()).or_default() += 1;
                }
                drop(recorded);
                wait_where_held(&self.url, &query.to_string());
            }
            _ => {}
        }
    }
}

fn recorded() -> MutexGuard<'static, Option<HashMap<String, BTreeMap<String, usize>>>> {
    RECORDED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Watches all connections that are opened after this.
pub fn begin() {
    set_default_instrumentation(|| Some(Box::new(Recorder { url: OPENED.with_borrow(Clone::clone) }))).unwrap();
}

/// The statements that work has run on a database, each once, with what was bound behind `-- binds:`.
pub fn statements(database_url: &str, work: impl FnOnce()) -> BTreeSet<String> {
    counted(database_url, work).into_keys().collect()
}

/// What the connections of a database know it by.
fn name_of(database_url: &str) -> String {
    match database_url.strip_prefix("sqlite:") {
        Some(path) => path.to_owned(),
        None => format!("/{}", database_url.rsplit('/').next().unwrap()),
    }
}

/// The same, with how often each was run.
pub fn counted(database_url: &str, work: impl FnOnce()) -> BTreeMap<String, usize> {
    let name = name_of(database_url);
    recorded().get_or_insert_default().insert(name.clone(), BTreeMap::new());
    work();
    recorded().as_mut().and_then(|all| all.remove(&name)).unwrap()
}
