//! How much a request may ask for: conditions, and the address they stand in.

use kartoteka::http::document;
use serde_json::{Value, json};

use crate::harness::{TestApp, cases, create, id, person, recorder, source, trial, victim};

cases![
    every_parameter_of_every_list_has_its_bound,
    conditions_count_over_all_parameters,
    equal_conditions_are_asked_once,
    addresses_are_bounded,
];

/// Parameters that page or choose a form: they ask for nothing that has to be looked for.
const FORM: &[&str] =
    &["limit", "cursor", "sort", "view", "format", "rows", "snapshot", "lang", "of", "after", "match"];

/// The reading operations of the document: an address of each, and its parameters.
fn readings() -> Vec<(String, Vec<Value>)> {
    let document = document();
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        let Some(operation) = item.get("get") else { continue };
        let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
        let asked: Vec<Value> = parameters.into_iter().filter(|p| p["in"] == "query").collect();
        let address = path.replace("{id}", ENTRY).replace("{number}", "1").replace("{code}", "x");
        all.push((address.replace("{comment}", "1"), asked));
    }
    all
}

const ENTRY: &str = "0199b2c4-0000-7000-8000-00000000ffff";

fn name_of(parameter: &Value) -> &str {
    parameter["name"].as_str().unwrap()
}

fn values(count: usize) -> Vec<String> {
    (0..count).map(|n| format!("v{n}")).collect()
}

fn every_parameter_of_every_list_has_its_bound(app: &TestApp) {
    let mut walked = 0;
    for (address, parameters) in readings() {
        for parameter in parameters.iter().filter(|p| !FORM.contains(&name_of(p))) {
            let is_filter = ["/v1/people", "/v1/trials", "/v1/victims", "/v1/sources", "/v1/stats", "/v1/export"];
            let is_filter = is_filter.iter().any(|start| address.starts_with(start)) && !address.contains(ENTRY);
            let name = name_of(parameter).to_owned();
            for name in [name.clone(), format!("not.{name}")].into_iter().take(if is_filter { 2 } else { 1 }) {
                let repeated: String = values(65).iter().map(|value| format!("{name}={value}&")).collect();
                let listed = format!("{name}={}", values(65).join(","));
                let words = format!("{name}={}", values(65).join("+"));
                for query in [repeated, listed, words] {
                    let answer = app.admin.get(&format!("{address}?{query}")).expect_problem(400, "invalid_query");
                    let detail = answer.json()["detail"].as_str().unwrap().to_owned();
                    assert!(detail.contains("At most 64 conditions"), "{address} {name}: {detail}");
                    answer.expect_faults(&[(&name, "too_many")]);
                }
                walked += 1;
            }
        }
    }
    assert!(walked > 300, "{walked}");
}

fn conditions_count_over_all_parameters(app: &TestApp) {
    let tags: String = values(60).iter().map(|value| format!("tag={value}&")).collect();
    for (rest, status) in [
        ("sex=male&sex=female&not.sex=male&facets=sex", 200),
        ("sex=male&sex=female&not.sex=male&facets=sex&limit=5&sort=label&view=full", 200),
        ("sex=male&sex=female&not.sex=male&facets=sex,tag", 400),
        ("include=sources&fields=label,ref&updated_since=2026-01-01T00:00:00Z&at=2026-01-01T00:00:00Z", 400),
        ("q=one+two+three&has=tag,sex", 400),
    ] {
        app.anyone.get(&format!("/v1/people?{tags}{rest}")).expect(status);
    }
    // Texts of what changes something are no conditions.
    app.publish(json!([create("person", &id(), &person("A", "B"))]));
    let reason = "because,of,".repeat(40);
    app.editor.with("If-Match", "*").delete(&format!("/v1/people/P1?reason={reason}")).expect(202);
}

