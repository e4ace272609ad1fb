//! Approvals: who has given one that counts, and how many a submission needs.

use super::protect::{self, Lowering};
use crate::{
    model::{desk::Protection, permissions::Role, workflow::Action},
    store::{ChangeRow, ReadTx, ReviewRow, SubmissionRow, TouchedEntry},
    usecase::{Actor, Archive, Error, Result},
};

/// The approvals of a submission, as they stand.
#[derive(Debug)]
pub struct Approvals {
    /// How many it needs.
    pub required: usize,
    /// User names of the reviewers whose approvals count.
    pub by: Vec<String>,
}

impl Approvals {
    /// Whether there are enough of them.
    pub fn suffice(&self) -> bool {
        self.by.len() >= self.required
    }

    /// Those of a submission, by the rules and accounts of now.
    pub fn of(tx: &mut ReadTx, archive: &Archive, submission: &SubmissionRow) -> Result<Self> {
        let entries = match submission.form.as_str() {
            "batch" => Vec::new(),
            _ => tx.touched_entries(submission)?,
        };
        let reviews = tx.reviews(&submission.id)?;
        Self::by(tx, archive, submission, (&entries, &reviews), None)
    }

    /// The same where its reviews, and the entries that its contents change, are known. `acting` is an account whose rights
    /// have just been looked at.
    pub fn by(
        tx: &mut ReadTx,
        archive: &Archive,
        submission: &SubmissionRow,
        (entries, reviews): (&[TouchedEntry], &[ReviewRow]),
        acting: Option<&Actor>,
    ) -> Result<Self> {
        let mut given = given(tx, submission, reviews, acting)?;
        let mut needs = Needs::of(tx, archive, submission, entries)?;
        // Nor do those who wrote it: what they have made easier counts as before.
        for writer in writers(submission)?.iter().map(|(id, _)| id).chain([&submission.author_id]) {
            needs.required = needs.required.max(needs.before_lowering(writer));
        }
        // Whoever has lowered the protection of an entry gets nothing by it: their approval counts only where there are
        // as many as were needed before.
        let all = given.len();
        given.retain(|review| needs.before_lowering(&review.reviewer_id) <= all);
        Ok(Self { required: needs.required, by: given.into_iter().map(|review| review.reviewer.clone()).collect() })
    }

    /// Refuses to go on without enough approvals.
    pub fn require(self) -> Result<Vec<String>> {
        match self.suffice() {
            true => Ok(self.by),
            false => Err(Error::ApprovalsMissing { counted: self.by.len(), required: self.required }),
        }
    }
}

/// Approvals of the present contents by accounts that may approve now: of each reviewer the last word counts, and none that
/// was said of older contents.
fn given<'a>(
    tx: &mut ReadTx,
    submission: &SubmissionRow,
    reviews: &'a [ReviewRow],
    acting: Option<&Actor>,
) -> Result<Vec<&'a ReviewRow>> {
    let mut last: Vec<&ReviewRow> = Vec::new();
    for review in reviews {
        last.retain(|r| r.reviewer_id != review.reviewer_id);
        last.push(review);
    }
    let writers = writers(submission)?;
    let mut given = Vec::new();
    for review in last {
        let counts = review.decision == Action::Approve.as_str()
            && review.version >= submission.contents_version
            && !writers.iter().any(|(id, _)| *id == review.reviewer_id);
        let is_known = acting.is_some_and(|actor| actor.user_id == review.reviewer_id && actor.is_moderator());
        if counts && (is_known || may_approve(tx, &review.reviewer_id)?) {
            given.push(review);
        }
    }
    Ok(given)
}

/// Whether an account may approve now.
pub fn may_approve(tx: &mut ReadTx, user_id: &str) -> Result<bool> {
    let role = |name: &str| Role::parse(name).filter(|role| *role >= Role::Moderator);
    Ok(tx.user(user_id)?.is_some_and(|user| !user.disabled && role(&user.role).is_some()))
}

/// How many approvals a submission needs.
struct Needs {
    required: usize,
    /// What would be needed if protections had not been lowered, with the account that lowered them.
    lowered: Vec<(String, usize)>,
}

impl Needs {
    fn of(tx: &mut ReadTx, archive: &Archive, submission: &SubmissionRow, entries: &[TouchedEntry]) -> Result<Self> {
        let quorum = |kind: &str, level| usize::try_from(archive.desk.quorum_for(kind, level)).unwrap_or(usize::MAX);
        let mut needs = Self { required: 1, lowered: Vec::new() };
        if submission.form == "batch" {
            // New entries only: nothing of it can be protected yet.
            for kind in tx.touched_kinds(&submission.id)? {
                needs.required = needs.required.max(quorum(&kind, Protection::None));
            }
            return Ok(needs);
        }
        let since = submission.submitted_at.unwrap_or(submission.updated_at);
        // What is not there yet cannot be protected.
        let old = entries.iter().filter(|entry| !entry.is_new);
        let ids: Vec<String> = old.map(|entry| entry.id.clone()).collect();
        let (histories, levels) = (protect::histories(tx, &ids)?, protect::levels(tx, &ids)?);
        for TouchedEntry { kind, id, .. } in entries {
            let history = histories.get(id);
            let level = history.map(|history| history.highest_since(since)).unwrap_or_default();
            let level = level.max(levels.get(id).copied().unwrap_or_default());
            needs.required = needs.required.max(quorum(kind, level));
            for Lowering { by_id, from } in history.iter().flat_map(|history| &history.lowerings) {
                needs.lowered.push((by_id.clone(), quorum(kind, *from)));
            }
        }
        Ok(needs)
    }

    /// How many approvals there have to be for that of this account to count.
    fn before_lowering(&self, user_id: &str) -> usize {
        self.lowered.iter().filter(|(by, _)| by == user_id).map(|(_, quorum)| *quorum).max().unwrap_or(0)
    }
}

/// The ids of the entries that changes are about.
pub fn touched(changes: &[ChangeRow]) -> Vec<String> {
    changes.iter().flat_map(ChangeRow::entries).cloned().collect()
}

/// Who wrote of the contents beside the author: account ids and user names.
pub fn writers(submission: &SubmissionRow) -> Result<Vec<(String, String)>> {
    serde_json::from_str(&submission.writers).map_err(|e| Error::Internal(format!("writers of {}: {e}", submission.id)))
}

/// Remembers that somebody wrote of the contents, whatever the author edits afterwards.
pub fn add_writer(submission: &mut SubmissionRow, actor: &Actor) -> Result<()> {
    let mut all = writers(submission)?;
    if !all.iter().any(|(id, _)| *id == actor.user_id) {
        all.push((actor.user_id.clone(), actor.username.clone()));
    }
    submission.writers = serde_json::json!(all).to_string();
    Ok(())
}
