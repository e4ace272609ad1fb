//! The reviewer's tools: the queue, comments, suggestions, checks, notifications, protection, trust.

use serde_json::{Value, json};

use crate::harness::{Caller, Database, TestApp, act, cases, create, decide, id, person, source, victim};

cases![
    the_queue_is_filtered_sorted_and_counted,
    comments_are_threaded_anchored_and_edited_with_history,
    a_suggestion_is_taken_over_with_one_call,
    people_are_told_of_what_concerns_them,
    checks_are_shown_and_can_be_asked_for_before,
    findings_that_block_are_overridden_with_a_reason,
    protected_entries_need_more_approvals_and_locked_ones_a_moderator,
    trusted_editors_add_without_waiting_where_allowed,
];

fn new_person(caller: &Caller, draft: bool) -> Value {
    let body =
        json!({"summary": "A test", "draft": draft, "changes": [create("person", &id(), &person("Adams", "Bert"))]});
    caller.post("/v1/submissions", &body).expect(201).json()
}

fn path(submission: &Value) -> String {
    format!("/v1/submissions/{}", submission["id"].as_str().unwrap())
}

fn the_queue_is_filtered_sorted_and_counted(app: &TestApp) {
    let count = |caller: &Caller, query: &str| {
        caller.get(&format!("/v1/submissions{query}")).expect(200).json()["total"]["value"].as_i64().unwrap()
    };
    let first = new_person(&app.editor, false);
    for caller in [&app.editor, &app.editor2] {
        decide(&app.admin, &new_person(caller, false), "reject").expect(200);
        decide(caller, &new_person(caller, false), "withdraw").expect(200);
    }
    new_person(&app.editor, true);
    decide(&app.moderator, &new_person(&app.editor2, false), "take").expect(200);
    assert_eq!((count(&app.editor, ""), count(&app.editor2, ""), count(&app.moderator, "")), (4, 3, 6));
    assert_eq!(count(&app.moderator, "?state=submitted&state=rejected&author=editor2"), 1);
    assert_eq!((count(&app.moderator, "?kind=person"), count(&app.moderator, "?kind=trial")), (6, 0));
    assert_eq!((count(&app.admin, "?assignee=moderator"), count(&app.admin, "?assignee=admin")), (1, 0));
    assert_eq!(count(&app.moderator, "?submitted_before=2020-01-01T00:00:00Z"), 0);
    assert_eq!(count(&app.moderator, "?submitted_after=2020-01-01T00:00:00Z"), 6);
    assert_eq!((count(&app.moderator, "?severity=info"), count(&app.moderator, "?severity=block")), (6, 0));
    assert_eq!(count(&app.moderator, "?check=uncited_claim&state=submitted"), 1);
    let entry = first["changes"][0]["id"].as_str().unwrap();
    let other = json!({"summary": "x", "changes": [create("person", &id(), &person("A", "B"))]});
    let edited = app.editor.with("If-Match", "\"v1\"").put(&path(&first), &other).expect(200).json();
    assert_eq!(count(&app.editor, &format!("?entry={entry}")), 0, "what was taken out is not in it");
    let entry = edited["changes"][0]["id"].as_str().unwrap();
    assert_eq!(count(&app.editor, &format!("?entry={entry}")), 1);
    assert_eq!(count(&app.editor2, &format!("?entry={entry}")), 0);
    let page = app.moderator.get("/v1/submissions?state=submitted").expect(200).json();
    let states = json!([
        {"value": "submitted", "count": 1}, {"value": "in_review", "count": 1}, {"value": "rejected", "count": 2},
        {"value": "withdrawn", "count": 2}
    ]);
    assert_eq!((&page["total"]["value"], &page["facets"]["state"]), (&json!(1), &states));
    for (sort, column) in [("created", "created_at"), ("updated", "updated_at"), ("submitted", "submitted_at")] {
        let walk = |prefix: &str| {
            let mut seen = Vec::new();
            let mut address = format!("/v1/submissions?limit=2&sort={prefix}{sort}");
            loop {
                let page = app.moderator.get(&address).expect(200).json();
                seen.extend(page["items"].as_array().unwrap().iter().map(|s| s[column].as_str().unwrap().to_owned()));
                let Some(cursor) = page["next"].as_str() else { break seen };
                address = format!("/v1/submissions?limit=2&sort={prefix}{sort}&cursor={cursor}");
            }
        };
        let (rising, mut falling) = (walk(""), walk("-"));
        falling.reverse();
        assert_eq!((rising.len(), &rising), (6, &falling));
        assert!(rising.is_sorted());
    }
    let next = app.editor.get("/v1/submissions?limit=1").expect(200).json()["next"].as_str().unwrap().to_owned();
    app.editor2.get(&format!("/v1/submissions?limit=1&cursor={next}")).expect_problem(400, "invalid_cursor");
    let wrong = "?state=lost&severity=bad&check=x&sort=age&submitted_before=now&older=1";
    app.editor.get(&format!("/v1/submissions{wrong}")).expect(400).expect_faults(&[
        ("state", "unknown_code"),
        ("severity", "unknown_code"),
        ("check", "unknown_code"),
        ("sort", "invalid_value"),
        ("submitted_before", "invalid_value"),
        ("older", "unknown_parameter"),
    ]);
}

