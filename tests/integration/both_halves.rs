//! Nobody does both halves of the work: proposing, and deciding on it.

use serde_json::{Value, json};

use crate::batches::published;
use crate::harness::{Caller, Database, TestApp, act, cases, claim, create, decide, id, person, source, victim};

cases![
    the_sample_is_drawn_from_what_will_be_public,
    a_row_is_public_only_with_the_rows_it_names,
    an_author_gains_nothing_by_lowering_a_protection,
    a_merge_hands_the_protection_on,
    what_comes_back_is_checked_as_well,
    a_lease_ends_with_the_rights_of_its_holder,
    who_wrote_is_kept_when_something_else_is_edited,
    a_revert_is_made_on_the_current_revision,
    trust_stands_in_for_one_approval_of_an_editors_work,
    an_answer_is_for_the_role_that_asked,
];

fn path(submission: &Value) -> String {
    format!("/v1/submissions/{}", submission["id"].as_str().unwrap())
}

fn change_user(app: &TestApp, name: &str, change: &Value) {
    let path = format!("/v1/users/{name}");
    let tag = app.admin.get(&path).expect(200).header("etag").to_owned();
    app.admin.with("If-Match", &tag).patch(&path, change).expect(200);
}

fn batch_of(app: &TestApp, rows: &[Value]) -> Value {
    let mut batch = app.editor.post("/v1/batches", &json!({"summary": "A list"})).expect(201).json();
    for some in rows.chunks(100) {
        let tag = format!("\"v{}\"", batch["version"]);
        batch = app
            .editor
            .with("If-Match", &tag)
            .post(&format!("{}/rows", path(&batch)), &json!({"rows": some}))
            .expect(200)
            .json();
    }
    batch
}

fn set_aside(caller: &Caller, batch: &Value, rows: &[usize]) -> Value {
    act(caller, batch, "set-aside", &json!({"rows": rows, "reason": "A test"})).expect(200).json()
}

fn approve_batch(caller: &Caller, batch: &Value) -> Value {
    for row in caller.get(&format!("{}/sample", path(batch))).expect(200).json()["rows"].as_array().unwrap() {
        caller.post_nothing(&format!("{}/rows/{}/open", path(batch), row["position"])).expect(200);
    }
    decide(caller, batch, "approve").expect(200).json()
}

fn the_sample_is_drawn_from_what_will_be_public(app: &TestApp) {
    let rows: Vec<Value> = (0..300).map(|n| create("source", &id(), &source(&format!("Book {n}")))).collect();
    let batch = batch_of(app, &rows);
    let chaff: Vec<usize> = (5..300).collect();
    let batch = set_aside(&app.editor, &batch, &chaff);
    let batch = decide(&app.editor, &batch, "submit").expect(200).json();
    let sample = app.moderator.get(&format!("{}/sample", path(&batch))).expect(200).json();
    let drawn: Vec<i64> =
        sample["rows"].as_array().unwrap().iter().map(|row| row["position"].as_i64().unwrap()).collect();
    assert_eq!(drawn, [0, 1, 2, 3, 4]);
    decide(&app.moderator, &batch, "approve").expect_problem(409, "sample_unread");
    assert_eq!(approve_batch(&app.moderator, &batch)["state"], "publishing");
}

fn a_row_is_public_only_with_the_rows_it_names(app: &TestApp) {
    let (cited, named) = (id(), id());
    let mut record = victim("Adams", "1937-08", &cited);
    record["person"] = json!([claim(json!({"entry": named}), &cited)]);
    let rows = [
        create("source", &cited, &source("A book")),
        create("person", &named, &person("Adams", "Bert")),
        create("victim", &id(), &record),
    ];
    let batch = decide(&app.editor, &batch_of(app, &rows), "submit").expect(200).json();
    let batch = approve_batch(&app.moderator, &batch);
    // Somebody else, under the same id.
    let other = app.submit(json!([create("person", &named, &person("Smith", "Zeno"))])).expect(201).json();
    decide(&app.moderator, &other, "approve").expect(200);
    let batch = published(app, &batch);
    assert_eq!(batch["batch"], json!({"rows": 3, "published": 1, "set_aside": 2}));
    assert_eq!(app.anyone.get("/v1/victims").expect(200).json()["total"]["value"], 0);
    let left = app.moderator.get(&format!("{}/rows?outcome=set_aside", path(&batch))).expect(200).json();
    let codes: Vec<&Value> = left["items"].as_array().unwrap().iter().map(|row| &row["conflicts"][0]["code"]).collect();
    assert_eq!(codes[1], "dangling_reference", "{left}");
}

fn protect(caller: &Caller, entry: &str, version: i64, level: &str) {
    let body = json!({"level": level, "reason": "A test"});
    caller
        .with("If-Match", &format!("\"p{version}\""))
        .put(&format!("/v1/people/{entry}/protection"), &body)
        .expect(200);
}

