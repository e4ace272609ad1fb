//! The parameters that differ from kind to kind, in the OpenAPI document.

use serde_json::{Value, json};

use crate::{
    model::{dimensions::dimensions, kinds::KindDescriptor},
    research::{MOST_FACETS, MOST_STATS, parameters},
};

/// What a kind can be counted by, in the parameter that names it.
pub fn name_dimensions(kind: &KindDescriptor, parameter: &mut Value) {
    let names: Vec<String> = dimensions(kind).into_iter().map(|d| d.name).collect();
    let most = if parameter["name"] == "by" { MOST_STATS } else { MOST_FACETS };
    parameter["example"] = json!(names.iter().take(1).collect::<Vec<_>>());
    parameter["schema"] =
        json!({"type": "array", "minItems": 1, "maxItems": most, "items": {"type": "string", "enum": names}});
    parameter["style"] = json!("form");
    parameter["explode"] = json!(false);
}

/// The filters of a kind as parameters.
pub fn filters(kind: &KindDescriptor) -> Vec<Value> {
    let describe = |p: crate::research::FilterParameter| {
        let item = match (p.values.is_empty(), p.is_boolean) {
            (false, _) => json!({"type": "string", "enum": p.values}),
            (_, true) => json!({"type": "boolean"}),
            _ => json!({"type": "string"}),
        };
        let schema = if p.is_single { item } else { json!({"type": "array", "items": item}) };
        let mut parameter =
            json!({"name": p.name, "in": "query", "required": false, "description": p.description, "schema": schema});
        if !p.is_single {
            parameter["style"] = json!("form");
            parameter["explode"] = json!(true);
        }
        if let Some(example) = p.example {
            parameter["example"] = json!([example]);
        }
        parameter
    };
    parameters(kind).into_iter().map(describe).collect()
}
