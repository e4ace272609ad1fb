//! Batches: thousands of new entries, reviewed as one and published in chunks.

use std::collections::{HashMap, HashSet};

use serde::Serialize;
use serde_json::{Value, json, value::RawValue};
use utoipa::ToSchema;

use super::{
    audit::{self, By},
    checking::{self, Findings},
    context::Context,
    decide::{advance, load, permit, present},
    prepare::{Op, PreparedChange, ProposedChange, Together, prepare_all},
    proposals::{check_summary, new_row},
    rebase::Conflict,
    sample::ensure_sample_secret,
    submissions::{find, view},
    views::{ChangeView, SubmissionView},
};
use crate::{
    model::{
        errors::{FieldCode, FieldError, FieldErrors},
        parts::EntryId,
        precheck::check_line,
        record::record,
        workflow::{Action, State},
    },
    store::{ChangeRow, OutcomeRow, ReadTx, RowFilter, Sharing, SubmissionRow, WriteTx},
    usecase::{Actor, Archive, Commit, Error, IfMatch, Listing, PreparedWrite, Result},
};

/// So many rows are added in a transaction that others share.
const MOST_SHARED: usize = 100;
/// Rows that one call sets aside.
const MOST_AT_ONCE: usize = 1_000;
/// Longest reason for it, in characters.
const REASON_CHARS: usize = 2_000;

record! {
    /// A batch to be filled with rows.
    NewBatch;
    required {
        /// What is imported and from where, for the reviewer and for the history.
        #[schema(example = "Memory book of the town, volume 1, letters A to F")]
        summary: String,
    }
}

record! {
    /// Rows to add: changes that make new entries. A row may refer to rows before it.
    NewRows;
    required {
        rows: Vec<ProposedChange>,
    }
}

/// How far a batch is.
#[derive(Debug, Serialize, ToSchema)]
pub struct BatchProgress {
    pub rows: i64,
    pub published: i64,
    /// Rows that were left out or could not be published; they are listed with the reason.
    pub set_aside: i64,
}

/// A row of a batch.
#[derive(Debug, Serialize, ToSchema)]
pub struct RowView {
    pub position: i64,
    #[serde(flatten)]
    pub change: ChangeView,
    /// What the checks found on it.
    #[schema(value_type = Vec<checking::FoundCheck>)]
    pub checks: Vec<Box<RawValue>>,
    /// `published` or `set_aside`; null as long as nothing has become of it.
    pub outcome: Option<String>,
    /// Why it was set aside.
    #[schema(value_type = Option<Vec<serde_json::Value>>)]
    pub conflicts: Option<Box<RawValue>>,
}

/// Makes an empty batch, as a draft.
pub fn create(tx: &mut WriteTx, context: &Context, new: NewBatch) -> Result<SubmissionView> {
    let Context { archive, actor, now } = context;
    let mut errors = FieldErrors::default();
    check_summary(&new.summary, &mut errors);
    errors.into_result(()).map_err(Error::Invalid)?;
    let submission = new_row(actor, "batch", State::Draft, new.summary, *now);
    ensure_sample_secret(tx, *now)?;
    tx.insert_submission(&submission)?;
    audit::append(tx, By::Account(actor), &submission, "create", None, None, *now)?;
    view(tx, archive, submission)
}

/// Adds rows to a batch that is a draft, or was given back to its author: all of them or none.
pub struct AddRows {
    context: Context,
    id: String,
    condition: Option<IfMatch>,
    rows: Vec<ProposedChange>,
    count: usize,
}

/// Rows that were read and checked, and the version of the batch that they are added to.
pub struct ReadRows {
    seen: i64,
    rows: Vec<ChangeRow>,
    found: Vec<checking::FoundCheck>,
    findings: Findings,
}

impl AddRows {
    pub fn new(context: Context, id: String, condition: Option<IfMatch>, new: NewRows) -> Self {
        Self { context, id, condition, count: new.rows.len(), rows: new.rows }
    }

    fn permit(&self, submission: &SubmissionRow) -> Result<State> {
        let row = permit(submission, &self.context.actor, Action::Edit, self.condition.as_ref())?;
        require_batch(submission)?;
        match row.from {
            from @ (State::Draft | State::ChangesRequested) => Ok(from),
            from => Err(Error::WrongState { state: from.as_str(), action: "adding rows" }),
        }
    }
}

