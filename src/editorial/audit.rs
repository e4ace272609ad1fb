//! The audit trail of submissions, and who is told of what.

use crate::{
    model::workflow::State,
    store::{EventRow, NotificationRow, SubmissionRow, WriteTx},
    usecase::{Actor, Result},
};

/// Writes a line of the audit trail, and tells everybody whom it concerns: the author, and whoever has taken, reviewed
/// or commented on the submission; never the one who did it.
pub fn record(
    tx: &mut WriteTx,
    actor: &Actor,
    submission: &SubmissionRow,
    action: &str,
    from: Option<State>,
    comment: Option<String>,
    now: i64,
) -> Result<()> {
    append(tx, &actor.username, submission, action, from, comment, now)?;
    // Nobody but its author knows of a draft.
    if submission.submitted_at.is_none() {
        return Ok(());
    }
    let mut concerned = tx.participants(&submission.id)?;
    concerned.push(submission.author_id.clone());
    concerned.extend(submission.assignee_id.clone());
    concerned.sort();
    concerned.dedup();
    for user_id in concerned.into_iter().filter(|id| *id != actor.user_id) {
        tx.notify(NotificationRow {
            user_id,
            number: 0,
            at: now,
            action: action.to_owned(),
            actor: actor.username.clone(),
            submission_id: submission.id.clone(),
            summary: submission.summary.clone(),
            read_at: None,
        })?;
    }
    Ok(())
}

/// Writes a line of the audit trail.
pub fn append(
    tx: &mut WriteTx,
    actor: &str,
    submission: &SubmissionRow,
    action: &str,
    from: Option<State>,
    comment: Option<String>,
    now: i64,
) -> Result<()> {
    tx.append_submission_event(EventRow {
        submission_id: submission.id.clone(),
        number: 0,
        at: now,
        actor: actor.to_owned(),
        action: action.to_owned(),
        from_state: from.map(|s| s.as_str().to_owned()),
        to_state: submission.state.clone(),
        version: submission.version,
        comment,
    })?;
    Ok(())
}
