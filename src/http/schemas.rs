//! The schemas of the OpenAPI document: one for each kind in place of the stand-ins, and none twice.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use crate::model::kinds::REGISTRY;

/// Adds the schemas of every kind, and of what contains a body of the kind, in place of the stand-ins.
pub fn finish_schemas(document: &mut Value) {
    let Some(schemas) = document["components"]["schemas"].as_object_mut() else { return };
    for kind in REGISTRY {
        for (name, schema) in (kind.schemas)() {
            schemas.insert(name, serde_json::to_value(schema).unwrap_or_default());
        }
    }
    share(schemas);
    let generic: Vec<String> = schemas.keys().filter(|name| name.ends_with("_Body")).cloned().collect();
    for kind in REGISTRY {
        let body = (kind.schema_name)();
        for name in &generic {
            let text = schemas[name].to_string().replace("schemas/Body\"", &format!("schemas/{body}\""));
            let schema = serde_json::from_str(&text).unwrap_or_default();
            schemas.insert(name.replace("_Body", &format!("_{body}")), schema);
        }
        schemas[&body]["example"] = (kind.example)();
    }
    schemas.retain(|name, _| name != "Body" && !generic.contains(name));
    let mut sorted: Vec<_> = std::mem::take(schemas).into_iter().collect();
    sorted.sort_by(|a, b| a.0.cmp(&b.0));
    *schemas = sorted.into_iter().collect();
}

/// Where a generic type repeats the schema of its parameter, refers to that schema instead: clients get one type, not many.
fn share(schemas: &mut Map<String, Value>) {
    let known: HashMap<String, String> = schemas
        .iter()
        .filter(|(_, schema)| {
            schema.get("properties").is_some() || schema.get("enum").is_some() || schema.get("format").is_some()
        })
        .chain(schemas.iter().filter(|(name, _)| *name == "Body"))
        .map(|(name, schema)| (schema.to_string(), name.clone()))
        .collect();
    for schema in schemas.values_mut() {
        for inner in schema.as_object_mut().into_iter().flatten().map(|(_, inner)| inner) {
            refer(inner, &known);
        }
    }
}

fn refer(schema: &mut Value, known: &HashMap<String, String>) {
    if schema.is_object()
        && let Some(name) = known.get(&schema.to_string())
    {
        *schema = json!({"$ref": format!("#/components/schemas/{name}")});
        return;
    }
    match schema {
        Value::Object(fields) => fields.values_mut().for_each(|inner| refer(inner, known)),
        Value::Array(items) => items.iter_mut().for_each(|inner| refer(inner, known)),
        _ => {}
    }
}