/// A value that a filter takes.
fn value_for(parameter: &Value) -> String {
    let schema = &parameter["schema"];
    let named = schema["enum"][0].as_str().or(schema["items"]["enum"][0].as_str()).or(parameter["example"][0].as_str());
    let named = named.or(parameter["example"].as_str());
    let leads_to = parameter["description"].as_str().unwrap().starts_with("Id or ref");
    let name = name_of(parameter);
    let is_boolean = schema.to_string().contains("boolean");
    match named {
        Some(named) => named.to_owned(),
        None if is_boolean => "true".to_owned(),
        None if leads_to => "P1".to_owned(),
        None if name.ends_with("_from") || name.ends_with("_to") => "1937".to_owned(),
        None if name == "facets" || name == "by" => "tag".to_owned(),
        None if name == "at" || name == "updated_since" => "2026-01-01T00:00:00Z".to_owned(),
        None if ["certainty", "rank"].contains(&name) => "disputed".to_owned(),
        None => "1".to_owned(),
    }
}

fn equal_conditions_are_asked_once(app: &TestApp) {
    let (cited, cites) = (id(), id());
    app.publish(json!([
        create("source", &cited, &source("A source")),
        create("person", &id(), &person("A", "B")),
        create("trial", &id(), &trial("A trial")),
        create("victim", &cites, &victim("A", "1937", &cited)),
    ]));
    let (mut walked, mut refused) = (0, Vec::new());
    for (address, parameters) in readings() {
        let is_list = ["/v1/people", "/v1/trials", "/v1/victims", "/v1/sources", "/v1/stats"];
        if !is_list.iter().any(|start| address.starts_with(start)) || address.contains(ENTRY) {
            continue;
        }
        let base = if address.starts_with("/v1/stats") { "by=tag&" } else { "" };
        for parameter in parameters.iter().filter(|p| !["cursor", "limit", "format"].contains(&name_of(p))) {
            let (name, value) = (name_of(parameter), value_for(parameter));
            let base = if name == "by" { "" } else { base };
            let query = |condition: &str, times: usize| format!("{address}?{base}{}", condition.repeat(times));
            let once = format!("{name}={}&", value.replace('+', "%2B"));
            let answer = app.anyone.get(&query(&once, 1));
            if answer.status != 200 {
                refused.push(format!(
                    "{} {}",
                    query(&once, 1),
                    answer.json()["detail"].to_string().chars().take(200).collect::<String>()
                ));
                continue;
            }
            let mut same = vec![(once.clone(), 70)];
            if ["has", "facets", "by", "include", "fields", "named_by"].contains(&name) {
                same.push((format!("{name}={}&", vec![value.as_str(); 30].join(",")), 1));
            }
            // Counts are remembered by now, so that the same statements are left.
            let asked = recorder::statements(&app.database.url, || drop(app.anyone.get(&query(&once, 1)).expect(200)));
            for (condition, times) in same {
                let again = || {
                    let again = app.anyone.get(&query(&condition, times)).expect(200).json();
                    assert_eq!(again, answer.json(), "{}", query(&condition, times));
                };
                // The list in one value is another question to the memory of counts.
                again();
                assert_eq!(recorder::statements(&app.database.url, again), asked, "{}", query(&condition, times));
            }
            walked += 1;
        }
    }
    assert!(walked > 200 && refused.is_empty(), "{walked} {refused:#?}");
}

fn addresses_are_bounded(app: &TestApp) {
    let longest = |path: &str| format!("{path}?x={}", "y".repeat(8_192 - path.len() - 3));
    for path in ["/v1/people", "/v1/search", "/nothing", "/docs/", "/health/live", "/openapi.json"] {
        let fits = app.anyone.get(&longest(path));
        assert_ne!(fits.status, 414, "{path}");
        app.anyone.get(&format!("{}y", longest(path))).expect_problem(414, "address_too_long");
    }
    app.editor.post(&format!("{}y", longest("/v1/people")), &json!({})).expect_problem(414, "address_too_long");
    app.anyone.get(&format!("/{}", "y".repeat(9_000))).expect_problem(414, "address_too_long");
}
