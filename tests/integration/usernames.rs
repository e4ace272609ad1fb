//! Names of accounts are one name in all their spellings, wherever one is given; and what becomes of a name that changes.

use std::collections::BTreeSet;

use argon2::password_hash::PasswordHasher;
use kartoteka::http::{AppState, document};
use serde_json::{Value, json};

use crate::{
    harness::{Caller, PASSWORD, TestApp, cases, create, id, person, watch},
    program::{command, create_user},
    storage::execute,
};

cases![
    every_place_takes_any_spelling,
    every_command_takes_any_spelling,
    failures_of_all_spellings_count_together,
    accounts_of_older_versions_are_named_and_renamed,
    a_renamed_account_stays_the_same_account,
    passwords_are_the_same_from_every_keyboard,
];

/// Spellings of `editor`, as they stand in a URL too.
const SPELLINGS: &[&str] = &["Editor", " EDITOR", "editor\u{a0}", "ｅｄｉｔｏｒ", "\u{3000}Ｅditor "];

/// Where names of accounts are given: parameters and fields of these names, and accounts in paths.
fn places() -> BTreeSet<String> {
    let document = document();
    let mut places = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for operation in item.as_object().unwrap().values() {
            let at = operation["operationId"].as_str().unwrap();
            if path.starts_with("/v1/users/{id}") {
                places.insert(format!("{at} path"));
            }
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                let name = parameter["name"].as_str().unwrap();
                if ["author", "assignee", "actor", "subject", "username", "user", "reviewer"].contains(&name) {
                    places.insert(format!("{at} {name}"));
                }
                if at == "list_users" && name == "q" {
                    places.insert(format!("{at} {name}"));
                }
            }
            let body = operation.pointer("/requestBody/content/application~1json/schema/$ref");
            let schema = body.and_then(|r| document.pointer(r.as_str().unwrap().trim_start_matches('#')));
            for field in schema.and_then(|s| s["properties"].as_object()).into_iter().flat_map(|p| p.keys()) {
                if ["username", "author", "assignee", "user"].contains(&field.as_str()) {
                    places.insert(format!("{at} {field}"));
                }
            }
        }
    }
    places
}

