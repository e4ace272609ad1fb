//! Trusted editors: additive, uncontested changes are accepted at once, where the archive allows it.

use serde_json::Value;

use super::{
    approvals::{Approvals, touched},
    audit::{self, By},
    prepare::Op,
    proposed_body::body_value,
    protect,
    publication::Publication,
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
    store::{ChangeRow, ReadTx, SubmissionRow, TouchedEntry, UserRow, WriteTx},
    usecase::{Archive, Commit, Result, kind_of},
};

/// Who the audit trail names for it. Not a name an account can have.
const TRUST: &str = "(trust)";

/// The acceptance of a submission by trust, prepared.
#[derive(Debug)]
pub struct Acceptance {
    publication: Publication,
    /// The entries it is about or names. None of them may be guarded.
    concerned: Vec<String>,
}

impl Acceptance {
    /// Prepares to accept a submission that is being submitted, if its author is trusted, nothing is taken away or
    /// contradicted by it, no finding warns, nobody has reviewed or commented on it, and nobody else is at work on the same
    /// entries. `severity` is that of the findings on these changes.
    pub fn prepare(
        tx: &mut ReadTx,
        archive: &Archive,
        submission: &SubmissionRow,
        changes: &[ChangeRow],
        severity: i64,
    ) -> Result<Option<Self>> {
        let is_plain = submission.form == "changes" && severity < Severity::Warn.rank();
        if !archive.desk.trusts_editors || !is_plain {
            return Ok(None);
        }
        let mut concerned = named_by(changes)?;
        concerned.extend(touched(changes));
        // An entry that was merged stands for the one that stays.
        concerned.extend(tx.survivors(&concerned)?.into_values());
        if !is_open_to_trust(tx, archive, submission, changes, &concerned)? {
            return Ok(None);
        }
        for change in changes {
            if !is_additive(tx, change)? {
                return Ok(None);
            }
        }
        let publication = Publication::prepare(tx, archive, changes)?;
        Ok(publication.conflicts.is_empty().then_some(Self { publication, concerned }))
    }

    /// Accepts the submission, which stays in the history like any other, without reviewers, and can be reverted. Where
    /// something stands against it by now, it waits for its review instead.
    pub fn commit(
        &self,
        tx: &mut WriteTx,
        archive: &Archive,
        submission: &mut SubmissionRow,
        changes: &[ChangeRow],
        now: i64,
    ) -> Result<Commit<()>> {
        if !is_open_to_trust(tx, archive, submission, changes, &self.concerned)? {
            return Ok(Commit::Done(()));
        }
        let Some(last) = self.publication.still_holds(tx)? else { return Ok(Commit::Outdated) };
        publish(tx, submission, &self.publication, last, &[], now)?;
        submission.state = State::Accepted.as_str().to_owned();
        submission.version += 1;
        submission.decided_at = Some(now);
        audit::append(tx, By::Archive(TRUST), submission, "accept", Some(State::Submitted), None, now)?;
        Ok(Commit::Done(()))
    }
}

/// Whether trust is enough for a submission, by all that may change at any time.
fn is_open_to_trust(
    tx: &mut ReadTx,
    archive: &Archive,
    submission: &SubmissionRow,
    changes: &[ChangeRow],
    concerned: &[String],
) -> Result<bool> {
    // Moderators have more than trust: they do not need it, and it would let them do both halves of the work.
    let is_trusted = |author: &UserRow| author.trusted && !author.disabled && author.role == Role::Editor.as_str();
    if !tx.user(&submission.author_id)?.as_ref().is_some_and(is_trusted) {
        return Ok(false);
    }
    let entries: Vec<TouchedEntry> = changes.iter().flat_map(ChangeRow::touched).collect();
    let reviews = tx.reviews(&submission.id)?;
    // Trust stands in for one approval, not for more. Once somebody has looked at it, they decide.
    if Approvals::by(tx, archive, submission, (&entries, &reviews), None)?.required > 1
        || tx.others_have_spoken(&submission.id, &submission.author_id)?
    {
        return Ok(false);
    }
    let open: Vec<&str> = State::ALL
        .iter()
        .filter(|s| s.is_open() && **s != State::Draft)
        .chain(&[State::Rejected])
        .map(|s| s.as_str())
        .collect();
    let guarded = !protect::levels(tx, concerned)?.is_empty();
    Ok(!guarded && !tx.has_submissions_on(&touched(changes), &open, &submission.id)?)
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
