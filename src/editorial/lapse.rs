//! What the clock does to submissions: leases run out, drafts left alone are given up. It is derived from the time
//! whenever a submission is read, and written down when one is changed; no job has to run for it to be true.

use super::{
    audit::{self, By},
    decide::state_of,
};
use crate::{
    model::workflow::State,
    store::{SubmissionRow, WriteTx},
    usecase::{Archive, Result},
};

/// Who the audit trail names for what the clock did. Not a name an account can have.
pub const CLOCK: &str = "(clock)";

/// The submission as it is at a time.
pub fn as_of(mut row: SubmissionRow, archive: &Archive, now: i64) -> Result<SubmissionRow> {
    if let Some((state, at)) = lapsed(&row, archive, now)? {
        row.state = state.as_str().to_owned();
        row.version += 1;
        row.updated_at = at;
        row.assignee_id = None;
        row.assignee = None;
        row.lease_until = None;
        if state == State::Withdrawn {
            row.decided_at = Some(at);
        }
    }
    Ok(row)
}

/// The same, written down before something else is done with the submission.
pub fn settle(tx: &mut WriteTx, archive: &Archive, row: SubmissionRow, now: i64) -> Result<SubmissionRow> {
    let from = state_of(&row)?;
    let settled = as_of(row.clone(), archive, now)?;
    if settled != row {
        tx.update_submission(&settled)?;
        let action = action(Some(from));
        audit::append(tx, By::Archive(CLOCK), &settled, action, Some(from), None, settled.updated_at)?;
        audit::tell(tx, ("", CLOCK), (&row, &settled), action, settled.updated_at)?;
    }
    Ok(settled)
}

/// What the audit trail calls it.
pub fn action(from: Option<State>) -> &'static str {
    if from == Some(State::Draft) { "expire" } else { "lease_end" }
}

/// The state the clock has led to, and when.
fn lapsed(row: &SubmissionRow, archive: &Archive, now: i64) -> Result<Option<(State, i64)>> {
    Ok(match (state_of(row)?, row.lease_until) {
        (State::InReview, Some(until)) if until <= now => Some((State::Submitted, until)),
        (State::Draft, _) => {
            let end = row.updated_at.saturating_add(archive.desk.draft_lifetime);
            (end <= now).then_some((State::Withdrawn, end))
        }
        _ => None,
    })
}
