//! The audit trail of submissions, and who is told of what.

use super::decide::state_of;
use crate::{
    model::workflow::State,
    store::{EventRow, NotificationRow, SubmissionRow, WriteTx},
    usecase::{Actor, Result},
};

/// Who did something to a submission.
#[derive(Clone, Copy, Debug)]
pub enum By<'a> {
    Account(&'a Actor),
    /// The archive by itself, under a name that no account can have.
    Archive(&'static str),
}

/// Writes a line of the audit trail, and tells everybody whom it concerns. `moved` is the submission as it was and as it
/// is.
pub fn record(
    tx: &mut WriteTx,
    actor: &Actor,
    moved: (&SubmissionRow, &SubmissionRow),
    action: &str,
    comment: Option<String>,
    now: i64,
) -> Result<()> {
    let (before, after) = moved;
    append(tx, By::Account(actor), after, action, Some(state_of(before)?), comment, now)?;
    tell(tx, (&actor.user_id, &actor.username), moved, action, now)
}

/// Tells the author, and whoever has taken, reviewed or commented on the submission; never the one who did it.
pub fn tell(
    tx: &mut WriteTx,
    (actor_id, actor): (&str, &str),
    (before, after): (&SubmissionRow, &SubmissionRow),
    action: &str,
    now: i64,
) -> Result<()> {
    // Nobody but its author knows of a draft.
    let mut concerned = if after.submitted_at.is_some() { tx.participants(&after.id)? } else { Vec::new() };
    concerned.push(after.author_id.clone());
    concerned.extend(before.assignee_id.iter().chain(&after.assignee_id).cloned());
    concerned.sort();
    concerned.dedup();
    for user_id in concerned.into_iter().filter(|id| id != actor_id) {
        tx.notify(NotificationRow {
            user_id,
            number: 0,
            at: now,
            action: action.to_owned(),
            actor: actor.to_owned(),
            submission_id: after.id.clone(),
            summary: after.summary.clone(),
            read_at: None,
        })?;
    }
    Ok(())
}

/// Writes a line of the audit trail.
pub fn append(
    tx: &mut WriteTx,
    by: By,
    submission: &SubmissionRow,
    action: &str,
    from: Option<State>,
    comment: Option<String>,
    now: i64,
) -> Result<()> {
    let (actor, via) = match by {
        By::Account(actor) => (actor.username.as_str(), actor.via()),
        By::Archive(name) => (name, None),
    };
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
        via,
    })?;
    Ok(())
}
