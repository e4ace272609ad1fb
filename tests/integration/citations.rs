//! Citations of entries, revisions and sources, read back by what reads such files.

use kartoteka::model::kinds::REGISTRY;
use serde_json::{Value, json};

use crate::harness::{TestApp, cases, create, id, person, source};

cases![
    a_citation_names_the_revision,
    accept_decides_where_nothing_is_said,
    a_source_is_cited_as_a_work,
    odd_signs_break_no_format,
    what_is_gone_is_cited_by_revision,
    bibliographies_of_sources_are_exported,
];

fn parse(text: &str) -> biblatex::Bibliography {
    biblatex::Bibliography::parse(text).unwrap_or_else(|e| panic!("{e}: {text}"))
}

fn field(entry: &biblatex::Entry, name: &str) -> String {
    use biblatex::ChunksExt;
    entry.get(name).unwrap_or_else(|| panic!("no {name}")).format_verbatim()
}

/// References as tags and values; fails on what is no RIS.
fn ris(text: &str) -> Vec<Vec<(String, String)>> {
    let mut all = vec![vec![]];
    assert!(text.ends_with("\r\n") && !text.replace("\r\n", "").contains(['\r', '\n']), "{text:?}");
    for line in text.split_terminator("\r\n") {
        let (tag, value) = line.split_once("  - ").unwrap_or_else(|| panic!("{line:?}"));
        assert!(tag.len() == 2 && tag.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()), "{line:?}");
        all.last_mut().unwrap().push((tag.to_owned(), value.to_owned()));
        if tag == "ER" {
            all.push(vec![]);
        }
    }
    assert!(all.pop().unwrap().is_empty(), "the last reference has no end");
    assert!(all.iter().all(|r| r[0].0 == "TY"));
    all
}

fn value<'a>(reference: &'a [(String, String)], tag: &str) -> &'a str {
    &reference.iter().find(|(t, _)| t == tag).unwrap_or_else(|| panic!("no {tag}")).1
}

fn a_citation_names_the_revision(app: &TestApp) {
    app.publish(json!([create("person", &id(), &person("Бухарин", "one"))]));
    app.publish(json!([{"op": "update", "id": "P1", "body": person("Бухарин", "two")}]));
    for number in [1, 2] {
        let revision = app.anyone.get(&format!("/v1/people/P1/revisions/{number}")).expect(200).json();
        let hash = revision["hash"].as_str().unwrap();
        let day = &revision["at"].as_str().unwrap()[..10];
        let address = format!("http://127.0.0.1:8080/v1/people/P1/revisions/{number}");
        let cite = |query: &str| {
            let by_path = app.anyone.get(&format!("/v1/people/P1/revisions/{number}/cite?{query}")).expect(200);
            let by_query = app.anyone.get(&format!("/v1/people/P1/cite?revision={number}&{query}")).expect(200);
            assert_eq!(by_path.text, by_query.text);
            by_path.text
        };
        let english = cite("format=text");
        let russian = cite("format=text&lang=ru");
        for text in [&english, &russian, &cite("format=csl"), &cite("format=bibtex"), &cite("format=ris")] {
            for part in ["P1", hash, address.as_str(), "Kartoteka", "Бухарин"] {
                assert!(text.contains(part), "{part} is not in {text}");
            }
        }
        assert!(english.contains(&format!("revision {number} of ")), "{english}");
        assert!(russian.contains(&format!("редакция {number} от ")), "{russian}");
        let csl: Value = serde_json::from_str(&cite("format=csl")).unwrap();
        let parts: Vec<i64> = day.split('-').map(|n| n.parse().unwrap()).collect();
        assert_eq!(csl[0]["issued"]["date-parts"], json!([parts]));
        assert_eq!((&csl[0]["type"], &csl[0]["version"]), (&json!("entry"), &json!(number.to_string())));
        let bibliography = parse(&cite("format=bibtex"));
        let entry = bibliography.iter().next().unwrap();
        assert_eq!(entry.key, format!("kartoteka-P1-r{number}"));
        assert_eq!((field(entry, "date").as_str(), field(entry, "url")), (day, address.clone()));
        let reference = &ris(&cite("format=ris"))[0];
        assert_eq!(value(reference, "UR"), address);
        assert_eq!(value(reference, "DA"), format!("{}/", day.replace('-', "/")));
    }
    assert_eq!(
        app.anyone.get("/v1/people/p1/cite").expect(200).text,
        app.anyone.get("/v1/people/P1/revisions/2/cite").expect(200).text
    );
    app.anyone.get("/v1/people/P1/cite?revision=3").expect_problem(404, "not_found");
    app.anyone.get("/v1/people/P1/revisions/3/cite").expect_problem(404, "not_found");
    app.anyone.get("/v1/people/P2/cite").expect_problem(404, "not_found");
    for (query, fault) in [
        ("format=xml", ("format", "unknown_code")),
        ("lang=ka", ("lang", "unknown_code")),
        ("of=work", ("of", "invalid_value")),
        ("of=x", ("of", "unknown_code")),
        ("style=apa", ("style", "unknown_parameter")),
    ] {
        app.anyone.get(&format!("/v1/people/P1/cite?{query}")).expect(400).expect_faults(&[fault]);
    }
    let head = app.anyone.send("HEAD", "/v1/people/P1/cite", None).expect(200);
    app.anyone.with("If-None-Match", head.header("etag")).get("/v1/people/P1/cite").expect(304);
}

