//! Words for places of a body, for people who do not read JSON Pointers.

use serde_json::Value;

use super::shape::{id_of, is_claim, is_identified_list};

/// Characters of a value in a label.
const SHOWN: usize = 60;

/// The words of a field name.
pub fn words(key: &str) -> String {
    key.replace('_', " ")
}

/// A claim or another item in a few words; `None` when nothing in it can be read.
pub fn short(item: &Value) -> Option<String> {
    let text = if is_claim(item) { text_of(item.get("value").or_else(|| item.get("status"))?) } else { text_of(item) }?;
    let mut chars = text.chars();
    let shown: String = chars.by_ref().take(SHOWN).collect();
    Some(if chars.next().is_some() { format!("{}…", shown.trim_end()) } else { shown })
}

/// A value in words, as long as they are; `None` when nothing in it can be read.
pub fn text(value: &Value) -> Option<String> {
    text_of(value)
}

/// The fields that tell most, best first.
const TELLING: [&str; 11] =
    ["full", "edtf", "text", "title", "verbatim", "article", "name", "code", "years", "person", "entry"];

fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(yes) => Some(if *yes { "yes" } else { "no" }.to_owned()),
        Value::Array(items) if is_identified_list(items) => None,
        Value::Array(items) => items.iter().find_map(text_of),
        Value::Object(fields) => {
            let name = ["family", "given", "patronymic"].map(|part| fields.get(part).and_then(Value::as_str));
            let name = name.into_iter().flatten().collect::<Vec<_>>().join(" ");
            if !name.is_empty() {
                return Some(name);
            }
            let telling = TELLING.iter().find_map(|key| text_of(fields.get(*key)?));
            telling.or_else(|| fields.iter().filter(|(key, _)| *key != "id").find_map(|(_, inner)| text_of(inner)))
        }
        Value::Null => None,
    }
}

/// Whether an item is worth a short rendering in a label.
pub fn is_named(item: &Value) -> bool {
    is_claim(item) || id_of(item).is_some()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn items_are_known_by_what_tells_most() {
        for (item, expected) in [
            (
                json!({"rank": "normal", "value": {"kind": "main", "family": "Кузьмин", "given": "Василий"}}),
                "Кузьмин Василий",
            ),
            (json!({"rank": "normal", "value": {"edtf": "1938-03", "calendar": "julian"}}), "1938-03"),
            (json!({"rank": "normal", "status": "unknown"}), "unknown"),
            (json!({"rank": "normal", "value": {"party": {"code": "vkpb"}}}), "vkpb"),
            (json!({"id": "x", "person": {"entry": "0199"}, "plea": [{"rank": "normal", "value": "guilty"}]}), "0199"),
            (json!({"rank": "normal", "value": {"low": 5}}), "5"),
            (json!({"rank": "normal", "value": true}), "yes"),
        ] {
            assert_eq!(short(&item).as_deref(), Some(expected));
        }
        assert_eq!(short(&json!({"rank": "normal", "value": {}})), None);
        assert_eq!(short(&json!("x".repeat(70))).map(|s| s.chars().count()), Some(61));
    }
}
