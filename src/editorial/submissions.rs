//! Making, changing and reading submissions.

use std::collections::HashMap;

use deserr::Deserr;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    approvals::Approvals,
    audit::{self, By},
    batches, checking,
    decide::{advance, hand_in, load, permit, state_of},
    lapse::as_of,
    prepare::{PreparedChange, ProposedChange, prepare},
    protect,
    publish::conflicts,
    trust,
    views::{ChangeView, EventView, Published, Quorum, ReviewView, SubmissionParts, SubmissionView},
};
use crate::{
    model::{
        errors::{FieldCode, FieldErrors},
        parts::EntryId,
        precheck,
        workflow::{Action, State},
    },
    store::{ReadTx, SubmissionRow, WriteTx},
    usecase::{Actor, Archive, Error, IfMatch, Listing, Result},
};

/// What an editor sends in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserr, ToSchema)]
#[serde(deny_unknown_fields)]
#[deserr(error = FieldErrors, deny_unknown_fields)]
#[schema(example = json!({
    "summary": "NKVD order no. 00447, from the published text",
    "changes": [{
        "op": "create",
        "kind": "source",
        "id": "0199b2c4-7d1e-7c3a-9f52-3f0a8c1d2e4b",
        "body": {"kind": {"code": "order"}, "title": {"en": "NKVD operational order no. 00447"}}
    }]
}))]
pub struct NewSubmission {
    /// What the changes are and why, for the reviewer and for the history.
    #[schema(example = "Death date of N. I. Bukharin from the act of execution")]
    pub summary: String,
    /// One to a hundred changes; accepted or refused as a whole.
    pub changes: Vec<ProposedChange>,
    /// Keep it as a draft that only the author sees, to be submitted later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[deserr(default)]
    pub draft: Option<bool>,
}

/// Longest summary, in characters.
const SUMMARY_CHARS: usize = 1_000;

/// Stores a new submission, as a draft or ready for review.
pub fn create(
    tx: &mut WriteTx,
    archive: &Archive,
    actor: &Actor,
    new: NewSubmission,
    now: i64,
) -> Result<SubmissionView> {
    let changes = checked(tx, archive, actor, &new.summary, new.changes)?;
    let state = if new.draft == Some(true) { State::Draft } else { State::Submitted };
    let mut submission = new_row(actor, "changes", state, new.summary, now);
    tx.insert_submission(&submission)?;
    store_changes(tx, &submission, changes)?;
    if state == State::Submitted {
        hand_in(tx, &mut submission, now)?;
    }
    audit::append(tx, By::Account(actor), &submission, "create", None, None, now)?;
    trust::accept_at_once(tx, archive, &mut submission, now)?;
    tx.update_submission(&submission)?;
    view(tx, archive, submission)
}

/// A submission that is just being made.
pub fn new_row(actor: &Actor, form: &str, state: State, summary: String, now: i64) -> SubmissionRow {
    SubmissionRow {
        id: uuid::Uuid::now_v7().to_string(),
        state: state.as_str().to_owned(),
        version: 1,
        summary,
        author_id: actor.user_id.clone(),
        author: actor.username.clone(),
        created_at: now,
        updated_at: now,
        submitted_at: None,
        decided_at: None,
        form: form.to_owned(),
        contents_version: 1,
        writers: "[]".into(),
        assignee_id: None,
        assignee: None,
        lease_until: None,
        severity: 0,
    }
}

/// Puts new contents in place of the old ones. The old ones are kept; reviews of them no longer count.
pub fn replace(
    tx: &mut WriteTx,
    archive: &Archive,
    actor: &Actor,
    id: &str,
    condition: Option<&IfMatch>,
    new: NewSubmission,
    now: i64,
) -> Result<SubmissionView> {
    let mut submission = load(tx, archive, actor, id, now)?;
    let row = permit(&submission, actor, Action::Edit, condition)?;
    if submission.form == "batch" {
        return Err(Error::Forbidden("a batch is changed by its rows"));
    }
    if new.draft.is_some_and(|draft| draft != (row.from == State::Draft)) {
        let detail = "Editing does not move a submission; use submit or withdraw.";
        return Err(Error::Invalid(FieldErrors::one("/draft", FieldCode::InvalidValue, detail)));
    }
    let changes = checked(tx, archive, actor, &new.summary, new.changes)?;
    let before = submission.clone();
    submission.summary = new.summary;
    advance(&mut submission, row, row.usual(), now)?;
    submission.contents_version = submission.version;
    store_changes(tx, &submission, changes)?;
    tx.update_submission(&submission)?;
    if row.from != State::Draft {
        checking::store(tx, &mut submission, now)?;
        tx.update_submission(&submission)?;
    }
    audit::record(tx, actor, (&before, &submission), Action::Edit.as_str(), None, now)?;
    view(tx, archive, submission)
}