impl PreparedWrite for AddRows {
    type Prepared = ReadRows;
    type Done = SubmissionView;

    fn sharing(&self) -> Sharing {
        if self.count > MOST_SHARED { Sharing::Alone } else { Sharing::Shared }
    }

    fn prepare(&mut self, tx: &mut ReadTx, earlier: Option<ReadRows>) -> Result<ReadRows> {
        let submission = present(tx, &self.context, &self.id)?;
        self.permit(&submission)?;
        let Context { archive, now, .. } = &self.context;
        let first = tx.count_rows(&submission.id)?;
        let count = i64::try_from(self.count).unwrap_or(i64::MAX);
        let mut errors = FieldErrors::default();
        if self.count == 0 || self.count > archive.limits.changes {
            errors.push("/rows", FieldCode::TooMany, format!("Send 1 to {} rows at a time.", archive.limits.changes));
        }
        if first.saturating_add(count) > archive.desk.batch_rows {
            errors.push("/rows", FieldCode::TooMany, format!("A batch has at most {} rows.", archive.desk.batch_rows));
        }
        errors.into_result(()).map_err(Error::Invalid)?;
        // What was read of them before holds; their places are others.
        if let Some(earlier) = earlier {
            return earlier.behind(tx, &submission, first);
        }
        let mut prepared = prepare_rows(tx, archive, &submission, std::mem::take(&mut self.rows))?;
        let checked: Vec<checking::Checked> = (first..)
            .zip(&mut prepared)
            .filter_map(|(position, change)| checking::Checked::of(position, change))
            .collect();
        let found = match archive.desk.seeks_duplicates {
            true => checking::run(tx, &checked, *now)?,
            false => checking::run_alone(tx, &checked, *now)?,
        };
        let rows = (first..)
            .zip(prepared)
            .map(|(position, change)| change.into_row(&submission.id, submission.version + 1, position))
            .collect();
        let findings = Findings::of(&submission.id, &found)?;
        Ok(ReadRows { seen: submission.version, rows, found, findings })
    }

    fn commit(&self, tx: &mut WriteTx, read: &ReadRows) -> Result<Commit<SubmissionView>> {
        let Context { archive, actor, now } = &self.context;
        let mut submission = load(tx, &self.context, &self.id)?;
        let from = self.permit(&submission)?;
        if submission.version != read.seen {
            return Ok(Commit::Outdated);
        }
        // Reviews of what the batch was before do not count any more.
        submission.version += 1;
        submission.updated_at = *now;
        submission.contents_version = submission.version;
        tx.insert_changes(&read.rows)?;
        tx.append_checks(&read.findings.rows)?;
        submission.severity = submission.severity.max(read.findings.severity);
        tx.update_submission(&submission)?;
        audit::append(tx, By::Account(actor), &submission, "add_rows", Some(from), None, *now)?;
        Ok(Commit::Done(view(tx, archive, submission)?))
    }
}

impl ReadRows {
    /// The same rows behind others that have been added in the meantime.
    fn behind(mut self, tx: &mut ReadTx, submission: &SubmissionRow, first: i64) -> Result<Self> {
        let ids: Vec<String> = self.rows.iter().map(|row| row.entry_id.clone()).collect();
        let made = tx.entries_of_batch(&submission.id, &ids)?.into_iter().map(|(id, ..)| id);
        let made: HashSet<String> = made.collect();
        let mut errors = FieldErrors::default();
        for (i, _) in ids.iter().enumerate().filter(|(_, id)| made.contains(*id)) {
            errors.push(format!("/rows/{i}/id"), FieldCode::Duplicate, "One submission changes an entry once.");
        }
        errors.into_result(()).map_err(Error::Invalid)?;
        let by = self.rows.first().map_or(0, |row| first - row.position);
        for row in &mut self.rows {
            row.position += by;
            row.version = submission.version + 1;
        }
        for found in &mut self.found {
            found.change += by;
        }
        let findings = Findings::of(&submission.id, &self.found)?;
        Ok(Self { seen: submission.version, findings, ..self })
    }
}

