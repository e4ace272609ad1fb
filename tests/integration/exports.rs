//! Exports: all that is public, from one state, in files that can be checked.

use kartoteka::{
    model::{canon::sha256_hex, kinds::REGISTRY},
    store::Backend,
};
use serde_json::{Value, json};

use crate::harness::{TestApp, cases, claim, create, id, person, source, trial, victim};

cases![
    a_file_holds_what_is_public_and_passes_the_filters,
    rows_of_entries_have_a_column_for_each_field,
    rows_of_claims_name_their_sources,
    linked_data_is_one_document,
    a_manifest_tells_whether_a_file_is_whole,
    parameters_are_checked,
    heads_and_tags_save_sending_the_file,
    both_databases_give_the_same_bytes,
];

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn refs(items: &[Value]) -> Vec<&str> {
    items.iter().map(|i| i["ref"].as_str().unwrap()).collect()
}

fn a_file_holds_what_is_public_and_passes_the_filters(app: &TestApp) {
    assert_eq!(app.anyone.get("/v1/export/people").expect(200).text, "");
    let survivor = id();
    app.publish(json!([
        create("person", &survivor, &person("A", "one")),
        create("person", &id(), &person("B", "two")),
        create("person", &id(), &person("C", "three")),
        create("person", &id(), &person("A", "four")),
        create("source", &id(), &source("S")),
    ]));
    app.publish(json!([{"op": "retire", "id": "P2", "reason": "Why not."}]));
    app.publish(json!([{"op": "merge", "id": "P3", "into": "P1"}]));
    app.submit(json!([create("person", &id(), &person("Unseen", "x"))])).expect(201);
    app.submit(json!([{"op": "update", "id": "P1", "base": 1, "body": person("Unseen", "y")}]));
    let answer = app.anyone.get("/v1/export/people").expect(200);
    assert_eq!(answer.header("content-type"), "application/x-ndjson");
    assert!(!answer.text.contains("Unseen"));
    let all = lines(&answer.text);
    assert_eq!(refs(&all), ["P1", "P4"]);
    for line in &all {
        let mut entry = app.anyone.get(&format!("/v1/people/{}", line["ref"].as_str().unwrap())).expect(200).json();
        entry.as_object_mut().unwrap().remove("links");
        assert_eq!(*line, entry);
        let canonical = kartoteka::model::canon::canonical(&line["body"]).unwrap();
        assert!(answer.text.contains(&canonical), "the body is the one that was hashed");
        assert_eq!(line["hash"], sha256_hex(canonical.as_bytes()));
    }
    let some = |query: &str| lines(&app.anyone.get(&format!("/v1/export/people?{query}")).expect(200).text);
    assert_eq!(refs(&some("name=four")), ["P4"]);
    assert_eq!(refs(&some("name=four&name=one")), ["P1", "P4"]);
    assert_eq!(refs(&some(&format!("updated_since={}", all[1]["updated_at"].as_str().unwrap()))), ["P1", "P4"]);
    assert!(some("updated_since=2200-01-01T00:00:00Z").is_empty());
    let seq = app.anyone.get("/v1/changes").expect(200).json()["total"]["value"].clone();
    assert_eq!(answer.header("kartoteka-snapshot"), seq.to_string());
    let name = format!("attachment; filename=\"kartoteka-people-{seq}.ndjson\"");
    assert_eq!(answer.header("content-disposition"), name);
}

fn csv(text: &str) -> (Vec<String>, Vec<Vec<String>>) {
    let mut reader = csv::ReaderBuilder::new().from_reader(text.as_bytes());
    let header = reader.headers().unwrap().iter().map(str::to_owned).collect();
    (header, reader.records().map(|r| r.unwrap().iter().map(str::to_owned).collect()).collect())
}

