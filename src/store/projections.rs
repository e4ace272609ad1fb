//! The derived tables: one row per entry in its kind's own table, and the shared tables of facts and links.

use std::collections::HashMap;

use diesel::prelude::*;

use super::{
    Result,
    pool::{ReadTx, WriteTx},
    schema::{entries, facts, links},
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

impl WriteTx<'_> {
    /// Puts the projection of an entry in place of the one before.
    pub fn write_projection(&mut self, kind: &KindDescriptor, id: &str, projection: &Projection) -> Result<()> {
        self.clear_projection(kind, id)?;
        let mut insert = Sql::new(&format!("INSERT INTO {} (entry_id", kind.table()));
        for (column, _) in &projection.columns {
            insert.push(&format!(", \"{column}\""));
        }
        insert.push(") VALUES (").text(id);
        for (_, cell) in &projection.columns {
            insert.push(", ").bind(cell.clone());
        }
        insert.push(")");
        insert.into_query().execute(self.conn)?;
        for fact in &projection.facts {
            diesel::insert_into(facts::table)
                .values((
                    facts::entry_id.eq(id),
                    facts::kind.eq(kind.name),
                    facts::name.eq(fact.name),
                    facts::value.eq(&fact.value),
                ))
                .execute(self.conn)?;
        }
        let mut targets: Vec<String> = projection.links.iter().map(|l| l.target.as_str().to_owned()).collect();
        targets.sort();
        targets.dedup();
        let survivors = self.survivors(&targets)?;
        for (position, link) in (0_i64..).zip(&projection.links) {
            let named = link.target.as_str();
            diesel::insert_into(links::table)
                .values((
                    links::from_id.eq(id),
                    links::position.eq(position),
                    links::rel.eq(link.rel),
                    links::pointer.eq(&link.pointer),
                    links::to_id.eq(survivors.get(named).map_or(named, String::as_str)),
                    links::named_id.eq(named),
                ))
                .execute(self.conn)?;
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
