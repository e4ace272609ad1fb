//! What becomes of edits: merged, in conflict and resolved; who set what.

use serde_json::{Value, json};

use crate::harness::{Caller, TestApp, act, cases, claim, create, decide, id, person, source, victim};

cases![
    disjoint_edits_merge_and_both_parents_are_recorded,
    overlapping_edits_are_a_conflict_that_is_resolved,
    a_conflict_is_resolved_place_by_place_or_not_at_all,
    a_conflict_publishes_nothing_of_the_submission,
    whoever_resolves_does_not_approve,
    a_retirement_of_something_else_is_a_conflict,
    what_a_submission_did_can_be_looked_up_afterwards,
    claims_keep_their_ids,
    a_bad_edit_is_reverted_and_blame_tells_who_set_what,
    a_diff_tells_what_changed_in_words,
    edits_that_make_a_circle_together_are_a_conflict,
];

/// A person with a date of birth and one of death.
pub fn someone(given: &str, born: &str, died: &str) -> Value {
    let mut body = person("Примеров", given);
    body["life"] = json!({
        "birth": {"date": [{"value": {"edtf": born}}]},
        "death": {"date": [{"value": {"edtf": died}}]}
    });
    body
}

pub fn read(app: &TestApp, address: &str) -> Value {
    app.anyone.get(address).expect(200).json()
}

/// Submits another body for a person, made on a revision.
pub fn edit(caller: &Caller, reference: &str, base: i64, body: &Value) -> Value {
    let changes = json!([{"op": "update", "id": reference, "base": base, "body": body}]);
    caller.post("/v1/submissions", &json!({"summary": "An edit", "changes": changes})).expect(201).json()
}

pub fn with(body: &Value, pointer: &str, value: Value) -> Value {
    let mut body = body.clone();
    *body.pointer_mut(pointer).unwrap() = value;
    body
}

fn disjoint_edits_merge_and_both_parents_are_recorded(app: &TestApp) {
    app.publish(json!([create("person", &id(), &someone("Иван", "1888", "1937"))]));
    let before = read(app, "/v1/people/P1");
    let body = &before["body"];
    let one = edit(&app.editor, "P1", 1, &with(body, "/life/birth/date/0/value/edtf", json!("1888-10-09")));
    let mut more = with(body, "/life/death/date/0/value/edtf", json!("1938-03-15"));
    more["life"]["sex"] = json!([{"value": {"code": "male"}}]);
    let two = edit(&app.editor2, "P1", 1, &more);
    app.approve(&one).expect(200);
    let after_one = read(app, "/v1/people/P1");
    let shown = app.moderator.get(&format!("/v1/submissions/{}/diff", two["id"].as_str().unwrap())).expect(200).json();
    assert_eq!(shown["changes"][0]["is_merged"], true);
    assert_eq!(shown["changes"][0]["conflicts"], json!([]));
    let accepted = app.approve(&two).expect(200).json();
    assert_eq!((&accepted["state"], &accepted["published"][0]["revision"]), (&json!("accepted"), &json!(3)));
    let merged = read(app, "/v1/people/P1");
    assert_eq!(merged["body"]["life"]["birth"]["date"][0]["value"]["edtf"], "1888-10-09");
    assert_eq!(merged["body"]["life"]["death"]["date"][0]["value"]["edtf"], "1938-03-15");
    assert_eq!(merged["body"]["life"]["sex"][0]["value"]["code"], "male");
    let revisions = read(app, "/v1/people/P1/revisions");
    let last = &revisions["items"][0];
    assert_eq!(last["parent"], after_one["hash"], "one parent is the revision before");
    assert_eq!(last["merged"]["base"], 1, "the other the one that the edit was made on");
    assert!(last["merged"]["proposed_hash"].as_str().is_some_and(|h| h.len() == 64 && last["hash"] != h));
    assert_eq!(revisions["items"][1]["merged"], Value::Null);
}