fn rows_of_entries_have_a_column_for_each_field(app: &TestApp) {
    let s = id();
    let mut body = victim("Кузьмин; \"Вася\"", "1938-03", &s);
    body["articles"] = json!([claim(json!({"article": "58-10"}), &s), claim(json!({"article": "58-11"}), &s)]);
    body["life"] = json!({"birth": {"date": [claim(json!({"edtf": "1904-01-10", "calendar": "julian"}), &s)]}});
    body["names"].as_array_mut().unwrap().push(json!({
        "value": {"kind": "as_in_document", "full": "A\nB"}, "rank": "deprecated"
    }));
    app.publish(json!([create("source", &s, &source("S")), create("victim", &id(), &body)]));
    for kind in REGISTRY {
        let answer = app.anyone.get(&format!("/v1/export/{}?format=csv", kind.path)).expect(200);
        assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8; header=present");
        let (header, _) = csv(&answer.text);
        assert!(kind.fields.iter().all(|f| header.iter().any(|h| h == f.name)), "{header:?}");
        assert!(answer.text.starts_with("id,ref,label,revision,hash,created_at,updated_at,"));
    }
    let answer = app.anyone.get("/v1/export/victims?format=csv").expect(200);
    assert!(answer.text.ends_with("\r\n"));
    let (header, rows) = csv(&answer.text);
    let cell = |name: &str| rows[0][header.iter().position(|h| h == name).unwrap()].as_str();
    assert_eq!(rows.len(), 1);
    assert_eq!(cell("ref"), "V1");
    assert_eq!(cell("name"), "Кузьмин; \"Вася\"", "without the deprecated name");
    assert_eq!(cell("article"), "58-10; 58-11");
    assert_eq!((cell("birth"), cell("birth_calendar")), ("1904-01-10", "julian"));
    assert_eq!((cell("birth_earliest"), cell("birth_latest")), ("1904-01-23", "1904-01-23"));
    assert_eq!(
        (cell("arrested"), cell("arrested_earliest"), cell("arrested_latest")),
        ("1938-03", "1938-03-01", "1938-03-31")
    );
    assert_eq!((cell("executed"), cell("executed_calendar"), cell("group")), ("", "", "false"));
}

fn rows_of_claims_name_their_sources(app: &TestApp) {
    let s = id();
    let mut body = victim("Кузьмин", "1938-03", &s);
    body["trial"] = json!([{"status": "none", "note": "No court."}]);
    app.publish(json!([create("source", &s, &source("S")), create("victim", &id(), &body)]));
    let (header, rows) = csv(&app.anyone.get("/v1/export/victims?format=csv&rows=claims").expect(200).text);
    let column = |name: &str| header.iter().position(|h| h == name).unwrap();
    let row = |pointer: &str| rows.iter().find(|r| r[column("pointer")] == pointer).unwrap();
    assert_eq!(rows.len(), 3);
    let arrest = row("/arrest/date/0");
    assert_eq!(arrest[column("ref")], "V1");
    assert_eq!(arrest[column("text")], "1938-03");
    assert_eq!(serde_json::from_str::<Value>(&arrest[column("value")]).unwrap(), json!({"edtf": "1938-03"}));
    assert_eq!(arrest[column("citations")], "S1, p. 1");
    assert_eq!((&*arrest[column("rank")], &*arrest[column("certainty")]), ("normal", "certain"));
    let entry = app.anyone.get("/v1/victims/V1").expect(200).json();
    assert_eq!(arrest[column("claim")], entry["body"]["arrest"]["date"][0]["id"]);
    let none = row("/trial/0");
    assert_eq!((&*none[column("status")], &*none[column("note")], &*none[column("value")]), ("none", "No court.", ""));
}

