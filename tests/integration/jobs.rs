//! Jobs: seen by whom they concern, ended by them, gone on with after an interruption, and run once.

use serde_json::{Value, json};

use crate::{
    batches::{of_people, open_sample, path},
    harness::{Caller, Database, Instance, TestApp, cases, decide, ended, publish_batch},
};

cases![
    jobs_are_seen_by_their_owners_and_administrators,
    a_job_that_is_cancelled_stops_and_can_be_begun_again,
    a_job_stops_when_its_owner_may_not_go_on,
    of_two_instances_one_runs_a_job,
];

/// An archive in which each row of a batch is a transaction of its own.
fn slow(app: &TestApp) -> TestApp {
    let database = Database::new(app.backend);
    let mut settings = TestApp::settings(&database.url);
    settings.desk.chunk = 1;
    TestApp::start_with(app.backend, database, settings)
}

fn approved(app: &TestApp, rows: usize) -> Value {
    let batch = of_people(app, rows);
    open_sample(&app.moderator, &batch);
    decide(&app.moderator, &batch, "approve").expect(200).json()
}

fn job_path(job: &Value) -> String {
    format!("/v1/jobs/{}", job["id"].as_str().unwrap())
}

/// Starts a job, and waits until it has done something.
fn begun(app: &TestApp, batch: &Value) -> Value {
    let job = decide(&app.moderator, batch, "publish").expect(202);
    assert_eq!(job.header("location"), job_path(&job.json()));
    let job = job.json();
    while app.moderator.get(&job_path(&job)).expect(200).json()["done"] == 0 {
        std::thread::yield_now();
    }
    job
}

fn jobs_are_seen_by_their_owners_and_administrators(app: &TestApp) {
    let job = publish_batch(&app.moderator, &approved(app, 3));
    assert_eq!((&job["owner"], &job["failure"]), (&json!("moderator"), &Value::Null));
    let ids = |caller: &Caller, query: &str| -> Vec<Value> {
        let page = caller.get(&format!("/v1/jobs{query}")).expect(200).json();
        page["items"].as_array().unwrap().iter().map(|job| job["id"].clone()).collect()
    };
    for caller in [&app.moderator, &app.admin] {
        assert_eq!(caller.get(&job_path(&job)).expect(200).json(), job);
        assert!(ids(caller, "?state=done&kind=publish").contains(&job["id"]));
        assert!(!ids(caller, "?state=running").contains(&job["id"]));
    }
    for caller in [&app.editor, &app.moderator2] {
        caller.get(&job_path(&job)).expect_problem(404, "not_found");
        caller.post_nothing(&format!("{}/cancel", job_path(&job))).expect_problem(404, "not_found");
        assert!(!ids(caller, "").contains(&job["id"]));
    }
    app.moderator.post_nothing(&format!("{}/cancel", job_path(&job))).expect_problem(409, "wrong_state");
    app.moderator.get("/v1/jobs?state=gone").expect_problem(400, "invalid_query");
    app.moderator.get("/v1/jobs/not-an-id").expect_problem(404, "not_found");
    app.anyone.get("/v1/jobs").expect_problem(401, "unauthenticated");
}

fn a_job_that_is_cancelled_stops_and_can_be_begun_again(app: &TestApp) {
    let app = slow(app);
    let batch = approved(&app, 200);
    let job = begun(&app, &batch);
    let again = decide(&app.moderator2, &app.moderator.get(&path(&batch)).expect(200).json(), "publish");
    assert!(again.status == 412 || again.json()["id"] == job["id"], "{}", again.text);
    let cancelled = app.admin.post_nothing(&format!("{}/cancel", job_path(&job))).expect(200).json();
    assert_eq!(cancelled["state"], "cancelled");
    let left = app.moderator.get(&path(&batch)).expect(200).json();
    let published = left["batch"]["published"].as_i64().unwrap();
    assert!(left["state"] == "publishing" && published < 200, "{left}");
    // Nothing is published any more.
    let later = app.moderator.get(&path(&batch)).expect(200).json();
    assert_eq!((&later["version"], &later["batch"]), (&left["version"], &left["batch"]));
    let rest = publish_batch(&app.moderator, &later);
    assert_eq!(
        (&rest["state"], &rest["done"], &rest["result"]),
        (&json!("done"), &json!(200), &json!({"published": 200, "set_aside": 0}))
    );
    assert_ne!(rest["id"], job["id"]);
    assert_eq!(app.anyone.get("/v1/people").expect(200).json()["total"]["value"], 200);
}

fn a_job_stops_when_its_owner_may_not_go_on(app: &TestApp) {
    let app = slow(app);
    let batch = of_people(&app, 200);
    open_sample(&app.moderator2, &batch);
    let batch = decide(&app.moderator2, &batch, "approve").expect(200).json();
    let job = begun(&app, &batch);
    let tag = app.admin.get("/v1/users/moderator").expect(200).header("etag").to_owned();
    app.admin.with("If-Match", &tag).patch("/v1/users/moderator", &json!({"role": "editor"})).expect(200);
    let stopped = ended(&app.admin, &job);
    assert_eq!(stopped["state"], "failed");
    assert!(stopped["failure"].as_str().unwrap().contains("may not do this any more"), "{stopped}");
    let batch = app.moderator2.get(&path(&batch)).expect(200).json();
    assert_eq!(publish_batch(&app.moderator2, &batch)["done"], 200);
}

fn of_two_instances_one_runs_a_job(app: &TestApp) {
    let app = slow(app);
    let mut settings = TestApp::settings(&app.database.url);
    settings.desk.chunk = 1;
    let second = Instance::start(settings);
    let batch = approved(&app, 100);
    let job = publish_batch(&app.moderator, &batch);
    assert_eq!((&job["state"], &job["done"]), (&json!("done"), &json!(100)));
    drop(second);
    let events = app.moderator.get(&format!("{}/events?limit=200", path(&batch))).expect(200).json();
    let chunks = events["items"].as_array().unwrap().iter().filter(|event| event["action"] == "publish").count();
    assert_eq!(chunks, 100, "each row was published by one instance");
    assert_eq!(app.anyone.get("/v1/people").expect(200).json()["total"]["value"], 100);
}