fn overlapping_edits_are_a_conflict_that_is_resolved(app: &TestApp) {
    app.publish(json!([create("person", &id(), &someone("Иван", "1888", "1937"))]));
    let body = read(app, "/v1/people/P1")["body"].clone();
    let dated = |edtf: &str| with(&body, "/life/death/date/0/value/edtf", json!(edtf));
    let one = edit(&app.editor, "P1", 1, &dated("1938-03-15"));
    let two = edit(&app.editor2, "P1", 1, &dated("1938-03-13"));
    app.approve(&one).expect(200);
    let stuck = app.approve(&two).expect(200).json();
    assert_eq!(stuck["state"], "conflict");
    let conflict = &stuck["conflicts"][0];
    let claim_id = body["life"]["death"]["date"][0]["id"].as_str().unwrap();
    assert!(
        conflict["pointer"].as_str().unwrap().starts_with(&format!("/life/death/date/{claim_id}/value")),
        "{conflict}"
    );
    assert_eq!((&conflict["change"], &conflict["code"]), (&json!(0), &json!("overlapping_edits")));
    let text = |side: &str| conflict[side].to_string();
    assert!(text("base").contains("1937") && text("current").contains("-15") && text("proposed").contains("-13"));
    assert_eq!(read(app, "/v1/people/P1")["revision"], 2, "nothing is published");
    let choice = json!([{"change": 0, "pointer": conflict["pointer"], "choose": "proposed"}]);
    app.editor
        .with("If-Match", "*")
        .post(&format!("/v1/submissions/{}/resolve", stuck["id"].as_str().unwrap()), &json!({"resolutions": choice}))
        .expect_problem(404, "not_found");
    let resolved = act(&app.editor2, &stuck, "resolve", &json!({"resolutions": choice, "comment": "The act."}));
    let resolved = resolved.expect(200).json();
    assert_eq!((&resolved["state"], &resolved["changes"][0]["base"]), (&json!("submitted"), &json!(2)));
    assert_eq!(app.approve(&resolved).expect(200).json()["state"], "accepted");
    let after = read(app, "/v1/people/P1");
    assert_eq!(
        (&after["revision"], &after["body"]["life"]["death"]["date"][0]["value"]["edtf"]),
        (&json!(3), &json!("1938-03-13"))
    );
    assert_eq!(after["body"]["life"]["death"]["date"].as_array().unwrap().len(), 1);
}

fn a_conflict_is_resolved_place_by_place_or_not_at_all(app: &TestApp) {
    app.publish(json!([create("person", &id(), &someone("Иван", "1888", "1937"))]));
    let body = read(app, "/v1/people/P1")["body"].clone();
    let both = |born: &str, died: &str| {
        with(&with(&body, "/life/birth/date/0/value/edtf", json!(born)), "/life/death/date/0/value/edtf", json!(died))
    };
    let one = edit(&app.editor, "P1", 1, &both("1889", "1938"));
    let two = edit(&app.editor2, "P1", 1, &both("1890", "1939"));
    app.approve(&one).expect(200);
    let stuck = app.approve(&two).expect(200).json();
    let conflicts = stuck["conflicts"].as_array().unwrap().clone();
    assert_eq!(conflicts.len(), 2);
    let chosen = |choices: Value| act(&app.editor2, &stuck, "resolve", &json!({"resolutions": choices}));
    let place = |i: usize| conflicts[i]["pointer"].clone();
    let unresolved = chosen(json!([{"change": 0, "pointer": place(0), "choose": "current"}])).expect(422);
    assert!(unresolved.faults().iter().all(|(_, code)| code == "unresolved"), "{}", unresolved.text);
    chosen(json!([])).expect_problem(422, "invalid_input");
    chosen(json!([{"change": 7, "pointer": place(0), "choose": "current"}]))
        .expect(422)
        .expect_faults(&[("/resolutions/0/change", "not_found")]);
    chosen(json!([{"change": 0, "pointer": place(0), "choose": "mine"}])).expect(422);
    chosen(json!([{"change": 0, "pointer": place(0), "choose": "base", "remove": true}])).expect(422);
    let extra = json!([
        {"change": 0, "pointer": place(0), "choose": "current"}, {"change": 0, "pointer": place(1), "choose": "current"},
        {"change": 0, "pointer": "/names", "choose": "current"}
    ]);
    chosen(extra).expect(422).expect_faults(&[("/resolutions/2/pointer", "not_found")]);
    let mut third = conflicts[0]["proposed"].clone();
    let edtf = if third.is_object() { third.pointer_mut("/edtf").unwrap() } else { &mut third };
    *edtf = json!("1895");
    let mixed = json!([
        {"change": 0, "pointer": place(0), "value": third}, {"change": 0, "pointer": place(1), "choose": "proposed"}
    ]);
    let resolved = chosen(mixed).expect(200).json();
    app.approve(&resolved).expect(200);
    let after = read(app, "/v1/people/P1")["body"]["life"].clone();
    assert_eq!(after["birth"]["date"][0]["value"]["edtf"], "1895");
    assert_eq!(after["death"]["date"][0]["value"]["edtf"], "1939");
}