fn linked_data_is_one_document(app: &TestApp) {
    let (s, p) = (id(), id());
    let mut body = person("Бухарин", "Николай");
    body["life"] = json!({"birth": {"date": [claim(json!({"edtf": "1888-09-27", "calendar": "julian"}), &s)]}});
    let mut record = victim("Бухарин", "1937-02", &s);
    record["person"] = json!([claim(json!({"entry": p}), &s)]);
    app.publish(json!([
        create("source", &s, &source("S")),
        create("person", &p, &body),
        create("person", &id(), &person("B", "two")),
        create("victim", &id(), &record),
        create("trial", &id(), &trial("T")),
    ]));
    let base = "http://127.0.0.1:8080";
    for kind in REGISTRY {
        let answer = app.anyone.get(&format!("/v1/export/{}?format=jsonld", kind.path)).expect(200);
        assert_eq!(answer.header("content-type"), "application/ld+json");
        let document = answer.json();
        for node in document["@graph"].as_array().unwrap() {
            for name in node.as_object().unwrap().keys().filter(|k| !k.starts_with('@')) {
                let prefix = name.split(':').next().unwrap();
                assert!(document["@context"][prefix].is_string(), "{name}");
            }
        }
    }
    let people = app.anyone.get("/v1/export/people?format=jsonld").expect(200).json();
    assert_eq!(people["@graph"].as_array().unwrap().len(), 2);
    let node = &people["@graph"][0];
    assert_eq!(node["@id"], format!("{base}/v1/people/P1"));
    assert_eq!(node["@type"], json!(["schema:Person", "crm:E21_Person"]));
    assert_eq!(node["schema:birthDate"], json!({"@value": "1888-10-09", "@type": "http://id.loc.gov/datatypes/edtf"}));
    assert_eq!(node["schema:subjectOf"]["@id"], format!("{base}/v1/people/P1/revisions/1"));
    assert_eq!(node["schema:subjectOf"]["schema:citation"], json!([{"@id": format!("{base}/v1/sources/S1")}]));
    let record = &app.anyone.get("/v1/export/victims?format=jsonld").expect(200).json()["@graph"][0];
    assert_eq!(record["crm:P12_occurred_in_the_presence_of"], json!({"@id": format!("{base}/v1/people/P1")}));
    assert_eq!(
        record["crm:P9_consists_of"]["crm:P4_has_time-span"]["crm:P82_at_some_time_within"]["@value"],
        "1937-02"
    );
}

fn a_manifest_tells_whether_a_file_is_whole(app: &TestApp) {
    let s = id();
    app.publish(json!([
        create("source", &s, &source("S")),
        create("victim", &id(), &victim("Кузьмин", "1938-03", &s)),
        create("victim", &id(), &victim("Петров", "1937-03", &s)),
    ]));
    for query in
        ["", "?format=ndjson&arrested=1938", "?format=csv", "?format=csv&rows=claims", "?format=jsonld&name=петров"]
    {
        let manifest = app.anyone.get(&format!("/v1/export/victims/manifest{query}")).expect(200);
        let again = app.anyone.get(&format!("/v1/export/victims/manifest{query}")).expect(200);
        assert_eq!(manifest.text, again.text);
        let manifest = manifest.json();
        let address = manifest["address"].as_str().unwrap().strip_prefix("http://127.0.0.1:8080").unwrap();
        let file = app.anyone.get(address).expect(200);
        assert_eq!(file.text, app.anyone.get(&format!("/v1/export/victims{query}")).expect(200).text, "{query}");
        assert_eq!(manifest["sha256"], sha256_hex(file.text.as_bytes()), "{query}");
        assert_eq!(manifest["bytes"], file.text.len(), "{query}");
        assert_eq!(file.header("kartoteka-snapshot"), manifest["snapshot"].to_string());
    }
    let count = |query: &str| {
        let manifest = app.anyone.get(&format!("/v1/export/victims/manifest?{query}")).expect(200).json();
        (manifest["entries"].as_i64().unwrap(), manifest["count"].as_i64().unwrap())
    };
    assert_eq!(count("format=csv&rows=claims"), (2, 4));
    assert_eq!(count("arrested=1938"), (1, 1));
    let manifest = app.anyone.get("/v1/export/victims/manifest").expect(200).json();
    let events = app.anyone.get("/v1/changes").expect(200).json();
    assert_eq!(manifest["at"], events["items"].as_array().unwrap().last().unwrap()["at"]);
    app.publish(json!([create("source", &id(), &source("Another"))]));
    let gone = format!("/v1/export/victims?snapshot={}", manifest["snapshot"]);
    let problem = app.anyone.get(&gone).expect_problem(409, "snapshot_moved").json();
    let now = manifest["snapshot"].as_i64().unwrap() + 1;
    assert!(problem["detail"].as_str().unwrap().contains(&now.to_string()), "{problem}");
    app.anyone.get("/v1/export/victims/manifest?snapshot=999").expect_problem(409, "snapshot_moved");
}

