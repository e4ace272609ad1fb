//! The archive as it stood: lists at a time are what the lists were at that time.

use std::cell::Cell as Counter;

use kartoteka::{
    model::{
        kinds::KindDescriptor,
        projection::{Cell, project},
        text::{Matching, document},
    },
    store::{Backend, Candidate, Condition, Joined, ListQuery, Order, Plan, StoreError, TextCondition, holds},
};
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use serde_json::{Value, json};

use crate::harness::{TestApp, cases, claim, create, id, person, source, trial, victim};

cases![
    lists_at_a_time_are_the_lists_of_that_time,
    pages_at_a_time_go_on_while_the_archive_changes,
    faults_of_times_are_named,
    conditions_hold_without_sql_as_they_do_in_sql,
];

const QUERIES: &[&str] = &[
    "people?",
    "people?sort=label",
    "people?sort=-label&view=full",
    "people?sort=updated",
    "people?sort=-updated",
    "people?name=a",
    "people?name=b",
    "people?name=renamed",
    "people?q=renamed",
    "people?not.q=renamed",
    "people?sex=male",
    "people?birth=1888",
    "people?updated_since=2020-01-01T00:00:00Z",
    "people?fields=label,birth",
    "victims?",
    "victims?person=P1",
    "victims?person=P2",
    "victims?person=P3",
    "victims?person=P2&person=P4",
    "victims?cites=S1",
    "victims?arrested=1937-08",
    "victims?arrested_from=1938",
    "victims?sex=female&sex=male&sort=-ref",
    "trials?sort=label",
    "sources?sort=-updated",
    "victims?include=person,sources",
    "victims?include=person&view=full&arrested=1937-08",
    "people?facets=sex,birth_year&sex=female",
];

