//! Duplicates merged into one entry, and taken apart again.

use serde_json::{Value, json};

use super::editing::{edit, read, someone, with};
use crate::harness::{TestApp, cases, create, id, person, source, victim};

cases![
    duplicates_are_merged_and_taken_apart_again,
    the_body_of_a_merge_can_be_chosen,
    impossible_merges_are_refused,
    a_chain_of_merges_leads_to_the_last_survivor,
    merges_close_no_circle,
    undoing_one_merge_keeps_what_another_says,
];

/// Two entries of the same man, a record that names the second, and a source.
fn two_of_one(app: &TestApp) -> (String, String) {
    let (first, second, cited) = (id(), id(), id());
    let mut other = someone("Ваня", "1888-10", "1937");
    other["biography"] = json!({"ru": "Токарь."});
    let mut record = victim("Примеров", "1937-08", &cited);
    record["person"] = json!([{"value": {"entry": second}}]);
    app.publish(json!([
        create("source", &cited, &source("A book")),
        create("person", &first, &someone("Иван", "1888", "1937")),
        create("person", &second, &other),
        create("victim", &id(), &record),
    ]));
    (first, second)
}

fn duplicates_are_merged_and_taken_apart_again(app: &TestApp) {
    let (first, second) = two_of_one(app);
    let before = (read(app, "/v1/people/P1"), read(app, "/v1/people/P2"));
    let merge = app.submit(json!([{"op": "merge", "id": "P2", "into": "P1"}])).expect(201).json();
    let accepted = app.approve(&merge).expect(200).json();
    assert_eq!(accepted["published"].as_array().unwrap().len(), 2);
    for address in ["/v1/people/P2".to_owned(), format!("/v1/people/{second}")] {
        let moved = app.anyone.get(&address);
        assert_eq!((moved.status, moved.header("location")), (308, "/v1/people/P1"), "{}", moved.text);
        assert_eq!(moved.json()["code"], "entry_merged");
    }
    assert_eq!(app.anyone.get("/v1/people/P2/links").header("location"), "/v1/people/P1/links");
    let merged = read(app, "/v1/people/P1");
    let births: Vec<_> = merged["body"]["life"]["birth"]["date"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| c["value"]["edtf"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(births, ["1888", "1888-10"]);
    assert_eq!(merged["body"]["life"]["death"]["date"].as_array().unwrap().len(), 1, "what both say stands once");
    assert_eq!(merged["body"]["biography"]["ru"], "Токарь.");
    let incoming = |reference: &str| {
        read(app, &format!("/v1/people/{reference}/links?rel=person"))["incoming"].as_array().unwrap().len()
    };
    assert_eq!(incoming("P1"), 1, "references follow");
    assert_eq!(read(app, "/v1/victims?person=P1")["total"]["value"], 1);
    assert_eq!(read(app, "/v1/people")["total"]["value"], 1);
    let history = read(app, "/v1/people/P2/revisions");
    assert_eq!((&history["items"][0]["op"], &history["items"][0]["counterpart"]), (&json!("merge"), &json!(first)));
    assert_eq!(read(app, "/v1/people/P2?revision=1")["body"], before.1["body"], "its history stays readable");
    let feed = read(app, "/v1/changes?after=4");
    let types: Vec<_> = feed["items"].as_array().unwrap().iter().map(|e| e["type"].as_str().unwrap()).collect();
    assert_eq!(types, ["updated", "merged"]);
    // An edit in the meantime is not lost when the merge is undone.
    let body = read(app, "/v1/people/P1")["body"].clone();
    app.approve(&edit(&app.editor2, "P1", 2, &with(&body, "/life/death/date/0/value/edtf", json!("1938")))).expect(200);
    let undone = app.submit(json!([{"op": "unmerge", "id": "P2"}])).expect(201).json();
    let shown =
        app.moderator.get(&format!("/v1/submissions/{}/diff", undone["id"].as_str().unwrap())).expect(200).json();
    let ids: Vec<_> = shown["changes"].as_array().unwrap().iter().map(|c| c["id"].as_str().unwrap()).collect();
    assert_eq!(ids, [second.as_str(), first.as_str()], "the reviewer sees both entries");
    assert!(!shown["changes"][1]["fields"].as_array().unwrap().is_empty());
    assert_eq!(app.approve(&undone).expect(200).json()["state"], "accepted");
    assert_eq!(read(app, "/v1/people/P2")["body"], before.1["body"]);
    let apart = read(app, "/v1/people/P1")["body"].clone();
    assert_eq!(apart, with(&before.0["body"], "/life/death/date/0/value/edtf", json!("1938")));
    assert_eq!((incoming("P1"), incoming("P2")), (0, 1));
    let last = read(app, "/v1/changes?after=7");
    let types: Vec<_> = last["items"].as_array().unwrap().iter().map(|e| e["type"].as_str().unwrap()).collect();
    assert_eq!(types, ["updated", "unmerged"]);
    kartoteka::editorial::reindex(&app.archive, |_| {}).unwrap();
    assert_eq!((incoming("P1"), incoming("P2")), (0, 1));
}

fn the_body_of_a_merge_can_be_chosen(app: &TestApp) {
    two_of_one(app);
    let chosen = someone("Иван", "1888-10-09", "1937");
    let merge = |rest: Value| {
        let mut change = json!({"op": "merge", "id": "P2", "into": "P1"});
        change.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        app.submit(json!([change]))
    };
    merge(json!({"body": chosen, "patch": {}})).expect(422).expect_faults(&[("/changes/0/patch", "invalid_value")]);
    let invalid = merge(json!({"body": {"names": []}})).expect(422);
    assert!(invalid.faults()[0].0.starts_with("/changes/0/body/names"));
    let by_patch = merge(json!({"patch": {"biography": null}})).expect(201).json();
    assert_eq!(by_patch["changes"][0]["into"]["body"]["biography"], Value::Null);
    let by_body = merge(json!({"body": chosen, "into_base": 1})).expect(201).json();
    assert_eq!(app.approve(&by_body).expect(200).json()["state"], "accepted");
    let births = read(app, "/v1/people/P1")["body"]["life"]["birth"]["date"].clone();
    assert_eq!((births.as_array().unwrap().len(), &births[0]["value"]["edtf"]), (1, &json!("1888-10-09")));
    // What was merged cannot be merged again.
    let stuck = app.approve(&by_patch).expect(200).json();
    assert_eq!((&stuck["state"], &stuck["conflicts"][0]["code"]), (&json!("conflict"), &json!("wrong_status")));
}

fn impossible_merges_are_refused(app: &TestApp) {
    two_of_one(app);
    let merge = |from: &str, into: &str| app.submit(json!([{"op": "merge", "id": from, "into": into}]));
    merge("P1", "P1").expect(422).expect_faults(&[("/changes/0/into", "cycle")]);
    merge("P1", "S1").expect(422).expect_faults(&[("/changes/0/into", "wrong_kind")]);
    merge("P1", "P99").expect(422).expect_faults(&[("/changes/0/into", "not_found")]);
    app.submit(json!([{"op": "merge", "id": "P1"}])).expect(422).expect_faults(&[("/changes/0/into", "missing_field")]);
    app.submit(json!([{"op": "unmerge", "id": "P1"}])).expect(422).expect_faults(&[("/changes/0/id", "wrong_status")]);
    let both_ways = json!([{"op": "merge", "id": "P1", "into": "P2"}, {"op": "merge", "id": "P2", "into": "P1"}]);
    let twice = app.submit(both_ways).expect(422);
    assert!(twice.faults().iter().all(|(_, code)| code == "duplicate"), "{}", twice.text);
    // A circle of two submissions: the second finds the first accepted.
    let (there, back) = (merge("P1", "P2").expect(201).json(), merge("P2", "P1").expect(201).json());
    app.approve(&there).expect(200);
    let stuck = app.approve(&back).expect(200).json();
    assert_eq!((&stuck["state"], &stuck["conflicts"][0]["code"]), (&json!("conflict"), &json!("wrong_status")));
    merge("P2", "P1").expect(422).expect_faults(&[("/changes/0/into", "wrong_status")]);
    merge("P1", "P2").expect(422).expect_faults(&[("/changes/0/id", "wrong_status")]);
    app.publish(json!([create("person", &id(), &person("A", "B")), {"op": "retire", "id": "P2", "reason": "x"}]));
    merge("P3", "P2").expect(422).expect_faults(&[("/changes/0/into", "wrong_status")]);
    app.submit(json!([{"op": "unmerge", "id": "P1"}])).expect(422).expect_faults(&[("/changes/0/id", "wrong_status")]);
}

fn a_chain_of_merges_leads_to_the_last_survivor(app: &TestApp) {
    let (_, second) = two_of_one(app);
    app.publish(json!([create("person", &id(), &person("A", "B"))]));
    app.publish(json!([{"op": "merge", "id": "P2", "into": "P1"}]));
    app.publish(json!([{"op": "merge", "id": "P1", "into": "P3"}]));
    let location = |address: &str| app.anyone.get(address).header("location").to_owned();
    assert_eq!(
        (location("/v1/people/P1"), location("/v1/people/P2")),
        ("/v1/people/P3".into(), "/v1/people/P1".into())
    );
    let incoming =
        |r: &str| read(app, &format!("/v1/people/{r}/links?rel=person"))["incoming"].as_array().unwrap().len();
    assert_eq!(incoming("P3"), 1);
    // The name in the record is still the one that was written.
    let record = read(app, "/v1/victims/V1");
    assert_eq!(record["body"]["person"][0]["value"]["entry"], second.as_str());
    app.publish(json!([{"op": "unmerge", "id": "P1"}]));
    assert_eq!((incoming("P3"), incoming("P1")), (0, 1));
}

fn merges_close_no_circle(app: &TestApp) {
    let (whole, part) = (id(), id());
    let mut inside = source("A chapter");
    inside["container"] = json!({"title": "A book", "entry": whole});
    app.publish(json!([create("source", &whole, &source("A book")), create("source", &part, &inside)]));
    let refused = app.submit(json!([{"op": "merge", "id": "S1", "into": "S2"}])).expect(422);
    assert!(refused.faults().iter().any(|(_, code)| code == "cycle"), "{}", refused.text);
    let without = json!({"container": null});
    app.publish(json!([{"op": "merge", "id": "S1", "into": "S2", "patch": without}]));
    // An entry that leads to itself under an old name is still itself.
    let back = json!([{"op": "update", "id": "S2", "patch": {"container": {"title": "A book", "entry": whole}}}]);
    app.submit(back).expect(422).expect_faults(&[("/changes/0/body/container/entry", "cycle")]);
}

fn undoing_one_merge_keeps_what_another_says(app: &TestApp) {
    let born = |given: &str, years: &[&str]| {
        let mut body = person("Примеров", given);
        let dates: Vec<_> = years.iter().map(|year| json!({"value": {"edtf": year}})).collect();
        body["life"] = json!({"birth": {"date": dates}});
        body
    };
    app.publish(json!([
        create("person", &id(), &born("А", &["1881", "1890"])),
        create("person", &id(), &born("Б", &["1882", "1890"])),
        create("person", &id(), &born("В", &["1883"])),
    ]));
    app.publish(json!([{"op": "merge", "id": "P1", "into": "P3"}]));
    app.publish(json!([{"op": "merge", "id": "P2", "into": "P3"}]));
    app.publish(json!([{"op": "unmerge", "id": "P1"}]));
    let dates = read(app, "/v1/people/P3")["body"]["life"]["birth"]["date"].clone();
    let mut years: Vec<_> = dates.as_array().unwrap().iter().map(|c| c["value"]["edtf"].as_str().unwrap()).collect();
    years.sort_unstable();
    assert_eq!(years, ["1882", "1883", "1890"]);
    assert_eq!(read(app, "/v1/victims?person=P2")["total"]["value"], 0);
}
