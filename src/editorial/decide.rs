//! What moves a submission from state to state. The table is `model::workflow`.

use super::{
    approvals::{Approvals, may_approve, touched, writers},
    audit::{self, By},
    batches,
    checking::{self, CheckCount},
    context::Context,
    lapse::{as_of, settle},
    proposals::Contents,
    protect,
    publication::Publication,
    publish::publish,
    sample::require_sample,
    submissions::{Known, find, view_of},
    views::{Published, SubmissionView, submission_etag},
};
use crate::{
    model::{
        checks::Severity,
        errors::{FieldCode, FieldErrors},
        time::to_rfc3339,
        workflow::{self, Action, Party, Refusal, Standing, State, Transition},
    },
    store::{ChangeRow, EntryRow, ReadTx, ReviewRow, SubmissionRow, WriteTx},
    usecase::{Actor, Commit, Error, IfMatch, PreparedWrite, Result, require_match},
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
pub struct Move {
    context: Context,
    id: String,
    condition: Option<IfMatch>,
    act: Act,
}

/// What an action needs beside the submission.
pub enum Judged {
    /// Nothing.
    Nothing,
    /// The contents that are submitted, checked; and the version of the submission they were read from.
    Submitted(i64, Contents),
    /// What an approval would publish.
    Approved(i64, Verdict),
}

/// What an approval would publish, and what stands against it.
pub struct Verdict {
    changes: Vec<ChangeRow>,
    /// Findings that stop it, in the bodies as acceptance would make them.
    blocking: FieldErrors,
    publication: Publication,
    /// How many findings there are.
    counts: Vec<CheckCount>,
}

/// What taking an action has led to.
struct Outcome {
    to: State,
    known: Known,
}

impl From<State> for Outcome {
    fn from(to: State) -> Self {
        Self { to, known: Known::default() }
    }
}

impl Move {
    pub fn new(context: Context, id: String, condition: Option<IfMatch>, act: Act) -> Self {
        Self { context, id, condition, act }
    }
}

impl PreparedWrite for Move {
    type Prepared = Judged;
    type Done = SubmissionView;

    fn unprepared(&self) -> Option<Judged> {
        let costs = matches!(self.act.action, Action::Submit | Action::Approve);
        (!costs).then_some(Judged::Nothing)
    }

    fn prepare(&mut self, tx: &mut ReadTx, _: Option<Judged>) -> Result<Judged> {
        let context = &self.context;
        let submission = present(tx, context, &self.id)?;
        permit(&submission, &context.actor, self.act.action, self.condition.as_ref())?;
        let is_batch = submission.form == "batch";
        Ok(match self.act.action {
            Action::Submit if !is_batch => {
                let changes = tx.changes(&submission)?;
                Judged::Submitted(submission.version, Contents::submitted(tx, context, &submission, changes)?)
            }
            Action::Approve if !is_batch && self.would_publish(tx, &submission)? => {
                Judged::Approved(submission.version, self.verdict(tx, &submission)?)
            }
            _ => Judged::Nothing,
        })
    }

    fn commit(&self, tx: &mut WriteTx, judged: &Judged) -> Result<Commit<SubmissionView>> {
        let Context { archive, actor, now } = &self.context;
        let (now, Act { action, comment, .. }) = (*now, &self.act);
        let action = *action;
        let mut submission = load(tx, &self.context, &self.id)?;
        let row = permit(&submission, actor, action, self.condition.as_ref())?;
        if matches!(action, Action::Reject | Action::RequestChanges) && comment.is_none() {
            let detail = "The author needs a comment that tells why.";
            return Err(Error::Invalid(FieldErrors::one("/comment", FieldCode::MissingField, detail)));
        }
        let seen = submission.version;
        if matches!(judged, Judged::Submitted(at, _) | Judged::Approved(at, _) if *at != seen) {
            return Ok(Commit::Outdated);
        }
        let mut outcome = Outcome::from(row.usual());
        match (action, judged) {
            (Action::Submit, Judged::Submitted(_, contents)) => {
                protect::refuse_locked(tx, actor, &touched(&contents.changes))?;
                submission.submitted_at = Some(now);
                if let Some(findings) = &contents.findings {
                    submission.severity = findings.severity;
                    tx.replace_checks(&submission.id, &findings.rows)?;
                }
                outcome.known = contents.known();
            }
            (Action::Submit, _) if submission.form == "batch" => {
                submission.submitted_at = Some(now);
                batches::require_rows(tx, &submission)?;
            }
            (Action::Submit, _) => return Ok(Commit::Outdated),
            (Action::Take, _) => lease(&mut submission, actor, now.saturating_add(archive.desk.lease)),
            (Action::Approve, judged) => match self.approve(tx, &submission, judged)? {
                Commit::Done(done) => outcome = done,
                Commit::Outdated => return Ok(Commit::Outdated),
            },
            (Action::Reject | Action::RequestChanges, _) => {
                add_review(tx, actor, &submission, action.as_str(), comment.clone(), now)?;
            }
            (Action::Release | Action::Withdraw, _) => {}
            (Action::Edit | Action::Resolve | Action::SetAside | Action::Publish, _) => {
                return Err(Error::Internal(format!("{} has a way of its own", action.as_str())));
            }
        }
        let before = submission.clone();
        advance(&mut submission, row, outcome.to, now)?;
        audit::record(tx, actor, (&before, &submission), action.as_str(), comment.clone(), now)?;
        if let Judged::Submitted(_, Contents { changes, acceptance: Some(acceptance), .. }) = judged
            && let Commit::Outdated = acceptance.commit(tx, archive, &mut submission, changes, now)?
        {
            return Ok(Commit::Outdated);
        }
        tx.update_submission(&submission)?;
        Ok(Commit::Done(view_of(tx, archive, submission, outcome.known)?))
    }
}

impl Move {
    /// Whether one more approval may be enough.
    fn would_publish(&self, tx: &mut ReadTx, submission: &SubmissionRow) -> Result<bool> {
        let approvals = Approvals::of(tx, &self.context.archive, submission)?;
        Ok(approvals.by.len() + 1 >= approvals.required)
    }

    /// Runs the checks on the bodies as they would be accepted now, and prepares to publish them.
    fn verdict(&self, tx: &mut ReadTx, submission: &SubmissionRow) -> Result<Verdict> {
        let Context { archive, now, .. } = &self.context;
        let changes = tx.changes(submission)?;
        let blocking = match self.act.override_reason {
            // The archive may have changed since the checks ran.
            None => checking::blocking_now(tx, archive, &changes, *now)?,
            Some(_) => FieldErrors::default(),
        };
        let publication = Publication::prepare(tx, archive, &changes)?;
        Ok(Verdict { changes, blocking, publication, counts: checking::counts(tx, submission)? })
    }

    /// Approves the version that was seen, and publishes it when there are approvals enough.
    fn approve(&self, tx: &mut WriteTx, submission: &SubmissionRow, judged: &Judged) -> Result<Commit<Outcome>> {
        let Context { archive, actor, now } = &self.context;
        if writers(submission)?.iter().any(|(id, _)| *id == actor.user_id) {
            return Err(Error::Forbidden("nobody approves contents they have written themselves"));
        }
        if submission.form == "batch" {
            require_sample(tx, archive, actor, submission)?;
        }
        if let Some(reason) = &self.act.override_reason {
            audit::append(tx, By::Account(actor), submission, "override", None, Some(reason.clone()), *now)?;
        } else if submission.severity >= Severity::Block.rank() {
            return Err(Error::Blocked(checking::blocking(tx, submission)?));
        }
        let reviews = add_review(tx, actor, submission, Action::Approve.as_str(), self.act.comment.clone(), *now)?;
        let approvals = match judged {
            Judged::Approved(_, verdict) => {
                let entries: Vec<_> = verdict.changes.iter().flat_map(ChangeRow::touched).collect();
                Approvals::by(tx, archive, submission, (&entries, &reviews), Some(actor))?
            }
            _ => Approvals::of(tx, archive, submission)?,
        };
        if state_of(submission)? == State::Publishing {
            return Ok(Commit::Done(State::Publishing.into()));
        }
        if !approvals.suffice() {
            return Ok(Commit::Done(State::Submitted.into()));
        }
        if submission.form == "batch" {
            return Ok(Commit::Done(State::Publishing.into()));
        }
        let Judged::Approved(_, verdict) = judged else { return Ok(Commit::Outdated) };
        let Some(last) = verdict.publication.still_holds(tx)? else { return Ok(Commit::Outdated) };
        if !verdict.blocking.is_empty() {
            return Err(Error::Blocked(verdict.blocking.clone()));
        }
        if !verdict.publication.conflicts.is_empty() {
            return Ok(Commit::Done(State::Conflict.into()));
        }
        let heads = publish(tx, submission, &verdict.publication, last, &approvals.by, *now)?;
        let known = Known {
            changes: Some(verdict.changes.clone()),
            published: Some(heads.into_iter().map(published).collect()),
            approvals: Some(approvals),
            reviews: Some(reviews),
            checks: Some(verdict.counts.clone()),
        };
        Ok(Commit::Done(Outcome { to: State::Accepted, known }))
    }
}

fn published(head: EntryRow) -> Published {
    Published { id: head.id, reference: head.reference, kind: head.kind, revision: head.head }
}

/// The submission for somebody who means to change it, as it would be if what has happened since were written down.
pub fn present(tx: &mut ReadTx, context: &Context, id: &str) -> Result<SubmissionRow> {
    as_of(stored(tx, context, id)?, &context.archive, context.now)
}

/// The same, with all of that written down.
pub fn load(tx: &mut WriteTx, context: &Context, id: &str) -> Result<SubmissionRow> {
    let submission = stored(tx, context, id)?;
    settle(tx, &context.archive, submission, context.now)
}

fn stored(tx: &mut ReadTx, context: &Context, id: &str) -> Result<SubmissionRow> {
    let mut submission = find(tx, &context.actor, id)?;
    // A lease ends with the rights of its holder.
    if let Some(holder) = &submission.assignee_id
        && *holder != context.actor.user_id
        && !may_approve(tx, holder)?
    {
        submission.lease_until = submission.lease_until.map(|until| until.min(context.now));
    }
    Ok(submission)
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

/// The state of a stored submission.
pub fn state_of(submission: &SubmissionRow) -> Result<State> {
    State::parse(&submission.state).ok_or_else(|| Error::Internal(format!("unknown state {}", submission.state)))
}

/// Adds a review to a submission, and returns all that it has then.
fn add_review(
    tx: &mut WriteTx,
    actor: &Actor,
    submission: &SubmissionRow,
    decision: &str,
    comment: Option<String>,
    now: i64,
) -> Result<Vec<ReviewRow>> {
    let mut reviews = tx.reviews(&submission.id)?;
    let review = ReviewRow {
        submission_id: submission.id.clone(),
        number: i64::try_from(reviews.len()).unwrap_or(i64::MAX),
        version: submission.version,
        reviewer_id: actor.user_id.clone(),
        reviewer: actor.username.clone(),
        decision: decision.to_owned(),
        comment,
        at: now,
    };
    tx.insert_review(&review)?;
    reviews.push(review);
    Ok(reviews)
}
