//! Suggested changes: JSON Patch on a submission that names items of lists by their ids.

use serde_json::{Value, json};

use crate::{
    model::{
        errors::{FieldCode, FieldErrors, cut},
        identity::{by_id, by_position},
        limits::Limits,
        patch, precheck,
    },
    usecase::{Error, Result},
};

/// Operations of a suggestion.
const MOST_OPS: usize = 200;
/// Bytes of a suggestion, and bytes that it may add by copying.
const MOST_BYTES: usize = 64 * 1024;

/// A suggestion that can be applied to a submission as it is.
pub struct Suggestion {
    /// The operations, with ids in place of positions.
    operations: Vec<Value>,
    /// The submission with the suggestion applied.
    pub patched: Value,
}

fn refused(detail: impl Into<String>) -> FieldErrors {
    FieldErrors::one("/suggestion", FieldCode::PatchFailed, detail)
}

impl Suggestion {
    /// Reads a JSON Patch and applies it. Only the summary and proposed bodies can be changed by one.
    pub fn read(suggestion: &Value, document: &Value) -> std::result::Result<Self, FieldErrors> {
        let given = suggestion.as_array().ok_or_else(|| refused("Not a JSON Patch: it is an array of operations."))?;
        if given.is_empty() || given.len() > MOST_OPS {
            return Err(refused(format!("A suggestion has 1 to {MOST_OPS} operations.")));
        }
        precheck::check(suggestion, &Limits::default()).map_err(|found| {
            let mut errors = FieldErrors::default();
            errors.extend_at("/suggestion", found);
            errors
        })?;
        if suggestion.to_string().len() > MOST_BYTES {
            return Err(refused(format!("A suggestion has at most {MOST_BYTES} bytes.")));
        }
        let (mut patched, mut left) = (document.clone(), MOST_BYTES);
        let mut operations = Vec::new();
        for operation in given {
            // Each is read against what those before it have left.
            operations.push(renamed(operation, &patched, by_id)?);
            let by_positions = renamed(operation, &patched, by_position)?;
            patch::step(&mut patched, &by_positions, &mut left).map_err(refused)?;
        }
        Ok(Self { operations, patched })
    }

    /// The form it is stored in.
    pub fn stored(&self) -> Result<String> {
        serde_json::to_string(&self.operations).map_err(|e| Error::Internal(format!("a suggestion as JSON: {e}")))
    }
}

type Renaming = fn(&Value, &str) -> Option<String>;

/// An operation with its places named in another way.
fn renamed(operation: &Value, document: &Value, rename: Renaming) -> std::result::Result<Value, FieldErrors> {
    let mut operation = operation.clone();
    for field in ["path", "from"] {
        let Some(place) = operation.get(field) else { continue };
        let place = place.as_str().ok_or_else(|| refused(format!("{field} is a JSON Pointer.")))?;
        if !is_changeable(document, place) {
            return Err(refused(format!("{} cannot be changed by a suggestion.", cut(place))));
        }
        let name =
            named(document, place, rename).ok_or_else(|| refused(format!("There is no place {}.", cut(place))))?;
        operation[field] = json!(name);
    }
    Ok(operation)
}

/// The place under its other name. The end of a list (`-`, or the position after the last) has none of its own.
fn named(document: &Value, place: &str, rename: Renaming) -> Option<String> {
    rename(document, place).or_else(|| {
        let (list, end) = place.rsplit_once('/')?;
        let list = rename(document, list)?;
        let is_end = end == "-" || end.parse::<usize>().is_ok();
        is_end.then(|| format!("{list}/{end}"))
    })
}

/// The summary, and what stands in a body that is proposed.
fn is_changeable(document: &Value, place: &str) -> bool {
    let parts: Vec<&str> = place.split('/').skip(1).collect();
    match parts.as_slice() {
        ["summary"] => true,
        ["changes", change, "body", ..] => {
            let body = by_position(document, &format!("/changes/{change}/body"));
            let op = by_position(document, &format!("/changes/{change}/op"));
            let at = |pointer: Option<String>| pointer.and_then(|p| document.pointer(&p));
            let proposes = at(op).and_then(Value::as_str).is_some_and(|op| ["create", "update", "merge"].contains(&op));
            proposes && at(body).is_some_and(Value::is_object)
        }
        _ => false,
    }
}
