//! Counts: facets of lists, statistics, tables and charts; nothing uncertain is dropped, nothing unaccepted counted.

use kartoteka::editorial::reindex;
use serde_json::{Value, json};

use crate::{
    harness::{TestApp, cases, claim, create, id, person, source, trial, victim},
    storage::execute,
};

cases![
    dates_count_where_all_their_days_lie,
    ages_count_when_they_are_known_within_a_year,
    days_are_told_apart_as_the_calendar_does,
    several_values_count_each_and_the_entry_once,
    filters_choose_what_is_counted,
    only_what_is_public_is_counted,
    what_is_derived_anew_is_counted_anew,
    what_cannot_be_counted_by_is_refused,
    answers_are_tagged_and_by_what_is_accepted,
    facets_count_the_whole_list,
];

fn stats(app: &TestApp, query: &str) -> Value {
    app.anyone.get(&format!("/v1/stats/victims?{query}")).expect(200).json()
}

/// Rows as short text: `1937,execution=2`.
fn rows(stats: &Value) -> String {
    let row = |row: &Value| {
        let key: Vec<String> = row["key"].as_array().unwrap().iter().map(plain).collect();
        format!("{}={}", key.join(","), row["count"])
    };
    stats["rows"].as_array().unwrap().iter().map(row).collect::<Vec<_>>().join(" ")
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn sums(stats: &Value) -> (i64, i64, i64) {
    let number = |name: &str| stats[name].as_i64().unwrap();
    (number("total"), number("unknown"), number("uncertain"))
}

/// Victims that were arrested then; `-` for no word about it.
fn arrested(app: &TestApp, dates: &[&str]) {
    let s = id();
    let mut changes = vec![create("source", &s, &source("A"))];
    for (i, date) in dates.iter().enumerate() {
        let mut record = victim(&format!("N{i}"), if *date == "-" { "1937" } else { date }, &s);
        if *date == "-" {
            record["arrest"]["date"] = json!([{"status": "unknown"}]);
        }
        changes.push(create("victim", &id(), &record));
    }
    app.publish(Value::Array(changes));
}

fn dates_count_where_all_their_days_lie(app: &TestApp) {
    arrested(
        app,
        &["1937-08-05", "1937-08", "1937", "1938?", "[1936..1938]", "../1930", "193X", "1937-08-05", "-", "-0044"],
    );
    let by_year = stats(app, "by=arrested_year");
    assert_eq!(by_year["by"], json!(["arrested_year"]));
    assert_eq!(by_year["rows"][0], json!({"key": [1937], "count": 4}));
    assert_eq!(rows(&by_year), "1937=4 1938=1 null=5");
    assert_eq!(sums(&by_year), (10, 5, 4));
    assert!(by_year["rule"].as_str().unwrap().contains("all of its days"));
    assert_eq!(rows(&stats(app, "by=arrested_decade")), "1930=7 null=3");
    assert_eq!(rows(&stats(app, "by=arrested_month")), "1937-08=3 null=7");
    assert_eq!(rows(&stats(app, "by=arrest_day")), "1937-08-05=2 null=8");
    assert_eq!(
        rows(&stats(app, "by=arrested_year,arrested_month")),
        "1937,1937-08=3 1937,null=1 1938,null=1 null,null=5"
    );
    let none = stats(app, "by=executed_year");
    assert_eq!((rows(&none), sums(&none)), ("null=10".to_owned(), (10, 10, 0)));
    // The name of the field and the noun mean the same.
    let noun = stats(app, "by=arrest_year");
    assert_eq!((noun["by"][0].as_str(), &noun["rows"]), (Some("arrest_year"), &by_year["rows"]));
}

fn ages_count_when_they_are_known_within_a_year(app: &TestApp) {
    let s = id();
    let mut changes = vec![create("source", &s, &source("A"))];
    for (birth, arrest) in [
        ("1904-03-15", "1938-03-14"),
        ("1904-03-15", "1938-03-15"),
        ("1904", "1938-03-15"),
        ("1904/1906", "1938"),
        ("1939", "1938"),
        ("../1904", "1938"),
    ] {
        let mut record = victim(birth, arrest, &s);
        record["life"] = json!({"birth": {"date": [claim(json!({"edtf": birth}), &s)]}});
        changes.push(create("victim", &id(), &record));
    }
    changes.push(create("victim", &id(), &victim("X", "1938", &s)));
    app.publish(Value::Array(changes));
    let ages = stats(app, "by=age_at_arrest");
    assert_eq!(rows(&ages), "33=1 34=2 null=4");
    assert_eq!(sums(&ages), (7, 4, 3));
    assert_eq!(rows(&stats(app, "by=age_at_arrested,arrested_year")), "33,1938=1 34,1938=2 null,1938=4");
}

/// The database turns day numbers into dates by itself; it must agree with the calendar that the archive keeps.
fn days_are_told_apart_as_the_calendar_does(app: &TestApp) {
    let dates = [
        "0001-01-01",
        "0004-02-29",
        "0100-03-01",
        "1582-10-04",
        "1582-10-15",
        "1700-02-28",
        "1900-02-28",
        "1900-03-01",
        "1918-01-31",
        "1918-02-14",
        "1936-02-29",
        "1937-12-31",
        "1938-01-01",
        "2000-02-29",
        "2399-12-31",
        "9999-12-31",
    ];
    arrested(app, &dates);
    let expected: Vec<String> = dates.iter().map(|date| format!("{date}=1")).collect();
    assert_eq!(rows(&stats(app, "by=arrested_day")), expected.join(" "));
}

fn several_values_count_each_and_the_entry_once(app: &TestApp) {
    let s = id();
    let record = |name: &str, nationalities: &[&str], penalties: &[&str]| {
        let mut record = victim(name, "1937", &s);
        let coded = |code: &&str| json!({"value": {"code": code}});
        record["life"] = json!({"nationality": nationalities.iter().map(coded).collect::<Vec<_>>()});
        if !penalties.is_empty() {
            let kinds: Vec<_> = penalties.iter().map(|code| json!({"kind": {"code": code}})).collect();
            record["sentence"] = json!([{"value": {"penalties": kinds}}]);
        }
        create("victim", &id(), &record)
    };
    app.publish(json!([
        create("source", &s, &source("A")),
        record("A", &["pole", "german"], &["execution"]),
        record("B", &["pole"], &["execution"]),
        record("C", &[], &[]),
    ]));
    let one = stats(app, "by=nationality");
    assert_eq!((rows(&one), sums(&one)), ("german=1 pole=2 null=1".to_owned(), (3, 1, 0)));
    let two = stats(app, "by=nationality,sentence");
    assert_eq!(rows(&two), "german,execution=1 pole,execution=2 null,null=1");
    assert_eq!(sums(&two), (3, 1, 0));
    let three = stats(app, "by=nationality,penalty,arrested_month");
    assert_eq!(rows(&three), "german,execution,null=1 pole,execution,null=2 null,null,null=1");
    assert_eq!(sums(&three), (3, 3, 3));
    assert_eq!(rows(&stats(app, "by=group")), "false=3");
    let none = stats(app, "by=nationality&nationality=latvian");
    assert_eq!((rows(&none), sums(&none)), (String::new(), (0, 0, 0)));
}

fn filters_choose_what_is_counted(app: &TestApp) {
    let s = id();
    let record = |name: &str, sex: &str, date: &str| {
        let mut record = victim(name, date, &s);
        record["life"] = json!({"sex": [{"value": {"code": sex}}]});
        create("victim", &id(), &record)
    };
    app.publish(json!([
        create("source", &s, &source("A")),
        record("Иванова", "female", "1937-01-01"),
        record("Иванов", "male", "1938-02-02"),
        record("Петров", "male", "1938"),
    ]));
    assert_eq!(rows(&stats(app, "by=arrested_year&sex=male")), "1938=2");
    assert_eq!(rows(&stats(app, "by=sex&arrested=1938-02&cites=S1")), "male=2");
    assert_eq!(rows(&stats(app, "by=sex&name=%D0%BF%D0%B5%D1%82%D1%80%D0%BE%D0%B2")), "male=1");
    assert_eq!(rows(&stats(app, "by=sex&by=arrested_year&sex=female&sex=male")), "female,1937=1 male,1938=2");
    assert_eq!(rows(&stats(app, "by=sex&updated_since=2999-01-01T00:00:00Z")), "");
    app.publish(json!([create("trial", &id(), &trial("A"))]));
    let trials = app.anyone.get("/v1/stats/trials?by=court").expect(200).json();
    assert_eq!((rows(&trials), trials["kind"].clone()), ("null=1".to_owned(), json!("trial")));
    let people = app.anyone.get("/v1/stats/people?by=age_at_death").expect(200).json();
    assert_eq!(sums(&people), (0, 0, 0));
}

fn only_what_is_public_is_counted(app: &TestApp) {
    let total = || app.anyone.get("/v1/stats/people?by=sex").expect(200).json()["total"].clone();
    let listed = || app.anyone.get("/v1/people?facets=sex").expect(200).json();
    assert_eq!((total(), listed()["total"]["value"].clone()), (json!(0), json!(0)));
    let (a, b) = (id(), id());
    let submission =
        app.submit(json!([create("person", &a, &person("A", "x")), create("person", &b, &person("B", "x"))]));
    let submission = submission.expect(201).json();
    assert_eq!(total(), 0);
    app.approve(&submission).expect(200);
    assert_eq!((total(), listed()["facets"]["sex"].clone()), (json!(2), json!([{"value": null, "count": 2}])));
    app.publish(json!([{"op": "merge", "id": a, "into": b}]));
    assert_eq!((total(), listed()["total"]["value"].clone()), (json!(1), json!(1)));
    app.publish(json!([{"op": "retire", "id": b, "reason": "A test"}]));
    assert_eq!((total(), listed()["total"]["value"].clone()), (json!(0), json!(0)));
    app.publish(json!([{"op": "restore", "id": b}]));
    assert_eq!((total(), listed()["total"]["value"].clone()), (json!(1), json!(1)));
    let mut female = person("B", "x");
    female["life"] = json!({"sex": [{"value": {"code": "female"}}]});
    app.publish(json!([{"op": "update", "id": b, "body": female}]));
    assert_eq!(listed()["facets"]["sex"], json!([{"value": "female", "count": 1}]));
}

fn what_is_derived_anew_is_counted_anew(app: &TestApp) {
    arrested(app, &["1937"]);
    assert_eq!(rows(&stats(app, "by=arrested_year")), "1937=1");
    // As if an older program had derived it otherwise.
    execute(app, "UPDATE victim_projection SET arrested_lo = NULL, arrested_hi = NULL").unwrap();
    assert_eq!(rows(&stats(app, "by=arrested_year")), "1937=1", "remembered");
    assert_eq!(rows(&stats(app, "by=arrested_decade")), "null=1");
    reindex(&app.archive, |_| {}).unwrap();
    assert_eq!(rows(&stats(app, "by=arrested_decade")), "1930=1");
}

fn what_cannot_be_counted_by_is_refused(app: &TestApp) {
    let get = |query: &str| app.anyone.get(&format!("/v1/stats/victims?{query}")).expect_problem(400, "invalid_query");
    get("").expect_faults(&[("by", "missing_field")]);
    get("by=").expect_faults(&[("by", "unknown_code")]);
    get("by=sex,").expect_faults(&[("by", "unknown_code")]);
    get("by=penalty,sentence").expect_faults(&[("by", "duplicate")]);
    get("by=sex,group,party,operation").expect_faults(&[("by", "too_many")]);
    get("by=name").expect_faults(&[("by", "unknown_code")]);
    get("by=sex&sex=neither&colour=red&limit=5&facets=sex").expect_faults(&[
        ("sex", "unknown_code"),
        ("colour", "unknown_parameter"),
        ("limit", "unknown_parameter"),
        ("facets", "unknown_parameter"),
    ]);
    get("by=sex&format=png").expect_faults(&[("format", "unknown_code")]);
    get("by=sex&format=csv&format=svg").expect_faults(&[("format", "duplicate")]);
    get("by=sex,group,party&format=svg").expect_faults(&[("by", "too_many")]);
    get("by=sex%00").expect_faults(&[("by", "control_character")]);
    get("by=sex&tag=%00").expect_faults(&[("tag", "control_character")]);
    let long = "x".repeat(5_000);
    get(&format!("by={long}")).expect_faults(&[("by", "too_long")]);
    get(&format!("by=sex&tag={long}")).expect_faults(&[("tag", "too_long")]);
    get("by=sex&updated_since=now").expect_faults(&[("updated_since", "invalid_value")]);
    let detail = get("by=arested_year").json()["errors"][0]["detail"].clone();
    assert!(detail.as_str().unwrap().contains("Did you mean arrested_year? There are: group, sex, "), "{detail}");
    app.anyone.get("/v1/stats/heroes?by=sex").expect_problem(404, "route_not_found");
    app.anyone.post("/v1/stats/victims?by=sex", &json!({})).expect_problem(405, "method_not_allowed");
    let list = |query: &str| app.anyone.get(&format!("/v1/victims?{query}")).expect_problem(400, "invalid_query");
    list("facets=sexx&sort=size").expect_faults(&[("facets", "unknown_code"), ("sort", "invalid_value")]);
    let many: Vec<String> = ["arrested", "executed", "sentenced"]
        .iter()
        .flat_map(|field| ["decade", "year", "month", "day"].map(|grain| format!("{field}_{grain}")))
        .collect();
    list(&format!("facets={}", many.join(","))).expect_faults(&[("facets", "too_many")]);
}

fn answers_are_tagged_and_by_what_is_accepted(app: &TestApp) {
    arrested(app, &["1937", "1938"]);
    let path = "/v1/stats/victims?by=arrested_year";
    let accept = |types: &str| app.anyone.with("Accept", types).get(path).expect(200);
    for (types, expected) in [
        ("*/*", "application/json"),
        ("text/csv", "text/csv; charset=utf-8; header=present"),
        ("image/svg+xml", "image/svg+xml"),
        ("text/html, image/svg+xml;q=0.5, */*;q=0.1", "image/svg+xml"),
        ("text/csv;q=0.2, application/json;q=0.9", "application/json"),
        ("image/png", "application/json"),
        (";;;", "application/json"),
    ] {
        let answer = accept(types);
        assert_eq!(answer.header("content-type"), expected, "{types}");
        assert!(answer.header("vary").contains("Accept, Authorization"), "{}", answer.header("vary"));
        assert_eq!(answer.header("cache-control"), "public, no-cache");
        let tag = answer.header("etag").to_owned();
        let again = app.anyone.with("Accept", types).with("If-None-Match", &tag).get(path).expect(304);
        assert_eq!((again.text.as_str(), again.header("etag")), ("", tag.as_str()));
        assert!(again.header("vary").contains("Accept"));
    }
    assert_ne!(accept("text/csv").header("etag"), accept("image/svg+xml").header("etag"));
    let wanted = app.anyone.with("Accept", "image/svg+xml").get(&format!("{path}&format=json")).expect(200);
    assert_eq!(wanted.header("content-type"), "application/json", "format comes before Accept");
    app.anyone.with("Accept", "image/svg+xml").get("/v1/stats/victims?by=x").expect_problem(400, "invalid_query");
}

fn facets_count_the_whole_list(app: &TestApp) {
    let s = id();
    let mut changes = vec![create("source", &s, &source("A"))];
    for i in 0..60 {
        let mut record = victim("A", "1937", &s);
        record["tags"] = json!([format!("tag {i:02}"), "all"]);
        record["life"] = json!({"sex": [{"value": {"code": if i % 3 == 0 { "female" } else { "male" }}}]});
        changes.push(create("victim", &id(), &record));
    }
    changes.push(create("victim", &id(), &victim("A", "193X", &s)));
    app.publish(Value::Array(changes));
    let list = |query: &str| app.anyone.get(&format!("/v1/victims?{query}")).expect(200).json();
    assert!(list("limit=1").get("facets").is_none());
    let page = list("limit=1&facets=sex,arrest_year,tag&arrested=1937");
    assert_eq!(
        page["facets"]["sex"],
        json!([{"value": "male", "count": 40}, {"value": "female", "count": 20}, {"value": null, "count": 1}])
    );
    assert_eq!(page["facets"]["arrest_year"], json!([{"value": 1937, "count": 60}, {"value": null, "count": 1}]));
    let tags = page["facets"]["tag"].as_array().unwrap();
    assert_eq!((tags.len(), &tags[0]), (51, &json!({"value": "all", "count": 60})));
    assert_eq!((&tags[49]["value"], &tags[50]["value"]), (&json!("tag 48"), &Value::Null));
    assert_eq!(list("facets=sex&sex=female&limit=2")["facets"], json!({"sex": [{"value": "female", "count": 20}]}));
    // A cursor goes on with facets or without.
    let next = page["next"].as_str().unwrap();
    assert!(list(&format!("limit=1&arrested=1937&cursor={next}")).get("facets").is_none());
    assert_eq!(
        list(&format!("limit=1&facets=sex&arrested=1937&cursor={next}"))["facets"]["sex"],
        page["facets"]["sex"]
    );
}
