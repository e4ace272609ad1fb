//! What administrators do to the accounts of others: who may still do it, keys and sessions that they see and end.

use std::sync::Barrier;

use kartoteka::{
    access::{self, NewInvitation, UserChange},
    model::permissions::{Role, Scope},
    store::WriteTx,
    usecase::{Actor, Authority, Credential, Error, IfMatch, Result},
};
use serde_json::{Value, json};

use crate::{
    harness::{Answer, Caller, PASSWORD, TestApp, cases},
    program::command,
    sessions::running,
};

cases![
    who_is_no_administrator_any_more_finishes_nothing,
    of_two_administrators_who_disable_each_other_one_is_left,
    keys_of_others_are_seen_and_revoked,
    sessions_of_others_are_seen_and_ended,
    operators_see_and_revoke_keys,
];

fn change(caller: &Caller, name: &str, body: &Value) -> Answer {
    caller.with("If-Match", "*").patch(&format!("/v1/users/{name}"), body)
}

fn user_id(app: &TestApp, name: &str) -> String {
    app.archive.store.read(|tx| tx.user_by_name(name)).unwrap().unwrap().id
}

fn session_of(app: &TestApp, name: &str) -> Actor {
    let user_id = user_id(app, name);
    let open = app.archive.store.read(|tx| tx.list_sessions(&user_id, running(app), None, 1)).unwrap();
    let credential = Credential::Session { id: open[0].id.clone() };
    Actor { user_id, username: name.into(), role: Role::Admin, credential }
}

/// Everything that an administrator does, by somebody who passed the guard a moment ago.
fn act(app: &TestApp, actor: &Actor) -> Vec<Result<()>> {
    let now = app.archive.now();
    let any = Some(&IfMatch::Any);
    let done = |work: &dyn Fn(&mut WriteTx) -> Result<()>| app.archive.write(Authority::Caller(actor), |tx| work(tx));
    let change =
        |change: UserChange| done(&move |tx| access::change_user(tx, actor, "editor2", any, change, now).map(drop));
    vec![
        change(UserChange { trusted: Some(true), ..UserChange::default() }),
        change(UserChange { role: Some(Role::Moderator), ..UserChange::default() }),
        change(UserChange { disabled: Some(true), ..UserChange::default() }),
        done(&|tx| access::issue_reset(tx, actor, "editor", now).map(drop)),
        done(&|tx| {
            let new = NewInvitation { role: Role::Admin, note: None, expires_in_hours: None };
            access::create_invitation(tx, actor, new, now).map(drop)
        }),
        done(&|tx| access::end_user_sessions(tx, actor, "moderator2", now)),
        done(&|tx| access::revoke_user_api_key(tx, actor, "moderator2", "none", now)),
        done(&|tx| access::revoke_invitation(tx, actor, "none", now)),
    ]
}

fn who_is_no_administrator_any_more_finishes_nothing(app: &TestApp) {
    change(&app.admin, "moderator", &json!({"role": "admin"})).expect(200);
    let other = app.anyone.sign_in("moderator", PASSWORD);
    let body = json!({"name": "x", "scopes": ["admin"], "password": PASSWORD});
    let key = other.post("/v1/me/api-keys", &body).expect(201).json();
    let by_session = session_of(app, "moderator");
    let key_id = key["id"].as_str().unwrap().to_owned();
    let by_key = Actor { credential: Credential::Key { id: key_id, scopes: vec![Scope::Admin] }, ..by_session.clone() };
    let before = app.admin.get("/v1/users/editor2").expect(200).text;
    change(&app.admin, "moderator", &json!({"role": "moderator"})).expect(200);
    for outcome in act(app, &by_session) {
        assert!(matches!(outcome, Err(Error::InvalidToken(_))), "{outcome:?}");
    }
    for outcome in act(app, &by_key) {
        assert!(matches!(outcome, Err(Error::RightsChanged)), "{outcome:?}");
    }
    change(&app.admin, "moderator", &json!({"disabled": true})).expect(200);
    for actor in [by_session, by_key] {
        for outcome in act(app, &actor) {
            assert!(matches!(outcome, Err(Error::InvalidToken(_))), "{outcome:?}");
        }
    }
    assert_eq!(app.admin.get("/v1/users/editor2").expect(200).text, before);
    assert_eq!(app.admin.get("/v1/invitations").expect(200).json()["total"]["value"], 0);
    // The one who is one can.
    let able = act(app, &session_of(app, "admin"));
    assert!(able[..6].iter().all(Result::is_ok), "{able:?}");
    assert!(able[6..].iter().all(|outcome| matches!(outcome, Err(Error::NotFound(_)))), "{able:?}");
}

