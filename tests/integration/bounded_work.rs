//! What one request can make the archive do is bounded, and ends when nobody waits for it.

use std::{io::Write, net::TcpStream, thread, time::Duration};

use serde_json::{Map, Value, json};

use crate::harness::{TestApp, act, cases, create, id, person, source, trial};

cases![
    thousands_of_equal_items_get_their_ids,
    a_check_that_reaches_its_bound_says_so,
    namesakes_with_many_names_are_compared_within_bounds,
    equal_entries_are_found_among_many_namesakes,
    long_chains_of_references_are_followed_once,
    a_body_is_measured_before_it_is_read,
    a_client_that_hangs_up_ends_its_work,
];

/// The codes of the findings on a submission.
fn codes(app: &TestApp, submission: &Value) -> Vec<(String, String)> {
    let path = format!("/v1/submissions/{}/checks", submission["id"].as_str().unwrap());
    let checks = app.editor.get(&path).expect(200).json();
    let text = |count: &Value, name: &str| count[name].as_str().unwrap().to_owned();
    checks["counts"].as_array().unwrap().iter().map(|c| (text(c, "code"), text(c, "severity"))).collect()
}

fn has(app: &TestApp, submission: &Value, code: &str) -> bool {
    codes(app, submission).iter().any(|(found, _)| found == code)
}

