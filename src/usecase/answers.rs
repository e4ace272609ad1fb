//! Answers that are remembered: a writing request that is sent again has its effect once.

use std::time::Duration;

use super::{Archive, Authority, Error, PreparedWrite, Result, micros};
use crate::store::{Attempt, WriteTx};

/// A request that may be retried without a second effect.
#[derive(Clone, Debug)]
pub struct RetryKey {
    pub principal: String,
    pub key: String,
    /// Hash of all that makes the request what it is.
    pub fingerprint: String,
}

/// How long an answer is remembered.
pub const ANSWERS_KEPT: Duration = Duration::from_secs(24 * 3600);
/// After this time an attempt without an answer counts as lost, and another may take its place.
const ATTEMPT_LOST_AFTER: Duration = Duration::from_secs(60);

/// The answer to a writing request, as the floor above put it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub text: String,
    /// It is the remembered answer of an earlier request.
    pub replayed: bool,
}

impl Archive {
    /// Does `effect` in one writing transaction and gives its answer. With a key, the answer is stored in the same
    /// transaction, and a retry gets the stored one: the effect happens once, however often the request comes.
    pub fn perform<T>(
        &self,
        by: Authority,
        key: Option<RetryKey>,
        effect: impl FnOnce(&mut WriteTx) -> Result<T>,
        render: impl Fn(std::result::Result<&T, &Error>) -> Result<String>,
    ) -> Result<Answer> {
        self.once(by, key, render, |finish| {
            self.write(by, |tx| {
                let done = effect(tx)?;
                finish(tx, done)
            })
        })
    }

    /// The same with a write in two parts.
    pub fn perform_prepared<W: PreparedWrite>(
        &self,
        by: Authority,
        key: Option<RetryKey>,
        mut write: W,
        render: impl Fn(std::result::Result<&W::Done, &Error>) -> Result<String>,
    ) -> Result<Answer> {
        self.once(by, key, render, |finish| self.run_with(by, &mut write, finish))
    }

    /// Does what `effect` does once for each key. `finish` is to be called in the transaction that writes.
    fn once<T>(
        &self,
        by: Authority,
        key: Option<RetryKey>,
        render: impl Fn(std::result::Result<&T, &Error>) -> Result<String>,
        effect: impl FnOnce(&dyn Fn(&mut WriteTx, T) -> Result<Finished<T>>) -> Result<Finished<T>>,
    ) -> Result<Answer> {
        let fresh = |text| Answer { text, replayed: false };
        let Some(key) = key else {
            return match effect(&|_, done| Ok(Finished::Done(done)))? {
                Finished::Done(done) => Ok(fresh(render(Ok(&done))?)),
                Finished::Stored(text) => Ok(fresh(text)),
            };
        };
        let attempt = match self.begin(by, key)? {
            Begun::Mine(attempt) => attempt,
            Begun::Answered(text) => return Ok(Answer { text, replayed: true }),
        };
        let finish = |tx: &mut WriteTx, done: T| {
            let text = render(Ok(&done))?;
            // Another attempt has taken over: nothing of this one may stay.
            match tx.finish_attempt(&attempt, &text)? {
                true => Ok(Finished::Stored(text)),
                false => Err(Error::IdempotencyInProgress),
            }
        };
        match effect(&finish) {
            Ok(Finished::Stored(text)) => Ok(fresh(text)),
            Ok(Finished::Done(done)) => Ok(fresh(render(Ok(&done))?)),
            Err(error) => {
                self.remember_failure(&attempt, &error, &render);
                Err(error)
            }
        }
    }

    fn begin(&self, by: Authority, key: RetryKey) -> Result<Begun> {
        let now = self.now();
        self.write(by, |tx| {
            tx.forget_attempts_before(now.saturating_sub(micros(ANSWERS_KEPT)))?;
            if let Some(earlier) = tx.idempotency_attempt(&key.principal, &key.key)? {
                if earlier.fingerprint != key.fingerprint {
                    return Err(Error::IdempotencyMismatch);
                }
                if let Some(answer) = earlier.answer {
                    return Ok(Begun::Answered(answer));
                }
                if earlier.started_at > now.saturating_sub(micros(ATTEMPT_LOST_AFTER)) {
                    return Err(Error::IdempotencyInProgress);
                }
            }
            let attempt = Attempt {
                principal: key.principal,
                idempotency_key: key.key,
                fingerprint: key.fingerprint,
                attempt: uuid::Uuid::new_v4().to_string(),
                started_at: now,
                answer: None,
            };
            tx.begin_attempt(&attempt)?;
            Ok(Begun::Mine(attempt))
        })
    }

    /// A refusal that will not change is remembered; after any other failure the key is free again.
    fn remember_failure<T>(
        &self,
        attempt: &Attempt,
        error: &Error,
        render: impl Fn(std::result::Result<&T, &Error>) -> Result<String>,
    ) {
        let kept = self.write(Authority::Archive, |tx| {
            if error.is_final() {
                tx.finish_attempt(attempt, &render(Err(error))?)?;
            } else {
                tx.abandon_attempt(attempt)?;
            }
            Ok(())
        });
        if let Err(error) = kept {
            tracing::warn!(%error, "the outcome of a request could not be remembered");
        }
    }
}

/// What a writing request has done, or the text that tells of it and is stored with it.
enum Finished<T> {
    Done(T),
    Stored(String),
}

enum Begun {
    Mine(Attempt),
    Answered(String),
}
