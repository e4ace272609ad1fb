//! The queue: submissions by state, age, author, finding and entry.

use super::{
    lapse::as_of,
    views::{SubmissionPage, SubmissionSummary},
};
use crate::{
    model::{checks::Severity, refs::EntryKey, usernames::fold, workflow::State},
    store::{QueueOrder, ReadTx, SubmissionFilter, SubmissionRow},
    usecase::{Actor, Archive, Result},
};

/// Which submissions to list.
#[derive(Clone, Debug, Default)]
pub struct SubmissionQuery {
    pub states: Vec<State>,
    pub kind: Option<String>,
    pub author: Option<String>,
    pub assignee: Option<String>,
    /// Id or ref of an entry that a change is about.
    pub entry: Option<String>,
    /// With a finding at least this severe.
    pub severity: Option<Severity>,
    /// With a finding of this code.
    pub check: Option<String>,
    pub submitted_before: Option<i64>,
    pub submitted_after: Option<i64>,
    pub order: QueueOrder,
    pub ascending: bool,
    /// Time and id of the last submission of the page before.
    pub after: Option<(i64, String)>,
    pub limit: i64,
}

/// The submissions the caller may see, with their number in every state.
pub fn list(
    tx: &mut ReadTx,
    archive: &Archive,
    actor: &Actor,
    query: SubmissionQuery,
    now: i64,
) -> Result<SubmissionPage> {
    let entry_id = match &query.entry {
        None => None,
        // An entry that is still only proposed has an id and no ref.
        Some(text) => match EntryKey::parse_any(text) {
            Some(EntryKey::Id(id)) => Some(id.as_str().to_owned()),
            Some(key) => Some(tx.entry_id(&key)?.unwrap_or_default()),
            None => Some(String::new()),
        },
    };
    let filter = SubmissionFilter {
        states: query.states.iter().map(|s| s.as_str().to_owned()).collect(),
        kind: query.kind,
        author: query.author.as_deref().map(fold),
        assignee: query.assignee.as_deref().map(fold),
        entry_id,
        severity: query.severity.map(Severity::rank),
        check: query.check,
        submitted_before: query.submitted_before,
        submitted_after: query.submitted_after,
        viewer_id: actor.user_id.clone(),
        sees_others: actor.is_moderator(),
        now,
        drafts_since: now.saturating_sub(archive.desk.draft_lifetime),
        order: query.order,
        ascending: query.ascending,
        after: query.after,
        limit: query.limit + 1,
    };
    let mut rows = tx.list_submissions(&filter)?;
    let limit = usize::try_from(query.limit).unwrap_or(usize::MAX);
    let more = rows.len() > limit;
    rows.truncate(limit);
    let last = rows.last().filter(|_| more).map(|row| (time_of(row, query.order), row.id.clone()));
    let counted = tx.count_submissions_by_state(&filter)?;
    let count_of = |state: &State| counted.iter().find(|(name, _)| name == state.as_str()).map_or(0, |(_, n)| *n);
    let by_state: Vec<(State, i64)> = State::ALL.iter().map(|s| (*s, count_of(s))).filter(|(_, n)| *n > 0).collect();
    let is_wanted = |state: &State| query.states.is_empty() || query.states.contains(state);
    let total = by_state.iter().filter(|(state, _)| is_wanted(state)).map(|(_, n)| n).sum();
    let now_is = |row| as_of(row, archive, now).map(SubmissionSummary::from);
    Ok(SubmissionPage { items: rows.into_iter().map(now_is).collect::<Result<_>>()?, total, by_state, last })
}

fn time_of(row: &SubmissionRow, order: QueueOrder) -> i64 {
    match order {
        QueueOrder::Created => row.created_at,
        QueueOrder::Updated => row.updated_at,
        QueueOrder::Submitted => row.submitted_at.unwrap_or(row.created_at),
    }
}
