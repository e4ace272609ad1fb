//! Tables of sessions and their refresh tokens.

use diesel::{OptionalExtension, prelude::*};

use super::{
    Result, UserRow,
    pool::{ReadTx, WriteTx},
    schema::{refresh_tokens, sessions},
};

/// A session.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = sessions, treat_none_as_default_value = false)]
pub struct SessionRow {
    pub id: String,
    pub user_id: String,
    pub created_at: i64,
    pub expires_at: i64,
    pub ended_at: Option<i64>,
    /// Known to the minute.
    pub last_used_at: i64,
    /// Where it was opened from.
    pub address: Option<String>,
    /// What the client said it is.
    pub user_agent: Option<String>,
}

/// When sessions run: from a time on, unless they were not used since another.
#[derive(Clone, Copy, Debug)]
pub struct RunningAt {
    pub now: i64,
    /// A session that was last used then, or before, is over.
    pub idle_since: i64,
}

impl SessionRow {
    /// Whether it runs.
    pub fn is_running(&self, at: RunningAt) -> bool {
        self.ended_at.is_none() && self.expires_at > at.now && self.last_used_at > at.idle_since
    }
}

impl ReadTx<'_> {
    /// The session and its account.
    pub fn session(&mut self, id: &str) -> Result<Option<(SessionRow, UserRow)>> {
        let Some(session) = sessions::table.find(id).select(SessionRow::as_select()).first(self.conn).optional()?
        else {
            return Ok(None);
        };
        Ok(self.user(&session.user_id)?.map(|user| (session, user)))
    }

    /// The running sessions of an account, newest first, below the given id.
    pub fn list_sessions(
        &mut self,
        user_id: &str,
        at: RunningAt,
        before: Option<&str>,
        limit: i64,
    ) -> Result<Vec<SessionRow>> {
        use sessions as s;
        let mut query = s::table
            .filter(s::user_id.eq(user_id.to_owned()).and(s::ended_at.is_null()))
            .filter(s::expires_at.gt(at.now).and(s::last_used_at.gt(at.idle_since)))
            .select(SessionRow::as_select())
            .into_boxed();
        if let Some(before) = before {
            query = query.filter(s::id.lt(before.to_owned()));
        }
        // The ids are made in the order of time.
        Ok(query.order(s::id.desc()).limit(limit).load(self.conn)?)
    }

    pub fn count_sessions(&mut self, user_id: &str, at: RunningAt) -> Result<i64> {
        use sessions as s;
        let running = s::table
            .filter(s::user_id.eq(user_id).and(s::ended_at.is_null()))
            .filter(s::expires_at.gt(at.now).and(s::last_used_at.gt(at.idle_since)));
        Ok(running.count().get_result(self.conn)?)
    }

    /// Sessions that were over by a time: ended, expired or idle since; so many at most.
    pub fn sessions_over(&mut self, by: RunningAt, limit: i64) -> Result<Vec<String>> {
        use sessions as s;
        let ended = s::ended_at.le(by.now).assume_not_null();
        let over = ended.or(s::expires_at.le(by.now)).or(s::last_used_at.le(by.idle_since));
        Ok(s::table.filter(over).select(s::id).limit(limit).load(self.conn)?)
    }

    /// Refresh tokens that were used by a time; so many at most.
    pub fn refresh_tokens_used(&mut self, by: i64, limit: i64) -> Result<Vec<String>> {
        use refresh_tokens as r;
        Ok(r::table.filter(r::used_at.le(by)).select(r::hash).limit(limit).load(self.conn)?)
    }

    /// The session of a refresh token, and when the token was used.
    pub fn refresh_token(&mut self, hash: &str) -> Result<Option<(String, Option<i64>)>> {
        let query = refresh_tokens::table.find(hash).select((refresh_tokens::session_id, refresh_tokens::used_at));
        Ok(query.first(self.conn).optional()?)
    }
}

impl WriteTx<'_> {
    pub fn insert_session(&mut self, session: &SessionRow) -> Result<()> {
        diesel::insert_into(sessions::table).values(session).execute(self.conn)?;
        Ok(())
    }

    /// Ends a session; `false` when it was over already.
    pub fn end_session(&mut self, id: &str, now: i64) -> Result<bool> {
        let ended = diesel::update(sessions::table.find(id).filter(sessions::ended_at.is_null()))
            .set(sessions::ended_at.eq(Some(now)))
            .execute(self.conn)?;
        Ok(ended == 1)
    }

    /// Ends the sessions of an account, all or all but one, and tells how many.
    pub fn end_sessions(&mut self, user_id: &str, except: Option<&str>, now: i64) -> Result<usize> {
        let others = sessions::user_id.eq(user_id).and(sessions::ended_at.is_null());
        // No id is empty.
        let others = others.and(sessions::id.ne(except.unwrap_or_default()));
        Ok(diesel::update(sessions::table.filter(others)).set(sessions::ended_at.eq(Some(now))).execute(self.conn)?)
    }

    /// Notes that a session is used, unless that was noted since `since`.
    pub fn touch_session(&mut self, id: &str, since: i64, now: i64) -> Result<()> {
        diesel::update(sessions::table.find(id).filter(sessions::last_used_at.le(since)))
            .set(sessions::last_used_at.eq(now))
            .execute(self.conn)?;
        Ok(())
    }

    pub fn insert_refresh_token(&mut self, hash: &str, session_id: &str, now: i64) -> Result<()> {
        diesel::insert_into(refresh_tokens::table)
            .values((
                refresh_tokens::hash.eq(hash),
                refresh_tokens::session_id.eq(session_id),
                refresh_tokens::created_at.eq(now),
            ))
            .execute(self.conn)?;
        Ok(())
    }

    /// Marks a refresh token as used; `false` when it was used already: of two callers, one gets `true`.
    pub fn use_refresh_token(&mut self, hash: &str, now: i64) -> Result<bool> {
        let used = diesel::update(refresh_tokens::table.find(hash).filter(refresh_tokens::used_at.is_null()))
            .set(refresh_tokens::used_at.eq(Some(now)))
            .execute(self.conn)?;
        Ok(used == 1)
    }

    /// Deletes sessions with their refresh tokens.
    pub fn delete_sessions(&mut self, ids: &[String]) -> Result<usize> {
        use {refresh_tokens as r, sessions as s};
        diesel::delete(r::table.filter(r::session_id.eq_any(ids))).execute(self.conn)?;
        Ok(diesel::delete(s::table.filter(s::id.eq_any(ids))).execute(self.conn)?)
    }

    pub fn delete_refresh_tokens(&mut self, hashes: &[String]) -> Result<usize> {
        use refresh_tokens as r;
        Ok(diesel::delete(r::table.filter(r::hash.eq_any(hashes))).execute(self.conn)?)
    }
}
