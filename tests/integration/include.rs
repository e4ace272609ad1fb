//! Linked entries in one answer, and answers with less in them.

use serde_json::{Value, json};

use crate::harness::{TestApp, cases, create, id, person, source, trial, victim};

cases![linked_entries_come_with_the_answer, included_entries_are_bounded, fields_trim_answers];

fn refs(included: &Value) -> Vec<String> {
    let mut refs: Vec<String> =
        included.as_object().unwrap().values().map(|e| e["ref"].as_str().unwrap().to_owned()).collect();
    refs.sort();
    refs
}

fn linked_entries_come_with_the_answer(app: &TestApp) {
    let (s, p, q, t) = (id(), id(), id(), id());
    let mut a = victim("A", "1937", &s);
    a["person"] = json!([{"value": {"entry": p}}]);
    a["trial"] = json!([{"value": {"entry": t}}]);
    let mut b = victim("B", "1937", &s);
    b["person"] = json!([{"value": {"entry": q}}]);
    app.publish(json!([
        create("source", &s, &source("A")),
        create("person", &p, &person("A", "1")),
        create("person", &q, &person("B", "2")),
        create("trial", &t, &trial("T")),
        create("victim", &id(), &a),
        create("victim", &id(), &b),
    ]));
    let one = app.anyone.get("/v1/victims/V1?include=person,trial,sources").expect(200);
    let entry = one.json();
    assert_eq!(refs(&entry["included"]), ["P1", "S1", "T1"]);
    assert_eq!(entry["included"][&p], app.anyone.get("/v1/people").expect(200).json()["items"][0]);
    let from = &entry["included_from"][entry["id"].as_str().unwrap()];
    assert_eq!(from, &json!({"cites": [s], "person": [p], "trial": [t]}));
    assert!(entry.get("included_truncated").is_none() && entry["body"].is_object());
    let full = app.anyone.get("/v1/victims/V1?include=person&view=full").expect(200).json();
    assert_eq!(full["included"][&p], app.anyone.get("/v1/people/P1").expect(200).json());
    let list = app.anyone.get("/v1/victims?include=person&include=cites").expect(200).json();
    assert_eq!(refs(&list["included"]), ["P1", "P2", "S1"]);
    assert_eq!(list["included_from"].as_object().unwrap().len(), 2);
    assert!(list["items"][0].get("body").is_none());
    let first = app.anyone.get("/v1/victims?include=person&limit=1&view=full").expect(200);
    assert_eq!(refs(&first.json()["included"]), ["P1"]);
    assert!(first.json()["included"][&p]["body"].is_object());
    assert!(first.header("link").contains("include=person"));
    assert_eq!(app.anyone.get("/v1/people?include=cites").expect(200).json()["included"], json!({}));
    // Another answer, another tag; and a new one when what is included changes.
    let (plain, tag) = (app.anyone.get("/v1/victims/V1"), one.header("etag").to_owned());
    assert_ne!(plain.header("etag"), tag);
    let path = "/v1/victims/V1?include=person,trial,sources";
    app.anyone.with("If-None-Match", &tag).get(path).expect(304);
    app.publish(json!([{"op": "update", "id": "P1", "body": person("A", "changed")}]));
    app.anyone.with("If-None-Match", &tag).get(path).expect(200);
    assert_eq!(app.anyone.get("/v1/victims/V1").header("etag"), plain.header("etag"));
    // Merged ones under the one that stays; retired ones not at all.
    app.publish(json!([{"op": "merge", "id": "P1", "into": "P2"}, {"op": "retire", "id": "T1", "reason": "x"}]));
    let after = app.anyone.get(path).expect(200).json();
    assert_eq!(refs(&after["included"]), ["P2", "S1"]);
    assert_eq!(after["included_from"][after["id"].as_str().unwrap()]["person"], json!([q]));
    for bad in ["include=lawyer", "include=", "include=person,,trial"] {
        app.anyone.get(&format!("/v1/victims/V1?{bad}")).expect(400).expect_faults(&[("include", "unknown_code")]);
        app.anyone.get(&format!("/v1/victims?{bad}")).expect(400).expect_faults(&[("include", "unknown_code")]);
    }
    let answer = app.anyone.get("/v1/victims/V1?include=person&revision=1").expect(400);
    answer.expect_faults(&[("include", "invalid_value")]);
    let at_last = app.anyone.get(&format!("{path}&at=2200-01-01T00:00:00Z")).expect(200).json();
    assert_eq!([&at_last["included"], &at_last["included_from"]], [&after["included"], &after["included_from"]]);
    app.anyone.get("/v1/victims/V1?view=half").expect(400).expect_faults(&[("view", "unknown_code")]);
}