fn a_conflict_publishes_nothing_of_the_submission(app: &TestApp) {
    app.publish(json!([create("person", &id(), &person("A", "B"))]));
    let (bystander, body) = (id(), read(app, "/v1/people/P1")["body"].clone());
    let named = |given: &str| with(&body, "/names/0/value/given", json!(given));
    let changes = json!([
        create("person", &bystander, &person("E", "F")),
        {"op": "update", "id": "P1", "base": 1, "body": named("C")}
    ]);
    let stuck = app.submit(changes).expect(201).json();
    app.approve(&edit(&app.editor2, "P1", 1, &named("D"))).expect(200);
    assert_eq!(app.approve(&stuck).expect(200).json()["state"], "conflict");
    app.anyone.get(&format!("/v1/people/{bystander}")).expect(404);
    let feed = read(app, "/v1/changes");
    let seqs: Vec<_> = feed["items"].as_array().unwrap().iter().map(|e| e["seq"].as_i64().unwrap()).collect();
    assert_eq!(seqs, [1, 2], "and leaves no gap");
    // New contents are a way out too.
    let path = format!("/v1/submissions/{}", stuck["id"].as_str().unwrap());
    let tag = app.editor.get(&path).expect(200).header("etag").to_owned();
    let again = json!({"summary": "Again", "changes": [create("person", &bystander, &person("E", "F"))]});
    let edited = app.editor.with("If-Match", &tag).put(&path, &again).expect(200).json();
    assert_eq!(edited["state"], "submitted");
    assert_eq!(app.approve(&edited).expect(200).json()["state"], "accepted");
}

fn whoever_resolves_does_not_approve(app: &TestApp) {
    app.publish(json!([create("person", &id(), &person("A", "B"))]));
    let body = read(app, "/v1/people/P1")["body"].clone();
    let named = |given: &str| with(&body, "/names/0/value/given", json!(given));
    let stuck = edit(&app.editor, "P1", 1, &named("C"));
    app.approve(&edit(&app.editor2, "P1", 1, &named("D"))).expect(200);
    let stuck = app.approve(&stuck).expect(200).json();
    let choice =
        json!({"resolutions": [{"change": 0, "pointer": stuck["conflicts"][0]["pointer"], "choose": "proposed"}]});
    let resolved = act(&app.moderator, &stuck, "resolve", &choice).expect(200).json();
    decide(&app.moderator, &resolved, "approve").expect_problem(403, "forbidden");
    assert_eq!(resolved["quorum"]["approved_by"], json!([]), "earlier approvals were of something else");
    assert_eq!(decide(&app.moderator2, &resolved, "approve").expect(200).json()["state"], "accepted");
    let revision = &read(app, "/v1/people/P1/revisions")["items"][0];
    assert_eq!(
        (&revision["author"], &revision["contributors"], &revision["reviewers"]),
        (&json!("editor"), &json!(["moderator"]), &json!(["moderator2"])),
        "history names whoever chose"
    );
}

