//! Two people look at everything: nobody who has lost the right acts, and nobody gets round the other.

use kartoteka::model::canon::sha256_hex;
use serde_json::{Value, json};

use crate::harness::{
    Caller, Database, PASSWORD, TestApp, act, cases, create, decide, ended, id, person, publish_batch, source,
};

cases![
    approvals_of_those_who_may_not_approve_any_more_do_not_count,
    a_batch_stops_when_its_approvals_do_not_count_any_more,
    a_submission_keeps_the_highest_protection_since_it_was_submitted,
    who_lowers_a_protection_gains_nothing_by_it,
    trust_ends_when_somebody_else_has_spoken,
    an_approval_names_exactly_one_version,
    the_sample_cannot_be_computed_from_what_is_known,
    events_tell_by_which_session_or_key,
    equal_entries_are_merged_without_an_override,
    an_approval_does_not_survive_that_others_decide_otherwise,
];

fn user_id(app: &TestApp, name: &str) -> String {
    app.archive.store.read(|tx| tx.user_by_name(name)).unwrap().unwrap().id
}

fn change_user(app: &TestApp, name: &str, change: &Value) {
    let path = format!("/v1/users/{name}");
    let tag = app.admin.get(&path).expect(200).header("etag").to_owned();
    app.admin.with("If-Match", &tag).patch(&path, change).expect(200);
}

fn with_quorum_of_two(app: &TestApp) -> TestApp {
    let database = Database::new(app.backend);
    let mut settings = TestApp::settings(&database.url);
    settings.desk.quorum = 2;
    TestApp::start_with(app.backend, database, settings)
}

fn read(caller: &Caller, submission: &Value) -> Value {
    caller.get(&format!("/v1/submissions/{}", submission["id"].as_str().unwrap())).expect(200).json()
}

fn approvals_of_those_who_may_not_approve_any_more_do_not_count(app: &TestApp) {
    for change in [json!({"disabled": true}), json!({"role": "editor"})] {
        let app = with_quorum_of_two(app);
        let submission = app.submit(json!([create("person", &id(), &person("Adams", "Bert"))])).expect(201).json();
        let one = decide(&app.moderator, &submission, "approve").expect(200).json();
        assert_eq!(one["quorum"], json!({"required": 2, "approved_by": ["moderator"]}));
        change_user(&app, "moderator", &change);
        assert_eq!(read(&app.editor, &one)["quorum"]["approved_by"], json!([]), "{change}");
        let two = decide(&app.moderator2, &one, "approve").expect(200).json();
        assert_eq!((&two["state"], &two["quorum"]["approved_by"]), (&json!("submitted"), &json!(["moderator2"])));
        let three = decide(&app.admin, &two, "approve").expect(200).json();
        assert_eq!(three["state"], "accepted");
        let history = app.anyone.get("/v1/people/P1/revisions").expect(200).json();
        assert_eq!(history["items"][0]["reviewers"], json!(["moderator2", "admin"]));
    }
}

fn batch_of_sources(app: &TestApp, count: usize) -> Value {
    let mut batch = app.editor.post("/v1/batches", &json!({"summary": "A list"})).expect(201).json();
    let rows: Vec<Value> = (0..count).map(|n| create("source", &id(), &source(&format!("Book {n}")))).collect();
    for some in rows.chunks(100) {
        let tag = format!("\"v{}\"", batch["version"]);
        let path = format!("/v1/submissions/{}/rows", batch["id"].as_str().unwrap());
        batch = app.editor.with("If-Match", &tag).post(&path, &json!({"rows": some})).expect(200).json();
    }
    decide(&app.editor, &batch, "submit").expect(200).json()
}

fn approve_batch(caller: &Caller, batch: &Value) -> Value {
    for position in sample(caller, batch) {
        let path = format!("/v1/submissions/{}/rows/{position}/open", batch["id"].as_str().unwrap());
        caller.post_nothing(&path).expect(200);
    }
    decide(caller, batch, "approve").expect(200).json()
}

fn sample(caller: &Caller, batch: &Value) -> Vec<i64> {
    let path = format!("/v1/submissions/{}/sample", batch["id"].as_str().unwrap());
    let sample = caller.get(&path).expect(200).json();
    sample["rows"].as_array().unwrap().iter().map(|row| row["position"].as_i64().unwrap()).collect()
}