/// Prepares rows. Each can refer to those before it only: chunks can then be published in their order.
fn prepare_rows(
    tx: &mut ReadTx,
    archive: &Archive,
    submission: &SubmissionRow,
    rows: Vec<ProposedChange>,
) -> Result<Vec<PreparedChange>> {
    // Of all rows before, only those matter that the new ones make again or refer to.
    let named: Vec<String> = rows.iter().flat_map(ids_in).collect();
    let made = tx.entries_of_batch(&submission.id, &named)?.into_iter();
    let earlier: HashMap<String, String> = made.map(|(id, kind, _)| (id, kind)).collect();
    let mut errors = FieldErrors::default();
    let (mut numbers, mut creations) = (Vec::new(), Vec::new());
    for (i, row) in rows.into_iter().enumerate() {
        if row.op == Op::Create {
            numbers.push(i);
            creations.push(row);
        } else {
            let detail = "The rows of a batch make new entries; other changes go into submissions of their own.";
            errors.push(format!("/rows/{i}/op"), FieldCode::InvalidValue, detail);
        }
    }
    if creations.is_empty() {
        return errors.into_result(Vec::new()).map_err(Error::Invalid);
    }
    let mut found = FieldErrors::default();
    let prepared = prepare_all(tx, &archive.limits, creations, &earlier, Together::InOrder, &mut found)?;
    for error in found.0 {
        // `/changes/{number}/…`, where the number is that among the creations.
        let rest = error.pointer.trim_start_matches("/changes/");
        let (number, rest) = rest.split_once('/').map_or((rest, String::new()), |(n, r)| (n, format!("/{r}")));
        let row = number.parse::<usize>().ok().and_then(|n| numbers.get(n));
        let pointer = row.map_or_else(|| "/rows".to_owned(), |row| format!("/rows/{row}{rest}"));
        errors.add(FieldError { pointer, ..error });
    }
    errors.into_result(prepared).map_err(Error::Invalid)
}

