//! Making, changing and reading submissions.

use deserr::Deserr;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    decide::{audit, state_of, step},
    prepare::{PreparedChange, ProposedChange, prepare},
    views::{
        ChangeView, EventPage, EventView, Published, ReviewView, SubmissionPage, SubmissionQuery, SubmissionSummary,
        SubmissionView,
    },
};
use crate::{
    model::{
        errors::{FieldCode, FieldErrors},
        limits::Limits,
        parts::EntryId,
        precheck,
        refs::EntryKey,
        time::to_rfc3339,
        workflow::{Action, State},
    },
    store::{ReadTx, SubmissionFilter, SubmissionRow, WriteTx},
    usecase::{Actor, Error, IfMatch, Result},
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
    limits: &Limits,
    actor: &Actor,
    new: NewSubmission,
    now: i64,
) -> Result<SubmissionView> {
    let changes = checked(tx, limits, &new.summary, new.changes)?;
    let state = if new.draft == Some(true) { State::Draft } else { State::Submitted };
    let submission = SubmissionRow {
        id: uuid::Uuid::now_v7().to_string(),
        state: state.as_str().to_owned(),
        version: 1,
        summary: new.summary,
        author_id: actor.user_id.clone(),
        author: actor.username.clone(),
        created_at: now,
        updated_at: now,
        submitted_at: (state == State::Submitted).then_some(now),
        decided_at: None,
    };
    tx.insert_submission(&submission)?;
    store_changes(tx, &submission, changes)?;
    audit(tx, actor, &submission, "create", None, None, now)?;
    view(tx, submission)
}

/// Puts new contents in place of the old ones. The old ones are kept; reviews of them no longer count.
pub fn replace(
    tx: &mut WriteTx,
    limits: &Limits,
    actor: &Actor,
    id: &str,
    condition: Option<&IfMatch>,
    new: NewSubmission,
    now: i64,
) -> Result<SubmissionView> {
    let mut submission = load(tx, actor, id)?;
    step(tx, actor, &mut submission, Action::Edit, condition, None, now)?;
    if new.draft.is_some_and(|draft| draft != (submission.state == State::Draft.as_str())) {
        let detail = "Editing does not move a submission; use submit or withdraw.";
        return Err(Error::Invalid(FieldErrors::one("/draft", FieldCode::InvalidValue, detail)));
    }
    let changes = checked(tx, limits, &new.summary, new.changes)?;
    submission.summary = new.summary;
    tx.update_submission(&submission)?;
    store_changes(tx, &submission, changes)?;
    view(tx, submission)
}

fn checked(
    tx: &mut ReadTx,
    limits: &Limits,
    summary: &str,
    changes: Vec<ProposedChange>,
) -> Result<Vec<PreparedChange>> {
    let mut errors = FieldErrors::default();
    if summary.trim().is_empty() {
        errors.push("/summary", FieldCode::MissingField, "Say in a sentence what the changes are and why.");
    }
    precheck::check_line("/summary", summary, SUMMARY_CHARS, &mut errors);
    match prepare(tx, limits, changes) {
        Ok(changes) => {
            if errors.is_empty() {
                Ok(changes)
            } else {
                Err(Error::Invalid(errors))
            }
        }
        Err(Error::Invalid(found)) => {
            errors.0.extend(found.0);
            Err(Error::Invalid(errors))
        }
        Err(_) if !errors.is_empty() => Err(Error::Invalid(errors)),
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

/// The submission, if the caller may know of it: its author, and moderators unless it is a draft.
pub fn load(tx: &mut ReadTx, actor: &Actor, id: &str) -> Result<SubmissionRow> {
    // What is no UUID is not looked for.
    let id = EntryId::parse(id).ok_or(Error::NotFound("submission"))?;
    let submission = tx.submission(id.as_str())?.ok_or(Error::NotFound("submission"))?;
    let is_author = submission.author_id == actor.user_id;
    let is_draft = state_of(&submission)? == State::Draft;
    if is_author || (actor.is_moderator() && !is_draft) { Ok(submission) } else { Err(Error::NotFound("submission")) }
}

/// A submission as its readers see it.
pub fn get(tx: &mut ReadTx, actor: &Actor, id: &str) -> Result<SubmissionView> {
    let submission = load(tx, actor, id)?;
    view(tx, submission)
}

/// The whole of a submission.
pub fn view(tx: &mut ReadTx, submission: SubmissionRow) -> Result<SubmissionView> {
    let changes = tx.changes(&submission.id)?.into_iter().map(ChangeView::from_row).collect::<Result<Vec<_>>>()?;
    let reviews = tx.reviews(&submission.id)?.into_iter().map(ReviewView::from).collect();
    let published = match state_of(&submission)? {
        State::Accepted => Some(tx.published_by(&submission.id)?.into_iter().map(Published::from).collect()),
        _ => None,
    };
    Ok(SubmissionView::new(submission, changes, reviews, published))
}

/// The submissions the caller may see, newest first.
pub fn list(tx: &mut ReadTx, actor: &Actor, query: SubmissionQuery) -> Result<SubmissionPage> {
    let entry_id = match &query.entry {
        None => None,
        // An entry that is still only proposed has an id and no ref.
        Some(text) => match EntryKey::parse_any(text) {
            Some(EntryKey::Id(id)) => Some(id.as_str().to_owned()),
            Some(key) => Some(tx.entry_id(&key)?.unwrap_or_default()),
            None => Some(String::new()),
        },
    };
    let filter = SubmissionFilter {
        states: query.states.iter().map(|s| s.as_str().to_owned()).collect(),
        kind: query.kind,
        author: query.author,
        entry_id,
        viewer_id: actor.user_id.clone(),
        sees_others: actor.is_moderator(),
        after: query.after,
        limit: query.limit + 1,
    };
    let total = tx.count_submissions(&filter)?;
    let mut rows = tx.list_submissions(&filter)?;
    let limit = usize::try_from(query.limit).unwrap_or(usize::MAX);
    let more = rows.len() > limit;
    rows.truncate(limit);
    let last = rows.last().filter(|_| more).map(|row| (row.created_at, row.id.clone()));
    Ok(SubmissionPage { items: rows.into_iter().map(SubmissionSummary::from).collect(), total, last })
}

/// The audit trail of a submission, oldest first.
pub fn events(tx: &mut ReadTx, actor: &Actor, id: &str, after: i64, limit: i64) -> Result<EventPage> {
    let submission = load(tx, actor, id)?;
    let total = tx.count_submission_events(&submission.id)?;
    let mut rows = tx.submission_events(&submission.id, after, limit + 1)?;
    let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = rows.len() > wanted;
    rows.truncate(wanted);
    let last = rows.last().filter(|_| more).map(|row| row.number);
    let items = rows
        .into_iter()
        .map(|row| EventView {
            number: row.number,
            at: to_rfc3339(row.at),
            actor: row.actor,
            action: row.action,
            from_state: row.from_state,
            to_state: row.to_state,
            version: row.version,
            comment: row.comment,
        })
        .collect();
    Ok(EventPage { items, total, last })
}
