//! The database is away: 503 with Retry-After, quickly, and work goes on by itself when it is back.

use std::{
    io::{Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    num::NonZeroU32,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use diesel::{Connection, PgConnection, SqliteConnection, connection::SimpleConnection};
use kartoteka::{
    http::{
        limits::{Rate, Rates},
        server::ServerSettings,
    },
    model::kinds::KindDescriptor,
    store::{Backend, Condition, ListQuery, Order, Store, StoreError},
};
use serde_json::json;

use crate::harness::{Answer, Database, PASSWORD, TestApp, cases, create, id, person};

cases![
    the_service_outlives_an_outage_of_its_database,
    a_spent_budget_is_refused_without_the_database,
    a_statement_that_takes_too_long_is_ended,
];

fn the_service_outlives_an_outage_of_its_database(app: &TestApp) {
    locked(app.backend);
    if app.backend == Backend::Postgres {
        cut_connection();
    }
}

#[track_caller]
fn is_unavailable(answer: Answer) {
    let answer = answer.expect_problem(503, "unavailable");
    assert!(answer.header("retry-after").parse::<u32>().unwrap() > 0);
}

/// Another program writes for long: nothing can be written, everything can be read.
fn locked(backend: Backend) {
    let database = Database::new(backend);
    let mut settings = TestApp::settings(&database.url);
    settings.store.statement_timeout = Duration::from_millis(300);
    let app = TestApp::start_with(backend, database, settings);
    let holder = Holder::hold(&app);
    is_unavailable(app.editor.post("/v1/people", &person("A", "B")));
    app.anyone.get("/v1/people").expect(200);
    app.anyone.get("/health/ready").expect(200);
    drop(holder);
    app.editor.post("/v1/people", &person("A", "B")).expect(202);
}

/// The writing transaction of another program, until it is dropped.
#[allow(dead_code, reason = "the connection holds the lock")]
pub enum Holder {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Holder {
    pub fn hold(app: &TestApp) -> Self {
        match app.backend {
            Backend::Sqlite => {
                let path = app.database.url.strip_prefix("sqlite:").unwrap();
                let mut other = SqliteConnection::establish(path).unwrap();
                other.batch_execute("PRAGMA busy_timeout = 5000; BEGIN IMMEDIATE").unwrap();
                Self::Sqlite(other)
            }
            Backend::Postgres => {
                let mut other = PgConnection::establish(&app.database.url).unwrap();
                other.batch_execute("BEGIN; SELECT id FROM writer FOR UPDATE").unwrap();
                Self::Postgres(other)
            }
        }
    }
}

fn a_statement_that_takes_too_long_is_ended(app: &TestApp) {
    for round in 0..3 {
        let people = (0..100).map(|n| create("person", &id(), &person(&format!("{round}-{n}"), "A")));
        app.publish(json!(people.collect::<Vec<_>>()));
    }
    let mut settings = TestApp::settings(&app.database.url).store;
    settings.statement_timeout = Duration::from_millis(40);
    let store = Store::open(&settings).unwrap();
    let count = |conditions: usize| {
        let none = |n: usize| Condition::Not(Box::new(Condition::HasFact { name: format!("n{n}") }));
        let conditions = (0..conditions).map(none).collect();
        let kind = KindDescriptor::by_name("person").unwrap();
        let (order, descending, after, limit, with_bodies) = (Order::Ref, false, None, 0, false);
        let query = ListQuery { kind, conditions, order, descending, after, limit, with_bodies };
        store.read::<_, StoreError>(|tx| tx.count(&query, 1_000))
    };
    assert_eq!(count(2).unwrap(), 300);
    // 300 entries with 450 tests each.
    let began = Instant::now();
    assert!(matches!(count(450), Err(StoreError::Unavailable(_))), "{:?} in {:?}", count(450), began.elapsed());
    // The connection is as good as before.
    assert_eq!(count(2).unwrap(), 300);
}

/// A service whose wire to PostgreSQL can be cut.
fn behind_a_proxy(change: impl FnOnce(&mut ServerSettings)) -> (TestApp, Proxy) {
    let database = Database::new(Backend::Postgres);
    let (server, name) = database.url.rsplit_once('/').unwrap();
    let target =
        server.rsplit_once('@').map_or_else(|| server.rsplit_once("//").unwrap().1, |(_, host)| host).to_owned();
    let proxy = Proxy::start(target.clone());
    let url = format!("{}/{name}", server.replace(&target, &proxy.address));
    let mut settings = TestApp::settings(&url);
    settings.store.checkout_timeout = Duration::from_millis(500);
    settings.queue_timeout = Duration::from_millis(500);
    change(&mut settings);
    (TestApp::start_with(Backend::Postgres, database, settings), proxy)
}

fn a_spent_budget_is_refused_without_the_database(app: &TestApp) {
    // Nothing keeps SQLite from being read.
    if app.backend == Backend::Sqlite {
        return;
    }
    let few = Rate { anonymous: NonZeroU32::MIN, account: NonZeroU32::MIN };
    let ample = Rate { anonymous: NonZeroU32::MAX, account: NonZeroU32::MAX };
    let rates = Rates { read: few, search: few, export: few, write: ample, auth: ample, session: ample };
    let (app, proxy) = behind_a_proxy(|s| s.transport.rates = Some(rates));
    let new = json!({"name": "desk", "scopes": ["read"], "password": PASSWORD});
    let key = app.editor.post("/v1/me/api-keys", &new).expect(201).json()["key"].as_str().unwrap().to_owned();
    let by_key = app.anyone.bearer(&key);
    // A key is counted by address until it has been looked up.
    by_key.get("/v1/people").expect(200);
    by_key.get("/v1/people").expect(200);
    app.moderator.get("/v1/people").expect(200);
    proxy.cut();
    let made_up = key.replace("krt_", "krt_x");
    for refused in [&by_key, &app.editor, &app.moderator, &app.anyone, &app.anyone.bearer(&made_up)] {
        refused.get("/v1/people").expect_problem(429, "rate_limited");
    }
    is_unavailable(app.admin.get("/v1/people"));
}

/// The network between the service and PostgreSQL is cut and mended.
fn cut_connection() {
    let (app, proxy) = behind_a_proxy(|_| {});
    app.anyone.get("/health/ready").expect(200);
    proxy.cut();
    let begun = Instant::now();
    is_unavailable(app.anyone.get("/v1/people"));
    is_unavailable(app.anyone.get("/health/ready"));
    is_unavailable(app.editor.post("/v1/people", &person("A", "B")));
    assert!(begun.elapsed() < Duration::from_secs(15), "it never hangs: {:?}", begun.elapsed());
    app.anyone.get("/health/live").expect(200);
    app.anyone.get("/openapi.json").expect(200);
    proxy.mend();
    let is_back = |_| {
        std::thread::sleep(Duration::from_millis(200));
        app.anyone.get("/health/ready").status == 200 && app.anyone.get("/v1/people").status == 200
    };
    assert!((0..100).any(is_back), "it comes back by itself");
    app.editor.post("/v1/people", &person("A", "B")).expect(202);
}

/// A wire that can be cut.
struct Proxy {
    address: String,
    is_cut: Arc<AtomicBool>,
    wires: Arc<Mutex<Vec<TcpStream>>>,
}

impl Proxy {
    fn start(target: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let is_cut = Arc::new(AtomicBool::new(false));
        let wires: Arc<Mutex<Vec<TcpStream>>> = Arc::default();
        let (cut, all) = (is_cut.clone(), wires.clone());
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if cut.load(Ordering::SeqCst) {
                    continue;
                }
                let Ok(server) = TcpStream::connect(&target) else { continue };
                all.lock().unwrap().extend([client.try_clone().unwrap(), server.try_clone().unwrap()]);
                let back = (server.try_clone().unwrap(), client.try_clone().unwrap());
                std::thread::spawn(move || pump(client, server));
                std::thread::spawn(move || pump(back.0, back.1));
            }
        });
        Self { address, is_cut, wires }
    }

    fn cut(&self) {
        self.is_cut.store(true, Ordering::SeqCst);
        for wire in self.wires.lock().unwrap().drain(..) {
            let _ = wire.shutdown(Shutdown::Both);
        }
    }

    fn mend(&self) {
        self.is_cut.store(false, Ordering::SeqCst);
    }
}

fn pump(mut from: TcpStream, mut to: TcpStream) {
    let mut buffer = [0; 16 * 1024];
    while let Ok(n) = from.read(&mut buffer) {
        if n == 0 || to.write_all(&buffer[..n]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
}
