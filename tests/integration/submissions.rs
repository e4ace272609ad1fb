//! Proposing changes: all operations, references inside a submission, and what is refused.

use serde_json::{Value, json};

use crate::harness::{TestApp, cases, create, decide, id, person, source, trial, victim};

cases![
    one_submission_makes_entries_that_refer_to_each_other,
    nothing_of_a_submission_is_seen_before_it_is_accepted,
    an_update_replaces_the_body_and_keeps_the_history,
    patches_of_both_kinds_are_applied_to_the_base,
    retire_restore_and_revert_go_through_review,
    routes_of_a_kind_propose_single_changes,
    references_must_lead_to_entries_of_the_right_kind,
    acyclic_references_cannot_lead_back,
    every_fault_of_a_submission_is_named,
    limits_are_kept,
];

fn one_submission_makes_entries_that_refer_to_each_other(app: &TestApp) {
    let (s, p, v, t) = (id(), id(), id(), id());
    let mut record = victim("Иванов", "1937-08-05", &s);
    record["person"] = json!([{"value": {"entry": p}}]);
    record["trial"] = json!([{"value": {"entry": t}}]);
    let mut case = trial("A case");
    case["defendants"] = json!([{"person": {"entry": p}, "record": {"entry": v}}]);
    // The order does not matter: the victim comes before what it refers to.
    let published = app.publish(json!([
        create("victim", &v, &record),
        create("trial", &t, &case),
        create("person", &p, &person("Иванов", "Иван")),
        create("source", &s, &source("Book of memory")),
    ]));
    assert_eq!(published.iter().map(|e| e["ref"].as_str().unwrap()).collect::<Vec<_>>(), ["V1", "T1", "P1", "S1"]);
    let links = app.anyone.get(&format!("/v1/people/{p}/links")).expect(200).json();
    let incoming: Vec<_> =
        links["incoming"].as_array().unwrap().iter().map(|l| (&l["rel"], &l["entry"]["ref"])).collect();
    assert!(incoming.contains(&(&json!("person"), &json!("V1"))));
    assert!(incoming.contains(&(&json!("defendant"), &json!("T1"))));
}

fn nothing_of_a_submission_is_seen_before_it_is_accepted(app: &TestApp) {
    let marker = "Unverwechselbar";
    let (s, p) = (id(), id());
    let mut body = person(marker, "Anna");
    body["names"][0]["citations"] = json!([{"source": s}]);
    let submission =
        app.submit(json!([create("source", &s, &source(marker)), create("person", &p, &body)])).expect(201).json();
    let path = format!("/v1/submissions/{}", submission["id"].as_str().unwrap());
    let public = [
        "/v1/people".to_owned(),
        "/v1/people?view=full".to_owned(),
        format!("/v1/people?name={marker}"),
        "/v1/sources".to_owned(),
        "/v1/changes".to_owned(),
        "/openapi.json".to_owned(),
    ];
    let shows = |path: &str| app.anyone.get(path).expect(200).text.matches(marker).count();
    for path in &public {
        assert_eq!(shows(path), 0, "{path}");
    }
    for rest in ["", "/revisions", "/revisions/1", "/diff", "/links"] {
        app.anyone.get(&format!("/v1/people/{p}{rest}")).expect_problem(404, "not_found");
    }
    app.anyone.get(&path).expect_problem(401, "unauthenticated");
    app.editor2.get(&path).expect_problem(404, "not_found");
    app.editor.get(&path).expect(200);
    app.moderator.get(&path).expect(200);
    app.approve(&submission).expect(200);
    for path in &public[..5] {
        assert!(shows(path) > 0, "{path}");
    }
    for rest in ["", "/revisions", "/revisions/1", "/diff", "/links"] {
        app.anyone.get(&format!("/v1/people/{p}{rest}")).expect(200);
    }
    app.anyone.get(&path).expect_problem(401, "unauthenticated");
}

fn an_update_replaces_the_body_and_keeps_the_history(app: &TestApp) {
    let p = id();
    app.publish(json!([create("person", &p, &person("Ежов", "Николай"))]));
    let published = app.publish(json!([{"op": "update", "id": "p1", "base": 1, "body": person("Ежов", "Н. И.")}]));
    assert_eq!(published, [json!({"id": p, "ref": "P1", "kind": "person", "revision": 2})]);
    let now = app.anyone.get("/v1/people/P1").expect(200).json();
    assert_eq!((&now["revision"], &now["label"]), (&json!(2), &json!("Ежов Н. И.")));
    let then = app.anyone.get("/v1/people/P1?revision=1").expect(200).json();
    assert_eq!((&then["revision"], &then["label"]), (&json!(1), &json!("Ежов Николай")));
    app.submit(json!([{"op": "update", "id": p, "body": person("Ежов", "Н. И.")}]))
        .expect(422)
        .expect_faults(&[("/changes/0/body", "no_change")]);
}

