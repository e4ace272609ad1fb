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

/// Writes the test that different active entries name the entry `e`, the first by the first naming and so on, in the order
/// of the days that place them in time: for certain, or as far as their dates allow it.
pub(super) fn test_in_turn(sql: &mut Sql, steps: &[Naming], is_certain: bool) {
    sql.push("EXISTS (SELECT 1 FROM ");
    for (i, step) in steps.iter().enumerate() {
        let joint = if i > 0 { " CROSS JOIN " } else { "" };
        sql.push(&format!("{joint}links l{i} CROSS JOIN entries n{i} CROSS JOIN {} p{i}", step.kind.table()));
    }
    for (i, step) in steps.iter().enumerate() {
        sql.push(&format!(" {} l{i}.to_id = ", if i > 0 { "AND" } else { "WHERE" })).entry();
        sql.push(&format!(" AND l{i}.rel = ")).text(step.rel);
        sql.push(&format!(" AND n{i}.id = l{i}.from_id AND n{i}.status = 'active' AND n{i}.kind = "))
            .text(step.kind.name);
        sql.push(&format!(" AND p{i}.entry_id = n{i}.id"));
    }
    for (i, pair) in (1..).zip(steps.windows(2)) {
        let [before, after] = pair else { continue };
        let (before_bound, than, after_bound) = if is_certain { ("hi", "<", "lo") } else { ("lo", "<=", "hi") };
        let earlier = day(before.kind, i - 1, before_bound);
        let later = day(after.kind, i, after_bound);
        sql.push(&format!(" AND l{}.from_id <> l{i}.from_id AND {earlier} {than} {later}", i - 1));
    }
    sql.end_exists();
}

/// The first or the last day that places an entry in time.
fn day(kind: &KindDescriptor, place: usize, bound: &str) -> String {
    let columns: Vec<String> = kind.placed_by.iter().map(|field| format!("p{place}.\"{field}_{bound}\"")).collect();
    // One more, since a function of one argument is none for SQLite.
    format!("coalesce({}, NULL)", columns.join(", "))
}
