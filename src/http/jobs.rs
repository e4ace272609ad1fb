//! Works on jobs, one at a time, as long as the server runs.

use std::time::Duration;

use tokio::{sync::Notify, time::sleep};

use super::state::AppState;
use crate::{
    editorial::publish_batch,
    model::jobs::JobKind,
    store::{JobRow, StoreError},
    usecase::{
        Archive, Error, Result,
        jobs::{claim, fail},
    },
};

/// How often it looks for jobs that other instances have started, or left.
const POLL: Duration = Duration::from_secs(2);
/// How long it waits after the database did not do as it should.
const PAUSE: Duration = Duration::from_secs(1);

/// This instance, as far as jobs are concerned.
pub struct JobRunner {
    instance: String,
    /// A job may have been started here: it need not wait.
    nudge: Notify,
}

impl Default for JobRunner {
    fn default() -> Self {
        Self { instance: uuid::Uuid::new_v4().to_string(), nudge: Notify::new() }
    }
}

impl JobRunner {
    /// There may be something to do.
    pub fn nudge(&self) {
        self.nudge.notify_one();
    }
}

impl AppState {
    /// Works on jobs. Ends with whatever it runs in: what is under way then is gone on with after its lease.
    pub async fn run_jobs(self) {
        loop {
            let (archive, instance) = (self.archive.clone(), self.jobs.instance.clone());
            match self.blocking(&self.gates.jobs, move || work(&archive, &instance)).await {
                Ok(Worked::OnAJob) => {}
                Ok(Worked::NothingToDo) => {
                    tokio::select! {
                        () = self.jobs.nudge.notified() => {}
                        () = sleep(POLL) => {}
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, "a job was interrupted; it is gone on with later");
                    sleep(PAUSE).await;
                }
            }
            self.streams.nudge();
        }
    }
}

enum Worked {
    OnAJob,
    NothingToDo,
}

/// Works on the next job until it is done. An error is one that passes: the job is taken up again after its lease.
fn work(archive: &Archive, instance: &str) -> Result<Worked> {
    let Some(job) = claim(archive, instance)? else { return Ok(Worked::NothingToDo) };
    let mut tries = 0;
    loop {
        match run(archive, &job) {
            // Cancelled, or taken over.
            Ok(()) | Err(Error::JobTaken) => return Ok(Worked::OnAJob),
            // The server stops.
            Err(error @ Error::Store(StoreError::Abandoned)) => return Err(error),
            Err(error) if passes(&error) && tries < MOST_TRIES => {
                tries += 1;
                tracing::warn!(%error, job = job.id, "a job is tried again");
                std::thread::sleep(PAUSE);
            }
            Err(error) if passes(&error) => return Err(error),
            Err(error) => {
                tracing::warn!(%error, job = job.id, "a job has failed");
                match fail(archive, &job, &error.to_string()) {
                    Ok(()) | Err(Error::JobTaken) => return Ok(Worked::OnAJob),
                    Err(error) => return Err(error),
                }
            }
        }
    }
}

/// How often work on a job is begun again at once, each time after a pause; together shorter than its lease.
const MOST_TRIES: u32 = 10;

fn run(archive: &Archive, job: &JobRow) -> Result<()> {
    match job.kind {
        JobKind::Publish => publish_batch(archive, job, |_| {}),
    }
}

/// Whether the same may succeed after a while.
fn passes(error: &Error) -> bool {
    match error {
        Error::Store(StoreError::Setup(_) | StoreError::Corrupt(_) | StoreError::Database(_)) => false,
        Error::Store(_) | Error::Busy => true,
        _ => false,
    }
}