fn thousands_of_equal_items_get_their_ids(app: &TestApp) {
    let mut body = trial("A trial");
    body["defendants"] = vec![json!({"person": {"text": "N. N."}}); 4_000].into();
    let entry = id();
    let made = app.submit(json!([create("trial", &entry, &body)])).expect(201).json();
    let defendants = made["changes"][0]["body"]["defendants"].as_array().unwrap();
    let ids: std::collections::HashSet<&str> = defendants.iter().map(|d| d["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), 4_000);
    act(&app.moderator, &made, "approve", &json!({"override": "A test"})).expect(200);
    // Sent again without ids, each is found again.
    body["summary"] = json!({"en": "One more thing."});
    let update = json!([{"op": "update", "id": entry, "body": body}]);
    let updated = app.submit(update).expect(201).json();
    assert_eq!(updated["changes"][0]["body"]["defendants"], made["changes"][0]["body"]["defendants"]);
    // With ids of other items, none is one of them.
    let renamed = |n: usize| json!({"id": format!("d{n}"), "person": {"text": "N. N."}});
    body["defendants"] = (0..4_000).map(renamed).collect();
    let update = json!([{"op": "update", "id": entry, "body": body}]);
    assert_eq!(app.submit(update).expect(201).json()["changes"][0]["body"]["defendants"][0]["id"], "d0");
}

/// A source with titles in so many languages, none of which has a word of those of another one.
fn in_languages(count: usize, letter: char) -> Value {
    let tag = |n: usize| format!("en-{n:04}");
    let title = |n: usize| json!(format!("{letter}{n} {letter}{n}a {letter}{n}b {letter}{n}c"));
    let titles: Map<String, Value> = (0..count).map(|n| (tag(n), title(n))).collect();
    json!({"kind": {"code": "monograph"}, "title": titles})
}

fn a_check_that_reaches_its_bound_says_so(app: &TestApp) {
    let changes = json!([
        create("source", &id(), &in_languages(2_000, 'q')),
        create("source", &id(), &in_languages(2_000, 'q')),
        create("source", &id(), &in_languages(2_001, 'q')),
    ]);
    let submission = app.submit(changes).expect(201).json();
    let found = codes(app, &submission);
    assert!(found.contains(&("incomplete_check".into(), "warn".into())), "{found:?}");
    assert!(found.contains(&("exact_duplicate".into(), "block".into())), "{found:?}");
    let few = app.submit(json!([create("source", &id(), &source("One title"))])).expect(201).json();
    assert!(!has(app, &few, "incomplete_check"));
}

/// A person with so many names, the same for all, but for one.
fn of_many_names(count: usize, number: usize) -> Value {
    let name = |n: usize| json!({"value": {"kind": "main", "family": format!("Adams{n}"), "given": "Bert", "patronymic": "Karlovich"}});
    let mut names: Vec<Value> = (0..count).map(name).collect();
    names.push(name(1_000 + number));
    json!({"names": names})
}

fn namesakes_with_many_names_are_compared_within_bounds(app: &TestApp) {
    let people = |n: usize| create("person", &id(), &of_many_names(300, n));
    let submission = app.submit((0..30).map(people).collect()).expect(201).json();
    assert!(has(app, &submission, "incomplete_check"));
    assert!(has(app, &submission, "probable_duplicate"));
}

fn equal_entries_are_found_among_many_namesakes(app: &TestApp) {
    // In the archive, under an id that comes last.
    let last = "ffffffff-ffff-4fff-bfff-ffffffffffff";
    let body = |note: usize| {
        let mut body = person("Adams", "Bert");
        body["biography"] = json!({"en": format!("Number {note}.")});
        body
    };
    let mut changes = vec![create("person", last, &body(0))];
    changes.extend((1..100).map(|n| create("person", &id(), &body(n))));
    let many = app.submit(changes.into()).expect(201).json();
    act(&app.moderator, &many, "approve", &json!({})).expect(200);
    let mut same = body(0);
    same["names"][0]["id"] = json!("another");
    let again = app.submit(json!([create("person", &id(), &same)])).expect(201).json();
    act(&app.moderator, &again, "approve", &json!({})).expect_problem(409, "checks_block");
    let other = app.submit(json!([create("person", &id(), &body(100))])).expect(201).json();
    assert!(!has(app, &other, "exact_duplicate"));
    // Beside each other: the last one says the same as the first.
    let mut changes: Vec<Value> = (200..299).map(|n| create("person", &id(), &body(n))).collect();
    changes.push(create("person", &id(), &body(200)));
    let beside = app.submit(changes.into()).expect(201).json();
    assert!(has(app, &beside, "exact_duplicate"));
}

fn part_of(whole: Option<&str>, title: &str) -> Value {
    let mut body = source(title);
    if let Some(whole) = whole {
        body["container"] = json!({"title": "A series", "entry": whole});
    }
    body
}

fn long_chains_of_references_are_followed_once(app: &TestApp) {
    let ids: Vec<String> = (0..100).map(|_| id()).collect();
    let chain = |first: Option<&str>| -> Value {
        let before = |n: usize| n.checked_sub(1).map_or(first, |n| Some(ids[n].as_str()));
        (0..100).map(|n| create("source", &ids[n], &part_of(before(n), &format!("Book {n}")))).collect()
    };
    // A ring: every reference in it is named.
    let ring = app.submit(chain(Some(&ids[99]))).expect(422);
    let faults = ring.faults();
    assert_eq!((faults.len(), faults[0].1.as_str()), (100, "cycle"));
    let made = app.submit(chain(None)).expect(201).json();
    act(&app.moderator, &made, "approve", &json!({})).expect(200);
    // The ring is closed through a hundred entries of the archive.
    let update = json!([{"op": "update", "id": ids[0], "body": part_of(Some(&ids[99]), "Book 0")}]);
    app.submit(update).expect(422).expect_faults(&[("/changes/0/body/container/entry", "cycle")]);
    let free = json!([create("source", &id(), &part_of(Some(&ids[99]), "Another book"))]);
    app.submit(free).expect(201);
}

fn a_body_is_measured_before_it_is_read(app: &TestApp) {
    // A hundred thousand faults, of which none is looked for.
    let body = json!({"names": vec![json!({"value": {"nonsense": 1}}); 20_000]});
    let refused = app.submit(json!([create("person", &id(), &body)])).expect(422);
    assert_eq!(refused.faults(), [("/changes/0/body".to_owned(), "too_long".to_owned())]);
}

fn a_client_that_hangs_up_ends_its_work(app: &TestApp) {
    let token = app.anyone.sign_in_for_token("editor");
    let entry = id();
    let body =
        json!({"summary": "A test", "changes": [create("person", &entry, &person("Adams", "Bert"))]}).to_string();
    let mut connection = TcpStream::connect(app.anyone.base().trim_start_matches("http://")).unwrap();
    let count = || app.editor.get("/v1/submissions").expect(200).json()["total"]["value"].clone();
    app.archive
        .store
        .write(|_| {
            // The one writer is taken: the request waits for it.
            write!(
                connection,
                "POST /v1/submissions HTTP/1.1\r\nHost: archive\r\nAuthorization: Bearer {token}\r\n\
                 Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            )
            .unwrap();
            thread::sleep(Duration::from_millis(700));
            drop(connection);
            thread::sleep(Duration::from_millis(700));
            Ok::<_, kartoteka::store::StoreError>(())
        })
        .unwrap();
    // Whoever comes later finds the writer free, and nothing of what was given up.
    app.submit(json!([create("source", &id(), &source("A book"))])).expect(201);
    assert_eq!(count(), json!(1));
}
