//! What changed between two bodies: as JSON Patch (RFC 6902), and place by place.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// One place that changed.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Change {
    /// JSON Pointer of the place.
    #[schema(example = "/life/death/date/0/value/edtf")]
    pub pointer: String,
    pub change: ChangeType,
    /// What stood there; absent when the place was added.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<serde_json::Value>)]
    pub old: Option<Value>,
    /// What stands there now; absent when the place was removed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<serde_json::Value>)]
    pub new: Option<Value>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChangeType {
    Added,
    Removed,
    Changed,
}

/// The JSON Patch that turns `from` into `to`.
pub fn patch(from: &Value, to: &Value) -> json_patch::Patch {
    json_patch::diff(from, to)
}

/// Every place that differs, in document order. List items are compared by their position.
pub fn changes(from: &Value, to: &Value) -> Vec<Change> {
    let mut found = Vec::new();
    compare("", Some(from), Some(to), &mut found);
    found
}

fn compare(pointer: &str, old: Option<&Value>, new: Option<&Value>, found: &mut Vec<Change>) {
    match (old, new) {
        (old, new) if old == new => {}
        (Some(Value::Object(a)), Some(Value::Object(b))) => {
            let keys: std::collections::BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            for key in keys {
                compare(&format!("{pointer}/{}", super::errors::pointer_token(key)), a.get(key), b.get(key), found);
            }
        }
        (Some(Value::Array(a)), Some(Value::Array(b))) => {
            for i in 0..a.len().max(b.len()) {
                compare(&format!("{pointer}/{i}"), a.get(i), b.get(i), found);
            }
        }
        (old, new) => {
            let change = match (old, new) {
                (None, _) => ChangeType::Added,
                (_, None) => ChangeType::Removed,
                _ => ChangeType::Changed,
            };
            found.push(Change { pointer: pointer.to_owned(), change, old: old.cloned(), new: new.cloned() });
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn changes_name_their_places() {
        let found = changes(&json!({"a": [1, 2], "b/c": "x"}), &json!({"a": [1], "b/c": "y", "d": true}));
        let places: Vec<_> = found.iter().map(|c| (c.pointer.as_str(), c.change)).collect();
        assert_eq!(places, [("/a/1", ChangeType::Removed), ("/b~1c", ChangeType::Changed), ("/d", ChangeType::Added)]);
    }

    fn document() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            any::<bool>().prop_map(Value::from),
            any::<u8>().prop_map(Value::from),
            "[a-z/~]{0,3}".prop_map(Value::from)
        ];
        leaf.prop_recursive(3, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map("[a-c/~]{1,2}", inner, 0..4)
                    .prop_map(|m| Value::Object(m.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn applying_the_patch_gives_the_target(from in document(), to in document()) {
            let mut patched = from.clone();
            json_patch::patch(&mut patched, &patch(&from, &to)).unwrap();
            prop_assert_eq!(patched, to);
        }

        #[test]
        fn only_equal_documents_have_no_changes(from in document(), to in document()) {
            prop_assert_eq!(changes(&from, &to).is_empty(), from == to);
        }
    }
}