fn comments_are_threaded_anchored_and_edited_with_history(app: &TestApp) {
    let submission = new_person(&app.editor, false);
    let comments = format!("{}/comments", path(&submission));
    let new = json!({"text": "Is this the family name?", "pointer": "/changes/0/body/names/0/value/family"});
    let made = app.moderator.post(&comments, &new).expect(201);
    let (location, tag) = (made.header("location").to_owned(), made.header("etag").to_owned());
    let question = made.json();
    assert_eq!(app.editor.get(&location).expect(200).json(), question);
    let answer = json!({"text": "It is.", "parent": question["id"]});
    let answer = app.editor.post(&comments, &answer).expect(201).json();
    assert_eq!((&answer["parent"], &answer["author"]), (&question["id"], &json!("editor")));
    let changed = json!({"text": "Is this the whole family name?"});
    app.editor.with("If-Match", &tag).put(&location, &changed).expect_problem(403, "forbidden");
    app.moderator.put(&location, &changed).expect_problem(428, "precondition_required");
    let after = app.moderator.with("If-Match", &tag).put(&location, &changed).expect(200).json();
    assert_eq!((&after["text"], &after["history"][0]["text"]), (&changed["text"], &question["text"]));
    app.moderator.with("If-Match", &tag).put(&location, &changed).expect_problem(412, "precondition_failed");
    let page = app.editor.get(&format!("{comments}?limit=1")).expect(200).json();
    assert_eq!(page["total"]["value"], 2);
    let rest =
        app.editor.get(&format!("{comments}?limit=1&cursor={}", page["next"].as_str().unwrap())).expect(200).json();
    assert_eq!((&rest["items"][0]["id"], &rest["next"]), (&answer["id"], &Value::Null));
    // Places named by the id of a claim are places too.
    let claim = submission["changes"][0]["body"]["names"][0]["id"].as_str().unwrap();
    let by_id = json!({"text": "x", "pointer": format!("/changes/0/body/names/{claim}")});
    app.moderator.post(&comments, &by_id).expect(201);
    for (bad, pointer, code) in [
        (json!({"text": " "}), "/text", "missing_field"),
        (json!({"text": "x", "pointer": "/changes/3"}), "/pointer", "not_found"),
        (json!({"text": "x", "parent": id()}), "/parent", "not_found"),
        (json!({"text": "x", "parent": "\u{0}"}), "/parent", "not_found"),
        (json!({"text": "x\u{0}"}), "/text", "control_character"),
        (json!({"text": "x", "colour": 1}), "/colour", "unknown_field"),
    ] {
        app.moderator.post(&comments, &bad).expect(422).expect_faults(&[(pointer, code)]);
    }
    app.editor2.get(&comments).expect_problem(404, "not_found");
    app.editor2.post(&comments, &json!({"text": "x"})).expect_problem(404, "not_found");
    app.editor.get(&format!("{comments}/{}", id())).expect_problem(404, "not_found");
    app.editor.get(&format!("{comments}/%00")).expect_problem(404, "not_found");
}

