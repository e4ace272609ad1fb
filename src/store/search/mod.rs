//! Search: what the indexes hold of every active entry, and how it is found again. What the two databases do each in its
//! own way stands in `sqlite.rs` and `postgres.rs`; the words, keys and scores are made by `model`, the same for both.

mod names;
mod postgres;
mod sqlite;
mod text;
mod write;

use std::collections::HashMap;

use diesel::prelude::*;
use sha2::{Digest, Sha256};

use super::{
    Result,
    conn::{Backend, DbConn},
    pool::{ReadTx, WriteTx},
    schema::{derived_state, entries, revisions, search_forms},
    sql::Sql,
};
use crate::model::{
    kinds::{KindDescriptor, REGISTRY},
    text::Matching,
};

pub use names::MOST_COMPARED;
pub use text::EVERYWHERE;
pub use write::IndexRows;

/// Numbers of entries in the indexes: ordered by kind, then by ref.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DocRange {
    pub from: i64,
    pub to: i64,
}

/// Bits of a number that hold that of the ref.
const REF_BITS: u32 = 40;

impl DocRange {
    /// Entries of one kind, or of all.
    pub fn of(kind: Option<&KindDescriptor>) -> Self {
        match kind {
            None => Self { from: 0, to: i64::MAX },
            Some(kind) => Self { from: doc(kind, 0), to: doc(kind, (1 << REF_BITS) - 1) },
        }
    }
}

/// The number of an entry in the indexes.
pub fn doc(kind: &KindDescriptor, ref_number: i64) -> i64 {
    let place = REGISTRY.iter().zip(1_i64..).find(|(k, _)| k.name == kind.name).map_or(0, |(_, n)| n);
    (place << REF_BITS) | ref_number
}

/// Keys are stored as numbers; what shares one by chance is told apart by its score.
pub fn hash(key: &str) -> i64 {
    let digest = Sha256::digest(key.as_bytes());
    digest.iter().take(8).fold(0, |sum, byte| (sum << 8) | i64::from(*byte))
}

/// A condition on the words of an entry, in the language of one database.
#[derive(Clone, Debug)]
pub struct TextCondition {
    backend: Backend,
    pub(super) matching: Matching,
}

impl TextCondition {
    pub fn new(backend: Backend, matching: Matching) -> Self {
        Self { backend, matching }
    }

    /// The question in the language of the database.
    pub fn expression(&self) -> String {
        match self.backend {
            Backend::Sqlite => sqlite::expression(&self.matching),
            Backend::Postgres => postgres::expression(&self.matching),
        }
    }

    /// Writes a search: `SELECT entry_id …`.
    pub(super) fn search(&self, sql: &mut Sql) {
        match self.backend {
            Backend::Sqlite => sqlite::search(sql, &self.expression()),
            Backend::Postgres => postgres::search(sql, &self.expression()),
        }
    }

    /// Writes a test of the entry `e`.
    pub(super) fn test(&self, sql: &mut Sql) {
        match self.backend {
            Backend::Sqlite => sqlite::test(sql, &self.expression()),
            Backend::Postgres => postgres::test(sql, &self.expression()),
        }
    }
}

/// An entry that was found: what to show of it.
#[derive(Clone, Debug, Queryable)]
pub struct FoundEntry {
    pub id: String,
    pub label: String,
    /// Summary, JSON.
    pub summary: String,
}

/// The columns of a [`FoundEntry`].
const SHOWN: (entries::id, entries::label, entries::summary) = (entries::id, entries::label, entries::summary);

/// Reads columns of the active ones of some entries, by their numbers.
macro_rules! found {
    ($conn:expr, $docs:expr, $from:expr, $columns:expr) => {{
        let mut found = HashMap::new();
        for (kind, numbers) in by_kind($docs) {
            let of_kind = $from.filter(entries::kind.eq(kind.name).and(entries::status.eq("active")));
            let query = of_kind.select((entries::ref_number, $columns));
            let rows = match &mut *$conn {
                // One statement, prepared once, a few dozen times: a list of placeholders is prepared anew each time.
                DbConn::Sqlite(conn) => {
                    let one =
                        |number: &i64| query.filter(entries::ref_number.eq(*number)).first(conn).optional().transpose();
                    numbers.iter().filter_map(one).collect::<QueryResult<Vec<(i64, _)>>>()?
                }
                DbConn::Postgres(conn) => query.filter(entries::ref_number.eq_any(numbers)).load(conn)?,
            };
            found.extend(rows.into_iter().map(|(number, row)| (doc(kind, number), row)));
        }
        Ok(found)
    }};
}

/// Numbers of entries as those of their refs, by their kinds.
fn by_kind(docs: &[i64]) -> impl Iterator<Item = (&'static KindDescriptor, Vec<i64>)> {
    REGISTRY.iter().copied().filter_map(|kind| {
        let DocRange { from, to } = DocRange::of(Some(kind));
        let numbers: Vec<i64> = docs.iter().filter(|doc| (from..=to).contains(*doc)).map(|doc| doc - from).collect();
        (!numbers.is_empty()).then_some((kind, numbers))
    })
}

impl ReadTx<'_> {
    pub(super) fn backend(&self) -> Backend {
        match self.conn {
            DbConn::Sqlite(_) => Backend::Sqlite,
            DbConn::Postgres(_) => Backend::Postgres,
        }
    }

    /// The condition that an entry has these words.
    pub fn text_condition(&self, matching: Matching) -> TextCondition {
        TextCondition::new(self.backend(), matching)
    }

    /// The active ones of these entries.
    pub fn found_entries(&mut self, docs: &[i64]) -> Result<HashMap<i64, FoundEntry>> {
        found!(self.conn, docs, entries::table, SHOWN)
    }

    /// The same with their bodies.
    pub fn found_with_bodies(&mut self, docs: &[i64]) -> Result<HashMap<i64, (FoundEntry, String)>> {
        let on_head = revisions::entry_id.eq(entries::id).and(revisions::number.eq(entries::head));
        found!(self.conn, docs, entries::table.inner_join(revisions::table.on(on_head)), (SHOWN, revisions::body))
    }

    /// Entries with a name or title that begins so, in the order of their names. No more than `rows` of the index are
    /// read, whatever the kind.
    pub fn suggested(&mut self, beginning: &str, range: DocRange, rows: i64) -> Result<Vec<i64>> {
        let end = format!("{beginning}{}", char::MAX);
        let query = search_forms::table
            .filter(search_forms::form.ge(beginning).and(search_forms::form.lt(end)))
            .order((search_forms::form.asc(), search_forms::doc.asc()))
            .limit(rows)
            .select(search_forms::doc);
        let docs: Vec<i64> = query.load(self.conn)?;
        Ok(docs.into_iter().filter(|doc| (range.from..=range.to).contains(doc)).collect())
    }

    /// What is kept of how the derived tables were made.
    pub fn derived_state(&mut self, name: &str) -> Result<Option<String>> {
        let query = derived_state::table.find(name).select(derived_state::value);
        Ok(query.first(self.conn).optional()?)
    }
}

impl WriteTx<'_> {
    /// Keeps how the derived tables were made.
    pub fn set_derived_state(&mut self, name: &str, value: Option<&str>) -> Result<()> {
        diesel::delete(derived_state::table.find(name)).execute(self.conn)?;
        if let Some(value) = value {
            let row = (derived_state::name.eq(name), derived_state::value.eq(value));
            diesel::insert_into(derived_state::table).values(row).execute(self.conn)?;
        }
        Ok(())
    }
}
