//! Tables of keys and second factors: signing keys, TOTP, recovery codes, API keys.

use diesel::{OptionalExtension, prelude::*};

use super::{
    Result, UserRow,
    pool::{ReadTx, WriteTx},
    schema::{api_keys, recovery_codes, signing_keys, totp},
};

/// A key that signs access tokens.
#[derive(Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = signing_keys, treat_none_as_default_value = false)]
pub struct SigningKeyRow {
    pub kid: String,
    /// 256 bits, base64url.
    pub seed: String,
    pub created_at: i64,
    /// From then on its tokens are refused.
    pub retires_at: Option<i64>,
}

/// The second factor of an account.
#[derive(Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = totp, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct TotpRow {
    pub user_id: String,
    /// Base32.
    pub secret: String,
    pub created_at: i64,
    /// It counts from then on.
    pub confirmed_at: Option<i64>,
    /// The time step of the last code that was accepted: none before it is accepted again.
    pub last_step: i64,
    /// Wrong codes since the last right one.
    pub failures: i64,
    /// When the last of them came.
    pub failed_at: i64,
}

/// A key for programs.
#[derive(Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = api_keys, treat_none_as_default_value = false)]
pub struct ApiKeyRow {
    pub id: String,
    pub user_id: String,
    pub name: String,
    pub prefix: String,
    /// SHA-256 of the whole key.
    pub hash: String,
    /// Names of scopes with spaces between.
    pub scopes: String,
    pub created_at: i64,
    pub expires_at: Option<i64>,
    /// Known to the minute.
    pub last_used_at: Option<i64>,
    pub revoked_at: Option<i64>,
}

impl ReadTx<'_> {
    /// Every signing key there has been, newest first.
    pub fn signing_keys(&mut self) -> Result<Vec<SigningKeyRow>> {
        let query = signing_keys::table.order((signing_keys::created_at.desc(), signing_keys::kid.asc()));
        Ok(query.select(SigningKeyRow::as_select()).load(self.conn)?)
    }

    pub fn totp(&mut self, user_id: &str) -> Result<Option<TotpRow>> {
        Ok(totp::table.find(user_id).select(TotpRow::as_select()).first(self.conn).optional()?)
    }

    /// The accounts among the given ones that have a second factor.
    pub fn with_totp(&mut self, user_ids: &[String]) -> Result<Vec<String>> {
        let confirmed = totp::table.filter(totp::user_id.eq_any(user_ids).and(totp::confirmed_at.is_not_null()));
        Ok(confirmed.select(totp::user_id).load(self.conn)?)
    }

    pub fn count_recovery_codes(&mut self, user_id: &str) -> Result<i64> {
        use recovery_codes as r;
        let left = r::table.filter(r::user_id.eq(user_id).and(r::used_at.is_null()));
        Ok(left.count().get_result(self.conn)?)
    }

    /// The key with this prefix and the account it belongs to.
    pub fn api_key_by_prefix(&mut self, prefix: &str) -> Result<Option<(ApiKeyRow, UserRow)>> {
        let query = api_keys::table.filter(api_keys::prefix.eq(prefix)).select(ApiKeyRow::as_select());
        let Some(key) = query.first::<ApiKeyRow>(self.conn).optional()? else { return Ok(None) };
        Ok(self.user(&key.user_id)?.map(|user| (key, user)))
    }

    /// The keys of an account that were not revoked, newest first, below the given id.
    pub fn list_api_keys(&mut self, user_id: &str, before: Option<&str>, limit: i64) -> Result<Vec<ApiKeyRow>> {
        use api_keys as k;
        let mut query = k::table
            .filter(k::user_id.eq(user_id.to_owned()).and(k::revoked_at.is_null()))
            .select(ApiKeyRow::as_select())
            .into_boxed();
        if let Some(before) = before {
            query = query.filter(k::id.lt(before.to_owned()));
        }
        Ok(query.order(k::id.desc()).limit(limit).load(self.conn)?)
    }

    pub fn count_api_keys(&mut self, user_id: &str) -> Result<i64> {
        use api_keys as k;
        Ok(k::table.filter(k::user_id.eq(user_id).and(k::revoked_at.is_null())).count().get_result(self.conn)?)
    }

    pub fn api_key(&mut self, id: &str) -> Result<Option<ApiKeyRow>> {
        Ok(api_keys::table.find(id).select(ApiKeyRow::as_select()).first(self.conn).optional()?)
    }
}