fn a_retirement_of_something_else_is_a_conflict(app: &TestApp) {
    app.publish(json!([create("person", &id(), &person("A", "B"))]));
    let body = read(app, "/v1/people/P1")["body"].clone();
    let gone = app.submit(json!([{"op": "retire", "id": "P1", "reason": "An invention"}])).expect(201).json();
    app.approve(&edit(&app.editor2, "P1", 1, &with(&body, "/names/0/value/given", json!("C")))).expect(200);
    let stuck = app.approve(&gone).expect(200).json();
    assert_eq!((&stuck["state"], &stuck["conflicts"][0]["code"]), (&json!("conflict"), &json!("stale_base")));
    app.anyone.get("/v1/people/P1").expect(200);
    let all_the_same = json!({"resolutions": [{"change": 0, "pointer": "", "choose": "proposed"}]});
    let resolved = act(&app.editor, &stuck, "resolve", &all_the_same).expect(200).json();
    app.approve(&resolved).expect(200);
    app.anyone.get("/v1/people/P1").expect_problem(410, "entry_retired");
}

fn what_a_submission_did_can_be_looked_up_afterwards(app: &TestApp) {
    app.publish(json!([create("person", &id(), &person("A", "B"))]));
    let body = read(app, "/v1/people/P1")["body"].clone();
    let changed = edit(&app.editor, "P1", 1, &with(&body, "/names/0/value/given", json!("C")));
    app.approve(&changed).expect(200);
    app.approve(&edit(&app.editor2, "P1", 2, &with(&body, "/names/0/value/given", json!("D")))).expect(200);
    let diff = app.editor.get(&format!("/v1/submissions/{}/diff", changed["id"].as_str().unwrap())).expect(200).json();
    let field = &diff["changes"][0]["fields"][0];
    assert_eq!(
        (&field["old"], &field["new"], &diff["changes"][0]["conflicts"]),
        (&json!("B"), &json!("C"), &json!([]))
    );
}

fn claims_keep_their_ids(app: &TestApp) {
    app.publish(json!([create("person", &id(), &someone("Иван", "1888", "1937"))]));
    let before = read(app, "/v1/people/P1")["body"].clone();
    let id_of = |body: &Value, pointer: &str| body.pointer(pointer).unwrap()["id"].as_str().unwrap().to_owned();
    // A client that knows nothing of ids sends a whole body.
    let mut bare = someone("Иван", "1888", "1938");
    bare["life"]["birth"]["date"].as_array_mut().unwrap().insert(0, json!({"value": {"edtf": "1889"}}));
    app.approve(&edit(&app.editor, "P1", 1, &bare)).expect(200);
    let after = read(app, "/v1/people/P1")["body"].clone();
    assert_eq!(id_of(&after, "/names/0"), id_of(&before, "/names/0"));
    assert_eq!(id_of(&after, "/life/birth/date/1"), id_of(&before, "/life/birth/date/0"));
    assert_ne!(id_of(&after, "/life/birth/date/0"), id_of(&before, "/life/birth/date/0"));
    assert_eq!(id_of(&after, "/life/death/date/0"), id_of(&before, "/life/death/date/0"));
    let mut twice = after.clone();
    twice["life"]["birth"]["date"][0]["id"] = after["life"]["birth"]["date"][1]["id"].clone();
    let refused = app.submit(json!([{"op": "update", "id": "P1", "body": twice}])).expect(422);
    refused.expect_faults(&[("/changes/0/body/life/birth/date/1/id", "duplicate")]);
}

