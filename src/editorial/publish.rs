//! The one way in: what turns an approved submission into the public record, inside the transaction it is given.

use std::collections::HashMap;

use rayon::prelude::*;
use serde_json::Value;

use super::{
    approvals::{touched, writers},
    prepare::{MANY, Op},
    proposed_body::parse,
    protect,
    rebase::{Conflict, Rebased, rebase_onto},
    references::{self, Beside, Proposal},
};
use crate::{
    model::{
        canon,
        errors::FieldErrors,
        kinds::KindDescriptor,
        projection::{Projection, project},
        refs::make_ref,
        summary::{self, Identity, sort_key},
        text::{Document, document},
    },
    store::{ChangeRow, Derived, EntryRow, FeedRow, ReadTx, RevisionRow, SubmissionRow, WriteTx, still_wanted},
    usecase::{Archive, Error, Result, kind_of},
};

/// Publishes changes of a submission: appends the revisions, moves the heads, writes projections, links, facts and
/// search indexes, and appends the feed events. Changes made on older revisions are merged with what was accepted since. All of them are
/// published, or none: where edits overlap, the places are given back and nothing is written.
pub fn publish(
    tx: &mut WriteTx,
    archive: &Archive,
    submission: &SubmissionRow,
    changes: &[ChangeRow],
    reviewers: &[String],
    now: i64,
) -> Result<Vec<Conflict>> {
    let (steps, conflicts) = plan(tx, archive, changes)?;
    if !conflicts.is_empty() {
        return Ok(conflicts);
    }
    // Times of acceptance never run backwards, whatever the clock does: "as of" has one meaning.
    let at = now.max(tx.last_acceptance()?);
    let reviewers = Value::from(reviewers).to_string();
    let contributors: Vec<String> = writers(submission)?.into_iter().map(|(_, name)| name).collect();
    let contributors = Value::from(contributors).to_string();
    let mut numbers = Numbers { seq: tx.last_seq()?, refs: HashMap::new() };
    let mut rows = Rows::default();
    let derive = |step: &Step| (project(step.kind, &step.value), document(step.kind, &step.value, &step.label));
    let derived: Vec<(Projection, Document)> = match steps.len() < MANY {
        true => steps.iter().map(derive).collect(),
        false => steps.par_iter().map(derive).collect(),
    };
    for (step, (projection, document)) in steps.into_iter().zip(derived) {
        numbers.seq += 1;
        let seq = numbers.seq;
        let head = next_head(tx, &mut numbers, &step, &projection, at)?;
        let (merged_base, proposed_hash) = step.merged.unzip();
        let is_new = step.current.is_none();
        rows.revisions.push(RevisionRow {
            entry_id: head.id.clone(),
            number: head.head,
            op: step.op.as_str().to_owned(),
            status: head.status.clone(),
            hash: head.hash.clone(),
            parent_hash: step.current.map(|c| c.hash),
            label: head.label.clone(),
            reason: head.reason.clone(),
            submission_id: submission.id.clone(),
            submission_version: submission.version,
            author: submission.author.clone(),
            reviewers: reviewers.clone(),
            summary: submission.summary.clone(),
            body: step.body,
            at,
            seq,
            merged_base,
            proposed_hash,
            counterpart_id: step.counterpart,
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
        rows.derived.push((step.kind, step.op, projection, document));
        rows.is_new.push(is_new);
        rows.heads.push(head);
    }
    rows.write(tx)?;
    Ok(Vec::new())
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
    /// Which of the heads were not there before.
    is_new: Vec<bool>,
    revisions: Vec<RevisionRow>,
    events: Vec<FeedRow>,
    derived: Vec<(&'static KindDescriptor, Op, Projection, Document)>,
}

impl Rows {
    fn write(self, tx: &mut WriteTx) -> Result<()> {
        let heads = || self.heads.iter().zip(&self.is_new);
        let new: Vec<EntryRow> = heads().filter(|(_, is_new)| **is_new).map(|(head, _)| head.clone()).collect();
        tx.insert_entries(&new)?;
        for (head, _) in heads().filter(|(_, is_new)| !**is_new) {
            tx.update_entry(head)?;
        }
        tx.append_revisions(&self.revisions)?;
        tx.append_events(&self.events)?;
        // Links may lead to any entry of the submission: they are written when all of them are there.
        let derived: Vec<Derived> = heads()
            .zip(&self.derived)
            .map(|((head, is_new), (kind, _, projection, document))| Derived {
                kind,
                head,
                projection,
                document,
                is_new: *is_new,
            })
            .collect();
        tx.write_derived(&derived)?;
        for (head, (_, op, ..)) in self.heads.iter().zip(&self.derived) {
            if matches!(op, Op::Merge | Op::Unmerge) {
                lead_on(tx, head)?;
            }
            if let Some(stays) = head.merged_into.as_ref().filter(|_| *op == Op::Merge) {
                protect::inherit(tx, stays, &head.id, head.updated_at)?;
            }
        }
        Ok(())
    }
}

/// What stands against publishing the changes of a submission, as things are now.
pub fn conflicts(tx: &mut ReadTx, archive: &Archive, submission: &SubmissionRow) -> Result<Vec<Conflict>> {
    let changes = tx.changes(submission)?;
    conflicts_of(tx, archive, &changes)
}

/// The same for changes that are not stored.
pub fn conflicts_of(tx: &mut ReadTx, archive: &Archive, changes: &[ChangeRow]) -> Result<Vec<Conflict>> {
    Ok(plan(tx, archive, changes)?.1)
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

/// The next revision of one entry.
struct Step {
    op: Op,
    kind: &'static KindDescriptor,
    entry_id: String,
    current: Option<EntryRow>,
    status: &'static str,
    body: String,
    value: Value,
    label: String,
    reason: Option<String>,
    event: &'static str,
    /// Where two edits were merged: the revision it was made on, and the hash of the body as it was proposed.
    merged: Option<(i64, String)>,
    counterpart: Option<String>,
    merged_into: Option<String>,
}

/// What publishing would write, or where that is not possible.
fn plan(tx: &mut ReadTx, archive: &Archive, changes: &[ChangeRow]) -> Result<(Vec<Step>, Vec<Conflict>)> {
    let (mut steps, mut conflicts) = (Vec::new(), Vec::new());
    let known = tx.entries_by_id(&touched(changes))?;
    for (i, change) in changes.iter().enumerate() {
        still_wanted()?;
        let rebased = rebase_onto(tx, archive, i, change, &[], &known)?;
        conflicts.extend(rebased.conflicts.iter().cloned());
        if conflicts.is_empty() {
            steps.extend(steps_of(tx, change, rebased)?.into_iter().map(|step| (i, step)));
        }
    }
    if conflicts.is_empty() {
        conflicts = broken_references(tx, &steps)?;
    }
    Ok((steps.into_iter().map(|(_, step)| step).collect(), conflicts))
}

/// Two accepted submissions can make a circle that neither makes alone.
fn broken_references(tx: &mut ReadTx, steps: &[(usize, Step)]) -> Result<Vec<Conflict>> {
    let proposals: Vec<Proposal> = steps
        .iter()
        .filter(|(_, step)| step.status == "active")
        .map(|(i, step)| Proposal { at: format!("/{i}"), kind: step.kind, entry_id: &step.entry_id, body: &step.value })
        .collect();
    let merged = steps.iter().filter_map(|(_, step)| Some((step.entry_id.as_str(), step.merged_into.as_deref()?)));
    let beside = Beside { merged: merged.collect(), ..Beside::default() };
    let mut errors = FieldErrors::default();
    references::check(tx, &proposals, &beside, &mut errors)?;
    let conflicts = errors.0.into_iter().map(|e| {
        let (change, pointer) = match e.pointer.trim_start_matches('/').split_once('/') {
            Some((change, rest)) => (change.parse().unwrap_or(0), format!("/{rest}")),
            None => (0, String::new()),
        };
        Conflict { change, pointer, code: e.code, detail: e.detail, ..Conflict::default() }
    });
    Ok(conflicts.collect())
}

fn steps_of(tx: &mut ReadTx, proposed: &ChangeRow, rebased: Rebased) -> Result<Vec<Step>> {
    let Rebased { change, current, survivor, was_merged, .. } = rebased;
    let (op, kind) = (Op::stored(&change.op)?, kind_of(&change.kind)?);
    let (body, label) = match (change.body, &current) {
        (Some(body), _) => (body, change.label),
        (None, Some(entry)) => {
            (tx.revision(&entry.id, entry.head)?.ok_or(Error::NotFound("revision"))?.body, entry.label.clone())
        }
        (None, None) => return Err(Error::Internal(format!("a change of {} has no body", change.entry_id))),
    };
    let (status, event) = match op {
        Op::Create => ("active", "created"),
        Op::Update | Op::Revert => ("active", "updated"),
        Op::Retire => ("retired", "retired"),
        Op::Restore => ("active", "restored"),
        Op::Merge => ("merged", "merged"),
        Op::Unmerge => ("active", "unmerged"),
    };
    let second_parent = |base: Option<i64>, body: &Option<String>| {
        let hash = |body: &String| canon::sha256_hex(body.as_bytes());
        base.filter(|_| was_merged).zip(body.as_ref().map(hash))
    };
    let own = Step {
        op,
        kind,
        value: parse(&body)?,
        body,
        label,
        status,
        event,
        reason: change.reason,
        merged: second_parent(proposed.base, &proposed.body).filter(|_| survivor.is_none()),
        counterpart: change.into_id.clone(),
        merged_into: change.into_id.filter(|_| op == Op::Merge),
        entry_id: change.entry_id.clone(),
        current,
    };
    let (Some(survivor), Some(body)) = (survivor, change.into_body) else { return Ok(vec![own]) };
    let value = parse(&body)?;
    let other = Step {
        op,
        kind,
        label: kind.label_of(&value).unwrap_or_else(|| survivor.label.clone()),
        value,
        body,
        status: "active",
        event: "updated",
        reason: None,
        merged: second_parent(proposed.into_base, &proposed.into_body),
        counterpart: Some(change.entry_id),
        merged_into: None,
        entry_id: survivor.id.clone(),
        current: Some(survivor),
    };
    Ok(vec![other, own])
}

/// The head of an entry as it becomes by the step.
fn next_head(
    tx: &mut WriteTx,
    numbers: &mut Numbers,
    step: &Step,
    projection: &Projection,
    at: i64,
) -> Result<EntryRow> {
    let kind = step.kind;
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
        hash: canon::sha256_hex(step.body.as_bytes()),
        label: step.label.clone(),
        sort_key: sort_key(&step.label),
        summary: String::new(),
        created_at,
        updated_at: at,
        reason: step.reason.clone(),
        merged_into: step.merged_into.clone(),
    };
    head.summary = summary(&head, projection);
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
