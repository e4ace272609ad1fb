//! Batches: filled row by row, reviewed as one, published in chunks.

use serde_json::{Value, json};

use crate::harness::{
    Caller, Database, TestApp, cases, create, decide, ended, id, person, publish_batch, source, victim,
};

cases![
    a_batch_is_filled_reviewed_by_sample_and_published_in_chunks,
    rows_are_checked_as_they_come,
    rows_added_later_make_approvals_stale,
    a_row_that_cannot_be_published_is_set_aside,
    rows_can_be_left_out,
    two_publishers_at_once_publish_each_row_once,
];

pub fn path(batch: &Value) -> String {
    format!("/v1/submissions/{}", batch["id"].as_str().unwrap())
}

fn begin(app: &TestApp) -> Value {
    app.editor.post("/v1/batches", &json!({"summary": "A memory book"})).expect(201).json()
}

fn add(caller: &Caller, batch: &Value, rows: &Value) -> crate::harness::Answer {
    let tag = format!("\"v{}\"", batch["version"]);
    caller.with("If-Match", &tag).post(&format!("{}/rows", path(batch)), &json!({"rows": rows}))
}

/// A batch of people, handed in.
pub fn of_people(app: &TestApp, count: usize) -> Value {
    let mut batch = begin(app);
    let rows: Vec<Value> = (0..count).map(|i| create("person", &id(), &person(&format!("Name{i}"), "A"))).collect();
    for some in rows.chunks(100) {
        batch = add(&app.editor, &batch, &json!(some)).expect(200).json();
    }
    decide(&app.editor, &batch, "submit").expect(200).json()
}

pub fn open_sample(caller: &Caller, batch: &Value) -> usize {
    let sample = caller.get(&format!("{}/sample", path(batch))).expect(200).json();
    let rows = sample["rows"].as_array().unwrap();
    for row in rows {
        caller.post_nothing(&format!("{}/rows/{}/open", path(batch), row["position"])).expect(200);
    }
    rows.len()
}

/// A batch of so many people, published.
pub fn publish_people(app: &TestApp, count: usize) {
    let batch = of_people(app, count);
    open_sample(&app.moderator, &batch);
    let batch = decide(&app.moderator, &batch, "approve").expect(200).json();
    assert_eq!(published(app, &batch)["state"], "accepted");
}

/// The batch, once all its rows are published.
pub fn published(app: &TestApp, batch: &Value) -> Value {
    assert_eq!(publish_batch(&app.moderator, batch)["state"], "done");
    app.moderator.get(&path(batch)).expect(200).json()
}

fn total(app: &TestApp) -> i64 {
    app.anyone.get("/v1/people").expect(200).json()["total"]["value"].as_i64().unwrap()
}

fn a_batch_is_filled_reviewed_by_sample_and_published_in_chunks(app: &TestApp) {
    let batch = of_people(app, 230);
    assert_eq!(
        (&batch["form"], &batch["batch"]),
        (&json!("batch"), &json!({"rows": 230, "published": 0, "set_aside": 0}))
    );
    assert_eq!(batch["changes"], json!([]));
    let unread = decide(&app.moderator, &batch, "approve").expect_problem(409, "sample_unread");
    assert_eq!(unread.faults().len(), 10);
    assert_eq!(open_sample(&app.moderator, &batch), 10);
    decide(&app.moderator2, &batch, "approve").expect_problem(409, "sample_unread");
    let mut batch = decide(&app.moderator, &batch, "approve").expect(200).json();
    assert_eq!((&batch["state"], total(app)), (&json!("publishing"), 0));
    decide(&app.editor, &batch, "withdraw").expect_problem(409, "wrong_state");
    let job = publish_batch(&app.moderator, &batch);
    assert_eq!(
        (&job["kind"], &job["state"], &job["done"], &job["total"], &job["submission"], &job["result"]),
        (
            &json!("publish"),
            &json!("done"),
            &json!(230),
            &json!(230),
            &batch["id"],
            &json!({"published": 230, "set_aside": 0})
        )
    );
    batch = app.moderator.get(&path(&batch)).expect(200).json();
    assert_eq!((&batch["batch"]["published"], &batch["state"], total(app)), (&json!(230), &json!("accepted"), 230));
    decide(&app.moderator, &batch, "publish").expect_problem(409, "wrong_state");
    let feed = app.anyone.get("/v1/changes?after=228").expect(200).json();
    assert_eq!(feed["items"].as_array().unwrap().len(), 2, "no gap, nothing twice");
    let revisions = app.anyone.get("/v1/people/P230/revisions").expect(200).json();
    assert_eq!(
        (&revisions["items"][0]["reviewers"], &revisions["items"][0]["submission"]),
        (&json!(["moderator"]), &batch["id"])
    );
}

