//! The OpenAPI document: the committed file is the one that is served, and it says all it should.

use std::collections::HashSet;

use kartoteka::{
    http::{document, pretty, problem::ProblemCode},
    model::{errors::FieldCode, kinds::REGISTRY},
};
use serde_json::Value;

use crate::harness::{TestApp, cases, plain_cases, with_an_end};

cases![the_served_document_is_the_committed_file, every_documented_operation_is_served, docs_are_bundled];
plain_cases![
    every_operation_is_complete,
    every_reference_resolves,
    schema_names_are_unique,
    every_code_is_produced_and_documented,
];

fn file(name: &str) -> String {
    let path = format!("{}/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{path}: {e}"))
}

fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            all.push((path.clone(), method.clone(), operation.clone()));
        }
    }
    all
}

fn the_served_document_is_the_committed_file(app: &TestApp) {
    let served = app.anyone.get("/openapi.json").expect(200);
    assert!(served.text == pretty(&document()));
    let committed = file("openapi/openapi.json");
    assert!(
        committed == served.text,
        "openapi/openapi.json is out of date: cargo run -- openapi > openapi/openapi.json"
    );
    let yaml = app.anyone.get("/openapi.yaml").expect(200);
    assert_eq!(yaml.header("content-type"), "application/yaml");
    assert!(yaml.text.contains("\nopenapi: 3.1.0\n"));
    for (path, _, _) in operations(&document()) {
        assert!(yaml.text.contains(&format!("  {path}:")), "{path}");
    }
}

fn every_documented_operation_is_served(app: &TestApp) {
    for (path, method, _) in operations(&document()) {
        let address = with_an_end(&path).replace("{id}", "P1").replace("{number}", "1").replace("{code}", "not_found");
        let answer = app.anyone.send(&method.to_uppercase(), &address, None);
        assert_ne!(answer.status, 405, "{method} {path}");
        if answer.status == 404 {
            assert_ne!(answer.json()["code"], "route_not_found", "{method} {path}");
        }
    }
}

fn docs_are_bundled(app: &TestApp) {
    let page = app.anyone.get("/docs/").expect(200);
    assert!(page.text.contains("swagger-ui"));
    let files = [
        ("", "text/html; charset=utf-8"),
        ("index.html", "text/html; charset=utf-8"),
        ("swagger-ui.css", "text/css; charset=utf-8"),
        ("swagger-ui-bundle.js", "text/javascript; charset=utf-8"),
        ("swagger-initializer.js", "text/javascript; charset=utf-8"),
        ("favicon-32x32.png", "image/png"),
    ];
    for (file, content_type) in files {
        let answer = app.anyone.get(&format!("/docs/{file}")).expect(200);
        assert!(!answer.text.is_empty());
        assert_eq!(answer.header("content-type"), content_type);
    }
    app.anyone.get("/docs/another").expect_problem(404, "route_not_found");
    app.anyone.send("POST", "/docs/", None).expect_problem(404, "route_not_found");
    let outside = page.text.matches("https://").chain(page.text.matches("http://")).count();
    assert_eq!(outside, 0, "nothing is loaded from elsewhere");
    assert_eq!(app.anyone.get("/docs").expect(308).header("location"), "/docs/");
}

