//! Conditions on what names an entry: the links that lead to it.

use super::sql::Sql;
use crate::model::kinds::{CITES, KindDescriptor};

/// That an entry of a kind names another one, by a link of this name.
#[derive(Clone, Copy, Debug)]
pub struct Naming {
    pub kind: &'static KindDescriptor,
    pub rel: &'static str,
}

impl Naming {
    /// Writes the test that an active entry names the entry `e` so.
    pub(super) fn test(self, sql: &mut Sql) {
        sql.push("EXISTS (SELECT 1 FROM links l CROSS JOIN entries n WHERE l.to_id = ").entry();
        sql.push(" AND l.rel = ").text(self.rel);
        sql.push(" AND n.id = l.from_id AND n.status = 'active' AND n.kind = ").text(self.kind.name).end_exists();
    }

    /// Writes the search for all entries that are named so, and by whatever else uses the same name for its links. False
    /// for citations, which no index holds apart.
    pub(super) fn search(self, sql: &mut Sql) -> bool {
        if self.rel == CITES.rel {
            return false;
        }
        // To the letter the condition of the partial index.
        sql.push("SELECT DISTINCT l.to_id AS entry_id FROM links l WHERE l.rel <> 'cites' AND l.rel = ").text(self.rel);
        true
    }
}

/// Writes the test that active entries name the entry `e`, the first by the first naming and so on, each another one than
/// the one before it, in the order of the days that place them in time: for certain, or as far as their dates allow it.
///
/// Only neighbours are compared, so of those that can stand at a step the two that leave the most time to the next one are
/// enough: one of them is another entry than the next. Each step reads its namings once, however many there are.
pub(super) fn test_in_turn(sql: &mut Sql, steps: &[Naming], is_certain: bool) {
    let Some((last, before)) = steps.split_last() else { return };
    sql.push("EXISTS (SELECT 1 FROM ");
    step(sql, before, last, is_certain);
    sql.end_exists();
}

/// Writes what follows `FROM`: the namings of a step that come after one of the step before.
fn step(sql: &mut Sql, earlier: &[Naming], this: &Naming, is_certain: bool) {
    let (from, than, to) = if is_certain { ("hi", "<", "lo") } else { ("lo", "<=", "hi") };
    if let Some((last, before)) = earlier.split_last() {
        let day = day(last.kind, from);
        sql.push(&format!("(SELECT DISTINCT n.id, {day} AS day FROM "));
        step(sql, before, last, is_certain);
        sql.push(&format!(" AND {day} IS NOT NULL ORDER BY day LIMIT 2) first CROSS JOIN "));
    }
    sql.push(&format!("links l CROSS JOIN entries n CROSS JOIN {} p WHERE l.to_id = ", this.kind.table())).entry();
    sql.push(" AND l.rel = ").text(this.rel);
    sql.push(" AND n.id = l.from_id AND n.status = 'active' AND n.kind = ").text(this.kind.name);
    sql.push(" AND p.entry_id = n.id");
    if !earlier.is_empty() {
        sql.push(&format!(" AND n.id <> first.id AND first.day {than} {}", day(this.kind, to)));
    }
}

/// The first or the last day that places an entry in time.
fn day(kind: &KindDescriptor, bound: &str) -> String {
    let columns: Vec<String> = kind.placed_by.iter().map(|field| format!("p.\"{field}_{bound}\"")).collect();
    // One more, since a function of one argument is none for SQLite.
    format!("coalesce({}, NULL)", columns.join(", "))
}
