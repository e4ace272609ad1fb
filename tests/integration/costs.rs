//! What costs much is charged for what it costs, is worked on once, and leaves room for what costs little.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use kartoteka::{
    http::limits::{Rate, Rates},
    store::Backend,
};
use serde_json::json;

use crate::{
    harness::{TestApp, cases, create, id, person, recorder},
    limits::{budget, is_limited, start},
};

cases![requests_count_for_what_they_cost, changes_are_read_once_a_request, cheap_requests_find_a_reader];

const AT: &str = "2026-01-01T00:00:00Z";

fn requests_count_for_what_they_cost(app: &TestApp) {
    let rate = |n: u32| Rate { anonymous: n.try_into().unwrap(), account: n.try_into().unwrap() };
    let ample = rate(1_000);
    let rates = Rates { read: ample, search: rate(100), export: ample, write: ample, auth: ample, session: ample };
    let app = start(app, |s| s.transport.rates = Some(rates));
    app.publish(json!([create("person", &id(), &person("A", "B"))]));
    let tags: String = (0..33).map(|n| format!("&tag=t{n}")).collect();
    for (n, (path, name, cost)) in [
        ("/v1/people?sex=male&sort=label".to_owned(), "read", 1),
        ("/v1/people?facets=sex,tag".to_owned(), "search", 3),
        ("/v1/people?facets=sex&facets=tag,sex".to_owned(), "search", 3),
        (format!("/v1/people?at={AT}"), "search", 5),
        (format!("/v1/people?at={AT}&facets=sex"), "search", 6),
        ("/v1/people?include=sources".to_owned(), "read", 2),
        ("/v1/people/P1?include=sources".to_owned(), "read", 2),
        (format!("/v1/people/P1?at={AT}"), "read", 1),
        (format!("/v1/people?x=y{tags}"), "read", 3),
        ("/v1/stats/people?by=sex".to_owned(), "search", 1),
        ("/v1/stats/people?by=sex,tag,party".to_owned(), "search", 3),
        ("/v1/stats/people?by=sex,tag&format=svg".to_owned(), "search", 2),
        (format!("/v1/stats/people?by=sex&at={AT}"), "search", 5),
        ("/v1/search?q=a".to_owned(), "search", 1),
    ]
    .into_iter()
    .enumerate()
    {
        let client = app.anyone.with("X-Forwarded-For", &format!("9.9.9.{n}"));
        let (found, quota, remaining, _) = budget(&client.get(&path));
        assert_eq!((found.as_str(), quota - remaining), (name, cost), "{path}");
    }
    // A refusal says what is left, and that much can be had.
    let client = app.anyone.with("X-Forwarded-For", "9.9.8.1");
    (0..19).for_each(|_| drop(client.get(&format!("/v1/people?at={AT}")).expect(200)));
    client.get("/v1/people?facets=sex").expect(200);
    let refused = client.get(&format!("/v1/people?at={AT}&facets=sex,tag")).expect_problem(429, "rate_limited");
    let (_, _, left, wait) = budget(&refused);
    assert!((3..=4).contains(&left) && wait >= 1, "{left} {wait}");
    let detail = refused.json()["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains("counts for 7") && detail.contains(&format!("{left} are left")), "{detail}");
    client.get("/v1/people?facets=sex,tag").expect(200);
    client.get("/v1/people").expect(200);
    // Who has spent it is refused before anything else, by a small cost too.
    while client.get("/v1/search?q=a").status == 200 {}
    is_limited(client.get("/v1/search?q=a"), "search");
}

fn changes_are_read_once_a_request(app: &TestApp) {
    let people: Vec<String> = (0..3).map(|_| id()).collect();
    for person_id in &people {
        app.publish(json!([create("person", person_id, &person("A", &format!("B{person_id}")))]));
    }
    let at = app.anyone.get(&format!("/v1/people/{}", people[2])).expect(200).json()["updated_at"].clone();
    for person_id in &people[..2] {
        app.publish(
            json!([{"op": "update", "id": person_id, "base": 1, "body": person("C", &format!("D{person_id}"))}]),
        );
    }
    let at = at.as_str().unwrap();
    // How often all that have changed were listed, and states of then were read.
    let reads = |query: &str| {
        let path = format!("/v1/{query}at={at}");
        let run = recorder::counted(&app.database.url, || drop(app.anyone.get(&path).expect(200)));
        let count = |what: &str| run.iter().filter(|(sql, _)| sql.contains(what)).map(|(_, n)| n).sum::<usize>();
        (count("SELECT e.id AS id FROM entries e WHERE e.head > 1"), count("SELECT max(q.number) FROM revisions q"))
    };
    let plain = reads("people?");
    assert_eq!(plain.0, 1);
    for query in
        ["people?facets=sex&", "people?facets=nationality,tag,death_kind&", "people?facets=birth_year&limit=1&"]
    {
        assert_eq!(reads(query), plain, "{query}");
    }
    assert_eq!(reads("stats/people?by=sex,tag&"), (1, 1));
    let facets = app.anyone.get(&format!("/v1/people?facets=sex,tag&at={at}")).expect(200).json();
    assert_eq!(facets["total"]["value"], 3);
    assert_eq!(facets["facets"]["sex"], json!([{"value": null, "count": 3}]));
    assert_eq!(facets["facets"]["tag"], json!([{"value": null, "count": 3}]));
}

fn cheap_requests_find_a_reader(app: &TestApp) {
    let app = start(app, |s| s.queue_timeout = Duration::from_millis(500));
    app.publish(json!([create("person", &id(), &person("A", "B"))]));
    let tags: String = (0..17).map(|n| format!("tag=t{n}&")).collect();
    let costly = [
        "people?facets=sex".to_owned(),
        format!("people?at={AT}"),
        "stats/people?by=sex".to_owned(),
        "stats/victims?by=sex,tag&format=csv".to_owned(),
        "search?q=a".to_owned(),
        format!("people?{tags}"),
        "people?facets=tag".to_owned(),
        "stats/people?by=tag&format=svg".to_owned(),
    ];
    // All of them see one state of the archive; what is cheap below does not ask for that.
    let begins = match app.backend {
        Backend::Sqlite => "BEGIN DEFERRED",
        Backend::Postgres => "BEGIN ISOLATION LEVEL REPEATABLE READ",
    };
    let hold = recorder::hold(&app.database.url, begins);
    let refused = Arc::new(AtomicUsize::new(0));
    let asked: Vec<_> = costly
        .iter()
        .map(|query| {
            let (caller, path, refused) = (app.anyone.clone(), format!("/v1/{query}"), refused.clone());
            std::thread::spawn(move || {
                let answer = caller.get(&path);
                if answer.status == 503 {
                    refused.fetch_add(1, Ordering::SeqCst);
                }
                answer
            })
        })
        .collect();
    let begun = Instant::now();
    while hold.waiting() + refused.load(Ordering::SeqCst) < costly.len() {
        assert!(begun.elapsed() < Duration::from_secs(30), "{} wait", hold.waiting());
        std::thread::sleep(Duration::from_millis(20));
    }
    // All places of costly requests are taken, and those that found none are answered.
    assert_eq!(hold.waiting(), 2, "of four readers");
    app.anyone.get("/v1/people/P1").expect(200);
    app.anyone.get("/health/ready").expect(200);
    app.editor.get("/v1/me").expect(200);
    app.editor.get("/v1/people/P1").expect(200);
    app.anyone.get("/v1/people?facets=sex").expect_problem(503, "unavailable");
    drop(hold);
    let statuses: Vec<u16> = asked.into_iter().map(|asked| asked.join().unwrap().status).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 2, "{statuses:?}");
    app.anyone.get("/v1/people?facets=sex").expect(200);
}
