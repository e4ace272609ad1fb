//! Two clients at once: one defined outcome, nothing lost, nothing twice.

use std::sync::Barrier;

use serde_json::{Value, json};

use crate::harness::{Answer, Caller, TestApp, cases, create, decide, id, person};

cases![
    two_approvals_at_once_publish_once,
    an_edit_and_an_approval_at_once_publish_what_was_seen,
    two_submissions_on_one_entry_at_once_lose_nothing,
    one_id_is_made_once,
    many_writers_leave_no_gap,
];

/// Runs two calls at the same moment.
fn at_once(a: impl FnOnce() -> Answer + Send, b: impl FnOnce() -> Answer + Send) -> (Answer, Answer) {
    let barrier = &Barrier::new(2);
    std::thread::scope(|scope| {
        let a = scope.spawn(move || {
            barrier.wait();
            a()
        });
        let b = scope.spawn(move || {
            barrier.wait();
            b()
        });
        (a.join().unwrap(), b.join().unwrap())
    })
}

fn sorted(a: &Answer, b: &Answer) -> [u16; 2] {
    let mut both = [a.status, b.status];
    both.sort_unstable();
    both
}

fn seqs(app: &TestApp) -> Vec<i64> {
    let feed = app.anyone.get("/v1/changes?limit=200").expect(200).json();
    feed["items"].as_array().unwrap().iter().map(|e| e["seq"].as_i64().unwrap()).collect()
}

fn proposal(app: &TestApp) -> Value {
    app.submit(json!([create("person", &id(), &person("A", "B"))])).expect(201).json()
}

fn two_approvals_at_once_publish_once(app: &TestApp) {
    for round in 1..=5 {
        let submission = proposal(app);
        let (a, b) = at_once(
            || decide(&app.moderator, &submission, "approve"),
            || decide(&app.moderator2, &submission, "approve"),
        );
        assert_eq!(sorted(&a, &b), [200, 412], "{} {}", a.text, b.text);
        assert_eq!(seqs(app), (1..=round).collect::<Vec<_>>());
    }
}

fn an_edit_and_an_approval_at_once_publish_what_was_seen(app: &TestApp) {
    for _ in 0..5 {
        let submission = proposal(app);
        let entry = submission["changes"][0]["id"].as_str().unwrap().to_owned();
        let path = format!("/v1/submissions/{}", submission["id"].as_str().unwrap());
        let edit = json!({"summary": "Another", "changes": [create("person", &entry, &person("A", "edited"))]});
        let editor: Caller = app.editor.with("If-Match", "\"v1\"");
        let (approved, edited) =
            at_once(|| decide(&app.moderator, &submission, "approve"), || editor.put(&path, &edit));
        assert_eq!(sorted(&approved, &edited), [200, 412], "{} {}", approved.text, edited.text);
        let public = app.anyone.get(&format!("/v1/people/{entry}"));
        if approved.status == 200 {
            assert_eq!(public.expect(200).json()["label"], "A B");
        } else {
            public.expect(404);
        }
    }
}

fn two_submissions_on_one_entry_at_once_lose_nothing(app: &TestApp) {
    app.publish(json!([create("person", &id(), &person("A", "0"))]));
    for round in 1..=5 {
        let update = |given: String| {
            app.submit(json!([{"op": "update", "id": "P1", "body": person("A", &given)}])).expect(201).json()
        };
        let (one, two) = (update(format!("{round}a")), update(format!("{round}b")));
        let (a, b) = at_once(|| decide(&app.moderator, &one, "approve"), || decide(&app.moderator2, &two, "approve"));
        assert_eq!(sorted(&a, &b), [200, 409], "{} {}", a.text, b.text);
        assert_eq!(app.anyone.get("/v1/people/P1").expect(200).json()["revision"], round + 1);
    }
    assert_eq!(seqs(app), (1..=6).collect::<Vec<_>>());
}

fn one_id_is_made_once(app: &TestApp) {
    let entry = id();
    let make = || app.submit(json!([create("person", &entry, &person("A", "B"))])).expect(201).json();
    let (one, two) = (make(), make());
    let (a, b) = at_once(|| decide(&app.moderator, &one, "approve"), || decide(&app.moderator2, &two, "approve"));
    assert_eq!(sorted(&a, &b), [200, 409]);
    let refused = if a.status == 409 { a } else { b };
    refused.expect_faults(&[("/changes/0/id", "already_exists")]);
    assert_eq!(app.anyone.get("/v1/people").expect(200).json()["total"]["value"], 1);
}

fn many_writers_leave_no_gap(app: &TestApp) {
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..5 {
                    let submission = proposal(app);
                    app.approve(&submission).expect(200);
                }
            });
        }
    });
    assert_eq!(seqs(app), (1..=20).collect::<Vec<_>>());
    let people = app.anyone.get("/v1/people?limit=200").expect(200).json();
    let refs: Vec<_> =
        people["items"].as_array().unwrap().iter().map(|p| p["ref"].as_str().unwrap().to_owned()).collect();
    assert_eq!(refs, (1..=20).map(|n| format!("P{n}")).collect::<Vec<_>>());
}
