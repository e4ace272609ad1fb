//! Reading what is public: entries, history, lists, filters, links, the feed, and HTTP's ways of saving work.

use serde_json::{Value, json};

use crate::harness::{TestApp, cases, claim, create, id, person, source, trial, victim};

cases![
    an_entry_is_read_by_id_and_by_ref,
    an_entry_is_read_as_it_was,
    revisions_form_a_chain_of_hashes,
    differences_are_given_as_patch_and_by_place,
    tags_save_sending_what_the_client_has,
    lists_are_walked_page_by_page_in_every_order,
    cursors_belong_to_their_list,
    filters_work_on_uncertain_dates,
    filters_combine_codes_names_links_and_flags,
    full_views_give_bodies,
    links_lead_both_ways_and_page,
    the_feed_is_gapless,
    vocabularies_and_problems_explain_themselves,
];

fn refs(list: &Value) -> Vec<String> {
    list["items"].as_array().unwrap().iter().map(|i| i["ref"].as_str().unwrap().to_owned()).collect()
}

fn an_entry_is_read_by_id_and_by_ref(app: &TestApp) {
    let p = id();
    app.publish(json!([create("person", &p, &person("Бухарин", "Николай"))]));
    let by_ref = app.anyone.get("/v1/people/P1").expect(200);
    let entry = by_ref.json();
    for path in [format!("/v1/people/{p}"), format!("/v1/people/{}", p.to_uppercase()), "/v1/people/p1".to_owned()] {
        assert_eq!(app.anyone.get(&path).expect(200).text, by_ref.text, "{path}");
    }
    assert_eq!(
        (&entry["id"], &entry["ref"], &entry["kind"], &entry["status"]),
        (&json!(p), &json!("P1"), &json!("person"), &json!("active"))
    );
    assert_eq!(entry["links"]["self"], "/v1/people/P1");
    for link in ["self", "revisions", "links", "diff", "collection"] {
        app.anyone.get(entry["links"][link].as_str().unwrap()).expect(200);
    }
    let hash =
        kartoteka::model::canon::sha256_hex(kartoteka::model::canon::canonical(&entry["body"]).unwrap().as_bytes());
    assert_eq!(entry["hash"], hash, "a reader can compute the hash from the body");
    for missing in ["P2", "T1", "V1", "X1", "P01", "P", "P99999999999999999999", "'--", "%00"] {
        app.anyone.get(&format!("/v1/people/{missing}")).expect_problem(404, "not_found");
    }
    app.anyone.get(&format!("/v1/trials/{p}")).expect_problem(404, "not_found");
    app.anyone.get("/v1/ghosts/G1").expect_problem(404, "route_not_found");
}

fn an_entry_is_read_as_it_was(app: &TestApp) {
    app.publish(json!([create("person", &id(), &person("A", "one"))]));
    let first = app.anyone.get("/v1/people/P1").expect(200).json();
    app.publish(json!([{"op": "update", "id": "P1", "body": person("A", "two")}]));
    let second = app.anyone.get("/v1/people/P1").expect(200).json();
    assert_eq!(first["created_at"], second["created_at"]);
    let at = |time: &Value| app.anyone.get(&format!("/v1/people/P1?at={}", time.as_str().unwrap()));
    assert_eq!(at(&first["updated_at"]).expect(200).json(), first);
    assert_eq!(at(&second["updated_at"]).expect(200).json(), second);
    app.anyone.get("/v1/people/P1?at=2001-01-01T00:00:00Z").expect_problem(404, "not_found");
    app.anyone.get("/v1/people/P1?revision=3").expect_problem(404, "not_found");
    app.anyone.get("/v1/people/P1?revision=0").expect(400).expect_faults(&[("revision", "invalid_value")]);
    app.anyone.get("/v1/people/P1?at=once").expect(400).expect_faults(&[("at", "invalid_value")]);
    app.publish(json!([{"op": "retire", "id": "P1", "reason": "Why not."}]));
    app.anyone.get("/v1/people/P1?at=2200-01-01T00:00:00Z").expect_problem(410, "entry_retired");
    assert_eq!(at(&second["updated_at"]).expect(200).json(), second);
}

