//! The second factor.

use serde_json::{Value, json};
use totp_rs::{Builder, Secret as TotpSecret};

use crate::harness::{Answer, Caller, Database, PASSWORD, TestApp, cases};

cases![
    a_second_factor_is_set_up_used_and_removed,
    a_code_is_taken_once,
    a_recovery_code_works_once,
    a_pending_factor_does_not_count,
    a_session_alone_sets_no_factor_up,
    codes_cannot_be_guessed,
    roles_may_be_made_to_have_one,
];

/// A time in seconds that is not about to leave its step of thirty.
fn now() -> u64 {
    loop {
        let seconds = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
        if seconds % 30 < 24 {
            return seconds;
        }
        std::thread::sleep(std::time::Duration::from_millis(500));
    }
}

/// The code of a secret, steps before or after now.
fn code(secret: &str, steps: i64) -> String {
    let totp = Builder::new().with_secret(TotpSecret::try_from_base32(secret).unwrap()).build().unwrap();
    totp.generate(now().checked_add_signed(steps * 30).unwrap()).to_string()
}

fn login(app: &TestApp, otp: Option<&str>) -> Answer {
    let mut body = json!({"username": "editor", "password": PASSWORD});
    if let Some(otp) = otp {
        body["otp"] = json!(otp);
    }
    app.anyone.post("/v1/auth/login", &body)
}

/// Sets a factor up with the code of the step before, and gives the secret and the recovery codes.
fn set_up(caller: &Caller) -> (String, Vec<String>) {
    let enrolment = caller.post("/v1/me/totp", &json!({"password": PASSWORD})).expect(201);
    assert_eq!(enrolment.header("cache-control"), "no-store");
    let secret = enrolment.json()["secret"].as_str().unwrap().to_owned();
    let uri = enrolment.json()["otpauth_uri"].as_str().unwrap().to_owned();
    assert!(uri.starts_with("otpauth://totp/") && uri.contains(&secret) && secret.len() == 32, "{uri}");
    caller.post("/v1/me/totp/confirm", &json!({"otp": "000000"})).expect_problem(401, "wrong_credentials");
    let confirmed = caller.post("/v1/me/totp/confirm", &json!({"otp": code(&secret, -1)})).expect(200).json();
    let codes: Vec<String> =
        confirmed["recovery_codes"].as_array().unwrap().iter().map(|c| c.as_str().unwrap().to_owned()).collect();
    assert_eq!(codes.len(), 10);
    (secret, codes)
}

fn state(caller: &Caller) -> Value {
    caller.get("/v1/me/totp").expect(200).json()
}

fn a_second_factor_is_set_up_used_and_removed(app: &TestApp) {
    assert_eq!(state(&app.editor), json!({"enabled": false, "recovery_codes_left": 0}));
    app.editor.post("/v1/me/totp/confirm", &json!({"otp": "000000"})).expect_problem(409, "totp_state");
    let (secret, _) = set_up(&app.editor);
    assert_eq!(state(&app.editor), json!({"enabled": true, "recovery_codes_left": 10}));
    app.editor.post("/v1/me/totp", &json!({"password": PASSWORD})).expect_problem(409, "totp_state");
    assert_eq!(app.admin.get("/v1/users/editor").expect(200).json()["totp_enabled"], true);
    login(app, None).expect_problem(401, "otp_required");
    assert_eq!(
        app.admin.get("/v1/audit?action=otp_asked&subject=user%20editor").expect(200).json()["total"]["value"],
        1
    );
    // Who does not know the password is not told that there is a second factor.
    let body = json!({"username": "editor", "password": "not the password"});
    app.anyone.post("/v1/auth/login", &body).expect_problem(401, "wrong_credentials");
    login(app, Some("000000")).expect_problem(401, "wrong_credentials");
    login(app, Some(&code(&secret, 0))).expect(200);
    let remove = |password: &str, otp: &str| {
        let body = json!({"password": password, "otp": otp}).to_string().into_bytes();
        app.editor.bytes("DELETE", "/v1/me/totp", "application/json", body)
    };
    remove("not the password", &code(&secret, 1)).expect_problem(401, "wrong_credentials");
    remove(PASSWORD, "000000").expect_problem(401, "wrong_credentials");
    remove(PASSWORD, &code(&secret, 1)).expect(204);
    remove(PASSWORD, &code(&secret, 1)).expect_problem(409, "totp_state");
    login(app, None).expect(200);
    let acts = app.admin.get("/v1/audit?actor=editor&limit=200").expect(200).json();
    let acts: Vec<_> = acts["items"].as_array().unwrap().iter().map(|l| l["action"].as_str().unwrap()).collect();
    assert!(acts.contains(&"totp_enabled") && acts.contains(&"totp_disabled"), "{acts:?}");
}

fn a_code_is_taken_once(app: &TestApp) {
    let (secret, _) = set_up(&app.editor);
    // The code that confirmed the factor is used up.
    login(app, Some(&code(&secret, -1))).expect_problem(401, "wrong_credentials");
    let present = code(&secret, 0);
    login(app, Some(&present)).expect(200);
    login(app, Some(&present)).expect_problem(401, "wrong_credentials");
    let next = code(&secret, 1);
    let answers: Vec<u16> = std::thread::scope(|scope| {
        let racers: Vec<_> = (0..4).map(|_| scope.spawn(|| login(app, Some(&next)).status)).collect();
        racers.into_iter().map(|racer| racer.join().unwrap()).collect()
    });
    assert_eq!(answers.iter().filter(|status| **status == 200).count(), 1, "{answers:?}");
    // None from before it is taken any more.
    login(app, Some(&present)).expect_problem(401, "wrong_credentials");
    login(app, Some(&code(&secret, 3))).expect_problem(401, "wrong_credentials");
}