/// Every answer of [`QUERIES`]: items and total, and the same page by page.
fn answers(app: &TestApp, at: Option<&str>) -> Vec<(String, Vec<Value>, Value)> {
    let suffix = at.map(|at| format!("&at={at}")).unwrap_or_default();
    let ask = |query: &str| {
        let whole = app.anyone.get(&format!("/v1/{query}{suffix}&limit=200")).expect(200).json();
        let items = whole["items"].as_array().unwrap().clone();
        let mut walked: Vec<Value> = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = app.anyone.get(&format!("/v1/{query}{suffix}&limit=2{cursor}")).expect(200).json();
            walked.extend(page["items"].as_array().unwrap().iter().cloned());
            assert_eq!(page["total"], whole["total"]);
            match page["next"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(walked, items, "{query} page by page");
        let rest = ["total", "included", "included_from", "facets"].map(|name| whole[name].clone());
        (query.to_owned(), items, json!(rest))
    };
    QUERIES.iter().map(|query| ask(query)).collect()
}

/// What one record leads to.
fn included(app: &TestApp, at: Option<&str>) -> Value {
    let suffix = at.map(|at| format!("&at={at}")).unwrap_or_default();
    let entry = app.anyone.get(&format!("/v1/victims/V1?include=person,sources&view=full{suffix}")).expect(200).json();
    json!([entry["included"], entry["included_from"]])
}

/// Now, by the clock of the archive: the time of the last acceptance.
fn now(app: &TestApp) -> String {
    let seq = app.anyone.get("/v1/changes?limit=1").expect(200).json()["total"]["value"].as_i64().unwrap();
    let last = app.anyone.get(&format!("/v1/changes?after={}&limit=1", seq - 1)).expect(200).json();
    last["items"][0]["at"].as_str().unwrap().to_owned()
}

fn born(family: &str, sex: &str, birth: &str, cited: &str) -> Value {
    let mut body = person(family, "x");
    body["life"] = json!({
        "sex": [{"value": {"code": sex}}],
        "birth": {"date": [claim(json!({"edtf": birth}), cited)]}
    });
    body
}

fn lists_at_a_time_are_the_lists_of_that_time(app: &TestApp) {
    let (s, p): (String, Vec<String>) = (id(), (0..5).map(|_| id()).collect());
    let mut first = vec![create("source", &s, &source("A")), create("trial", &id(), &trial("T"))];
    for (i, (family, sex)) in
        [("A", "male"), ("B", "female"), ("a", "male"), ("B", "male"), ("Z", "female")].iter().enumerate()
    {
        first.push(create("person", &p[i], &born(family, sex, "1888", &s)));
        let mut record = victim(family, if i % 2 == 0 { "1937-08" } else { "1938" }, &s);
        record["person"] = json!([{"value": {"entry": p[i]}}]);
        record["life"] = json!({"sex": [{"value": {"code": sex}}]});
        first.push(create("victim", &id(), &record));
    }
    app.publish(json!(first));
    app.publish(json!([{"op": "update", "id": "P5", "body": born("Y", "female", "1889", &s)}]));
    let mut recorded = vec![(now(app), answers(app, None))];
    let mut led = vec![included(app, None)];
    let steps = [
        json!([
            {"op": "update", "id": "P1", "body": born("Renamed", "female", "1890", &s)},
            {"op": "retire", "id": "P3", "reason": "x"},
            {"op": "update", "id": "V1", "patch": {"arrest": {"date": [claim(json!({"edtf": "1940"}), &s)]}}},
            create("person", &id(), &person("B", "new")),
            {"op": "update", "id": "S1", "body": source("0")}
        ]),
        json!([{"op": "merge", "id": "P2", "into": "P4"}, {"op": "update", "id": "T1", "body": trial("Another")}]),
        json!([{"op": "restore", "id": "P3"}, {"op": "retire", "id": "V4", "reason": "x"}]),
        json!([{"op": "unmerge", "id": "P2"}]),
        json!([{"op": "merge", "id": "P2", "into": "P1"}]),
        json!([{"op": "merge", "id": "P1", "into": "P4"}, {"op": "update", "id": "V2", "patch": {"tags": ["late"]}}]),
    ];
    for step in steps {
        app.publish(step);
        recorded.push((now(app), answers(app, None)));
        led.push(included(app, None));
    }
    for pair in recorded.windows(2) {
        assert_ne!(pair[0].1, pair[1].1, "each step changes some list");
    }
    for (at, was) in &recorded {
        for (now, was) in answers(app, Some(at)).into_iter().zip(was) {
            assert_eq!(&now, was, "at {at}");
        }
    }
    for ((at, _), led) in recorded.iter().zip(&led) {
        assert_eq!(&included(app, Some(at)), led, "at {at}");
    }
    assert_eq!(answers(app, Some("2001-01-01T00:00:00Z")).iter().filter(|(_, items, _)| !items.is_empty()).count(), 0);
    assert_eq!(answers(app, Some("2200-01-01T00:00:00Z")), recorded.last().unwrap().1);
}

fn pages_at_a_time_go_on_while_the_archive_changes(app: &TestApp) {
    let changes: Vec<Value> = (0..6).map(|i| create("person", &id(), &person(&format!("N{i}"), "x"))).collect();
    app.publish(json!(changes));
    let at = now(app);
    let whole = app.anyone.get(&format!("/v1/people?at={at}&sort=-label")).expect(200).json();
    let mut walked: Vec<Value> = Vec::new();
    let mut path = format!("/v1/people?at={at}&sort=-label&limit=2");
    for round in 0..3 {
        let answer = app.anyone.get(&path).expect(200);
        walked.extend(answer.json()["items"].as_array().unwrap().iter().cloned());
        // What is still ahead moves to the front, and what was shown goes away.
        let moved = json!([
            {"op": "update", "id": format!("P{}", round + 1), "body": person(&format!("Z{round}"), "x")},
            {"op": "retire", "id": format!("P{}", 6 - round), "reason": "x"}
        ]);
        app.publish(moved);
        if round < 2 {
            path = answer.header("link")[1..].split('>').next().unwrap().to_owned();
        }
    }
    assert_eq!(json!(walked), whole["items"]);
}

fn faults_of_times_are_named(app: &TestApp) {
    for bad in ["at=x", "at=", "at=2026-01-01", "at=1-1-1T00:00:00Z"] {
        app.anyone.get(&format!("/v1/people?{bad}")).expect(400).expect_faults(&[("at", "invalid_value")]);
    }
    let twice = app.anyone.get("/v1/people?at=2026-01-01T00:00:00Z&at=2026-01-02T00:00:00Z");
    twice.expect(400).expect_faults(&[("at", "duplicate")]);
    app.publish(json!([create("person", &id(), &person("N", "x"))]));
    let both = app.anyone.get("/v1/people/P1?revision=1&include=sources").expect(400);
    both.expect_faults(&[("include", "invalid_value")]);
    let near = app.anyone.get("/v1/people?att=x").expect(400).json()["detail"].to_string();
    assert!(near.contains("did you mean at?"), "{near}");
}

fn texts(values: &'static [&'static str]) -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(prop::sample::select(values).prop_map(str::to_owned), 0..3)
}

