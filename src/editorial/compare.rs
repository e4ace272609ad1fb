//! What a submission would change, beside the entries as they are now.

use serde_json::Value;

use super::{
    decide::state_of,
    prepare::Op,
    proposed_body::{body_value, stored_body},
    rebase::rebase,
    submissions::get_row,
    views::{ChangeDiff, SubmissionDiff},
};
use crate::{
    model::{diff, workflow::State},
    store::{ChangeRow, EntryRow, ReadTx, SubmissionRow},
    usecase::{Actor, Archive, Error, Result},
};

/// The difference between every current body and the one that acceptance would put in its place: the proposed one,
/// merged with what was accepted since where both go together. Of an accepted submission, what it changed. The rows of a
/// batch are new entries; there is nothing to compare them with.
pub fn compare(tx: &mut ReadTx, archive: &Archive, actor: &Actor, id: &str, now: i64) -> Result<SubmissionDiff> {
    let submission = get_row(tx, archive, actor, id, now)?;
    if submission.form == "batch" {
        return Err(Error::NotFound("diff of a batch"));
    }
    if state_of(&submission)? == State::Accepted {
        return published(tx, &submission);
    }
    let mut changes = Vec::new();
    for (i, change) in tx.changes(&submission)?.iter().enumerate() {
        let rebased = rebase(tx, archive, i, change, &[])?;
        let current = rebased.current.as_ref();
        let bodies = beside_current(tx, current, rebased.change.body.as_deref())?;
        let mut own = difference(change, &change.entry_id, bodies)?;
        own.label.clone_from(current.filter(|_| change.body.is_none()).map_or(&change.label, |entry| &entry.label));
        own.current = current.map(|entry| entry.head);
        own.is_merged = rebased.was_merged;
        own.conflicts = rebased.conflicts;
        changes.push(own);
        // A merge of duplicates and its undoing change the entry that stays too.
        if let Some(survivor) = &rebased.survivor {
            let bodies = beside_current(tx, Some(survivor), rebased.change.into_body.as_deref())?;
            let mut other = difference(change, &survivor.id, bodies)?;
            other.label.clone_from(&survivor.label);
            other.base = change.into_base;
            other.current = Some(survivor.head);
            other.is_merged = rebased.was_merged;
            changes.push(other);
        }
    }
    Ok(SubmissionDiff { changes })
}

/// What an accepted submission changed: each of its revisions beside the one before.
fn published(tx: &mut ReadTx, submission: &SubmissionRow) -> Result<SubmissionDiff> {
    let changes = tx.changes(submission)?;
    let mut shown = Vec::new();
    for (id, _, _, number) in tx.published_by(&submission.id)? {
        let is_about = |c: &&ChangeRow| c.entry_id == id || c.into_id.as_ref() == Some(&id);
        let change = changes.iter().find(is_about).ok_or(Error::NotFound("change"))?;
        let before = if number > 1 { stored_body(tx, &id, number - 1)? } else { body_value(None)? };
        let revision = tx.revision(&id, number)?.ok_or(Error::NotFound("revision"))?;
        let mut difference = difference(change, &id, (before, body_value(Some(&revision.body))?))?;
        difference.label = revision.label;
        difference.base = revision.merged_base.or((number > 1).then_some(number - 1));
        difference.current = (number > 1).then_some(number - 1);
        difference.is_merged = revision.merged_base.is_some();
        shown.push(difference);
    }
    Ok(SubmissionDiff { changes: shown })
}

/// The current body of an entry and the proposed one; where only a status changes, the current one twice.
fn beside_current(tx: &mut ReadTx, entry: Option<&EntryRow>, proposed: Option<&str>) -> Result<(Value, Value)> {
    let old = match entry {
        Some(entry) => stored_body(tx, &entry.id, entry.head)?,
        None => body_value(None)?,
    };
    let new = if proposed.is_some() { body_value(proposed)? } else { old.clone() };
    Ok((old, new))
}

fn difference(change: &ChangeRow, id: &str, (old, new): (Value, Value)) -> Result<ChangeDiff> {
    Ok(ChangeDiff {
        op: Op::stored(&change.op)?,
        id: id.to_owned(),
        kind: change.kind.clone(),
        label: change.label.clone(),
        base: change.base,
        current: None,
        is_merged: false,
        conflicts: Vec::new(),
        patch: diff::patch(&old, &new),
        fields: diff::changes(&old, &new),
    })
}