fn a_batch_stops_when_its_approvals_do_not_count_any_more(app: &TestApp) {
    let database = Database::new(app.backend);
    let mut settings = TestApp::settings(&database.url);
    (settings.desk.quorum, settings.desk.chunk) = (2, 1);
    let app = TestApp::start_with(app.backend, database, settings);
    let batch = batch_of_sources(&app, 400);
    let batch = approve_batch(&app.moderator, &batch);
    let batch = approve_batch(&app.moderator2, &batch);
    assert_eq!(batch["state"], "publishing");
    let job = decide(&app.moderator, &batch, "publish").expect(202).json();
    let job_path = format!("/v1/jobs/{}", job["id"].as_str().unwrap());
    while app.moderator.get(&job_path).expect(200).json()["done"] == 0 {
        std::thread::yield_now();
    }
    change_user(&app, "moderator2", &json!({"disabled": true}));
    let stopped = ended(&app.moderator, &job);
    assert_eq!((&stopped["state"], &stopped["failure"]), (&json!("failed"), &json!("1 of 2 approvals count")));
    let path = format!("/v1/submissions/{}", batch["id"].as_str().unwrap());
    let batch = app.moderator.get(&path).expect(200).json();
    assert!(batch["batch"]["published"].as_i64().unwrap() < 400, "{batch}");
    decide(&app.moderator, &batch, "publish").expect_problem(409, "approvals_missing");
    let batch = approve_batch(&app.admin, &batch);
    assert_eq!(batch["state"], "publishing");
    assert_eq!(publish_batch(&app.moderator, &batch)["state"], "done");
    let batch = app.moderator.get(&path).expect(200).json();
    assert_eq!((&batch["state"], &batch["batch"]["published"]), (&json!("accepted"), &json!(400)));
    let history = app.anyone.get("/v1/sources/S400/revisions").expect(200).json();
    assert_eq!(history["items"][0]["reviewers"], json!(["moderator", "admin"]));
}

fn protect(caller: &Caller, version: i64, level: &str) {
    let body = json!({"level": level, "reason": "A test"});
    caller.with("If-Match", &format!("\"p{version}\"")).put("/v1/people/P1/protection", &body).expect(200);
}

fn change_of_p1(app: &TestApp, given: &str) -> Value {
    let body = person("Adams", given);
    app.editor2
        .post("/v1/submissions", &json!({"summary": "A test", "changes": [{"op": "update", "id": "P1", "body": body}]}))
        .expect(201)
        .json()
}

fn a_submission_keeps_the_highest_protection_since_it_was_submitted(app: &TestApp) {
    app.publish(json!([create("person", &id(), &person("Adams", "Bert"))]));
    protect(&app.moderator2, 0, "protected");
    let submission = change_of_p1(app, "Carl");
    assert_eq!(submission["quorum"]["required"], 2);
    protect(&app.moderator2, 1, "none");
    let one = decide(&app.moderator, &submission, "approve").expect(200).json();
    assert_eq!((&one["state"], &one["quorum"]["required"]), (&json!("submitted"), &json!(2)));
    let two = decide(&app.admin, &one, "approve").expect(200).json();
    assert_eq!(two["state"], "accepted");
    let later = change_of_p1(app, "Dora");
    assert_eq!(later["quorum"]["required"], 1);
    protect(&app.moderator2, 2, "locked");
    protect(&app.moderator2, 3, "none");
    assert_eq!(read(&app.moderator, &later)["quorum"]["required"], 2, "also a level between");
}