fn patches_of_both_kinds_are_applied_to_the_base(app: &TestApp) {
    app.publish(json!([create("person", &id(), &person("Ягода", "Генрих"))]));
    app.publish(json!([{"op": "update", "id": "P1", "patch": {"biography": {"en": "Commissar"}, "living": false}}]));
    app.publish(json!([{"op": "update", "id": "P1", "patch": [
        {"op": "test", "path": "/biography/en", "value": "Commissar"},
        {"op": "replace", "path": "/biography/en", "value": "People's Commissar"},
        {"op": "remove", "path": "/living"}
    ]}]));
    let body = app.anyone.get("/v1/people/P1").expect(200).json()["body"].clone();
    assert_eq!(body["biography"], json!({"en": "People's Commissar"}));
    assert_eq!(body["living"], Value::Null);
    let failed = json!([{"op": "update", "id": "P1", "patch": [{"op": "test", "path": "/living", "value": true}]}]);
    app.submit(failed).expect(422).expect_faults(&[("/changes/0/patch", "patch_failed")]);
    let broken = json!([{"op": "update", "id": "P1", "patch": {"names": null}}]);
    app.submit(broken).expect(422).expect_faults(&[("/changes/0/body/names", "missing_field")]);
}

fn retire_restore_and_revert_go_through_review(app: &TestApp) {
    app.publish(json!([create("person", &id(), &person("Дубль", "А."))]));
    app.publish(json!([{"op": "update", "id": "P1", "body": person("Дубль", "Б.")}]));
    app.submit(json!([{"op": "retire", "id": "P1"}]))
        .expect(422)
        .expect_faults(&[("/changes/0/reason", "missing_field")]);
    app.publish(json!([{"op": "retire", "id": "P1", "reason": "Entered by mistake."}]));
    let gone = app.anyone.get("/v1/people/P1").expect_problem(410, "entry_retired").json();
    assert_eq!(gone["detail"], "Entered by mistake.");
    assert_eq!(app.anyone.get("/v1/people").expect(200).json()["total"]["value"], 0);
    let history = app.anyone.get("/v1/people/P1/revisions").expect(200).json();
    assert_eq!(history["items"][0]["op"], "retire");
    assert_eq!(history["items"][0]["reason"], "Entered by mistake.");
    app.anyone.get("/v1/people/P1?revision=2").expect(200);
    app.submit(json!([{"op": "update", "id": "P1", "body": person("Дубль", "В.")}]))
        .expect(422)
        .expect_faults(&[("/changes/0/id", "wrong_status")]);
    app.publish(json!([{"op": "restore", "id": "P1"}]));
    assert_eq!(app.anyone.get("/v1/people/P1").expect(200).json()["label"], "Дубль Б.");
    app.publish(json!([{"op": "revert", "id": "P1", "to": 1}]));
    let now = app.anyone.get("/v1/people/P1").expect(200).json();
    assert_eq!((&now["label"], &now["revision"]), (&json!("Дубль А."), &json!(5)));
    let first = app.anyone.get("/v1/people/P1/revisions/1").expect(200).json();
    assert_eq!(first["hash"], now["hash"], "the same body has the same hash");
    app.submit(json!([{"op": "revert", "id": "P1", "to": 9}]))
        .expect(422)
        .expect_faults(&[("/changes/0/to", "not_found")]);
    let types: Vec<_> = app.anyone.get("/v1/changes").expect(200).json()["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| e["type"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(types, ["created", "updated", "retired", "restored", "updated"]);
}

fn routes_of_a_kind_propose_single_changes(app: &TestApp) {
    let made = app.editor.post("/v1/people?summary=From+a+letter", &person("Радек", "Карл")).expect(202);
    let submission = made.json();
    assert_eq!(made.header("location"), format!("/v1/submissions/{}", submission["id"].as_str().unwrap()));
    assert_eq!((&submission["state"], &submission["summary"]), (&json!("submitted"), &json!("From a letter")));
    app.approve(&submission).expect(200);
    let read = app.anyone.get("/v1/people/P1").expect(200);
    let tag = read.header("etag").to_owned();
    let body = person("Радек", "К.");
    app.editor.put("/v1/people/P1", &body).expect_problem(428, "precondition_required");
    app.editor.with("If-Match", "\"r9-0\"").put("/v1/people/P1", &body).expect_problem(412, "precondition_failed");
    app.editor
        .with("If-Match", &format!("W/{tag}"))
        .put("/v1/people/P1", &body)
        .expect_problem(412, "precondition_failed");
    let update = app.editor.with("If-Match", &tag).put("/v1/people/P1", &body).expect(202).json();
    assert_eq!(update["changes"][0]["base"], 1);
    app.approve(&update).expect(200);
    app.editor
        .with("If-Match", &tag)
        .put("/v1/people/P1", &person("X", "Y"))
        .expect_problem(412, "precondition_failed");
    let tag = app.anyone.get("/v1/people/P1").expect(200).header("etag").to_owned();
    let caller = app.editor.with("If-Match", &tag);
    let patch = |kind: &str, body: Value| caller.bytes("PATCH", "/v1/people/P1", kind, body.to_string().into_bytes());
    patch("application/json", json!({})).expect_problem(415, "unsupported_media_type");
    patch("application/json-patch+json", json!({})).expect_problem(422, "invalid_input");
    patch("application/merge-patch+json", json!({"names": [{"value": {}}]}))
        .expect(422)
        .expect_faults(&[("/names/0/value/kind", "missing_field")]);
    let patched = patch("application/merge-patch+json", json!({"tags": ["komintern"]})).expect(202).json();
    app.approve(&patched).expect(200);
    let tag = app.anyone.get("/v1/people/P1").expect(200).header("etag").to_owned();
    let caller = app.editor.with("If-Match", &tag);
    caller.delete("/v1/people/P1").expect_problem(400, "invalid_query");
    let retired = caller.delete("/v1/people/P1?reason=Test").expect(202).json();
    app.approve(&retired).expect(200);
    app.anyone.get("/v1/people/P1").expect(410);
    app.editor.post("/v1/people", &json!({"names": []})).expect(422).expect_faults(&[("/names", "missing_field")]);
}

fn references_must_lead_to_entries_of_the_right_kind(app: &TestApp) {
    let (s, p, nobody) = (id(), id(), id());
    app.publish(json!([create("source", &s, &source("A")), create("person", &p, &person("A", "B"))]));
    let mut body = victim("C", "1937", &nobody);
    body["person"] = json!([{"value": {"entry": s}}]);
    body["trial"] = json!([{"value": {"entry": p}}]);
    body["execution"] = json!({"executioner": [{"value": {"entry": "not a uuid"}}]});
    app.submit(json!([create("victim", &id(), &body)]))
        .expect(422)
        .expect_faults(&[("/changes/0/body/execution/executioner/0/value/entry", "invalid_id")]);
    body.as_object_mut().unwrap().remove("execution");
    app.submit(json!([create("victim", &id(), &body)])).expect(422).expect_faults(&[
        ("/changes/0/body/names/0/citations/0/source", "dangling_reference"),
        ("/changes/0/body/arrest/date/0/citations/0/source", "dangling_reference"),
        ("/changes/0/body/person/0/value/entry", "wrong_kind"),
        ("/changes/0/body/trial/0/value/entry", "wrong_kind"),
    ]);
    // A citation of something that is only proposed in the same submission must be of a source, too.
    let q = id();
    let mut body = person("D", "E");
    body["names"][0]["citations"] = json!([{"source": q}]);
    app.submit(json!([create("person", &id(), &body), create("person", &q, &person("F", "G"))]))
        .expect(422)
        .expect_faults(&[("/changes/0/body/names/0/citations/0/source", "wrong_kind")]);
    assert_eq!(app.anyone.get("/v1/victims").expect(200).json()["total"]["value"], 0);
}

fn acyclic_references_cannot_lead_back(app: &TestApp) {
    let part_of = |title: &str, whole: &str| {
        let mut body = source(title);
        body["container"] = json!({"title": "Whole", "entry": whole});
        body
    };
    let (a, b, c) = (id(), id(), id());
    app.submit(json!([create("source", &a, &part_of("A", &a))]))
        .expect(422)
        .expect_faults(&[("/changes/0/body/container/entry", "cycle")]);
    app.submit(json!([create("source", &a, &part_of("A", &b)), create("source", &b, &part_of("B", &a))]))
        .expect(422)
        .expect_faults(&[("/changes/0/body/container/entry", "cycle"), ("/changes/1/body/container/entry", "cycle")]);
    app.publish(json!([
        create("source", &a, &part_of("A", &b)),
        create("source", &b, &part_of("B", &c)),
        create("source", &c, &source("C")),
    ]));
    // Through what is published already.
    app.submit(json!([{"op": "update", "id": c, "body": part_of("C", &a)}]))
        .expect(422)
        .expect_faults(&[("/changes/0/body/container/entry", "cycle")]);
    let mut me = person("Me", "Myself");
    let p = id();
    me["life"] = json!({"family": [{"value": {"relation": {"code": "brother"}, "person": {"entry": p}}}]});
    app.submit(json!([create("person", &p, &me)]))
        .expect(422)
        .expect_faults(&[("/changes/0/body/life/family/0/value/person/entry", "cycle")]);
}

fn every_fault_of_a_submission_is_named(app: &TestApp) {
    let s = id();
    app.publish(json!([create("source", &s, &source("A"))]));
    let mut bad = person("A", "B");
    bad["names"][0]["colour"] = json!("red");
    bad["life"] = json!({
        "sex": [{"value": {"code": "neither"}}],
        "birth": {"date": [{"value": {"edtf": "2016-13-08"}}, {"value": {"edtf": "1937"}, "status": "unknown"}]},
        "death": "yes"
    });
    let both = id();
    app.editor
        .post(
            "/v1/submissions",
            &json!({"summary": " ", "changes": [
                create("person", &id(), &bad),
                {"op": "create", "kind": "ghost", "body": {}},
                {"op": "update", "id": "P99", "body": {}},
                {"op": "retire", "id": s, "reason": "x", "body": {}},
                create("source", &s, &source("B")),
                create("source", &both, &source("C")),
                create("source", &both, &source("D")),
                {"op": "create", "kind": "source", "id": "S7"},
            ]}),
        )
        .expect(422)
        .expect_faults(&[
            ("/summary", "missing_field"),
            ("/changes/0/body/names/0/colour", "unknown_field"),
            ("/changes/0/body/life/sex/0/value/code", "unknown_code"),
            ("/changes/0/body/life/birth/date/0/value/edtf", "invalid_date"),
            ("/changes/0/body/life/birth/date/1/status", "invalid_value"),
            ("/changes/0/body/life/death", "wrong_type"),
            ("/changes/1/kind", "unknown_code"),
            ("/changes/2/id", "not_found"),
            ("/changes/3/body", "unknown_field"),
            ("/changes/4/id", "already_exists"),
            ("/changes/4/id", "duplicate"),
            ("/changes/6/id", "duplicate"),
            ("/changes/7/id", "invalid_id"),
            ("/changes/7/body", "missing_field"),
        ]);
    app.editor
        .post("/v1/submissions", &json!({"changes": [{"op": "explode"}], "urgent": true}))
        .expect(422)
        .expect_faults(&[
            ("/summary", "missing_field"),
            ("/changes/0/op", "unknown_code"),
            ("/urgent", "unknown_field"),
        ]);
}

fn limits_are_kept(app: &TestApp) {
    let many: Vec<Value> = (0..101).map(|i| create("source", &id(), &source(&format!("S{i}")))).collect();
    app.submit(json!(many)).expect(422).expect_faults(&[("/changes", "too_many")]);
    app.submit(json!([])).expect(422).expect_faults(&[("/changes", "missing_field")]);
    let mut wordy = source("A");
    wordy["description"] = json!({"en": "x".repeat(100_001)});
    app.submit(json!([create("source", &id(), &wordy)]))
        .expect(422)
        .expect_faults(&[("/changes/0/body/description/en", "too_long")]);
    wordy["description"] = json!({"en": "x".repeat(99_999), "ru": "y".repeat(99_999), "de": "z".repeat(99_999)});
    app.submit(json!([create("source", &id(), &wordy)])).expect(422).expect_faults(&[("/changes/0/body", "too_long")]);
    let mut crowd = person("A", "B");
    crowd["names"] = json!(vec![json!({"value": {"kind": "variant", "full": "C"}}); 1_001]);
    app.submit(json!([create("person", &id(), &crowd)])).expect(422).expect_faults(&[("/changes/0/body", "too_many")]);
    let fine: Vec<Value> = (0..100).map(|i| create("source", &id(), &source(&format!("S{i}")))).collect();
    let submission = app.submit(json!(fine)).expect(201).json();
    let accepted = decide(&app.moderator, &submission, "approve").expect(200).json();
    assert_eq!(accepted["published"].as_array().unwrap().len(), 100);
}
