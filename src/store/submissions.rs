//! Submissions: one row each, and the queue of them.

use diesel::{
    BoolExpressionMethods, BoxableExpression, OptionalExtension,
    dsl::{count_star, exists},
    prelude::*,
    sql_types::Bool,
};

use super::{
    Result,
    conn::MultiBackend,
    pool::{ReadTx, WriteTx},
    schema::{submission_changes, submission_checks, submissions},
};

/// A submission.
#[derive(Clone, Debug, PartialEq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = submissions, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct SubmissionRow {
    pub id: String,
    pub state: String,
    /// Counts every change of the submission: of its contents and of its state.
    pub version: i64,
    pub summary: String,
    pub author_id: String,
    pub author: String,
    pub created_at: i64,
    pub updated_at: i64,
    /// When it was last handed in.
    pub submitted_at: Option<i64>,
    pub decided_at: Option<i64>,
    /// `changes`, or `batch` for an import of many rows.
    pub form: String,
    /// The version in which the present contents were written; reviews of older ones do not count.
    pub contents_version: i64,
    /// Who wrote of the present contents beside the author, moderators who resolved a conflict: JSON array of
    /// `[account id, user name]`.
    pub writers: String,
    /// The moderator who has taken it, until `lease_until`.
    pub assignee_id: Option<String>,
    pub assignee: Option<String>,
    pub lease_until: Option<i64>,
    /// Of the most severe finding: 0 none, 1 info, 2 warn, 3 block.
    pub severity: i64,
}

/// What a queue is sorted by; ties are broken by the id.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum QueueOrder {
    #[default]
    Created,
    Updated,
    /// By the time it was handed in; what never was is left out.
    Submitted,
}

/// Which submissions to list.
#[derive(Clone, Debug, Default)]
pub struct SubmissionFilter {
    /// States as they are at `now`: a lease that has run out is over, an old draft is withdrawn.
    pub states: Vec<String>,
    pub kind: Option<String>,
    pub author: Option<String>,
    pub assignee: Option<String>,
    pub entry_id: Option<String>,
    /// At least this severe.
    pub severity: Option<i64>,
    /// With a finding of this code.
    pub check: Option<String>,
    pub submitted_before: Option<i64>,
    pub submitted_after: Option<i64>,
    /// The account that asks.
    pub viewer_id: String,
    /// It may see what others have handed in; never their drafts.
    pub sees_others: bool,
    pub now: i64,
    /// Drafts last touched at or before this time count as withdrawn.
    pub drafts_since: i64,
    pub order: QueueOrder,
    pub ascending: bool,
    /// Time and id of the last row of the page before.
    pub after: Option<(i64, String)>,
    pub limit: i64,
}

type Condition = Box<dyn BoxableExpression<submissions::table, MultiBackend, SqlType = Bool>>;

/// The condition for a state as it is at a time.
fn in_state(state: &str, filter: &SubmissionFilter) -> Condition {
    use submissions as s;
    let stored = s::state.eq(state.to_owned());
    match state {
        "submitted" => Box::new(stored.or(lapsed("in_review", filter))),
        "in_review" => Box::new(stored.and(s::lease_until.gt(filter.now).assume_not_null())),
        "draft" => Box::new(stored.and(s::updated_at.gt(filter.drafts_since))),
        "withdrawn" => Box::new(stored.or(lapsed("draft", filter))),
        _ => Box::new(stored),
    }
}

/// The condition for being stored in a state that the clock has ended: the rule of `editorial::lapse` in SQL.
fn lapsed(state: &str, filter: &SubmissionFilter) -> Condition {
    use submissions as s;
    let stored = s::state.eq(state.to_owned());
    match state {
        "in_review" => Box::new(stored.and(s::lease_until.le(filter.now).assume_not_null())),
        _ => Box::new(stored.and(s::updated_at.le(filter.drafts_since))),
    }
}

