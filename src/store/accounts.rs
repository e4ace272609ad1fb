//! Tables of accounts and of the archive's own keys.

use diesel::{
    OptionalExtension,
    prelude::*,
    sql_types::{BigInt, Text},
};

use super::{
    Result,
    pool::{ReadTx, WriteTx},
    schema::{secrets, users},
    sql::Sql,
};
use crate::model::usernames;

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

/// How passwords are hashed, and how many accounts have theirs so.
#[derive(Clone, Debug, QueryableByName)]
pub struct HashCosts {
    #[diesel(sql_type = Text)]
    pub costs: String,
    #[diesel(sql_type = BigInt)]
    pub accounts: i64,
}

/// Which accounts to list.
#[derive(Clone, Debug, Default)]
pub struct UserFilter {
    pub role: Option<String>,
    pub disabled: Option<bool>,
    /// A part of the name.
    pub part: Option<String>,
}

/// Adds the conditions of a filter to a query of accounts; a macro, since every selection has a type of its own.
macro_rules! restricted {
    ($query:expr, $filter:expr) => {{
        let (mut query, filter) = ($query.into_boxed(), $filter);
        if let Some(role) = &filter.role {
            query = query.filter(users::role.eq(role.clone()));
        }
        if let Some(disabled) = filter.disabled {
            query = query.filter(users::disabled.eq(disabled));
        }
        if let Some(part) = &filter.part {
            // The underscore is a letter of names, and a wildcard of LIKE.
            let part = usernames::fold(part);
            let pattern = format!("%{}%", part.replace('!', "!!").replace('_', "!_").replace('%', "!%"));
            query = query.filter(users::username.like(pattern).escape('!'));
        }
        query
    }};
}

impl ReadTx<'_> {
    /// The account with this name, in whatever spelling.
    pub fn user_by_name(&mut self, username: &str) -> Result<Option<UserRow>> {
        self.user_by_spelling(&usernames::fold(username))
    }

    /// The account whose name is stored in this very spelling.
    pub fn user_by_spelling(&mut self, username: &str) -> Result<Option<UserRow>> {
        let query = users::table.filter(users::username.eq(username)).select(UserRow::as_select());
        Ok(query.first(self.conn).optional()?)
    }

    pub fn user(&mut self, id: &str) -> Result<Option<UserRow>> {
        Ok(users::table.find(id).select(UserRow::as_select()).first(self.conn).optional()?)
    }

    /// Accounts in the order of their names, after the given one.
    pub fn list_users(&mut self, filter: &UserFilter, after: Option<&str>, limit: i64) -> Result<Vec<UserRow>> {
        let mut query = restricted!(users::table.select(UserRow::as_select()), filter);
        if let Some(name) = after {
            query = query.filter(users::username.gt(name.to_owned()));
        }
        Ok(query.order(users::username.asc()).limit(limit).load(self.conn)?)
    }

    /// How many accounts the whole list has.
    pub fn count_users(&mut self, filter: &UserFilter) -> Result<i64> {
        Ok(restricted!(users::table.select(diesel::dsl::count_star()), filter).first(self.conn)?)
    }

    /// Administrators who can act.
    pub fn count_active_admins(&mut self) -> Result<i64> {
        let active = users::table.filter(users::role.eq("admin").and(users::disabled.eq(false)));
        Ok(active.count().get_result(self.conn)?)
    }

    /// With which algorithm and costs passwords are hashed, and how many accounts have each; the most common ones first.
    pub fn count_hash_costs(&mut self, limit: i64) -> Result<Vec<HashCosts>> {
        // What follows the costs in a PHC string is a salt of 22 characters, a hash of 43, and two `$`.
        let mut sql = Sql::new(
            "SELECT substr(password_hash, 1, length(password_hash) - 67) AS costs, count(*) AS accounts FROM users \
             WHERE length(password_hash) > 67 GROUP BY substr(password_hash, 1, length(password_hash) - 67) \
             ORDER BY count(*) DESC LIMIT ",
        );
        sql.integer(limit);
        Ok(sql.into_query().load(self.conn)?)
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

    /// Stores role and switches of an account.
    pub fn update_user(&mut self, user: &UserRow) -> Result<()> {
        diesel::update(users::table.find(&user.id))
            .set((
                users::role.eq(&user.role),
                users::disabled.eq(user.disabled),
                users::trusted.eq(user.trusted),
                users::updated_at.eq(user.updated_at),
            ))
            .execute(self.conn)?;
        Ok(())
    }

    /// Gives an account another name, and what it holds or has handed out at the moment.
    pub fn rename_user(&mut self, user: &UserRow, name: &str, now: i64) -> Result<()> {
        use super::schema::{invitations as i, password_resets as r, submissions as s};
        diesel::update(users::table.find(&user.id))
            .set((users::username.eq(name), users::updated_at.eq(now)))
            .execute(self.conn)?;
        let held = s::table.filter(s::assignee_id.eq(&user.id));
        diesel::update(held).set(s::assignee.eq(name)).execute(self.conn)?;
        // Else they could not be taken back with the rights of the account.
        let invited = i::table.filter(i::created_by.eq(&user.username).and(i::used_at.is_null()));
        diesel::update(invited).set(i::created_by.eq(name)).execute(self.conn)?;
        let issued = r::table.filter(r::issued_by.eq(&user.username).and(r::used_at.is_null()));
        diesel::update(issued).set(r::issued_by.eq(name)).execute(self.conn)?;
        Ok(())
    }

    pub fn insert_secret(&mut self, name: &str, value: &str, now: i64) -> Result<()> {
        diesel::insert_into(secrets::table)
            .values((secrets::name.eq(name), secrets::value.eq(value), secrets::created_at.eq(now)))
            .execute(self.conn)?;
        Ok(())
    }

    pub fn delete_secret(&mut self, name: &str) -> Result<()> {
        diesel::delete(secrets::table.find(name)).execute(self.conn)?;
        Ok(())
    }
}
