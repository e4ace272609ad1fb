//! Running the checks on what submissions propose, with all that they compare it with.

use std::collections::{BTreeSet, HashMap, HashSet};

use rayon::prelude::*;
use serde::Serialize;
use serde_json::{Value, value::RawValue};
use utoipa::ToSchema;

use super::{
    namesakes::{self, Namesakes},
    prepare::{MANY, Op, PreparedChange, named_entry},
    proposed_body::{parse, stored_body},
    rebase::rebase,
    references::{Beside, Proposal},
    submissions::get_row,
};
use crate::{
    model::{
        checks::{self, Context, Finding, Linked, Severity},
        errors::{FieldCode, FieldError, FieldErrors},
        kinds::KindDescriptor,
        limits::Limits,
        parts::EntryId,
        projection::references,
        record::record,
        time::julian_day,
    },
    store::{ChangeRow, CheckRow, ReadTx, SubmissionRow},
    usecase::{Actor, Archive, Error, Result, kind_of},
};

/// Findings that are shown; all are counted.
const SHOWN: i64 = 500;

/// What the checks found.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChecksView {
    /// How many findings of each code there are.
    pub counts: Vec<CheckCount>,
    /// The findings, the most severe first.
    #[schema(value_type = Vec<FoundCheck>)]
    pub items: Vec<Box<RawValue>>,
}

/// How many findings of a code there are.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct CheckCount {
    #[schema(example = "uncited_claim")]
    pub code: String,
    pub severity: Severity,
    pub count: i64,
}

/// A finding on a submission.
#[derive(Debug, Serialize, ToSchema)]
pub struct FoundCheck {
    /// Position of the change it is about.
    pub change: i64,
    #[serde(flatten)]
    pub finding: Finding,
}

record! {
    /// A body to check before it is submitted.
    BodyToCheck;
    required {
        /// Kind of the entry.
        #[schema(example = "person")]
        kind: String,
        #[schema(value_type = serde_json::Value)]
        body: Value,
    }
    optional {
        /// Id or ref of the entry that the body is meant for; absent for a new one.
        #[schema(example = "P1")]
        id: Option<String>,
    }
}

/// What the checks find in a body of which nothing is stored. Faults that a submission would be refused for are errors
/// here too.
pub fn check_body(tx: &mut ReadTx, limits: &Limits, asked: BodyToCheck, now: i64) -> Result<Vec<Finding>> {
    let mut errors = FieldErrors::default();
    let Some(kind) = KindDescriptor::by_name(&asked.kind) else {
        let detail = format!("kind is one of: {}.", KindDescriptor::names().join(", "));
        return Err(Error::Invalid(FieldErrors::one("/kind", FieldCode::UnknownCode, detail)));
    };
    let entry = match &asked.id {
        Some(id) => named_entry(tx, id, "/id", &mut errors)?,
        None => None,
    };
    if entry.as_ref().is_some_and(|entry| entry.kind != kind.name) {
        errors.push("/kind", FieldCode::WrongKind, "The entry is of another kind.");
    }
    let before = match &entry {
        Some(entry) => Some(stored_body(tx, &entry.id, entry.head)?),
        None => None,
    };
    let accepted = match kind.accept(asked.body, limits, before.as_ref()) {
        Ok(accepted) => accepted,
        Err(found) => {
            errors.extend_at("/body", found);
            return Err(Error::Invalid(errors));
        }
    };
    let entry_id = entry.map(|entry| entry.id);
    let new = EntryId::new();
    let proposal = Proposal {
        at: "/body".into(),
        kind,
        entry_id: entry_id.as_deref().unwrap_or(new.as_str()),
        body: &accepted.value,
    };
    super::references::check(tx, &[proposal], &Beside::default(), &mut errors)?;
    errors.into_result(()).map_err(Error::Invalid)?;
    let checked = Checked { position: 0, kind, entry_id, merges: None, body: accepted.value };
    Ok(run(tx, &[checked], now)?.into_iter().map(|found| found.finding).collect())
}

/// What the checks find in the contents of a submission, ready to be stored.
#[derive(Debug)]
pub struct Findings {
    pub rows: Vec<CheckRow>,
    /// That of the most severe.
    pub severity: i64,
    /// How many of each code there are.
    pub counts: Vec<CheckCount>,
}

impl Findings {
    /// Runs the checks on changes of a submission.
    pub fn on(tx: &mut ReadTx, submission_id: &str, changes: &[ChangeRow], now: i64) -> Result<Self> {
        Self::of(submission_id, &run_on(tx, changes, now)?)
    }

    /// Findings as they are stored.
    pub fn of(submission_id: &str, found: &[FoundCheck]) -> Result<Self> {
        let severity = found.iter().map(|f| f.finding.severity.rank()).max().unwrap_or(0);
        Ok(Self { rows: rows(submission_id, found)?, severity, counts: count(found) })
    }
}

