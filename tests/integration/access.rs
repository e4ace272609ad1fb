//! Signing in, tokens and sessions.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use kartoteka::{access::Secret, model::permissions::Role};
use serde_json::{Value, json};

use crate::harness::{PASSWORD, TestApp, cases};

cases![
    signing_in_gives_tokens_that_work,
    wrong_name_and_wrong_password_look_the_same,
    a_refresh_token_works_once_and_its_reuse_ends_the_session,
    signing_out_ends_the_session_at_once,
    forged_and_foreign_tokens_are_refused,
    accounts_have_sound_names_and_passwords,
];

fn login(app: &TestApp) -> Value {
    app.anyone.post("/v1/auth/login", &json!({"username": "editor", "password": PASSWORD})).expect(200).json()
}

fn signing_in_gives_tokens_that_work(app: &TestApp) {
    let pair = login(app);
    assert_eq!(pair["token_type"], "Bearer");
    assert_eq!(pair["expires_in"], 900);
    let me = app.anyone.bearer(pair["access_token"].as_str().unwrap()).get("/v1/me").expect(200).json();
    assert_eq!((&me["username"], &me["role"]), (&json!("editor"), &json!("editor")));
    app.anyone.get("/v1/me").expect_problem(401, "unauthenticated");
}

fn wrong_name_and_wrong_password_look_the_same(app: &TestApp) {
    let answer = |name: &str, password: &str| {
        let body = json!({"username": name, "password": password});
        let mut problem = app.anyone.post("/v1/auth/login", &body).expect_problem(401, "wrong_credentials").json();
        problem.as_object_mut().unwrap().remove("request_id");
        problem
    };
    assert_eq!(answer("editor", "not the password"), answer("nobody", PASSWORD));
    app.anyone
        .post("/v1/auth/login", &json!({"username": "editor"}))
        .expect(422)
        .expect_faults(&[("/password", "missing_field")]);
}

fn a_refresh_token_works_once_and_its_reuse_ends_the_session(app: &TestApp) {
    let first = login(app);
    let refresh = |pair: &Value| app.anyone.post("/v1/auth/refresh", &json!({"refresh_token": pair["refresh_token"]}));
    let second = refresh(&first).expect(200).json();
    let caller = app.anyone.bearer(second["access_token"].as_str().unwrap());
    caller.get("/v1/me").expect(200);
    refresh(&first).expect_problem(401, "invalid_token");
    // The thief and the owner are both out: nobody can tell which is which.
    refresh(&second).expect_problem(401, "invalid_token");
    caller.get("/v1/me").expect_problem(401, "invalid_token");
}

fn signing_out_ends_the_session_at_once(app: &TestApp) {
    let pair = login(app);
    let caller = app.anyone.bearer(pair["access_token"].as_str().unwrap());
    caller.get("/v1/me").expect(200);
    let body = json!({"refresh_token": pair["refresh_token"]});
    app.anyone.post("/v1/auth/logout", &body).expect(204);
    caller.get("/v1/me").expect_problem(401, "invalid_token");
    app.anyone.post("/v1/auth/logout", &body).expect(204);
}

fn forged_and_foreign_tokens_are_refused(app: &TestApp) {
    let pair = login(app);
    let token = pair["access_token"].as_str().unwrap();
    let parts: Vec<&str> = token.split('.').collect();
    let encode = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let header: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(parts[0]).unwrap()).unwrap();
    let none = encode(json!({"alg": "none", "typ": "JWT", "kid": header["kid"]}));
    let hmac = encode(json!({"alg": "HS256", "typ": "JWT", "kid": header["kid"]}));
    let other_key = encode(json!({"alg": "EdDSA", "typ": "JWT", "kid": "0000000000000000"}));
    let mut claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(parts[1]).unwrap()).unwrap();
    claims["exp"] = json!(1);
    let forged = [
        format!("{none}.{}.", parts[1]),
        format!("{hmac}.{}.{}", parts[1], parts[2]),
        format!("{other_key}.{}.{}", parts[1], parts[2]),
        format!("{}.{}.{}", parts[0], encode(claims), parts[2]),
        token[..token.len() - 4].to_owned(),
        "x".to_owned(),
        "a.b.c".to_owned(),
    ];
    for token in forged {
        app.anyone.bearer(&token).get("/v1/me").expect_problem(401, "invalid_token");
        // A broken token is an error even where none is needed: the caller believes to be signed in.
        app.anyone.bearer(&token).get("/v1/people").expect_problem(401, "invalid_token");
    }
    app.anyone.with("Authorization", "Basic eDp5").get("/v1/me").expect_problem(401, "invalid_token");
}

fn accounts_have_sound_names_and_passwords(app: &TestApp) {
    let passwords = kartoteka::access::Passwords::new(TestApp::settings(&app.database.url).passwords).unwrap();
    let make = |name: &str, password: &str| {
        kartoteka::access::create_user(&app.archive, &passwords, name, Role::Editor, &Secret::new(password))
    };
    assert!(make("anna", "long enough to be safe").is_ok());
    assert!(make("anna", "long enough to be safe").is_err(), "a name is given once");
    for name in ["", "a", "Anna", "anna maria", "анна", &"a".repeat(41), "0199b2c4-7d1e-7c3a-9f52-3f0a8c1d2e4b"] {
        assert!(make(name, "long enough to be safe").is_err(), "{name}");
    }
    assert!(make("boris", "short").is_err());
    assert_eq!(format!("{:?}", Secret::new("hidden")), "(secret)");
}
