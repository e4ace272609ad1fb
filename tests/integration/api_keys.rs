//! API keys: shown once, bounded by scopes and by their owner.

use kartoteka::{access::Secret, store::ApiKeyRow};
use serde_json::{Value, json};

use crate::harness::{Caller, PASSWORD, TestApp, act, cases, create, decide, id, person};

cases![
    a_key_is_shown_once_and_works_as_bearer,
    keys_reach_as_far_as_their_scopes,
    a_moderators_key_without_the_scope_is_no_moderators,
    a_key_never_does_more_than_its_owner_may,
    keys_do_not_touch_what_lets_people_in,
    revoked_and_expired_keys_are_refused,
    keys_are_checked_when_they_are_made,
    a_retry_makes_another_key_and_no_answer_is_kept,
    the_use_of_keys_is_noted_once_a_day,
];

fn make(caller: &Caller, scopes: &[&str]) -> Value {
    let body = json!({"name": "a test", "scopes": scopes, "password": PASSWORD});
    caller.post("/v1/me/api-keys", &body).expect(201).json()
}

fn with_key(app: &TestApp, made: &Value) -> Caller {
    app.anyone.bearer(made["key"].as_str().unwrap())
}

fn key(app: &TestApp, owner: &Caller, scopes: &[&str]) -> Caller {
    with_key(app, &make(owner, scopes))
}

fn submit(caller: &Caller) -> crate::harness::Answer {
    // Two that say the same are duplicates.
    let entry = id();
    let changes = json!([create("person", &entry, &person("A", &format!("B{entry}")))]);
    caller.post("/v1/submissions", &json!({"summary": "By key", "changes": changes}))
}

fn a_key_is_shown_once_and_works_as_bearer(app: &TestApp) {
    let body =
        |password: &str| json!({"name": "import", "scopes": ["submit"], "expires_in_days": 1, "password": password});
    // A session alone is no way to a key that outlives it.
    app.editor.post("/v1/me/api-keys", &body("not the password")).expect_problem(401, "wrong_credentials");
    let answer = app.editor.post("/v1/me/api-keys", &body(PASSWORD)).expect(201);
    assert_eq!(answer.header("cache-control"), "no-store");
    let made = answer.json();
    let (text, prefix) = (made["key"].as_str().unwrap(), made["prefix"].as_str().unwrap());
    assert!(text.starts_with(&format!("krt_{prefix}_")) && prefix.len() == 8 && text.len() == 4 + 8 + 1 + 43);
    assert_eq!(with_key(app, &made).get("/v1/me").expect(200).json()["username"], "editor");
    submit(&with_key(app, &made)).expect(201);
    let list = app.editor.get("/v1/me/api-keys").expect(200);
    assert!(!list.text.contains(text) && !list.text.contains("hash"));
    assert_eq!(list.json()["items"][0]["prefix"], prefix);
    assert_eq!(app.editor2.get("/v1/me/api-keys").expect(200).json()["total"]["value"], 0);
    let stored = app.archive.store.read(|tx| tx.api_key_by_prefix(prefix)).unwrap().unwrap().0;
    assert_eq!(stored.hash, Secret::new(text).digest());
    // Another secret under the prefix is nobody.
    let mut wrong = text.to_owned();
    let last = if wrong.pop() == Some('A') { 'B' } else { 'A' };
    wrong.push(last);
    for odd in [wrong.as_str(), &text[..20], "krt_", "krt_a_b", &format!("krt_{prefix}_"), &text.to_uppercase()] {
        app.anyone.bearer(odd).get("/v1/people").expect_problem(401, "invalid_token");
    }
}

fn keys_reach_as_far_as_their_scopes(app: &TestApp) {
    let (read, submits) = (key(app, &app.admin, &["read"]), key(app, &app.admin, &["submit"]));
    let (moderates, manages) = (key(app, &app.admin, &["moderate"]), key(app, &app.admin, &["admin"]));
    for caller in [&read, &submits, &moderates, &manages] {
        caller.get("/v1/people").expect(200);
        caller.get("/v1/submissions").expect(200);
    }
    let made = submit(&submits).expect(201).json();
    submit(&read).expect_problem(403, "insufficient_scope");
    submit(&moderates).expect_problem(403, "insufficient_scope");
    submit(&manages).expect_problem(403, "insufficient_scope");
    for caller in [&read, &submits, &manages] {
        decide(caller, &made, "approve").expect_problem(403, "insufficient_scope");
    }
    manages.get("/v1/users").expect(200);
    for caller in [&read, &submits, &moderates] {
        caller.get("/v1/users").expect_problem(403, "insufficient_scope");
        caller.get("/v1/audit").expect_problem(403, "insufficient_scope");
    }
    let by_editor = submit(&app.editor).expect(201).json();
    decide(&moderates, &by_editor, "approve").expect(200);
    // What a key does is done by its owner.
    assert_eq!(made["author"], "admin");
    let both = key(app, &app.moderator, &["submit", "moderate"]);
    decide(&both, &made, "approve").expect(200);
}

