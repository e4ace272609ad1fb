//! Tables of accounts, sessions and the archive's own keys.

use diesel::{OptionalExtension, prelude::*};

use super::{
    Result,
    pool::{ReadTx, WriteTx},
    schema::{refresh_tokens, secrets, sessions, users},
};

/// An account.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = users, treat_none_as_default_value = false)]
pub struct UserRow {
    pub id: String,
    pub username: String,
    pub role: String,
    pub password_hash: String,
    pub disabled: bool,
    pub created_at: i64,
    pub updated_at: i64,
    /// Additive changes are accepted at once, where the archive allows it.
    pub trusted: bool,
}

/// A session.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = sessions, treat_none_as_default_value = false)]
pub struct SessionRow {
    pub id: String,
    pub user_id: String,
    pub created_at: i64,
    pub expires_at: i64,
    pub ended_at: Option<i64>,
}

impl ReadTx<'_> {
    pub fn user_by_name(&mut self, username: &str) -> Result<Option<UserRow>> {
        let query = users::table.filter(users::username.eq(username)).select(UserRow::as_select());
        Ok(query.first(self.conn).optional()?)
    }

    pub fn user(&mut self, id: &str) -> Result<Option<UserRow>> {
        Ok(users::table.find(id).select(UserRow::as_select()).first(self.conn).optional()?)
    }

    /// The session and its account.
    pub fn session(&mut self, id: &str) -> Result<Option<(SessionRow, UserRow)>> {
        let Some(session) = sessions::table.find(id).select(SessionRow::as_select()).first(self.conn).optional()?
        else {
            return Ok(None);
        };
        Ok(self.user(&session.user_id)?.map(|user| (session, user)))
    }

    /// The session of a refresh token, and when the token was used.
    pub fn refresh_token(&mut self, hash: &str) -> Result<Option<(String, Option<i64>)>> {
        let query = refresh_tokens::table.find(hash).select((refresh_tokens::session_id, refresh_tokens::used_at));
        Ok(query.first(self.conn).optional()?)
    }

    /// A key of the archive.
    pub fn secret(&mut self, name: &str) -> Result<Option<String>> {
        Ok(secrets::table.find(name).select(secrets::value).first(self.conn).optional()?)
    }
}

impl WriteTx<'_> {
    pub fn insert_user(&mut self, user: &UserRow) -> Result<()> {
        diesel::insert_into(users::table).values(user).execute(self.conn)?;
        Ok(())
    }

    /// Gives an account a new password hash.
    pub fn set_password(&mut self, user_id: &str, hash: &str, now: i64) -> Result<()> {
        diesel::update(users::table.find(user_id))
            .set((users::password_hash.eq(hash), users::updated_at.eq(now)))
            .execute(self.conn)?;
        Ok(())
    }

    /// Says whether an account is trusted; `false` when there is no such account.
    pub fn set_trusted(&mut self, username: &str, trusted: bool, now: i64) -> Result<bool> {
        let account = users::table.filter(users::username.eq(username));
        let changed = diesel::update(account).set((users::trusted.eq(trusted), users::updated_at.eq(now)));
        Ok(changed.execute(self.conn)? == 1)
    }

    pub fn insert_session(&mut self, session: &SessionRow) -> Result<()> {
        diesel::insert_into(sessions::table).values(session).execute(self.conn)?;
        Ok(())
    }

    pub fn end_session(&mut self, id: &str, now: i64) -> Result<()> {
        diesel::update(sessions::table.find(id).filter(sessions::ended_at.is_null()))
            .set(sessions::ended_at.eq(Some(now)))
            .execute(self.conn)?;
        Ok(())
    }

    /// Ends every session of an account.
    pub fn end_sessions(&mut self, user_id: &str, now: i64) -> Result<()> {
        diesel::update(sessions::table.filter(sessions::user_id.eq(user_id).and(sessions::ended_at.is_null())))
            .set(sessions::ended_at.eq(Some(now)))
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

    pub fn use_refresh_token(&mut self, hash: &str, now: i64) -> Result<()> {
        diesel::update(refresh_tokens::table.find(hash))
            .set(refresh_tokens::used_at.eq(Some(now)))
            .execute(self.conn)?;
        Ok(())
    }

    pub fn insert_secret(&mut self, name: &str, value: &str, now: i64) -> Result<()> {
        diesel::insert_into(secrets::table)
            .values((secrets::name.eq(name), secrets::value.eq(value), secrets::created_at.eq(now)))
            .execute(self.conn)?;
        Ok(())
    }
}
