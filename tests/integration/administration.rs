//! What administrators do to the accounts of others: who may still do it, keys and sessions that they see and end.

use std::sync::Barrier;

use kartoteka::{
    access::{self, NewInvitation, UserChange},
    model::permissions::{Role, Scope},
    store::WriteTx,
    usecase::{Actor, Credential, Error, IfMatch, Result},
};
use serde_json::{Value, json};

use crate::harness::{Answer, Caller, PASSWORD, TestApp, cases};

cases![who_is_no_administrator_any_more_finishes_nothing, of_two_administrators_who_disable_each_other_one_is_left,];

fn change(caller: &Caller, name: &str, body: &Value) -> Answer {
    caller.with("If-Match", "*").patch(&format!("/v1/users/{name}"), body)
}

fn user_id(app: &TestApp, name: &str) -> String {
    app.archive.store.read(|tx| tx.user_by_name(name)).unwrap().unwrap().id
}

fn session_of(app: &TestApp, name: &str) -> Actor {
    let user_id = user_id(app, name);
    let open = app.archive.store.read(|tx| tx.list_sessions(&user_id, app.archive.now(), None, 1)).unwrap();
    let credential = Credential::Session { id: open[0].id.clone() };
    Actor { user_id, username: name.into(), role: Role::Admin, credential }
}

/// Everything that an administrator does, by somebody who passed the guard a moment ago.
fn act(app: &TestApp, actor: &Actor) -> Vec<Result<()>> {
    let now = app.archive.now();
    let any = Some(&IfMatch::Any);
    let done = |work: &dyn Fn(&mut WriteTx) -> Result<()>| app.archive.store.write(|tx| work(tx));
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
        assert!(matches!(outcome, Err(Error::Forbidden(_))), "{outcome:?}");
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
    assert!(able[..5].iter().all(Result::is_ok), "{able:?}");
    assert!(matches!(able[5], Err(Error::NotFound(_))));
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
