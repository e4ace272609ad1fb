//! No secret is in any log line, nor in any answer but the one that shows it.

use std::{
    fs::File,
    io::{BufRead, BufReader},
    process::Stdio,
};

use serde_json::{Value, json};

use crate::{
    harness::{Answer, Caller, Database, TestApp, cases, plain_cases, watch},
    program::command,
};

cases![planted_secrets_turn_up_nowhere];
plain_cases![the_security_page_names_tests_that_exist];

const ADMIN: &str = "marker-one sentence of the administrator";
const NEW: &str = "marker-two sentence that is to be";
const WRONG: &str = "marker-three sentence that is wrong";
const RESET: &str = "marker-four sentence after the reset";

/// What was answered, and the secrets that are known by then.
#[derive(Default)]
struct Watch {
    secrets: Vec<String>,
    answers: Vec<String>,
}

impl Watch {
    /// An answer that may show nothing.
    fn see(&mut self, answer: Answer) -> Answer {
        self.answers.push(format!("{:?}\n{}", answer.headers, answer.text));
        answer
    }

    /// An answer that shows these fields, and will have been the only one.
    fn shows(&mut self, answer: &Answer, fields: &[&str]) -> Value {
        let json = answer.json();
        for field in fields {
            match &json[*field] {
                Value::Array(items) => self.secrets.extend(items.iter().map(|i| i.as_str().unwrap().to_owned())),
                text => self.secrets.push(text.as_str().unwrap().to_owned()),
            }
        }
        json
    }

    fn sign_in(&mut self, anyone: &Caller, name: &str, password: &str) -> Value {
        let answer = anyone.post("/v1/auth/login", &json!({"username": name, "password": password})).expect(200);
        self.shows(&answer, &["access_token", "refresh_token"])
    }
}