fn propose(caller: &Caller, changes: &Value) -> Value {
    caller.post("/v1/submissions", &json!({"summary": "A test", "changes": changes})).expect(201).json()
}

fn an_author_gains_nothing_by_lowering_a_protection(app: &TestApp) {
    app.publish(json!([create("person", &id(), &person("Adams", "Bert"))]));
    protect(&app.moderator2, "P1", 0, "locked");
    protect(&app.moderator, "P1", 1, "none");
    let change = json!([{"op": "update", "id": "P1", "body": person("Adams", "Carl")}]);
    let own = propose(&app.moderator, &change);
    assert_eq!(own["quorum"]["required"], 2);
    let one = decide(&app.moderator2, &own, "approve").expect(200).json();
    assert_eq!(one["state"], "submitted");
    assert_eq!(decide(&app.admin, &one, "approve").expect(200).json()["state"], "accepted");
}

fn a_merge_hands_the_protection_on(app: &TestApp) {
    app.publish(json!([
        create("person", &id(), &person("Adams", "Bert")),
        create("person", &id(), &person("Adams", "B."))
    ]));
    protect(&app.moderator2, "P1", 0, "locked");
    let merge = propose(&app.moderator, &json!([{"op": "merge", "id": "P1", "into": "P2"}]));
    let one = decide(&app.moderator2, &merge, "approve").expect(200).json();
    decide(&app.admin, &one, "approve").expect(200);
    let kept = app.anyone.get("/v1/people/P2/protection").expect(200).json();
    assert_eq!((&kept["level"], &kept["set_by"]), (&json!("locked"), &json!("(merge)")));
    let change =
        json!({"summary": "A test", "changes": [{"op": "update", "id": "P2", "body": person("Adams", "Carl")}]});
    app.editor.post("/v1/submissions", &change).expect_problem(403, "forbidden");
}

fn what_comes_back_is_checked_as_well(app: &TestApp) {
    let body = person("Adams", "Bert");
    app.publish(json!([create("person", &id(), &body)]));
    app.publish(json!([{"op": "retire", "id": "P1", "reason": "A test"}]));
    app.publish(json!([create("person", &id(), &body)]));
    let restore = app.submit(json!([{"op": "restore", "id": "P1"}])).expect(201).json();
    act(&app.moderator, &restore, "approve", &json!({})).expect_problem(409, "checks_block");
    act(&app.moderator, &restore, "approve", &json!({"override": "A test"})).expect(200);
}

fn a_lease_ends_with_the_rights_of_its_holder(app: &TestApp) {
    let submission = app.submit(json!([create("person", &id(), &person("Adams", "Bert"))])).expect(201).json();
    let taken = decide(&app.moderator, &submission, "take").expect(200).json();
    decide(&app.moderator2, &taken, "approve").expect_problem(409, "lease_held");
    change_user(app, "moderator", &json!({"role": "editor"}));
    let version = taken["version"].as_i64().unwrap();
    // The end of the lease counts the version up, as it does with time.
    decide(&app.moderator2, &json!({"id": taken["id"], "version": version + 1}), "approve").expect(200);
}

fn who_wrote_is_kept_when_something_else_is_edited(app: &TestApp) {
    app.publish(json!([create("person", &id(), &person("Adams", "Bert"))]));
    let with_text = |text: &str| {
        let mut body = person("Adams", "Bert");
        body["biography"] = json!({"en": text});
        body
    };
    let first = app.submit(json!([{"op": "update", "id": "P1", "body": with_text("One.")}])).expect(201).json();
    let second = app.submit(json!([{"op": "update", "id": "P1", "body": with_text("Two.")}])).expect(201).json();
    decide(&app.moderator2, &first, "approve").expect(200);
    let conflict = decide(&app.moderator2, &second, "approve").expect(200).json();
    assert_eq!(conflict["state"], "conflict");
    let place = conflict["conflicts"][0]["pointer"].as_str().unwrap();
    let choice = json!({"resolutions": [{"change": 0, "pointer": place, "value": "Three."}]});
    let resolved = act(&app.moderator, &conflict, "resolve", &choice).expect(200).json();
    decide(&app.moderator, &resolved, "approve").expect_problem(403, "forbidden");
    let comment =
        json!({"text": "Say more.", "suggestion": [{"op": "replace", "path": "/summary", "value": "Another summary"}]});
    let comment = app.moderator.post(&format!("{}/comments", path(&resolved)), &comment).expect(201).json();
    let tag = format!("\"v{}\"", resolved["version"]);
    let apply = format!("{}/comments/{}/apply", path(&resolved), comment["id"].as_str().unwrap());
    let edited = app.editor.with("If-Match", &tag).post_nothing(&apply).expect(200).json();
    assert_eq!(edited["summary"], "Another summary");
    decide(&app.moderator, &edited, "approve").expect_problem(403, "forbidden");
    decide(&app.moderator2, &edited, "approve").expect(200);
    let history = app.anyone.get("/v1/people/P1/revisions").expect(200).json();
    assert_eq!(history["items"][0]["contributors"], json!(["moderator"]));
}

