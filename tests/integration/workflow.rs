//! The life of a submission.

use kartoteka::model::workflow::{Action, State, TRANSITIONS, transition};
use serde_json::{Value, json};

use crate::harness::{Answer, Caller, TestApp, cases, create, decide, id, person};

cases![
    every_cell_of_the_table_holds_over_http,
    nobody_decides_on_their_own_submission,
    approval_names_the_version_that_was_seen,
    a_rejection_needs_a_comment_and_publishes_nothing,
    drafts_are_seen_by_their_author_alone,
    a_stale_base_is_a_conflict_and_changes_nothing,
    the_audit_trail_tells_who_did_what,
    lists_of_submissions_show_what_one_may_see,
];

fn proposal(draft: bool) -> Value {
    json!({"summary": "A test", "draft": draft, "changes": [create("person", &id(), &person("A", "B"))]})
}

/// A submission of the caller, brought into the given state.
fn in_state(app: &TestApp, author: &Caller, state: State) -> Value {
    let made = author.post("/v1/submissions", &proposal(state == State::Draft)).expect(201).json();
    match state {
        State::Draft | State::Submitted => made,
        State::Accepted => decide(&app.admin, &made, "approve").expect(200).json(),
        State::Rejected => decide(&app.admin, &made, "reject").expect(200).json(),
        State::Withdrawn => decide(author, &made, "withdraw").expect(200).json(),
    }
}

fn act(caller: &Caller, submission: &Value, action: Action) -> Answer {
    if action != Action::Edit {
        return decide(caller, submission, action.as_str());
    }
    let tag = format!("\"v{}\"", submission["version"]);
    let path = format!("/v1/submissions/{}", submission["id"].as_str().unwrap());
    let mut proposal = proposal(false);
    proposal.as_object_mut().unwrap().remove("draft");
    caller.with("If-Match", &tag).put(&path, &proposal)
}

fn every_cell_of_the_table_holds_over_http(app: &TestApp) {
    // Caller, whether they wrote the submission, whether they are a moderator.
    let callers = [
        (&app.editor, true, false),
        (&app.editor2, false, false),
        (&app.moderator, true, true),
        (&app.moderator2, false, true),
    ];
    for state in State::ALL {
        for action in Action::ALL {
            for (caller, is_author, is_moderator) in callers {
                let author = match (is_author, is_moderator) {
                    (true, _) => caller,
                    (false, true) => &app.editor,
                    (false, false) => &app.moderator,
                };
                let submission = in_state(app, author, *state);
                let answer = act(caller, &submission, *action);
                let cell = format!("{state:?} {action:?} author {is_author} moderator {is_moderator}");
                let may_see = is_author || (is_moderator && *state != State::Draft);
                let is_decision = matches!(action, Action::Approve | Action::Reject);
                let expected = match transition(*state, *action, is_author, is_moderator) {
                    _ if is_decision && !is_moderator => 403,
                    _ if !may_see => 404,
                    Err(kartoteka::model::workflow::Refusal::NotYours(_)) => 403,
                    Err(kartoteka::model::workflow::Refusal::WrongState) => 409,
                    Ok(_) => 200,
                };
                assert_eq!(answer.status, expected, "{cell}: {}", answer.text);
                if let Some(row) =
                    TRANSITIONS.iter().find(|t| t.from == *state && t.action == *action && expected == 200)
                {
                    assert_eq!(answer.json()["state"], row.to.as_str(), "{cell}");
                }
            }
        }
    }
}

fn nobody_decides_on_their_own_submission(app: &TestApp) {
    for author in [&app.moderator, &app.admin] {
        let submission = author.post("/v1/submissions", &proposal(false)).expect(201).json();
        decide(author, &submission, "approve").expect_problem(403, "forbidden");
        decide(author, &submission, "reject").expect_problem(403, "forbidden");
        decide(&app.moderator2, &submission, "approve").expect(200);
    }
}

fn approval_names_the_version_that_was_seen(app: &TestApp) {
    let submission = app.editor.post("/v1/submissions", &proposal(false)).expect(201).json();
    let path = format!("/v1/submissions/{}", submission["id"].as_str().unwrap());
    app.moderator.post(&format!("{path}/approve"), &json!({})).expect_problem(428, "precondition_required");
    let edited = act(&app.editor, &submission, Action::Edit).expect(200).json();
    assert_eq!(edited["version"], 2);
    decide(&app.moderator, &submission, "approve").expect_problem(412, "precondition_failed");
    let accepted = decide(&app.moderator, &edited, "approve").expect(200).json();
    assert_eq!(accepted["reviews"][0]["version"], 2);
    assert_eq!(accepted["published"][0]["id"], edited["changes"][0]["id"], "what was seen is what is public");
    app.anyone.get(&format!("/v1/people/{}", submission["changes"][0]["id"].as_str().unwrap())).expect(404);
}

fn a_rejection_needs_a_comment_and_publishes_nothing(app: &TestApp) {
    let submission = app.editor.post("/v1/submissions", &proposal(false)).expect(201);
    let tag = submission.header("etag").to_owned();
    let submission = submission.json();
    let path = format!("/v1/submissions/{}/reject", submission["id"].as_str().unwrap());
    let moderator = app.moderator.with("If-Match", &tag);
    moderator.post(&path, &json!({})).expect(422).expect_faults(&[("/comment", "missing_field")]);
    moderator.send("POST", &path, None).expect(422).expect_faults(&[("/comment", "missing_field")]);
    let rejected = moderator.post(&path, &json!({"comment": "No source."})).expect(200).json();
    assert_eq!((&rejected["state"], &rejected["reviews"][0]["comment"]), (&json!("rejected"), &json!("No source.")));
    assert_eq!(rejected["published"], Value::Null);
    assert_eq!(app.anyone.get("/v1/people").expect(200).json()["total"]["value"], 0);
}

