//! What a submission would change, beside the entries as they are now.

use super::{
    decide::body_value,
    prepare::Op,
    rebase::rebase,
    submissions::get_row,
    views::{ChangeDiff, SubmissionDiff},
};
use crate::{
    model::diff,
    store::{EntryRow, ReadTx},
    usecase::{Actor, Archive, Result},
};

/// The difference between every current body and the one that acceptance would put in its place: the proposed one,
/// merged with what was accepted since where both go together.
pub fn compare(tx: &mut ReadTx, archive: &Archive, actor: &Actor, id: &str, now: i64) -> Result<SubmissionDiff> {
    let submission = get_row(tx, archive, actor, id, now)?;
    let mut changes = Vec::new();
    for (i, change) in tx.changes_from(&submission.id, 0, SHOWN)?.iter().enumerate() {
        let rebased = rebase(tx, archive, i, change, &[])?;
        let op = Op::stored(&change.op)?;
        // A merge of duplicates changes the body of the entry that stays.
        let (entry, proposed) = match op {
            Op::Merge => (&rebased.survivor, rebased.change.into_body.as_deref()),
            _ => (&rebased.current, rebased.change.body.as_deref()),
        };
        let old = current_body(tx, entry.as_ref())?;
        let new = if proposed.is_some() { body_value(proposed)? } else { old.clone() };
        changes.push(ChangeDiff {
            op,
            id: change.entry_id.clone(),
            kind: change.kind.clone(),
            label: change.label.clone(),
            base: change.base,
            current: rebased.current.as_ref().map(|e| e.head),
            is_merged: rebased.was_merged,
            conflicts: rebased.conflicts,
            patch: diff::patch(&old, &new),
            fields: diff::changes(&old, &new),
        });
    }
    Ok(SubmissionDiff { changes })
}

/// Changes that are compared; the rows of a batch are compared one by one.
const SHOWN: i64 = 100;

fn current_body(tx: &mut ReadTx, entry: Option<&EntryRow>) -> Result<serde_json::Value> {
    let body = match entry {
        Some(entry) => tx.revision(&entry.id, entry.head)?.map(|r| r.body),
        None => None,
    };
    body_value(body.as_deref())
}