fn revisions_form_a_chain_of_hashes(app: &TestApp) {
    app.publish(json!([create("person", &id(), &person("A", "1"))]));
    for i in 2..=5 {
        app.publish(json!([{"op": "update", "id": "P1", "body": person("A", &i.to_string())}]));
    }
    let all = app.anyone.get("/v1/people/P1/revisions").expect(200).json();
    let items = all["items"].as_array().unwrap();
    assert_eq!(all["total"], json!({"value": 5, "exact": true}));
    assert_eq!(items.iter().map(|r| r["revision"].as_i64().unwrap()).collect::<Vec<_>>(), [5, 4, 3, 2, 1]);
    for pair in items.windows(2) {
        assert_eq!(pair[0]["parent"], pair[1]["hash"]);
        assert!(pair[0]["at"].as_str() >= pair[1]["at"].as_str());
    }
    assert_eq!(items[4]["parent"], Value::Null);
    assert_eq!(
        (&items[0]["author"], &items[0]["reviewers"], &items[0]["summary"]),
        (&json!("editor"), &json!(["moderator"]), &json!("A test"))
    );
    let page = app.anyone.get("/v1/people/P1/revisions?limit=2").expect(200).json();
    let next = app
        .anyone
        .get(&format!("/v1/people/P1/revisions?limit=2&cursor={}", page["next"].as_str().unwrap()))
        .expect(200)
        .json();
    assert_eq!(next["items"][0]["revision"], 3);
    let one = app.anyone.get("/v1/people/P1/revisions/4").expect(200);
    assert_eq!(one.json()["body"]["names"][0]["value"]["given"], "4");
    assert!(one.header("cache-control").contains("immutable"));
    app.anyone.get("/v1/people/P1/revisions/6").expect_problem(404, "not_found");
    app.anyone.get("/v1/people/P1/revisions/x").expect_problem(404, "not_found");
}

fn differences_are_given_as_patch_and_by_place(app: &TestApp) {
    app.publish(json!([create("person", &id(), &person("A", "B"))]));
    let mut changed = person("A", "C");
    changed["tags"] = json!(["new"]);
    app.publish(json!([{"op": "update", "id": "P1", "body": changed}]));
    let diff = app.anyone.get("/v1/people/P1/diff").expect(200).json();
    assert_eq!((&diff["from"], &diff["to"]), (&json!(1), &json!(2)));
    let places: Vec<_> = diff["fields"].as_array().unwrap().iter().map(|f| f["pointer"].as_str().unwrap()).collect();
    assert_eq!(places, ["/names/0/value/given", "/tags"]);
    assert_eq!((&diff["fields"][0]["old"], &diff["fields"][0]["new"]), (&json!("B"), &json!("C")));
    let body = |n: i64| app.anyone.get(&format!("/v1/people/P1?revision={n}")).expect(200).json()["body"].clone();
    let mut patched = body(1);
    json_patch::patch(&mut patched, &serde_json::from_value::<json_patch::Patch>(diff["patch"].clone()).unwrap())
        .unwrap();
    assert_eq!(patched, body(2));
    let from_nothing = app.anyone.get("/v1/people/P1/diff?from=0&to=1").expect(200).json();
    assert_eq!(from_nothing["fields"][0]["change"], "added");
    app.anyone.get("/v1/people/P1/diff?from=1&to=7").expect_problem(404, "not_found");
}

fn tags_save_sending_what_the_client_has(app: &TestApp) {
    app.publish(json!([create("person", &id(), &person("A", "B"))]));
    for path in [
        "/v1/people/P1",
        "/v1/people",
        "/v1/people/P1/revisions",
        "/v1/people/P1/links",
        "/v1/changes",
        "/openapi.json",
        "/v1/vocabularies",
    ] {
        let read = app.anyone.get(path).expect(200);
        let tag = read.header("etag").to_owned();
        assert!(tag.starts_with('"'), "{path}: a strong tag");
        let again = app.anyone.with("If-None-Match", &tag).get(path).expect(304);
        assert!(again.text.is_empty() && again.header("etag") == tag, "{path}");
        app.anyone.with("If-None-Match", "\"other\"").get(path).expect(200);
        let head = app.anyone.send("HEAD", path, None).expect(200);
        assert!(head.text.is_empty() && head.header("etag") == tag, "{path}");
    }
    let many = format!("\"x\", W/{}", app.anyone.get("/v1/people/P1").header("etag"));
    app.anyone.with("If-None-Match", &many).get("/v1/people/P1").expect(304);
    app.publish(json!([{"op": "update", "id": "P1", "body": person("A", "C")}]));
    app.anyone.with("If-None-Match", &many).get("/v1/people/P1").expect(200);
}

