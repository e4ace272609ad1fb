//! Entries that are shown beside the ones that name them.

use diesel::prelude::*;

use super::{
    Result,
    pool::ReadTx,
    schema::{entries, links},
};

impl ReadTx<'_> {
    /// Links of the given names from the given entries to active ones, each once: from, name, to.
    pub fn links_from(&mut self, from: &[String], rels: &[&str], limit: i64) -> Result<Vec<(String, String, String)>> {
        let query = links::table
            .inner_join(entries::table.on(entries::id.eq(links::to_id)))
            .filter(links::from_id.eq_any(from).and(links::rel.eq_any(rels)).and(entries::status.eq("active")))
            .select((links::from_id, links::rel, links::to_id))
            .distinct()
            .order((links::from_id.asc(), links::rel.asc(), links::to_id.asc()))
            .limit(limit);
        Ok(query.load(self.conn)?)
    }

    /// Summaries of those of the given entries that exist.
    pub fn summaries(&mut self, ids: &[String]) -> Result<Vec<(String, String)>> {
        Ok(entries::table.filter(entries::id.eq_any(ids)).select((entries::id, entries::summary)).load(self.conn)?)
    }
}