/// Two administrators disable each other at the same moment: one wins, whether or not there is a third.
fn of_two_administrators_who_disable_each_other_one_is_left(app: &TestApp) {
    change(&app.admin, "moderator", &json!({"role": "admin"})).expect(200);
    change(&app.admin, "moderator2", &json!({"role": "admin"})).expect(200);
    let third = app.anyone.sign_in("moderator2", PASSWORD);
    for round in 0..8 {
        let pair = ["admin", "moderator"];
        let callers = pair.map(|name| app.anyone.sign_in(name, PASSWORD));
        if round == 7 {
            // Only the two are left: it is the last administrator that is at stake.
            change(&callers[0], "moderator2", &json!({"disabled": true})).expect(200);
        }
        let barrier = Barrier::new(2);
        let answers: Vec<Answer> = std::thread::scope(|scope| {
            let disable = |n: usize| {
                barrier.wait();
                change(&callers[n], pair[1 - n], &json!({"disabled": true}))
            };
            let racers = [0, 1].map(|n| scope.spawn(move || disable(n)));
            racers.into_iter().map(|racer| racer.join().unwrap()).collect()
        });
        let won = answers.iter().position(|answer| answer.status == 200).unwrap();
        assert_eq!(answers[1 - won].status, 401, "{}", answers[1 - won].text);
        let active = app.archive.store.read(|tx| tx.count_active_admins()).unwrap();
        if round == 7 {
            assert_eq!(active, 1);
            change(&callers[won], pair[won], &json!({"disabled": true})).expect_problem(409, "last_admin");
        } else {
            assert_eq!(active, 2);
            change(&third, pair[1 - won], &json!({"disabled": false})).expect(200);
        }
    }
}

fn make_key(caller: &Caller, name: &str) -> Value {
    let body = json!({"name": name, "scopes": ["read"], "password": PASSWORD});
    caller.post("/v1/me/api-keys", &body).expect(201).json()
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap()
}

fn keys_of_others_are_seen_and_revoked(app: &TestApp) {
    let keys = ["one", "two", "three"].map(|name| make_key(&app.editor, name));
    let own = make_key(&app.editor2, "another's");
    let answer = app.admin.get("/v1/users/editor/api-keys").expect(200);
    for key in &keys {
        assert!(!answer.text.contains(text(key, "key")) && answer.text.contains(text(key, "prefix")));
    }
    assert_eq!(answer.json(), app.editor.get("/v1/me/api-keys").expect(200).json());
    let by_id = format!("/v1/users/{}/api-keys", user_id(app, "editor"));
    assert_eq!(app.admin.get(&by_id).expect(200).json()["items"], answer.json()["items"]);
    let page = app.admin.get("/v1/users/editor/api-keys?limit=2").expect(200).json();
    let rest = format!("/v1/users/editor/api-keys?limit=2&cursor={}", text(&page, "next"));
    assert_eq!(app.admin.get(&rest).expect(200).json()["items"][0]["name"], "one");
    let foreign = format!("/v1/users/editor2/api-keys?limit=2&cursor={}", text(&page, "next"));
    app.admin.get(&foreign).expect_problem(400, "invalid_cursor");
    let path = |user: &str, key: &Value| format!("/v1/users/{user}/api-keys/{}", text(key, "id"));
    app.admin.delete(&path("editor", &own)).expect_problem(404, "not_found");
    app.admin.delete(&path("nobody", &keys[0])).expect_problem(404, "not_found");
    app.admin.get("/v1/users/nobody/api-keys").expect_problem(404, "not_found");
    app.moderator.delete(&path("editor", &keys[0])).expect_problem(403, "forbidden");
    let by_key = |key: &Value| app.anyone.bearer(text(key, "key")).get("/v1/me");
    by_key(&keys[0]).expect(200);
    for _ in 0..2 {
        app.admin.delete(&path("editor", &keys[0])).expect(204);
    }
    by_key(&keys[0]).expect_problem(401, "invalid_token");
    by_key(&keys[1]).expect(200);
    by_key(&own).expect(200);
    let subject = format!("subject=api_key%20{}", text(&keys[0], "id"));
    let lines = app.admin.get(&format!("/v1/audit?action=api_key_revoked&{subject}")).expect(200).json();
    let line = &lines["items"][0];
    assert_eq!((&lines["total"]["value"], &line["actor"]), (&json!(1), &json!("admin")));
    assert_eq!(line["detail"], json!({"account": "editor", "prefix": text(&keys[0], "prefix")}));
    // No key manages keys.
    let body = json!({"name": "x", "scopes": ["admin"], "password": PASSWORD});
    let key = app.admin.post("/v1/me/api-keys", &body).expect(201).json();
    let caller = app.anyone.bearer(text(&key, "key"));
    caller.get("/v1/users/editor/api-keys").expect_problem(403, "insufficient_scope");
    caller.delete(&path("editor", &keys[1])).expect_problem(403, "insufficient_scope");
}

