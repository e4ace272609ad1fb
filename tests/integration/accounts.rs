//! Accounts: passwords, resets, invitations, what administrators change, and the trail of it.

use std::time::Duration;

use kartoteka::{
    access::{PasswordPolicy, Passwords, Secret, create_user, issue_setup_token},
    model::permissions::Role,
    store::{InvitationRow, ResetRow},
};
use serde_json::{Value, json};

use crate::{
    harness::{Answer, Caller, Database, PASSWORD, TestApp, cases, watch},
    program::{command, create_user as create_by_command},
};

cases![
    weak_passwords_are_refused_everywhere,
    changing_the_password_ends_the_other_sessions,
    of_two_changes_of_a_password_one_wins,
    a_reset_is_not_overtaken,
    what_an_administrator_handed_out_ends_with_the_role,
    hashes_are_made_anew_when_the_parameters_change,
    a_reset_works_once_and_for_a_day,
    an_invitation_makes_one_account,
    the_first_administrator_comes_by_a_set_up_token,
    administrators_list_and_read_accounts,
    changes_of_an_account_take_effect_at_once,
    an_active_administrator_is_always_left,
    the_trail_tells_what_was_done,
    operators_manage_accounts_and_keys_by_command,
];

const OTHER: &str = "quite another sentence";

fn sign_in(app: &TestApp, name: &str, password: &str) -> Answer {
    app.anyone.post("/v1/auth/login", &json!({"username": name, "password": password}))
}

fn trail(app: &TestApp, query: &str) -> Vec<Value> {
    app.admin.get(&format!("/v1/audit?{query}")).expect(200).json()["items"].as_array().unwrap().clone()
}

fn text(answer: &Value, field: &str) -> String {
    answer[field].as_str().unwrap().to_owned()
}

fn patch(caller: &Caller, name: &str, body: &Value) -> Answer {
    let path = format!("/v1/users/{name}");
    let tag = caller.get(&path).expect(200).header("etag").to_owned();
    caller.with("If-Match", &tag).patch(&path, body)
}

fn invite(app: &TestApp, role: &str) -> Value {
    app.admin.post("/v1/invitations", &json!({"role": role, "note": "a test"})).expect(201).json()
}

fn register(app: &TestApp, token: &str, name: &str, password: &str) -> Answer {
    let body = json!({"invitation_token": token, "username": name, "password": password});
    app.anyone.post("/v1/auth/register", &body)
}

fn weak_passwords_are_refused_everywhere(app: &TestApp) {
    let change = |new: &str| {
        let body = json!({"current_password": PASSWORD, "new_password": new});
        app.editor.put("/v1/me/password", &body).expect_problem(422, "invalid_input").faults()
    };
    let fault = |code: &str| vec![("/new_password".to_owned(), code.to_owned())];
    assert_eq!(change("short"), fault("invalid_value"));
    assert_eq!(change(&"abcd".repeat(33)), fault("invalid_value"));
    assert_eq!(change(&" ".repeat(12)), fault("invalid_value"));
    assert_eq!(change("a         b"), fault("invalid_value"));
    assert_eq!(change("ababababababab"), fault("common_password"));
    assert_eq!(change("PasswordPassword"), fault("common_password"));
    assert_eq!(change("qwertyuiop123"), fault("common_password"));
    assert_eq!(change("what an Editor would take"), fault("common_password"));
    assert_eq!(change(PASSWORD), fault("no_change"));
    let token = text(&invite(app, "editor"), "invitation_token");
    register(app, &token, "Anna!", "123456789012")
        .expect(422)
        .expect_faults(&[("/username", "invalid_value"), ("/password", "common_password")]);
    // The password does not come back in the answer.
    let answer = register(app, &token, "anna", "anna-is-my-name").expect(422);
    assert!(!answer.text.contains("anna-is-my-name"));
}

