//! The life of a submission: every cell of its table, leases, quorums, what the clock does.

use kartoteka::model::{
    desk::DeskRules,
    workflow::{Action, Refusal, Standing, State, TRANSITIONS, table, transition},
};
use serde_json::{Value, json};

use crate::harness::{Answer, Caller, Database, TestApp, act, cases, create, decide, id, person, plain_cases};

cases![
    every_cell_of_the_table_holds_over_http,
    nobody_decides_on_their_own_submission,
    approval_names_the_version_that_was_seen,
    a_decision_against_needs_a_comment_and_publishes_nothing,
    drafts_are_seen_by_their_author_alone,
    the_audit_trail_tells_who_did_what,
    only_the_holder_of_a_lease_decides,
    leases_and_drafts_end_by_the_clock,
    approvals_are_counted_on_the_present_contents,
    requested_changes_go_back_and_forth,
];
plain_cases![the_table_is_printed_in_the_documentation];

fn proposal(draft: bool) -> Value {
    json!({"summary": "A test", "draft": draft, "changes": [create("person", &id(), &person("A", "B"))]})
}

/// A submission whose approval is in conflict with what was accepted since it was made.
fn in_conflict(app: &TestApp, author: &Caller) -> Value {
    let entry = id();
    app.publish(json!([create("person", &entry, &person("A", "B"))]));
    let body = app.anyone.get(&format!("/v1/people/{entry}")).expect(200).json()["body"].clone();
    let renamed = |given: &str| {
        let mut body = body.clone();
        body["names"][0]["value"]["given"] = json!(given);
        json!({"summary": "A test", "changes": [{"op": "update", "id": entry, "base": 1, "body": body}]})
    };
    let theirs = author.post("/v1/submissions", &renamed("C")).expect(201).json();
    let other = app.editor2.post("/v1/submissions", &renamed("D")).expect(201).json();
    decide(&app.admin, &other, "approve").expect(200);
    let stuck = decide(&app.admin, &theirs, "approve").expect(200).json();
    assert_eq!(stuck["state"], "conflict", "{stuck}");
    stuck
}

fn in_publication(app: &TestApp, author: &Caller) -> Value {
    let submitted = batch_in_state(app, author, State::Submitted);
    let path = format!("/v1/submissions/{}", submitted["id"].as_str().unwrap());
    app.admin.post_nothing(&format!("{path}/rows/0/open")).expect(200);
    decide(&app.admin, &submitted, "approve").expect(200).json()
}

fn batch_in_state(app: &TestApp, author: &Caller, state: State) -> Value {
    let batch = author.post("/v1/batches", &json!({"summary": "A batch"})).expect(201).json();
    let rows = json!({"rows": [create("person", &id(), &person("A", "B"))]});
    let path = format!("/v1/submissions/{}", batch["id"].as_str().unwrap());
    let filled = author.with("If-Match", "\"v1\"").post(&format!("{path}/rows"), &rows).expect(200).json();
    if state == State::Draft {
        return filled;
    }
    let submitted = decide(author, &filled, "submit").expect(200).json();
    if state == State::Submitted {
        return submitted;
    }
    decide(&app.admin, &submitted, "request-changes").expect(200).json()
}

/// A submission of the caller, brought into the given state; in review by the given moderator.
fn in_state(app: &TestApp, author: &Caller, state: State, holder: &Caller) -> Value {
    let made = || author.post("/v1/submissions", &proposal(state == State::Draft)).expect(201).json();
    let decided = |caller: &Caller, action: &str| decide(caller, &made(), action).expect(200).json();
    let there = match state {
        State::Draft | State::Submitted => made(),
        State::InReview => decided(holder, "take"),
        State::ChangesRequested => decided(&app.admin, "request-changes"),
        State::Conflict => in_conflict(app, author),
        State::Publishing => in_publication(app, author),
        State::Accepted => decided(&app.admin, "approve"),
        State::Rejected => decided(&app.admin, "reject"),
        State::Withdrawn => decided(author, "withdraw"),
    };
    assert_eq!(there["state"], state.as_str());
    there
}