impl WriteTx<'_> {
    pub fn insert_signing_key(&mut self, key: &SigningKeyRow) -> Result<()> {
        diesel::insert_into(signing_keys::table).values(key).execute(self.conn)?;
        Ok(())
    }

    /// Lets every signing key go at a time, unless it goes before.
    pub fn retire_signing_keys(&mut self, at: i64) -> Result<()> {
        use signing_keys as k;
        let later = k::retires_at.is_null().or(k::retires_at.gt(at).assume_not_null());
        diesel::update(k::table.filter(later)).set(k::retires_at.eq(Some(at))).execute(self.conn)?;
        Ok(())
    }

    /// Puts a second factor in place of the one that was there.
    pub fn put_totp(&mut self, row: &TotpRow) -> Result<()> {
        self.delete_totp(&row.user_id)?;
        diesel::insert_into(totp::table).values(row).execute(self.conn)?;
        Ok(())
    }

    pub fn update_totp(&mut self, row: &TotpRow) -> Result<()> {
        diesel::update(totp::table.find(&row.user_id)).set(row).execute(self.conn)?;
        Ok(())
    }

    /// Takes the second factor of an account away, with its recovery codes.
    pub fn delete_totp(&mut self, user_id: &str) -> Result<bool> {
        diesel::delete(recovery_codes::table.filter(recovery_codes::user_id.eq(user_id))).execute(self.conn)?;
        Ok(diesel::delete(totp::table.find(user_id)).execute(self.conn)? == 1)
    }

    pub fn insert_recovery_code(&mut self, user_id: &str, hash: &str, now: i64) -> Result<()> {
        use recovery_codes as r;
        diesel::insert_into(r::table)
            .values((r::user_id.eq(user_id), r::hash.eq(hash), r::created_at.eq(now)))
            .execute(self.conn)?;
        Ok(())
    }

    /// Uses a recovery code up; `false` when there is none of this hash.
    pub fn use_recovery_code(&mut self, user_id: &str, hash: &str, now: i64) -> Result<bool> {
        use recovery_codes as r;
        let open = r::table.filter(r::user_id.eq(user_id).and(r::hash.eq(hash)).and(r::used_at.is_null()));
        Ok(diesel::update(open).set(r::used_at.eq(Some(now))).execute(self.conn)? == 1)
    }

    pub fn insert_api_key(&mut self, key: &ApiKeyRow) -> Result<()> {
        diesel::insert_into(api_keys::table).values(key).execute(self.conn)?;
        Ok(())
    }

    /// Revokes a key; `false` when it was revoked already.
    pub fn revoke_api_key(&mut self, id: &str, now: i64) -> Result<bool> {
        use api_keys as k;
        let open = k::table.filter(k::id.eq(id).and(k::revoked_at.is_null()));
        Ok(diesel::update(open).set(k::revoked_at.eq(Some(now))).execute(self.conn)? == 1)
    }

    /// Revokes every key of an account and tells how many there were.
    pub fn revoke_api_keys(&mut self, user_id: &str, now: i64) -> Result<usize> {
        use api_keys as k;
        let open = k::table.filter(k::user_id.eq(user_id).and(k::revoked_at.is_null()));
        Ok(diesel::update(open).set(k::revoked_at.eq(Some(now))).execute(self.conn)?)
    }

    /// Notes that a key is used.
    pub fn touch_api_key(&mut self, id: &str, now: i64) -> Result<()> {
        diesel::update(api_keys::table.find(id)).set(api_keys::last_used_at.eq(Some(now))).execute(self.conn)?;
        Ok(())
    }
}
