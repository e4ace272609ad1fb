//! Trusted editors: additive, uncontested changes are accepted at once, where the archive allows it.

use super::{audit, decide::body_value, prepare::Op, protect, publish::publish};
use crate::{
    model::{
        checks::Severity,
        diff::{self, ChangeType},
        workflow::State,
    },
    store::{ChangeRow, ReadTx, SubmissionRow, WriteTx},
    usecase::{Archive, Result},
};

/// Who the audit trail names for it. Not a name an account can have.
const TRUST: &str = "(trust)";

/// Accepts a submission that was just handed in, if its author is trusted, nothing is taken away or contradicted by
/// it, no finding warns, and nobody else is at work on the same entries. It stays in the history like any other,
/// without reviewers, and can be reverted.
pub fn accept_at_once(tx: &mut WriteTx, archive: &Archive, submission: &mut SubmissionRow, now: i64) -> Result<()> {
    let is_plain = submission.form == "changes" && submission.severity < Severity::Warn.rank();
    if !archive.desk.trusts_editors || !is_plain || submission.state != State::Submitted.as_str() {
        return Ok(());
    }
    if !tx.user(&submission.author_id)?.is_some_and(|author| author.trusted && !author.disabled) {
        return Ok(());
    }
    let changes = tx.changes(&submission.id)?;
    let ids: Vec<String> = changes.iter().map(|c| c.entry_id.clone()).collect();
    if !protect::levels(tx, &ids)?.is_empty() || tx.has_open_submissions(&ids, &submission.id)? {
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
    audit::append(tx, TRUST, submission, "accept", Some(State::Submitted), None, now)
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
            Ok(diff::changes(&old, &new).iter().all(|c| c.change == ChangeType::Added))
        }
        _ => Ok(false),
    }
}
