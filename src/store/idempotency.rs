//! The memory of answered requests: a retried request gets the answer of the first.

use diesel::{OptionalExtension, prelude::*};

use super::{
    Result,
    pool::WriteTx,
    schema::idempotency::{self, dsl},
};

/// What is known of a key.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = idempotency, treat_none_as_default_value = false)]
pub struct Attempt {
    /// Who sent the request.
    pub principal: String,
    pub idempotency_key: String,
    /// Hash of method, path and body.
    pub fingerprint: String,
    /// Random mark of the attempt that may write the answer.
    pub attempt: String,
    pub started_at: i64,
    /// The answer, once there is one.
    pub answer: Option<String>,
}

impl WriteTx<'_> {
    pub fn idempotency_attempt(&mut self, principal: &str, key: &str) -> Result<Option<Attempt>> {
        Ok(dsl::idempotency.find((principal, key)).select(Attempt::as_select()).first(self.conn).optional()?)
    }

    /// Records that a request has begun, in place of any attempt before it.
    pub fn begin_attempt(&mut self, attempt: &Attempt) -> Result<()> {
        let before = dsl::idempotency.find((&attempt.principal, &attempt.idempotency_key));
        diesel::delete(before).execute(self.conn)?;
        diesel::insert_into(dsl::idempotency).values(attempt).execute(self.conn)?;
        Ok(())
    }

    /// Stores the answer. `false` when another attempt has taken over; its answer counts then.
    pub fn finish_attempt(&mut self, attempt: &Attempt, answer: &str) -> Result<bool> {
        let mine = dsl::idempotency
            .find((&attempt.principal, &attempt.idempotency_key))
            .filter(dsl::attempt.eq(&attempt.attempt));
        Ok(diesel::update(mine).set(dsl::answer.eq(Some(answer))).execute(self.conn)? == 1)
    }

    /// Forgets what has failed, unless another attempt has taken over.
    pub fn abandon_attempt(&mut self, attempt: &Attempt) -> Result<()> {
        let mine = dsl::idempotency
            .find((&attempt.principal, &attempt.idempotency_key))
            .filter(dsl::attempt.eq(&attempt.attempt));
        diesel::delete(mine).execute(self.conn)?;
        Ok(())
    }

    /// Forgets keys that were first used before the given time, and tells how many.
    pub fn forget_attempts_before(&mut self, time: i64) -> Result<usize> {
        Ok(diesel::delete(dsl::idempotency.filter(dsl::started_at.lt(time))).execute(self.conn)?)
    }
}