fn every_cell_of_the_table_holds_over_http(app: &TestApp) {
    // Caller, whether they wrote the submission, whether they are a moderator, whether they hold the lease.
    let callers = [
        (&app.editor, true, false, false),
        (&app.editor2, false, false, false),
        (&app.moderator, true, true, false),
        (&app.moderator2, false, true, false),
        (&app.moderator2, false, true, true),
        (&app.admin, true, true, false),
    ];
    let mut walked = 0;
    for state in State::ALL {
        for action in Action::ALL {
            for (caller, is_author, is_moderator, is_holder) in callers {
                if is_holder && *state != State::InReview {
                    continue;
                }
                let who = Standing { is_author, is_moderator, is_holder };
                // Administrators set the stage; where one is the author, a moderator does not.
                let author = match (is_author, is_moderator) {
                    (true, _) => caller,
                    (false, true) => &app.editor,
                    (false, false) => &app.moderator,
                };
                let is_staged_by_author = std::ptr::eq(author, &app.admin);
                if is_staged_by_author && !matches!(state, State::Draft | State::Submitted | State::Withdrawn) {
                    continue;
                }
                let holder = if is_holder { caller } else { &app.admin };
                let submission = match action {
                    // Only a batch has rows to leave out.
                    Action::SetAside if matches!(state, State::Draft | State::Submitted | State::ChangesRequested) => {
                        batch_in_state(app, author, *state)
                    }
                    _ => in_state(app, author, *state, holder),
                };
                if *state == State::Publishing && *action == Action::Approve && is_moderator {
                    open_sample(caller, &submission);
                }
                let answer = take_action(caller, &submission, *action);
                let cell = format!("{state:?} {action:?} {who:?}");
                let may_see = is_author || (is_moderator && *state != State::Draft);
                let is_for_moderators = !matches!(
                    action,
                    Action::Edit | Action::Submit | Action::Withdraw | Action::Resolve | Action::SetAside
                );
                let expected = match transition(*state, *action, who) {
                    _ if is_for_moderators && !is_moderator => 403,
                    _ if !may_see => 404,
                    Err(Refusal::NotYours(_)) => 403,
                    Err(Refusal::WrongState | Refusal::Leased) => 409,
                    Ok(_) if *action == Action::Publish => 202,
                    Ok(_) => 200,
                };
                assert_eq!(answer.status, expected, "{cell}: {}", answer.text);
                if let Ok(row) = transition(*state, *action, who)
                    && expected == 200
                {
                    assert_eq!(answer.json()["state"], row.usual().as_str(), "{cell}");
                }
                walked += 1;
            }
        }
    }
    assert!(walked > 4 * State::ALL.len() * Action::ALL.len());
    assert!(TRANSITIONS.len() > 20);
}

/// Takes any action on a submission as it was read.
/// Opens the rows that an approval asks for.
fn open_sample(caller: &Caller, batch: &Value) {
    let path = format!("/v1/submissions/{}", batch["id"].as_str().unwrap());
    for row in caller.get(&format!("{path}/sample")).expect(200).json()["rows"].as_array().unwrap() {
        caller.post_nothing(&format!("{path}/rows/{}/open", row["position"])).expect(200);
    }
}

fn take_action(caller: &Caller, submission: &Value, action: Action) -> Answer {
    let mut proposal = proposal(false);
    proposal.as_object_mut().unwrap().remove("draft");
    match action {
        Action::Edit => {
            let tag = format!("\"v{}\"", submission["version"]);
            let path = format!("/v1/submissions/{}", submission["id"].as_str().unwrap());
            caller.with("If-Match", &tag).put(&path, &proposal)
        }
        Action::Resolve => {
            act(caller, submission, "resolve", &json!({"resolutions": choose_all(submission, "proposed")}))
        }
        Action::SetAside => act(caller, submission, "set-aside", &json!({"rows": [0], "reason": "Not in the source"})),
        action => decide(caller, submission, &action.as_str().replace('_', "-")),
    }
}

/// The same side for every place in conflict.
fn choose_all(submission: &Value, side: &str) -> Value {
    let conflicts = submission["conflicts"].as_array().cloned().unwrap_or_default();
    conflicts.iter().map(|c| json!({"change": c["change"], "pointer": c["pointer"], "choose": side})).collect()
}

