//! How entries are guarded.

use diesel::{OptionalExtension, prelude::*};

use super::{
    Result,
    pool::{ReadTx, WriteTx},
    schema::{protection_changes, protections},
};

/// The protection of one entry.
#[derive(Clone, Debug, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = protections)]
pub struct ProtectionRow {
    pub entry_id: String,
    pub level: String,
    /// Why, for everybody to read.
    pub reason: String,
    pub set_by: String,
    pub at: i64,
    /// Counts the changes of the protection.
    pub version: i64,
}

/// One change of the protection of an entry.
#[derive(Clone, Debug, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = protection_changes, treat_none_as_default_value = false)]
pub struct ProtectionChangeRow {
    pub entry_id: String,
    /// Counts the changes of the protection of this entry.
    pub version: i64,
    pub old_level: String,
    pub new_level: String,
    /// The account that changed it; nobody where a merge did.
    pub by_id: Option<String>,
    pub at: i64,
}

impl ReadTx<'_> {
    /// Every change of the protection of the given entries, for each entry the oldest first.
    pub fn protection_changes(&mut self, entry_ids: &[String]) -> Result<Vec<ProtectionChangeRow>> {
        use protection_changes as p;
        let query = p::table.filter(p::entry_id.eq_any(entry_ids)).order((p::entry_id.asc(), p::version.asc()));
        Ok(query.select(ProtectionChangeRow::as_select()).load(self.conn)?)
    }

    /// `None` for an entry that never was protected.
    pub fn protection(&mut self, entry_id: &str) -> Result<Option<ProtectionRow>> {
        Ok(protections::table.find(entry_id).select(ProtectionRow::as_select()).first(self.conn).optional()?)
    }

    /// Those of the given entries that are protected, and how.
    pub fn protections(&mut self, entry_ids: &[String]) -> Result<Vec<ProtectionRow>> {
        let query = protections::table.filter(protections::entry_id.eq_any(entry_ids));
        Ok(query.filter(protections::level.ne("none")).select(ProtectionRow::as_select()).load(self.conn)?)
    }
}

impl WriteTx<'_> {
    /// Sets the protection of an entry, and appends the change to its history.
    pub fn set_protection(&mut self, row: &ProtectionRow, change: &ProtectionChangeRow) -> Result<()> {
        diesel::insert_into(protection_changes::table).values(change).execute(self.conn)?;
        diesel::delete(protections::table.find(&row.entry_id)).execute(self.conn)?;
        diesel::insert_into(protections::table).values(row).execute(self.conn)?;
        Ok(())
    }
}
