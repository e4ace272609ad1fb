//! A retried request has its effect once.

use std::{sync::Barrier, time::Duration};

use serde_json::{Value, json};

use crate::harness::{TestApp, cases, create, id, person};

cases![
    a_retry_gets_the_first_answer,
    a_key_belongs_to_one_request_of_one_account,
    refusals_are_remembered_too,
    the_same_request_at_once_has_one_effect,
    a_lost_attempt_is_taken_over,
];

fn proposal(given: &str) -> Value {
    json!({"summary": "A test", "changes": [create("person", &id(), &person("A", given))]})
}

fn count(app: &TestApp) -> i64 {
    app.moderator.get("/v1/submissions").expect(200).json()["total"]["value"].as_i64().unwrap()
}

fn a_retry_gets_the_first_answer(app: &TestApp) {
    let body = proposal("B");
    let caller = app.editor.with("Idempotency-Key", "\"8e03978e-40d5-43e8-bc93-6894a57f9324\"");
    let first = caller.post("/v1/submissions", &body).expect(201);
    assert!(first.headers.get("idempotency-replayed").is_none());
    let again = app
        .editor
        .with("Idempotency-Key", "8e03978e-40d5-43e8-bc93-6894a57f9324")
        .post("/v1/submissions", &body)
        .expect(201);
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(
        (&again.text, again.header("location"), again.header("etag")),
        (&first.text, first.header("location"), first.header("etag"))
    );
    assert_eq!(count(app), 1);
    // An approval sent twice publishes once.
    let submission = first.json();
    let path = format!("/v1/submissions/{}/approve", submission["id"].as_str().unwrap());
    let moderator = app.moderator.with("If-Match", "\"v1\"").with("Idempotency-Key", "approve-1");
    let one = moderator.post(&path, &json!({})).expect(200).json();
    let two = moderator.post(&path, &json!({})).expect(200).json();
    assert_eq!(one, two);
    assert_eq!(app.anyone.get("/v1/changes").expect(200).json()["total"]["value"], 1);
}

fn a_key_belongs_to_one_request_of_one_account(app: &TestApp) {
    let body = proposal("B");
    let caller = app.editor.with("Idempotency-Key", "k");
    caller.post("/v1/submissions", &body).expect(201);
    caller.post("/v1/submissions", &proposal("C")).expect_problem(422, "idempotency_mismatch");
    caller.post("/v1/people", &person("A", "B")).expect_problem(422, "idempotency_mismatch");
    app.editor2.with("Idempotency-Key", "k").post("/v1/submissions", &proposal("D")).expect(201);
    assert_eq!(count(app), 2);
}

fn refusals_are_remembered_too(app: &TestApp) {
    let s = id();
    let mut body = person("A", "B");
    body["names"][0]["citations"] = json!([{"source": s}]);
    let proposal = json!({"summary": "A test", "changes": [create("person", &id(), &body)]});
    let caller = app.editor.with("Idempotency-Key", "k");
    let first = caller.post("/v1/submissions", &proposal).expect(422);
    app.publish(json!([create("source", &s, &crate::harness::source("A"))]));
    let again = caller.post("/v1/submissions", &proposal);
    assert_eq!((again.status, &again.text), (422, &first.text));
    assert_eq!(again.header("content-type"), "application/problem+json");
    app.editor.post("/v1/submissions", &proposal).expect(201);
}

fn the_same_request_at_once_has_one_effect(app: &TestApp) {
    let body = proposal("B");
    let barrier = Barrier::new(6);
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..6)
            .map(|_| {
                scope.spawn(|| {
                    let caller = app.editor.with("Idempotency-Key", "k");
                    barrier.wait();
                    caller.post("/v1/submissions", &body).status
                })
            })
            .collect();
        threads.into_iter().map(|t| t.join().unwrap()).collect()
    });
    assert!(statuses.contains(&201), "{statuses:?}");
    assert!(statuses.iter().all(|s| [201, 409].contains(s)), "{statuses:?}");
    assert_eq!(count(app), 1);
    app.editor.with("Idempotency-Key", "k").post("/v1/submissions", &body).expect(201);
    assert_eq!(count(app), 1);
}

fn a_lost_attempt_is_taken_over(app: &TestApp) {
    use kartoteka::{store::Attempt, usecase::Error};
    // As a server leaves it that is killed between the beginning and the effect.
    let me = app.editor.get("/v1/me").expect(200).json()["id"].as_str().unwrap().to_owned();
    let body = proposal("B");
    let caller = app.editor.with("Idempotency-Key", "k");
    caller.post("/v1/submissions", &body).expect(201);
    let age = |app: &TestApp, by: Duration| {
        let me = me.clone();
        app.archive
            .store
            .write(|tx| -> Result<(), Error> {
                let known = tx.idempotency_attempt(&me, "k")?.unwrap();
                let started_at = app.archive.now() - i64::try_from(by.as_micros()).unwrap();
                tx.begin_attempt(&Attempt { answer: None, started_at, ..known })?;
                Ok(())
            })
            .unwrap();
    };
    age(app, Duration::from_secs(1));
    caller.post("/v1/submissions", &body).expect_problem(409, "idempotency_in_progress");
    age(app, Duration::from_secs(120));
    let other = json!({"summary": "A test", "changes": [create("person", &id(), &person("Z", "Z"))]});
    caller.post("/v1/submissions", &other).expect_problem(422, "idempotency_mismatch");
    // The retry of the lost attempt is done: its entry does not exist, so it is no double.
    caller.post("/v1/submissions", &body).expect(201);
    assert_eq!(count(app), 2);
}
