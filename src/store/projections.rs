//! The derived tables: one row per entry in its kind's own table, and the shared tables of facts and links.

use std::collections::HashMap;

use diesel::prelude::*;

use super::{
    EntryRow, Result,
    bulk::insert_all,
    pool::{ReadTx, WriteTx},
    schema::{entries, facts, links},
    search::IndexRows,
    sql::Sql,
};
use crate::model::{kinds::KindDescriptor, projection::Projection};

/// A link and the summary of the entry at its other end.
#[derive(Clone, Debug, Queryable)]
pub struct LinkRow {
    pub from_id: String,
    pub position: i64,
    pub rel: String,
    pub pointer: String,
    /// Summary of the other end, JSON.
    pub summary: String,
}

impl ReadTx<'_> {
    /// Links of an entry to active entries, in document order, after the given position.
    pub fn outgoing_links(&mut self, id: &str, rel: Option<&str>, after: i64, limit: i64) -> Result<Vec<LinkRow>> {
        let mut query = links::table
            .inner_join(entries::table.on(entries::id.eq(links::to_id)))
            .filter(links::from_id.eq(id.to_owned()).and(entries::status.eq("active")).and(links::position.gt(after)))
            .order(links::position.asc())
            .limit(limit)
            .select((links::from_id, links::position, links::rel, links::pointer, entries::summary))
            .into_boxed();
        if let Some(rel) = rel {
            query = query.filter(links::rel.eq(rel.to_owned()));
        }
        Ok(query.load(self.conn)?)
    }

    /// Links of active entries to an entry, ordered by (from, position), after the given pair.
    pub fn incoming_links(
        &mut self,
        id: &str,
        rel: Option<&str>,
        after: (&str, i64),
        limit: i64,
    ) -> Result<Vec<LinkRow>> {
        let (from, position) = (after.0.to_owned(), after.1);
        let later = links::from_id.gt(from.clone()).or(links::from_id.eq(from).and(links::position.gt(position)));
        let mut query = links::table
            .inner_join(entries::table.on(entries::id.eq(links::from_id)))
            .filter(links::to_id.eq(id.to_owned()).and(entries::status.eq("active")).and(later))
            .order((links::from_id.asc(), links::position.asc()))
            .limit(limit)
            .select((links::from_id, links::position, links::rel, links::pointer, entries::summary))
            .into_boxed();
        if let Some(rel) = rel {
            query = query.filter(links::rel.eq(rel.to_owned()));
        }
        Ok(query.load(self.conn)?)
    }

    /// How many links an entry has: outgoing and incoming, to and from active entries.
    pub fn count_links(&mut self, id: &str, rel: Option<&str>) -> Result<(i64, i64)> {
        let mut outgoing = links::table
            .inner_join(entries::table.on(entries::id.eq(links::to_id)))
            .filter(links::from_id.eq(id.to_owned()).and(entries::status.eq("active")))
            .count()
            .into_boxed();
        let mut incoming = links::table
            .inner_join(entries::table.on(entries::id.eq(links::from_id)))
            .filter(links::to_id.eq(id.to_owned()).and(entries::status.eq("active")))
            .count()
            .into_boxed();
        if let Some(rel) = rel {
            outgoing = outgoing.filter(links::rel.eq(rel.to_owned()));
            incoming = incoming.filter(links::rel.eq(rel.to_owned()));
        }
        Ok((outgoing.get_result(self.conn)?, incoming.get_result(self.conn)?))
    }

    /// Where an entry's links of the given names lead.
    pub fn link_targets(&mut self, from: &[String], rels: &[&str]) -> Result<Vec<(String, String)>> {
        let query = links::table
            .filter(links::from_id.eq_any(from).and(links::rel.eq_any(rels)))
            .select((links::from_id, links::to_id));
        Ok(query.load(self.conn)?)
    }

    /// Where those of the given entries lead that were merged into others, through however many merges.
    pub fn survivors(&mut self, ids: &[String]) -> Result<HashMap<String, String>> {
        let mut direct = HashMap::new();
        let mut ahead: Vec<String> = ids.to_vec();
        while !ahead.is_empty() {
            let mut next = Vec::new();
            // Databases bound the number of values in one statement.
            for some in ahead.chunks(500) {
                let query = entries::table.filter(entries::id.eq_any(some)).filter(entries::merged_into.is_not_null());
                let found: Vec<(String, Option<String>)> =
                    query.select((entries::id, entries::merged_into)).load(self.conn)?;
                for (from, to) in found.into_iter().filter_map(|(from, to)| Some((from, to?))) {
                    if direct.insert(from, to.clone()).is_none() && !direct.contains_key(&to) {
                        next.push(to);
                    }
                }
            }
            ahead = next;
        }
        let merged = ids.iter().filter(|id| direct.contains_key(*id));
        Ok(merged.map(|id| (id.clone(), last_of(&direct, id).to_owned())).collect())
    }
}