fn accept_decides_where_nothing_is_said(app: &TestApp) {
    app.publish(json!([create("person", &id(), &person("A", "one"))]));
    let content_type = |accept: &str| {
        let answer = app.anyone.with("Accept", accept).get("/v1/people/P1/cite").expect(200);
        assert!(answer.header("vary").contains("Accept"));
        answer.header("content-type").to_owned()
    };
    assert_eq!(content_type("*/*"), "text/plain; charset=utf-8");
    assert_eq!(content_type("application/x-bibtex"), "application/x-bibtex; charset=utf-8");
    assert_eq!(content_type("application/json"), "application/vnd.citationstyles.csl+json");
    assert_eq!(
        content_type("text/plain;q=0.2, application/x-research-info-systems;q=0.9, image/png"),
        "application/x-research-info-systems; charset=utf-8"
    );
    app.anyone.with("Accept", "image/png").get("/v1/people/P1/cite").expect_problem(406, "not_acceptable");
    app.anyone.with("Accept", "text/plain;q=0").get("/v1/people/P1/cite").expect_problem(406, "not_acceptable");
}

fn a_source_is_cited_as_a_work(app: &TestApp) {
    let author = id();
    let mut named = person("Ежов", "Николай");
    named["names"][0]["value"]["patronymic"] = json!("Иванович");
    let order = json!({
        "kind": {"code": "order"},
        "title": {"ru": "Оперативный приказ № 00447", "en": "Operational order no. 00447"},
        "creators": [
            {"role": "author", "who": {"entry": author, "text": "Н. Ежов"}},
            {"role": "issuing_body", "who": {"text": "НКВД СССР"}},
            {"role": "recipient", "who": {"text": "УНКВД"}}
        ],
        "date": [{"value": {"edtf": "1937-07-30"}}],
        "languages": ["ru"],
        "archive": {"repository": {"code": "ap_rf"}, "fond": "3", "opis": "58", "delo": "212",
                    "from": {"number": 59}, "to": {"number": 78, "verso": true}},
        "web": {"url": "https://archive.example/a_b?x={1}&y=100%25", "accessed": {"edtf": "2026-11-23"}}
    });
    app.publish(json!([create("person", &author, &named), create("source", &id(), &order)]));
    let cite = |query: &str| app.anyone.get(&format!("/v1/sources/S1/cite?of=work&{query}")).expect(200).text;
    let item = &serde_json::from_str::<Value>(&cite("format=csl&lang=ru")).unwrap()[0];
    assert_eq!(item["type"], "document");
    assert_eq!(item["title"], "Оперативный приказ № 00447");
    assert_eq!(item["author"], json!([{"family": "Ежов", "given": "Николай Иванович"}, {"literal": "НКВД СССР"}]));
    assert_eq!(item["issued"], json!({"date-parts": [[1937, 7, 30]]}));
    assert_eq!(item["archive"], "АП РФ");
    assert_eq!(
        (&item["archive_collection"], &item["archive_location"]),
        (&json!("Ф. 3 Оп. 58"), &json!("Д. 212 Л. 59–78об."))
    );
    let bibliography = parse(&cite("format=bibtex"));
    let entry = bibliography.iter().next().unwrap();
    assert_eq!(field(entry, "title"), "Operational order no. 00447");
    let authors = entry.author().unwrap();
    assert_eq!((authors[0].name.as_str(), authors[0].given_name.as_str()), ("Ежов", "Николай Иванович"));
    assert_eq!(authors[1].name, "НКВД СССР");
    let reference = &ris(&cite("format=ris"))[0];
    assert_eq!(value(reference, "AU"), "Ежов, Николай Иванович");
    assert_eq!(value(reference, "DA"), "1937/07/30/");
    let russian = cite("format=text&lang=ru");
    assert!(
        russian.starts_with("Ежов, Николай Иванович; НКВД СССР. Оперативный приказ № 00447. 30.07.1937."),
        "{russian}"
    );
    assert!(
        cite("format=text").contains("[Kartoteka, S1, revision 1, http://127.0.0.1:8080/v1/sources/S1/revisions/1")
    );
}

