//! What a failure of the database means: what passes by itself is told by its kind, never by words that a message quotes.

use diesel::{Connection, PgConnection, SqliteConnection, connection::SimpleConnection};
use kartoteka::store::{Backend, Obstacle, Store, StoreError};

use crate::{
    harness::{Database, TestApp, cases, create, id, person, postgres_url},
    storage::execute,
};

cases![words_inside_a_message_decide_nothing, failures_that_pass_are_known, an_ordinary_role_of_postgresql_is_enough,];

/// Whole messages and parts of messages of failures that pass.
const WORDS: &[&str] = &[
    "database is locked",
    "database table is locked",
    "database or disk is full",
    "disk I/O error",
    "unable to open database file",
    "attempt to write a readonly database",
    "out of memory",
    "interrupted",
    "canceling statement due to statement timeout",
    "canceling statement due to lock timeout",
    "deadlock detected",
    "terminating connection due to administrator command",
    "could not extend file",
    "the database system is starting up",
    "connection",
];

fn words_inside_a_message_decide_nothing(app: &TestApp) {
    for word in WORDS {
        // Messages that quote what was sent, and violations of constraints that name it.
        let quoting: &[String] = match app.backend {
            Backend::Sqlite => &[
                format!("SELECT * FROM \"{word}\""),
                format!("CREATE TEMP TABLE t (a TEXT, CONSTRAINT \"{word}\" CHECK (false)); INSERT INTO t VALUES (1)"),
                format!("CREATE TEMP TABLE t (\"{word}\" TEXT UNIQUE); INSERT INTO t VALUES (1), (1)"),
            ],
            Backend::Postgres => &[
                format!("SELECT * FROM \"{word}\""),
                format!("SELECT CAST('{word}' AS BIGINT)"),
                format!(
                    "CREATE TEMP TABLE t (a BIGINT, CONSTRAINT \"{word}\" CHECK (false)); INSERT INTO t VALUES (1)"
                ),
            ],
        };
        for sql in quoting {
            let error = StoreError::from(execute(app, sql).unwrap_err());
            assert!(error.to_string().contains(word), "{sql}: {error}");
            assert!(matches!(error, StoreError::Database(_)), "{sql}: {error:?}");
        }
    }
}

fn failures_that_pass_are_known(app: &TestApp) {
    match app.backend {
        Backend::Sqlite => of_sqlite(app.database.url.strip_prefix("sqlite:").unwrap()),
        Backend::Postgres => of_postgres(app),
    }
}

fn of_sqlite(path: &str) {
    let open = || SqliteConnection::establish(path).unwrap();
    let fails = |conn: &mut SqliteConnection, sql: &str| StoreError::from(conn.batch_execute(sql).unwrap_err());
    let mut holder = open();
    holder.batch_execute("BEGIN IMMEDIATE").unwrap();
    assert!(matches!(fails(&mut open(), "BEGIN IMMEDIATE"), StoreError::Locked(_)));
    holder.batch_execute("ROLLBACK").unwrap();
    let mut full = open();
    full.batch_execute("PRAGMA max_page_count = 1; CREATE TEMP TABLE t (a)").unwrap();
    let error = fails(&mut full, "CREATE TABLE larger (a); INSERT INTO larger VALUES (zeroblob(10000000))");
    assert!(matches!(error, StoreError::NotWritable(Obstacle::DiskFull)), "{error:?}");
    let mut reader = open();
    reader.batch_execute("PRAGMA query_only = ON").unwrap();
    let error = fails(&mut reader, "DELETE FROM links");
    assert!(matches!(error, StoreError::NotWritable(Obstacle::FileReadOnly)), "{error:?}");
    let folder = tempfile::tempdir().unwrap();
    let other = folder.path().join("other.db");
    std::fs::write(&other, "This is no database. ".repeat(100)).unwrap();
    let error = fails(&mut SqliteConnection::establish(other.to_str().unwrap()).unwrap(), "CREATE TABLE t (a)");
    assert!(matches!(error, StoreError::Corrupt(_)), "{error:?}");
}

