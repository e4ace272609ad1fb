//! What moves a submission from state to state. The table is `model::workflow`.

use super::{
    publish::publish,
    submissions::{load, view},
    views::{SubmissionView, submission_etag},
};
use crate::{
    model::{
        errors::{FieldCode, FieldErrors},
        workflow::{self, Action, Party, Refusal, State},
    },
    store::{EventRow, ReviewRow, SubmissionRow, WriteTx},
    usecase::{Actor, Error, IfMatch, Result, require_match},
};

/// Takes an action on a submission: hands it in, takes it back, approves or rejects it. Approval publishes.
/// `condition` names the version that the caller has seen.
pub fn act(
    tx: &mut WriteTx,
    actor: &Actor,
    id: &str,
    action: Action,
    condition: Option<&IfMatch>,
    comment: Option<String>,
    now: i64,
) -> Result<SubmissionView> {
    let mut submission = load(tx, actor, id)?;
    let seen = submission.version;
    step(tx, actor, &mut submission, action, condition, comment.clone(), now)?;
    match action {
        Action::Submit => submission.submitted_at = Some(now),
        Action::Withdraw | Action::Approve | Action::Reject => submission.decided_at = Some(now),
        Action::Edit => {}
    }
    if action == Action::Reject && comment.is_none() {
        let detail = "A rejection needs a comment that tells the author why.";
        return Err(Error::Invalid(FieldErrors::one("/comment", FieldCode::MissingField, detail)));
    }
    if matches!(action, Action::Approve | Action::Reject) {
        add_review(tx, actor, &submission, seen, action.as_str(), comment, now)?;
    }
    tx.update_submission(&submission)?;
    if action == Action::Approve {
        let approved = |r: &ReviewRow| r.decision == Action::Approve.as_str() && r.version == seen;
        let reviewers = tx.reviews(&submission.id)?.into_iter().filter(approved).map(|r| r.reviewer);
        let reviewers: Vec<String> = reviewers.collect();
        let changes = tx.changes(&submission.id)?;
        publish(tx, &submission, &changes, &reviewers, now)?;
    }
    view(tx, submission)
}

/// Checks an action against the table and the condition, moves the state, counts the version and writes the audit line.
/// The row itself is the caller's to store.
pub fn step(
    tx: &mut WriteTx,
    actor: &Actor,
    submission: &mut SubmissionRow,
    action: Action,
    condition: Option<&IfMatch>,
    comment: Option<String>,
    now: i64,
) -> Result<()> {
    let from = state_of(submission)?;
    let is_author = submission.author_id == actor.user_id;
    let allowed = workflow::transition(from, action, is_author, actor.is_moderator());
    if let Err(Refusal::NotYours(party)) = allowed {
        return Err(Error::Forbidden(match party {
            Party::Author => "only the author of the submission may do this",
            Party::OtherModerator if is_author => "nobody decides on their own submission",
            Party::OtherModerator => "only a moderator may do this",
        }));
    }
    require_match(condition, &submission_etag(submission))?;
    let to = match allowed {
        Ok(transition) => transition.to,
        Err(_) => return Err(Error::WrongState { state: from.as_str(), action: action.as_str() }),
    };
    submission.state = to.as_str().to_owned();
    submission.version += 1;
    submission.updated_at = now;
    audit(tx, actor, submission, action.as_str(), Some(from), comment, now)
}

/// Writes a line of the audit trail.
pub fn audit(
    tx: &mut WriteTx,
    actor: &Actor,
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
        actor: actor.username.clone(),
        action: action.to_owned(),
        from_state: from.map(|s| s.as_str().to_owned()),
        to_state: submission.state.clone(),
        version: submission.version,
        comment,
    })?;
    Ok(())
}

/// The state of a stored submission.
pub fn state_of(submission: &SubmissionRow) -> Result<State> {
    State::parse(&submission.state).ok_or_else(|| Error::Internal(format!("unknown state {}", submission.state)))
}

fn add_review(
    tx: &mut WriteTx,
    actor: &Actor,
    submission: &SubmissionRow,
    version: i64,
    decision: &str,
    comment: Option<String>,
    now: i64,
) -> Result<()> {
    let number = i64::try_from(tx.reviews(&submission.id)?.len()).unwrap_or(i64::MAX);
    tx.insert_review(&ReviewRow {
        submission_id: submission.id.clone(),
        number,
        version,
        reviewer_id: actor.user_id.clone(),
        reviewer: actor.username.clone(),
        decision: decision.to_owned(),
        comment,
        at: now,
    })?;
    Ok(())
}