fn a_suggestion_is_taken_over_with_one_call(app: &TestApp) {
    let submission = new_person(&app.editor, false);
    let comments = format!("{}/comments", path(&submission));
    let suggest = |patch: Value| app.moderator.post(&comments, &json!({"text": "So?", "suggestion": patch}));
    for outside in [
        json!([]),
        json!({}),
        json!([{"op": "replace", "path": "/changes/0/op", "value": "retire"}]),
        json!([{"op": "remove", "path": "/changes/0/body/nothing"}]),
    ] {
        suggest(outside).expect(422).expect_faults(&[("/suggestion", "patch_failed")]);
    }
    let patch = json!([
        {"op": "test", "path": "/changes/0/body/names/0/value/given", "value": "Bert"},
        {"op": "replace", "path": "/changes/0/body/names/0/value/given", "value": "Борис"},
        {"op": "replace", "path": "/summary", "value": "A better test"}
    ]);
    let comment = suggest(patch).expect(201).json();
    let apply = |caller: &Caller, tag: &str| {
        let address = format!("{comments}/{}/apply", comment["id"].as_str().unwrap());
        caller.with("If-Match", tag).post_nothing(&address)
    };
    apply(&app.moderator, "\"v1\"").expect_problem(403, "forbidden");
    let edited = apply(&app.editor, "\"v1\"").expect(200).json();
    assert_eq!((&edited["version"], &edited["summary"]), (&json!(2), &json!("A better test")));
    assert_eq!(edited["changes"][0]["body"]["names"][0]["value"]["given"], "Борис");
    apply(&app.editor, "\"v1\"").expect_problem(412, "precondition_failed");
    apply(&app.editor, "\"v2\"").expect(422).expect_faults(&[("/suggestion", "patch_failed")]);
    let shown = app.editor.get(&comments).expect(200).json();
    assert_eq!(shown["items"][0]["is_outdated"], true);
    // What it means does not move with positions.
    let more = suggest(json!([{"op": "replace", "path": "/changes/0/body/names/0/value/family", "value": "Adamson"}]));
    let more = more.expect(201).json();
    let mut body = edited["changes"][0]["body"].clone();
    body["names"].as_array_mut().unwrap().insert(0, json!({"value": {"kind": "variant", "full": "A. B."}}));
    let changes = json!([{"op": "create", "kind": "person", "id": edited["changes"][0]["id"], "body": body}]);
    let moved =
        app.editor.with("If-Match", "\"v2\"").put(&path(&edited), &json!({"summary": "More", "changes": changes}));
    moved.expect(200);
    let address = format!("{comments}/{}/apply", more["id"].as_str().unwrap());
    let edited = app.editor.with("If-Match", "\"v3\"").post_nothing(&address).expect(200).json();
    assert_eq!(edited["changes"][0]["body"]["names"][1]["value"]["family"], "Adamson");
    assert_eq!(edited["changes"][0]["body"]["names"][0]["value"]["full"], "A. B.");
    app.approve(&edited).expect(200);
    assert_eq!(app.anyone.get("/v1/people/P1").expect(200).json()["label"], "A. B.");
}

