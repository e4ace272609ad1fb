//! The program itself: its commands, its settings, and what is left after `kill -9`.

use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, Command, Output, Stdio},
};

use serde_json::{Value, json};

use crate::harness::{Caller, Database, TestApp, cases, create, id, person};

cases![
    an_operator_makes_accounts_and_serves,
    acknowledged_writes_survive_a_kill,
    the_demo_starts_with_fresh_credentials,
    settings_come_from_flag_environment_and_file,
    the_transport_is_set_by_options,
];

pub const PASSWORD: &str = "a password for tests";

pub fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kartoteka"));
    command.args(args).env_clear().env("KARTOTEKA_ARGON2_MEMORY_KIB", "64").env("KARTOTEKA_ARGON2_PASSES", "1");
    command
}

pub fn create_user(database: &Database, name: &str, role: &str, password: &str) -> Output {
    let args = ["user", "create", name, "--role", role, "--password-stdin", "--database-url", &database.url];
    let mut child = command(&args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(format!("{password}\n").as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

/// A server in a process of its own.
pub struct Served {
    pub child: Child,
    address: String,
    pub caller: Caller,
    said: Vec<String>,
}

impl Served {
    fn start(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
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
        Self { child, address, caller, said }
    }

    pub fn over(database: &Database) -> Self {
        Self::start(&mut command(&["serve", "--listen", "127.0.0.1:0", "--database-url", &database.url]))
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
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
    let healthy = command(&["health", "--listen", address]).output().unwrap();
    assert_eq!(String::from_utf8(healthy.stdout).unwrap(), "ready\n");
    assert!(!command(&["health", "--listen", "127.0.0.1:1"]).output().unwrap().status.success());
    let reindexed = command(&["reindex", "--database-url", &database.url]).output().unwrap();
    assert_eq!(String::from_utf8(reindexed.stdout).unwrap(), "reindexed 0 entries\n");
    let migrated = command(&["migrate", "--database-url", &database.url]).output().unwrap();
    assert_eq!(String::from_utf8(migrated.stdout).unwrap(), "the tables are up to date\n");
    let printed = command(&["openapi"]).output().unwrap();
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
                    let body = json!({"summary": "x", "changes": [create("person", &entry, &person("A", "B"))]});
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
    let refused = command(&args).output().unwrap();
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
    let refused = command(&["serve"]).env("KARTOTEKA_CONFIG", &config).output().unwrap();
    assert!(String::from_utf8(refused.stderr).unwrap().contains("there is no option lisen"));
    for url in ["postgre://x", "nothing.db"] {
        let refused = command(&["serve", "--database-url", url]).output().unwrap();
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
        let refused = command(&args).args([option, value]).output().unwrap();
        assert!(!refused.status.success() && String::from_utf8(refused.stderr).unwrap().contains(option));
    }
}
