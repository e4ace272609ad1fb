//! Publishing whole batches, as jobs.

use std::time::{Duration, Instant};

use serde_json::json;

use super::{
    approvals::Approvals,
    audit::{self, By},
    batches,
    chunks::{Chunk, require_publishing},
    context::Context,
    decide::{advance, load, permit, state_of},
    lapse::settle,
};
use crate::{
    model::{
        jobs::JobKind,
        workflow::{self, Action, Standing, State},
    },
    store::{JobRow, ReadTx, Sharing, SubmissionRow, WriteTx},
    usecase::{
        Actor, Archive, Authority, Commit, Credential, Error, IfMatch, PreparedWrite, Result,
        jobs::{self, JobView},
    },
};

/// Starts to publish an approved batch. Where that is under way, it is the same job.
pub fn start_publishing(tx: &mut WriteTx, context: &Context, id: &str, condition: Option<&IfMatch>) -> Result<JobView> {
    let Context { archive, actor, now } = context;
    let submission = load(tx, context, id)?;
    permit(&submission, actor, Action::Publish, condition)?;
    Approvals::of(tx, archive, &submission)?.require()?;
    let progress = batches::progress(tx, &submission)?;
    let done = progress.published + progress.set_aside;
    JobView::new(jobs::start(tx, actor, (JobKind::Publish, id), (done, Some(progress.rows)), *now)?)
}

/// For so long the rows of one transaction should keep others from writing.
const CHUNK_TIME: Duration = Duration::from_millis(100);
/// Rows of the first transaction, and the fewest of any.
const FIRST_ROWS: i64 = 50;
const FEWEST_ROWS: i64 = 10;

/// Publishes the rows of the batch that a job is about, from where it was left, until there are none. Each transaction
/// publishes as many as can be written in a short time.
/// `progress` is told how many are done.
pub fn publish_batch(archive: &Archive, job: &JobRow, mut progress: impl FnMut(i64)) -> Result<()> {
    let mut rows = FIRST_ROWS.min(archive.desk.chunk);
    let role = archive.store.read_fresh(|tx| owner(tx, job))?;
    let actor = Actor { credential: Credential::Job { id: job.id.clone() }, ..role };
    loop {
        let context = Context::new(archive.clone(), actor.clone(), archive.now());
        let step = PublishRows { context, job: job.clone(), rows };
        let written = archive.run(Authority::Job(&actor), step)?;
        progress(written.done);
        if written.is_last {
            return Ok(());
        }
        rows = next_size(rows, written.took).min(archive.desk.chunk);
    }
}

/// How many rows to write next, where these took so long: at most twice as many.
fn next_size(rows: i64, took: Duration) -> i64 {
    let share = CHUNK_TIME.as_secs_f64() / took.as_secs_f64().max(0.001);
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "some thousands of rows")]
    let next = (rows as f64 * share.min(2.0)) as i64;
    next.max(FEWEST_ROWS)
}

fn owner(tx: &mut ReadTx, job: &JobRow) -> Result<Actor> {
    let user = tx.user(&job.owner_id)?.ok_or(Error::NotFound("account"))?;
    let role = crate::model::permissions::Role::parse(&user.role);
    let role = role.ok_or_else(|| Error::Internal(format!("unknown role {}", user.role)))?;
    Ok(Actor { user_id: user.id, username: user.username, role, credential: Credential::Operator })
}

/// The next rows of a batch.
struct PublishRows {
    context: Context,
    job: JobRow,
    rows: i64,
}

impl PublishRows {
    fn batch(&self, tx: &mut ReadTx) -> Result<SubmissionRow> {
        let submission = tx.submission(&self.job.subject)?.ok_or(Error::NotFound("submission"))?;
        require_publishing(&submission)?;
        Ok(submission)
    }
}

/// What has been written.
struct Written {
    is_last: bool,
    took: Duration,
    /// Rows that are done, in all.
    done: i64,
}

impl PreparedWrite for PublishRows {
    type Prepared = (i64, Chunk);
    type Done = Written;

    fn sharing(&self) -> Sharing {
        Sharing::Alone
    }

    fn prepare(&mut self, tx: &mut ReadTx, _: Option<Self::Prepared>) -> Result<Self::Prepared> {
        let submission = self.batch(tx)?;
        let chunk = Chunk::prepare(tx, &self.context.archive, &submission, self.rows)?;
        Ok((submission.version, chunk))
    }

    fn commit(&self, tx: &mut WriteTx, (seen, chunk): &Self::Prepared) -> Result<Commit<Self::Done>> {
        let begun = Instant::now();
        let Context { archive, actor, now } = &self.context;
        let job = jobs::still_mine(tx, &self.job)?;
        let submission = self.batch(tx)?;
        let mut submission = settle(tx, archive, submission, *now)?;
        if submission.version != *seen {
            return Ok(Commit::Outdated);
        }
        let who = Standing { is_author: false, is_moderator: true, is_holder: false };
        let row = workflow::transition(state_of(&submission)?, Action::Publish, who)
            .map_err(|_| Error::WrongState { state: State::Publishing.as_str(), action: Action::Publish.as_str() })?;
        let to = match chunk.commit(tx, archive, &submission, *now)? {
            Commit::Done(to) => to,
            Commit::Outdated => return Ok(Commit::Outdated),
        };
        let before = submission.clone();
        advance(&mut submission, row, to, *now)?;
        tx.update_submission(&submission)?;
        let done = job.done + chunk.len();
        if to == State::Accepted {
            audit::record(tx, actor, (&before, &submission), Action::Publish.as_str(), None, *now)?;
            let progress = batches::progress(tx, &submission)?;
            let result = json!({"published": progress.published, "set_aside": progress.set_aside});
            jobs::finish(tx, &job, done, result.to_string(), *now)?;
        } else {
            // People are told when it is done, not of every chunk.
            audit::append(
                tx,
                By::Account(actor),
                &submission,
                Action::Publish.as_str(),
                Some(State::Publishing),
                None,
                *now,
            )?;
            jobs::progress(tx, &job, done, *now)?;
        }
        Ok(Commit::Done(Written { is_last: to == State::Accepted, took: begun.elapsed(), done }))
    }
}