fn parameters_are_checked(app: &TestApp) {
    for (query, fault) in [
        ("format=xml", ("format", "unknown_code")),
        ("format=bibtex", ("format", "unknown_code")),
        ("format=csv&format=ndjson", ("format", "duplicate")),
        ("rows=claims", ("rows", "invalid_value")),
        ("format=csv&rows=x", ("rows", "unknown_code")),
        ("snapshot=-1", ("snapshot", "invalid_value")),
        ("snapshot=x", ("snapshot", "invalid_value")),
        ("updated_since=once", ("updated_since", "invalid_value")),
        ("limit=5", ("limit", "unknown_parameter")),
        ("sort=label", ("sort", "unknown_parameter")),
        ("nmae=x", ("nmae", "unknown_parameter")),
        ("sex=x", ("sex", "unknown_code")),
    ] {
        for path in ["/v1/export/people", "/v1/export/people/manifest"] {
            app.anyone.get(&format!("{path}?{query}")).expect(400).expect_faults(&[fault]);
        }
    }
    app.anyone.get("/v1/export/ghosts").expect_problem(404, "route_not_found");
    let picky = app.anyone.with("Accept-Encoding", "identity;q=0, x-unknown");
    picky.get("/v1/export/people").expect_problem(406, "not_acceptable");
}

fn heads_and_tags_save_sending_the_file(app: &TestApp) {
    app.publish(json!([create("person", &id(), &person("A", "one"))]));
    let file = app.anyone.get("/v1/export/people").expect(200);
    let head = app.anyone.send("HEAD", "/v1/export/people", None).expect(200);
    for name in ["etag", "kartoteka-snapshot", "content-type", "content-disposition"] {
        assert_eq!(head.header(name), file.header(name), "{name}");
    }
    assert!(head.text.is_empty() && head.headers.get("content-length").is_none());
    let known = app.anyone.with("If-None-Match", file.header("etag"));
    let fresh = known.get("/v1/export/people").expect(304);
    assert_eq!(fresh.header("etag"), file.header("etag"));
    assert_eq!(known.get("/v1/export/people?format=csv").expect(200).status, 200);
    app.publish(json!([create("source", &id(), &source("S"))]));
    assert_eq!(known.get("/v1/export/people").expect(200).text, file.text);
}

/// Times of acceptance are the clock's.
fn without_times(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("20").filter(|_| rest.len() > 27) {
        let is_time = rest
            .get(at..at + 27)
            .is_some_and(|t| kartoteka::model::time::from_rfc3339(t).is_some() && t.ends_with('Z'));
        out.push_str(&rest[..at]);
        out.push_str(if is_time { "T" } else { "20" });
        rest = &rest[at + if is_time { 27 } else { 2 }..];
    }
    out + rest
}

fn both_databases_give_the_same_bytes(app: &TestApp) {
    // Once is enough, and it takes both.
    if app.backend == Backend::Sqlite || crate::harness::postgres_url().is_none() {
        return;
    }
    let other = TestApp::start(Backend::Sqlite);
    let (s, p) = (id(), id());
    let mut named = person("Ё", "я");
    named["names"][0]["id"] = json!("name1");
    named["biography"] = json!({"ru": "Ряд\nдругой", "en": "=x"});
    let mut record = victim("Кузьмин", "1938-03", &s);
    record["names"][0]["id"] = json!("name1");
    record["arrest"]["date"][0]["id"] = json!("date1");
    let mut ids: Vec<String> = (0..30).map(|_| id()).collect();
    ids.reverse();
    let mut changes =
        vec![create("source", &s, &source("S")), create("person", &p, &named), create("victim", &id(), &record)];
    let last = changes.len() - 1;
    changes[last]["id"] = json!(ids.pop().unwrap());
    for (i, id) in ids.iter().enumerate() {
        let mut body = person(&format!("Z{i}"), "x");
        body["names"][0]["id"] = json!("name1");
        changes.push(create("person", id, &body));
    }
    for app in [app, &other] {
        app.publish(json!(changes));
    }
    for kind in REGISTRY {
        for format in kartoteka::model::export::Format::of(kind) {
            for rows in ["", "&rows=claims"] {
                if !rows.is_empty() && format.as_str() != "csv" {
                    continue;
                }
                let path = format!("/v1/export/{}?format={}{rows}", kind.path, format.as_str());
                let (here, there) = (app.anyone.get(&path).expect(200), other.anyone.get(&path).expect(200));
                assert_eq!(without_times(&here.text), without_times(&there.text), "{path}");
                assert_eq!(here.header("etag"), there.header("etag"));
            }
        }
    }
}
