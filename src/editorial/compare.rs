//! What a submission would change, beside the entries as they are now.

use serde_json::{Value, json};

use super::{
    prepare::Op,
    submissions::load,
    views::{ChangeDiff, SubmissionDiff},
};
use crate::{
    model::diff,
    store::ReadTx,
    usecase::{Actor, Error, Result},
};

/// The difference between every proposed body and the current one.
pub fn compare(tx: &mut ReadTx, actor: &Actor, id: &str) -> Result<SubmissionDiff> {
    let submission = load(tx, actor, id)?;
    let mut changes = Vec::new();
    for change in tx.changes(&submission.id)? {
        let entry = tx.entry(&change.entry_id)?;
        let current = match &entry {
            Some(entry) => tx.revision(&entry.id, entry.head)?.map(|r| r.body),
            None => None,
        };
        let old = parse(current.as_deref().unwrap_or("{}"))?;
        let new = change.body.as_deref().map(parse).transpose()?.unwrap_or_else(|| old.clone());
        changes.push(ChangeDiff {
            op: Op::parse(&change.op).ok_or_else(|| Error::Internal(format!("unknown operation {}", change.op)))?,
            id: change.entry_id,
            kind: change.kind,
            label: change.label,
            base: change.base,
            current: entry.map(|e| e.head),
            patch: diff::patch(&old, &new),
            fields: diff::changes(&old, &new),
        });
    }
    Ok(SubmissionDiff { changes })
}

fn parse(body: &str) -> Result<Value> {
    if body.is_empty() {
        return Ok(json!({}));
    }
    serde_json::from_str(body).map_err(|e| Error::Internal(format!("a stored body: {e}")))
}