fn rows_are_checked_as_they_come(app: &TestApp) {
    let batch = begin(app);
    decide(&app.editor, &batch, "submit").expect(422).expect_faults(&[("/rows", "missing_field")]);
    let (a, b) = (id(), id());
    let rows = json!([
        create("source", &a, &source("A book")),
        create("victim", &b, &victim("A", "1937", &a)),
        {"op": "retire", "id": "P1", "reason": "x"},
        create("person", &id(), &json!({"names": []})),
        create("victim", &id(), &victim("B", "1937-02-30", &id()))
    ]);
    let refused = add(&app.editor, &batch, &rows).expect(422);
    let places: Vec<_> = refused.faults().into_iter().map(|(pointer, _)| pointer).collect();
    for row in ["/rows/2/op", "/rows/3/body/names", "/rows/4/body/arrest"] {
        assert!(places.iter().any(|p| p.starts_with(row)), "{places:?}");
    }
    let kept = app.editor.get(&path(&batch)).expect(200).json();
    assert_eq!(kept["batch"]["rows"], 0, "all of them or none");
    let forward = json!([create("victim", &id(), &victim("B", "1937", &a)), create("source", &a, &source("A book"))]);
    let dangling = add(&app.editor, &batch, &forward).expect(422);
    assert!(dangling.faults().iter().all(|(_, code)| code == "dangling_reference"), "a row refers to rows before it");
    let batch = add(&app.editor, &batch, &json!([create("source", &a, &source("A book"))])).expect(200).json();
    let batch = add(&app.editor, &batch, &json!([create("victim", &b, &victim("A", "1937", &a))])).expect(200).json();
    add(&app.editor, &batch, &json!([create("victim", &b, &victim("A", "1937", &a))]))
        .expect(422)
        .expect_faults(&[("/rows/0/id", "duplicate")]);
    add(&app.editor2, &batch, &json!([])).expect_problem(404, "not_found");
    let rows = app.editor.get(&format!("{}/rows?check=sentence_without_arrest", path(&batch))).expect(200).json();
    assert_eq!(rows["items"], json!([]));
    let rows = app.editor.get(&format!("{}/rows?limit=1", path(&batch))).expect(200).json();
    assert_eq!((&rows["items"][0]["position"], &rows["total"]["value"]), (&json!(0), &json!(2)));
    let rest = app.editor.get(&format!("{}/rows?limit=1&cursor={}", path(&batch), rows["next"].as_str().unwrap()));
    assert_eq!(rest.expect(200).json()["items"][0]["id"], b.as_str());
    let submitted = decide(&app.editor, &batch, "submit").expect(200).json();
    add(&app.editor, &submitted, &json!([create("person", &id(), &person("A", "B"))]))
        .expect_problem(409, "wrong_state");
    let plain = app.submit(json!([create("person", &id(), &person("A", "B"))])).expect(201).json();
    app.moderator.get(&format!("{}/rows", path(&plain))).expect_problem(404, "not_found");
    app.moderator.get(&format!("{}/sample", path(&plain))).expect_problem(404, "not_found");
}

fn rows_added_later_make_approvals_stale(app: &TestApp) {
    let database = Database::new(app.backend);
    let mut settings = TestApp::settings(&database.url);
    settings.desk.quorum = 2;
    let app = &TestApp::start_with(app.backend, database, settings);
    let batch = of_people(app, 3);
    open_sample(&app.moderator, &batch);
    let one = decide(&app.moderator, &batch, "approve").expect(200).json();
    assert_eq!(one["quorum"]["approved_by"], json!(["moderator"]));
    let back = decide(&app.moderator2, &one, "request-changes").expect(200).json();
    let more = add(&app.editor, &back, &json!([create("person", &id(), &person("Added", "Later"))])).expect(200).json();
    assert_eq!((&more["batch"]["rows"], &more["quorum"]["approved_by"]), (&json!(4), &json!([])));
    let again = decide(&app.editor, &more, "submit").expect(200).json();
    decide(&app.moderator, &again, "approve").expect_problem(409, "sample_unread");
    open_sample(&app.moderator, &again);
    let one = decide(&app.moderator, &again, "approve").expect(200).json();
    open_sample(&app.moderator2, &one);
    let approved = decide(&app.moderator2, &one, "approve").expect(200).json();
    assert_eq!(approved["state"], "publishing");
    let done = published(app, &approved);
    assert_eq!(done["batch"], json!({"rows": 4, "published": 4, "set_aside": 0}));
}

