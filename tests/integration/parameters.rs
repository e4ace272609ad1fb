//! Query parameters, on every operation: those that are documented are taken, others are refused, and each says the same
//! of the same fault.

use serde_json::{Value, json};

use crate::{
    harness::{Answer, TestApp, cases},
    operations::{Described, described},
};

cases![
    documented_parameters_are_taken,
    other_parameters_are_refused_everywhere,
    slips_are_told_what_was_meant,
    what_can_be_given_once_is_refused_twice,
    missing_parameters_are_named,
];

/// Calls an operation as somebody who may, on something that does not exist, with a body that fits nothing.
fn ask(app: &TestApp, one: &Described, query: &str) -> Answer {
    let path = one.path.replace("{id}", "0199b2c4-0000-7000-8000-00000000ffff").replace("{number}", "1");
    let path =
        path.replace("{key_id}", "x").replace("{comment}", "x").replace("{position}", "0").replace("{code}", "x");
    let body = one.operation.has_body().then(|| json!({}).to_string().into_bytes());
    let caller = app.admin.with("Content-Type", "application/json").with("If-Match", "*");
    caller.send(&one.method.to_uppercase(), &format!("{path}?{query}"), body)
}

/// What is wrong with the parameters: name, code, sentence.
fn faults(answer: &Answer) -> Vec<(String, String, String)> {
    if answer.status != 400 || answer.json()["code"] != "invalid_query" {
        return vec![];
    }
    let json = answer.json();
    let text = |error: &Value, field: &str| error[field].as_str().unwrap().to_owned();
    let errors = json["errors"].as_array().unwrap();
    errors.iter().map(|error| (text(error, "pointer"), text(error, "code"), text(error, "detail"))).collect()
}

fn documented_parameters_are_taken(app: &TestApp) {
    let mut walked = 0;
    for one in described() {
        for name in one.names("query") {
            let found = faults(&ask(app, &one, &format!("{name}=x")));
            assert!(found.iter().all(|(_, code, _)| code != "unknown_parameter"), "{} {name}: {found:?}", one.id());
            walked += 1;
        }
    }
    assert!(walked > 500, "{walked}");
}

fn other_parameters_are_refused_everywhere(app: &TestApp) {
    for one in described() {
        let answer = ask(app, &one, "undocumented=x");
        let mut found = faults(&answer);
        found.retain(|(_, code, _)| code != "missing_field");
        let expected = ("undocumented", "unknown_parameter", "There is no parameter undocumented here.");
        let expected = [(expected.0.to_owned(), expected.1.to_owned(), expected.2.to_owned())];
        assert_eq!(found, expected, "{}: {} {}", one.id(), answer.status, answer.text);
    }
}

fn slips_are_told_what_was_meant(app: &TestApp) {
    let mut walked = 0;
    for one in described() {
        for (slip, meant) in [("limt", "limit"), ("formt", "format"), ("revison", "revision"), ("at_", "at")] {
            if one.names("query").contains(meant) {
                let found = faults(&ask(app, &one, &format!("{slip}=1")));
                let detail = format!("There is no parameter {slip} here; did you mean {meant}?");
                assert!(found.iter().any(|(_, _, said)| *said == detail), "{}: {found:?}", one.id());
                walked += 1;
            }
        }
    }
    assert!(walked > 40, "{walked}");
}

/// Names between commas may come in several parts.
const IN_PARTS: &[&str] = &["include", "fields"];

fn what_can_be_given_once_is_refused_twice(app: &TestApp) {
    let mut walked = 0;
    for one in described() {
        for parameter in one.parameters("query") {
            let name = parameter["name"].as_str().unwrap();
            if parameter["schema"]["type"] == "array" || IN_PARTS.contains(&name) {
                continue;
            }
            let found = faults(&ask(app, &one, &format!("{name}=a&{name}=b")));
            let expected = format!("{name} can be given once.");
            let is_named = |(pointer, code, detail): &(String, String, String)| {
                pointer == name && code == "duplicate" && *detail == expected
            };
            assert!(found.iter().any(is_named), "{} {name}: {found:?}", one.id());
            walked += 1;
        }
    }
    assert!(walked > 200, "{walked}");
}

fn missing_parameters_are_named(app: &TestApp) {
    let mut walked = 0;
    for one in described() {
        let parameters = one.parameters("query");
        if parameters.is_empty() || one.path == "/v1/changes/stream" {
            continue;
        }
        let required: Vec<_> = parameters.into_iter().filter(|parameter| parameter["required"] == true).collect();
        let found = faults(&ask(app, &one, ""));
        for parameter in &required {
            let name = parameter["name"].as_str().unwrap().to_owned();
            let detail = format!("The parameter {name} is required.");
            assert!(found.contains(&(name, "missing_field".to_owned(), detail)), "{}: {found:?}", one.id());
            walked += 1;
        }
        assert_eq!(found.len(), required.len(), "{}: {found:?}", one.id());
    }
    assert!(walked > 8, "{walked}");
}
