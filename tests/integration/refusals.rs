//! Refusals in the audit trail: keys that do not open, rights that do not reach, and floods of both.

use std::time::{Duration, Instant};

use kartoteka::{
    access::{Access, PasswordPolicy, Refusal, Refused, TokenSettings},
    model::permissions::Role,
    usecase::{Actor, Credential, Error},
};
use serde_json::{Value, json};

use crate::{
    api_keys::expired_key,
    harness::{Caller, PASSWORD, TestApp, cases, create, decide, id, person},
};

cases![
    keys_that_do_not_open_stand_in_the_trail,
    refused_rights_stand_in_the_trail,
    a_flood_of_refusals_leaves_one_line_a_minute,
    no_answer_waits_for_the_line_of_a_refusal,
];

fn trail(app: &TestApp, query: &str) -> Vec<Value> {
    app.admin.get(&format!("/v1/audit?limit=200&{query}")).expect(200).json()["items"].as_array().unwrap().clone()
}

/// The lines, once there are so many: they are written beside the requests.
fn lines(app: &TestApp, query: &str, count: usize) -> Vec<Value> {
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        let found = trail(app, query);
        if found.len() >= count || Instant::now() > deadline {
            assert_eq!(found.len(), count, "{found:?}");
            return found;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn key(app: &TestApp, owner: &Caller) -> (Value, Caller) {
    let body = json!({"name": "a test", "scopes": ["read"], "password": PASSWORD});
    let made = owner.post("/v1/me/api-keys", &body).expect(201).json();
    let caller = app.anyone.bearer(made["key"].as_str().unwrap());
    (made, caller)
}

fn keys_that_do_not_open_stand_in_the_trail(app: &TestApp) {
    let refused = |caller: &Caller, path: &str| drop(caller.get(path).expect_problem(401, "invalid_token"));
    refused(&app.anyone.bearer(&format!("krt_abcdefgh_{}", "x".repeat(43))), "/v1/people");
    let line = lines(app, "action=api_key_refused", 1).remove(0);
    assert_eq!((&line["actor"], &line["subject"]), (&json!("(anonymous)"), &json!("user (anonymous)")));
    let unknown = json!({
        "code": "invalid_token", "reason": "unknown", "route": "GET /v1/{kind}", "address": "127.0.0.1"
    });
    assert_eq!(line["detail"], unknown);
    // What is no key at all is no attempt with one.
    refused(&app.anyone.bearer("krt_short"), "/v1/people");
    let (made, right) = key(app, &app.editor);
    let prefix = made["prefix"].as_str().unwrap();
    refused(&app.anyone.bearer(&format!("krt_{prefix}_{}", "x".repeat(43))), "/v1/me");
    right.get("/v1/me").expect(200);
    app.editor.delete(&format!("/v1/me/api-keys/{}", made["id"].as_str().unwrap())).expect(204);
    refused(&right, &format!("/v1/people/{}", id()));
    let owner = app.archive.store.read(|tx| tx.user_by_name("editor")).unwrap().unwrap();
    let (expired, row) = expired_key(&owner.id, app.archive.now());
    app.archive.store.write(|tx| tx.insert_api_key(&row)).unwrap();
    refused(&app.anyone.bearer(&expired), "/v1/me");
    let found = lines(app, "action=api_key_refused&subject=user%20editor", 3);
    let mut told: Vec<_> = found
        .iter()
        .map(|line| {
            assert_eq!((&line["actor"], &line["detail"]["address"]), (&json!("(anonymous)"), &json!("127.0.0.1")));
            let text = |field: &str| line["detail"][field].as_str().unwrap().to_owned();
            (text("reason"), text("route"), text("prefix"))
        })
        .collect();
    told.sort();
    let expected = [
        ("expired", "GET /v1/me", "expired2"),
        ("revoked", "GET /v1/{kind}/{id}", prefix),
        ("wrong", "GET /v1/me", prefix),
    ];
    assert_eq!(told, expected.map(|(a, b, c)| (a.to_owned(), b.to_owned(), c.to_owned())));
    let (_, of_disabled) = key(app, &app.editor2);
    app.admin.with("If-Match", "*").patch("/v1/users/editor2", &json!({"disabled": true})).expect(200);
    refused(&of_disabled, "/v1/me");
    assert_eq!(lines(app, "action=api_key_refused&subject=user%20editor2", 1)[0]["detail"]["reason"], "disabled");
    let all = app.admin.get("/v1/audit?limit=200").expect(200).text;
    for secret in ["xxxxxxxxxx", made["key"].as_str().unwrap(), expired.as_str()] {
        assert!(!all.contains(secret), "no line holds a secret");
    }
    assert_eq!(trail(app, "action=api_key_refused").len(), 5);
}

fn refused_rights_stand_in_the_trail(app: &TestApp) {
    app.moderator.get("/v1/users/editor").expect_problem(403, "forbidden");
    let line = lines(app, "action=access_refused", 1).remove(0);
    assert_eq!((&line["actor"], &line["subject"]), (&json!("moderator"), &json!("route GET /v1/users/{id}")));
    assert_eq!(line["detail"], json!({"code": "forbidden", "route": "GET /v1/users/{id}", "address": "127.0.0.1"}));
    let (made, reads) = key(app, &app.editor2);
    reads.post("/v1/submissions", &json!({})).expect_problem(403, "insufficient_scope");
    let line = lines(app, "action=access_refused&actor=editor2", 1).remove(0);
    assert_eq!(line["subject"], "route POST /v1/submissions");
    assert_eq!(
        (&line["detail"]["code"], &line["via"]),
        (&json!("insufficient_scope"), &json!(format!("api_key {}", made["id"].as_str().unwrap())))
    );
    // What the guard lets pass, and the use case refuses.
    let body = json!({"summary": "x", "changes": [create("person", &id(), &person("A", "B"))]});
    let own = app.moderator2.post("/v1/submissions", &body).expect(201).json();
    decide(&app.moderator2, &own, "approve").expect_problem(403, "forbidden");
    let line = lines(app, "action=access_refused&actor=moderator2", 1).remove(0);
    assert_eq!(line["subject"], "route POST /v1/submissions/{id}/approve");
    // Who has no account is refused no rights, and what is not there is none.
    app.anyone.get("/v1/users").expect_problem(401, "unauthenticated");
    app.anyone.bearer("nonsense").get("/v1/users").expect_problem(401, "invalid_token");
    app.editor.get(&format!("/v1/submissions/{}", own["id"].as_str().unwrap())).expect(404);
    std::thread::sleep(Duration::from_millis(200));
    assert_eq!(trail(app, "action=access_refused").len(), 3);
}

fn a_flood_of_refusals_leaves_one_line_a_minute(app: &TestApp) {
    let wrong = app.anyone.bearer(&format!("krt_abcdefgh_{}", "x".repeat(43)));
    for _ in 0..20 {
        wrong.get("/v1/me").expect(401);
        app.editor.get("/v1/users").expect(403);
    }
    lines(app, "action=api_key_refused", 1);
    lines(app, "action=access_refused", 1);
    std::thread::sleep(Duration::from_millis(200));
    assert_eq!((trail(app, "action=api_key_refused").len(), trail(app, "action=access_refused").len()), (1, 1));
    // The next line, a minute later, tells how many there were.
    let policy = PasswordPolicy { memory_kib: 64, passes: 1, at_once: 1, wait: Duration::from_secs(5) };
    let access = Access::open(&app.archive, policy, TokenSettings::default(), vec![]).unwrap();
    let credential = Credential::Session { id: "x".into() };
    let actor = Actor { user_id: "x".into(), username: "editor".into(), role: Role::Editor, credential };
    let address = [192, 0, 2, 7].into();
    let route = "GET /v1/users".into();
    let refusal = Refusal { refused: Refused::Rights(actor), code: "forbidden", route, address, group: address };
    let now = app.archive.now();
    let admitted: Vec<_> = (0..100).filter_map(|n| access.refusals.admit(&refusal, now + n)).collect();
    assert_eq!(admitted.len(), 1);
    let left_out = access.refusals.admit(&refusal, now + 61_000_000).unwrap();
    access.note_refusal(&app.archive, &refusal, left_out).unwrap();
    let line = lines(app, "action=access_refused", 2).remove(0);
    assert_eq!((&line["detail"]["left_out"], &line["detail"]["address"]), (&json!(99), &json!("192.0.2.7")));
}

fn no_answer_waits_for_the_line_of_a_refusal(app: &TestApp) {
    let (held, release) = (std::sync::Barrier::new(2), std::sync::Barrier::new(2));
    let answered = std::thread::scope(|scope| {
        scope.spawn(|| {
            let hold = app.archive.store.write(|_| -> Result<(), Error> {
                held.wait();
                release.wait();
                Ok(())
            });
            hold.unwrap();
        });
        held.wait();
        // Nobody can write now.
        let began = Instant::now();
        app.editor.get("/v1/users").expect_problem(403, "forbidden");
        let took = began.elapsed();
        let written = trail(app, "action=access_refused").len();
        release.wait();
        (took, written)
    });
    assert!(answered.0 < Duration::from_secs(2) && answered.1 == 0, "{answered:?}");
    lines(app, "action=access_refused", 1);
}