fn drafts_are_seen_by_their_author_alone(app: &TestApp) {
    let draft = app.editor.post("/v1/submissions", &proposal(true)).expect(201).json();
    assert_eq!((&draft["state"], &draft["submitted_at"]), (&json!("draft"), &Value::Null));
    let path = format!("/v1/submissions/{}", draft["id"].as_str().unwrap());
    for caller in [&app.editor2, &app.moderator, &app.admin] {
        caller.get(&path).expect_problem(404, "not_found");
        caller.get(&format!("{path}/diff")).expect_problem(404, "not_found");
        caller.get(&format!("{path}/events")).expect_problem(404, "not_found");
        assert_eq!(caller.get("/v1/submissions").expect(200).json()["total"]["value"], 0);
    }
    let submitted = decide(&app.editor, &draft, "submit").expect(200).json();
    assert_eq!(submitted["state"], "submitted");
    app.moderator.get(&path).expect(200);
}

fn a_stale_base_is_a_conflict_and_changes_nothing(app: &TestApp) {
    app.publish(json!([create("person", &id(), &person("A", "B"))]));
    let update = |given: &str| json!([{"op": "update", "id": "P1", "base": 1, "body": person("A", given)}]);
    let first = app.submit(update("C")).expect(201).json();
    let mut both = update("D");
    let bystander = id();
    both.as_array_mut().unwrap().insert(0, create("person", &bystander, &person("E", "F")));
    let second = app.submit(both).expect(201).json();
    app.approve(&first).expect(200);
    app.approve(&second).expect_problem(409, "conflict").expect_faults(&[("/changes/1/base", "stale_base")]);
    app.anyone.get(&format!("/v1/people/{bystander}")).expect(404);
    let path = format!("/v1/submissions/{}", second["id"].as_str().unwrap());
    let still = app.moderator.get(&path).expect(200).json();
    assert_eq!(
        (&still["state"], &still["version"], still["reviews"].as_array().unwrap().len()),
        (&json!("submitted"), &json!(1), 0)
    );
    app.submit(update("G")).expect_problem(409, "conflict").expect_faults(&[("/changes/0/base", "stale_base")]);
    let seqs: Vec<_> = app.anyone.get("/v1/changes").expect(200).json()["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| e["seq"].as_i64().unwrap())
        .collect();
    assert_eq!(seqs, [1, 2], "the refused approval left no gap");
}

fn the_audit_trail_tells_who_did_what(app: &TestApp) {
    let draft = app.editor.post("/v1/submissions", &proposal(true)).expect(201).json();
    let submitted = decide(&app.editor, &draft, "submit").expect(200).json();
    decide(&app.moderator, &submitted, "approve").expect(200);
    let path = format!("/v1/submissions/{}/events", draft["id"].as_str().unwrap());
    let trail = app.editor.get(&path).expect(200).json();
    let lines: Vec<_> = trail["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| {
            format!(
                "{} {} {} {}",
                e["actor"].as_str().unwrap(),
                e["action"].as_str().unwrap(),
                e["to_state"].as_str().unwrap(),
                e["version"]
            )
        })
        .collect();
    assert_eq!(lines, ["editor create draft 1", "editor submit submitted 2", "moderator approve accepted 3"]);
    let page = app.editor.get(&format!("{path}?limit=2")).expect(200).json();
    let rest = app.editor.get(&format!("{path}?limit=2&cursor={}", page["next"].as_str().unwrap())).expect(200).json();
    assert_eq!(rest["items"][0]["action"], "approve");
}

fn lists_of_submissions_show_what_one_may_see(app: &TestApp) {
    for i in 0..3 {
        let state = [State::Submitted, State::Rejected, State::Withdrawn][i];
        in_state(app, &app.editor, state);
        in_state(app, &app.editor2, state);
    }
    let count = |caller: &Caller, query: &str| {
        caller.get(&format!("/v1/submissions{query}")).expect(200).json()["total"]["value"].as_i64().unwrap()
    };
    assert_eq!((count(&app.editor, ""), count(&app.moderator, "")), (3, 6));
    assert_eq!(count(&app.moderator, "?state=submitted&state=rejected&author=editor2"), 2);
    assert_eq!((count(&app.moderator, "?kind=person"), count(&app.moderator, "?kind=trial")), (6, 0));
    let first = app.editor.get("/v1/submissions?limit=1").expect(200).json();
    let entry =
        app.editor.get(&format!("/v1/submissions/{}", first["items"][0]["id"].as_str().unwrap())).expect(200).json();
    assert_eq!(count(&app.editor, &format!("?entry={}", entry["changes"][0]["id"].as_str().unwrap())), 1);
    assert_eq!(count(&app.editor2, &format!("?entry={}", entry["changes"][0]["id"].as_str().unwrap())), 0);
    let mut seen = vec![first["items"][0]["id"].clone()];
    let mut next = first["next"].clone();
    while let Some(cursor) = next.as_str() {
        let page = app.editor.get(&format!("/v1/submissions?limit=1&cursor={cursor}")).expect(200).json();
        seen.push(page["items"][0]["id"].clone());
        next = page["next"].clone();
    }
    seen.dedup();
    assert_eq!(seen.len(), 3);
    app.editor2
        .get(&format!("/v1/submissions?limit=1&cursor={}", first["next"].as_str().unwrap()))
        .expect_problem(400, "invalid_cursor");
    app.editor.get("/v1/submissions?state=lost").expect(400).expect_faults(&[("state", "unknown_code")]);
}
