//! Nothing that is not accepted is seen by those who may not: not by strangers, not by other editors.

use kartoteka::http::document;
use serde_json::{Value, json};

use crate::harness::{Caller, TestApp, cases, create, decide, id, person, with_an_end};

cases![unaccepted_text_is_on_no_route_for_others];

const MARKER: &str = "Незримов";

/// Every address that can be read, with what exists in place of its parameters.
fn readable(entries: &[String], submissions: &[String], comments: &[String]) -> Vec<String> {
    let mut all = Vec::new();
    for (path, item) in document()["paths"].as_object().unwrap() {
        if item.get("get").is_none() {
            continue;
        }
        let ids = if path.contains("/submissions") { submissions } else { entries };
        for id in ids {
            for comment in comments {
                for number in ["1", "2", "3"] {
                    let filled = with_an_end(path).replace("{id}", id).replace("{number}", number);
                    all.push(filled.replace("{code}", "not_found").replace("{comment}", comment));
                }
            }
        }
    }
    for kind in ["people", "trials", "victims", "sources"] {
        for query in ["view=full", "sort=-updated&view=full", "sort=label"] {
            all.push(format!("/v1/{kind}?limit=200&{query}"));
        }
    }
    all.push("/v1/changes?limit=200".into());
    all.push(format!("/v1/people?name={MARKER}&view=full"));
    all.push("/v1/submissions?limit=200&sort=updated".into());
    all.push("/v1/me/notifications?limit=200".into());
    all.sort();
    all.dedup();
    all
}

fn unaccepted_text_is_on_no_route_for_others(app: &TestApp) {
    app.publish(json!([create("person", &id(), &person("A", "B"))]));
    let submit = |caller: &Caller, draft: bool, changes: Value| {
        let body = json!({"summary": format!("{MARKER} summary"), "draft": draft, "changes": changes});
        caller.post("/v1/submissions", &body).expect(201).json()
    };
    let marked =
        |caller: &Caller, draft: bool| submit(caller, draft, json!([create("person", &id(), &person(MARKER, "X"))]));
    let update = || json!([{"op": "update", "id": "P1", "patch": {"biography": {"ru": MARKER}, "tags": [MARKER]}}]);
    let said = |caller: &Caller, submission: &Value, action: &str| {
        crate::harness::act(caller, submission, action, &json!({"comment": format!("{MARKER} says")}))
            .expect(200)
            .json()
    };
    let author = &app.editor;
    let mut submissions = vec![
        marked(author, true),
        marked(author, false),
        said(&app.moderator, &marked(author, false), "reject"),
        said(&app.moderator, &marked(author, false), "request-changes"),
        decide(&app.moderator, &marked(author, false), "take").expect(200).json(),
        decide(author, &marked(author, false), "withdraw").expect(200).json(),
        submit(author, false, update()),
        submit(author, false, json!([{"op": "retire", "id": "P1", "reason": MARKER}])),
    ];
    let batch = author.post("/v1/batches", &json!({"summary": MARKER})).expect(201).json();
    let rows = json!({"rows": [create("person", &id(), &person(MARKER, "Y"))]});
    let address = format!("/v1/submissions/{}/rows", batch["id"].as_str().unwrap());
    submissions.push(author.with("If-Match", "\"v1\"").post(&address, &rows).expect(200).json());
    // In conflict: the other edit of the same place is accepted.
    let theirs = json!([{"op": "update", "id": "P1", "patch": {"biography": {"ru": "B"}}}]);
    let stuck = submit(author, false, json!([{"op": "update", "id": "P1", "patch": {"biography": {"ru": MARKER}}}]));
    app.publish(theirs);
    submissions.push(app.approve(&stuck).expect(200).json());
    assert_eq!(submissions.last().unwrap()["state"], "conflict");
    let comments: Vec<String> = submissions
        .iter()
        .map(|s| {
            let new = json!({"text": MARKER, "suggestion": [{"op": "replace", "path": "/summary", "value": MARKER}]});
            let address = format!("/v1/submissions/{}/comments", s["id"].as_str().unwrap());
            author.post(&address, &new).expect(201).json()["id"].as_str().unwrap().to_owned()
        })
        .take(2)
        .collect();
    let mut entries = vec!["P1".to_owned(), "P2".to_owned()];
    entries.extend(submissions.iter().filter_map(|s| s["changes"][0]["id"].as_str().map(str::to_owned)));
    let ids: Vec<String> = submissions.iter().map(|s| s["id"].as_str().unwrap().to_owned()).collect();
    let addresses = readable(&entries, &ids, &comments);
    assert!(addresses.len() > 300, "{}", addresses.len());
    let shows = |caller: &Caller, address: &str| {
        let answer = caller.get(address);
        assert!(answer.status < 500, "{address}: {}", answer.text);
        let headers: Vec<_> =
            answer.headers.values().map(|v| String::from_utf8_lossy(v.as_bytes()).into_owned()).collect();
        // What the caller has asked for itself may come back in an answer.
        let said_by_caller = address.contains(MARKER);
        !said_by_caller && (answer.text.contains(MARKER) || headers.iter().any(|h| h.contains(MARKER)))
            || said_by_caller && answer.text.contains("\"items\":[{")
    };
    for address in &addresses {
        for (who, caller) in [("a stranger", &app.anyone), ("another editor", &app.editor2)] {
            assert!(!shows(caller, address), "{who} sees it at {address}");
        }
    }
    // The test has eyes: its author and reviewers see it.
    let seen = |caller: &Caller| addresses.iter().filter(|a| shows(caller, a)).count();
    assert!(seen(author) > 20 && seen(&app.moderator) > 20);
    // Not even a moderator sees what was never handed in.
    for index in [0, 8] {
        app.moderator.get(&format!("/v1/submissions/{}", ids[index])).expect(404);
    }
}