fn a_row_that_cannot_be_published_is_set_aside(app: &TestApp) {
    let (taken, free, cited) = (id(), id(), id());
    let batch = begin(app);
    let rows = json!([
        create("source", &cited, &source("A book")),
        create("victim", &id(), &victim("A", "1937", &cited)),
        create("person", &taken, &person("C", "D")),
        create("person", &free, &person("E", "F"))
    ]);
    let batch = add(&app.editor, &batch, &rows).expect(200).json();
    let batch = decide(&app.editor, &batch, "submit").expect(200).json();
    app.publish(json!([create("person", &taken, &person("Earlier", "X"))]));
    open_sample(&app.moderator, &batch);
    let batch = decide(&app.moderator, &batch, "approve").expect(200).json();
    let batch = published(app, &batch);
    assert_eq!(
        (&batch["state"], &batch["batch"]),
        (&json!("accepted"), &json!({"rows": 4, "published": 3, "set_aside": 1}))
    );
    let aside = app.editor.get(&format!("{}/rows?outcome=set_aside", path(&batch))).expect(200).json();
    assert_eq!(
        (&aside["items"][0]["id"], &aside["items"][0]["conflicts"][0]["code"]),
        (&json!(taken), &json!("already_exists"))
    );
    assert_eq!(app.anyone.get("/v1/people/P1").expect(200).json()["label"], "Earlier X");
    app.anyone.get(&format!("/v1/people/{free}")).expect(200);
}

fn rows_can_be_left_out(app: &TestApp) {
    let batch = of_people(app, 5);
    let aside = |caller: &Caller, batch: &Value, rows: Value| {
        let tag = format!("\"v{}\"", batch["version"]);
        let body = json!({"rows": rows, "reason": "Not in the source"});
        caller.with("If-Match", &tag).post(&format!("{}/set-aside", path(batch)), &body)
    };
    let after = aside(&app.editor, &batch, json!([1])).expect(200).json();
    aside(&app.editor2, &after, json!([2])).expect_problem(404, "not_found");
    aside(&app.editor, &after, json!([1, 9, 2, 2])).expect(422).expect_faults(&[
        ("/rows/0", "duplicate"),
        ("/rows/1", "not_found"),
        ("/rows/3", "duplicate"),
    ]);
    open_sample(&app.moderator, &after);
    let approved = decide(&app.moderator, &after, "approve").expect(200).json();
    let approved = aside(&app.moderator2, &approved, json!([3, 4])).expect(200).json();
    let done = published(app, &approved);
    assert_eq!(
        (&done["state"], &done["batch"]),
        (&json!("accepted"), &json!({"rows": 5, "published": 2, "set_aside": 3}))
    );
    let rows = app.editor.get(&format!("{}/rows?outcome=set_aside", path(&batch))).expect(200).json();
    assert_eq!((&rows["total"]["value"], &rows["items"][0]["position"]), (&json!(3), &json!(1)));
    assert_eq!(rows["items"][0]["conflicts"][0]["detail"], "Not in the source");
    // A finding on a row that was left out stops nothing any more.
    let twin = begin(app);
    let known = app.anyone.get("/v1/people/P1").expect(200).json()["body"].clone();
    let rows = json!([create("person", &id(), &known), create("person", &id(), &person("Other", "Name"))]);
    let twin = add(&app.editor, &twin, &rows).expect(200).json();
    assert_eq!(twin["severity"], "block");
    let twin = aside(&app.editor, &twin, json!([0])).expect(200).json();
    assert_eq!(twin["severity"], "info");
    let twin = decide(&app.editor, &twin, "submit").expect(200).json();
    open_sample(&app.moderator, &twin);
    assert_eq!(decide(&app.moderator, &twin, "approve").expect(200).json()["state"], "publishing");
    assert_eq!(total(app), 2);
}

fn two_publishers_at_once_publish_each_row_once(app: &TestApp) {
    let batch = of_people(app, 350);
    open_sample(&app.moderator, &batch);
    let batch = decide(&app.moderator, &batch, "approve").expect(200).json();
    let publisher = |caller: &Caller| {
        let seen = caller.get(&path(&batch)).expect(200).json();
        let answer = decide(caller, &seen, "publish");
        assert!([202, 409, 412].contains(&answer.status), "{}", answer.text);
        let is_started = answer.status == 202;
        is_started.then(|| answer.json()["id"].as_str().unwrap().to_owned())
    };
    let jobs = std::thread::scope(|scope| {
        let publishers = [&app.moderator, &app.moderator2].map(|caller| scope.spawn(|| publisher(caller)));
        publishers.map(|publisher| publisher.join().unwrap())
    });
    let started: Vec<&String> = jobs.iter().flatten().collect();
    assert!(started.iter().all(|job| *job == started[0]), "{started:?}");
    let done = ended(&app.admin, &json!({"id": started[0]}));
    assert_eq!((&done["state"], &done["done"]), (&json!("done"), &json!(350)));
    assert_eq!(total(app), 350);
    let feed = app.anyone.get("/v1/changes?after=349").expect(200).json();
    assert_eq!(feed["items"].as_array().unwrap().len(), 1);
    assert_eq!(feed["items"][0]["seq"], 350);
}