fn planted_secrets_turn_up_nowhere(app: &TestApp) {
    let database = Database::new(app.backend);
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log.txt");
    let args = ["serve", "--listen", "127.0.0.1:0", "--database-url", &database.url, "--log", "trace"];
    let mut child = command(&args).stdout(Stdio::piped()).stderr(File::create(&log).unwrap()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let address = lines.next().unwrap().rsplit(' ').next().unwrap().to_owned();
    let setup = lines.find(|line| line.starts_with("  ") && !line.contains("http") && line.trim().len() == 43).unwrap();
    let setup = setup.trim().to_owned();
    let anyone = Caller::new(&address);
    let ready = |_| {
        std::thread::sleep(std::time::Duration::from_millis(50));
        anyone.try_send("GET", "/health/ready", None).is_ok_and(|a| a.status == 200)
    };
    assert!((0..400).any(ready));
    let mut watch = Watch::default();
    watch.secrets.extend([ADMIN, NEW, WRONG, RESET, &setup].map(str::to_owned));
    play(&anyone, &setup, &mut watch);
    child.kill().unwrap();
    child.wait().unwrap();
    let log = std::fs::read_to_string(&log).unwrap();
    watch::program(log.as_bytes());
    assert!(log.lines().count() > 20 && log.contains("/v1/auth/login"), "the log is there");
    let stored = stored(&database);
    for secret in &watch.secrets {
        assert!(secret.len() >= 16, "{secret}");
        assert!(!log.contains(secret.as_str()), "a secret is in the log: {secret}");
        assert!(!stored.contains(&format!("\"{secret}\"")), "a secret is in the audit trail");
        for answer in &watch.answers {
            assert!(!answer.contains(secret.as_str()), "{secret} is in {answer}");
        }
    }
    // The hashes do not go out either.
    for answer in &watch.answers {
        assert!(!answer.contains("argon2id") && !answer.contains("password_hash"), "{answer}");
    }
    assert!(!log.contains("argon2id"));
}

/// The last test, of all the others: what they have logged, been answered and seen of programs shows none of the secrets
/// that they have used or got.
pub fn no_secret_is_seen_in_the_whole_run() -> bool {
    let verdict = watch::verdict();
    match &verdict {
        Ok(looked_through) => println!("secrets::no_secret_is_seen_in_the_whole_run: ok: {looked_through}"),
        Err(seen) => println!("secrets::no_secret_is_seen_in_the_whole_run: FAILED: {seen}"),
    }
    verdict.is_ok()
}

fn the_security_page_names_tests_that_exist() {
    let root = env!("CARGO_MANIFEST_DIR");
    let page = std::fs::read_to_string(format!("{root}/docs/security.md")).unwrap();
    let mut named = 0;
    for word in page.split('`').skip(1).step_by(2) {
        let Some((module, test)) = word.split_once("::") else { continue };
        let file = std::fs::read_to_string(format!("{root}/tests/integration/{module}.rs"));
        assert!(file.is_ok_and(|text| text.contains(&format!("fn {test}("))), "{word}");
        named += 1;
    }
    assert!(named > 20, "{named}");
}

/// Everything through which secrets pass.
fn play(anyone: &Caller, setup: &str, watch: &mut Watch) {
    let register = |token: &str, name: &str, password: &str| {
        anyone.post("/v1/auth/register", &json!({"invitation_token": token, "username": name, "password": password}))
    };
    watch.see(register(setup, "Olga!", ADMIN).expect(422));
    watch.see(register(setup, "olga", ADMIN).expect(201));
    watch.see(register(setup, "mallory", ADMIN).expect(401));
    let body = json!({"username": "olga", "password": WRONG});
    watch.see(anyone.post("/v1/auth/login", &body).expect(401));
    // A password in the wrong field, and one in a field that does not exist.
    watch.see(anyone.post("/v1/auth/login", &json!({"username": WRONG, "password": "x"})).expect(401));
    watch.see(anyone.post("/v1/auth/login", &json!({"username": "olga", "password": [WRONG]})).expect(422));
    let pair = watch.sign_in(anyone, "olga", ADMIN);
    let admin = anyone.bearer(pair["access_token"].as_str().unwrap());
    watch.see(admin.get("/v1/me").expect(200));
    let made = admin.post("/v1/invitations", &json!({"role": "editor"})).expect(201);
    let invitation = watch.shows(&made, &["invitation_token"]);
    watch.see(admin.get("/v1/invitations").expect(200));
    watch.see(register(invitation["invitation_token"].as_str().unwrap(), "anna", ADMIN).expect(201));
    let anna = watch.sign_in(anyone, "anna", ADMIN);
    let refreshed = anyone.post("/v1/auth/refresh", &json!({"refresh_token": anna["refresh_token"]})).expect(200);
    let pair = watch.shows(&refreshed, &["access_token", "refresh_token"]);
    let editor = anyone.bearer(pair["access_token"].as_str().unwrap());
    let body = |password: &str| json!({"name": "x", "scopes": ["read"], "password": password});
    watch.see(editor.post("/v1/me/api-keys", &body(WRONG)).expect(401));
    let made = editor.post("/v1/me/api-keys", &body(ADMIN)).expect(201);
    let key = watch.shows(&made, &["key"]);
    watch.see(anyone.bearer(key["key"].as_str().unwrap()).get("/v1/me").expect(200));
    watch.see(anyone.bearer(key["key"].as_str().unwrap()).get("/v1/me/totp").expect(403));
    watch.see(editor.get("/v1/me/api-keys").expect(200));
    let enrolled = editor.post("/v1/me/totp", &json!({"password": ADMIN})).expect(201);
    let enrolment = watch.shows(&enrolled, &["secret", "otpauth_uri"]);
    let secret = totp_rs::Secret::try_from_base32(enrolment["secret"].as_str().unwrap()).unwrap();
    let seconds = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let code = totp_rs::Builder::new().with_secret(secret).build().unwrap().generate(seconds).to_string();
    let confirmed = editor.post("/v1/me/totp/confirm", &json!({"otp": code})).expect(200);
    let codes = watch.shows(&confirmed, &["recovery_codes"]);
    watch.see(editor.get("/v1/me/totp").expect(200));
    watch.see(editor.put("/v1/me/password", &json!({"current_password": WRONG, "new_password": NEW})).expect(401));
    watch.see(editor.put("/v1/me/password", &json!({"current_password": ADMIN, "new_password": NEW})).expect(204));
    let issued = admin.with("Idempotency-Key", "k").post_nothing("/v1/users/anna/password-reset").expect(201);
    let reset = watch.shows(&issued, &["reset_token"]);
    let body = json!({"reset_token": reset["reset_token"], "new_password": RESET});
    watch.see(anyone.post("/v1/auth/reset-password", &body).expect(204));
    watch.see(anyone.post("/v1/auth/reset-password", &body).expect(401));
    let mut body = json!({"username": "anna", "password": RESET});
    watch.see(anyone.post("/v1/auth/login", &body).expect(401));
    body["otp"] = codes["recovery_codes"][0].clone();
    let answer = anyone.post("/v1/auth/login", &body).expect(200);
    let pair = watch.shows(&answer, &["access_token", "refresh_token"]);
    watch.see(anyone.post("/v1/auth/login", &body).expect(401));
    watch.see(anyone.bearer("krt_aaaaaaaa_marker-of-a-wrong-key").get("/v1/me").expect(401));
    watch.secrets.push("marker-of-a-wrong-key".into());
    let again = json!({"refresh_token": anna["refresh_token"]});
    watch.see(anyone.post("/v1/auth/refresh", &again).expect(401));
    watch.see(anyone.post("/v1/auth/logout", &json!({"refresh_token": pair["refresh_token"]})).expect(204));
    watch.see(admin.get("/v1/users").expect(200));
    watch.see(admin.get("/v1/audit?limit=200").expect(200));
    watch.see(admin.get("/.well-known/jwks.json").expect(200));
    watch.see(anyone.get("/v1/people").expect(200));
}

/// The audit trail as JSON text.
fn stored(database: &Database) -> String {
    let store = kartoteka::store::Store::open(&TestApp::settings(&database.url).store).unwrap();
    let rows = store.read(|tx| tx.list_audit(&kartoteka::store::AuditFilter::default(), i64::MAX, 10_000)).unwrap();
    rows.into_iter().map(|row| format!("\"{}\" \"{}\" {}\n", row.actor, row.subject, row.detail)).collect()
}
