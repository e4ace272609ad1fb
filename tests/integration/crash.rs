//! Servers that are killed in the middle of their work: what was acknowledged is there, what was not is there whole or
//! not at all, and jobs go on.

use std::{
    collections::HashSet,
    process::Command,
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::{
    harness::{Caller, Database, PASSWORD, TestApp, cases, create, decide, ended, id, person},
    program::{Served, create_user},
};

cases![what_was_acknowledged_outlives_a_killed_server, a_job_goes_on_after_its_server_was_killed,];

fn kill(served: &mut Served) {
    let killed = Command::new("kill").args(["-9", &served.child.id().to_string()]).status().unwrap();
    assert!(killed.success());
    served.child.wait().unwrap();
}

fn archive(app: &TestApp) -> Database {
    let database = Database::new(app.backend);
    create_user(&database, "editor", "editor", PASSWORD);
    create_user(&database, "moderator", "moderator", PASSWORD);
    database
}

/// All that is public, by the feed, which must have no gap.
fn public(caller: &Caller) -> HashSet<String> {
    let (mut ids, mut last) = (HashSet::new(), 0);
    loop {
        let page = caller.get(&format!("/v1/changes?after={last}&limit=200")).expect(200).json();
        let items = page["items"].as_array().unwrap();
        if items.is_empty() {
            return ids;
        }
        for event in items {
            last += 1;
            assert_eq!(event["seq"], last, "the feed has no gap");
            ids.insert(event["entry"]["id"].as_str().unwrap().to_owned());
        }
    }
}

/// Proposes and approves until the server is gone. What was acknowledged goes into `proposed` and `published`.
fn work(
    editor: &Caller,
    moderator: &Caller,
    over: &AtomicBool,
    (proposed, published): (&Mutex<Vec<String>>, &Mutex<Vec<String>>),
) {
    while !over.load(Ordering::Relaxed) {
        let entry = id();
        let changes = json!([create("person", &entry, &person(&entry, "A"))]);
        let body = json!({"summary": "A test", "changes": changes}).to_string();
        let editor = editor.with("Content-Type", "application/json");
        let Ok(answer) = editor.try_send("POST", "/v1/submissions", Some(body.into_bytes())) else { return };
        if answer.status != 201 {
            continue;
        }
        let submission = answer.json();
        proposed.lock().unwrap().push(submission["id"].as_str().unwrap().to_owned());
        let path = format!("/v1/submissions/{}/approve", submission["id"].as_str().unwrap());
        let moderator = moderator.with("If-Match", "\"v1\"").with("Content-Type", "application/json");
        match moderator.try_send("POST", &path, Some(b"{}".to_vec())) {
            Ok(answer) if answer.status == 200 => published.lock().unwrap().push(entry),
            Ok(_) => {}
            Err(_) => return,
        }
    }
}

fn what_was_acknowledged_outlives_a_killed_server(app: &TestApp) {
    let database = archive(app);
    let (proposed, published) = (Mutex::new(Vec::new()), Mutex::new(Vec::new()));
    for _ in 0..3 {
        let mut served = Served::over(&database);
        let editor = served.caller.sign_in("editor", PASSWORD);
        let moderator = served.caller.sign_in("moderator", PASSWORD);
        let over = AtomicBool::new(false);
        let before = published.lock().unwrap().len();
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| work(&editor, &moderator, &over, (&proposed, &published)));
            }
            let until = Instant::now() + Duration::from_secs(30);
            while published.lock().unwrap().len() < before + 20 && Instant::now() < until {
                std::thread::sleep(Duration::from_millis(5));
            }
            kill(&mut served);
            over.store(true, Ordering::Relaxed);
        });
        assert!(published.lock().unwrap().len() >= before + 20);
    }
    let served = Served::over(&database);
    let there = public(&served.caller);
    let lost: Vec<String> = published.lock().unwrap().iter().filter(|entry| !there.contains(*entry)).cloned().collect();
    assert!(lost.is_empty(), "{lost:?}");
    let moderator = served.caller.sign_in("moderator", PASSWORD);
    for submission in proposed.lock().unwrap().iter() {
        let found = moderator.get(&format!("/v1/submissions/{submission}")).expect(200).json();
        let entry = found["changes"][0]["id"].as_str().unwrap();
        // Accepted and public, or neither; with its trail.
        assert_eq!(found["state"] == "accepted", there.contains(entry), "{found}");
        let events = moderator.get(&format!("/v1/submissions/{submission}/events")).expect(200).json();
        let expected = if found["state"] == "accepted" { 2 } else { 1 };
        assert_eq!(events["items"].as_array().unwrap().len(), expected, "{events}");
    }
}

fn a_job_goes_on_after_its_server_was_killed(app: &TestApp) {
    let database = archive(app);
    let mut served = Served::over(&database);
    let editor = served.caller.sign_in("editor", PASSWORD);
    let moderator = served.caller.sign_in("moderator", PASSWORD);
    let mut batch = editor.post("/v1/batches", &json!({"summary": "A test"})).expect(201).json();
    let path = format!("/v1/submissions/{}", batch["id"].as_str().unwrap());
    for some in 0..6 {
        let rows: Vec<Value> =
            (0..100).map(|n| create("person", &id(), &person(&format!("Name{some}x{n}"), "A"))).collect();
        let tag = format!("\"v{}\"", batch["version"]);
        let added = editor.with("If-Match", &tag).post(&format!("{path}/rows"), &json!({"rows": rows}));
        batch = added.expect(200).json();
    }
    let batch = decide(&editor, &batch, "submit").expect(200).json();
    for row in moderator.get(&format!("{path}/sample")).expect(200).json()["rows"].as_array().unwrap() {
        moderator.post_nothing(&format!("{path}/rows/{}/open", row["position"])).expect(200);
    }
    let batch = decide(&moderator, &batch, "approve").expect(200).json();
    let job = decide(&moderator, &batch, "publish").expect(202).json();
    let job_path = format!("/v1/jobs/{}", job["id"].as_str().unwrap());
    while moderator.get(&job_path).expect(200).json()["done"] == 0 {
        std::thread::yield_now();
    }
    kill(&mut served);
    let served = Served::over(&database);
    let moderator = served.caller.sign_in("moderator", PASSWORD);
    let done = ended(&moderator, &job);
    assert_eq!(
        (&done["state"], &done["done"], &done["result"]),
        (&json!("done"), &json!(600), &json!({"published": 600, "set_aside": 0}))
    );
    assert_eq!(public(&served.caller).len(), 600);
    assert_eq!(served.caller.get("/v1/people").expect(200).json()["total"]["value"], 600);
}