fn sessions_of_others_are_seen_and_ended(app: &TestApp) {
    let second = app.anyone.with("User-Agent", "a second one").sign_in("editor", PASSWORD);
    let list = app.admin.get("/v1/users/editor/sessions").expect(200).json();
    assert_eq!(list["total"]["value"], 2);
    assert_eq!((text(&list["items"][0], "user_agent"), &list["items"][0]["current"]), ("a second one", &json!(false)));
    let own = app.admin.get("/v1/users/admin/sessions").expect(200).json();
    assert_eq!(own["items"][0]["current"], true);
    app.moderator.delete("/v1/users/editor/sessions").expect_problem(403, "forbidden");
    app.admin.delete("/v1/users/nobody/sessions").expect_problem(404, "not_found");
    for _ in 0..2 {
        app.admin.delete("/v1/users/editor/sessions").expect(204);
    }
    for caller in [&second, &app.editor] {
        caller.get("/v1/me").expect_problem(401, "invalid_token");
    }
    app.editor2.get("/v1/me").expect(200);
    assert_eq!(app.admin.get("/v1/users/editor/sessions").expect(200).json()["total"]["value"], 0);
    let lines = app.admin.get("/v1/audit?action=sessions_ended&subject=user%20editor").expect(200).json();
    assert_eq!((&lines["total"]["value"], &lines["items"][0]["detail"]), (&json!(1), &json!({"count": 2})));
    app.anyone.sign_in("editor", PASSWORD).get("/v1/me").expect(200);
}

fn operators_see_and_revoke_keys(app: &TestApp) {
    let keys = ["one", "two", "three"].map(|name| make_key(&app.editor, name));
    let run = |args: &[&str]| {
        let mut all = args.to_vec();
        all.extend(["--database-url", &app.database.url]);
        let output = command(&all).output().unwrap();
        (output.status.success(), String::from_utf8(output.stdout).unwrap())
    };
    let (_, listed) = run(&["user", "keys", "editor"]);
    assert_eq!(listed.lines().count(), 3);
    assert!(listed.starts_with(text(&keys[2], "prefix")) && listed.contains("used never  three"), "{listed}");
    assert!(!listed.contains(text(&keys[2], "key")));
    let prefix = text(&keys[0], "prefix");
    let marked = format!("krt_{prefix}");
    assert_eq!(run(&["user", "revoke-keys", "editor", "--prefix", &marked]), (true, "revoked 1 of editor\n".into()));
    assert!(!run(&["user", "revoke-keys", "editor", "--prefix", prefix]).0, "it is revoked already");
    assert!(!run(&["user", "revoke-keys", "nobody"]).0);
    let status = |key: &Value| app.anyone.bearer(text(key, "key")).get("/v1/me").status;
    assert_eq!([0, 1, 2].map(|n| status(&keys[n])), [401, 200, 200]);
    assert_eq!(run(&["user", "revoke-keys", "editor"]), (true, "revoked 2 of editor\n".into()));
    assert_eq!([0, 1, 2].map(|n| status(&keys[n])), [401, 401, 401]);
    let lines = app.admin.get("/v1/audit?action=api_key_revoked&actor=(operator)").expect(200).json();
    assert_eq!(lines["total"]["value"], 3);
}
