//! JSON Patch (RFC 6902) and merge patch (RFC 7396), with bounds: a short patch can make a document of any size.

use serde_json::Value;

use super::{
    errors::{FieldCode, FieldErrors, cut_to, quoted},
    identity::locate,
};

/// Operations of one JSON Patch.
pub const MOST_OPERATIONS: usize = 5_000;

/// So many items of lists may be moved in place of adding a byte.
const MOVED_FOR_A_BYTE: usize = 16;

fn failed(detail: impl Into<String>) -> FieldErrors {
    FieldErrors::one("/patch", FieldCode::PatchFailed, detail)
}

/// Applies a JSON Patch (an array) or a merge patch (an object). `room` is how many bytes of JSON a patch may add.
pub fn apply(document: &mut Value, patch: &Value, room: usize) -> Result<(), FieldErrors> {
    match patch {
        Value::Object(_) => {
            // No larger than what was sent.
            json_patch::merge(document, patch);
            Ok(())
        }
        Value::Array(operations) => {
            if operations.len() > MOST_OPERATIONS {
                return Err(failed(format!("A patch has at most {MOST_OPERATIONS} operations.")));
            }
            let mut left = room;
            operations.iter().enumerate().try_for_each(|(i, operation)| {
                step(document, operation, &mut left).map_err(|reason| failed(format!("Operation {i}: {reason}.")))
            })
        }
        _ => Err(failed("A patch is an array (JSON Patch) or an object (merge patch).")),
    }
}

/// What an operation can be (RFC 6902 section 4).
const OPERATIONS: [&str; 6] = ["add", "remove", "replace", "move", "copy", "test"];

/// Applies one operation, if what it adds fits into the room that is left. The reason is part of a sentence.
pub fn step(document: &mut Value, operation: &Value, left: &mut usize) -> Result<(), String> {
    if let Some(op) = operation["op"].as_str().filter(|op| !OPERATIONS.contains(op)) {
        return Err(format!("{} is none of: {}", quoted(op), OPERATIONS.join(", ")));
    }
    let read: json_patch::PatchOperation = serde_json::from_value(operation.clone())
        .map_err(|e| format!("it is none of JSON Patch: {}", cut_to(&e.to_string(), 120)))?;
    // Only a copy makes more of what is there; the others add what was sent.
    if let Some(from) = operation.get("from").and_then(Value::as_str).filter(|_| operation["op"] == "copy") {
        let size = locate(document, from).map_or(0, size_of);
        *left = left.checked_sub(size).ok_or("the document becomes too large")?;
    }
    // Items behind the place of an item are moved.
    let places = ["path", "from"].into_iter().filter_map(|name| operation.get(name)?.as_str());
    let moved: usize = places.map(|place| behind(document, place)).sum();
    *left = left.checked_sub(moved / MOVED_FOR_A_BYTE).ok_or("the patch moves too many items of long lists")?;
    json_patch::patch(document, &[read]).map_err(|e| e.kind.to_string())
}

/// How many items of its list stand behind the one at a pointer; nothing where it is no item.
fn behind(document: &Value, pointer: &str) -> usize {
    let Some((list, token)) = pointer.rsplit_once('/') else { return 0 };
    let Some(Value::Array(items)) = document.pointer(list) else { return 0 };
    token.parse::<usize>().map_or(0, |position| items.len().saturating_sub(position))
}

/// About how many bytes of JSON a value takes.
fn size_of(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len() + 2,
        Value::Array(items) => items.iter().map(|item| size_of(item) + 1).sum::<usize>() + 2,
        Value::Object(fields) => fields.iter().map(|(key, item)| key.len() + size_of(item) + 4).sum::<usize>() + 2,
        _ => 8,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_short_patch_cannot_make_a_long_document() {
        let mut operations = vec![json!({"op": "add", "path": "/x", "value": {"a": "b".repeat(20)}})];
        operations.extend((0..60).map(|i| json!({"op": "copy", "from": "/x", "path": format!("/x/k{i}")})));
        let mut document = json!({});
        assert!(apply(&mut document, &json!(operations), 100_000).is_err());
        assert!(document.to_string().len() < 200_000);
        let many = vec![json!({"op": "test", "path": "", "value": {}}); MOST_OPERATIONS + 1];
        assert!(apply(&mut json!({}), &json!(many), 100).is_err());
    }

    #[test]
    fn patches_of_both_kinds_are_applied() {
        let mut document = json!({"a": 1, "b": [1, 2]});
        apply(&mut document, &json!({"a": null, "c": {"d": 1}}), 100).unwrap();
        let patch = json!([{"op": "copy", "from": "/b", "path": "/e"}, {"op": "remove", "path": "/b/0"}]);
        apply(&mut document, &patch, 100).unwrap();
        assert_eq!(document, json!({"b": [2], "c": {"d": 1}, "e": [1, 2]}));
        let failing = json!([{"op": "test", "path": "/b", "value": 1}]);
        let found = apply(&mut document, &failing, 100).unwrap_err();
        assert!(found.0[0].detail.starts_with("Operation 0: "), "{found:?}");
        assert!(apply(&mut document, &json!("x"), 100).is_err());
        assert!(apply(&mut document, &json!([{"op": "fly"}]), 100).is_err());
    }
}