fn every_operation_is_complete() {
    let document = document();
    let mut ids = HashSet::new();
    for (path, method, operation) in operations(&document) {
        let at = format!("{method} {path}");
        let text = |field: &str| operation[field].as_str().unwrap_or_default().to_owned();
        assert!(ids.insert(text("operationId")), "{at}: operationId twice");
        assert!(!text("summary").is_empty() && !text("summary").contains("entry"), "{at}: {}", text("summary"));
        assert!(!operation["tags"][0].as_str().unwrap_or_default().contains('{'), "{at}");
        assert!(operation["security"].is_array(), "{at}");
        let responses = operation["responses"].as_object().unwrap();
        assert!(responses.keys().any(|s| s.starts_with('2') || s == "302"), "{at}");
        for status in ["400", "500", "503"] {
            assert!(responses.contains_key(status), "{at} {status}");
        }
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            assert!(parameter["description"].as_str().is_some_and(|d| !d.is_empty()), "{at} {parameter}");
        }
        assert!(!operation.to_string().contains("_Body"), "{at}: a stand-in is left");
        for (status, response) in responses.iter().filter(|(status, _)| status.starts_with('2')) {
            if let Some(content) = response.pointer("/content/application~1json") {
                let example = content.get("example").unwrap_or_else(|| panic!("{at} {status} has no example"));
                fits(&document, &content["schema"], example, &at);
            }
        }
        if let Some(content) = operation.pointer("/requestBody/content/application~1json")
            && let Some(example) = content.get("example")
        {
            fits(&document, &content["schema"], example, &at);
        }
        assert!(!path.contains("{kind}"));
    }
    for kind in REGISTRY {
        let name = (kind.schema_name)();
        let schema = &document["components"]["schemas"][&name];
        assert!(schema["properties"].is_object(), "{name}");
        assert_eq!(schema["example"], (kind.example)());
        assert_eq!(schema["additionalProperties"], false, "{name} refuses unknown fields");
        let entry = &document["components"]["schemas"][format!("EntryView_{name}")];
        assert_eq!(entry["properties"]["body"]["$ref"], format!("#/components/schemas/{name}"));
    }
}

/// Whether an example has the required fields of its schema, and no others where others are refused.
fn fits(document: &Value, schema: &Value, example: &Value, at: &str) {
    if let Some(target) = schema["$ref"].as_str() {
        return fits(document, document.pointer(target.trim_start_matches('#')).unwrap(), example, at);
    }
    for part in schema["allOf"].as_array().into_iter().flatten() {
        fits(document, part, example, at);
    }
    for field in schema["required"].as_array().into_iter().flatten() {
        assert!(example.get(field.as_str().unwrap()).is_some(), "{at}: the example has no {field}");
    }
    for (field, inner) in schema["properties"].as_object().into_iter().flatten() {
        if let Some(value) = example.get(field).filter(|v| !v.is_null()) {
            fits(document, inner, value, at);
        }
    }
    for item in example.as_array().into_iter().flatten() {
        fits(document, &schema["items"], item, at);
    }
}

fn every_reference_resolves() {
    let document = document();
    let text = document.to_string();
    for part in text.split("\"$ref\":\"").skip(1) {
        let target = part.split('"').next().unwrap();
        assert!(document.pointer(target.trim_start_matches('#')).is_some(), "{target}");
    }
}

fn schema_names_are_unique() {
    let mut known: Vec<(String, Value)> = Vec::new();
    for kind in REGISTRY {
        for (name, schema) in (kind.schemas)() {
            let schema = serde_json::to_value(schema).unwrap();
            match known.iter().find(|(n, _)| *n == name) {
                Some((_, other)) => assert_eq!(&schema, other, "two schemas are named {name}"),
                None => known.push((name, schema)),
            }
        }
    }
}

/// All source text of the program.
fn sources() -> String {
    fn walk(folder: &std::path::Path, text: &mut String) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, text);
            } else if path.extension().is_some_and(|e| e == "rs") {
                text.push_str(&std::fs::read_to_string(path).unwrap());
            }
        }
    }
    let mut text = String::new();
    walk(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut text);
    text
}

fn every_code_is_produced_and_documented() {
    let sources = sources();
    let guide = file("docs/api-guide.md");
    for code in ProblemCode::ALL {
        let uses = sources.matches(&format!("ProblemCode::{code:?}")).count()
            + sources.matches(&format!("Code::{code:?}")).count();
        // 408 is made by the web server and given its shape by status.
        assert!(uses > 0 || *code == ProblemCode::RequestTimeout, "{code:?} is never produced");
        assert!(guide.contains(&format!("`{code}`")), "{code} is not in docs/api-guide.md");
    }
    for (code, wire, _) in FieldCode::ALL {
        assert!(sources.contains(&format!("FieldCode::{code:?}")), "{code:?} is never produced");
        assert!(guide.contains(&format!("`{wire}`")), "{wire} is not in docs/api-guide.md");
    }
}