/// Questions to the index of words, of every form.
fn matching() -> impl Strategy<Value = Matching> {
    let word = prop::sample::select(&["v0=n1", "v0=n2", "v0=common", "v0=", "n1", "n3", "common", "record", "="][..]);
    // A phrase is of stems, and of two at least.
    let stem = prop::sample::select(&["n1", "n3", "common", "record"][..]);
    let words = prop::collection::vec(stem.prop_map(str::to_owned), 2..4);
    let leaf = prop_oneof![
        word.prop_map(|w| Matching::Word(w.to_owned())),
        prop::sample::select(&["n", "comm", "v0=n", "zzz"][..]).prop_map(|w| Matching::Prefix(w.to_owned())),
        words.prop_map(Matching::Phrase),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| {
        let some = prop::collection::vec(inner.clone(), 0..3);
        prop_oneof![
            some.clone().prop_map(Matching::All),
            some.prop_map(Matching::Any),
            (inner.clone(), inner).prop_map(|(one, other)| Matching::But(Box::new(one), Box::new(other))),
        ]
    })
}

/// Conditions on records of victims, of every form.
fn condition(backend: Backend, targets: Vec<String>, times: Vec<i64>) -> impl Strategy<Value = Condition> {
    let cells = |values: Vec<String>| values.into_iter().map(|v| Cell::Text(Some(v))).collect::<Vec<_>>();
    let day = prop::option::of(2_428_500_i64..2_429_800);
    let time = prop::sample::select(times);
    prop_oneof![
        (texts(&["male", "female", "unknown"]), prop::sample::select(&["sex", "arrested_by"][..]))
            .prop_filter("IN takes a value", |(v, _)| !v.is_empty())
            .prop_map(move |(v, column)| Condition::ColumnIn { column: column.to_owned(), values: cells(v) }),
        any::<bool>()
            .prop_map(|group| Condition::ColumnIn { column: "group".into(), values: vec![Cell::Boolean(Some(group))] }),
        (prop::collection::vec((day.clone(), day), 0..3), prop::sample::select(&["arrested", "executed"][..]))
            .prop_map(|(ranges, column)| Condition::Overlaps { column: column.to_owned(), ranges }),
        texts(&["latvian", "russian", "pole"])
            .prop_filter("IN takes a value", |v| !v.is_empty())
            .prop_map(|values| Condition::FactIn { name: "nationality".into(), values }),
        prop::collection::vec(
            texts(&["latvian", "russian", "pole"]).prop_filter("words are folded from a text", |w| !w.is_empty()),
            0..3
        )
        .prop_map(|alternatives| Condition::HasWords { name: "nationality".into(), alternatives }),
        matching().prop_map(move |matching| Condition::Matches(TextCondition::new(backend, matching))),
        (prop::collection::vec(prop::sample::select(targets), 0..3), prop::sample::select(&["person", "cites"][..]))
            .prop_map(|(targets, rel)| Condition::LinksTo { rel: rel.to_owned(), targets }),
        time.clone().prop_map(Condition::UpdatedSince),
        time.prop_map(Condition::UnchangedSince),
    ]
}