fn rows(submission_id: &str, found: &[FoundCheck]) -> Result<Vec<CheckRow>> {
    let row = |(number, found): (i64, &FoundCheck)| {
        Ok(CheckRow {
            submission_id: submission_id.to_owned(),
            position: found.change,
            number,
            code: found.finding.code.as_str().to_owned(),
            severity: found.finding.severity.rank(),
            finding: serde_json::to_string(found).map_err(|e| Error::Internal(format!("a finding as JSON: {e}")))?,
        })
    };
    (0..).zip(found).map(row).collect()
}

/// What would stop an approval at this moment, in the bodies as acceptance would make them.
pub fn blocking_now(tx: &mut ReadTx, archive: &Archive, changes: &[ChangeRow], now: i64) -> Result<FieldErrors> {
    let mut rebased = Vec::new();
    for (i, change) in changes.iter().enumerate() {
        rebased.push(rebase(tx, archive, i, change, &[])?.change);
    }
    let mut errors = FieldErrors::default();
    for found in run_on(tx, &rebased, now)?.iter().filter(|f| f.finding.severity >= Severity::Block) {
        errors.0.push(FieldError {
            pointer: format!("/changes/{}/body{}", found.change, found.finding.pointer),
            code: found.finding.code.as_str(),
            detail: found.finding.detail.clone(),
        });
    }
    Ok(errors)
}

/// What the checks found on a submission; on a draft, what they find now.
pub fn checks(tx: &mut ReadTx, archive: &Archive, actor: &Actor, id: &str, now: i64) -> Result<ChecksView> {
    let submission = get_row(tx, archive, actor, id, now)?;
    if submission.submitted_at.is_some() || submission.form == "batch" {
        let raw =
            |row: CheckRow| RawValue::from_string(row.finding).map_err(|e| Error::Internal(format!("a finding: {e}")));
        let items = tx.checks(&submission.id, SHOWN)?.into_iter().map(raw).collect::<Result<Vec<_>>>()?;
        return Ok(ChecksView { counts: counts(tx, &submission)?, items });
    }
    let changes = tx.changes(&submission)?;
    let mut found = run_on(tx, &changes, now)?;
    found.sort_by_key(|f| std::cmp::Reverse(f.finding.severity.rank()));
    let raw =
        |f: &FoundCheck| serde_json::value::to_raw_value(f).map_err(|e| Error::Internal(format!("a finding: {e}")));
    Ok(ChecksView { counts: count(&found), items: found.iter().map(raw).collect::<Result<_>>()? })
}

/// How many findings of each code there are, the most severe first.
fn count(found: &[FoundCheck]) -> Vec<CheckCount> {
    let mut counts: Vec<CheckCount> = Vec::new();
    for FoundCheck { finding, .. } in found {
        match counts.iter_mut().find(|c| c.code == finding.code.as_str() && c.severity == finding.severity) {
            Some(known) => known.count += 1,
            None => {
                counts.push(CheckCount { code: finding.code.as_str().into(), severity: finding.severity, count: 1 })
            }
        }
    }
    counts.sort_by(|a, b| b.severity.cmp(&a.severity).then_with(|| a.code.cmp(&b.code)));
    counts
}

/// How many findings of each code a submission has.
pub fn counts(tx: &mut ReadTx, submission: &SubmissionRow) -> Result<Vec<CheckCount>> {
    let counted = tx.count_checks(&submission.id)?;
    Ok(counted
        .into_iter()
        .filter_map(|(code, rank, count)| Some(CheckCount { code, severity: Severity::of_rank(rank)?, count }))
        .collect())
}

/// The findings that stop an approval, as errors with their places.
pub fn blocking(tx: &mut ReadTx, submission: &SubmissionRow) -> Result<FieldErrors> {
    let mut errors = FieldErrors::default();
    for row in tx.checks(&submission.id, SHOWN)?.into_iter().filter(|r| r.severity >= Severity::Block.rank()) {
        let found = parse(&row.finding)?;
        let text = |field: &str| found[field].as_str().unwrap_or_default().to_owned();
        if let Some(code) = checks::CheckCode::parse(&row.code) {
            errors.0.push(FieldError {
                pointer: format!("/changes/{}/body{}", row.position, text("pointer")),
                code: code.as_str(),
                detail: text("detail"),
            });
        }
    }
    Ok(errors)
}

/// A body to check.
pub struct Checked {
    pub position: i64,
    pub kind: &'static KindDescriptor,
    pub entry_id: Option<String>,
    /// The entry that is merged into it.
    pub merges: Option<String>,
    pub body: Value,
}

impl Checked {
    /// The body of a change that is ready to be stored, taken from it: what is stored is its canonical text.
    pub fn of(position: i64, change: &mut PreparedChange) -> Option<Self> {
        let body = change.body.as_mut().map(|body| std::mem::take(&mut body.value))?;
        Some(Self { position, kind: change.kind, entry_id: Some(change.entry_id.clone()), merges: None, body })
    }
}