fn odd_signs_break_no_format(app: &TestApp) {
    let title = "A {b} } \\c & 100% of $5_#1 ~^ \"q\" – @misc{x,} ER  - \u{2028}end";
    app.publish(json!([create("source", &id(), &source(title))]));
    for of in ["record", "work"] {
        let cite =
            |format: &str| app.anyone.get(&format!("/v1/sources/S1/cite?of={of}&format={format}")).expect(200).text;
        let text = cite("bibtex");
        let depth = text.chars().scan(0i32, |depth, c| {
            *depth += i32::from(c == '{') - i32::from(c == '}');
            Some(*depth)
        });
        let depths: Vec<i32> = depth.collect();
        assert!(depths.iter().all(|d| *d >= 0) && depths.last() == Some(&0), "braces are paired: {text}");
        assert_eq!(parse(&text).len(), 1);
        assert_eq!(ris(&cite("ris")).len(), 1);
        assert_eq!(value(&ris(&cite("ris"))[0], "TI"), title.replace('\u{2028}', " "));
        let items: Value = serde_json::from_str(&cite("csl")).unwrap();
        assert_eq!(items[0]["title"], title.replace('\u{2028}', " "));
        assert_eq!(cite("text").trim_end().lines().count(), 1);
    }
}

fn what_is_gone_is_cited_by_revision(app: &TestApp) {
    app.publish(json!([
        create("person", &id(), &person("A", "one")),
        create("person", &id(), &person("A", "two")),
        create("person", &id(), &person("A", "three")),
    ]));
    app.publish(json!([{"op": "retire", "id": "P2", "reason": "Why not."}]));
    app.publish(json!([{"op": "merge", "id": "P3", "into": "P1"}]));
    app.anyone.get("/v1/people/P2/cite").expect_problem(410, "entry_retired");
    let moved = app.anyone.get("/v1/people/P3/cite?format=ris").expect(308);
    assert_eq!(moved.header("location"), "/v1/people/P1/cite?format=ris");
    for path in ["/v1/people/P2/cite?revision=1", "/v1/people/P3/revisions/1/cite"] {
        assert!(app.anyone.get(path).expect(200).text.contains("revision 1 of"), "{path}");
    }
}

fn bibliographies_of_sources_are_exported(app: &TestApp) {
    let changes: Vec<Value> = (0..7).map(|i| create("source", &id(), &source(&format!("Title {i}")))).collect();
    app.publish(json!(changes));
    let file = |format: &str| {
        let answer = app.anyone.get(&format!("/v1/export/sources?format={format}")).expect(200);
        let manifest = app.anyone.get(&format!("/v1/export/sources/manifest?format={format}")).expect(200).json();
        assert_eq!(manifest["count"], 7, "{format}");
        assert_eq!(manifest["sha256"], kartoteka::model::canon::sha256_hex(answer.text.as_bytes()));
        answer.text
    };
    let items: Value = serde_json::from_str(&file("csl")).unwrap();
    assert_eq!(items.as_array().unwrap().len(), 7);
    assert!(items.as_array().unwrap().iter().all(|i| i["type"] == "book"));
    assert_eq!(parse(&file("bibtex")).len(), 7);
    assert_eq!(ris(&file("ris")).len(), 7);
    for kind in REGISTRY.iter().filter(|k| k.name != "source") {
        let path = format!("/v1/export/{}?format=csl", kind.path);
        app.anyone.get(&path).expect(400).expect_faults(&[("format", "unknown_code")]);
    }
}