fn conditions_hold_without_sql_as_they_do_in_sql(app: &TestApp) {
    let (sources, people): (Vec<String>, Vec<String>) =
        ((0..3).map(|_| id()).collect(), (0..3).map(|_| id()).collect());
    let mut changes: Vec<Value> = sources.iter().map(|s| create("source", s, &source("A"))).collect();
    changes.extend(people.iter().map(|p| create("person", p, &person("A", "B"))));
    app.publish(json!(changes));
    let dates = ["1937-08-05", "1937", "1937-08", "193X", "../1937-09", "1938-01/..", "1938?"];
    for part in 0..3_usize {
        let records = (0..12_usize).map(|i| {
            let n = part * 12 + i;
            let mut body = victim(&format!("n{} common", n % 4), dates[n % dates.len()], &sources[n % 3]);
            if n % 3 != 0 {
                body["person"] = json!([{"value": {"entry": people[n % 2]}}]);
            }
            if n % 5 == 0 {
                body["arrest"]["date"] = json!([{"status": "unknown"}]);
            }
            let (nationality, sex) = (["latvian", "russian", "pole"][n % 3], ["male", "female"][n % 2]);
            if n % 4 != 0 {
                body["life"] = json!({
                    "sex": [{"value": {"code": sex}}],
                    "nationality": [{"value": {"code": nationality}}]
                });
            }
            create("victim", &id(), &body)
        });
        app.publish(json!(records.collect::<Vec<_>>()));
    }
    let kind = KindDescriptor::by_name("victim").unwrap();
    let heads = app.archive.store.read::<_, StoreError>(|tx| tx.heads_after("", 1_000)).unwrap();
    let states: Vec<_> = heads
        .iter()
        .filter(|(head, _)| head.kind == "victim")
        .map(|(head, body)| {
            let body: Value = serde_json::from_str(body).unwrap();
            (head, project(kind, &body), document(kind, &body, &head.label))
        })
        .collect();
    assert_eq!(states.len(), 36);
    let mut times: Vec<i64> = states.iter().flat_map(|(head, ..)| [head.updated_at, head.updated_at + 1]).collect();
    times.dedup();
    let targets: Vec<String> = sources.iter().chain(&people).cloned().collect();
    let mut runner = TestRunner::new(Config { cases: 300, failure_persistence: None, ..Config::default() });
    let strategy = prop::collection::vec(condition(app.backend, targets, times), 1..3);
    let (both, marked) = (Joined::from_iter([1]), Counter::new(0));
    let outcome = runner.run(&strategy, |conditions| {
        let query = ListQuery {
            kind,
            conditions,
            order: Order::Ref,
            descending: false,
            after: None,
            limit: 1_000,
            with_bodies: false,
        };
        let plans = [Plan::Scan, Plan::Marked(app.backend), Plan::From(0, Joined::default()), Plan::From(0, both)];
        let found = app.archive.store.read::<_, StoreError>(|tx| {
            let plans = plans.into_iter().filter(|plan| query.can_follow(*plan));
            plans.map(|plan| Ok((plan, tx.list_by(&query, plan)?))).collect::<Result<Vec<_>, _>>()
        });
        let mut by_hand: Vec<&str> = states
            .iter()
            .filter(|(head, projection, document)| {
                let candidate = Candidate { projection, document: Some(document), updated_at: head.updated_at };
                query.conditions.iter().all(|condition| holds(condition, candidate))
            })
            .map(|(head, ..)| head.id.as_str())
            .collect();
        by_hand.sort_unstable();
        for (plan, rows) in found.unwrap() {
            if matches!(plan, Plan::Marked(_)) {
                marked.set(marked.get() + 1);
            }
            let mut by_sql: Vec<&str> = rows.iter().map(|row| row.id.as_str()).collect();
            by_sql.sort_unstable();
            prop_assert_eq!(&by_sql, &by_hand, "{:?}", plan);
        }
        Ok(())
    });
    outcome.unwrap();
    assert!(marked.get() > 50, "{} lists from marks", marked.get());
    // The archive of the test is not one in which nothing is found.
    let hits = |word: &str| states.iter().filter(|(.., d)| d.answers(&Matching::Word(word.to_owned()))).count();
    assert_eq!(hits("v0=n1") + hits("v0=n2"), 18);
}
