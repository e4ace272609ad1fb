//! What publishing changes would write, prepared without keeping any other writer waiting, and whether it still holds.

use std::collections::HashSet;

use rayon::prelude::*;
use serde_json::Value;

use super::{
    approvals::touched,
    prepare::{MANY, Op},
    proposed_body::parse,
    rebase::{Conflict, Rebased, rebase_onto},
    references::{self, Beside, Proposal},
};
use crate::{
    model::{
        canon,
        errors::FieldErrors,
        kinds::KindDescriptor,
        projection::{Projection, project},
        text::document,
    },
    store::{ChangeRow, EntryRow, IndexRows, LastEvent, ReadTx, SubmissionRow, still_wanted},
    usecase::{Archive, Error, Result, kind_of},
};

/// Changes on the current revisions, ready to be published, or the places where that is not possible.
#[derive(Debug)]
pub struct Publication {
    pub ready: Vec<Ready>,
    pub conflicts: Vec<Conflict>,
    basis: Basis,
}

/// The next revision of one entry, with all that is derived of it.
#[derive(Debug)]
pub struct Ready {
    pub step: Step,
    /// SHA-256 of the body.
    pub hash: String,
    pub projection: Projection,
    pub index: IndexRows,
}

/// The state of the archive that a publication was prepared on.
#[derive(Debug)]
struct Basis {
    /// The last event of the feed.
    seq: i64,
    /// The entries that were read for it.
    read: HashSet<String>,
    /// What the bodies say, by kind, and the entries that say exactly the same.
    contents: Vec<(&'static KindDescriptor, Vec<String>)>,
    equal: HashSet<String>,
}

/// So many events since are looked at one by one.
const MOST_EVENTS: i64 = 2_000;
/// Entries that say the same as one of a publication.
const EQUAL: i64 = 1_000;

impl Publication {
    /// Prepares changes: brought up to the current revisions, all references looked up, all that is derived made. Of all
    /// of them, or none: where edits overlap, the places are given and nothing is ready.
    pub fn prepare(tx: &mut ReadTx, archive: &Archive, changes: &[ChangeRow]) -> Result<Self> {
        let mut basis =
            Basis { seq: tx.last_event()?.seq, read: HashSet::new(), contents: Vec::new(), equal: HashSet::new() };
        let (steps, conflicts) = plan(tx, archive, changes, &mut basis.read)?;
        if !conflicts.is_empty() {
            return Ok(Self { ready: Vec::new(), conflicts, basis });
        }
        let backend = archive.store.backend();
        let derive = |mut step: Step| {
            let value = std::mem::take(&mut step.value);
            let projection = project(step.kind, &value);
            let document = document(step.kind, &value, &step.label);
            let index = IndexRows::of(backend, step.kind, &projection, &document, &step.label);
            (Ready { hash: canon::sha256_hex(step.body.as_bytes()), projection, index, step }, document.content)
        };
        let derived: Vec<(Ready, String)> = match steps.len() < MANY {
            true => steps.into_iter().map(derive).collect(),
            false => steps.into_par_iter().map(derive).collect(),
        };
        let mut ready = Vec::new();
        for (one, content) in derived {
            if one.step.status == "active" {
                let kind = one.step.kind;
                match basis.contents.iter_mut().find(|(known, _)| known.name == kind.name) {
                    Some((_, contents)) => contents.push(content),
                    None => basis.contents.push((kind, vec![content])),
                }
            }
            ready.push(one);
        }
        basis.equal = basis.equal_now(tx)?;
        Ok(Self { ready, conflicts, basis })
    }

    /// The last event of the feed, if the same would be prepared now.
    pub fn still_holds(&self, tx: &mut ReadTx) -> Result<Option<LastEvent>> {
        let last = tx.last_event()?;
        Ok(self.basis.still_holds(tx, last)?.then_some(last))
    }
}

impl Basis {
    fn still_holds(&self, tx: &mut ReadTx, last: LastEvent) -> Result<bool> {
        if last.seq == self.seq {
            return Ok(true);
        }
        let since = tx.entries_published_after(self.seq, MOST_EVENTS + 1)?;
        let are_few = i64::try_from(since.len()).is_ok_and(|n| n <= MOST_EVENTS);
        if !are_few || since.iter().any(|id| self.read.contains(id)) {
            return Ok(false);
        }
        Ok(self.equal_now(tx)? == self.equal)
    }

    fn equal_now(&self, tx: &mut ReadTx) -> Result<HashSet<String>> {
        let mut equal = HashSet::new();
        for (kind, contents) in &self.contents {
            equal.extend(tx.entries_of_same_content(kind, contents, EQUAL)?);
        }
        Ok(equal)
    }
}

/// What stands against publishing the changes of a submission, as things are now.
pub fn conflicts(tx: &mut ReadTx, archive: &Archive, submission: &SubmissionRow) -> Result<Vec<Conflict>> {
    let changes = tx.changes(submission)?;
    conflicts_of(tx, archive, &changes)
}

/// The same for changes that are not stored.
pub fn conflicts_of(tx: &mut ReadTx, archive: &Archive, changes: &[ChangeRow]) -> Result<Vec<Conflict>> {
    Ok(plan(tx, archive, changes, &mut HashSet::new())?.1)
}

/// The next revision of one entry.
#[derive(Debug)]
pub struct Step {
    pub op: Op,
    pub kind: &'static KindDescriptor,
    pub entry_id: String,
    pub current: Option<EntryRow>,
    pub status: &'static str,
    pub body: String,
    pub label: String,
    pub reason: Option<String>,
    pub event: &'static str,
    /// Where two edits were merged: the revision it was made on, and the hash of the body as it was proposed.
    pub merged: Option<(i64, String)>,
    pub counterpart: Option<String>,
    pub merged_into: Option<String>,
    value: Value,
}

/// What publishing would write, or where that is not possible. `read` takes the ids of the entries that this was read from.
fn plan(
    tx: &mut ReadTx,
    archive: &Archive,
    changes: &[ChangeRow],
    read: &mut HashSet<String>,
) -> Result<(Vec<Step>, Vec<Conflict>)> {
    let (mut steps, mut conflicts) = (Vec::new(), Vec::new());
    read.extend(touched(changes));
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
        conflicts = broken_references(tx, &steps, read)?;
    }
    Ok((steps.into_iter().map(|(_, step)| step).collect(), conflicts))
}

/// Two accepted submissions can make a circle that neither makes alone.
fn broken_references(tx: &mut ReadTx, steps: &[(usize, Step)], read: &mut HashSet<String>) -> Result<Vec<Conflict>> {
    let proposals: Vec<Proposal> = steps
        .iter()
        .filter(|(_, step)| step.status == "active")
        .map(|(i, step)| Proposal { at: format!("/{i}"), kind: step.kind, entry_id: &step.entry_id, body: &step.value })
        .collect();
    let merged = steps.iter().filter_map(|(_, step)| Some((step.entry_id.as_str(), step.merged_into.as_deref()?)));
    let beside = Beside { merged: merged.collect(), ..Beside::default() };
    let mut errors = FieldErrors::default();
    read.extend(references::check(tx, &proposals, &beside, &mut errors)?);
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
