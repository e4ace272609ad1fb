//! Jobs: work that takes long, kept in the database until it is done. It survives restarts, and of several instances one
//! works on it at a time.

use std::time::Duration;

use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::{Actor, Archive, Authority, Error, Listing, Result, micros};
use crate::{
    model::{
        jobs::{JobKind, JobState},
        parts::EntryId,
        permissions::Role,
        time::to_rfc3339,
    },
    store::{JobFilter, JobRow, ReadTx, WriteTx},
};

/// For so long nobody else takes a job over, after the instance that works on it was last heard of.
const LEASE: Duration = Duration::from_secs(15);
/// For so long jobs that have ended are kept.
pub const JOBS_KEPT: Duration = Duration::from_secs(30 * 24 * 3600);

/// A job.
#[derive(Debug, Serialize, ToSchema)]
pub struct JobView {
    #[schema(format = "uuid")]
    pub id: String,
    pub kind: JobKind,
    pub state: JobState,
    /// The submission that it works on.
    #[schema(format = "uuid")]
    pub submission: String,
    /// The account that started it.
    pub owner: String,
    /// How much of it is done: rows, for `publish`.
    pub done: i64,
    /// How much there is to do; null where that is not known.
    pub total: Option<i64>,
    /// What it has come to, once it is done.
    #[schema(value_type = Option<serde_json::Value>)]
    pub result: Option<Box<RawValue>>,
    /// Why it has failed, for people.
    pub failure: Option<String>,
    #[schema(format = "date-time")]
    pub created_at: String,
    #[schema(format = "date-time")]
    pub updated_at: String,
    #[schema(format = "date-time")]
    pub ended_at: Option<String>,
}

impl JobView {
    pub fn new(row: JobRow) -> Result<Self> {
        let raw = |text: String| RawValue::from_string(text).map_err(|e| Error::Internal(format!("a result: {e}")));
        Ok(Self {
            id: row.id,
            kind: row.kind,
            state: row.state,
            submission: row.subject,
            owner: row.owner,
            done: row.done,
            total: row.total,
            result: row.result.map(raw).transpose()?,
            failure: row.failure,
            created_at: to_rfc3339(row.created_at),
            updated_at: to_rfc3339(row.updated_at),
            ended_at: row.ended_at.map(to_rfc3339),
        })
    }
}

/// Starts a job, unless one of its kind is at work on the same thing: then it is that one.
pub fn start(
    tx: &mut WriteTx,
    actor: &Actor,
    (kind, subject): (JobKind, &str),
    (done, total): (i64, Option<i64>),
    now: i64,
) -> Result<JobRow> {
    for state in [JobState::Waiting, JobState::Running] {
        let subject = Some(subject.to_owned());
        let filter = JobFilter { state: Some(state), kind: Some(kind), subject, ..JobFilter::default() };
        if let Some(under_way) = tx.list_jobs(&filter, None, 1)?.pop() {
            return Ok(under_way);
        }
    }
    let job = JobRow {
        id: uuid::Uuid::now_v7().to_string(),
        kind,
        subject: subject.to_owned(),
        owner_id: actor.user_id.clone(),
        owner: actor.username.clone(),
        state: JobState::Waiting,
        done,
        total,
        result: None,
        failure: None,
        created_at: now,
        updated_at: now,
        ended_at: None,
        leased_by: None,
        lease_until: None,
    };
    tx.insert_job(&job)?;
    Ok(job)
}

/// The job, if the caller may know of it: its owner, or an administrator.
pub fn get(tx: &mut ReadTx, actor: &Actor, id: &str) -> Result<JobRow> {
    // What is no UUID is not looked for.
    let id = EntryId::parse(id).ok_or(Error::NotFound("job"))?;
    let job = tx.job(id.as_str())?.filter(|job| job.owner_id == actor.user_id || sees_all(actor));
    job.ok_or(Error::NotFound("job"))
}

