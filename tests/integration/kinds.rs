//! Every registered kind through its whole life: a new kind is covered by being registered.

use kartoteka::model::{
    kinds::{KindDescriptor, REGISTRY},
    limits::Limits,
    projection::references,
};
use serde_json::{Value, json};

use crate::harness::{TestApp, cases, create, id};

cases![every_kind_lives_through_its_example, every_link_is_a_filter];

/// The least body of a kind, for entries that an example refers to.
fn least(kind: &str) -> Value {
    match kind {
        "person" => crate::harness::person("A", "B"),
        "trial" => crate::harness::trial("A"),
        "victim" => json!({"names": [{"value": {"kind": "main", "full": "A"}}]}),
        "source" => crate::harness::source("A"),
        other => panic!("no least body for {other}: its example may refer to the known kinds only"),
    }
}

/// The example of a kind, with what it refers to.
fn with_targets(kind: &'static KindDescriptor, entry: &str) -> Vec<Value> {
    let accepted = kind.accept((kind.example)(), &Limits::default(), None).unwrap();
    let mut changes = Vec::new();
    let mut made = Vec::new();
    for reference in references(kind, &accepted.value) {
        let target = reference.target.as_str().to_owned();
        if !made.contains(&target) {
            let target_kind = reference.rule.unwrap().kinds[0];
            changes.push(create(target_kind, &target, &least(target_kind)));
            made.push(target);
        }
    }
    changes.push(create(kind.name, entry, &accepted.value));
    changes
}

fn every_kind_lives_through_its_example(app: &TestApp) {
    let mut made: Vec<String> = Vec::new();
    for kind in REGISTRY {
        let entry = id();
        let mut changes = with_targets(kind, &entry);
        changes.retain(|c| !made.contains(&c["id"].to_string()));
        made.extend(changes.iter().map(|c| c["id"].to_string()));
        app.publish(json!(changes));
        let path = format!("/v1/{}/{entry}", kind.path);
        let read = app.anyone.get(&path).expect(200).json();
        assert_eq!(read["kind"], kind.name);
        assert!(read["ref"].as_str().unwrap().starts_with(kind.prefix));
        let accepted = kind.accept((kind.example)(), &Limits::default(), None).unwrap();
        assert_eq!(read["body"], accepted.value);
        let links = app.anyone.get(&format!("{path}/links?limit=200")).expect(200).json();
        let named = links["outgoing"].as_array().unwrap().len();
        assert_eq!(named, references(kind, &accepted.value).len());
        let list = app.anyone.get(&format!("/v1/{}?sort=-updated", kind.path)).expect(200).json();
        let summary = list["items"].as_array().unwrap().iter().find(|i| i["id"] == entry).unwrap();
        for field in kind.fields.iter().filter(|f| f.in_summary) {
            let has_value =
                kartoteka::model::projection::select(&accepted.value, field).iter().flatten().next().is_some();
            assert!(!has_value || !summary[field.name].is_null(), "{} {}", kind.name, field.name);
        }
        app.publish(json!([{"op": "retire", "id": entry, "reason": "x"}]));
        app.anyone.get(&path).expect(410);
        app.publish(json!([{"op": "restore", "id": entry}]));
        assert_eq!(app.anyone.get(&path).expect(200).json()["body"], accepted.value);
    }
}

fn every_link_is_a_filter(app: &TestApp) {
    for kind in REGISTRY {
        for rule in kind.references {
            let path = format!("/v1/{}?{}=P1", kind.path, rule.rel);
            assert_eq!(app.anyone.get(&path).expect(200).json()["total"]["value"], 0, "{path}");
        }
        for parameter in kartoteka::research::parameters(kind) {
            let value = match (parameter.values.first(), parameter.is_boolean) {
                (Some(code), _) => *code,
                (_, true) => "true",
                _ if parameter.name.ends_with("count") => "3",
                _ => parameter.example.as_deref().unwrap_or("1937"),
            };
            if kind.references.iter().any(|r| r.rel == parameter.name) || parameter.name == "cites" {
                continue;
            }
            app.anyone.get(&format!("/v1/{}?{}={value}", kind.path, parameter.name)).expect(200);
        }
    }
}
