//! The statements that a server under test runs.

use std::{
    cell::RefCell,
    collections::{BTreeSet, HashMap},
    sync::{Mutex, MutexGuard, PoisonError},
};

use diesel::connection::{Instrumentation, InstrumentationEvent, set_default_instrumentation};

/// What was run on the databases that are recorded, by their addresses.
static RECORDED: Mutex<Option<HashMap<String, BTreeSet<String>>>> = Mutex::new(None);

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
                let found = recorded.iter_mut().flatten().find(|(name, _)| self.url.ends_with(name.as_str()));
                if let Some((_, statements)) = found {
                    statements.insert(query.to_string());
                }
            }
            _ => {}
        }
    }
}

fn recorded() -> MutexGuard<'static, Option<HashMap<String, BTreeSet<String>>>> {
    RECORDED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Watches all connections that are opened after this.
pub fn begin() {
    set_default_instrumentation(|| Some(Box::new(Recorder { url: OPENED.with_borrow(Clone::clone) }))).unwrap();
}

/// The statements that work has run on a database, each once, with what was bound behind `-- binds:`.
pub fn statements(database_url: &str, work: impl FnOnce()) -> BTreeSet<String> {
    let name = match database_url.strip_prefix("sqlite:") {
        Some(path) => path.to_owned(),
        None => format!("/{}", database_url.rsplit('/').next().unwrap()),
    };
    recorded().get_or_insert_default().insert(name.clone(), BTreeSet::new());
    work();
    recorded().as_mut().and_then(|all| all.remove(&name)).unwrap()
}
