//! What moves a submission from state to state. The table is `model::workflow`.

use super::{
    approvals::{Approvals, may_approve, touched, writers},
    audit::{self, By},
    batches, checking, chunks,
    lapse::settle,
    protect,
    publish::publish,
    sample::require_sample,
    submissions::{find, view},
    trust,
    views::{SubmissionView, submission_etag},
};
use crate::{
    model::{
        checks::Severity,
        errors::{FieldCode, FieldErrors},
        time::to_rfc3339,
        workflow::{self, Action, Party, Refusal, Standing, State, Transition},
    },
    store::{ReviewRow, SubmissionRow, WriteTx},
    usecase::{Actor, Archive, Error, IfMatch, Result, require_match},
};

/// An action, and what the caller says with it.
#[derive(Clone, Debug)]
pub struct Act {
    pub action: Action,
    pub comment: Option<String>,
    /// Why findings that block may be passed over.
    pub override_reason: Option<String>,
}

/// Takes an action on a submission. `condition` names the version that the caller has seen.
pub fn act(
    tx: &mut WriteTx,
    archive: &Archive,
    actor: &Actor,
    id: &str,
    condition: Option<&IfMatch>,
    act: Act,
    now: i64,
) -> Result<SubmissionView> {
    let Act { action, comment, override_reason } = act;
    let mut submission = load(tx, archive, actor, id, now)?;
    let row = permit(&submission, actor, action, condition)?;
    if matches!(action, Action::Reject | Action::RequestChanges) && comment.is_none() {
        let detail = "The author needs a comment that tells why.";
        return Err(Error::Invalid(FieldErrors::one("/comment", FieldCode::MissingField, detail)));
    }
    let seen = submission.version;
    let from = row.from;
    let mut to = row.usual();
    match action {
        Action::Submit => {
            let changes = tx.changes(&submission)?;
            protect::refuse_locked(tx, actor, &touched(&changes))?;
            hand_in(tx, &mut submission, now)?;
        }
        Action::Take => lease(&mut submission, actor, now.saturating_add(archive.desk.lease)),
        Action::Approve => {
            to = approve(tx, archive, actor, &submission, (comment.clone(), override_reason), now)?;
        }
        Action::Reject | Action::RequestChanges => {
            add_review(tx, actor, &submission, seen, action.as_str(), comment.clone(), now)?;
        }
        Action::Publish => to = chunks::publish_chunk(tx, archive, &submission, now)?,
        Action::Release | Action::Withdraw => {}
        Action::Edit | Action::Resolve | Action::SetAside => {
            return Err(Error::Internal(format!("{} has a way of its own", action.as_str())));
        }
    }
    let before = submission.clone();
    advance(&mut submission, row, to, now)?;
    // Of a batch people are told when it is done, not of every chunk.
    if to == State::Publishing && from == State::Publishing {
        audit::append(tx, By::Account(actor), &submission, action.as_str(), Some(from), comment, now)?;
    } else {
        audit::record(tx, actor, (&before, &submission), action.as_str(), comment, now)?;
    }
    if action == Action::Submit {
        trust::accept_at_once(tx, archive, &mut submission, now)?;
    }
    tx.update_submission(&submission)?;
    view(tx, archive, submission)
}

/// The submission for somebody who means to change it, with all that the clock has done to it written down.
pub fn load(tx: &mut WriteTx, archive: &Archive, actor: &Actor, id: &str, now: i64) -> Result<SubmissionRow> {
    let mut submission = find(tx, actor, id)?;
    // A lease ends with the rights of its holder.
    if let Some(holder) = &submission.assignee_id
        && !may_approve(tx, holder)?
    {
        submission.lease_until = submission.lease_until.map(|until| until.min(now));
    }
    settle(tx, archive, submission, now)
}

