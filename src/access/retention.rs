//! What the door forgets: sessions, refresh tokens, invitations, resets and jobs that ended long ago, and remembered answers.
//! The audit trail is kept.

use super::TokenSettings;
use crate::{
    store::RunningAt,
    usecase::{ANSWERS_KEPT, Archive, Authority, Result, jobs::JOBS_KEPT, micros},
};

/// Rows that one transaction deletes: others must not wait for it.
const AT_ONCE: i64 = 500;

/// What was deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Forgotten {
    pub sessions: usize,
    pub refresh_tokens: usize,
    pub handed_out: usize,
    pub answers: usize,
    pub jobs: usize,
}

/// Deletes what ended longer ago than the settings keep it. The reuse of a refresh token is noticed for as long.
pub fn forget_what_is_over(archive: &Archive, settings: &TokenSettings, now: i64) -> Result<Forgotten> {
    let by = now.saturating_sub(micros(settings.retention));
    let running = settings.running(by);
    let mut forgotten = Forgotten::default();
    loop {
        let deleted = sessions(archive, running)?;
        forgotten.sessions += deleted;
        if deleted == 0 {
            break;
        }
    }
    loop {
        let used = archive.store.read_fresh(|tx| tx.refresh_tokens_used(by, AT_ONCE))?;
        if used.is_empty() {
            break;
        }
        forgotten.refresh_tokens += archive.write(Authority::Archive, |tx| Ok(tx.delete_refresh_tokens(&used)?))?;
    }
    let answered = now.saturating_sub(micros(ANSWERS_KEPT));
    archive.write(Authority::Archive, |tx| {
        forgotten.handed_out = tx.delete_handed_out(by)?;
        forgotten.answers = tx.forget_attempts_before(answered)?;
        forgotten.jobs = tx.delete_jobs_before(now.saturating_sub(micros(JOBS_KEPT)))?;
        Ok(forgotten)
    })
}

fn sessions(archive: &Archive, by: RunningAt) -> Result<usize> {
    let over = archive.store.read_fresh(|tx| tx.sessions_over(by, AT_ONCE))?;
    if over.is_empty() {
        return Ok(0);
    }
    archive.write(Authority::Archive, |tx| Ok(tx.delete_sessions(&over)?))
}