fn changing_the_password_ends_the_other_sessions(app: &TestApp) {
    let caller = app.anyone.sign_in("editor2", PASSWORD);
    let body = |current: &str| json!({"current_password": current, "new_password": OTHER});
    caller.put("/v1/me/password", &body("not the password")).expect_problem(401, "wrong_credentials");
    app.editor2.get("/v1/me").expect(200);
    caller.put("/v1/me/password", &body(PASSWORD)).expect(204);
    caller.get("/v1/me").expect(200);
    app.editor2.get("/v1/me").expect_problem(401, "invalid_token");
    sign_in(app, "editor2", PASSWORD).expect_problem(401, "wrong_credentials");
    sign_in(app, "editor2", OTHER).expect(200);
    assert_eq!(trail(app, "action=password_changed&actor=editor2").len(), 1);
    assert_eq!(trail(app, "action=sign_in_failed&subject=user%20editor2").len(), 2);
}

fn of_two_changes_of_a_password_one_wins(app: &TestApp) {
    let mut current = PASSWORD.to_owned();
    for round in 0..8 {
        let callers = [0, 1].map(|n| (app.anyone.sign_in("editor2", &current), format!("a sentence {round} of {n}")));
        let answers: Vec<u16> = std::thread::scope(|scope| {
            let change = |(caller, new): &(Caller, String)| {
                let body = json!({"current_password": current, "new_password": new});
                caller.put("/v1/me/password", &body).status
            };
            let racers: Vec<_> = callers.iter().map(|each| scope.spawn(move || change(each))).collect();
            racers.into_iter().map(|racer| racer.join().unwrap()).collect()
        });
        let won = answers.iter().position(|status| *status == 204).unwrap();
        assert_eq!(answers[1 - won], 401, "{answers:?}");
        current.clone_from(&callers[won].1);
        callers[won].0.get("/v1/me").expect(200);
    }
}

/// A thief changes the password while the owner uses a reset: whatever comes first, the owner has the account.
fn a_reset_is_not_overtaken(app: &TestApp) {
    let mut current = PASSWORD.to_owned();
    for round in 0..8 {
        let thief = app.anyone.sign_in("editor2", &current);
        let issued = app.admin.post_nothing("/v1/users/editor2/password-reset").expect(201).json();
        let (stolen, owned) = (format!("a thief's sentence {round}"), format!("an owner's sentence {round}"));
        let change = json!({"current_password": current, "new_password": stolen});
        let reset = json!({"reset_token": issued["reset_token"], "new_password": owned});
        let statuses = std::thread::scope(|scope| {
            let thief = scope.spawn(|| thief.put("/v1/me/password", &change).status);
            let owner = scope.spawn(|| app.anyone.post("/v1/auth/reset-password", &reset).status);
            (thief.join().unwrap(), owner.join().unwrap())
        });
        match statuses {
            (401, 204) => current = owned,
            // The change came first, and made the reset useless: the owner sees it, and asks for another.
            (204, 401) => current = stolen,
            other => panic!("{other:?}"),
        }
        sign_in(app, "editor2", &current).expect(200);
    }
}

fn what_an_administrator_handed_out_ends_with_the_role(app: &TestApp) {
    patch(&app.admin, "moderator", &json!({"role": "admin"})).expect(200);
    let hand_out = |caller: &Caller| {
        let invitation = caller.post("/v1/invitations", &json!({"role": "admin"})).expect(201).json();
        let reset = caller.post_nothing("/v1/users/editor/password-reset").expect(201).json();
        (text(&invitation, "invitation_token"), text(&reset, "reset_token"))
    };
    let (invitation, reset) = hand_out(&app.anyone.sign_in("moderator", PASSWORD));
    patch(&app.admin, "moderator", &json!({"role": "moderator"})).expect(200);
    register(app, &invitation, "anna", OTHER).expect_problem(401, "invalid_token");
    let body = json!({"reset_token": reset, "new_password": OTHER});
    app.anyone.post("/v1/auth/reset-password", &body).expect_problem(401, "invalid_token");
    assert_eq!(trail(app, "action=role_changed")[0]["detail"]["invitations_and_resets_revoked"], 2);
    // What others handed out stays.
    let (invitation, _) = hand_out(&app.admin);
    patch(&app.admin, "moderator", &json!({"disabled": true})).expect(200);
    register(app, &invitation, "anna", OTHER).expect(201);
}