fn lists_are_walked_page_by_page_in_every_order(app: &TestApp) {
    let names = ["Юрий", "Анна", "Ёлка", "Жанна", "ёж", "Борис", "Zoe"];
    for name in names {
        app.publish(json!([create("person", &id(), &person(name, "x"))]));
    }
    app.publish(json!([{"op": "update", "id": "P3", "body": person("Ёлка", "y")}]));
    for sort in ["ref", "-ref", "label", "-label", "updated", "-updated"] {
        let whole = refs(&app.anyone.get(&format!("/v1/people?sort={sort}")).expect(200).json());
        assert_eq!(whole.len(), 7);
        let mut walked = Vec::new();
        let mut path = format!("/v1/people?limit=2&sort={sort}");
        loop {
            let answer = app.anyone.get(&path).expect(200);
            let page = answer.json();
            assert_eq!(page["total"], json!({"value": 7, "exact": true}));
            walked.extend(refs(&page));
            match page["next"].as_str() {
                Some(cursor) => {
                    let link = answer.header("link");
                    assert!(
                        link.starts_with("</v1/people?") && link.contains(cursor) && link.ends_with("rel=\"next\"")
                    );
                    path = link[1..].split('>').next().unwrap().to_owned();
                }
                None => break,
            }
        }
        assert_eq!(walked, whole, "{sort}");
    }
    let by_label = refs(&app.anyone.get("/v1/people?sort=label").expect(200).json());
    // Zoe, Анна, Борис, ёж (еж), Ёлка (елка), Жанна, Юрий: the same on both databases.
    assert_eq!(by_label, ["P7", "P2", "P6", "P5", "P3", "P4", "P1"]);
    assert_eq!(refs(&app.anyone.get("/v1/people?sort=-updated&limit=1").expect(200).json()), ["P3"]);
    app.publish(json!([create("source", &id(), &source("A"))]));
    for path in
        ["/v1/sources/S1/revisions/1?x=1", "/v1/sources/S1/diff?x=1", "/v1/sources/S1/links?x=1", "/v1/changes?x=1"]
    {
        app.anyone.get(path).expect(400).expect_faults(&[("x", "unknown_parameter")]);
    }
    app.editor.get("/v1/me?x=1").expect_problem(400, "invalid_query");
    for bad in ["limit=0", "limit=201", "limit=x", "limit=1&limit=2", "sort=size", "view=half", "updated_since=now"] {
        app.anyone.get(&format!("/v1/people?{bad}")).expect_problem(400, "invalid_query");
    }
}

fn cursors_belong_to_their_list(app: &TestApp) {
    for name in ["A", "B", "C"] {
        app.publish(json!([create("person", &id(), &person(name, "x"))]));
    }
    let page = app.anyone.get("/v1/people?limit=1&name=x").expect(200).json();
    let cursor = page["next"].as_str().unwrap();
    app.anyone.get(&format!("/v1/people?limit=2&name=x&cursor={cursor}")).expect(200);
    for other in [
        format!("/v1/people?name=y&cursor={cursor}"),
        format!("/v1/people?cursor={cursor}"),
        format!("/v1/trials?name=x&cursor={cursor}"),
    ] {
        let status = app.anyone.get(&other).status;
        assert_eq!(status, 400, "{other}");
    }
    for forged in ["x", "AAAA", &cursor[..cursor.len() - 2], &format!("{cursor}A")] {
        app.anyone.get(&format!("/v1/people?name=x&cursor={forged}")).expect_problem(400, "invalid_cursor");
    }
}

