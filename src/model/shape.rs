//! What the parts of a canonical body are, told by their form alone: the same for every kind.

use serde_json::Value;

use super::parts::text::is_language_tag;

/// Tells whether an item of a list is a claim.
pub fn is_claim(item: &Value) -> bool {
    item.get("rank").is_some_and(Value::is_string) && (item.get("value").is_some() || item.get("status").is_some())
}

/// The id of a list item: of a claim, or of an item of a list that its kind declares as identified.
pub fn id_of(item: &Value) -> Option<&str> {
    item.get("id")?.as_str()
}

/// Tells whether the items of a list are told apart by themselves and not by their position.
pub fn is_identified_list(items: &[Value]) -> bool {
    items.iter().any(|item| is_claim(item) || id_of(item).is_some())
}

/// Tells whether a list of claims or other identified items stands anywhere inside.
pub fn holds_claims(value: &Value) -> bool {
    match value {
        Value::Array(items) => is_identified_list(items) || items.iter().any(holds_claims),
        Value::Object(fields) => fields.values().any(holds_claims),
        _ => false,
    }
}

/// Tells whether the value is prose per language.
pub fn is_localized(value: &Value) -> bool {
    value.as_object().is_some_and(|texts| {
        !texts.is_empty() && texts.iter().all(|(lang, text)| is_language_tag(lang) && text.is_string())
    })
}

/// Tells whether an object outside claims says one thing with all its fields together: an archive reference, a coded
/// value, a web link. Half of one and half of another would be something nobody said.
pub fn is_statement(value: &Value) -> bool {
    let has_scalar = |v: &Value| v.as_object().is_some_and(|f| f.values().any(|x| !x.is_object() && !x.is_array()));
    has_scalar(value) && !is_localized(value) && !holds_claims(value)
}