fn encoded(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

/// Something of an answer that tells which account was found; `$` stands for the name.
fn found(caller: &Caller, place: &str, name: &str) -> Value {
    let ask = |path: &str| caller.get(&path.replace('$', &encoded(name))).expect(200).json();
    let total = |path: &str| {
        let answer = ask(path);
        assert_ne!(answer["items"], json!([]), "{place}: the test finds nothing");
        answer["items"].clone()
    };
    let changed = |method: &str, path: &str, body: Value, status: u16| {
        let path = path.replace('$', &encoded(name));
        let tag = caller.get(&format!("/v1/users/{}", encoded(name))).expect(200).header("etag").to_owned();
        let body = (method != "DELETE" && !body.is_null()).then(|| body.to_string().into_bytes());
        let caller = caller.with("If-Match", &tag).with("Content-Type", "application/json");
        json!(caller.send(method, &path, body).expect(status).status)
    };
    match place {
        "login username" => {
            let answer =
                caller.post("/v1/auth/login", &json!({"username": name, "password": PASSWORD})).expect(200).json();
            caller.bearer(answer["access_token"].as_str().unwrap()).get("/v1/me").expect(200).json()["id"].clone()
        }
        "register username" => {
            let invited = caller.post("/v1/invitations", &json!({"role": "editor"})).expect(201).json();
            let new = json!({"invitation_token": invited["invitation_token"], "username": name, "password": PASSWORD});
            let refused = caller.post("/v1/auth/register", &new).expect(422);
            let detail = refused.json()["detail"].clone();
            refused.expect_faults(&[("/username", "already_exists")]);
            detail
        }
        "list_submissions author" => total("/v1/submissions?author=$"),
        "list_submissions assignee" => total("/v1/submissions?assignee=$"),
        "list_audit actor" => total("/v1/audit?action=api_key_created&actor=$"),
        "list_audit subject" => {
            let subject = format!("user {name}");
            let path = format!("/v1/audit?action=user_created&subject={}", encoded(&subject));
            let items = caller.get(&path).expect(200).json()["items"].clone();
            assert_ne!(items, json!([]));
            items
        }
        "list_users q" => total("/v1/users?q=$"),
        "get_user path" => ask("/v1/users/$")["id"].clone(),
        "change_user path" => changed("PATCH", "/v1/users/$", json!({"trusted": true}), 200),
        "list_user_api_keys path" => total("/v1/users/$/api-keys"),
        "revoke_user_api_key path" => {
            let path = format!("/v1/users/$/api-keys/{}", id()).replace('$', &encoded(name));
            // The key is looked for, not the account.
            json!(caller.delete(&path).expect(404).json()["detail"])
        }
        "list_user_sessions path" => {
            caller.sign_in("editor", PASSWORD);
            json!(total("/v1/users/$/sessions") != json!([]))
        }
        "issue_password_reset path" => changed("POST", "/v1/users/$/password-reset", Value::Null, 201),
        "end_user_sessions path" => {
            caller.sign_in("editor", PASSWORD);
            changed("DELETE", "/v1/users/$/sessions", json!({}), 204);
            caller.get("/v1/users/editor/sessions").expect(200).json()["items"].clone()
        }
        other => panic!("{other}: add what tells the account there"),
    }
}

fn every_place_takes_any_spelling(app: &TestApp) {
    let places = places();
    assert!(places.len() >= 14, "{places:?}");
    // Something to be found everywhere: `editor` is a moderator for a moment, to hold a submission.
    app.editor.post("/v1/me/api-keys", &json!({"name": "a", "scopes": ["read"], "password": PASSWORD})).expect(201);
    app.submit(json!([create("person", &id(), &person("A", "B"))])).expect(201);
    let other = app
        .editor2
        .post("/v1/submissions", &json!({"summary": "x", "changes": [create("person", &id(), &person("C", "D"))]}));
    let other = other.expect(201).json();
    execute(app, "UPDATE users SET role = 'moderator' WHERE username = 'editor'").unwrap();
    crate::harness::decide(&app.anyone.sign_in("editor", PASSWORD), &other, "take").expect(200);
    for place in &places {
        let caller = match place.as_str() {
            "list_submissions author" | "list_submissions assignee" => &app.moderator,
            _ => &app.admin,
        };
        let expected = found(caller, place, "editor");
        for spelling in SPELLINGS {
            assert_eq!(found(caller, place, spelling), expected, "{place} {spelling:?}");
        }
    }
}

fn run(args: &[&str], url: &str) -> (bool, String) {
    let output = watch::output(command(args).args(["--database-url", url]));
    (output.status.success(), String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap())
}

fn every_command_takes_any_spelling(app: &TestApp) {
    let url = &app.database.url;
    let more: &[(&str, &[&str])] = &[
        ("set-role", &["editor"]),
        ("disable", &[]),
        ("enable", &[]),
        ("reset-password", &[]),
        ("keys", &[]),
        ("revoke-keys", &[]),
        ("remove-totp", &[]),
        ("trust", &[]),
        ("rename", &["editor"]),
    ];
    let help = String::from_utf8(command(&["user", "--help"]).output().unwrap().stdout).unwrap();
    let (_, list) = help.split_once("\nCommands:\n").unwrap();
    let lines = list.lines().take_while(|line| !line.trim().is_empty());
    let all: BTreeSet<&str> =
        lines.filter(|l| !l.starts_with("   ")).filter_map(|l| l.split_whitespace().next()).collect();
    let known: BTreeSet<&str> = more.iter().map(|(name, _)| *name).chain(["create", "list", "help"]).collect();
    assert_eq!(all, known);
    for (name, rest) in more {
        let args: Vec<&str> = ["user", name, " Editor"].iter().chain(*rest).copied().collect();
        let (done, said) = run(&args, url);
        let expected = match *name {
            "remove-totp" => "the account has no second factor",
            // Found, and it has the name already.
            "rename" => "There is an account editor already.",
            _ => "",
        };
        assert!(!said.contains("there is no such account") && said.contains(expected), "{name}: {said}");
        assert_eq!(done, expected.is_empty(), "{name}: {said}");
    }
    let again = create_user(&app.database, " Editor", "editor", PASSWORD);
    assert!(String::from_utf8(again.stderr).unwrap().contains("There is an account editor already."));
    let made = create_user(&app.database, "Ｎina ", "editor", PASSWORD);
    assert_eq!(String::from_utf8(made.stdout).unwrap(), "created nina (editor)\n");
    app.anyone.sign_in("NINA", PASSWORD).get("/v1/me").expect(200);
    // The trail knows one name.
    let trail = app.admin.get("/v1/audit?subject=user%20editor&actor=(operator)&limit=200").expect(200).json();
    assert!(trail["items"].as_array().unwrap().len() >= 5, "{trail}");
}

fn failures_of_all_spellings_count_together(app: &TestApp) {
    let until_refused = |app: &TestApp, spellings: &[&str]| {
        let wrong = |name: &str| json!({"username": name, "password": "a wrong password for tests"});
        let tries = spellings.iter().cycle().take(100);
        tries.take_while(|name| app.anyone.post("/v1/auth/login", &wrong(name)).status == 401).count()
    };
    let expected = until_refused(&TestApp::start(app.backend), &["editor"]);
    assert!(expected < 50);
    assert_eq!(until_refused(app, SPELLINGS), expected);
}

fn accounts_of_older_versions_are_named_and_renamed(app: &TestApp) {
    let url = &app.database.url;
    execute(app, "UPDATE users SET username = 'Editor' WHERE username = 'editor2'").unwrap();
    let settings = TestApp::settings(url);
    let error = AppState::open(&settings).err().unwrap().to_string();
    assert!(error.contains("kartoteka user rename 'Editor' NEW-NAME"), "{error}");
    let (done, said) = run(&["migrate"], url);
    assert!(!done && said.contains("kartoteka user rename 'Editor' NEW-NAME"), "{said}");
    // The very spelling is meant, not the account beside it.
    let (done, said) = run(&["user", "rename", "Editor", "Second.Editor"], url);
    assert!(done && said.contains("Editor is second.editor now"), "{said}");
    AppState::open(&settings).unwrap();
    assert!(run(&["migrate"], url).0);
    let me = app.anyone.sign_in("second.editor", PASSWORD).get("/v1/me").expect(200).json();
    assert_eq!(me["username"], "second.editor");
    assert_eq!(app.anyone.sign_in("editor", PASSWORD).get("/v1/me").expect(200).json()["username"], "editor");
}

fn a_renamed_account_stays_the_same_account(app: &TestApp) {
    let url = &app.database.url;
    app.publish(json!([create("person", &id(), &person("A", "B"))]));
    let made = app.admin.post("/v1/invitations", &json!({"role": "editor"})).expect(201).json();
    for (old, new) in [("editor", "anna"), ("admin", "olga")] {
        assert!(run(&["user", "rename", old, new], url).0);
    }
    // Its sessions go on, and the record keeps the name of then.
    assert_eq!(app.editor.get("/v1/me").expect(200).json()["username"], "anna");
    let revisions = app.anyone.get("/v1/people/P1/revisions").expect(200).json();
    assert_eq!(revisions["items"][0]["author"], "editor");
    let body = json!({"username": "editor", "password": PASSWORD});
    app.anyone.post("/v1/auth/login", &body).expect_problem(401, "wrong_credentials");
    app.anyone.sign_in("anna", PASSWORD).get("/v1/me").expect(200);
    let line = app.admin.get("/v1/audit?action=user_renamed&subject=user%20editor").expect(200).json();
    assert_eq!((&line["items"][0]["actor"], &line["items"][0]["detail"]["to"]), (&json!("(operator)"), &json!("anna")));
    // Nobody else gets the name that stands in the record; its owner may have it back.
    let refused = create_user(&app.database, "editor", "editor", PASSWORD);
    assert!(String::from_utf8(refused.stderr).unwrap().contains("belonged to an account that was renamed"));
    assert!(!run(&["user", "rename", "editor2", "editor"], url).0);
    assert!(!run(&["user", "rename", "anna", "Moderator"], url).0, "taken");
    assert!(!run(&["user", "rename", "anna", "no name"], url).0);
    assert!(!run(&["user", "rename", "nobody", "somebody"], url).0);
    assert!(run(&["user", "rename", "anna", "editor"], url).0);
    // What it has handed out is taken back with its rights.
    create_user(&app.database, "second", "admin", PASSWORD);
    assert!(run(&["user", "set-role", "olga", "editor"], url).0);
    let new = json!({"invitation_token": made["invitation_token"], "username": "mallory", "password": PASSWORD});
    app.anyone.post("/v1/auth/register", &new).expect_problem(401, "invalid_token");
}

fn passwords_are_the_same_from_every_keyboard(app: &TestApp) {
    // Composed and decomposed letters, an ordinary space and two others.
    let (composed, decomposed) = ("мой старый ёжик é", "мои\u{306}\u{a0}старыи\u{306}\u{3000}е\u{308}жик e\u{301}");
    let enters = |name: &str, password: &str| {
        let body = json!({"username": name, "password": password});
        app.anyone.post("/v1/auth/login", &body).status == 200
    };
    assert!(create_user(&app.database, "anna", "editor", decomposed).status.success());
    assert!(enters("anna", composed) && enters("anna", decomposed));
    assert!(!enters("anna", "мои старыи ежик e"), "letters are not lost");
    let anna = app.anyone.sign_in("anna", decomposed);
    let change = |current: &str, new: &str| {
        anna.put("/v1/me/password", &json!({"current_password": current, "new_password": new}))
    };
    change(composed, decomposed).expect(422).expect_faults(&[("/new_password", "no_change")]);
    change(composed, "a password\u{7}with a bell").expect(422).expect_faults(&[("/new_password", "invalid_value")]);
    change(composed, "another\u{2003}long password").expect(204);
    assert!(enters("anna", "another long password"));
    // A hash of an earlier version is of what was typed. It opens, and is made anew in the one form.
    let user = app.archive.store.read(|tx| tx.user_by_name("anna")).unwrap().unwrap();
    let params = argon2::Params::new(64, 1, 1, None).unwrap();
    let argon = argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params);
    let old = argon.hash_password(decomposed.as_bytes()).unwrap().to_string();
    let stored =
        |hash: &str| execute(app, &format!("UPDATE users SET password_hash = '{hash}' WHERE id = '{}'", user.id));
    stored(&old).unwrap();
    assert!(!enters("anna", composed), "nobody knows what was typed");
    assert!(enters("anna", decomposed));
    assert!(enters("anna", composed), "since the last sign-in");
    let now = app.archive.store.read(|tx| tx.user_by_name("anna")).unwrap().unwrap();
    assert_ne!(now.password_hash, old);
    // It is not made anew each time.
    assert!(enters("anna", decomposed));
    assert_eq!(app.archive.store.read(|tx| tx.user_by_name("anna")).unwrap().unwrap().password_hash, now.password_hash);
}