/// Adds the conditions of a filter to a query of submissions; a macro, since every selection has a type of its own.
macro_rules! restricted {
    ($query:expr, $filter:expr) => {{
        use submissions as s;
        let (filter, mut query) = ($filter, $query.into_boxed());
        let own = s::author_id.eq(filter.viewer_id.clone());
        query =
            if filter.sees_others { query.filter(own.or(s::submitted_at.is_not_null())) } else { query.filter(own) };
        let states = filter.states.iter().map(|state| in_state(state, filter));
        if let Some(any) = states.reduce(|a, b| Box::new(a.or(b))) {
            query = query.filter(any);
        }
        if let Some(author) = &filter.author {
            query = query.filter(s::author.eq(author.clone()));
        }
        if let Some(assignee) = &filter.assignee {
            query = query.filter(s::assignee.eq(assignee.clone()).assume_not_null());
            query = query.filter(s::lease_until.gt(filter.now).assume_not_null());
        }
        if let Some(severity) = filter.severity {
            query = query.filter(s::severity.ge(severity));
        }
        if let Some(time) = filter.submitted_before {
            query = query.filter(s::submitted_at.lt(time).assume_not_null());
        }
        if let Some(time) = filter.submitted_after {
            query = query.filter(s::submitted_at.ge(time).assume_not_null());
        }
        if filter.order == QueueOrder::Submitted {
            query = query.filter(s::submitted_at.is_not_null());
        }
        if let Some(code) = filter.check.clone() {
            let found = submission_checks::table.select(submission_checks::submission_id);
            query = query.filter(s::id.eq_any(found.filter(submission_checks::code.eq(code))));
        }
        // First by an index over all contents there ever were, then whether those at hand are still current.
        macro_rules! with_change {
            ($about:expr) => {{
                use submission_changes as c;
                let is_current = c::version.eq(s::contents_version).or(s::form.eq("batch"));
                let now = c::table.filter(c::submission_id.eq(s::id).and(is_current).and($about));
                let ever = c::table.filter($about).select(c::submission_id);
                query = query.filter(s::id.eq_any(ever)).filter(exists(now));
            }};
        }
        if let Some(kind) = filter.kind.clone() {
            with_change!(c::kind.eq(kind.clone()));
        }
        if let Some(entry) = filter.entry_id.clone() {
            with_change!(c::entry_id.eq(entry.clone()).or(c::into_id.eq(entry.clone()).assume_not_null()));
        }
        query
    }};
}

/// Sorts a queue by one column, and begins after the page before.
macro_rules! ordered {
    ($query:expr, $filter:expr, $column:expr) => {{
        use submissions as s;
        let (mut query, filter, column) = ($query, $filter, $column);
        if let Some((at, id)) = filter.after.clone() {
            query = match filter.ascending {
                true => query.filter(column.gt(at).or(column.eq(at).and(s::id.gt(id)))),
                false => query.filter(column.lt(at).or(column.eq(at).and(s::id.lt(id)))),
            };
        }
        match filter.ascending {
            true => query.order((column.asc(), s::id.asc())),
            false => query.order((column.desc(), s::id.desc())),
        }
    }};
}

impl ReadTx<'_> {
    pub fn submission(&mut self, id: &str) -> Result<Option<SubmissionRow>> {
        Ok(submissions::table.find(id).select(SubmissionRow::as_select()).first(self.conn).optional()?)
    }

    pub fn list_submissions(&mut self, filter: &SubmissionFilter) -> Result<Vec<SubmissionRow>> {
        let query = restricted!(submissions::table.limit(filter.limit).select(SubmissionRow::as_select()), filter);
        Ok(match filter.order {
            QueueOrder::Created => ordered!(query, filter, s::created_at).load(self.conn)?,
            QueueOrder::Updated => ordered!(query, filter, s::updated_at).load(self.conn)?,
            QueueOrder::Submitted => ordered!(query, filter, s::submitted_at.assume_not_null()).load(self.conn)?,
        })
    }

    /// How many submissions there are in each state, with all conditions of the filter but that of the state.
    pub fn count_submissions_by_state(&mut self, filter: &SubmissionFilter) -> Result<Vec<(String, i64)>> {
        use submissions as s;
        let filter = SubmissionFilter { states: Vec::new(), ..filter.clone() };
        let grouped = s::table.group_by(s::state).select((s::state, count_star()));
        let mut counts: Vec<(String, i64)> = restricted!(grouped, &filter).load(self.conn)?;
        // What the clock has moved on is stored in the state that it was in before.
        for (stored, now) in [("in_review", "submitted"), ("draft", "withdrawn")] {
            let lapsed = lapsed(stored, &filter);
            let query = restricted!(s::table.select(count_star()), &filter).filter(lapsed);
            let moved: i64 = query.first(self.conn)?;
            for (state, change) in [(stored, -moved), (now, moved)] {
                match counts.iter_mut().find(|(known, _)| known == state) {
                    Some((_, count)) => *count += change,
                    None => counts.push((state.to_owned(), change)),
                }
            }
        }
        Ok(counts)
    }

    /// Whether others than this one, in one of the states, mean to change one of the entries.
    pub fn has_submissions_on(&mut self, entry_ids: &[String], states: &[&str], except: &str) -> Result<bool> {
        use {submission_changes as c, submissions as s};
        let is_current = c::version.eq(s::contents_version).or(s::form.eq("batch"));
        let about = c::entry_id.eq_any(entry_ids).or(c::into_id.eq_any(entry_ids).assume_not_null());
        let query = c::table
            .inner_join(s::table.on(s::id.eq(c::submission_id)))
            .filter(s::id.ne(except).and(s::state.eq_any(states)).and(is_current).and(about));
        Ok(query.count().get_result::<i64>(self.conn)? > 0)
    }
}

impl WriteTx<'_> {
    pub fn insert_submission(&mut self, submission: &SubmissionRow) -> Result<()> {
        diesel::insert_into(submissions::table).values(submission).execute(self.conn)?;
        Ok(())
    }

    pub fn update_submission(&mut self, submission: &SubmissionRow) -> Result<()> {
        diesel::update(submissions::table.find(&submission.id)).set(submission).execute(self.conn)?;
        Ok(())
    }
}