fn filters_work_on_uncertain_dates(app: &TestApp) {
    let s = id();
    app.publish(json!([create("source", &s, &source("A"))]));
    let dates = ["1937-08-05", "1937", "1937-08", "1938?", "[1936..1938]", "../1930", "193X"];
    for date in dates {
        app.publish(json!([create("victim", &id(), &victim(date, date, &s))]));
    }
    let mut unknown = victim("unknown", "1937", &s);
    unknown["arrest"]["date"] = json!([{"status": "unknown"}]);
    app.publish(json!([create("victim", &id(), &unknown)]));
    let found = |query: &str| refs(&app.anyone.get(&format!("/v1/victims?{query}")).expect(200).json()).join(" ");
    assert_eq!(found("arrested=1937"), "V1 V2 V3 V5 V7");
    assert_eq!(found("arrested=1937-08-05"), "V1 V2 V3 V5 V7");
    assert_eq!(found("arrested=1937-08-06"), "V2 V3 V5 V7");
    assert_eq!(found("arrested=1920"), "V6");
    assert_eq!(found("arrested_from=1938-06"), "V4 V5 V7");
    assert_eq!(found("arrested_to=1930"), "V6 V7");
    assert_eq!(found("arrested_from=1937-08-05&arrested_to=1937-08-05"), "V1 V2 V3 V5 V7");
    assert_eq!(found("arrested=1920&arrested=1938-06"), "V4 V5 V6 V7");
    app.anyone.get("/v1/victims?arrested=2016-13-08").expect(400).expect_faults(&[("arrested", "invalid_date")]);
    // A Julian date is found under its Gregorian day.
    let mut old_style = person("Bukharin", "Nikolai");
    old_style["life"] = json!({"birth": {"date": [claim(json!({"edtf": "1888-09-27", "calendar": "julian"}), &s)]}});
    app.publish(json!([create("person", &id(), &old_style)]));
    let people = app.anyone.get("/v1/people?birth=1888-10-09").expect(200).json();
    assert_eq!(
        people["items"][0]["birth"],
        json!({"edtf": "1888-09-27", "calendar": "julian", "earliest": "1888-10-09", "latest": "1888-10-09"})
    );
    assert_eq!(app.anyone.get("/v1/people?birth=1888-09-27").expect(200).json()["total"]["value"], 0);
}

fn filters_combine_codes_names_links_and_flags(app: &TestApp) {
    let (s, p) = (id(), id());
    let mut a = victim("Иванова Анна", "1937", &s);
    a["person"] = json!([{"value": {"entry": p}}]);
    a["life"] = json!({"sex": [{"value": {"code": "female"}}], "nationality": [{"value": {"code": "latvian"}}, {"value": {"code": "russian"}}]});
    a["articles"] = json!([{"value": {"article": "58-10"}}]);
    let mut b = victim("Иванов Пётръ", "1937", &s);
    b["life"] = json!({"sex": [{"value": {"code": "male"}}], "nationality": [{"value": {"code": "russian"}, "rank": "deprecated"}]});
    let group = json!({"group": {"title": {"en": "A group"}, "estimates": [claim(json!({"measure": {"code": "executed"}, "low": 10, "high": 20}), &s)]}});
    app.publish(json!([
        create("source", &s, &source("A")),
        create("person", &p, &person("Иванова", "Анна")),
        create("victim", &id(), &a),
        create("victim", &id(), &b),
        create("victim", &id(), &group),
    ]));
    let found = |query: &str| refs(&app.anyone.get(&format!("/v1/victims?{query}")).expect(200).json()).join(" ");
    assert_eq!(found("sex=female"), "V1");
    assert_eq!(found("sex=female&sex=male"), "V1 V2");
    assert_eq!(found("nationality=russian"), "V1", "a claim known to be wrong does not count");
    assert_eq!(found("sex=male&nationality=latvian"), "");
    assert_eq!(found("group=true"), "V3");
    assert_eq!(found("group=false&article=58-10"), "V1");
    assert_eq!(found("name=%D0%BF%D0%B5%D1%82%D1%80"), "V2", "Пётръ is found as петр");
    assert_eq!(found("name=%D0%98%D0%92%D0%90%D0%9D%D0%9E%D0%92%D0%90%20%D0%B0%D0%BD%D0%BD%D0%B0"), "V1");
    assert_eq!(found("person=P1"), "V1");
    assert_eq!(found(&format!("person={p}")), "V1");
    assert_eq!(found("cites=S1"), "V1 V2 V3");
    assert_eq!(found("cites=S9"), "");
    app.anyone.get("/v1/victims?sex=neither&colour=red&person=x&group=maybe").expect(400).expect_faults(&[
        ("sex", "unknown_code"),
        ("colour", "unknown_parameter"),
        ("person", "invalid_id"),
        ("group", "invalid_value"),
    ]);
    let detail = app.anyone.get("/v1/victims?sexx=male").expect(400).json()["detail"].clone();
    assert!(detail.as_str().unwrap().contains("did you mean sex"), "{detail}");
}

fn full_views_give_bodies(app: &TestApp) {
    app.publish(json!([create("person", &id(), &person("A", "B"))]));
    let list = app.anyone.get("/v1/people?view=full").expect(200).json();
    assert_eq!(list["items"][0], app.anyone.get("/v1/people/P1").expect(200).json());
}