/// Everything in a row that could be the id of an entry.
fn ids_in(row: &ProposedChange) -> Vec<String> {
    fn walk(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::String(text) => found.extend(EntryId::parse(text).map(|id| id.as_str().to_owned())),
            Value::Array(items) => items.iter().for_each(|item| walk(item, found)),
            Value::Object(fields) => fields.values().for_each(|item| walk(item, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    found.extend(row.id.as_deref().and_then(EntryId::parse).map(|id| id.as_str().to_owned()));
    if let Some(body) = &row.body {
        walk(body, &mut found);
    }
    found
}

/// Refuses a submission that is no batch.
pub fn require_batch(submission: &SubmissionRow) -> Result<()> {
    if submission.form == "batch" { Ok(()) } else { Err(Error::NotFound("batch")) }
}

/// A batch is submitted with at least one row.
pub fn require_rows(tx: &mut ReadTx, submission: &SubmissionRow) -> Result<()> {
    if tx.count_rows(&submission.id)? == 0 {
        return Err(Error::Invalid(FieldErrors::one("/rows", FieldCode::MissingField, "The batch has no rows yet.")));
    }
    Ok(())
}

/// How far a batch is.
pub fn progress(tx: &mut ReadTx, submission: &SubmissionRow) -> Result<BatchProgress> {
    let outcomes = tx.count_outcomes(&submission.id)?;
    let count = |name: &str| outcomes.iter().find(|(outcome, _)| outcome == name).map_or(0, |(_, n)| *n);
    Ok(BatchProgress {
        rows: tx.count_rows(&submission.id)?,
        published: count("published"),
        set_aside: count("set_aside"),
    })
}

/// The rows of a batch: all, those with a finding of one code, or those with one outcome.
pub fn rows(tx: &mut ReadTx, actor: &Actor, id: &str, mut filter: RowFilter) -> Result<Listing<RowView, i64>> {
    let submission = find(tx, actor, id)?;
    require_batch(&submission)?;
    let limit = filter.limit;
    filter.limit += 1;
    let positions = tx.row_positions(&submission.id, &filter)?;
    let total = tx.count_filtered_rows(&submission.id, &filter)?;
    Listing::of(positions, limit, total, |position| *position).shown(|positions| rows_at(tx, &submission, &positions))
}

fn rows_at(tx: &mut ReadTx, submission: &SubmissionRow, positions: &[i64]) -> Result<Vec<RowView>> {
    let raw = |text: String| RawValue::from_string(text).map_err(|e| Error::Internal(format!("a stored finding: {e}")));
    let mut checks: HashMap<i64, Vec<Box<RawValue>>> = HashMap::new();
    for (position, finding) in tx.row_checks(&submission.id, positions)? {
        checks.entry(position).or_default().push(raw(finding)?);
    }
    let outcomes = tx.outcomes(&submission.id, positions)?.into_iter();
    let mut outcomes: HashMap<i64, OutcomeRow> = outcomes.map(|o| (o.position, o)).collect();
    let mut views = Vec::new();
    for change in tx.rows_at(&submission.id, positions)? {
        let position = change.position;
        let (outcome, detail) = outcomes.remove(&position).map_or((None, None), |o| (Some(o.outcome), o.detail));
        views.push(RowView {
            position,
            change: ChangeView::from_row(change)?,
            checks: checks.remove(&position).unwrap_or_default(),
            outcome,
            conflicts: detail.map(raw).transpose()?,
        });
    }
    Ok(views)
}

/// Opens a row, and remembers that the caller has seen it.
pub fn open_row(tx: &mut WriteTx, actor: &Actor, id: &str, position: i64, now: i64) -> Result<RowView> {
    let submission = find(tx, actor, id)?;
    require_batch(&submission)?;
    let row = rows_at(tx, &submission, &[position])?.pop().ok_or(Error::NotFound("row"))?;
    tx.open_row(&submission.id, &actor.user_id, position, now)?;
    Ok(row)
}

record! {
    /// Rows to leave out.
    RowsToSetAside;
    required {
        /// Their positions.
        rows: Vec<i64>,
        /// Why.
        #[schema(example = "Not in the source")]
        reason: String,
    }
}

/// Leaves rows out of a batch: they stay in it, and are never published. Nothing new can come to the public by it, so
/// approvals stay.
pub fn set_aside(
    tx: &mut WriteTx,
    context: &Context,
    id: &str,
    condition: Option<&IfMatch>,
    wanted: RowsToSetAside,
) -> Result<SubmissionView> {
    let Context { archive, actor, now } = context;
    let mut submission = load(tx, context, id)?;
    let row = permit(&submission, actor, Action::SetAside, condition)?;
    require_batch(&submission)?;
    let mut errors = FieldErrors::default();
    check_line("/reason", &wanted.reason, REASON_CHARS, &mut errors);
    if wanted.reason.trim().is_empty() {
        errors.push("/reason", FieldCode::MissingField, "Say why.");
    }
    if wanted.rows.is_empty() || wanted.rows.len() > MOST_AT_ONCE {
        errors.push("/rows", FieldCode::TooMany, format!("Name 1 to {MOST_AT_ONCE} rows."));
    }
    errors.into_result(()).map_err(Error::Invalid)?;
    let mut errors = FieldErrors::default();
    let there: HashSet<i64> = tx.rows_at(&submission.id, &wanted.rows)?.iter().map(|row| row.position).collect();
    let mut done: HashSet<i64> = tx.outcomes(&submission.id, &wanted.rows)?.iter().map(|o| o.position).collect();
    for (i, position) in wanted.rows.iter().enumerate() {
        if !there.contains(position) {
            errors.push(format!("/rows/{i}"), FieldCode::NotFound, "The batch has no such row.");
        } else if !done.insert(*position) {
            errors.push(format!("/rows/{i}"), FieldCode::Duplicate, "Something has become of the row already.");
        }
    }
    errors.into_result(()).map_err(Error::Invalid)?;
    let conflict = Conflict { code: "set_aside", detail: wanted.reason.clone(), ..Conflict::default() };
    for position in wanted.rows {
        let change = usize::try_from(position).unwrap_or_default();
        tx.append_outcome(&OutcomeRow {
            submission_id: submission.id.clone(),
            position,
            outcome: "set_aside".to_owned(),
            detail: Some(json!([Conflict { change, ..conflict.clone() }]).to_string()),
        })?;
    }
    let before = submission.clone();
    submission.severity = tx.worst_open_check(&submission.id)?;
    advance(&mut submission, row, row.usual(), *now)?;
    tx.update_submission(&submission)?;
    audit::record(tx, actor, (&before, &submission), Action::SetAside.as_str(), Some(wanted.reason), *now)?;
    view(tx, archive, submission)
}