/// Refuses a summary that says nothing or too much.
pub fn check_summary(summary: &str, errors: &mut FieldErrors) {
    if summary.trim().is_empty() {
        errors.push("/summary", FieldCode::MissingField, "Say in a sentence what the changes are and why.");
    }
    precheck::check_line("/summary", summary, SUMMARY_CHARS, errors);
}

fn checked(
    tx: &mut ReadTx,
    archive: &Archive,
    actor: &Actor,
    summary: &str,
    changes: Vec<ProposedChange>,
) -> Result<Vec<PreparedChange>> {
    let mut errors = FieldErrors::default();
    check_summary(summary, &mut errors);
    match prepare(tx, &archive.limits, changes, &HashMap::new()) {
        Ok(_) if !errors.is_empty() => Err(Error::Invalid(errors)),
        Ok(changes) => {
            let ids: Vec<String> = changes.iter().flat_map(|c| c.entry_ids().cloned()).collect();
            protect::refuse_locked(tx, actor, &ids)?;
            Ok(changes)
        }
        Err(Error::Invalid(found)) => {
            errors.extend(found);
            Err(Error::Invalid(errors))
        }
        Err(other) => Err(other),
    }
}

fn store_changes(tx: &mut WriteTx, submission: &SubmissionRow, changes: Vec<PreparedChange>) -> Result<()> {
    let rows: Vec<_> = (0_i64..)
        .zip(changes)
        .map(|(position, change)| change.into_row(&submission.id, submission.version, position))
        .collect();
    Ok(tx.insert_changes(&rows)?)
}

/// The submission as it is stored, if the caller may know of it: its author, and moderators once it was handed in.
pub fn find(tx: &mut ReadTx, actor: &Actor, id: &str) -> Result<SubmissionRow> {
    // What is no UUID is not looked for.
    let id = EntryId::parse(id).ok_or(Error::NotFound("submission"))?;
    let submission = tx.submission(id.as_str())?.ok_or(Error::NotFound("submission"))?;
    let is_author = submission.author_id == actor.user_id;
    let is_open = submission.submitted_at.is_some();
    if is_author || (actor.is_moderator() && is_open) { Ok(submission) } else { Err(Error::NotFound("submission")) }
}

/// The submission as it is now, if the caller may know of it.
pub fn get_row(tx: &mut ReadTx, archive: &Archive, actor: &Actor, id: &str, now: i64) -> Result<SubmissionRow> {
    as_of(find(tx, actor, id)?, archive, now)
}

/// A submission as its readers see it.
pub fn get(tx: &mut ReadTx, archive: &Archive, actor: &Actor, id: &str, now: i64) -> Result<SubmissionView> {
    let submission = get_row(tx, archive, actor, id, now)?;
    view(tx, archive, submission)
}

/// The whole of a submission. The rows of a batch are read by themselves.
pub fn view(tx: &mut ReadTx, archive: &Archive, submission: SubmissionRow) -> Result<SubmissionView> {
    let is_batch = submission.form == "batch";
    let changes = if is_batch { Vec::new() } else { tx.changes(&submission)? };
    let state = state_of(&submission)?;
    let parts = SubmissionParts {
        changes: changes.into_iter().map(ChangeView::from_row).collect::<Result<Vec<_>>>()?,
        reviews: tx.reviews(&submission.id)?.into_iter().map(ReviewView::from).collect(),
        quorum: Quorum::from(Approvals::of(tx, archive, &submission)?),
        checks: checking::counts(tx, &submission)?,
        conflicts: match state {
            State::Conflict => Some(conflicts(tx, archive, &submission)?),
            _ => None,
        },
        batch: if is_batch { Some(batches::progress(tx, &submission)?) } else { None },
        published: match state {
            State::Accepted if !is_batch => {
                Some(tx.published_by(&submission.id)?.into_iter().map(Published::from).collect())
            }
            _ => None,
        },
    };
    Ok(SubmissionView::new(submission, parts))
}

/// The audit trail of a submission, oldest first.
pub fn events(
    tx: &mut ReadTx,
    archive: &Archive,
    actor: &Actor,
    id: &str,
    (after, limit): (i64, i64),
    now: i64,
) -> Result<Listing<EventView, i64>> {
    let stored = find(tx, actor, id)?;
    let (from, submission) = (stored.state.clone(), as_of(stored, archive, now)?);
    let total = tx.count_submission_events(&submission.id)?;
    let rows = tx.submission_events(&submission.id, after, limit + 1)?;
    let page = Listing::of(rows, limit, total, |row| row.number);
    let mut page = page.shown(|rows| Ok(rows.into_iter().map(|row| EventView::new(row, actor)).collect()))?;
    // What the clock did is told before anybody writes it down.
    if from != submission.state {
        page.total += 1;
        if page.last.is_none() {
            page.items.push(EventView::by_the_clock(page.total, &from, &submission));
        }
    }
    Ok(page)
}