fn of_postgres(app: &TestApp) {
    let open = || PgConnection::establish(&app.database.url).unwrap();
    let fails = |conn: &mut PgConnection, sql: &str| StoreError::from(conn.batch_execute(sql).unwrap_err());
    let mut hurried = open();
    hurried.batch_execute("SET statement_timeout = 20").unwrap();
    let error = fails(&mut hurried, "SELECT pg_sleep(20)");
    assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
    let mut holder = open();
    holder.batch_execute("SELECT pg_advisory_lock(1)").unwrap();
    hurried.batch_execute("SET statement_timeout = 0; SET lock_timeout = 20").unwrap();
    let error = fails(&mut hurried, "SELECT pg_advisory_lock(1)");
    assert!(matches!(error, StoreError::Locked(_)), "{error:?}");
    // Two that wait for each other: one of them is ended.
    let mut other = open();
    other.batch_execute("SELECT pg_advisory_lock(2)").unwrap();
    let waiting = std::thread::spawn(move || holder.batch_execute("SELECT pg_advisory_lock(2)"));
    let crossed = other.batch_execute("SELECT pg_advisory_lock(1)");
    drop(other);
    let crossed = [crossed, waiting.join().unwrap()].into_iter().filter_map(Result::err).map(StoreError::from);
    let crossed: Vec<StoreError> = crossed.collect();
    assert!(matches!(crossed.as_slice(), [StoreError::Locked(_)]), "{crossed:?}");
    let mut reader = open();
    reader.batch_execute("SET default_transaction_read_only = on").unwrap();
    let error = fails(&mut reader, "DELETE FROM links");
    assert!(matches!(error, StoreError::NotWritable(Obstacle::ServerReadOnly)), "{error:?}");
    // Somebody cancels a statement.
    let mut victim = open();
    let cancel = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(77)' \
                  AND datname = current_database()";
    let mut admin = open();
    let canceller = std::thread::spawn(move || {
        std::thread::sleep(std::time::Duration::from_millis(200));
        admin.batch_execute(cancel).unwrap();
    });
    let error = fails(&mut victim, "SELECT pg_sleep(77)");
    canceller.join().unwrap();
    assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
    // The server ends all connections in the middle of a transaction; new ones are made.
    let failed = app.archive.store.write(|tx| -> Result<(), StoreError> {
        let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                   WHERE datname = current_database() AND application_name = 'kartoteka'";
        open().batch_execute(end).unwrap();
        loop {
            tx.last_seq()?;
        }
    });
    assert!(matches!(failed, Err(StoreError::Lost(_))), "{failed:?}");
    let seq: Result<i64, StoreError> = app.archive.store.read(|tx| tx.last_seq());
    seq.unwrap();
}

/// A role that may do no more than use its own database.
struct Role {
    name: String,
    database: Option<Database>,
}

impl Drop for Role {
    fn drop(&mut self) {
        drop(self.database.take());
        let _ = PgConnection::establish(&postgres_url().unwrap())
            .map(|mut c| c.batch_execute(&format!("DROP ROLE {}", self.name)));
    }
}

fn an_ordinary_role_of_postgresql_is_enough(app: &TestApp) {
    if app.backend == Backend::Sqlite {
        return;
    }
    let database = Database::new(Backend::Postgres);
    let role = Role { name: format!("kartoteka_test_{}_role", std::process::id()), database: Some(database) };
    let url = role.database.as_ref().unwrap().url.clone();
    let mut admin = PgConnection::establish(&url).unwrap();
    admin
        .batch_execute(&format!(
            "CREATE ROLE {0} LOGIN PASSWORD 'ordinary'; DROP SCHEMA public CASCADE; CREATE SCHEMA public AUTHORIZATION {0}",
            role.name
        ))
        .unwrap();
    let (_, server) = url.rsplit_once('@').unwrap();
    let settings = TestApp::settings(&format!("postgres://{}:ordinary@{server}", role.name));
    let store = Store::open(&settings.store).unwrap();
    let seq: Result<i64, StoreError> = store.write(|tx| tx.last_seq());
    assert_eq!(seq.unwrap(), 0);
    drop((store, admin));
    app.publish(serde_json::json!([create("person", &id(), &person("A", "B"))]));
}