fn hashes_are_made_anew_when_the_parameters_change(app: &TestApp) {
    let policy = PasswordPolicy { memory_kib: 128, passes: 2, at_once: 1, wait: Duration::from_secs(5) };
    let passwords = Passwords::new(policy).unwrap();
    create_user(&app.archive, &passwords, "vera", Role::Editor, &Secret::new(PASSWORD)).unwrap();
    let hash = || app.archive.store.read(|tx| tx.user_by_name("vera")).unwrap().unwrap().password_hash;
    assert!(hash().contains("$m=128,t=2,p=1$"));
    sign_in(app, "vera", "not the password").expect(401);
    assert!(hash().contains("$m=128,t=2,p=1$"));
    sign_in(app, "vera", PASSWORD).expect(200);
    assert!(hash().contains("$m=64,t=1,p=1$"), "made anew with the parameters of the server");
    sign_in(app, "vera", PASSWORD).expect(200);
}

fn a_reset_works_once_and_for_a_day(app: &TestApp) {
    let issue = || app.admin.post_nothing("/v1/users/editor2/password-reset").expect(201);
    let use_it = |token: &str, password: &str| {
        app.anyone.post("/v1/auth/reset-password", &json!({"reset_token": token, "new_password": password}))
    };
    let earlier = text(&issue().json(), "reset_token");
    let answer = issue();
    assert_eq!(answer.header("cache-control"), "no-store");
    let token = text(&answer.json(), "reset_token");
    use_it(&earlier, OTHER).expect_problem(401, "invalid_token");
    use_it(&token, "editor2editor2").expect(422).expect_faults(&[("/new_password", "common_password")]);
    app.editor2.get("/v1/me").expect(200);
    use_it(&token, OTHER).expect(204);
    app.editor2.get("/v1/me").expect_problem(401, "invalid_token");
    use_it(&token, "yet another sentence").expect_problem(401, "invalid_token");
    sign_in(app, "editor2", PASSWORD).expect(401);
    sign_in(app, "editor2", OTHER).expect(200);
    let user = app.archive.store.read(|tx| tx.user_by_name("editor2")).unwrap().unwrap();
    let now = app.archive.now();
    let old = Secret::new("an expired reset");
    let row = ResetRow {
        token_hash: old.digest(),
        user_id: user.id,
        issued_by: "admin".into(),
        created_at: 0,
        expires_at: now,
        used_at: None,
    };
    app.archive.store.write(|tx| tx.insert_reset(&row)).unwrap();
    use_it(old.reveal(), OTHER).expect_problem(401, "invalid_token");
    use_it("", OTHER).expect_problem(401, "invalid_token");
    app.moderator.post_nothing("/v1/users/editor2/password-reset").expect_problem(403, "forbidden");
    app.admin.post_nothing("/v1/users/nobody/password-reset").expect_problem(404, "not_found");
    // No use for who may not come in.
    let disabled = text(&issue().json(), "reset_token");
    patch(&app.admin, "editor2", &json!({"disabled": true})).expect(200);
    use_it(&disabled, OTHER).expect_problem(401, "invalid_token");
    assert_eq!(trail(app, "action=password_reset_issued").len(), 3);
    assert_eq!(trail(app, "action=password_reset_used")[0]["subject"], "user editor2");
}