fn a_moderators_key_without_the_scope_is_no_moderators(app: &TestApp) {
    let made = submit(&app.editor).expect(201).json();
    let path = format!("/v1/submissions/{}", made["id"].as_str().unwrap());
    let submits = key(app, &app.moderator, &["submit"]);
    let moderates = key(app, &app.moderator, &["moderate"]);
    // It does not see what moderators see, and does not do what they do.
    submits.get(&path).expect_problem(404, "not_found");
    submits.get(&format!("{path}/comments")).expect_problem(404, "not_found");
    assert_eq!(submits.get("/v1/submissions").expect(200).json()["total"]["value"], 0);
    decide(&submits, &made, "approve").expect_problem(403, "insufficient_scope");
    act(&submits, &made, "withdraw", &json!({})).expect_problem(404, "not_found");
    moderates.get(&path).expect(200);
    assert_eq!(moderates.get("/v1/submissions").expect(200).json()["total"]["value"], 1);
    // The memory of answers is not shared between credentials of an account.
    let body = json!({"summary": "Once", "changes": [create("person", &id(), &person("A", "B"))]});
    let first = app.moderator.with("Idempotency-Key", "k").post("/v1/submissions", &body).expect(201);
    let second = submits.with("Idempotency-Key", "k").post("/v1/submissions", &body);
    assert!(second.headers.get("idempotency-replayed").is_none());
    assert!(first.headers.get("idempotency-replayed").is_none());
}

fn a_key_never_does_more_than_its_owner_may(app: &TestApp) {
    let caller = key(app, &app.moderator2, &["submit", "moderate"]);
    let made = submit(&app.editor).expect(201).json();
    let set = |body: Value| app.admin.with("If-Match", "*").patch("/v1/users/moderator2", &body).expect(200);
    set(json!({"role": "editor"}));
    decide(&caller, &made, "approve").expect_problem(403, "forbidden");
    let path = format!("/v1/submissions/{}", made["id"].as_str().unwrap());
    caller.get(&path).expect_problem(404, "not_found");
    submit(&caller).expect(201);
    set(json!({"disabled": true}));
    caller.get("/v1/people").expect_problem(401, "invalid_token");
    // Who comes back makes new keys.
    set(json!({"disabled": false, "role": "moderator"}));
    caller.get("/v1/people").expect_problem(401, "invalid_token");
    let caller = key(app, &app.anyone.sign_in("moderator2", PASSWORD), &["moderate"]);
    decide(&caller, &made, "approve").expect(200);
    let line = app.admin.get("/v1/audit?action=disabled").expect(200).json()["items"][0].clone();
    assert_eq!(line["detail"]["api_keys_revoked"], 1);
}

fn keys_do_not_touch_what_lets_people_in(app: &TestApp) {
    let caller = key(app, &app.admin, &["read", "submit", "moderate", "admin"]);
    let password = json!({"current_password": "x", "new_password": "y"});
    let answers = [
        caller.put("/v1/me/password", &password),
        caller.get("/v1/me/sessions"),
        caller.delete("/v1/me/sessions"),
        caller.get("/v1/me/totp"),
        caller.post("/v1/me/totp", &json!({})),
        caller.get("/v1/me/api-keys"),
        caller.post("/v1/me/api-keys", &json!({"name": "x", "scopes": ["admin"]})),
        caller.post_nothing("/v1/users/editor/password-reset"),
        caller.post("/v1/invitations", &json!({"role": "admin"})),
        caller.post("/v1/auth/login", &json!({})),
    ];
    for answer in answers {
        answer.expect_problem(403, "insufficient_scope");
    }
    caller.get("/v1/users/editor").expect(200);
    // It takes rights away, and gives none: what it gave would outlive it.
    let by_key = |body: Value| caller.with("If-Match", "*").patch("/v1/users/editor2", &body);
    app.admin.with("If-Match", "*").patch("/v1/users/moderator2", &json!({"disabled": true})).expect(200);
    caller
        .with("If-Match", "*")
        .patch("/v1/users/moderator2", &json!({"disabled": false}))
        .expect_problem(403, "forbidden");
    for body in [json!({"role": "admin"}), json!({"trusted": true}), json!({"trusted": true, "disabled": true})] {
        by_key(body).expect_problem(403, "forbidden");
    }
    app.editor2.get("/v1/me").expect(200);
    app.admin.with("If-Match", "*").patch("/v1/users/editor2", &json!({"trusted": true})).expect(200);
    let changed = by_key(json!({"trusted": false})).expect(200);
    assert_eq!(changed.json()["trusted"], false);
    let line = app.admin.get("/v1/audit?action=distrust").expect(200).json()["items"][0].clone();
    assert!(line["actor"] == "admin" && line["via"].as_str().unwrap().starts_with("api_key "), "{line}");
}

