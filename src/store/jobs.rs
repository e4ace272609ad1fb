//! Jobs: work that takes long.

use diesel::{OptionalExtension, prelude::*};

use super::{
    Result,
    pool::{ReadTx, WriteTx},
    schema::jobs,
};
use crate::model::jobs::{JobKind, JobState};

/// A job.
#[derive(Clone, Debug, PartialEq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = jobs, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct JobRow {
    pub id: String,
    pub kind: JobKind,
    /// What it is done to: the id of a submission.
    pub subject: String,
    pub owner_id: String,
    pub owner: String,
    pub state: JobState,
    /// How much of it is done.
    pub done: i64,
    /// How much there is to do, where that is known.
    pub total: Option<i64>,
    /// What it has come to, JSON.
    pub result: Option<String>,
    /// Why it has failed.
    pub failure: Option<String>,
    pub created_at: i64,
    pub updated_at: i64,
    pub ended_at: Option<i64>,
    /// The instance that runs it, and until when nobody else may take it over.
    pub leased_by: Option<String>,
    pub lease_until: Option<i64>,
}

/// Which jobs to list; all conditions hold.
#[derive(Clone, Debug, Default)]
pub struct JobFilter {
    pub owner_id: Option<String>,
    pub state: Option<JobState>,
    pub kind: Option<JobKind>,
    pub subject: Option<String>,
}

/// Adds the conditions of a filter; a macro, since every selection has a type of its own.
macro_rules! restricted {
    ($query:expr, $filter:expr) => {{
        let (mut query, filter) = ($query.into_boxed(), $filter);
        if let Some(owner) = &filter.owner_id {
            query = query.filter(jobs::owner_id.eq(owner.clone()));
        }
        if let Some(state) = filter.state {
            query = query.filter(jobs::state.eq(state));
        }
        if let Some(kind) = filter.kind {
            query = query.filter(jobs::kind.eq(kind));
        }
        if let Some(subject) = &filter.subject {
            query = query.filter(jobs::subject.eq(subject.clone()));
        }
        query
    }};
}

impl ReadTx<'_> {
    pub fn job(&mut self, id: &str) -> Result<Option<JobRow>> {
        Ok(jobs::table.find(id).select(JobRow::as_select()).first(self.conn).optional()?)
    }

    /// Jobs, newest first, before the given one.
    pub fn list_jobs(&mut self, filter: &JobFilter, before: Option<&str>, limit: i64) -> Result<Vec<JobRow>> {
        let mut query = restricted!(jobs::table.select(JobRow::as_select()), filter);
        if let Some(before) = before {
            query = query.filter(jobs::id.lt(before.to_owned()));
        }
        Ok(query.order(jobs::id.desc()).limit(limit).load(self.conn)?)
    }

    /// How many jobs the whole list has.
    pub fn count_jobs(&mut self, filter: &JobFilter) -> Result<i64> {
        Ok(restricted!(jobs::table.select(diesel::dsl::count_star()), filter).first(self.conn)?)
    }

    /// The one that is to be worked on next: the oldest that waits, or whose instance has not been heard of since its lease
    /// ended.
    pub fn next_job(&mut self, now: i64) -> Result<Option<JobRow>> {
        let is_left = jobs::state.eq(JobState::Running).and(jobs::lease_until.le(now).assume_not_null());
        let next = jobs::table.filter(jobs::state.eq(JobState::Waiting).or(is_left)).order(jobs::id.asc());
        Ok(next.select(JobRow::as_select()).first(self.conn).optional()?)
    }
}

impl WriteTx<'_> {
    pub fn insert_job(&mut self, job: &JobRow) -> Result<()> {
        diesel::insert_into(jobs::table).values(job).execute(self.conn)?;
        Ok(())
    }

    pub fn update_job(&mut self, job: &JobRow) -> Result<()> {
        diesel::update(jobs::table.find(&job.id)).set(job).execute(self.conn)?;
        Ok(())
    }

    /// Deletes jobs that ended before the given time, and tells how many.
    pub fn delete_jobs_before(&mut self, time: i64) -> Result<usize> {
        let over = jobs::ended_at.lt(time).assume_not_null();
        Ok(diesel::delete(jobs::table.filter(over)).execute(self.conn)?)
    }
}
