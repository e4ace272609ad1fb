//! Tables of what is handed out once to come in: invitations and password resets.

use diesel::{OptionalExtension, prelude::*};

use super::{
    Result,
    pool::{ReadTx, WriteTx},
    schema::{invitations, password_resets},
};

/// An invitation to make an account.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = invitations, treat_none_as_default_value = false)]
pub struct InvitationRow {
    pub id: String,
    pub token_hash: String,
    pub role: String,
    pub note: Option<String>,
    /// It is the one for the first administrator.
    pub is_setup: bool,
    pub created_by: String,
    pub created_at: i64,
    pub expires_at: i64,
    pub used_at: Option<i64>,
    /// Name of the account that was made.
    pub used_by: Option<String>,
    pub revoked_at: Option<i64>,
}

/// A one-time right to set a new password.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = password_resets, treat_none_as_default_value = false)]
pub struct ResetRow {
    pub token_hash: String,
    pub user_id: String,
    /// Name of the administrator, or the operator.
    pub issued_by: String,
    pub created_at: i64,
    pub expires_at: i64,
    pub used_at: Option<i64>,
}

impl ReadTx<'_> {
    pub fn invitation(&mut self, id: &str) -> Result<Option<InvitationRow>> {
        Ok(invitations::table.find(id).select(InvitationRow::as_select()).first(self.conn).optional()?)
    }

    pub fn invitation_by_token(&mut self, hash: &str) -> Result<Option<InvitationRow>> {
        let query = invitations::table.filter(invitations::token_hash.eq(hash)).select(InvitationRow::as_select());
        Ok(query.first(self.conn).optional()?)
    }

    /// Invitations, newest first, below the given id.
    pub fn list_invitations(&mut self, before: Option<&str>, limit: i64) -> Result<Vec<InvitationRow>> {
        let mut query = invitations::table.select(InvitationRow::as_select()).into_boxed();
        if let Some(before) = before {
            query = query.filter(invitations::id.lt(before.to_owned()));
        }
        Ok(query.order(invitations::id.desc()).limit(limit).load(self.conn)?)
    }

    pub fn count_invitations(&mut self) -> Result<i64> {
        Ok(invitations::table.count().get_result(self.conn)?)
    }

    pub fn reset(&mut self, hash: &str) -> Result<Option<ResetRow>> {
        Ok(password_resets::table.find(hash).select(ResetRow::as_select()).first(self.conn).optional()?)
    }
}

impl WriteTx<'_> {
    pub fn insert_invitation(&mut self, invitation: &InvitationRow) -> Result<()> {
        diesel::insert_into(invitations::table).values(invitation).execute(self.conn)?;
        Ok(())
    }

    pub fn use_invitation(&mut self, id: &str, username: &str, now: i64) -> Result<()> {
        diesel::update(invitations::table.find(id))
            .set((invitations::used_at.eq(Some(now)), invitations::used_by.eq(Some(username))))
            .execute(self.conn)?;
        Ok(())
    }

    /// Takes an invitation back; `false` when it was used or taken back already.
    pub fn revoke_invitation(&mut self, id: &str, now: i64) -> Result<bool> {
        use invitations as i;
        let open = i::table.filter(i::id.eq(id).and(i::used_at.is_null()).and(i::revoked_at.is_null()));
        Ok(diesel::update(open).set(i::revoked_at.eq(Some(now))).execute(self.conn)? == 1)
    }

    /// Takes back what somebody has handed out and nobody has used, and tells how much that was.
    pub fn revoke_handed_out(&mut self, username: &str, now: i64) -> Result<usize> {
        use {invitations as i, password_resets as r};
        let invited =
            i::table.filter(i::created_by.eq(username).and(i::used_at.is_null()).and(i::revoked_at.is_null()));
        let invitations = diesel::update(invited).set(i::revoked_at.eq(Some(now))).execute(self.conn)?;
        let issued = r::table.filter(r::issued_by.eq(username).and(r::used_at.is_null()));
        let resets = diesel::update(issued).set(r::used_at.eq(Some(now))).execute(self.conn)?;
        Ok(invitations + resets)
    }

    /// Takes back every open invitation for the first administrator.
    pub fn revoke_setup(&mut self, now: i64) -> Result<()> {
        use invitations as i;
        let open = i::table.filter(i::is_setup.eq(true).and(i::used_at.is_null()).and(i::revoked_at.is_null()));
        diesel::update(open).set(i::revoked_at.eq(Some(now))).execute(self.conn)?;
        Ok(())
    }

    pub fn insert_reset(&mut self, reset: &ResetRow) -> Result<()> {
        diesel::insert_into(password_resets::table).values(reset).execute(self.conn)?;
        Ok(())
    }

    /// Makes every open reset of an account useless.
    pub fn use_resets(&mut self, user_id: &str, now: i64) -> Result<()> {
        use password_resets as r;
        diesel::update(r::table.filter(r::user_id.eq(user_id).and(r::used_at.is_null())))
            .set(r::used_at.eq(Some(now)))
            .execute(self.conn)?;
        Ok(())
    }

    /// Deletes invitations and resets that ended by a time, in whatever way, and tells how many.
    pub fn delete_handed_out(&mut self, by: i64) -> Result<usize> {
        use {invitations as i, password_resets as r};
        let used = i::used_at.le(by).assume_not_null();
        let closed = used.or(i::revoked_at.le(by).assume_not_null()).or(i::expires_at.le(by));
        let invitations = diesel::delete(i::table.filter(closed)).execute(self.conn)?;
        let closed = r::used_at.le(by).assume_not_null().or(r::expires_at.le(by));
        Ok(invitations + diesel::delete(r::table.filter(closed)).execute(self.conn)?)
    }
}
