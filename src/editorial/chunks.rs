//! Publishing batches, some rows at a time.

use std::collections::{HashMap, HashSet};

use serde_json::json;

use super::{approvals::Approvals, decide::state_of, proposed_body::body_value, publish::publish, rebase::Conflict};
use crate::{
    model::{
        errors::FieldCode,
        projection::references,
        workflow::{Action, State},
    },
    store::{ChangeRow, OutcomeRow, ReadTx, SubmissionRow, WriteTx},
    usecase::{Archive, Error, Result, kind_of},
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
    let leaning = Leaning::of(tx, submission, rows)?;
    let here: HashSet<i64> = rows.iter().map(|row| row.position).collect();
    if rows.iter().all(|row| leaning.missing(row, &here).is_none())
        && publish(tx, archive, submission, rows, reviewers, now)?.is_empty()
    {
        return Ok(rows.iter().map(|row| outcome(row, Vec::new())).collect());
    }
    let mut outcomes = Vec::new();
    let mut published = HashSet::new();
    for row in rows {
        let conflicts = match leaning.missing(row, &published) {
            Some(conflict) => vec![conflict],
            None => publish(tx, archive, submission, std::slice::from_ref(row), reviewers, now)?,
        };
        if conflicts.is_empty() {
            published.insert(row.position);
        }
        outcomes.push(outcome(row, conflicts));
    }
    Ok(outcomes)
}

/// What rows of a batch lean on: other rows, whose entries they name. A row is public only with those that were reviewed
/// with it; somebody else may have made an entry with the same id.
struct Leaning {
    /// Positions of the rows that a row names the entries of.
    on: HashMap<i64, Vec<i64>>,
    /// Rows of earlier chunks that were published.
    published: HashSet<i64>,
}

impl Leaning {
    fn of(tx: &mut ReadTx, submission: &SubmissionRow, rows: &[ChangeRow]) -> Result<Self> {
        let mut named = Vec::new();
        for row in rows {
            let body = body_value(row.body.as_deref())?;
            let found = references(kind_of(&row.kind)?, &body).into_iter().map(|r| r.target.as_str().to_owned());
            named.push((row.position, found.collect::<HashSet<String>>()));
        }
        let ids: HashSet<String> = named.iter().flat_map(|(_, ids)| ids.iter().cloned()).collect();
        let made = tx.entries_of_batch(&submission.id, &ids.into_iter().collect::<Vec<_>>())?.into_iter();
        let making: HashMap<String, i64> = made.map(|(id, _, position)| (id, position)).collect();
        let on: HashMap<i64, Vec<i64>> = named
            .into_iter()
            .map(|(position, ids)| (position, ids.iter().filter_map(|id| making.get(id).copied()).collect()))
            .collect();
        let others: Vec<i64> = on.values().flatten().copied().collect::<HashSet<i64>>().into_iter().collect();
        let mut published = HashSet::new();
        for some in others.chunks(500) {
            let outcomes = tx.outcomes(&submission.id, some)?.into_iter();
            published.extend(outcomes.filter(|o| o.outcome == "published").map(|o| o.position));
        }
        Ok(Self { on, published })
    }

    /// What stands against a row, when those are published too.
    fn missing(&self, row: &ChangeRow, now: &HashSet<i64>) -> Option<Conflict> {
        let leans = self.on.get(&row.position).into_iter().flatten().filter(|other| **other != row.position);
        let missing = leans.copied().find(|other| !self.published.contains(other) && !now.contains(other))?;
        let detail = format!("The row names the entry of row {missing}, which was not published.");
        Some(Conflict { code: FieldCode::DanglingReference.as_str(), detail, ..Conflict::default() })
    }
}
