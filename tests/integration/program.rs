//! The program itself: its commands, its settings, and what is left after `kill -9`.

use std::{
    fs::File,
    io::{BufRead, BufReader, Read, Seek, SeekFrom, Write},
    process::{Child, Command, Output, Stdio},
};

use kartoteka::store::{SessionRow, Store};
use serde_json::{Value, json};

use crate::harness::{Caller, Database, TestApp, cases, create, id, person, watch};

cases![
    an_operator_makes_accounts_and_serves,
    acknowledged_writes_survive_a_kill,
    the_demo_starts_with_fresh_credentials,
    settings_come_from_flag_environment_and_file,
    the_transport_is_set_by_options,
    sessions_last_as_the_options_say,
    log_lines_name_the_account,
    the_server_deletes_what_is_over_for_long,
];

pub const PASSWORD: &str = "a password for tests";

pub fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kartoteka"));
    command.args(args).env_clear().env("KARTOTEKA_ARGON2_MEMORY_KIB", "64").env("KARTOTEKA_ARGON2_PASSES", "1");
    // At its most talkative: what it says is looked through for secrets.
    command.env("KARTOTEKA_LOG", "trace");
    command
}

pub fn create_user(database: &Database, name: &str, role: &str, password: &str) -> Output {
    let args = ["user", "create", name, "--role", role, "--password-stdin", "--database-url", &database.url];
    let mut child = command(&args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(format!("{password}\n").as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    watch::program(&output.stdout);
    watch::program(&output.stderr);
    output
}

/// A server in a process of its own.
pub struct Served {
    pub child: Child,
    address: String,
    pub caller: Caller,
    said: Vec<String>,
    log: File,
}

impl Served {
    pub fn start(command: &mut Command) -> Self {
        let log = tempfile::tempfile().unwrap();
        let mut child = command.stdout(Stdio::piped()).stderr(log.try_clone().unwrap()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let first = lines.next().expect("the server says where it listens").unwrap();
        let address = first.rsplit(' ').next().unwrap().to_owned();
        let caller = Caller::new(&address);
        let is_ready = |_| {
            std::thread::sleep(std::time::Duration::from_millis(50));
            caller.try_send("GET", "/health/ready", None).is_ok_and(|a| a.status == 200)
        };
        assert!((0..400).any(is_ready), "{first}");
        // The rest is printed before the server answers.
        let said = lines.map_while(Result::ok).take(4).collect();
        Self { child, address, caller, said, log }
    }

    pub fn over(database: &Database) -> Self {
        Self::start(&mut command(&["serve", "--listen", "127.0.0.1:0", "--database-url", &database.url]))
    }
}

impl Served {
    /// Ends the server; what it has logged.
    pub fn stop(&mut self) -> String {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let mut log = String::new();
        self.log.seek(SeekFrom::Start(0)).and_then(|_| self.log.read_to_string(&mut log)).unwrap();
        log
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let log = self.stop();
        assert!(std::thread::panicking() || log.lines().count() > 3, "{log}");
        watch::program(log.as_bytes());
    }
}

fn an_operator_makes_accounts_and_serves(app: &TestApp) {
    let database = Database::new(app.backend);
    let made = create_user(&database, "anna", "editor", PASSWORD);
    assert_eq!(String::from_utf8(made.stdout).unwrap(), "created anna (editor)\n");
    let again = create_user(&database, "anna", "editor", PASSWORD);
    assert!(!again.status.success());
    assert!(String::from_utf8(again.stderr).unwrap().contains("There is an account anna already."));
    assert!(!create_user(&database, "boris", "editor", "short").status.success());
    assert!(!create_user(&database, "boris", "tsar", PASSWORD).status.success());
    let served = Served::over(&database);
    let me = served.caller.sign_in("anna", PASSWORD).get("/v1/me").expect(200).json();
    assert_eq!(me["username"], "anna");
    let address = served.address.trim_start_matches("http://");
    let healthy = watch::output(&mut command(&["health", "--listen", address]));
    assert_eq!(String::from_utf8(healthy.stdout).unwrap(), "ready\n");
    assert!(!watch::output(&mut command(&["health", "--listen", "127.0.0.1:1"])).status.success());
    let reindexed = watch::output(&mut command(&["reindex", "--database-url", &database.url]));
    assert_eq!(String::from_utf8(reindexed.stdout).unwrap(), "reindexed 0 entries\n");
    let migrated = watch::output(&mut command(&["migrate", "--database-url", &database.url]));
    assert_eq!(String::from_utf8(migrated.stdout).unwrap(), "the tables are up to date\n");
    let printed = watch::output(&mut command(&["openapi"]));
    assert_eq!(served.caller.get("/openapi.json").expect(200).text.into_bytes(), printed.stdout);
}

fn acknowledged_writes_survive_a_kill(app: &TestApp) {
    let database = Database::new(app.backend);
    create_user(&database, "editor", "editor", PASSWORD);
    create_user(&database, "moderator", "moderator", PASSWORD);
    let mut acknowledged: Vec<String> = Vec::new();
    for round in 0..3 {
        let mut served = Served::over(&database);
        let (editor, moderator) =
            (served.caller.sign_in("editor", PASSWORD), served.caller.sign_in("moderator", PASSWORD));
        for entry in &acknowledged {
            served.caller.get(&format!("/v1/people/{entry}")).expect(200);
        }
        let child = &mut served.child;
        let done = std::thread::scope(|scope| {
            let writer = scope.spawn(|| {
                let mut done = Vec::new();
                loop {
                    let entry = id();
                    let body = json!({"summary": "x", "changes": [create("person", &entry, &person("A", &format!("B{entry}")))]});
                    let sent = editor.with("Content-Type", "application/json");
                    let Ok(made) = sent.try_send("POST", "/v1/submissions", Some(body.to_string().into_bytes())) else {
                        break;
                    };
                    let path = format!("/v1/submissions/{}/approve", made.expect(201).json()["id"].as_str().unwrap());
                    let Ok(accepted) = moderator.with("If-Match", "\"v1\"").try_send("POST", &path, None) else {
                        break;
                    };
                    accepted.expect(200);
                    done.push(entry);
                }
                done
            });
            std::thread::sleep(std::time::Duration::from_millis(300 + 150 * round));
            // SIGKILL: nothing can be tidied up.
            child.kill().unwrap();
            writer.join().unwrap()
        });
        acknowledged.extend(done);
    }
    let served = Served::over(&database);
    assert!(!acknowledged.is_empty());
    for entry in &acknowledged {
        served.caller.get(&format!("/v1/people/{entry}")).expect(200);
    }
    let mut after = 0;
    let mut seqs: Vec<i64> = Vec::new();
    loop {
        let page = served.caller.get(&format!("/v1/changes?after={after}&limit=200")).expect(200).json();
        seqs.extend(page["items"].as_array().unwrap().iter().map(|e| e["seq"].as_i64().unwrap()));
        match page["next"].as_str() {
            Some(next) => after = next.parse().unwrap(),
            None => break,
        }
    }
    // What was under way when the process died is there as a whole or not at all; the feed has no gap.
    assert_eq!(seqs, (1..=i64::try_from(seqs.len()).unwrap()).collect::<Vec<_>>());
    assert!(seqs.len() >= acknowledged.len() && seqs.len() <= acknowledged.len() + 3);
}

fn the_demo_starts_with_fresh_credentials(app: &TestApp) {
    let database = Database::new(app.backend);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("demo.json");
    let start = || {
        let path = file.to_str().unwrap();
        let args =
            ["serve", "--demo", "--listen", "127.0.0.1:0", "--demo-credentials", path, "--database-url", &database.url];
        let served = Served::start(&mut command(&args));
        let credentials: Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
        (served, credentials)
    };
    let (served, first) = start();
    assert!(served.said.iter().any(|line| line.contains("/docs/")));
    let accounts = first["accounts"].as_array().unwrap();
    let roles: Vec<_> = accounts.iter().map(|a| a["role"].as_str().unwrap()).collect();
    assert_eq!(roles, ["editor", "editor", "moderator", "admin"]);
    for account in accounts {
        served.caller.sign_in(account["username"].as_str().unwrap(), account["password"].as_str().unwrap());
    }
    assert!(served.caller.get("/v1/people").expect(200).json()["total"]["value"].as_i64().unwrap() >= 80);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }
    drop(served);
    let (served, second) = start();
    assert_ne!(first, second, "passwords are made for each start");
    let body = json!({"username": "editor", "password": first["accounts"][0]["password"]});
    served.caller.post("/v1/auth/login", &body).expect(401);
    drop(served);
    // An archive of somebody else's is never mixed with the demo.
    app.publish(json!([create("person", &id(), &person("A", "B"))]));
    let args = ["serve", "--demo", "--listen", "127.0.0.1:0", "--database-url", &app.database.url];
    let refused = watch::output(&mut command(&args));
    assert!(!refused.status.success());
    assert!(String::from_utf8(refused.stderr).unwrap().contains("empty archive"));
}

fn settings_come_from_flag_environment_and_file(app: &TestApp) {
    let database = Database::new(app.backend);
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("kartoteka.toml");
    let secret = folder.path().join("url.txt");
    std::fs::write(&secret, format!("{}\n", database.url)).unwrap();
    let text =
        format!("listen = \"127.0.0.1:1\"\ndatabase_url_file = {:?}\nmax_changes = 1\n", secret.to_str().unwrap());
    std::fs::write(&config, text).unwrap();
    create_user(&database, "editor", "editor", PASSWORD);
    // Port 1 of the file would fail; the environment counts before the file.
    let served =
        Served::start(command(&["serve"]).env("KARTOTEKA_CONFIG", &config).env("KARTOTEKA_LISTEN", "127.0.0.1:0"));
    let editor = served.caller.sign_in("editor", PASSWORD);
    let changes = json!([create("person", &id(), &person("A", "B")), create("person", &id(), &person("C", "D"))]);
    editor
        .post("/v1/submissions", &json!({"summary": "x", "changes": changes}))
        .expect(422)
        .expect_faults(&[("/changes", "too_many")]);
    std::fs::write(&config, "lisen = 1\n").unwrap();
    let refused = watch::output(command(&["serve"]).env("KARTOTEKA_CONFIG", &config));
    assert!(String::from_utf8(refused.stderr).unwrap().contains("there is no option lisen"));
    for url in ["postgre://x", "nothing.db"] {
        let refused = watch::output(&mut command(&["serve", "--database-url", url]));
        assert!(String::from_utf8(refused.stderr).unwrap().contains("the database URL begins with"), "{url}");
    }
}

fn the_transport_is_set_by_options(app: &TestApp) {
    let database = Database::new(app.backend);
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("kartoteka.toml");
    std::fs::write(&config, "trusted_proxies = \"10.0.0.0/8, 127.0.0.1\"\nrate_read = \"2/5\"\n").unwrap();
    let args = ["serve", "--listen", "127.0.0.1:0", "--database-url", &database.url];
    let served = Served::start(command(&args).env("KARTOTEKA_CONFIG", &config).env("KARTOTEKA_HSTS_MAX_AGE", "60"));
    let client = served.caller.with("X-Forwarded-For", "9.9.9.9");
    for _ in 0..2 {
        let answer = client.get("/v1/people").expect(200);
        assert_eq!(answer.header("ratelimit-policy"), "\"read\";q=2;w=60");
        assert_eq!(answer.header("strict-transport-security"), "max-age=60");
    }
    client.get("/v1/people").expect_problem(429, "rate_limited");
    drop(served);
    let free = Served::start(command(&args).env("KARTOTEKA_RATE_LIMITS", "off"));
    assert!(free.caller.get("/v1/people").expect(200).headers.get("ratelimit").is_none());
    // The throttle of sign-ins cannot be switched off.
    let wrong = json!({"username": "nobody", "password": "wrong"});
    (0..5).for_each(|_| drop(free.caller.post("/v1/auth/login", &wrong).expect(401)));
    free.caller.post("/v1/auth/login", &wrong).expect_problem(429, "too_many_attempts");
    for (option, value) in [("--trusted-proxies", "everybody"), ("--cors-origins", "*"), ("--rate-read", "0")] {
        let refused = watch::output(command(&args).args([option, value]));
        assert!(!refused.status.success() && String::from_utf8(refused.stderr).unwrap().contains(option));
    }
}

fn sessions_last_as_the_options_say(app: &TestApp) {
    let database = Database::new(app.backend);
    create_user(&database, "anna", "editor", PASSWORD);
    let serve = |options: &[&str]| {
        let mut args = vec!["serve", "--listen", "127.0.0.1:0", "--database-url", &database.url];
        args.extend(options);
        command(&args)
    };
    let served = Served::start(&mut serve(&["--session-hours", "12", "--session-idle-minutes", "30"]));
    let caller = served.caller.sign_in("anna", PASSWORD);
    let opened = caller.get("/v1/me/sessions").expect(200).json()["items"][0].clone();
    let time = |field: &str| kartoteka::model::time::from_rfc3339(opened[field].as_str().unwrap()).unwrap();
    assert_eq!(time("expires_at") - time("created_at"), 12 * 3600 * 1_000_000);
    // Half an hour ago, as far as the archive knows.
    let store = Store::open(&TestApp::settings(&database.url).store).unwrap();
    let row = |last_used_at: i64| {
        let (session, _) = store.read(|tx| tx.session(opened["id"].as_str().unwrap())).unwrap().unwrap();
        let id = uuid::Uuid::now_v7().to_string();
        store.write(|tx| tx.insert_session(&SessionRow { id, last_used_at, ..session })).unwrap();
    };
    row(time("created_at") - 31 * 60 * 1_000_000);
    row(time("created_at") - 28 * 60 * 1_000_000);
    assert_eq!(caller.get("/v1/me/sessions").expect(200).json()["total"]["value"], 2);
    let refused = serve(&["--session-idle-minutes", "15"]).output().unwrap();
    assert!(String::from_utf8(refused.stderr).unwrap().contains("--session-idle-minutes"));
    assert!(!serve(&["--session-hours", "0"]).output().unwrap().status.success());
}

fn the_server_deletes_what_is_over_for_long(app: &TestApp) {
    let database = Database::new(app.backend);
    create_user(&database, "anna", "editor", PASSWORD);
    let store = Store::open(&TestApp::settings(&database.url).store).unwrap();
    let user_id = store.read(|tx| tx.user_by_name("anna")).unwrap().unwrap().id;
    let session = |id: &str, ended: i64| SessionRow {
        id: id.into(),
        user_id: user_id.clone(),
        created_at: 1,
        expires_at: i64::MAX,
        ended_at: Some(ended),
        last_used_at: i64::MAX,
        address: Some("192.0.2.7".into()),
        user_agent: None,
    };
    let ago = |days: i64| app.archive.now() - days * 24 * 3600 * 1_000_000;
    let rows = [session("old", ago(8)), session("recent", ago(6))];
    store.write(|tx| rows.iter().try_for_each(|row| tx.insert_session(row))).unwrap();
    let is_there = |id: &str| store.read(|tx| tx.session(id)).unwrap().is_some();
    // No other command does.
    assert!(command(&["user", "list", "--database-url", &database.url]).output().unwrap().status.success());
    assert!(is_there("old"));
    let args = ["serve", "--listen", "127.0.0.1:0", "--database-url", &database.url, "--session-retention-days", "7"];
    let _served = Served::start(&mut command(&args));
    let is_gone = |_| {
        std::thread::sleep(std::time::Duration::from_millis(20));
        !is_there("old")
    };
    assert!((0..250).any(is_gone));
    assert!(is_there("recent"));
}

fn log_lines_name_the_account(app: &TestApp) {
    let database = Database::new(app.backend);
    create_user(&database, "anna", "editor", PASSWORD);
    let store = Store::open(&TestApp::settings(&database.url).store).unwrap();
    let anna = store.read(|tx| tx.user_by_name("anna")).unwrap().unwrap().id;
    let args = ["serve", "--listen", "127.0.0.1:0", "--log-format", "json", "--database-url", &database.url];
    let served = Served::start(&mut command(&args));
    let caller = served.caller.sign_in("anna", PASSWORD);
    served.caller.with("X-Request-Id", "nobody").get("/v1/people").expect(200);
    caller.with("X-Request-Id", "answered").get("/v1/me").expect(200);
    caller.with("X-Request-Id", "refused").get("/v1/users").expect(403);
    let line = |id: &str| {
        let mut lines = String::new();
        let mut log = served.log.try_clone().unwrap();
        log.seek(SeekFrom::Start(0)).and_then(|_| log.read_to_string(&mut lines)).unwrap();
        let mut lines = lines.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        lines.find(|line| line["message"] == "answered" && line["span"]["id"] == id).unwrap()
    };
    assert_eq!(line("nobody")["account"], Value::Null);
    assert_eq!((&line("answered")["account"], &line("answered")["status"]), (&json!(anna), &json!(200)));
    assert_eq!((&line("refused")["account"], &line("refused")["status"]), (&json!(anna), &json!(403)));
}
