//! The one way in: what turns an approved submission into the public record, inside the transaction it is given.

use std::collections::HashMap;

use serde_json::Value;

use super::{
    approvals::writers,
    prepare::Op,
    protect,
    publication::{Publication, Ready},
};
use crate::{
    model::{
        projection::Projection,
        refs::make_ref,
        summary::{self, Identity, sort_key},
    },
    store::{Derived, EntryRow, FeedRow, LastEvent, RevisionRow, SubmissionRow, WriteTx},
    usecase::Result,
};

/// Publishes what was prepared, and still holds: appends the revisions, moves the heads, writes projections, links, facts and
/// search indexes, and appends the feed events. `last` is the last event before them. Returns the heads.
pub fn publish(
    tx: &mut WriteTx,
    submission: &SubmissionRow,
    publication: &Publication,
    last: LastEvent,
    reviewers: &[String],
    now: i64,
) -> Result<Vec<EntryRow>> {
    // Times of acceptance never run backwards, whatever the clock does: "as of" has one meaning.
    let at = now.max(last.at);
    let reviewers = Value::from(reviewers).to_string();
    let contributors: Vec<String> = writers(submission)?.into_iter().map(|(_, name)| name).collect();
    let contributors = Value::from(contributors).to_string();
    let mut numbers = Numbers { seq: last.seq, refs: HashMap::new() };
    let mut rows = Rows::default();
    for ready in &publication.ready {
        numbers.seq += 1;
        let (seq, step) = (numbers.seq, &ready.step);
        let head = next_head(tx, &mut numbers, ready, at)?;
        let (merged_base, proposed_hash) = step.merged.clone().unzip();
        rows.revisions.push(RevisionRow {
            entry_id: head.id.clone(),
            number: head.head,
            op: step.op.as_str().to_owned(),
            status: head.status.clone(),
            hash: head.hash.clone(),
            parent_hash: step.current.as_ref().map(|current| current.hash.clone()),
            label: head.label.clone(),
            reason: head.reason.clone(),
            submission_id: submission.id.clone(),
            submission_version: submission.version,
            author: submission.author.clone(),
            reviewers: reviewers.clone(),
            summary: submission.summary.clone(),
            body: step.body.clone(),
            at,
            seq,
            merged_base,
            proposed_hash,
            counterpart_id: step.counterpart.clone(),
            contributors: contributors.clone(),
        });
        rows.events.push(FeedRow {
            seq,
            at,
            event_type: step.event.to_owned(),
            entry_id: head.id.clone(),
            revision: head.head,
            submission_id: submission.id.clone(),
            summary: head.summary.clone(),
        });
        rows.heads.push(head);
    }
    rows.write(tx, &publication.ready)?;
    Ok(rows.heads)
}

/// The numbers to be given next.
struct Numbers {
    /// The last event.
    seq: i64,
    /// The last ref of each kind.
    refs: HashMap<&'static str, i64>,
}

/// All that a submission writes: collected first, so that few statements write it.
#[derive(Default)]
struct Rows {
    heads: Vec<EntryRow>,
    revisions: Vec<RevisionRow>,
    events: Vec<FeedRow>,
}

impl Rows {
    fn write(&self, tx: &mut WriteTx, ready: &[Ready]) -> Result<()> {
        let pairs = || self.heads.iter().zip(ready);
        let is_new = |ready: &Ready| ready.step.current.is_none();
        let new: Vec<EntryRow> = pairs().filter(|(_, ready)| is_new(ready)).map(|(head, _)| head.clone()).collect();
        tx.insert_entries(&new)?;
        for (head, _) in pairs().filter(|(_, ready)| !is_new(ready)) {
            tx.update_entry(head)?;
        }
        tx.append_revisions(&self.revisions)?;
        tx.append_events(&self.events)?;
        // Links may lead to any entry of the submission: they are written when all of them are there.
        let derived: Vec<Derived> = pairs()
            .map(|(head, ready)| Derived {
                kind: ready.step.kind,
                head,
                projection: &ready.projection,
                index: &ready.index,
                is_new: is_new(ready),
            })
            .collect();
        tx.write_derived(&derived)?;
        for (head, ready) in pairs() {
            if matches!(ready.step.op, Op::Merge | Op::Unmerge) {
                lead_on(tx, head)?;
            }
            if let Some(stays) = head.merged_into.as_ref().filter(|_| ready.step.op == Op::Merge) {
                protect::inherit(tx, stays, &head.id, head.updated_at)?;
            }
        }
        Ok(())
    }
}

/// Lets all that names an entry, or one that was merged into it, lead to where the entry leads now.
fn lead_on(tx: &mut WriteTx, head: &EntryRow) -> Result<()> {
    let mut named = vec![head.id.clone()];
    let mut ahead = named.clone();
    while !ahead.is_empty() {
        ahead = tx.merged_into(&ahead)?;
        named.extend(ahead.iter().cloned());
    }
    let to = tx.survivors(std::slice::from_ref(&head.id))?.remove(&head.id);
    Ok(tx.redirect_links(&named, to.as_ref().unwrap_or(&head.id))?)
}

/// The head of an entry as it becomes by the step.
fn next_head(tx: &mut WriteTx, numbers: &mut Numbers, ready: &Ready, at: i64) -> Result<EntryRow> {
    let (step, kind) = (&ready.step, ready.step.kind);
    let (ref_number, created_at, number) = match &step.current {
        Some(entry) => (entry.ref_number, entry.created_at, entry.head + 1),
        None => {
            let next = match numbers.refs.get(kind.name) {
                Some(last) => last + 1,
                None => tx.next_ref_number(kind.name)?,
            };
            numbers.refs.insert(kind.name, next);
            (next, at, 1)
        }
    };
    let mut head = EntryRow {
        id: step.entry_id.clone(),
        kind: kind.name.to_owned(),
        ref_number,
        reference: make_ref(kind, ref_number),
        status: step.status.to_owned(),
        head: number,
        hash: ready.hash.clone(),
        label: step.label.clone(),
        sort_key: sort_key(&step.label),
        summary: String::new(),
        created_at,
        updated_at: at,
        reason: step.reason.clone(),
        merged_into: step.merged_into.clone(),
    };
    head.summary = summary(&head, &ready.projection);
    Ok(head)
}

/// The summary of an entry as it is now.
pub fn summary(head: &EntryRow, projection: &Projection) -> String {
    let identity = Identity {
        id: &head.id,
        reference: &head.reference,
        kind: &head.kind,
        status: &head.status,
        label: &head.label,
        revision: head.head,
        updated_at: head.updated_at,
    };
    summary::summary(&identity, projection)
}
