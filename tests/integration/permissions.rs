//! Every route of the document against the declaration of who may call it.

use kartoteka::model::{
    operations::{Operation, operations},
    permissions::{Role, Scope},
};
use serde_json::{Value, json};

use crate::{
    api_keys::expired_key,
    harness::{Answer, Caller, Database, PASSWORD, TestApp, cases, with_an_end},
    operations::described,
    sessions::expired_token,
};

cases![
    every_route_asks_for_the_role_of_its_row,
    every_route_asks_for_the_scope_of_its_row,
    no_route_takes_what_is_disabled_or_expired,
    without_the_second_factor_only_what_leads_to_it_is_open,
];

/// Calls an operation with a body that fits nothing.
fn call(caller: &Caller, method: &str, path: &str) -> Answer {
    let address = with_an_end(path)
        .replace("{id}", "0199b2c4-0000-7000-8000-00000000ffff")
        .replace("{key_id}", "0199b2c4-0000-7000-8000-00000000eeee")
        .replace("{number}", "1")
        .replace("{code}", "x");
    let caller = caller.with("Content-Type", "application/json").with("If-Match", "*");
    caller.send(&method.to_uppercase(), &address, Some(json!({}).to_string().into_bytes()))
}

/// Every operation of the document with its declaration.
fn walk(mut visit: impl FnMut(&str, &str, &str, &Operation)) {
    for one in described() {
        visit(one.id(), &one.method, &one.path, one.operation);
    }
}

fn every_route_asks_for_the_role_of_its_row(app: &TestApp) {
    let mut walked = 0;
    walk(|id, method, path, row| {
        let callers = [
            (None, &app.anyone),
            (Some(Role::Editor), &app.editor),
            (Some(Role::Moderator), &app.moderator),
            (Some(Role::Admin), &app.admin),
        ];
        for (role, caller) in callers {
            let answer = call(caller, method, path);
            let cell = format!("{id} as {role:?}: {} {}", answer.status, answer.text);
            match (row.who.least_role(), role) {
                (Some(_), None) => assert_eq!(code(&answer.json()), "unauthenticated", "{cell}"),
                (Some(least), Some(role)) if role < least => {
                    assert_eq!(code(&answer.json()), "forbidden", "{cell}")
                }
                _ => assert!(![401, 403, 405, 500].contains(&answer.status), "{cell}"),
            }
            walked += 1;
        }
    });
    assert!(walked > 4 * operations().count());
}

fn every_route_asks_for_the_scope_of_its_row(app: &TestApp) {
    let owners = [(Role::Editor, &app.editor), (Role::Moderator, &app.moderator), (Role::Admin, &app.admin)];
    let mut keys = Vec::new();
    for (role, owner) in owners {
        for scope in Scope::ALL.iter().filter(|scope| scope.least_role() <= role) {
            let body = json!({"name": scope.as_str(), "scopes": [scope.as_str()], "password": PASSWORD});
            let made = owner.post("/v1/me/api-keys", &body).expect(201).json();
            keys.push((role, *scope, app.anyone.bearer(made["key"].as_str().unwrap())));
        }
    }
    assert_eq!(keys.len(), 2 + 3 + 4);
    walk(|id, method, path, row| {
        for (role, scope, caller) in &keys {
            let answer = call(caller, method, path);
            let cell = format!("{id} with {scope:?} of {role:?}: {} {}", answer.status, answer.text);
            let reaches = row.scope.is_some_and(|needed| needed.is_in(&[*scope]));
            match row.who.least_role() {
                Some(least) if *role < least => assert_eq!(code(&answer.json()), "forbidden", "{cell}"),
                _ if !reaches => assert_eq!(code(&answer.json()), "insufficient_scope", "{cell}"),
                _ => assert!(![401, 403, 405, 500].contains(&answer.status), "{cell}"),
            }
        }
    });
}

fn no_route_takes_what_is_disabled_or_expired(app: &TestApp) {
    let body = json!({"name": "x", "scopes": ["read", "submit"], "password": PASSWORD});
    let made = app.editor2.post("/v1/me/api-keys", &body).expect(201);
    let key_of_disabled = app.anyone.bearer(made.json()["key"].as_str().unwrap());
    app.admin.with("If-Match", "*").patch("/v1/users/editor2", &json!({"disabled": true})).expect(200);
    let owner = app.archive.store.read(|tx| tx.user_by_name("admin")).unwrap().unwrap();
    let (expired, row) = expired_key(&owner.id, app.archive.now());
    app.archive.store.write(|tx| tx.insert_api_key(&row)).unwrap();
    let callers = [
        ("a disabled account's token", app.editor2.clone()),
        ("a disabled account's key", key_of_disabled),
        ("an expired key", app.anyone.bearer(&expired)),
        ("an expired token", app.anyone.bearer(&expired_token(app, &owner.id))),
        ("nonsense", app.anyone.bearer("nonsense")),
    ];
    walk(|id, method, path, _| {
        for (what, caller) in &callers {
            let answer = call(caller, method, path);
            let cell = format!("{id} with {what}: {} {}", answer.status, answer.text);
            assert_eq!((answer.status, code(&answer.json())), (401, "invalid_token"), "{cell}");
        }
    });
}

fn without_the_second_factor_only_what_leads_to_it_is_open(app: &TestApp) {
    let database = Database::new(app.backend);
    let mut settings = TestApp::settings(&database.url);
    settings.require_totp_for = vec![Role::Moderator];
    let strict = TestApp::start_with(app.backend, database, settings);
    walk(|id, method, path, operation| {
        let answer = call(&strict.moderator, method, path);
        let is_refused = answer.status == 403 && code(&answer.json()) == "totp_enrolment_required";
        assert_eq!(is_refused, !operation.is_before_enrolment, "{id}: {} {}", answer.status, answer.text);
    });
}

fn code(problem: &Value) -> &str {
    problem["code"].as_str().unwrap()
}
