//! Two clients at once: one defined outcome, nothing lost, nothing twice.
//!
//! Every race runs a few rounds; `KARTOTEKA_RACE_ROUNDS=100` runs as many.

use std::{sync::Barrier, time::Duration};

use serde_json::{Value, json};

use crate::harness::{Answer, Caller, Database, TestApp, cases, create, decide, id, person};

cases![
    two_approvals_at_once_publish_once,
    two_moderators_take_one_submission_at_once,
    an_edit_and_an_approval_at_once_publish_what_was_seen,
    a_withdrawal_and_an_approval_at_once_have_one_winner,
    overlapping_submissions_at_once_are_one_accepted_and_one_in_conflict,
    disjoint_submissions_at_once_are_both_accepted,
    a_lease_that_runs_out_in_the_middle_leaves_one_decision,
    one_approval_sent_twice_at_once_happens_once,
    one_id_is_made_once,
    merges_in_a_circle_at_once_leave_one,
    a_merge_and_an_edit_at_once_lose_nothing,
    two_resolutions_at_once_have_one_winner,
    many_writers_leave_no_gap,
];

fn rounds() -> i64 {
    std::env::var("KARTOTEKA_RACE_ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(4)
}

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

#[track_caller]
fn expect_statuses(a: &Answer, b: &Answer, expected: [u16; 2]) {
    let mut both = [a.status, b.status];
    both.sort_unstable();
    assert_eq!(both, expected, "{}\n{}", a.text, b.text);
}

/// Both calls succeed, and leave the submissions in these states.
#[track_caller]
fn expect_states(a: &Answer, b: &Answer, expected: [&str; 2]) {
    expect_statuses(a, b, [200, 200]);
    let mut both = [a, b].map(|answer| answer.json()["state"].as_str().unwrap().to_owned());
    both.sort_unstable();
    assert_eq!(both, expected, "{}\n{}", a.text, b.text);
}

/// The feed has no gap, the revisions of every entry have none, and each follows on the one before.
#[track_caller]
fn expect_whole(app: &TestApp) {
    let mut seen = 0;
    let mut entries = std::collections::BTreeSet::new();
    loop {
        let page = app.anyone.get(&format!("/v1/changes?limit=200&after={seen}")).expect(200).json();
        for event in page["items"].as_array().unwrap() {
            seen += 1;
            assert_eq!(event["seq"], seen);
            entries.insert(event["entry"]["ref"].as_str().unwrap().to_owned());
        }
        if page["next"].is_null() {
            break;
        }
    }
    // The oldest and the newest few; all of them would only take longer.
    for reference in entries.iter().take(3).chain(entries.iter().rev().take(3)) {
        let history = app.anyone.get(&format!("/v1/people/{reference}/revisions?limit=200")).expect(200).json();
        let items = history["items"].as_array().unwrap();
        for pair in items.windows(2) {
            assert_eq!(pair[0]["revision"].as_i64().unwrap(), pair[1]["revision"].as_i64().unwrap() + 1);
            assert_eq!(pair[0]["parent"], pair[1]["hash"]);
        }
    }
}

fn proposal(app: &TestApp) -> Value {
    // Equal ones would be taken for duplicates.
    let entry = id();
    app.submit(json!([create("person", &entry, &person("A", &format!("B{entry}")))])).expect(201).json()
}

fn path(submission: &Value) -> String {
    format!("/v1/submissions/{}", submission["id"].as_str().unwrap())
}

fn update(app: &TestApp, reference: &str, patch: Value) -> Value {
    app.submit(json!([{"op": "update", "id": reference, "patch": patch}])).expect(201).json()
}

fn two_approvals_at_once_publish_once(app: &TestApp) {
    for round in 1..=rounds() {
        let submission = proposal(app);
        let (a, b) = at_once(
            || decide(&app.moderator, &submission, "approve"),
            || decide(&app.moderator2, &submission, "approve"),
        );
        expect_statuses(&a, &b, [200, 412]);
        assert_eq!(app.anyone.get("/v1/changes").expect(200).json()["total"]["value"], round);
    }
    expect_whole(app);
}

fn two_moderators_take_one_submission_at_once(app: &TestApp) {
    for _ in 0..rounds() {
        let submission = proposal(app);
        let (a, b) =
            at_once(|| decide(&app.moderator, &submission, "take"), || decide(&app.moderator2, &submission, "take"));
        expect_statuses(&a, &b, [200, 412]);
        let holder = if a.status == 200 { "moderator" } else { "moderator2" };
        assert_eq!(app.editor.get(&path(&submission)).expect(200).json()["assignee"], holder);
    }
}

fn an_edit_and_an_approval_at_once_publish_what_was_seen(app: &TestApp) {
    for _ in 0..rounds() {
        let submission = proposal(app);
        let entry = submission["changes"][0]["id"].as_str().unwrap().to_owned();
        let edit = json!({"summary": "Another", "changes": [create("person", &entry, &person("A", "edited"))]});
        let editor: Caller = app.editor.with("If-Match", "\"v1\"");
        let (approved, edited) =
            at_once(|| decide(&app.moderator, &submission, "approve"), || editor.put(&path(&submission), &edit));
        expect_statuses(&approved, &edited, [200, 412]);
        let public = app.anyone.get(&format!("/v1/people/{entry}"));
        if approved.status == 200 {
            assert_eq!(public.expect(200).json()["label"], format!("A B{entry}"));
        } else {
            public.expect(404);
        }
    }
    expect_whole(app);
}

fn a_withdrawal_and_an_approval_at_once_have_one_winner(app: &TestApp) {
    for _ in 0..rounds() {
        let submission = proposal(app);
        let (approved, withdrawn) =
            at_once(|| decide(&app.moderator, &submission, "approve"), || decide(&app.editor, &submission, "withdraw"));
        expect_statuses(&approved, &withdrawn, [200, 412]);
        let state = if approved.status == 200 { "accepted" } else { "withdrawn" };
        assert_eq!(app.editor.get(&path(&submission)).expect(200).json()["state"], state);
    }
    expect_whole(app);
}

fn overlapping_submissions_at_once_are_one_accepted_and_one_in_conflict(app: &TestApp) {
    app.publish(json!([create("person", &id(), &person("A", "0"))]));
    for round in 1..=rounds() {
        let given = |text: String| update(app, "P1", json!({"biography": {"en": text}}));
        let (one, two) = (given(format!("{round}a")), given(format!("{round}b")));
        let (a, b) = at_once(|| decide(&app.moderator, &one, "approve"), || decide(&app.moderator2, &two, "approve"));
        expect_states(&a, &b, ["accepted", "conflict"]);
        assert_eq!(app.anyone.get("/v1/people/P1").expect(200).json()["revision"], round + 1);
    }
    expect_whole(app);
}

fn disjoint_submissions_at_once_are_both_accepted(app: &TestApp) {
    app.publish(json!([create("person", &id(), &person("A", "0"))]));
    for round in 1..=rounds() {
        let one = update(app, "P1", json!({"biography": {"en": format!("{round}")}}));
        let two = update(app, "P1", json!({"tags": [format!("t{round}")]}));
        let (a, b) = at_once(|| decide(&app.moderator, &one, "approve"), || decide(&app.moderator2, &two, "approve"));
        expect_states(&a, &b, ["accepted", "accepted"]);
        let after = app.anyone.get("/v1/people/P1").expect(200).json();
        assert_eq!(after["revision"], 1 + 2 * round);
        assert_eq!(after["body"]["biography"]["en"], format!("{round}"));
        assert_eq!(after["body"]["tags"], json!([format!("t{round}")]));
    }
    expect_whole(app);
}

fn a_lease_that_runs_out_in_the_middle_leaves_one_decision(app: &TestApp) {
    let database = Database::new(app.backend);
    let mut settings = TestApp::settings(&database.url);
    settings.desk.lease = 60_000;
    let app = &TestApp::start_with(app.backend, database, settings);
    for round in 0..rounds() {
        let submission = proposal(app);
        let taken = decide(&app.moderator, &submission, "take").expect(200).json();
        // The version as it will be once the lease is over.
        let mut free = taken.clone();
        free["version"] = json!(3);
        // Around the end of the lease, on either side of it.
        std::thread::sleep(Duration::from_millis(45 + u64::try_from(round).unwrap() * 3 % 20));
        let (holder, other) =
            at_once(|| decide(&app.moderator, &taken, "approve"), || decide(&app.moderator2, &free, "approve"));
        let pair = (holder.status, other.status);
        // In time; or too late, and the other's turn. Between the two the other may come too early for its turn.
        assert!([(200, 412), (200, 409), (412, 200), (412, 412)].contains(&pair), "{}\n{}", holder.text, other.text);
        let after = app.editor.get(&path(&submission)).expect(200).json();
        let published = after["published"].as_array().map_or(0, Vec::len);
        assert_eq!(published, usize::from(pair != (412, 412)), "{after}");
    }
    expect_whole(app);
}

fn one_approval_sent_twice_at_once_happens_once(app: &TestApp) {
    for round in 1..=rounds() {
        let submission = proposal(app);
        let moderator = app.moderator.with("Idempotency-Key", &format!("approval-{round}"));
        let (a, b) =
            at_once(|| decide(&moderator, &submission, "approve"), || decide(&moderator, &submission, "approve"));
        let under_way = |x: &Answer| x.status == 409 && x.json()["code"] == "idempotency_in_progress";
        let (good, late) = if a.status == 200 { (&a, &b) } else { (&b, &a) };
        assert_eq!(good.status, 200, "{}\n{}", a.text, b.text);
        assert!(under_way(late) || late.text == good.text, "{}", late.text);
        assert_eq!(app.anyone.get("/v1/changes").expect(200).json()["total"]["value"], round);
        assert_eq!(decide(&moderator, &submission, "approve").expect(200).text, good.text, "and is remembered");
    }
    expect_whole(app);
}

fn one_id_is_made_once(app: &TestApp) {
    for round in 1..=rounds() {
        let entry = id();
        let make = || app.submit(json!([create("person", &entry, &person("A", "B"))])).expect(201).json();
        let (one, two) = (make(), make());
        let (a, b) = at_once(|| decide(&app.moderator, &one, "approve"), || decide(&app.moderator2, &two, "approve"));
        expect_states(&a, &b, ["accepted", "conflict"]);
        let stuck = if a.json()["state"] == "conflict" { a.json() } else { b.json() };
        assert_eq!(stuck["conflicts"][0]["code"], "already_exists");
        assert_eq!(app.anyone.get("/v1/people").expect(200).json()["total"]["value"], round);
    }
    expect_whole(app);
}

/// Two new people; their refs.
fn two_people(app: &TestApp) -> (String, String) {
    let made =
        app.publish(json!([create("person", &id(), &person("A", "B")), create("person", &id(), &person("C", "D"))]));
    let reference = |i: usize| made[i]["ref"].as_str().unwrap().to_owned();
    (reference(0), reference(1))
}

fn merge(app: &TestApp, from: &str, into: &str) -> Value {
    app.submit(json!([{"op": "merge", "id": from, "into": into}])).expect(201).json()
}

fn merges_in_a_circle_at_once_leave_one(app: &TestApp) {
    for _ in 0..rounds() {
        let (first, second) = two_people(app);
        let (there, back) = (merge(app, &first, &second), merge(app, &second, &first));
        let (a, b) =
            at_once(|| decide(&app.moderator, &there, "approve"), || decide(&app.moderator2, &back, "approve"));
        expect_states(&a, &b, ["accepted", "conflict"]);
        let statuses = [&first, &second].map(|r| app.anyone.get(&format!("/v1/people/{r}")).status);
        assert!([[200, 308], [308, 200]].contains(&statuses), "{statuses:?}");
    }
    expect_whole(app);
}

fn a_merge_and_an_edit_at_once_lose_nothing(app: &TestApp) {
    for _ in 0..rounds() {
        let (first, second) = two_people(app);
        let union = merge(app, &second, &first);
        let edit = update(app, &first, json!({"biography": {"en": "Edited"}}));
        let (a, b) =
            at_once(|| decide(&app.moderator, &union, "approve"), || decide(&app.moderator2, &edit, "approve"));
        expect_states(&a, &b, ["accepted", "accepted"]);
        let body = app.anyone.get(&format!("/v1/people/{first}")).expect(200).json()["body"].clone();
        assert_eq!(body["biography"]["en"], "Edited");
        assert_eq!(body["names"].as_array().unwrap().len(), 2);
    }
    expect_whole(app);
}

fn two_resolutions_at_once_have_one_winner(app: &TestApp) {
    app.publish(json!([create("person", &id(), &person("A", "B"))]));
    for round in 0..rounds() {
        let mine = update(app, "P1", json!({"biography": {"en": format!("mine {round}")}}));
        let theirs = update(app, "P1", json!({"biography": {"en": format!("theirs {round}")}}));
        app.approve(&theirs).expect(200);
        let stuck = app.approve(&mine).expect(200).json();
        let choose = |caller: &Caller, side: &str| {
            let place = json!({"change": 0, "pointer": stuck["conflicts"][0]["pointer"], "choose": side});
            crate::harness::act(caller, &stuck, "resolve", &json!({"resolutions": [place]}))
        };
        let (a, b) = at_once(|| choose(&app.editor, "proposed"), || choose(&app.moderator2, "current"));
        expect_statuses(&a, &b, [200, 412]);
        let body = app.editor.get(&path(&stuck)).expect(200).json()["changes"][0]["body"].clone();
        let expected = if a.status == 200 { format!("mine {round}") } else { format!("theirs {round}") };
        assert_eq!(body["biography"]["en"], expected);
    }
    expect_whole(app);
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
    expect_whole(app);
    let people = app.anyone.get("/v1/people?limit=200").expect(200).json();
    let refs: Vec<_> =
        people["items"].as_array().unwrap().iter().map(|p| p["ref"].as_str().unwrap().to_owned()).collect();
    assert_eq!(refs, (1..=20).map(|n| format!("P{n}")).collect::<Vec<_>>());
}
