//! Tables of the editors' desk.

use diesel::{OptionalExtension, dsl::max, prelude::*};

use super::{
    Result,
    pool::{ReadTx, WriteTx},
    schema::{reviews, submission_changes, submission_events, submissions},
};

/// A submission.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, AsChangeset)]
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
    pub submitted_at: Option<i64>,
    pub decided_at: Option<i64>,
}

/// One proposed change.
#[derive(Clone, Debug, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = submission_changes, treat_none_as_default_value = false)]
pub struct ChangeRow {
    pub submission_id: String,
    /// The version of the submission in which these contents were written.
    pub version: i64,
    pub position: i64,
    pub op: String,
    pub kind: String,
    pub entry_id: String,
    /// The revision the change was made on.
    pub base: Option<i64>,
    /// Canonical proposed body.
    pub body: Option<String>,
    /// Label of the proposed body, or of the entry.
    pub label: String,
    /// The revision to go back to.
    pub to_revision: Option<i64>,
    /// The public reason of a retirement.
    pub reason: Option<String>,
}

/// A reviewer's decision on one version.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = reviews, treat_none_as_default_value = false)]
pub struct ReviewRow {
    pub submission_id: String,
    pub number: i64,
    pub version: i64,
    pub reviewer_id: String,
    pub reviewer: String,
    pub decision: String,
    pub comment: Option<String>,
    pub at: i64,
}

/// A line of the audit trail.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = submission_events, treat_none_as_default_value = false)]
pub struct EventRow {
    pub submission_id: String,
    pub number: i64,
    pub at: i64,
    pub actor: String,
    pub action: String,
    pub from_state: Option<String>,
    pub to_state: String,
    pub version: i64,
    pub comment: Option<String>,
}

/// Which submissions to list. Newest first.
#[derive(Clone, Debug, Default)]
pub struct SubmissionFilter {
    pub states: Vec<String>,
    pub kind: Option<String>,
    pub author: Option<String>,
    pub entry_id: Option<String>,
    /// The account that asks.
    pub viewer_id: String,
    /// It may see what others have submitted; never their drafts.
    pub sees_others: bool,
    /// Time and id of the last row of the page before.
    pub after: Option<(i64, String)>,
    pub limit: i64,
}

/// Adds the conditions of a filter to a query of submissions; a macro, since every selection has a type of its own.
macro_rules! restricted {
    ($query:expr, $filter:expr) => {{
        use submissions as s;
        let (filter, mut query) = ($filter, $query.into_boxed());
        let own = s::author_id.eq(filter.viewer_id.clone());
        query = if filter.sees_others { query.filter(own.or(s::state.ne("draft"))) } else { query.filter(own) };
        if !filter.states.is_empty() {
            query = query.filter(s::state.eq_any(filter.states.clone()));
        }
        if let Some(author) = &filter.author {
            query = query.filter(s::author.eq(author.clone()));
        }
        let by_changes = || submission_changes::table.select(submission_changes::submission_id);
        if let Some(kind) = filter.kind.clone() {
            query = query.filter(s::id.eq_any(by_changes().filter(submission_changes::kind.eq(kind))));
        }
        if let Some(entry) = filter.entry_id.clone() {
            query = query.filter(s::id.eq_any(by_changes().filter(submission_changes::entry_id.eq(entry))));
        }
        query
    }};
}

impl ReadTx<'_> {
    pub fn submission(&mut self, id: &str) -> Result<Option<SubmissionRow>> {
        Ok(submissions::table.find(id).select(SubmissionRow::as_select()).first(self.conn).optional()?)
    }

    /// The contents as they are now.
    pub fn changes(&mut self, submission_id: &str) -> Result<Vec<ChangeRow>> {
        let all = submission_changes::table.filter(submission_changes::submission_id.eq(submission_id));
        let Some(version) = all.select(max(submission_changes::version)).first::<Option<i64>>(self.conn)? else {
            return Ok(Vec::new());
        };
        let query = all.filter(submission_changes::version.eq(version)).order(submission_changes::position.asc());
        Ok(query.select(ChangeRow::as_select()).load(self.conn)?)
    }

    pub fn reviews(&mut self, submission_id: &str) -> Result<Vec<ReviewRow>> {
        let query = reviews::table.filter(reviews::submission_id.eq(submission_id)).order(reviews::number.asc());
        Ok(query.select(ReviewRow::as_select()).load(self.conn)?)
    }

    pub fn submission_events(&mut self, submission_id: &str, after: i64, limit: i64) -> Result<Vec<EventRow>> {
        use submission_events as t;
        let query = t::table.filter(t::submission_id.eq(submission_id).and(t::number.gt(after)));
        Ok(query.order(t::number.asc()).limit(limit).select(EventRow::as_select()).load(self.conn)?)
    }

    /// Lines of the audit trail of a submission.
    pub fn count_submission_events(&mut self, submission_id: &str) -> Result<i64> {
        let all = submission_events::table.filter(submission_events::submission_id.eq(submission_id));
        Ok(all.count().get_result(self.conn)?)
    }

    pub fn list_submissions(&mut self, filter: &SubmissionFilter) -> Result<Vec<SubmissionRow>> {
        use submissions as s;
        let newest_first = s::table.order((s::created_at.desc(), s::id.desc())).limit(filter.limit);
        let mut query = restricted!(newest_first.select(SubmissionRow::as_select()), filter);
        if let Some((at, id)) = filter.after.clone() {
            query = query.filter(s::created_at.lt(at).or(s::created_at.eq(at).and(s::id.lt(id))));
        }
        Ok(query.load(self.conn)?)
    }

    /// How many submissions the whole list has.
    pub fn count_submissions(&mut self, filter: &SubmissionFilter) -> Result<i64> {
        let query = restricted!(submissions::table.select(diesel::dsl::count_star()), filter);
        Ok(query.first(self.conn)?)
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

    pub fn insert_changes(&mut self, changes: &[ChangeRow]) -> Result<()> {
        for change in changes {
            diesel::insert_into(submission_changes::table).values(change).execute(self.conn)?;
        }
        Ok(())
    }

    pub fn insert_review(&mut self, review: &ReviewRow) -> Result<()> {
        diesel::insert_into(reviews::table).values(review).execute(self.conn)?;
        Ok(())
    }

    /// Appends to the audit trail and returns the number of the line.
    pub fn append_submission_event(&mut self, mut event: EventRow) -> Result<i64> {
        use submission_events as t;
        let last = t::table.filter(t::submission_id.eq(&event.submission_id)).select(max(t::number));
        event.number = last.first::<Option<i64>>(self.conn)?.unwrap_or(0) + 1;
        diesel::insert_into(t::table).values(&event).execute(self.conn)?;
        Ok(event.number)
    }
}