fn revoked_and_expired_keys_are_refused(app: &TestApp) {
    let made = make(&app.editor, &["read"]);
    let path = format!("/v1/me/api-keys/{}", made["id"].as_str().unwrap());
    with_key(app, &made).get("/v1/me").expect(200);
    app.editor2.delete(&path).expect_problem(404, "not_found");
    app.editor.delete(&path).expect(204);
    app.editor.delete(&path).expect(204);
    with_key(app, &made).get("/v1/me").expect_problem(401, "invalid_token");
    assert_eq!(app.editor.get("/v1/me/api-keys").expect(200).json()["total"]["value"], 0);
    let owner = app.archive.store.read(|tx| tx.user_by_name("editor")).unwrap().unwrap();
    let expired = expired_key(&owner.id, app.archive.now());
    app.archive.store.write(|tx| tx.insert_api_key(&expired.1)).unwrap();
    app.anyone.bearer(&expired.0).get("/v1/people").expect_problem(401, "invalid_token");
    let acts: Vec<_> = app.admin.get("/v1/audit?actor=editor&limit=3").expect(200).json()["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|l| l["action"].as_str().unwrap().to_owned())
        .collect();
    assert!(acts.contains(&"api_key_created".into()) && acts.contains(&"api_key_revoked".into()), "{acts:?}");
}

/// A key that has just expired, and its row.
pub fn expired_key(owner: &str, now: i64) -> (String, ApiKeyRow) {
    let text = "krt_expired2_a-secret-of-the-tests".to_owned();
    let row = ApiKeyRow {
        id: uuid::Uuid::now_v7().to_string(),
        user_id: owner.to_owned(),
        name: "old".into(),
        prefix: "expired2".into(),
        hash: Secret::new(text.as_str()).digest(),
        scopes: "read submit moderate admin".into(),
        created_at: now - 1,
        expires_at: Some(now),
        last_used_at: None,
        revoked_at: None,
    };
    (text, row)
}

fn keys_are_checked_when_they_are_made(app: &TestApp) {
    let faults = |body: Value, expected: &[(&str, &str)]| {
        app.editor.post("/v1/me/api-keys", &body).expect(422).expect_faults(expected);
    };
    faults(json!({}), &[("/name", "missing_field"), ("/scopes", "missing_field"), ("/password", "missing_field")]);
    faults(json!({"name": "x", "scopes": ["everything"], "password": PASSWORD}), &[("/scopes/0", "unknown_code")]);
    faults(
        json!({"name": " ", "scopes": [], "expires_in_days": 4000, "password": PASSWORD}),
        &[("/name", "invalid_value"), ("/scopes", "invalid_value"), ("/expires_in_days", "invalid_value")],
    );
    faults(
        json!({"name": "x", "scopes": ["read", "read", "moderate", "admin"], "password": PASSWORD}),
        &[("/scopes/1", "duplicate"), ("/scopes/2", "invalid_value"), ("/scopes/3", "invalid_value")],
    );
    for _ in 0..50 {
        make(&app.editor2, &["read"]);
    }
    let one_more = json!({"name": "x", "scopes": ["read"], "password": PASSWORD});
    app.editor2.post("/v1/me/api-keys", &one_more).expect(422).expect_faults(&[("", "too_many")]);
}

fn a_retry_makes_another_key_and_no_answer_is_kept(app: &TestApp) {
    let caller = app.moderator.with("Idempotency-Key", "the-same");
    let (first, second) = (make(&caller, &["read"]), make(&caller, &["read"]));
    assert_ne!(first["key"], second["key"]);
    let user = app.archive.store.read(|tx| tx.user_by_name("moderator")).unwrap().unwrap();
    assert!(app.archive.store.write(|tx| tx.idempotency_attempt(&user.id, "the-same")).unwrap().is_none());
}

fn the_use_of_keys_is_noted_once_a_day(app: &TestApp) {
    let made = make(&app.editor, &["read"]);
    let caller = with_key(app, &made);
    let last_used = || app.editor.get("/v1/me/api-keys").expect(200).json()["items"][0]["last_used_at"].clone();
    assert!(last_used().is_null());
    caller.get("/v1/people").expect(200);
    let noted = |_| {
        std::thread::sleep(std::time::Duration::from_millis(20));
        last_used().is_string()
    };
    assert!((0..250).any(noted));
    let first = last_used();
    caller.get("/v1/people").expect(200);
    std::thread::sleep(std::time::Duration::from_millis(200));
    assert_eq!(last_used(), first, "not again within the minute");
    let lines = app.admin.get("/v1/audit?action=api_key_used").expect(200).json();
    assert_eq!((&lines["total"]["value"], &lines["items"][0]["actor"]), (&json!(1), &json!("editor")));
}
