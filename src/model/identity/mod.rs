//! Which claim is which across revisions: every claim of a canonical body has an id that stays while its content is
//! edited. Clients may keep ids, or leave them out; then the archive finds or makes them.

use std::collections::HashSet;

use serde_json::Value;

use super::{
    errors::{FieldCode, FieldErrors, cut, pointer_token},
    shape::id_of,
};

mod assign;
mod pairing;
mod pointers;

pub use assign::{assign, make_unique, strip_shared};
pub use pairing::{canonical_text, content_hash, pair, statement, without_ids};
pub use pointers::{by_id, by_position, locate};

/// Refuses ids that name two claims of one entry.
pub fn check(body: &Value) -> FieldErrors {
    let mut errors = FieldErrors::default();
    let mut seen = HashSet::new();
    visit_ids(body, "", &mut |id, pointer| {
        if !seen.insert(id.to_owned()) {
            let detail = format!("The id {} names two claims of this entry.", cut(id));
            errors.push(format!("{pointer}/id"), FieldCode::Duplicate, detail);
        }
    });
    errors
}

/// Every id of a body.
fn ids(body: &Value) -> HashSet<String> {
    let mut found = HashSet::new();
    visit_ids(body, "", &mut |id, _| {
        found.insert(id.to_owned());
    });
    found
}

fn visit_ids(value: &Value, pointer: &str, visit: &mut impl FnMut(&str, &str)) {
    match value {
        Value::Object(fields) => {
            for (key, item) in fields {
                visit_ids(item, &format!("{pointer}/{}", pointer_token(key)), visit);
            }
        }
        Value::Array(items) => {
            for (i, item) in items.iter().enumerate() {
                let at = format!("{pointer}/{i}");
                if let Some(id) = id_of(item) {
                    visit(id, &at);
                }
                visit_ids(item, &at, visit);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests;