fn sees_all(actor: &Actor) -> bool {
    actor.role >= Role::Admin && actor.has(crate::model::permissions::Scope::Admin)
}

/// Jobs of the caller, newest first; of an administrator those of everybody.
pub fn list(
    tx: &mut ReadTx,
    actor: &Actor,
    (state, kind): (Option<JobState>, Option<JobKind>),
    before: Option<&str>,
    limit: i64,
) -> Result<Listing<JobView, String>> {
    let owner_id = (!sees_all(actor)).then(|| actor.user_id.clone());
    let filter = JobFilter { owner_id, state, kind, subject: None };
    let total = tx.count_jobs(&filter)?;
    let rows = tx.list_jobs(&filter, before, limit + 1)?;
    Listing::of(rows, limit, total, |row| row.id.clone()).shown(|rows| rows.into_iter().map(JobView::new).collect())
}

/// Ends a job that is under way. What it has done stays.
pub fn cancel(tx: &mut WriteTx, actor: &Actor, id: &str, now: i64) -> Result<JobRow> {
    let mut job = get(tx, actor, id)?;
    if !job.state.is_under_way() {
        return Err(Error::WrongState { state: job.state.as_str(), action: "cancelling" });
    }
    job.end(JobState::Cancelled, now);
    tx.update_job(&job)?;
    Ok(job)
}

/// Takes the job that is to be worked on next.
pub fn claim(archive: &Archive, instance: &str) -> Result<Option<JobRow>> {
    let now = archive.now();
    // Nothing is written where there is nothing to do.
    if archive.store.read_fresh(|tx| -> Result<_> { Ok(tx.next_job(now)?) })?.is_none() {
        return Ok(None);
    }
    archive.write(Authority::Archive, |tx| {
        let Some(mut job) = tx.next_job(now)? else { return Ok(None) };
        job.state = JobState::Running;
        job.leased_by = Some(instance.to_owned());
        job.lease_until = Some(now.saturating_add(micros(LEASE)));
        job.updated_at = now;
        tx.update_job(&job)?;
        Ok(Some(job))
    })
}

/// The job as it is, if this instance still works on it. To be asked in every transaction that does a part of it.
pub fn still_mine(tx: &mut WriteTx, job: &JobRow) -> Result<JobRow> {
    let now = tx.job(&job.id)?.filter(|now| now.state == JobState::Running && now.leased_by == job.leased_by);
    now.ok_or(Error::JobTaken)
}

/// Notes how far a job is, in the transaction that did the work.
pub fn progress(tx: &mut WriteTx, job: &JobRow, done: i64, now: i64) -> Result<JobRow> {
    let mut job = still_mine(tx, job)?;
    job.done = done;
    job.updated_at = now;
    job.lease_until = Some(now.saturating_add(micros(LEASE)));
    tx.update_job(&job)?;
    Ok(job)
}

/// Notes that a job is done, in the transaction that did the last of it.
pub fn finish(tx: &mut WriteTx, job: &JobRow, done: i64, result: String, now: i64) -> Result<JobRow> {
    let mut job = still_mine(tx, job)?;
    job.done = done;
    job.result = Some(result);
    job.end(JobState::Done, now);
    tx.update_job(&job)?;
    Ok(job)
}

/// Notes that a job has failed for good.
pub fn fail(archive: &Archive, job: &JobRow, failure: &str) -> Result<()> {
    let now = archive.now();
    archive.write(Authority::Archive, |tx| {
        let mut job = still_mine(tx, job)?;
        job.failure = Some(failure.to_owned());
        job.end(JobState::Failed, now);
        Ok(tx.update_job(&job)?)
    })
}

impl JobRow {
    fn end(&mut self, state: JobState, now: i64) {
        self.state = state;
        self.updated_at = now;
        self.ended_at = Some(now);
        (self.leased_by, self.lease_until) = (None, None);
    }
}
