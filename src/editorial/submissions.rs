//! Reading submissions.

use super::{
    approvals::Approvals,
    batches,
    checking::{self, CheckCount},
    decide::state_of,
    lapse::as_of,
    publication::conflicts,
    views::{ChangeView, EventView, Published, Quorum, ReviewView, SubmissionParts, SubmissionView},
};
use crate::{
    model::{parts::EntryId, workflow::State},
    store::{ChangeRow, ReadTx, ReviewRow, SubmissionRow},
    usecase::{Actor, Archive, Error, Listing, Result},
};

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

/// Parts of a submission that need not be read again.
#[derive(Default)]
pub struct Known {
    pub changes: Option<Vec<ChangeRow>>,
    pub approvals: Option<Approvals>,
    pub published: Option<Vec<Published>>,
    pub reviews: Option<Vec<ReviewRow>>,
    pub checks: Option<Vec<CheckCount>>,
}

/// The whole of a submission. The rows of a batch are read by themselves.
pub fn view(tx: &mut ReadTx, archive: &Archive, submission: SubmissionRow) -> Result<SubmissionView> {
    view_of(tx, archive, submission, Known::default())
}

/// The same where some of it is known already.
pub fn view_of(tx: &mut ReadTx, archive: &Archive, submission: SubmissionRow, known: Known) -> Result<SubmissionView> {
    let is_batch = submission.form == "batch";
    let changes = match known.changes {
        _ if is_batch => Vec::new(),
        Some(changes) => changes,
        None => tx.changes(&submission)?,
    };
    let state = state_of(&submission)?;
    let parts = SubmissionParts {
        changes: changes.into_iter().map(ChangeView::from_row).collect::<Result<Vec<_>>>()?,
        reviews: match known.reviews {
            Some(reviews) => reviews,
            None => tx.reviews(&submission.id)?,
        }
        .into_iter()
        .map(ReviewView::from)
        .collect(),
        quorum: Quorum::from(match known.approvals {
            Some(approvals) => approvals,
            None => Approvals::of(tx, archive, &submission)?,
        }),
        checks: match known.checks {
            Some(counts) => counts,
            None => checking::counts(tx, &submission)?,
        },
        conflicts: match state {
            State::Conflict => Some(conflicts(tx, archive, &submission)?),
            _ => None,
        },
        batch: if is_batch { Some(batches::progress(tx, &submission)?) } else { None },
        published: match state {
            State::Accepted if !is_batch => Some(match known.published {
                Some(published) => published,
                None => tx.published_by(&submission.id)?.into_iter().map(Published::from).collect(),
            }),
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
