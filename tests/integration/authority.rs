//! Every write looks again at who asks for it: what the guard of a route saw may be over when the body arrives.

use std::{
    io::{Read, Write},
    net::TcpStream,
    thread,
    time::{Duration, Instant},
};

use kartoteka::{
    access::{TokenSettings, Tokens},
    http::document,
    model::permissions::Role,
    store::{SessionRow, WriteTx},
};
use serde_json::{Value, json};

use crate::harness::{Caller, Database, PASSWORD, TestApp, cases, create, id, person};

cases![
    every_write_looks_at_the_session_again,
    every_write_looks_at_the_role_again,
    every_write_looks_at_the_name_again,
    an_approval_whose_body_arrives_late_is_refused,
];

/// Operations that read, whatever their method.
const READS: &[&str] = &["check_body"];

/// A body for an operation that needs one, such that nothing is wrong with it before the archive is asked.
fn body_for(operation: &str) -> Option<Value> {
    let changes = json!({"summary": "A test", "changes": [create("person", &id(), &person("A", "B"))]});
    Some(match operation {
        "approve_submission" => json!({}),
        "reject_submission" | "request_submission_changes" => json!({"comment": "Seen."}),
        "create_submission" | "replace_submission" => changes,
        "create_batch" => json!({"summary": "A test"}),
        "add_submission_rows" => json!({"rows": [create("person", &id(), &person("A", "B"))]}),
        "set_submission_rows_aside" => json!({"rows": [0], "reason": "x"}),
        "create_submission_comment" | "replace_submission_comment" => json!({"text": "x"}),
        "resolve_submission" => json!({"resolutions": []}),
        "read_notifications" => json!({"up_to": 1}),
        "create_invitation" => json!({"role": "editor"}),
        "create_api_key" => json!({"name": "x", "scopes": ["read"], "password": PASSWORD}),
        "change_password" => json!({"current_password": PASSWORD, "new_password": "another long password"}),
        "enrol_totp" => json!({"password": PASSWORD}),
        "confirm_totp" => json!({"otp": "000000"}),
        "remove_totp" => json!({"password": PASSWORD, "otp": "000000"}),
        "change_user" => json!({"trusted": true}),
        other => {
            let (verb, kind) = other.split_once('_').unwrap();
            match (verb, kartoteka::model::kinds::KindDescriptor::by_name(kind)) {
                ("create" | "replace", Some(kind)) => (kind.example)(),
                ("patch", Some(_)) => json!({"x": 1}),
                ("protect", Some(_)) => json!({"level": "none", "reason": "x"}),
                _ => return None,
            }
        }
    })
}

/// Every operation of the document that changes something for an account: id, method, address, body.
fn writes() -> Vec<(String, String, String, Option<Value>)> {
    let document = document();
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let id = operation["operationId"].as_str().unwrap();
            if method == "get" || path.starts_with("/v1/auth/") || READS.contains(&id) {
                continue;
            }
            let has_body = operation.get("requestBody").is_some();
            let body = has_body.then(|| body_for(id).unwrap_or_else(|| panic!("a body for {id}")));
            let mut address = path.replace("{position}", "0");
            for name in ["{id}", "{key_id}", "{comment}"] {
                address = address.replace(name, "0199b2c4-0000-7000-8000-00000000ffff");
            }
            if id.starts_with("retire_") {
                address.push_str("?reason=x");
            }
            all.push((id.to_owned(), method.to_uppercase(), address, body));
        }
    }
    assert!(all.len() > 50, "{} operations", all.len());
    all
}

/// Sends every writing operation while the one writer is busy; meanwhile, and before any of them has its turn, `change`
/// happens. Gives what those were answered that waited for their turn; the others were refused while they were prepared.
fn overtaken(
    app: &TestApp,
    caller: &Caller,
    change: impl FnOnce(&mut WriteTx),
) -> Vec<(String, crate::harness::Answer)> {
    let requests: Vec<_> = writes()
        .into_iter()
        .map(|(operation, method, address, body)| {
            let media =
                if operation.starts_with("patch_") { "application/merge-patch+json" } else { "application/json" };
            let caller = caller.with("If-Match", "\"v1\"").with("Content-Type", media);
            (operation, caller, method, address, body.map(|body| body.to_string().into_bytes()))
        })
        .collect();
    thread::scope(|scope| {
        let waiting = app.archive.store.write(|tx| {
            let send = |(operation, caller, method, address, body): (String, Caller, String, String, _)| {
                scope.spawn(move || (operation, caller.send(&method, &address, body)))
            };
            let waiting: Vec<_> = requests.into_iter().map(send).collect();
            // Time for all of them to pass the guard; one that has not is refused there, as it should be.
            thread::sleep(Duration::from_millis(1_500));
            let (refused, waiting): (Vec<_>, Vec<_>) = waiting.into_iter().partition(|request| request.is_finished());
            for (operation, answer) in refused.into_iter().map(|request| request.join().unwrap()) {
                let is_refused = [404, 422].contains(&answer.status) || answer.json()["code"] == "insufficient_scope";
                assert!(is_refused, "{operation}: {}", answer.text);
            }
            change(tx);
            Ok::<_, kartoteka::store::StoreError>(waiting)
        });
        let waiting = waiting.unwrap();
        assert!(waiting.len() > 15, "{} operations", waiting.len());
        waiting.into_iter().map(|request| request.join().unwrap()).collect()
    })
}