fn people_are_told_of_what_concerns_them(app: &TestApp) {
    let told = |caller: &Caller, query: &str| {
        let page = caller.get(&format!("/v1/me/notifications{query}")).expect(200).json();
        let items = page["items"].as_array().unwrap().clone();
        items
            .iter()
            .map(|n| format!("{} {}", n["actor"].as_str().unwrap(), n["action"].as_str().unwrap()))
            .collect::<Vec<_>>()
    };
    let draft = new_person(&app.editor, true);
    let submission = decide(&app.editor, &draft, "submit").expect(200).json();
    let comments = format!("{}/comments", path(&submission));
    app.moderator.post(&comments, &json!({"text": "Where from?"})).expect(201);
    let taken = decide(&app.moderator2, &submission, "take").expect(200).json();
    app.editor.post(&comments, &json!({"text": "From the book."})).expect(201);
    decide(&app.moderator2, &taken, "approve").expect(200);
    assert_eq!(told(&app.editor, ""), ["moderator2 approve", "moderator2 take", "moderator comment"]);
    assert_eq!(told(&app.moderator, ""), ["moderator2 approve", "editor comment", "moderator2 take"]);
    assert_eq!(told(&app.moderator2, ""), ["editor comment"]);
    assert!(told(&app.editor2, "").is_empty() && told(&app.admin, "").is_empty());
    let left = app.editor.post("/v1/me/notifications/read", &json!({"up_to": 2})).expect(200).json();
    assert_eq!(left, json!({"unread": 1}));
    assert_eq!(told(&app.editor, "?unread=true"), ["moderator2 approve"]);
    assert_eq!(told(&app.editor, "?limit=1"), ["moderator2 approve"]);
    app.anyone.get("/v1/me/notifications").expect_problem(401, "unauthenticated");
}