/// The bodies that changes propose or bring back. What takes an entry away proposes none.
pub fn checked(tx: &mut ReadTx, changes: &[ChangeRow]) -> Result<Vec<Checked>> {
    let mut all = Vec::new();
    for change in changes {
        let stored;
        let (id, merges, body) = match Op::stored(&change.op)? {
            Op::Create | Op::Update | Op::Revert => (Some(&change.entry_id), None, &change.body),
            Op::Merge => (change.into_id.as_ref(), Some(change.entry_id.clone()), &change.into_body),
            // What comes back becomes public again: the archive may have changed.
            Op::Unmerge => (Some(&change.entry_id), change.into_id.clone(), &change.body),
            Op::Restore => {
                let head = tx.entry(&change.entry_id)?.ok_or(Error::NotFound("entry"))?;
                stored = tx.revision(&head.id, head.head)?.map(|revision| revision.body);
                (Some(&change.entry_id), None, &stored)
            }
            Op::Retire => continue,
        };
        if let Some(body) = body {
            all.push(Checked {
                position: change.position,
                kind: kind_of(&change.kind)?,
                entry_id: id.cloned(),
                merges,
                body: parse(body)?,
            });
        }
    }
    Ok(all)
}

fn run_on(tx: &mut ReadTx, changes: &[ChangeRow], now: i64) -> Result<Vec<FoundCheck>> {
    let bodies = checked(tx, changes)?;
    run(tx, &bodies, now)
}

/// Runs the checks on bodies that are proposed together.
pub fn run(tx: &mut ReadTx, bodies: &[Checked], now: i64) -> Result<Vec<FoundCheck>> {
    let namesakes = namesakes::find(tx, bodies)?;
    run_against(tx, bodies, &namesakes, now)
}

/// The same without looking for entries on the same thing: for rows that somebody vouches for.
pub fn run_alone(tx: &mut ReadTx, bodies: &[Checked], now: i64) -> Result<Vec<FoundCheck>> {
    run_against(tx, bodies, &[], now)
}

fn run_against(tx: &mut ReadTx, bodies: &[Checked], namesakes: &[Namesakes], now: i64) -> Result<Vec<FoundCheck>> {
    let linked = linked(tx, bodies)?;
    let check = |(i, checked): (usize, &Checked)| {
        let namesakes = namesakes.get(i);
        let context = Context {
            entry_id: checked.entry_id.as_deref(),
            merges: checked.merges.as_deref(),
            linked: &linked,
            candidates: namesakes.map(|found| found.candidates.as_slice()).unwrap_or_default(),
            is_cut: namesakes.is_some_and(|found| found.is_cut),
            today: julian_day(now),
        };
        let findings = checks::run(checked.kind, &checked.body, &context);
        let found = |finding| FoundCheck { change: checked.position, finding };
        findings.into_iter().map(found).collect::<Vec<_>>()
    };
    let found: Vec<Vec<FoundCheck>> = match bodies.len() < MANY {
        true => bodies.iter().enumerate().map(check).collect(),
        false => bodies.par_iter().enumerate().map(check).collect(),
    };
    Ok(found.into_iter().flatten().collect())
}

/// Bytes of the bodies of linked entries that are read for the checks of one request: a bound on the memory.
const LINKED_BYTES: usize = 8 * 1024 * 1024;

/// The entries that the bodies refer to: as they are proposed beside them, else as they are. Those that the checks compare
/// come with their bodies.
fn linked(tx: &mut ReadTx, bodies: &[Checked]) -> Result<HashMap<String, Linked>> {
    let targets = |checked: &Checked| references(checked.kind, &checked.body).into_iter().map(|r| r.target);
    let ids: BTreeSet<String> = bodies.iter().flat_map(targets).map(|id| id.as_str().to_owned()).collect();
    let ids: Vec<String> = ids.into_iter().collect();
    let mut linked = HashMap::new();
    for (id, head) in tx.entries_by_id(&ids)? {
        let (reference, label) = (Some(head.reference), head.label);
        linked.insert(id, Linked { kind: kind_of(&head.kind)?, reference, label, status: head.status, body: None });
    }
    let mut seen = HashSet::new();
    let compared = bodies.iter().flat_map(|checked| checks::compared(checked.kind, &checked.body));
    let compared: Vec<String> = compared.filter(|id| seen.insert(id.clone())).collect();
    let mut left = LINKED_BYTES;
    for some in compared.chunks(20) {
        for (head, body) in tx.heads_with_bodies(some)? {
            left = left.saturating_sub(body.len());
            if let Some(entry) = linked.get_mut(&head.id) {
                entry.body = Some(parse(&body)?);
            }
        }
        if left == 0 {
            break;
        }
    }
    for checked in bodies {
        // Most are named by no other, and need not be copied.
        if let Some(id) = checked.entry_id.as_ref().filter(|id| ids.binary_search(id).is_ok()) {
            let known = linked.remove(id);
            let label = checked.kind.label_of(&checked.body).unwrap_or_default();
            let status = known.as_ref().map_or("proposed", |k| k.status.as_str()).to_owned();
            let reference = known.and_then(|k| k.reference);
            let body = Some(checked.body.clone());
            linked.insert(id.clone(), Linked { kind: checked.kind, reference, label, status, body });
        }
    }
    Ok(linked)
}