fn an_invitation_makes_one_account(app: &TestApp) {
    let made = invite(app, "moderator");
    let token = text(&made, "invitation_token");
    let account = register(app, &token, "olga", OTHER).expect(201).json();
    assert_eq!((&account["username"], &account["role"]), (&json!("olga"), &json!("moderator")));
    app.anyone.sign_in("olga", OTHER).get("/v1/me").expect(200);
    register(app, &token, "olga2", OTHER).expect_problem(401, "invalid_token");
    let taken = text(&invite(app, "editor"), "invitation_token");
    register(app, &taken, "olga", OTHER).expect(422).expect_faults(&[("/username", "already_exists")]);
    register(app, &taken, "olga3", OTHER).expect(201);
    let revoked = invite(app, "editor");
    let path = format!("/v1/invitations/{}", text(&revoked, "id"));
    app.admin.delete(&path).expect(204);
    app.admin.delete(&path).expect(204);
    register(app, &text(&revoked, "invitation_token"), "pavel", OTHER).expect_problem(401, "invalid_token");
    app.admin.delete("/v1/invitations/none").expect_problem(404, "not_found");
    let old = Secret::new("an expired invitation");
    let row = InvitationRow {
        id: uuid::Uuid::now_v7().to_string(),
        token_hash: old.digest(),
        role: "admin".into(),
        note: None,
        is_setup: false,
        created_by: "admin".into(),
        created_at: 0,
        expires_at: app.archive.now(),
        used_at: None,
        used_by: None,
        revoked_at: None,
    };
    app.archive.store.write(|tx| tx.insert_invitation(&row)).unwrap();
    register(app, old.reveal(), "pavel", OTHER).expect_problem(401, "invalid_token");
    let list = app.admin.get("/v1/invitations").expect(200);
    assert!(!list.text.contains("token"));
    let states: Vec<_> = list.json()["items"].as_array().unwrap().iter().map(|i| i["state"].clone()).collect();
    assert_eq!(states, ["expired", "revoked", "used", "used"]);
    assert_eq!(list.json()["items"][3]["used_by"], "olga");
    app.admin
        .post("/v1/invitations", &json!({"role": "tsar", "expires_in_hours": 0}))
        .expect(422)
        .expect_faults(&[("/role", "unknown_code")]);
    app.admin
        .post("/v1/invitations", &json!({"role": "editor", "expires_in_hours": 0, "note": "a\u{0}"}))
        .expect(422)
        .expect_faults(&[("/expires_in_hours", "invalid_value"), ("/note", "control_character")]);
    assert_eq!(trail(app, "action=registered").len(), 2);
    assert_eq!(trail(app, "action=invitation_revoked").len(), 1);
}

fn the_first_administrator_comes_by_a_set_up_token(app: &TestApp) {
    // There is an administrator here.
    assert!(issue_setup_token(&app.archive).unwrap().is_none());
    let database = Database::new(app.backend);
    let fresh = TestApp::without_accounts(app.backend, database);
    let first = issue_setup_token(&fresh.archive).unwrap().unwrap();
    let second = issue_setup_token(&fresh.archive).unwrap().unwrap();
    register(&fresh, first.reveal(), "mallory", OTHER).expect_problem(401, "invalid_token");
    let account = register(&fresh, second.reveal(), "olga", OTHER).expect(201).json();
    assert_eq!(account["role"], "admin");
    register(&fresh, second.reveal(), "mallory", OTHER).expect_problem(401, "invalid_token");
    assert!(issue_setup_token(&fresh.archive).unwrap().is_none());
}