fn the_table_is_printed_in_the_documentation() {
    let page = std::fs::read_to_string(format!("{}/docs/workflow.md", env!("CARGO_MANIFEST_DIR"))).unwrap();
    assert!(page.contains(&table()), "docs/workflow.md has not this table:\n{}", table());
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
    let edited = take_action(&app.editor, &submission, Action::Edit).expect(200).json();
    assert_eq!(edited["version"], 2);
    decide(&app.moderator, &submission, "approve").expect_problem(412, "precondition_failed");
    let whatever = app.moderator.with("If-Match", "*").post(&format!("{path}/approve"), &json!({}));
    whatever.expect_problem(428, "precondition_required");
    let accepted = decide(&app.moderator, &edited, "approve").expect(200).json();
    assert_eq!(accepted["reviews"][0]["version"], 2);
    assert_eq!(accepted["published"][0]["id"], edited["changes"][0]["id"], "what was seen is what is public");
    app.anyone.get(&format!("/v1/people/{}", submission["changes"][0]["id"].as_str().unwrap())).expect(404);
}

fn a_decision_against_needs_a_comment_and_publishes_nothing(app: &TestApp) {
    let submission = app.editor.post("/v1/submissions", &proposal(false)).expect(201);
    let tag = submission.header("etag").to_owned();
    let submission = submission.json();
    let moderator = app.moderator.with("If-Match", &tag);
    for action in ["request-changes", "reject"] {
        let path = format!("/v1/submissions/{}/{action}", submission["id"].as_str().unwrap());
        moderator.post(&path, &json!({})).expect(422).expect_faults(&[("/comment", "missing_field")]);
        moderator.post(&path, &json!({"comment": " "})).expect(422).expect_faults(&[("/comment", "missing_field")]);
        moderator.send("POST", &path, None).expect(422).expect_faults(&[("/comment", "missing_field")]);
        let wrong = json!({"comment": "x", "override": "y"});
        moderator.post(&path, &wrong).expect(422).expect_faults(&[("/override", "unknown_field")]);
    }
    let path = format!("/v1/submissions/{}/reject", submission["id"].as_str().unwrap());
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

fn only_the_holder_of_a_lease_decides(app: &TestApp) {
    let submission = app.editor.post("/v1/submissions", &proposal(false)).expect(201).json();
    let taken = decide(&app.moderator, &submission, "take").expect(200).json();
    assert_eq!((&taken["state"], &taken["assignee"]), (&json!("in_review"), &json!("moderator")));
    for action in ["take", "approve", "reject", "request-changes", "release"] {
        decide(&app.moderator2, &taken, action).expect_problem(409, "lease_held");
    }
    decide(&app.moderator2, &submission, "approve").expect_problem(412, "precondition_failed");
    let renewed = decide(&app.moderator, &taken, "take").expect(200).json();
    assert!(renewed["lease_until"].as_str() > taken["lease_until"].as_str());
    // The author may edit meanwhile; the lease stays.
    let edited = take_action(&app.editor, &renewed, Action::Edit).expect(200).json();
    assert_eq!((&edited["state"], &edited["assignee"]), (&json!("in_review"), &json!("moderator")));
    let released = decide(&app.moderator, &edited, "release").expect(200).json();
    assert_eq!((&released["state"], &released["assignee"]), (&json!("submitted"), &Value::Null));
    let accepted = decide(&app.moderator2, &released, "approve").expect(200).json();
    assert_eq!((&accepted["state"], &accepted["lease_until"]), (&json!("accepted"), &Value::Null));
}

fn leases_and_drafts_end_by_the_clock(app: &TestApp) {
    let database = Database::new(app.backend);
    let mut settings = TestApp::settings(&database.url);
    let half_a_second = 500_000;
    settings.desk = DeskRules { lease: half_a_second, draft_lifetime: half_a_second, ..DeskRules::default() };
    let app = TestApp::start_with(app.backend, database, settings);
    let submission = app.editor.post("/v1/submissions", &proposal(false)).expect(201).json();
    let draft = app.editor.post("/v1/submissions", &proposal(true)).expect(201).json();
    let taken = decide(&app.moderator, &submission, "take").expect(200).json();
    std::thread::sleep(std::time::Duration::from_millis(600));
    let path = format!("/v1/submissions/{}", submission["id"].as_str().unwrap());
    let free = app.moderator2.get(&path).expect(200).json();
    assert_eq!((&free["state"], &free["assignee"], &free["version"]), (&json!("submitted"), &Value::Null, &json!(3)));
    let count = |state: &str| {
        app.editor.get(&format!("/v1/submissions?state={state}")).expect(200).json()["total"]["value"].as_i64().unwrap()
    };
    assert_eq!([count("submitted"), count("in_review"), count("draft"), count("withdrawn")], [1, 0, 0, 1]);
    // Who saw the lease run does not decide on what became of it without looking.
    decide(&app.moderator, &taken, "approve").expect_problem(412, "precondition_failed");
    decide(&app.moderator2, &free, "approve").expect(200);
    let trail = app.editor.get(&format!("{path}/events")).expect(200).json();
    let actions: Vec<_> = trail["items"].as_array().unwrap().iter().map(|e| e["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["create", "take", "lease_end", "approve"]);
    let path = format!("/v1/submissions/{}", draft["id"].as_str().unwrap());
    assert_eq!(app.editor.get(&path).expect(200).json()["state"], "withdrawn");
    let late = app.editor.with("If-Match", "*").post_nothing(&format!("{path}/submit"));
    late.expect_problem(409, "wrong_state");
    app.moderator.get(&path).expect(404);
}

fn approvals_are_counted_on_the_present_contents(app: &TestApp) {
    let database = Database::new(app.backend);
    let mut settings = TestApp::settings(&database.url);
    settings.desk.quorum_of_kind = [("person".to_owned(), 2)].into();
    let app = TestApp::start_with(app.backend, database, settings);
    let submission = app.editor.post("/v1/submissions", &proposal(false)).expect(201).json();
    assert_eq!(submission["quorum"], json!({"required": 2, "approved_by": []}));
    let one = decide(&app.moderator, &submission, "approve").expect(200).json();
    assert_eq!((&one["state"], &one["quorum"]["approved_by"]), (&json!("submitted"), &json!(["moderator"])));
    let again = decide(&app.moderator, &one, "approve").expect(200).json();
    assert_eq!(again["state"], "submitted", "one person counts once");
    let edited = take_action(&app.editor, &again, Action::Edit).expect(200).json();
    assert_eq!(edited["quorum"]["approved_by"], json!([]), "an edit makes approvals stale");
    let one = decide(&app.moderator2, &edited, "approve").expect(200).json();
    assert_eq!(one["state"], "submitted");
    let two = decide(&app.moderator, &one, "approve").expect(200).json();
    assert_eq!(two["state"], "accepted");
    let revisions = app.anyone.get("/v1/people/P1/revisions").expect(200).json();
    let mut reviewers: Vec<_> = revisions["items"][0]["reviewers"].as_array().unwrap().clone();
    reviewers.sort_by_key(ToString::to_string);
    assert_eq!(reviewers, [json!("moderator"), json!("moderator2")]);
    // Other kinds need one, and a change of mind counts.
    let source = json!({"summary": "x", "changes": [create("source", &id(), &crate::harness::source("S"))]});
    let made = app.editor.post("/v1/submissions", &source).expect(201).json();
    assert_eq!(decide(&app.moderator, &made, "approve").expect(200).json()["state"], "accepted");
    let submission = app.editor.post("/v1/submissions", &proposal(false)).expect(201).json();
    let one = decide(&app.moderator, &submission, "approve").expect(200).json();
    let back = decide(&app.moderator, &one, "request-changes").expect(200).json();
    let again = decide(&app.editor, &back, "submit").expect(200).json();
    assert_eq!(again["quorum"]["approved_by"], json!([]));
}

fn requested_changes_go_back_and_forth(app: &TestApp) {
    let submission = app.editor.post("/v1/submissions", &proposal(false)).expect(201).json();
    let back = decide(&app.moderator, &submission, "request-changes").expect(200).json();
    assert_eq!(back["state"], "changes_requested");
    assert_eq!(back["reviews"][0]["decision"], "request_changes");
    decide(&app.moderator, &back, "approve").expect_problem(409, "wrong_state");
    let edited = take_action(&app.editor, &back, Action::Edit).expect(200).json();
    assert_eq!(edited["state"], "changes_requested");
    let again = decide(&app.editor, &edited, "submit").expect(200).json();
    assert_eq!(decide(&app.moderator2, &again, "approve").expect(200).json()["state"], "accepted");
}