fn a_revert_is_made_on_the_current_revision(app: &TestApp) {
    app.publish(json!([create("person", &id(), &person("Adams", "Bert"))]));
    app.publish(json!([{"op": "update", "id": "P1", "body": person("Adams", "Carl")}]));
    app.submit(json!([{"op": "revert", "id": "P1", "to": 1, "base": 1}]))
        .expect(422)
        .expect_faults(&[("/changes/0/base", "stale_base")]);
    app.publish(json!([{"op": "revert", "id": "P1", "to": 1}]));
}

fn trust_stands_in_for_one_approval_of_an_editors_work(app: &TestApp) {
    let database = Database::new(app.backend);
    let mut settings = TestApp::settings(&database.url);
    settings.desk.trusts_editors = true;
    settings.desk.quorum_of_kind = [("trial".to_owned(), 2)].into();
    let app = TestApp::start_with(app.backend, database, settings);
    let cited = id();
    app.publish(json!([create("source", &cited, &source("A book"))]));
    let named =
        |family: &str| json!({"names": [claim(json!({"kind": "main", "family": family, "given": "B"}), &cited)]});
    let state = |caller: &Caller, changes: Value| propose(caller, &changes)["state"].clone();
    let tag = app.admin.get("/v1/users/admin").expect(200).header("etag").to_owned();
    app.admin
        .with("If-Match", &tag)
        .patch("/v1/users/admin", &json!({"trusted": true}))
        .expect_problem(403, "forbidden");
    for name in ["editor", "moderator"] {
        change_user(&app, name, &json!({"trusted": true}));
    }
    assert_eq!(state(&app.editor, json!([create("person", &id(), &named("Adams"))])), "accepted");
    assert_eq!(state(&app.moderator, json!([create("person", &id(), &named("Brown"))])), "submitted", "no editor");
    let trial = json!({"titles": [claim(json!({"text": "A trial", "kind": "common", "lang": "en"}), &cited)]});
    assert_eq!(state(&app.editor, json!([create("trial", &id(), &trial)])), "submitted", "two approvals");
    // What was rejected does not come back under the same id.
    change_user(&app, "editor", &json!({"trusted": false}));
    let again = json!([create("person", &id(), &named("Clark"))]);
    let rejected = propose(&app.editor, &again);
    decide(&app.moderator2, &rejected, "reject").expect(200);
    change_user(&app, "editor", &json!({"trusted": true}));
    assert_eq!(state(&app.editor, again), "submitted", "it was rejected before");
    // Nor does a record hang on a person who is guarded.
    let (first, merged) = (app.anyone.get("/v1/people/P1").expect(200).json()["id"].clone(), id());
    assert_eq!(state(&app.editor, json!([create("person", &merged, &named("Clarkson"))])), "accepted");
    let merge = propose(&app.editor, &json!([{"op": "merge", "id": merged, "into": first}]));
    assert_eq!(decide(&app.moderator2, &merge, "approve").expect(200).json()["state"], "accepted");
    protect(&app.moderator2, "P1", 0, "protected");
    for guarded in [first, json!(merged)] {
        let mut record = victim("Adams", "1937-08", &cited);
        record["person"] = json!([claim(json!({"entry": guarded}), &cited)]);
        let change = json!([create("victim", &id(), &record)]);
        assert_eq!(state(&app.editor, change), "submitted", "it names a guarded entry");
    }
}

fn an_answer_is_for_the_role_that_asked(app: &TestApp) {
    app.publish(json!([create("person", &id(), &person("Adams", "Bert"))]));
    protect(&app.moderator2, "P1", 0, "locked");
    let change =
        json!({"summary": "A test", "changes": [{"op": "update", "id": "P1", "body": person("Adams", "Carl")}]});
    let caller = app.editor.with("Idempotency-Key", "the-same");
    caller.post("/v1/submissions", &change).expect_problem(403, "forbidden");
    protect(&app.moderator2, "P1", 1, "none");
    // What was forbidden may be allowed by now.
    caller.post("/v1/submissions", &change).expect(201);
    change_user(app, "editor", &json!({"role": "moderator"}));
    let again = app.anyone.sign_in("editor", crate::harness::PASSWORD).with("Idempotency-Key", "the-same");
    again.post("/v1/submissions", &change).expect_problem(422, "idempotency_mismatch");
}
