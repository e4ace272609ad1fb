//! Whether the archive can be written to is found out by writing, and told in plain words.

use std::{
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use diesel::{Connection, PgConnection, SqliteConnection, connection::SimpleConnection};
use kartoteka::store::{Backend, StoreError};
use serde_json::json;

use crate::{
    harness::{Caller, Database, Instance, PASSWORD, TestApp, cases, person, postgres_url},
    outage::Holder,
    program::{Served, command, create_user},
    storage::lines,
};

cases![
    an_archive_that_takes_no_writes_goes_on_reading,
    a_disk_that_takes_no_more_is_told,
    a_long_write_is_no_obstacle,
    probes_cost_little_however_many_ask,
];

fn sqlite_path(database: &Database) -> &str {
    database.url.strip_prefix("sqlite:").unwrap()
}

/// Makes the database itself refuse all writes, or take them again, whoever sends them.
fn set_read_only(app: &TestApp, is_read_only: bool) {
    match app.backend {
        // The format of the file says by which version it may be written: a later one than this SQLite is only read.
        Backend::Sqlite => {
            let path = sqlite_path(&app.database);
            let mut conn = SqliteConnection::establish(path).unwrap();
            conn.batch_execute("PRAGMA busy_timeout = 5000; PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
            drop(conn);
            // By another process: closing the file in this one would take away the locks of the server.
            let write =
                format!("printf '\\00{}' | dd of=\"$0\" bs=1 seek=18 conv=notrunc", if is_read_only { 3 } else { 2 });
            let done = Command::new("sh").args(["-c", &write, path]).stderr(Stdio::null()).status().unwrap();
            assert!(done.success());
        }
        // As on a standby, for all connections that are made from now on.
        Backend::Postgres => {
            let name = app.database.url.rsplit_once('/').unwrap().1;
            let mut admin = PgConnection::establish(&postgres_url().unwrap()).unwrap();
            let how = if is_read_only { "SET default_transaction_read_only = on" } else { "RESET ALL" };
            admin.batch_execute(&format!("ALTER DATABASE {name} {how}")).unwrap();
            let end = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'");
            admin.batch_execute(&end).unwrap();
        }
    }
}

/// Waits until the archive knows whether it can be written to.
#[track_caller]
fn wait_until_writable_is(caller: &Caller, writable: bool) -> serde_json::Value {
    for _ in 0..100 {
        let ready = caller.get("/health/ready").expect(200).json();
        if ready["writable"] == writable {
            return ready;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("writable never became {writable}");
}

fn an_archive_that_takes_no_writes_goes_on_reading(app: &TestApp) {
    let ready = app.anyone.get("/health/ready").expect(200).json();
    assert_eq!((&ready["status"], &ready["writable"], ready.get("reason")), (&json!("ok"), &json!(true), None));
    assert_eq!(app.anyone.get("/health/writable").expect(200).json(), ready);
    let reason = match app.backend {
        Backend::Sqlite => "The database file is read-only.",
        Backend::Postgres => {
            "The database server is read-only: it is a standby, or default_transaction_read_only is on."
        }
    };
    set_read_only(app, true);
    let ready = wait_until_writable_is(&app.anyone, false);
    assert_eq!((&ready["status"], &ready["reason"]), (&json!("ok"), &json!(reason)));
    let refused = app.anyone.get("/health/writable").expect_problem(503, "unavailable");
    assert_eq!(refused.json()["detail"], reason);
    // Reading goes on, and a write is told why it fails.
    app.anyone.get("/v1/people").expect(200);
    app.editor.get("/v1/me").expect(200);
    let retry = app.editor.with("Idempotency-Key", "once");
    let refused = retry.post("/v1/people", &person("A", "B")).expect_problem(503, "unavailable");
    assert_eq!(refused.json()["detail"], reason);
    // The refusal is not remembered. A server of PostgreSQL is noticed at once; SQLite looks at the format of a file only
    // when it opens it, so there the archive is started again.
    set_read_only(app, false);
    let again = (app.backend == Backend::Sqlite).then(|| Instance::start(TestApp::settings(&app.database.url)));
    let anyone = again.as_ref().map_or(&app.anyone, |instance| &instance.anyone);
    wait_until_writable_is(anyone, true);
    anyone.get("/health/writable").expect(200);
    let retry = anyone.sign_in("editor", PASSWORD).with("Idempotency-Key", "once");
    retry.post("/v1/people", &person("A", "B")).expect(202);
}

/// The system refuses to let the files of the server grow, as a full disk does.
fn a_disk_that_takes_no_more_is_told(app: &TestApp) {
    if app.backend == Backend::Postgres {
        return;
    }
    let database = Database::new(Backend::Sqlite);
    create_user(&database, "editor", "editor", PASSWORD);
    let program = command(&[]);
    let mut shell = Command::new("sh");
    // 8192 blocks are 4 MiB.
    shell.args(["-c", "trap '' XFSZ; ulimit -f 8192; exec \"$0\" \"$@\""]).arg(program.get_program());
    shell.args(["serve", "--listen", "127.0.0.1:0", "--database-url", &database.url]).env_clear();
    shell.envs(program.get_envs().filter_map(|(name, value)| Some((name, value?)))).env("KARTOTEKA_LOG", "info");
    let served = Served::start(&mut shell);
    let editor = served.caller.sign_in("editor", PASSWORD);
    editor.post("/v1/people", &person("A", "B")).expect(202);
    wait_until_writable_is(&served.caller, true);
    // Somebody reads, so that the log of writes is kept, and somebody writes, so that it is as long as it may be.
    let mut reader = SqliteConnection::establish(sqlite_path(&database)).unwrap();
    reader.batch_execute("BEGIN; SELECT count(*) FROM users").unwrap();
    let mut writer = SqliteConnection::establish(sqlite_path(&database)).unwrap();
    let fill = "PRAGMA busy_timeout = 5000; CREATE TABLE filling (a); INSERT INTO filling VALUES (zeroblob(6000000))";
    writer.batch_execute(fill).unwrap();
    let ready = wait_until_writable_is(&served.caller, false);
    assert_eq!(ready["reason"], "The disk of the database reports an error.");
    served.caller.get("/health/writable").expect_problem(503, "unavailable");
    served.caller.get("/v1/people").expect(200);
    editor.post("/v1/people", &person("A", "B")).expect_problem(503, "unavailable");
}

fn a_long_write_is_no_obstacle(app: &TestApp) {
    // Longer than an outcome is remembered, so that it has to be found out meanwhile.
    let stays_well = || {
        let until = Instant::now() + Duration::from_millis(2_500);
        while Instant::now() < until {
            assert_eq!(app.anyone.get("/health/ready").expect(200).json()["writable"], true);
            app.anyone.get("/health/writable").expect(200);
            std::thread::sleep(Duration::from_millis(100));
        }
    };
    let holder = Holder::hold(app);
    stays_well();
    drop(holder);
    let written: Result<(), StoreError> = app.archive.store.write(|_| {
        stays_well();
        Ok(())
    });
    written.unwrap();
}

fn probes_cost_little_however_many_ask(app: &TestApp) {
    let made = || lines(app, "SELECT CAST(probes AS TEXT) AS line FROM writability")[0].parse::<u64>().unwrap();
    let (before, began) = (made(), Instant::now());
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for path in ["/health/ready", "/health/writable"].repeat(10) {
                    app.anyone.get(path).expect(200);
                }
            });
        }
    });
    // One in two seconds, and one more at the beginning.
    let most = 1 + began.elapsed().as_secs() / 2;
    let probes = made() - before;
    assert!((1..=most).contains(&probes), "{probes} probes in {:?}", began.elapsed());
}