fn administrators_list_and_read_accounts(app: &TestApp) {
    let names = |query: &str| -> Vec<String> {
        let list = app.admin.get(&format!("/v1/users{query}")).expect(200).json();
        list["items"].as_array().unwrap().iter().map(|u| text(u, "username")).collect()
    };
    assert_eq!(names(""), ["admin", "editor", "editor2", "moderator", "moderator2"]);
    assert_eq!(names("?role=moderator"), ["moderator", "moderator2"]);
    assert_eq!(names("?q=Ator"), ["moderator", "moderator2"]);
    assert_eq!(names("?q=_").len(), 0, "no wildcard");
    assert_eq!(names("?q=%25").len(), 0, "no wildcard");
    assert_eq!(names("?disabled=true").len(), 0);
    app.admin.get("/v1/users?role=tsar&disabled=x").expect_problem(400, "invalid_query");
    let page = app.admin.get("/v1/users?limit=2").expect(200).json();
    let next = text(&page, "next");
    assert_eq!(names(&format!("?limit=2&cursor={next}")), ["editor2", "moderator"]);
    app.admin.get(&format!("/v1/users?limit=2&role=editor&cursor={next}")).expect_problem(400, "invalid_cursor");
    let user = app.admin.get("/v1/users/editor").expect(200);
    let by_id = app.admin.get(&format!("/v1/users/{}", text(&user.json(), "id"))).expect(200);
    assert_eq!((user.json(), user.header("etag")), (by_id.json(), by_id.header("etag")));
    assert!(!user.text.contains("argon2"));
    app.admin.with("If-None-Match", user.header("etag")).get("/v1/users/editor").expect(304);
    app.admin.get("/v1/users/nobody").expect_problem(404, "not_found");
    app.moderator.get("/v1/users/editor").expect_problem(403, "forbidden");
}

fn changes_of_an_account_take_effect_at_once(app: &TestApp) {
    app.admin.patch("/v1/users/editor2", &json!({"trusted": true})).expect_problem(428, "precondition_required");
    let stale = app.admin.get("/v1/users/editor2").expect(200).header("etag").to_owned();
    let changed = patch(&app.admin, "editor2", &json!({"trusted": true})).expect(200);
    assert_eq!(changed.json()["trusted"], true);
    app.editor2.get("/v1/me").expect(200);
    let old = app.admin.with("If-Match", &stale).patch("/v1/users/editor2", &json!({"trusted": false}));
    old.expect_problem(412, "precondition_failed");
    let again = app.admin.get("/v1/users/editor2").expect(200);
    assert_eq!(again.header("etag"), changed.header("etag"));
    patch(&app.admin, "editor2", &json!({"role": "moderator"})).expect(200);
    app.editor2.get("/v1/me").expect_problem(401, "invalid_token");
    let caller = app.anyone.sign_in("editor2", PASSWORD);
    assert_eq!(caller.get("/v1/me").expect(200).json()["role"], "moderator");
    patch(&app.admin, "editor2", &json!({"disabled": true})).expect(200);
    caller.get("/v1/me").expect_problem(401, "invalid_token");
    sign_in(app, "editor2", PASSWORD).expect_problem(401, "wrong_credentials");
    patch(&app.admin, "editor2", &json!({"disabled": false})).expect(200);
    caller.get("/v1/me").expect_problem(401, "invalid_token");
    sign_in(app, "editor2", PASSWORD).expect(200);
    app.admin.with("If-Match", "*").patch("/v1/users/editor2", &json!({"role": "tsar", "name": "x"})).expect(422);
    let acts: Vec<_> = trail(app, "actor=admin&subject=user%20editor2").iter().map(|l| text(l, "action")).collect();
    assert_eq!(acts, ["enabled", "disabled", "role_changed", "trust"]);
    // A retry gets the remembered answer, and changes nothing again.
    let retried = app.admin.with("If-Match", "*").with("Idempotency-Key", "once");
    let first = retried.patch("/v1/users/editor2", &json!({"trusted": false})).expect(200);
    let second = retried.patch("/v1/users/editor2", &json!({"trusted": false})).expect(200);
    assert_eq!((first.text, second.header("idempotency-replayed")), (second.text.clone(), "true"));
}

fn an_active_administrator_is_always_left(app: &TestApp) {
    for body in [json!({"disabled": true}), json!({"role": "editor"})] {
        patch(&app.admin, "admin", &body).expect_problem(409, "last_admin");
        app.admin.get("/v1/me").expect(200);
    }
    patch(&app.admin, "moderator", &json!({"role": "admin"})).expect(200);
    let other = app.anyone.sign_in("moderator", PASSWORD);
    patch(&app.admin, "admin", &json!({"role": "moderator"})).expect(200);
    app.admin.get("/v1/me").expect_problem(401, "invalid_token");
    patch(&other, "moderator", &json!({"disabled": true})).expect_problem(409, "last_admin");
}

