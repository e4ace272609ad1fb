//! Publishing batches, some rows at a time.

use std::collections::{HashMap, HashSet};

use serde_json::json;

use super::{
    approvals::Approvals, decide::state_of, proposed_body::body_value, publication::Publication, publish::publish,
    rebase::Conflict,
};
use crate::{
    model::{
        errors::FieldCode,
        projection::references,
        workflow::{Action, State},
    },
    store::{ChangeRow, OutcomeRow, ReadTx, SubmissionRow, WriteTx},
    usecase::{Archive, Commit, Error, Result, kind_of},
};

/// The next rows of an approved batch, ready to be published.
pub struct Chunk {
    publication: Publication,
    outcomes: Vec<OutcomeRow>,
    /// No row is left behind them.
    is_last: bool,
}

impl Chunk {
    /// Prepares the next rows. A row that cannot be published is to be set aside with the reason, and so are those that
    /// lean on it.
    pub fn prepare(tx: &mut ReadTx, archive: &Archive, submission: &SubmissionRow, limit: i64) -> Result<Self> {
        let mut rows = tx.open_rows(&submission.id, limit + 1)?;
        let is_last = i64::try_from(rows.len()).is_ok_and(|n| n <= limit);
        rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        let leaning = Leaning::of(tx, submission, &rows)?;
        let mut conflicts: HashMap<i64, Vec<Conflict>> = HashMap::new();
        let mut left = rows.clone();
        loop {
            leave_out_leaning(&leaning, &mut left, &mut conflicts);
            let publication = Publication::prepare(tx, archive, &left)?;
            if publication.conflicts.is_empty() {
                let outcomes = rows.iter().map(|row| outcome(row, conflicts.remove(&row.position)));
                return Ok(Self { outcomes: outcomes.collect(), publication, is_last });
            }
            for conflict in publication.conflicts {
                if let Some(row) = left.get(conflict.change) {
                    conflicts.entry(row.position).or_default().push(conflict);
                }
            }
            left.retain(|row| !conflicts.contains_key(&row.position));
        }
    }

    /// How many rows it has, those that are set aside among them.
    pub fn len(&self) -> i64 {
        i64::try_from(self.outcomes.len()).unwrap_or(i64::MAX)
    }

    /// Publishes the rows: after a crash each is public once or not at all, and the next call goes on from there.
    pub fn commit(
        &self,
        tx: &mut WriteTx,
        archive: &Archive,
        submission: &SubmissionRow,
        now: i64,
    ) -> Result<Commit<State>> {
        // An approval of somebody who has lost the right since is none any more.
        let reviewers = Approvals::of(tx, archive, submission)?.require()?;
        let Some(last) = self.publication.still_holds(tx)? else { return Ok(Commit::Outdated) };
        publish(tx, submission, &self.publication, last, &reviewers, now)?;
        tx.append_outcomes(&self.outcomes)?;
        Ok(Commit::Done(if self.is_last { State::Accepted } else { State::Publishing }))
    }
}

/// Refuses a submission of which nothing is to be published.
pub fn require_publishing(submission: &SubmissionRow) -> Result<()> {
    match state_of(submission)? {
        State::Publishing => Ok(()),
        _ => Err(Error::WrongState { state: State::Publishing.as_str(), action: Action::Publish.as_str() }),
    }
}

/// Takes out the rows that lean on others which are not published, and those that lean on these.
fn leave_out_leaning(leaning: &Leaning, rows: &mut Vec<ChangeRow>, conflicts: &mut HashMap<i64, Vec<Conflict>>) {
    let mut here: HashSet<i64> = rows.iter().map(|row| row.position).collect();
    // Rows lean on rows before them only: one pass in their order is enough.
    rows.retain(|row| match leaning.missing(row, &here) {
        None => true,
        Some(conflict) => {
            here.remove(&row.position);
            conflicts.entry(row.position).or_default().push(conflict);
            false
        }
    });
}

fn outcome(row: &ChangeRow, conflicts: Option<Vec<Conflict>>) -> OutcomeRow {
    let detail = conflicts.map(|mut conflicts| {
        for conflict in &mut conflicts {
            conflict.change = usize::try_from(row.position).unwrap_or_default();
        }
        json!(conflicts).to_string()
    });
    OutcomeRow {
        submission_id: row.submission_id.clone(),
        position: row.position,
        outcome: if detail.is_none() { "published" } else { "set_aside" }.to_owned(),
        detail,
    }
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
