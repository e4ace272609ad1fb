//! Memento (RFC 7089): TimeGate, TimeMap and the headers of revisions.

use kartoteka::model::time::{from_rfc3339, to_http_date};
use serde_json::json;

use crate::harness::{TestApp, cases, create, id, person};

cases![
    entries_and_revisions_say_when_they_were,
    the_timegate_leads_to_the_revision_of_a_time,
    timemaps_list_all_revisions
];

/// Makes an entry of three revisions that lie a second apart, and gives their times as HTTP writes them.
fn three(app: &TestApp) -> Vec<String> {
    app.publish(json!([create("person", &id(), &person("A", "1"))]));
    for n in ["2", "3"] {
        std::thread::sleep(std::time::Duration::from_millis(1_050));
        app.publish(json!([{"op": "update", "id": "P1", "body": person("A", n)}]));
    }
    times(app, "P1")
}

fn times(app: &TestApp, reference: &str) -> Vec<String> {
    let all = app.anyone.get(&format!("/v1/people/{reference}/revisions")).expect(200).json();
    let mut times: Vec<String> = all["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| to_http_date(from_rfc3339(r["at"].as_str().unwrap()).unwrap()))
        .collect();
    times.reverse();
    times
}

fn entries_and_revisions_say_when_they_were(app: &TestApp) {
    let times = three(app);
    let whole = "<PATH>; rel=\"original\", <PATH/timegate>; rel=\"timegate\", \
                 <PATH/timemap>; rel=\"timemap\"; type=\"application/link-format\""
        .replace("PATH", "/v1/people/P1");
    let memento =
        |n: usize, rel: &str| format!("</v1/people/P1?revision={n}>; rel=\"{rel}\"; datetime=\"{}\"", times[n - 1]);
    let now = app.anyone.get("/v1/people/P1").expect(200);
    assert_eq!(now.header("link"), format!("{whole}, {}, {}", memento(1, "first memento"), memento(3, "last memento")));
    assert!(now.headers.get("memento-datetime").is_none(), "what changes is no memento");
    let middle = format!(
        "{whole}, {}, {}, {}",
        memento(1, "first prev memento"),
        memento(2, "memento"),
        memento(3, "next last memento")
    );
    for path in ["/v1/people/P1?revision=2", "/v1/people/P1/revisions/2", "/v1/people/P1?revision=2&fields=label"] {
        let answer = app.anyone.get(path).expect(200);
        assert_eq!(
            (answer.header("memento-datetime"), answer.header("link")),
            (times[1].as_str(), middle.as_str()),
            "{path}"
        );
    }
    let second = app.anyone.get("/v1/people/P1/revisions/2").expect(200).json()["at"].as_str().unwrap().to_owned();
    let then = app.anyone.get(&format!("/v1/people/P1?at={second}")).expect(200);
    assert_eq!(then.header("memento-datetime"), times[1]);
    let ahead = app.anyone.get("/v1/people/P1?at=2200-01-01T00:00:00Z").expect(200);
    assert!(ahead.headers.get("memento-datetime").is_none(), "what is to come may still change");
    app.publish(json!([create("person", &id(), &person("B", "1"))]));
    let only = app.anyone.get("/v1/people/P2").expect(200);
    assert!(only.header("link").contains("rel=\"first last memento\""), "{}", only.header("link"));
}

fn the_timegate_leads_to_the_revision_of_a_time(app: &TestApp) {
    let times = three(app);
    let gate = |reference: &str, time: Option<&str>| {
        let caller = time.map_or(app.anyone.clone(), |t| app.anyone.with("Accept-Datetime", t));
        caller.get(&format!("/v1/people/{reference}/timegate"))
    };
    let leads = |time: Option<&str>| gate("P1", time).expect(302).header("location").to_owned();
    for (n, time) in times.iter().enumerate() {
        assert_eq!(leads(Some(time)), format!("/v1/people/P1?revision={}", n + 1));
    }
    assert_eq!(leads(Some("Thu, 05 Mar 1953 21:50:00 GMT")), "/v1/people/P1?revision=1");
    assert_eq!(leads(Some("Wed, 01 Jan 2200 00:00:00 GMT")), "/v1/people/P1?revision=3");
    assert_eq!(leads(None), "/v1/people/P1?revision=3");
    let answer = gate("p1", Some(&times[0])).expect(302);
    assert!(answer.header("vary").contains("accept-datetime"));
    assert!(answer.headers.get("memento-datetime").is_none());
    for rel in ["\"original\"", "\"timemap\"", "\"first memento\"", "\"last memento\""] {
        assert!(answer.header("link").contains(&format!("rel={rel}")), "{}", answer.header("link"));
    }
    app.anyone.get(answer.header("location")).expect(200);
    let head = app.anyone.with("Accept-Datetime", &times[1]).send("HEAD", "/v1/people/P1/timegate", None);
    assert_eq!(head.expect(302).header("location"), "/v1/people/P1?revision=2");
    for bad in ["yesterday", "2026-01-01T00:00:00Z", "Thu, 05 Mar 1953 21:50:00", "Fri, 05 Mar 1953 21:50:00 GMT"] {
        gate("P1", Some(bad)).expect_problem(400, "invalid_header");
    }
    gate("P9", None).expect_problem(404, "not_found");
    app.anyone.get("/v1/people/P1/timegate?x=1").expect_problem(400, "invalid_query");
    // Retired: the revision says so. Merged: on to the one that stays, from then on.
    std::thread::sleep(std::time::Duration::from_millis(1_050));
    app.publish(json!([{"op": "retire", "id": "P1", "reason": "x"}]));
    assert_eq!(leads(None), "/v1/people/P1?revision=4");
    assert_eq!(app.anyone.get("/v1/people/P1?revision=4").expect(200).json()["status"], "retired");
    assert_eq!(leads(Some(&times[2])), "/v1/people/P1?revision=3");
    app.publish(json!([{"op": "restore", "id": "P1"}, create("person", &id(), &person("A", "other"))]));
    std::thread::sleep(std::time::Duration::from_millis(1_050));
    app.publish(json!([{"op": "merge", "id": "P1", "into": "P2"}]));
    assert_eq!(leads(Some(&times[2])), "/v1/people/P1?revision=3");
    let on = gate("P1", None).expect_problem(308, "entry_merged");
    assert_eq!(on.header("location"), "/v1/people/P2/timegate");
    assert_eq!(gate("P2", None).expect(302).header("location"), "/v1/people/P2?revision=2");
}

fn timemaps_list_all_revisions(app: &TestApp) {
    let mut times = three(app);
    app.publish(json!([{"op": "retire", "id": "P1", "reason": "x"}]));
    times.push(self::times(app, "P1")[3].clone());
    let map = app.anyone.get("/v1/people/P1/timemap").expect(200);
    assert_eq!(map.header("content-type"), "application/link-format");
    let (first, last) = (&times[0], &times[3]);
    let memento =
        |n: usize, rel: &str| format!("</v1/people/P1?revision={n}>; rel=\"{rel}\"; datetime=\"{}\"", times[n - 1]);
    let expected = [
        "</v1/people/P1>; rel=\"original\"".to_owned(),
        format!(
            "</v1/people/P1/timemap>; rel=\"self\"; type=\"application/link-format\"; from=\"{first}\"; until=\"{last}\""
        ),
        "</v1/people/P1/timegate>; rel=\"timegate\"".to_owned(),
        memento(1, "first memento"),
        memento(2, "memento"),
        memento(3, "memento"),
        memento(4, "last memento"),
    ];
    assert_eq!(map.text, expected.join(",\n") + "\n");
    app.anyone.with("If-None-Match", map.header("etag")).get("/v1/people/P1/timemap").expect(304);
    let by_header =
        app.anyone.with("Accept", "application/json").get("/v1/people/P1/timemap?from=3").expect(200).json();
    assert_eq!(by_header["mementos"].as_array().unwrap().len(), 2);
    assert_eq!(
        (&by_header["original"], &by_header["timemap"], &by_header["next"]),
        (&json!("/v1/people/P1"), &json!("/v1/people/P1/timemap?from=3"), &json!(null))
    );
    for memento in by_header["mementos"].as_array().unwrap() {
        app.anyone.get(memento["uri"].as_str().unwrap()).expect(200);
    }
    assert_eq!(app.anyone.get("/v1/people/P1/timemap?format=json&from=3").expect(200).json(), by_header);
    app.anyone.get("/v1/people/P1/timemap?from=5").expect_problem(404, "not_found");
    app.anyone.get("/v1/people/P1/timemap?format=xml").expect(400).expect_faults(&[("format", "unknown_code")]);
    app.anyone.get("/v1/people/P9/timemap").expect_problem(404, "not_found");
}