/// A server on which many requests can wait for long.
fn patient(app: &TestApp) -> TestApp {
    let database = Database::new(app.backend);
    let mut settings = TestApp::settings(&database.url);
    settings.queue_timeout = Duration::from_secs(60);
    settings.store.checkout_timeout = Duration::from_secs(60);
    settings.store.turn_timeout = Duration::from_secs(60);
    settings.store.statement_timeout = Duration::from_secs(60);
    TestApp::start_with(app.backend, database, settings)
}

fn user_id(app: &TestApp, name: &str) -> String {
    app.archive.store.read(|tx| tx.user_by_name(name)).unwrap().unwrap().id
}

fn every_write_looks_at_the_session_again(app: &TestApp) {
    let app = patient(app);
    let admin = user_id(&app, "admin");
    let now = app.archive.now();
    let answers = overtaken(&app, &app.admin, |tx| {
        assert!(tx.end_sessions(&admin, None, now).unwrap() > 0);
    });
    for (operation, answer) in answers {
        assert_eq!(
            (answer.status, &answer.json()["code"]),
            (401, &json!("invalid_token")),
            "{operation}: {}",
            answer.text
        );
    }
}

fn every_write_looks_at_the_role_again(app: &TestApp) {
    let app = patient(app);
    let body = json!({"name": "x", "scopes": ["submit", "moderate", "admin"], "password": PASSWORD});
    let key = app.admin.post("/v1/me/api-keys", &body).expect(201).json()["key"].as_str().unwrap().to_owned();
    let admin = user_id(&app, "admin");
    let answers = overtaken(&app, &app.anyone.bearer(&key), |tx| {
        let mut user = tx.user(&admin).unwrap().unwrap();
        user.role = Role::Editor.as_str().to_owned();
        tx.update_user(&user).unwrap();
    });
    let mut seen = 0;
    for (operation, answer) in answers {
        let code = answer.json()["code"].clone();
        // Some operations take no key at all.
        if code == "insufficient_scope" {
            continue;
        }
        assert_eq!((answer.status, &code), (403, &json!("forbidden")), "{operation}: {}", answer.text);
        seen += 1;
    }
    assert!(seen > 15, "{seen}");
}

fn every_write_looks_at_the_name_again(app: &TestApp) {
    let app = patient(app);
    let admin = user_id(&app, "admin");
    let answers = overtaken(&app, &app.admin, |tx| {
        let user = tx.user(&admin).unwrap().unwrap();
        tx.rename_user(&user, "another", user.updated_at).unwrap();
    });
    for (operation, answer) in answers {
        assert_eq!((answer.status, &answer.json()["code"]), (403, &json!("forbidden")), "{operation}: {}", answer.text);
    }
}

/// Sends the head of a request, waits until the archive has let it in, and gives the connection.
fn begin(app: &TestApp, session: &SessionRow, path: &str, tag: &str, length: usize) -> TcpStream {
    let tokens = Tokens::open(&app.archive, TokenSettings::default()).unwrap();
    let token = tokens.issue(&app.archive.store, &session.user_id, &session.id, app.archive.now()).unwrap();
    let mut connection = TcpStream::connect(app.anyone.base().trim_start_matches("http://")).unwrap();
    write!(
        connection,
        "POST {path} HTTP/1.1\r\nHost: archive\r\nAuthorization: Bearer {}\r\nIf-Match: {tag}\r\n\
         Content-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n",
        token.reveal()
    )
    .unwrap();
    // That the session is used is noted when the guard has let it in.
    let until = Instant::now() + Duration::from_secs(20);
    loop {
        let noted = app.archive.store.read(|tx| tx.session(&session.id)).unwrap().unwrap().0;
        if noted.last_used_at > session.last_used_at {
            return connection;
        }
        assert!(Instant::now() < until, "the request was not let in");
        thread::sleep(Duration::from_millis(10));
    }
}

fn an_approval_whose_body_arrives_late_is_refused(app: &TestApp) {
    let submission = app.submit(json!([create("person", &id(), &person("Adams", "Bert"))])).expect(201).json();
    let path = format!("/v1/submissions/{}/approve", submission["id"].as_str().unwrap());
    let moderator = user_id(app, "moderator2");
    let now = app.archive.now();
    let session = SessionRow {
        id: uuid::Uuid::now_v7().to_string(),
        user_id: moderator,
        created_at: now - 600_000_000,
        expires_at: now + 600_000_000,
        ended_at: None,
        last_used_at: now - 300_000_000,
        address: None,
        user_agent: None,
    };
    app.archive.store.write(|tx| tx.insert_session(&session)).unwrap();
    let body = r#"{"comment": "Seen."}"#;
    let mut connection = begin(app, &session, &path, "\"v1\"", body.len());
    let account = app.admin.get("/v1/users/moderator2").expect(200);
    let tag = account.header("etag").to_owned();
    app.admin.with("If-Match", &tag).patch("/v1/users/moderator2", &json!({"disabled": true})).expect(200);
    connection.write_all(body.as_bytes()).unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 401 ") && answer.contains("invalid_token"), "{answer}");
    let after = app.editor.get(&format!("/v1/submissions/{}", submission["id"].as_str().unwrap())).expect(200).json();
    assert_eq!((&after["state"], &after["reviews"]), (&json!("submitted"), &json!([])));
}