fn a_recovery_code_works_once(app: &TestApp) {
    let (_, codes) = set_up(&app.editor);
    login(app, Some(&codes[0])).expect(200);
    login(app, Some(&codes[0])).expect_problem(401, "wrong_credentials");
    // As people type it.
    login(app, Some(&codes[1].replace('-', " ").to_uppercase())).expect(200);
    assert_eq!(state(&app.editor)["recovery_codes_left"], 8);
    let body = json!({"password": PASSWORD, "otp": codes[2]}).to_string().into_bytes();
    app.editor.bytes("DELETE", "/v1/me/totp", "application/json", body).expect(204);
    let lines = app.admin.get("/v1/audit?action=recovery_code_used").expect(200);
    assert_eq!(lines.json()["total"]["value"], 3);
    assert!(!codes.iter().any(|code| lines.text.contains(code)));
    // New codes come with a new factor; the old ones are gone.
    set_up(&app.editor);
    login(app, Some(&codes[3])).expect_problem(401, "wrong_credentials");
}

fn a_session_alone_sets_no_factor_up(app: &TestApp) {
    let wrong = json!({"password": "not the password"});
    app.editor.post("/v1/me/totp", &wrong).expect_problem(401, "wrong_credentials");
    app.editor.post("/v1/me/totp", &json!({})).expect(422).expect_faults(&[("/password", "missing_field")]);
    let other = app.anyone.sign_in("editor", PASSWORD);
    set_up(&app.editor);
    app.editor.get("/v1/me").expect(200);
    // It was opened without a code.
    other.get("/v1/me").expect_problem(401, "invalid_token");
}

fn codes_cannot_be_guessed(app: &TestApp) {
    let (secret, codes) = set_up(&app.editor);
    let store = &app.archive.store;
    let user = store.read(|tx| tx.user_by_name("editor")).unwrap().unwrap();
    let factor = || store.read(|tx| tx.totp(&user.id)).unwrap().unwrap();
    login(app, Some("000000")).expect_problem(401, "wrong_credentials");
    assert_eq!(factor().failures, 1);
    // Wherever the guesses came from.
    let mut guessed = factor();
    (guessed.failures, guessed.failed_at) = (16, app.archive.now());
    store.write(|tx| tx.update_totp(&guessed)).unwrap();
    for otp in [code(&secret, 0).as_str(), codes[0].as_str(), "000000"] {
        let answer = login(app, Some(otp)).expect_problem(429, "too_many_attempts");
        assert!((1700..=1920).contains(&answer.header("retry-after").parse::<u32>().unwrap()));
    }
    guessed.failed_at -= 1921 * 1_000_000;
    store.write(|tx| tx.update_totp(&guessed)).unwrap();
    login(app, Some(&code(&secret, 0))).expect(200);
    assert_eq!(factor().failures, 0);
}

fn a_pending_factor_does_not_count(app: &TestApp) {
    let first = app.editor.post("/v1/me/totp", &json!({"password": PASSWORD})).expect(201).json();
    let second = app.editor.post("/v1/me/totp", &json!({"password": PASSWORD})).expect(201).json();
    assert_ne!(first["secret"], second["secret"]);
    login(app, None).expect(200);
    assert_eq!(state(&app.editor)["enabled"], false);
    let old = json!({"otp": code(first["secret"].as_str().unwrap(), 0)});
    app.editor.post("/v1/me/totp/confirm", &old).expect_problem(401, "wrong_credentials");
    let body = json!({"password": PASSWORD, "otp": code(second["secret"].as_str().unwrap(), 0)});
    app.editor
        .bytes("DELETE", "/v1/me/totp", "application/json", body.to_string().into_bytes())
        .expect_problem(409, "totp_state");
}

fn roles_may_be_made_to_have_one(app: &TestApp) {
    use kartoteka::model::permissions::Role;
    let database = Database::new(app.backend);
    let mut settings = TestApp::settings(&database.url);
    settings.require_totp_for = vec![Role::Moderator, Role::Admin];
    let strict = TestApp::start_with(app.backend, database, settings);
    strict.editor.get("/v1/submissions").expect(200);
    for path in ["/v1/submissions", "/v1/people", "/.well-known/jwks.json"] {
        strict.moderator.get(path).expect_problem(403, "totp_enrolment_required");
    }
    strict.admin.get("/v1/users").expect_problem(403, "totp_enrolment_required");
    strict.moderator.get("/v1/me").expect(200);
    strict.moderator.get("/v1/me/sessions").expect(200);
    // A key does not lead around it.
    let body = json!({"name": "x", "scopes": ["moderate"], "password": PASSWORD});
    let made = strict.moderator.post("/v1/me/api-keys", &body).expect(201);
    let key = strict.anyone.bearer(made.json()["key"].as_str().unwrap());
    key.get("/v1/submissions").expect_problem(403, "totp_enrolment_required");
    set_up(&strict.moderator);
    strict.moderator.get("/v1/submissions").expect(200);
    key.get("/v1/submissions").expect(200);
}