/// Holds an action against the table and the condition.
pub fn permit(
    submission: &SubmissionRow,
    actor: &Actor,
    action: Action,
    condition: Option<&IfMatch>,
) -> Result<&'static Transition> {
    let from = state_of(submission)?;
    let who = Standing {
        is_author: submission.author_id == actor.user_id,
        is_moderator: actor.is_moderator(),
        is_holder: submission.assignee_id.as_ref() == Some(&actor.user_id),
    };
    let row = workflow::transition(from, action, who);
    if let Err(Refusal::NotYours(party)) = row {
        return Err(Error::Forbidden(match party {
            Party::Author => "only the author of the submission may do this",
            Party::Reviewer if who.is_author => "nobody decides on their own submission",
            Party::Reviewer => "only a moderator may do this",
            Party::Either => "only the author or a moderator may do this",
        }));
    }
    // An approval is of what was seen: neither "whatever it is by now" nor a list of guesses is an answer.
    if action == Action::Approve && !matches!(condition, Some(IfMatch::Tags(tags)) if tags.len() == 1) {
        return Err(Error::PreconditionRequired);
    }
    require_match(condition, &submission_etag(submission))?;
    match row {
        Ok(row) => Ok(row),
        Err(Refusal::Leased) => Err(Error::Leased {
            holder: submission.assignee.clone().unwrap_or_default(),
            until: submission.lease_until.map(to_rfc3339).unwrap_or_default(),
        }),
        Err(_) => Err(Error::WrongState { state: from.as_str(), action: action.as_str() }),
    }
}

/// Moves a submission to a state that the row of the table allows, and counts its version.
pub fn advance(submission: &mut SubmissionRow, row: &Transition, to: State, now: i64) -> Result<()> {
    if !row.to.contains(&to) {
        return Err(Error::Internal(format!(
            "{} does not lead from {} to {}",
            row.action.as_str(),
            row.from.as_str(),
            to.as_str()
        )));
    }
    submission.state = to.as_str().to_owned();
    submission.version += 1;
    submission.updated_at = now;
    if to != State::InReview {
        submission.assignee_id = None;
        submission.assignee = None;
        submission.lease_until = None;
    }
    if matches!(to, State::Accepted | State::Rejected | State::Withdrawn) {
        submission.decided_at = Some(now);
    }
    Ok(())
}

fn lease(submission: &mut SubmissionRow, actor: &Actor, until: i64) {
    submission.assignee_id = Some(actor.user_id.clone());
    submission.assignee = Some(actor.username.clone());
    submission.lease_until = Some(until);
}

/// Notes that the contents are handed in, and checks them.
pub fn hand_in(tx: &mut WriteTx, submission: &mut SubmissionRow, now: i64) -> Result<()> {
    submission.submitted_at = Some(now);
    if submission.form == "batch" {
        return batches::hand_in(tx, submission);
    }
    checking::store(tx, submission, now)
}

/// Approves the version that was seen, and publishes it when there are approvals enough. Gives the state it leads to.
fn approve(
    tx: &mut WriteTx,
    archive: &Archive,
    actor: &Actor,
    submission: &SubmissionRow,
    (comment, override_reason): (Option<String>, Option<String>),
    now: i64,
) -> Result<State> {
    if writers(submission)?.iter().any(|(id, _)| *id == actor.user_id) {
        return Err(Error::Forbidden("nobody approves contents they have written themselves"));
    }
    if submission.form == "batch" {
        require_sample(tx, archive, actor, submission)?;
    }
    if let Some(reason) = &override_reason {
        audit::append(tx, By::Account(actor), submission, "override", None, Some(reason.clone()), now)?;
    } else if submission.severity >= Severity::Block.rank() {
        return Err(Error::Blocked(checking::blocking(tx, submission)?));
    }
    add_review(tx, actor, submission, submission.version, Action::Approve.as_str(), comment, now)?;
    let approvals = Approvals::of(tx, archive, submission)?;
    if state_of(submission)? == State::Publishing {
        return Ok(State::Publishing);
    }
    if !approvals.suffice() {
        return Ok(State::Submitted);
    }
    if submission.form == "batch" {
        return Ok(State::Publishing);
    }
    let changes = tx.changes(submission)?;
    if override_reason.is_none() {
        // The archive may have changed since the checks ran.
        let found = checking::blocking_now(tx, archive, &changes, now)?;
        if !found.is_empty() {
            return Err(Error::Blocked(found));
        }
    }
    let conflicts = publish(tx, archive, submission, &changes, &approvals.by, now)?;
    Ok(if conflicts.is_empty() { State::Accepted } else { State::Conflict })
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