fn checks_are_shown_and_can_be_asked_for_before(app: &TestApp) {
    let mut body = person("Бухарин", "Hиколай");
    body["names"][0]["value"]["patronymic"] = json!("Иванович");
    body["life"] =
        json!({"birth": {"date": [{"value": {"edtf": "1938"}}]}, "death": {"date": [{"value": {"edtf": "1888"}}]}});
    let asked = app.editor.post("/v1/checks", &json!({"kind": "person", "body": body})).expect(200).json();
    let codes = |checks: &Value| {
        let mut codes: Vec<_> =
            checks["items"].as_array().unwrap().iter().map(|c| c["code"].as_str().unwrap().to_owned()).collect();
        codes.sort();
        codes.dedup();
        codes
    };
    let found = codes(&asked);
    for code in ["mixed_script", "order_of_events", "uncited_claim"] {
        assert!(found.iter().any(|c| c == code), "{asked}");
    }
    let submission = app.submit(json!([create("person", &id(), &body)])).expect(201).json();
    let shown = app.moderator.get(&format!("{}/checks", path(&submission))).expect(200).json();
    assert_eq!(codes(&shown), found);
    assert_eq!((&submission["severity"], &shown["items"][0]["severity"]), (&json!("warn"), &json!("warn")));
    assert_eq!(shown["counts"], submission["checks"]);
    let draft = app
        .editor
        .post("/v1/submissions", &json!({"summary": "x", "draft": true, "changes": [create("person", &id(), &body)]}))
        .expect(201)
        .json();
    assert_eq!(codes(&app.editor.get(&format!("{}/checks", path(&draft))).expect(200).json()), found);
    app.approve(&submission).expect(200);
    // The same man again.
    let mut same = person("Бухарин", "Николай");
    same["names"][0]["value"]["patronymic"] = json!("Иванович");
    let again = app.submit(json!([create("person", &id(), &same)])).expect(201).json();
    let shown = app.moderator.get(&format!("{}/checks", path(&again))).expect(200).json();
    let duplicate = shown["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|c| c["code"] == "probable_duplicate")
        .unwrap_or_else(|| panic!("{shown}"));
    assert_eq!(duplicate["related"]["ref"], "P1");
    assert!(duplicate["score"].as_i64().unwrap() >= 70 && !duplicate["reasons"].as_array().unwrap().is_empty());
    app.editor2.get(&format!("{}/checks", path(&again))).expect_problem(404, "not_found");
    app.editor
        .post("/v1/checks", &json!({"kind": "planet", "body": {}}))
        .expect(422)
        .expect_faults(&[("/kind", "unknown_code")]);
    app.editor
        .post("/v1/checks", &json!({"kind": "person", "body": {}}))
        .expect(422)
        .expect_faults(&[("/body/names", "missing_field")]);
    let dangling = json!({"kind": "victim", "body": victim("A", "1937", &id())});
    let refused = app.editor.post("/v1/checks", &dangling).expect(422);
    assert!(refused.faults().iter().all(|(p, c)| p.starts_with("/body/") && c == "dangling_reference"));
    let known = app.anyone.get("/v1/people/P1").expect(200).json()["body"].clone();
    let codes_for = |id: Value| {
        codes(&app.editor.post("/v1/checks", &json!({"kind": "person", "id": id, "body": known})).expect(200).json())
    };
    assert!(codes_for(Value::Null).contains(&"exact_duplicate".to_owned()));
    assert!(!codes_for(json!("P1")).iter().any(|c| c.ends_with("duplicate")), "an entry is no duplicate of itself");
    app.anyone.post("/v1/checks", &json!({"kind": "person", "body": {}})).expect(401);
}

fn findings_that_block_are_overridden_with_a_reason(app: &TestApp) {
    let cited = id();
    app.publish(json!([create("source", &cited, &source("A forgery"))]));
    app.publish(json!([{"op": "retire", "id": "S1", "reason": "A forgery"}]));
    let submission = app.submit(json!([create("victim", &id(), &victim("A", "1937", &cited))])).expect(201).json();
    assert_eq!(submission["severity"], "block");
    let refused = app.approve(&submission).expect_problem(409, "checks_block");
    assert!(refused.faults().iter().all(|(p, c)| c == "retired_reference" && p.starts_with("/changes/0/body/")));
    let reason = json!({"comment": "Yes", "override": "The forgery itself is the subject"});
    let accepted = act(&app.moderator, &submission, "approve", &reason).expect(200).json();
    assert_eq!(accepted["state"], "accepted");
    let trail = app.editor.get(&format!("{}/events", path(&submission))).expect(200).json();
    let kept = trail["items"].as_array().unwrap().iter().find(|e| e["action"] == "override").unwrap();
    assert_eq!((&kept["comment"], &kept["actor"]), (&reason["override"], &json!("moderator")));
    // What was fine when it was handed in may not be any more.
    let second = id();
    app.publish(json!([create("source", &second, &source("Another forgery"))]));
    let early = app.submit(json!([create("victim", &id(), &victim("B", "1937", &second))])).expect(201).json();
    assert_eq!(early["severity"], Value::Null);
    app.publish(json!([{"op": "retire", "id": "S2", "reason": "A forgery"}]));
    app.approve(&early).expect_problem(409, "checks_block");
}

fn protected_entries_need_more_approvals_and_locked_ones_a_moderator(app: &TestApp) {
    app.publish(json!([create("person", &id(), &person("A", "B"))]));
    let address = "/v1/people/P1/protection";
    let free = app.anyone.get(address).expect(200);
    assert_eq!((free.header("etag"), &free.json()["level"]), ("\"p0\"", &json!("none")));
    let set = |caller: &Caller, tag: &str, level: &str| {
        caller.with("If-Match", tag).put(address, &json!({"level": level, "reason": "Contested"}))
    };
    set(&app.editor, "\"p0\"", "locked").expect_problem(403, "forbidden");
    app.moderator.put(address, &json!({"level": "locked", "reason": "x"})).expect_problem(428, "precondition_required");
    set(&app.moderator, "\"p7\"", "locked").expect_problem(412, "precondition_failed");
    set(&app.moderator, "\"p0\"", "sealed").expect(422).expect_faults(&[("/level", "unknown_code")]);
    let tag = set(&app.moderator, "\"p0\"", "protected").expect(200).header("etag").to_owned();
    let update = |caller: &Caller, given: &str| {
        let changes = json!([{"op": "update", "id": "P1", "body": person("A", given)}]);
        caller.post("/v1/submissions", &json!({"summary": "x", "changes": changes}))
    };
    let submission = update(&app.editor, "C").expect(201).json();
    assert_eq!(submission["quorum"]["required"], 2);
    let one = decide(&app.moderator, &submission, "approve").expect(200).json();
    assert_eq!(one["state"], "submitted");
    assert_eq!(decide(&app.moderator2, &one, "approve").expect(200).json()["state"], "accepted");
    let changes = json!([{"op": "update", "id": "P1", "body": person("A", "early")}]);
    let draft = json!({"summary": "x", "draft": true, "changes": changes});
    let draft = app.editor.post("/v1/submissions", &draft).expect(201).json();
    set(&app.moderator, &tag, "locked").expect(200);
    decide(&app.editor, &draft, "submit").expect_problem(403, "forbidden");
    update(&app.editor, "D").expect_problem(403, "forbidden");
    app.editor.with("If-Match", "*").delete("/v1/people/P1?reason=x").expect_problem(403, "forbidden");
    update(&app.moderator, "D").expect(201);
    let public = app.anyone.get(address).expect(200).json();
    assert_eq!(
        (&public["level"], &public["reason"], &public["set_by"]),
        (&json!("locked"), &json!("Contested"), &json!("moderator"))
    );
}

fn trust(app: &TestApp) {
    app.admin.with("If-Match", "*").patch("/v1/users/editor", &json!({"trusted": true})).expect(200);
}

fn trusted_editors_add_without_waiting_where_allowed(app: &TestApp) {
    trust(app);
    assert_eq!(new_person(&app.editor, false)["state"], "submitted", "it is off by default");
    let database = Database::new(app.backend);
    let mut settings = TestApp::settings(&database.url);
    settings.desk.trusts_editors = true;
    let app = TestApp::start_with(app.backend, database, settings);
    trust(&app);
    let made = new_person(&app.editor, false);
    assert_eq!((&made["state"], &made["published"][0]["ref"]), (&json!("accepted"), &json!("P1")));
    assert_eq!(new_person(&app.editor2, false)["state"], "submitted", "others wait");
    let body = app.anyone.get("/v1/people/P1").expect(200).json()["body"].clone();
    let update = |body: &Value| app.submit(json!([{"op": "update", "id": "P1", "body": body}])).expect(201).json();
    let mut more = body.clone();
    more["names"].as_array_mut().unwrap().push(json!({"value": {"kind": "variant", "family": "Aa"}}));
    assert_eq!(update(&more)["state"], "accepted", "what only adds");
    let mut other = more.clone();
    other["names"][0]["value"]["given"] = json!("C");
    let mut better = more.clone();
    better["names"]
        .as_array_mut()
        .unwrap()
        .push(json!({"value": {"kind": "variant", "family": "Z"}, "rank": "preferred"}));
    let outranks = update(&better);
    assert_eq!(outranks["state"], "submitted", "what outranks what was shown waits");
    decide(&app.editor, &outranks, "withdraw").expect(200);
    let waiting = update(&other);
    assert_eq!(waiting["state"], "submitted", "what changes waits");
    more["tags"] = json!(["x"]);
    assert_eq!(update(&more)["state"], "submitted", "what is contested waits");
    let revisions = app.anyone.get("/v1/people/P1/revisions").expect(200).json();
    assert_eq!((&revisions["items"][0]["reviewers"], &revisions["items"][0]["author"]), (&json!([]), &json!("editor")));
    let current = app.anyone.get("/v1/people/P1").expect(200).json()["body"].clone();
    let again = json!({"summary": "x", "draft": true, "changes": [create("person", &id(), &current)]});
    let draft = app.editor.post("/v1/submissions", &again).expect(201).json();
    let waiting = decide(&app.editor, &draft, "submit").expect(200).json();
    assert_eq!((&waiting["state"], &waiting["severity"]), (&json!("submitted"), &json!("block")), "a duplicate waits");
    let retire = app.submit(json!([{"op": "retire", "id": "P1", "reason": "x"}])).expect(201).json();
    assert_eq!(retire["state"], "submitted");
}
