//! Merging duplicates, and undoing it: what becomes of the entry that stays.

use super::{
    prepare::{PreparedOther, ProposedChange, named_entry},
    proposed_body::{patched, stored_body},
};
use crate::{
    model::{
        errors::{FieldCode, FieldErrors},
        kinds::{AcceptedBody, KindDescriptor},
        limits::Limits,
        merge::{combine, said_by_both},
    },
    store::{EntryRow, ReadTx},
    usecase::{Error, Result},
};

/// The entry that stays when `loser` is merged into it, with its new body: the one given, or the union of both,
/// patched where a patch is given.
pub fn merged(
    tx: &mut ReadTx,
    limits: &Limits,
    kind: &'static KindDescriptor,
    loser: &EntryRow,
    base: i64,
    change: &ProposedChange,
    errors: &mut FieldErrors,
) -> Result<Option<PreparedOther>> {
    let Some(text) = &change.into else {
        errors.push("/into", FieldCode::MissingField, "merge needs the id of the entry that stays.");
        return Ok(None);
    };
    let Some(survivor) = named_entry(tx, text, "/into", errors)? else { return Ok(None) };
    if survivor.id == loser.id {
        errors.push("/into", FieldCode::Cycle, "An entry cannot be merged into itself.");
    } else if survivor.kind != loser.kind {
        let detail = format!("A {} cannot be merged into a {}.", loser.kind, survivor.kind);
        errors.push("/into", FieldCode::WrongKind, detail);
    } else if survivor.status != "active" {
        let detail = format!("The entry {} is {}; nothing can be merged into it.", survivor.reference, survivor.status);
        errors.push("/into", FieldCode::WrongStatus, detail);
    }
    let into_base = change.into_base.unwrap_or(survivor.head);
    if !(1..=survivor.head).contains(&into_base) {
        errors.push("/into_base", FieldCode::InvalidValue, format!("There is no revision {into_base}."));
    }
    if change.body.is_some() && change.patch.is_some() {
        errors.push("/patch", FieldCode::InvalidValue, "Give a body or a patch, not both.");
    }
    if !errors.is_empty() {
        return Ok(None);
    }
    let (stays, goes) = (stored_body(tx, &survivor.id, into_base)?, stored_body(tx, &loser.id, base)?);
    let body = match (&change.body, &change.patch) {
        (Some(body), _) => body.clone(),
        (None, None) => combine(kind, &stays, &goes),
        (None, Some(patch)) => match patched(combine(kind, &stays, &goes), patch, limits) {
            Ok(body) => body,
            Err(found) => {
                errors.extend(found);
                return Ok(None);
            }
        },
    };
    match kind.accept(body, limits, Some(&stays)) {
        Ok(body) => Ok(Some(PreparedOther { id: survivor.id, base: into_base, body })),
        Err(found) => {
            errors.extend_at("/body", found);
            Ok(None)
        }
    }
}

/// What undoing a merge brings: the body of the entry that comes back, and the entry that it was merged into, with the
/// body it had before. What was changed there since is kept when the submission is accepted.
pub fn unmerged(
    tx: &mut ReadTx,
    limits: &Limits,
    kind: &'static KindDescriptor,
    loser: &EntryRow,
    errors: &mut FieldErrors,
) -> Result<Option<(AcceptedBody, PreparedOther)>> {
    let survivor = match &loser.merged_into {
        Some(id) => tx.entry(id)?,
        None => None,
    };
    let survivor = survivor.ok_or_else(|| Error::Internal(format!("{} was merged into nothing", loser.id)))?;
    if survivor.status != "active" {
        let detail = format!("The entry {} is {}; bring it back first.", survivor.reference, survivor.status);
        errors.push("/id", FieldCode::WrongStatus, detail);
        return Ok(None);
    }
    let merge = tx.merge_of(&survivor.id, &loser.id)?.ok_or(Error::NotFound("merge"))?;
    let mut before = match merge.number {
        1 => return Err(Error::Internal(format!("{} begins with a merge", survivor.id))),
        number => stored_body(tx, &survivor.id, number - 1)?,
    };
    // What another entry that is still merged into it says as well stays.
    let current = stored_body(tx, &survivor.id, survivor.head)?;
    for other in tx.merged_into(std::slice::from_ref(&survivor.id))?.iter().filter(|id| **id != loser.id) {
        let head = tx.entry(other)?.ok_or(Error::NotFound("entry"))?;
        let said = stored_body(tx, other, head.head)?;
        before = combine(kind, &before, &said_by_both(&said, &current));
    }
    let back = stored_body(tx, &loser.id, loser.head)?;
    let accepted = kind.accept(back, limits, None).and_then(|back| Ok((back, kind.accept(before, limits, None)?)));
    match accepted {
        Ok((back, body)) => Ok(Some((back, PreparedOther { id: survivor.id, base: merge.number, body }))),
        Err(found) => {
            errors.extend_at("/id", found);
            Ok(None)
        }
    }
}