fn a_bad_edit_is_reverted_and_blame_tells_who_set_what(app: &TestApp) {
    app.publish(json!([create("person", &id(), &someone("Иван", "1888", "1937"))]));
    let body = read(app, "/v1/people/P1")["body"].clone();
    let died = edit(&app.editor2, "P1", 1, &with(&body, "/life/death/date/0/value/edtf", json!("1938-03-15")));
    decide(&app.moderator2, &died, "approve").expect(200);
    let body = read(app, "/v1/people/P1")["body"].clone();
    app.approve(&edit(&app.editor, "P1", 2, &with(&body, "/names/0/value/given", json!("Хулиган")))).expect(200);
    app.submit(json!([{"op": "revert", "id": "P1", "to": 9}]))
        .expect(422)
        .expect_faults(&[("/changes/0/to", "not_found")]);
    let reverted = app.submit(json!([{"op": "revert", "id": "P1", "to": 2}])).expect(201).json();
    app.approve(&reverted).expect(200);
    assert_eq!(read(app, "/v1/people/P1")["body"], body);
    let blame = read(app, "/v1/people/P1/blame");
    assert_eq!(blame["revision"], 4);
    let of = |pointer: &str| {
        blame["items"]
            .as_array()
            .unwrap()
            .iter()
            .find(|i| i["pointer"] == pointer)
            .unwrap_or_else(|| panic!("{blame}"))
            .clone()
    };
    let death = of("/life/death/date/0");
    assert_eq!((&death["revision"], &death["author"]), (&json!(2), &json!("editor2")));
    assert_eq!((&death["reviewers"], &death["submission"]), (&json!(["moderator2"]), &died["id"]));
    assert_eq!(death["claim"], body["life"]["death"]["date"][0]["id"]);
    assert_eq!(of("/life/birth/date/0")["revision"], 1);
    assert_eq!(of("/names/0")["revision"], 4, "the revert set it last");
    assert_eq!(read(app, "/v1/people/P1/blame?revision=1")["items"].as_array().unwrap().len(), 3);
    app.anyone.get("/v1/people/P1/blame?revision=9").expect_problem(404, "not_found");
}

fn a_diff_tells_what_changed_in_words(app: &TestApp) {
    let mut body = someone("Иван", "1888", "1937");
    let long = "Родился в деревне, работал токарем на заводе, был арестован в августе и осуждён тройкой.";
    body["biography"] = json!({"ru": long});
    app.publish(json!([create("person", &id(), &body)]));
    let mut changed = read(app, "/v1/people/P1")["body"].clone();
    changed["biography"]["ru"] = json!(long.replace("токарем", "слесарем"));
    changed["life"]["birth"]["date"].as_array_mut().unwrap().insert(0, json!({"value": {"edtf": "1889"}}));
    app.approve(&edit(&app.editor, "P1", 1, &changed)).expect(200);
    let diff = read(app, "/v1/people/P1/diff");
    let fields = diff["fields"].as_array().unwrap();
    let text = fields.iter().find(|f| f["pointer"] == "/biography/ru").unwrap();
    let pieces: Vec<_> = text["text"].as_array().unwrap().iter().filter(|p| p["kind"] != "equal").collect();
    assert_eq!(pieces.len(), 2, "{text}");
    let added: Vec<_> = fields.iter().filter(|f| f["change"] == "added").collect();
    assert_eq!((added.len(), &added[0]["pointer"]), (1, &json!("/life/birth/date/0")), "a claim is one change: {diff}");
    assert!(fields.iter().all(|f| f["label"].as_str().is_some_and(|l| !l.is_empty())));
    assert!(fields.iter().all(|f| f["change"] != "removed"), "the claim that moved was not removed: {diff}");
}

fn edits_that_make_a_circle_together_are_a_conflict(app: &TestApp) {
    let cited = id();
    app.publish(json!([
        create("source", &cited, &source("S")),
        create("victim", &id(), &victim("A", "1937", &cited)),
        create("victim", &id(), &victim("A", "1949", &cited)),
    ]));
    let later = |from: &str, to: &str| {
        let target = read(app, &format!("/v1/victims/{to}"))["id"].clone();
        let patch = json!({"later_repressions": [claim(json!({"entry": target}), &cited)]});
        app.submit(json!([{"op": "update", "id": from, "patch": patch}])).expect(201).json()
    };
    let (there, back) = (later("V1", "V2"), later("V2", "V1"));
    app.approve(&there).expect(200);
    let stuck = app.approve(&back).expect(200).json();
    assert_eq!(stuck["state"], "conflict");
    let conflict = &stuck["conflicts"][0];
    assert_eq!((&conflict["code"], &conflict["is_resolvable"]), (&json!("cycle"), &json!(false)), "{stuck}");
    let refused = act(&app.editor, &stuck, "resolve", &json!({"resolutions": []})).expect(422);
    assert!(refused.faults().iter().all(|(_, code)| code == "unresolved"));
    assert_eq!(read(app, "/v1/victims/V2")["revision"], 1);
}
