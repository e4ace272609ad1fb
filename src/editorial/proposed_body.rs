//! The body an entry would have by a change: given whole, patched, or taken from an older revision.

use serde_json::Value;

use super::prepare::ProposedChange;
use crate::{
    model::{
        errors::{FieldCode, FieldErrors},
        kinds::{AcceptedBody, KindDescriptor},
        limits::Limits,
        patch,
    },
    store::{EntryRow, ReadTx},
    usecase::{Error, Result},
};

/// The body of a revision.
pub fn stored_body(tx: &mut ReadTx, entry_id: &str, number: i64) -> Result<Value> {
    let revision = tx.revision(entry_id, number)?.ok_or(Error::NotFound("revision"))?;
    parse(&revision.body)
}

/// A body that may be absent; `{}` then.
pub fn body_value(body: Option<&str>) -> Result<Value> {
    parse(body.filter(|b| !b.is_empty()).unwrap_or("{}"))
}

/// Reads a stored body.
pub fn parse(body: &str) -> Result<Value> {
    serde_json::from_str(body).map_err(|e| Error::Internal(format!("a stored body: {e}")))
}

/// The body of an update: the given one, or the base with the patch applied.
pub fn new_body(
    tx: &mut ReadTx,
    limits: &Limits,
    kind: &KindDescriptor,
    entry: &EntryRow,
    base: i64,
    change: &ProposedChange,
    errors: &mut FieldErrors,
) -> Result<Option<AcceptedBody>> {
    let before = stored_body(tx, &entry.id, base)?;
    let body = match (&change.body, &change.patch) {
        (Some(body), None) => body.clone(),
        (None, Some(patch)) => match patched(before.clone(), patch, limits) {
            Ok(body) => body,
            Err(found) => {
                errors.extend(found);
                return Ok(None);
            }
        },
        _ => {
            errors.push("/body", FieldCode::MissingField, "update needs either a body or a patch.");
            return Ok(None);
        }
    };
    match kind.accept(body, limits, Some(&before)) {
        Ok(accepted) if accepted.value == before => {
            errors.push("/body", FieldCode::NoChange, "The proposed body equals the one it was made on.");
            Ok(None)
        }
        Ok(accepted) => Ok(Some(accepted)),
        Err(found) => {
            errors.extend_at("/body", found);
            Ok(None)
        }
    }
}

/// The body with a JSON Patch or a merge patch applied.
pub fn patched(mut body: Value, patch: &Value, limits: &Limits) -> std::result::Result<Value, FieldErrors> {
    patch::apply(&mut body, patch, limits.body_bytes)?;
    Ok(body)
}

/// The body of a revert: that of the revision it goes back to.
pub fn old_body(
    tx: &mut ReadTx,
    limits: &Limits,
    kind: &KindDescriptor,
    entry: &EntryRow,
    to: Option<i64>,
    errors: &mut FieldErrors,
) -> Result<Option<AcceptedBody>> {
    let Some(to) = to else {
        errors.push("/to", FieldCode::MissingField, "revert needs the revision to go back to.");
        return Ok(None);
    };
    if !(1..=entry.head).contains(&to) {
        errors.push("/to", FieldCode::NotFound, format!("There is no revision {to}."));
        return Ok(None);
    }
    let (body, head) = (stored_body(tx, &entry.id, to)?, stored_body(tx, &entry.id, entry.head)?);
    match kind.accept(body, limits, Some(&head)) {
        Ok(accepted) if accepted.value == head => {
            errors.push("/to", FieldCode::NoChange, "The current body is the same as that of this revision.");
            Ok(None)
        }
        Ok(accepted) => Ok(Some(accepted)),
        Err(found) => {
            errors.extend_at("/to", found);
            Ok(None)
        }
    }
}