fn the_trail_tells_what_was_done(app: &TestApp) {
    let before = trail(app, "action=sign_in_failed").len();
    sign_in(app, "editor", "not the password").expect(401);
    assert_eq!(trail(app, "action=sign_in_failed").len(), before + 1);
    sign_in(app, "my secret sentence", PASSWORD).expect(401);
    sign_in(app, "nobody", PASSWORD).expect(401);
    let failed = trail(app, "action=sign_in_failed");
    assert_eq!(failed.len(), before + 3, "one line each");
    let subjects: Vec<_> = failed.iter().map(|l| text(l, "subject")).collect();
    // What is no account may be a password in the wrong field.
    assert_eq!(subjects[..3], ["user (anonymous)", "user (anonymous)", "user editor"]);
    assert_eq!(failed[2]["detail"], json!({"reason": "password", "address": "127.0.0.1"}));
    let pair = sign_in(app, "editor", PASSWORD).expect(200).json();
    app.anyone.post("/v1/auth/logout", &json!({"refresh_token": pair["refresh_token"]})).expect(204);
    let own = trail(app, "actor=editor&limit=2");
    assert_eq!((text(&own[0], "action"), text(&own[1], "action")), ("sign_out".into(), "sign_in".into()));
    let middle = text(&own[0], "at");
    assert!(trail(app, &format!("actor=editor&since={middle}")).iter().all(|l| text(l, "at") >= middle));
    assert!(trail(app, &format!("actor=editor&until={middle}")).iter().all(|l| text(l, "at") < middle));
    let first = app.admin.get("/v1/audit?limit=2").expect(200).json();
    let second = app.admin.get(&format!("/v1/audit?limit=2&cursor={}", text(&first, "next"))).expect(200).json();
    let seqs = |page: &Value| page["items"].as_array().unwrap().iter().map(|l| l["seq"].as_i64().unwrap()).collect();
    let mut all: Vec<i64> = seqs(&first);
    all.extend::<Vec<i64>>(seqs(&second));
    assert!(all.windows(2).all(|w| w[0] == w[1] + 1), "{all:?}");
    app.admin.get("/v1/audit?since=yesterday&color=red").expect_problem(400, "invalid_query");
    app.moderator.get("/v1/audit").expect_problem(403, "forbidden");
}

fn operators_manage_accounts_and_keys_by_command(app: &TestApp) {
    let database = Database::new(app.backend);
    let run = |args: &[&str]| {
        let mut all = args.to_vec();
        all.extend(["--database-url", &database.url]);
        let output = watch::output(&mut command(&all));
        (output.status.success(), String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    assert!(create_by_command(&database, "olga", "admin", PASSWORD).status.success());
    assert!(create_by_command(&database, "anna", "editor", PASSWORD).status.success());
    assert_eq!(run(&["user", "set-role", "anna", "moderator"]), (true, "anna is moderator\n".into(), String::new()));
    assert!(run(&["user", "disable", "anna"]).0);
    let listed = run(&["user", "list"]).1;
    assert!(listed.contains("moderator, disabled") && listed.starts_with("anna "), "{listed}");
    assert!(run(&["user", "enable", "anna"]).0);
    let last = run(&["user", "disable", "olga"]);
    assert!(!last.0 && last.2.contains("last active administrator"), "{last:?}");
    let token = run(&["user", "reset-password", "anna"]).1;
    assert_eq!(token.trim().len(), 43);
    assert!(!run(&["user", "remove-totp", "anna"]).0);
    assert!(!run(&["user", "disable", "nobody"]).0);
    let kid = run(&["keys", "rotate", "--overlap-minutes", "5"]).1;
    let keys = run(&["keys", "list"]).1;
    assert_eq!(keys.lines().count(), 2);
    assert!(keys.starts_with(kid.trim()) && keys.contains("valid until"), "{keys}");
}
