//! Trusted editors: additive, uncontested changes are accepted at once, where the archive allows it.

use serde_json::Value;

use super::{
    approvals::{Approvals, touched},
    audit::{self, By},
    prepare::Op,
    proposed_body::body_value,
    protect,
    publish::publish,
};
use crate::{
    model::{
        checks::Severity,
        diff::{self, ChangeType},
        kinds::KindDescriptor,
        permissions::Role,
        projection::{Cell, project, references},
        shape::is_claim,
        workflow::State,
    },
    store::{ChangeRow, ReadTx, SubmissionRow, UserRow, WriteTx},
    usecase::{Archive, Result, kind_of},
};

/// Who the audit trail names for it. Not a name an account can have.
const TRUST: &str = "(trust)";

/// Accepts a submission that was just handed in, if its author is trusted, nothing is taken away or contradicted by
/// it, no finding warns, nobody has reviewed or commented on it, and nobody else is at work on the same entries. It stays in the history like any other,
/// without reviewers, and can be reverted.
pub fn accept_at_once(tx: &mut WriteTx, archive: &Archive, submission: &mut SubmissionRow, now: i64) -> Result<()> {
    let is_plain = submission.form == "changes" && submission.severity < Severity::Warn.rank();
    if !archive.desk.trusts_editors || !is_plain || submission.state != State::Submitted.as_str() {
        return Ok(());
    }
    // Moderators have more than trust: they do not need it, and it would let them do both halves of the work.
    let is_trusted = |author: &UserRow| author.trusted && !author.disabled && author.role == Role::Editor.as_str();
    if !tx.user(&submission.author_id)?.as_ref().is_some_and(is_trusted) {
        return Ok(());
    }
    // Trust stands in for one approval, not for more.
    if Approvals::of(tx, archive, submission)?.required > 1 {
        return Ok(());
    }
    // Once somebody has looked at it, they decide.
    if tx.others_have_spoken(&submission.id, &submission.author_id)? {
        return Ok(());
    }
    let changes = tx.changes(submission)?;
    let ids = touched(&changes);
    let open: Vec<&str> = State::ALL
        .iter()
        .filter(|s| s.is_open() && **s != State::Draft)
        .chain(&[State::Rejected])
        .map(|s| s.as_str())
        .collect();
    let mut concerned = named_by(&changes)?;
    concerned.extend(ids.iter().cloned());
    // An entry that was merged stands for the one that stays.
    concerned.extend(tx.survivors(&concerned)?.into_values());
    let guarded = !protect::levels(tx, &concerned)?.is_empty();
    if guarded || tx.has_submissions_on(&ids, &open, &submission.id)? {
        return Ok(());
    }
    for change in &changes {
        if !is_additive(tx, change)? {
            return Ok(());
        }
    }
    if !publish(tx, archive, submission, &changes, &[], now)?.is_empty() {
        return Ok(());
    }
    submission.state = State::Accepted.as_str().to_owned();
    submission.version += 1;
    submission.decided_at = Some(now);
    audit::append(tx, By::Archive(TRUST), submission, "accept", Some(State::Submitted), None, now)
}

/// Ids of the entries that proposed bodies name.
fn named_by(changes: &[ChangeRow]) -> Result<Vec<String>> {
    let mut named = Vec::new();
    for change in changes {
        let body = body_value(change.body.as_deref())?;
        let found = references(kind_of(&change.kind)?, &body).into_iter();
        named.extend(found.map(|reference| reference.target.as_str().to_owned()));
    }
    Ok(named)
}

/// A new entry, or claims added to the current revision of one.
fn is_additive(tx: &mut ReadTx, change: &ChangeRow) -> Result<bool> {
    match Op::stored(&change.op)? {
        Op::Create => Ok(true),
        Op::Update => {
            let Some(entry) = tx.entry(&change.entry_id)? else { return Ok(false) };
            if change.base != Some(entry.head) {
                return Ok(false);
            }
            let current = tx.revision(&entry.id, entry.head)?.map(|r| r.body);
            let (old, new) = (body_value(current.as_deref())?, body_value(change.body.as_deref())?);
            let only_adds = diff::changes(&old, &new).iter().all(is_new_claim);
            Ok(only_adds && shows_the_same(kind_of(&change.kind)?, &old, &new))
        }
        _ => Ok(false),
    }
}

/// A claim of its own that is not preferred to others; a remark or a source added to somebody else's claim changes that.
fn is_new_claim(change: &diff::Change) -> bool {
    let is_plain = |claim: &Value| is_claim(claim) && claim["rank"] == "normal";
    change.change == ChangeType::Added && change.new.as_ref().is_some_and(is_plain)
}

/// Whether readers are shown all that they were shown before: the label, and in lists every value that there was. A
/// claim that is only added can outrank the others.
fn shows_the_same(kind: &KindDescriptor, old: &Value, new: &Value) -> bool {
    let (before, after) = (project(kind, old), project(kind, new));
    let is_kept = |(was, is): (&(String, Cell), &(String, Cell))| was.1 == is.1 || was.1.is_empty();
    kind.label_of(old) == kind.label_of(new) && before.columns.iter().zip(&after.columns).all(is_kept)
}