/// Follows merges to their end. A circle cannot come about; were one made by hand, this ends all the same.
fn last_of<'a>(direct: &'a HashMap<String, String>, from: &'a str) -> &'a str {
    let mut id = from;
    for _ in 0..=direct.len() {
        match direct.get(id) {
            Some(next) => id = next,
            None => break,
        }
    }
    id
}

/// A row of the shared table of facts.
#[derive(Debug, Insertable)]
#[diesel(table_name = facts)]
struct FactRow<'a> {
    entry_id: &'a str,
    kind: &'a str,
    name: &'a str,
    value: &'a str,
}

/// A row of the shared table of links.
#[derive(Debug, Insertable)]
#[diesel(table_name = links)]
struct NewLink<'a> {
    from_id: &'a str,
    position: i64,
    rel: &'a str,
    pointer: &'a str,
    to_id: &'a str,
    named_id: &'a str,
}

/// What is derived of one entry.
#[derive(Clone, Copy, Debug)]
pub struct Derived<'a> {
    pub kind: &'a KindDescriptor,
    pub head: &'a EntryRow,
    pub projection: &'a Projection,
    pub index: &'a IndexRows,
    /// There is nothing to clear away.
    pub is_new: bool,
}

/// Values that one statement binds at most: SQLite prepares it each time, and long ones no faster.
const BINDS: usize = 1_000;

impl WriteTx<'_> {
    /// Puts what is derived of entries in place of what was before: projections, facts, links and search indexes.
    pub fn write_derived(&mut self, all: &[Derived]) -> Result<()> {
        for derived in all.iter().filter(|d| !d.is_new) {
            self.clear_projection(derived.kind, &derived.head.id)?;
        }
        self.insert_columns(all)?;
        self.write_documents(all)?;
        self.write_marks(all)?;
        let facts: Vec<FactRow> = all
            .iter()
            .flat_map(|d| {
                let (entry_id, kind) = (d.head.id.as_str(), d.kind.name);
                d.projection.facts.iter().map(move |f| FactRow { entry_id, kind, name: f.name, value: &f.value })
            })
            .collect();
        insert_all!(&mut *self.conn, facts::table, &facts)?;
        let named = all.iter().flat_map(|d| &d.projection.links).map(|l| l.target.as_str());
        let mut targets: Vec<String> = named.map(str::to_owned).collect();
        targets.sort_unstable();
        targets.dedup();
        let survivors = self.survivors(&targets)?;
        let mut links = Vec::new();
        for derived in all {
            for (position, link) in (0_i64..).zip(&derived.projection.links) {
                let named = link.target.as_str();
                links.push(NewLink {
                    from_id: &derived.head.id,
                    position,
                    rel: link.rel,
                    pointer: &link.pointer,
                    to_id: survivors.get(named).map_or(named, String::as_str),
                    named_id: named,
                });
            }
        }
        insert_all!(&mut *self.conn, links::table, &links)
    }

    /// Writes the rows of the kinds' own tables, those of one kind together.
    fn insert_columns(&mut self, all: &[Derived]) -> Result<()> {
        let mut by_kind: Vec<(&KindDescriptor, Vec<&Derived>)> = Vec::new();
        for derived in all {
            match by_kind.iter_mut().find(|(kind, _)| kind.name == derived.kind.name) {
                Some((_, of_kind)) => of_kind.push(derived),
                None => by_kind.push((derived.kind, vec![derived])),
            }
        }
        for (kind, of_kind) in by_kind {
            let columns = of_kind.first().map(|d| d.projection.columns.len()).unwrap_or_default();
            for some in of_kind.chunks((BINDS / (columns + 1)).max(1)) {
                let mut insert = Sql::new(&format!("INSERT INTO {} (entry_id", kind.table()));
                for (column, _) in some.iter().take(1).flat_map(|d| &d.projection.columns) {
                    insert.push(&format!(", \"{column}\""));
                }
                for (i, derived) in some.iter().enumerate() {
                    insert.push(if i == 0 { ") VALUES (" } else { "), (" }).text(&derived.head.id);
                    for (_, cell) in &derived.projection.columns {
                        insert.push(", ").bind(cell.clone());
                    }
                }
                insert.push(")");
                insert.into_query().execute(self.conn)?;
            }
        }
        Ok(())
    }

    /// Lets all links that name one of the entries lead to another one.
    pub fn redirect_links(&mut self, named: &[String], to: &str) -> Result<()> {
        for some in named.chunks(500) {
            diesel::update(links::table.filter(links::named_id.eq_any(some)))
                .set(links::to_id.eq(to))
                .execute(self.conn)?;
        }
        Ok(())
    }

    fn clear_projection(&mut self, kind: &KindDescriptor, id: &str) -> Result<()> {
        let mut delete = Sql::new(&format!("DELETE FROM {} WHERE entry_id = ", kind.table()));
        delete.text(id);
        delete.into_query().execute(self.conn)?;
        diesel::delete(facts::table.filter(facts::entry_id.eq(id))).execute(self.conn)?;
        diesel::delete(links::table.filter(links::from_id.eq(id))).execute(self.conn)?;
        Ok(())
    }
}
