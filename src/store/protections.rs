//! How entries are guarded.

use diesel::{OptionalExtension, prelude::*};

use super::{
    Result,
    pool::{ReadTx, WriteTx},
    schema::protections,
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

impl ReadTx<'_> {
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
    /// Sets the protection of an entry.
    pub fn set_protection(&mut self, row: &ProtectionRow) -> Result<()> {
        diesel::delete(protections::table.find(&row.entry_id)).execute(self.conn)?;
        diesel::insert_into(protections::table).values(row).execute(self.conn)?;
        Ok(())
    }
}