fn who_lowers_a_protection_gains_nothing_by_it(app: &TestApp) {
    app.publish(json!([create("person", &id(), &person("Adams", "Bert"))]));
    protect(&app.moderator2, 0, "protected");
    protect(&app.moderator, 1, "none");
    let submission = change_of_p1(app, "Carl");
    assert_eq!(submission["quorum"]["required"], 1);
    let one = decide(&app.moderator, &submission, "approve").expect(200).json();
    assert_eq!((&one["state"], &one["quorum"]["approved_by"]), (&json!("submitted"), &json!([])), "alone");
    let two = decide(&app.moderator2, &one, "approve").expect(200).json();
    assert_eq!(two["state"], "accepted");
    let history = app.anyone.get("/v1/people/P1/revisions").expect(200).json();
    assert_eq!(history["items"][0]["reviewers"], json!(["moderator", "moderator2"]));
    let another = change_of_p1(app, "Dora");
    assert_eq!(
        decide(&app.moderator2, &another, "approve").expect(200).json()["state"],
        "accepted",
        "nobody else is bound"
    );
    protect(&app.moderator2, 2, "protected");
    protect(&app.moderator2, 3, "none");
    let last = change_of_p1(app, "Emil");
    assert_eq!(
        decide(&app.moderator, &last, "approve").expect(200).json()["state"],
        "accepted",
        "what was given back is forgotten"
    );
}

fn trust_ends_when_somebody_else_has_spoken(app: &TestApp) {
    let database = Database::new(app.backend);
    let mut settings = TestApp::settings(&database.url);
    settings.desk.trusts_editors = true;
    let app = TestApp::start_with(app.backend, database, settings);
    let open = || {
        let cited = id();
        let body = json!({"names": [{
            "value": {"kind": "main", "family": format!("Adams{}", &cited[30..]), "given": "Bert"},
            "citations": [{"source": cited, "locator": "p. 1"}]
        }]});
        let changes =
            json!([create("source", &cited, &source(&format!("Book {cited}"))), create("person", &id(), &body)]);
        app.submit(changes).expect(201).json()
    };
    let sent_back = open();
    change_user(&app, "editor", &json!({"trusted": true}));
    assert_eq!(open()["state"], "accepted", "the author is trusted");
    let back = decide(&app.moderator, &sent_back, "request-changes").expect(200).json();
    let again = decide(&app.editor, &back, "submit").expect(200).json();
    assert_eq!(again["state"], "submitted", "a reviewer has spoken");
}

fn an_approval_names_exactly_one_version(app: &TestApp) {
    let submission = app.submit(json!([create("person", &id(), &person("Adams", "Bert"))])).expect(201).json();
    let path = format!("/v1/submissions/{}/approve", submission["id"].as_str().unwrap());
    let guesses: Vec<String> = (1..200).map(|n| format!("\"v{n}\"")).collect();
    for tags in ["\"v1\", \"v2\"".to_owned(), guesses.join(", "), "\"v1\", \"v1\"".to_owned(), "*".to_owned()] {
        app.moderator.with("If-Match", &tags).post(&path, &json!({})).expect_problem(428, "precondition_required");
    }
    act(&app.moderator, &submission, "approve", &json!({})).expect(200);
}

fn the_sample_cannot_be_computed_from_what_is_known(app: &TestApp) {
    let batch = batch_of_sources(app, 300);
    let reviewer = user_id(app, "moderator");
    let first = sample(&app.moderator, &batch);
    assert_eq!((first.len(), sample(&app.moderator, &batch)), (10, first.clone()), "the same each time");
    assert_ne!(sample(&app.moderator2, &batch), first);
    // Whoever knows the ids and the program, but not the secret, draws other rows.
    let mut guessed = std::collections::BTreeSet::new();
    for draw in 0.. {
        let hash = sha256_hex(format!("{}/{reviewer}/{draw}", batch["id"].as_str().unwrap()).as_bytes());
        guessed.insert(i64::from_str_radix(&hash[..15], 16).unwrap() % 300);
        if guessed.len() == 10 {
            break;
        }
    }
    assert_ne!(guessed.into_iter().collect::<Vec<_>>(), first);
    let other = TestApp::start(app.backend);
    let secret = |app: &TestApp| app.archive.store.read(|tx| tx.secret("batch-sample")).unwrap().unwrap();
    assert_ne!(secret(app), secret(&other), "every archive draws with a secret of its own");
}