fn included_entries_are_bounded(app: &TestApp) {
    for _ in 0..11 {
        let mut changes = Vec::new();
        for _ in 0..50 {
            let s = id();
            changes.push(create("source", &s, &source("A")));
            changes.push(create("victim", &id(), &victim("A", "1937", &s)));
        }
        app.publish(json!(changes));
    }
    let list = app.anyone.get("/v1/victims?include=sources&limit=200").expect(200).json();
    assert_eq!(list["included"].as_object().unwrap().len(), 200);
    assert!(list.get("included_truncated").is_none());
    // One trial that cites more than there is room for.
    let sources = app.archive.store.read::<_, kartoteka::store::StoreError>(|tx| tx.heads_after("", 2_000)).unwrap();
    let cited: Vec<Value> = sources
        .iter()
        .filter(|(head, _)| head.kind == "source")
        .map(|(head, _)| json!({"source": head.id, "locator": "p. 1"}))
        .collect();
    assert_eq!(cited.len(), 550);
    let mut body = trial("T");
    body["titles"] = cited
        .chunks(40)
        .enumerate()
        .map(|(i, some)| json!({"value": {"text": format!("T{i}"), "kind": "common", "lang": "en"}, "citations": some}))
        .collect();
    app.publish(json!([create("trial", &id(), &body)]));
    let entry = app.anyone.get("/v1/trials/T1?include=sources").expect(200).json();
    assert_eq!(entry["included"].as_object().unwrap().len(), 500);
    assert_eq!(entry["included_truncated"], true);
    let at_last = app.anyone.get("/v1/trials/T1?include=sources&at=2200-01-01T00:00:00Z").expect(200).json();
    assert_eq!(at_last["included"], entry["included"]);
    assert_eq!(at_last["included_truncated"], true);
}

fn fields_trim_answers(app: &TestApp) {
    let mut body = person("A", "B");
    body["biography"] = json!({"en": "Long."});
    app.publish(json!([create("person", &id(), &body)]));
    let whole = app.anyone.get("/v1/people/P1").expect(200);
    let trimmed = app.anyone.get("/v1/people/P1?fields=label,body/names.value/family").expect(200);
    let entry = trimmed.json();
    assert_eq!(
        entry,
        json!({
            "id": whole.json()["id"], "ref": "P1", "label": whole.json()["label"],
            "body": {"names": [{"value": {"family": "A"}}]}
        })
    );
    assert_ne!(trimmed.header("etag"), whole.header("etag"));
    let other = app.anyone.get("/v1/people/P1?fields=label").expect(200);
    assert_ne!(trimmed.header("etag"), other.header("etag"));
    let list = app.anyone.get("/v1/people?fields=label").expect(200).json();
    assert_eq!(list["items"][0], other.json());
    let list = app.anyone.get("/v1/people?view=full&fields=body/biography").expect(200).json();
    assert_eq!(list["items"][0]["body"], json!({"biography": {"en": "Long."}}));
    assert_eq!(app.anyone.get("/v1/people/P1?revision=1&fields=revision").expect(200).json()["revision"], 1);
    for (path, hint) in [
        ("/v1/people/P1?fields=lable", "did you mean label?"),
        ("/v1/people?fields=body/names", "view=full"),
        ("/v1/people/P1?fields=qqq", "updated_at"),
    ] {
        let refused = app.anyone.get(path).expect(400).expect_faults(&[("fields", "unknown_code")]);
        assert!(refused.text.contains(hint), "{}", refused.text);
    }
    app.anyone.get("/v1/people/P1?fields=a//b").expect(400).expect_faults(&[("fields", "invalid_value")]);
    // Both together: the item is trimmed, what is included stays whole.
    let both = app.anyone.get("/v1/people/P1?fields=label&include=cites").expect(200).json();
    assert_eq!(both["included"], json!({}));
}
