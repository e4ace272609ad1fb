//! Publishing batches, some rows at a time.

use serde_json::json;

use super::{approvals::Approvals, decide::state_of, publish::publish, rebase::Conflict};
use crate::{
    model::workflow::{Action, State},
    store::{ChangeRow, OutcomeRow, SubmissionRow, WriteTx},
    usecase::{Archive, Error, Result},
};

/// Publishes the next rows of an approved batch in the transaction at hand: after a crash each row is public once or
/// not at all, and the next call goes on from there. A row that cannot be published is set aside with the reason.
pub fn publish_chunk(tx: &mut WriteTx, archive: &Archive, submission: &SubmissionRow, now: i64) -> Result<State> {
    if state_of(submission)? != State::Publishing {
        return Err(Error::WrongState { state: State::Publishing.as_str(), action: Action::Publish.as_str() });
    }
    // An approval of somebody who has lost the right since is none any more.
    let reviewers = Approvals::of(tx, archive, submission)?.require()?;
    let rows = tx.open_rows(&submission.id, archive.desk.chunk)?;
    let is_last = i64::try_from(rows.len()).is_ok_and(|n| n < archive.desk.chunk);
    let outcomes = publish_rows(tx, archive, submission, &rows, &reviewers, now)?;
    tx.append_outcomes(&outcomes)?;
    let is_done = is_last || tx.open_rows(&submission.id, 1)?.is_empty();
    Ok(if is_done { State::Accepted } else { State::Publishing })
}

/// Publishes rows all at once, and one by one where that is not possible: then those that can be are, and the others
/// are set aside.
fn publish_rows(
    tx: &mut WriteTx,
    archive: &Archive,
    submission: &SubmissionRow,
    rows: &[ChangeRow],
    reviewers: &[String],
    now: i64,
) -> Result<Vec<OutcomeRow>> {
    let outcome = |row: &ChangeRow, mut conflicts: Vec<Conflict>| {
        for conflict in &mut conflicts {
            conflict.change = usize::try_from(row.position).unwrap_or_default();
        }
        OutcomeRow {
            submission_id: submission.id.clone(),
            position: row.position,
            outcome: if conflicts.is_empty() { "published" } else { "set_aside" }.to_owned(),
            detail: (!conflicts.is_empty()).then(|| json!(conflicts).to_string()),
        }
    };
    if publish(tx, archive, submission, rows, reviewers, now)?.is_empty() {
        return Ok(rows.iter().map(|row| outcome(row, Vec::new())).collect());
    }
    let mut outcomes = Vec::new();
    for row in rows {
        let conflicts = publish(tx, archive, submission, std::slice::from_ref(row), reviewers, now)?;
        outcomes.push(outcome(row, conflicts));
    }
    Ok(outcomes)
}