fn links_lead_both_ways_and_page(app: &TestApp) {
    let (s, t) = (id(), id());
    let mut case = trial("A trial");
    case["titles"][0]["citations"] = json!([{"source": s}]);
    let mut changes = vec![create("source", &s, &source("A")), create("trial", &t, &case)];
    for i in 0..5 {
        let mut record = victim(&format!("N{i}"), "1937", &s);
        record["trial"] = json!([{"value": {"entry": t}}]);
        changes.push(create("victim", &id(), &record));
    }
    app.publish(json!(changes));
    let all = app.anyone.get("/v1/trials/T1/links").expect(200).json();
    assert_eq!(all["outgoing"].as_array().unwrap().len(), 1);
    assert_eq!(all["outgoing"][0]["rel"], "cites");
    assert_eq!(all["outgoing"][0]["pointer"], "/titles/0/citations/0/source");
    assert_eq!(all["incoming"].as_array().unwrap().len(), 5);
    let only = app.anyone.get("/v1/sources/S1/links?rel=cites&limit=3").expect(200);
    assert_eq!(only.json()["total"]["value"], 11);
    let one_way =
        |direction: &str| app.anyone.get(&format!("/v1/trials/T1/links?direction={direction}")).expect(200).json();
    let count = |links: &Value, side: &str| links[side].as_array().unwrap().len();
    let (out, back) = (one_way("outgoing"), one_way("incoming"));
    assert_eq!((count(&out, "outgoing"), count(&out, "incoming"), &out["total"]["value"]), (1, 0, &json!(1)));
    assert_eq!((count(&back, "outgoing"), count(&back, "incoming"), &back["total"]["value"]), (0, 5, &json!(5)));
    app.anyone.get("/v1/trials/T1/links?direction=up").expect(400).expect_faults(&[("direction", "unknown_code")]);
    let mut seen = Vec::new();
    let mut path = "/v1/sources/S1/links?rel=cites&limit=3".to_owned();
    loop {
        let page = app.anyone.get(&path).expect(200).json();
        seen.extend(
            page["incoming"]
                .as_array()
                .unwrap()
                .iter()
                .map(|l| (l["entry"]["ref"].to_string(), l["pointer"].to_string())),
        );
        match page["next"].as_str() {
            Some(cursor) => path = format!("/v1/sources/S1/links?rel=cites&limit=3&cursor={cursor}"),
            None => break,
        }
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 11);
    app.anyone.get("/v1/sources/S1/links?rel=kissed").expect(400).expect_faults(&[("rel", "unknown_code")]);
    // A retired entry is linked from nowhere.
    app.publish(json!([{"op": "retire", "id": "V1", "reason": "x"}]));
    assert_eq!(app.anyone.get("/v1/trials/T1/links").expect(200).json()["incoming"].as_array().unwrap().len(), 4);
}

fn the_feed_is_gapless(app: &TestApp) {
    for i in 0..7 {
        app.publish(json!([
            create("person", &id(), &person("A", &i.to_string())),
            create("source", &id(), &source("B"))
        ]));
    }
    let mut seqs = Vec::new();
    let mut after = 0;
    loop {
        let page = app.anyone.get(&format!("/v1/changes?after={after}&limit=5")).expect(200).json();
        seqs.extend(page["items"].as_array().unwrap().iter().map(|e| e["seq"].as_i64().unwrap()));
        match page["next"].as_str() {
            Some(next) => after = next.parse().unwrap(),
            None => break,
        }
    }
    assert_eq!(seqs, (1..=14).collect::<Vec<_>>());
    let event = app.anyone.get("/v1/changes?limit=1").expect(200).json()["items"][0].clone();
    assert_eq!(
        (&event["type"], &event["entry"]["ref"], &event["revision"]),
        (&json!("created"), &json!("P1"), &json!(1))
    );
}

fn vocabularies_and_problems_explain_themselves(app: &TestApp) {
    let vocabularies = app.anyone.get("/v1/vocabularies").expect(200).json();
    let sex = vocabularies.as_array().unwrap().iter().find(|v| v["name"] == "sex").unwrap();
    assert_eq!(sex["terms"][1], json!({"code": "female", "label": {"en": "female", "ru": "женский"}}));
    assert_eq!(sex["terms"].as_array().unwrap().last().unwrap()["code"], "unrecognised");
    for problem in app.anyone.get("/problems").expect(200).json()["problems"].as_array().unwrap() {
        app.anyone.get(&format!("/problems/{}", problem["code"].as_str().unwrap())).expect(200);
    }
    app.anyone.get("/problems/none").expect_problem(404, "not_found");
    app.anyone.get("/health/live").expect(200);
    app.anyone.get("/health/ready").expect(200);
}