fn events_tell_by_which_session_or_key(app: &TestApp) {
    let body = json!({"name": "x", "scopes": ["submit", "moderate"], "password": PASSWORD});
    let key = app.moderator.post("/v1/me/api-keys", &body).expect(201).json();
    let by_key = app.anyone.bearer(key["key"].as_str().unwrap());
    let submission = app.submit(json!([create("person", &id(), &person("Adams", "Bert"))])).expect(201).json();
    let taken = decide(&by_key, &submission, "take").expect(200).json();
    decide(&app.moderator, &taken, "approve").expect(200);
    let session =
        app.moderator.get("/v1/me/sessions").expect(200).json()["items"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("/v1/submissions/{}/events", submission["id"].as_str().unwrap());
    let events = app.moderator.get(&path).expect(200).json()["items"].clone();
    let via: Vec<&Value> = events.as_array().unwrap().iter().map(|event| &event["via"]).collect();
    assert!(via[0].as_str().unwrap().starts_with("session "));
    assert_eq!(via[1], &json!(format!("api_key {}", key["id"].as_str().unwrap())));
    assert_eq!(via[2], &json!(format!("session {session}")));
    // Authors see their own, and not those of their reviewers.
    let events = app.editor.get(&path).expect(200).json()["items"].clone();
    let shown: Vec<bool> = events.as_array().unwrap().iter().map(|event| event["via"].is_string()).collect();
    assert_eq!(shown, [true, false, false]);
    protect(&by_key, 0, "protected");
    change_user(app, "editor2", &json!({"trusted": true}));
    app.editor
        .put("/v1/me/password", &json!({"current_password": PASSWORD, "new_password": "another long password"}))
        .expect(204);
    for (action, kind) in [("protect", "api_key "), ("trust", "session "), ("password_changed", "session ")] {
        let lines = app.admin.get(&format!("/v1/audit?action={action}")).expect(200).json();
        let via = lines["items"][0]["via"].as_str().unwrap_or_default().to_owned();
        assert!(via.starts_with(kind), "{action}: {lines}");
    }
}

fn equal_entries_are_merged_without_an_override(app: &TestApp) {
    for kind in ["source", "person"] {
        let body = if kind == "source" { source("One and the same book") } else { person("Adams", "Bert") };
        let ids = [id(), id(), id()];
        let submission = app.submit(json!([create(kind, &ids[0], &body)])).expect(201).json();
        app.approve(&submission).expect(200);
        for entry in &ids[1..] {
            let submission = app.submit(json!([create(kind, entry, &body)])).expect(201).json();
            act(&app.moderator, &submission, "approve", &json!({})).expect_problem(409, "checks_block");
            act(&app.moderator, &submission, "approve", &json!({"override": "A test"})).expect(200);
        }
        for entry in &ids[1..] {
            let merge = app.submit(json!([{"op": "merge", "id": entry, "into": ids[0]}])).expect(201).json();
            let accepted = act(&app.moderator, &merge, "approve", &json!({})).expect(200).json();
            assert_eq!(accepted["state"], "accepted");
        }
    }
}

fn an_approval_does_not_survive_that_others_decide_otherwise(app: &TestApp) {
    let app = with_quorum_of_two(app);
    let published = |changes: Value| {
        let one = app.submit(changes).expect(201).json();
        let one = decide(&app.moderator, &one, "approve").expect(200).json();
        assert_eq!(decide(&app.moderator2, &one, "approve").expect(200).json()["state"], "accepted");
    };
    let [p, q] = [id(), id()];
    published(json!([create("person", &p, &person("Adams", "Bert"))]));
    published(json!([create("person", &q, &person("Brown", "Carl"))]));
    let retire = |reason: &str| json!([{"op": "retire", "id": p, "reason": reason}]);
    let (restore, merge) = (json!([{"op": "restore", "id": p}]), json!([{"op": "merge", "id": p, "into": q}]));
    let unmerge = json!([{"op": "unmerge", "id": p}]);
    // Each is approved once; then others decide so, and the other way.
    for (change, so, otherwise) in
        [(retire("No source."), retire("No source."), restore.clone()), (merge.clone(), merge, unmerge)]
    {
        let first = app.submit(change).expect(201).json();
        let first = decide(&app.moderator, &first, "approve").expect(200).json();
        published(so);
        published(otherwise);
        let second = decide(&app.moderator2, &first, "approve").expect(200).json();
        assert_eq!((&second["state"], &second["conflicts"][0]["code"]), (&json!("conflict"), &json!("stale_base")));
        assert_eq!(app.anyone.get(&format!("/v1/people/{p}")).expect(200).json()["status"], "active");
    }
}
