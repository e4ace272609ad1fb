//! Search: what the indexes hold of every active entry, and how it is found again. What the two databases do each in its
//! own way stands in `sqlite.rs` and `postgres.rs`; the words, keys and scores are made by `model`, the same for both.

mod names;
mod postgres;
mod sqlite;
mod text;

use std::collections::HashMap;

use diesel::prelude::*;
use sha2::{Digest, Sha256};

use super::{
    EntryRow, Result,
    conn::{Backend, DbConn},
    pool::{ReadTx, WriteTx},
    schema::{derived_state, entries, search_documents, search_forms, search_names},
    sql::Sql,
};
use crate::model::{
    kinds::{KindDescriptor, REGISTRY},
    text::{Document, Matching, search_keys},
};

pub use names::{MOST_SCORED, NameHit};

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
fn hash(key: &str) -> i64 {
    let digest = Sha256::digest(key.as_bytes());
    digest.iter().take(8).fold(0, |sum, byte| (sum << 8) | i64::from(*byte))
}

/// A condition on the words of an entry, in the language of one database.
#[derive(Clone, Debug)]
pub struct TextCondition {
    backend: Backend,
    expression: String,
}

impl TextCondition {
    /// Writes a search: `SELECT entry_id …`.
    pub(super) fn search(&self, sql: &mut Sql) {
        match self.backend {
            Backend::Sqlite => sqlite::search(sql, &self.expression),
            Backend::Postgres => postgres::search(sql, &self.expression),
        }
    }

    /// Writes a test of the entry `e`.
    pub(super) fn test(&self, sql: &mut Sql) {
        match self.backend {
            Backend::Sqlite => sqlite::test(sql, &self.expression),
            Backend::Postgres => postgres::test(sql, &self.expression),
        }
    }
}

/// An entry that was found: what to show of it.
#[derive(Clone, Debug)]
pub struct FoundEntry {
    pub id: String,
    pub label: String,
    /// Summary, JSON.
    pub summary: String,
}

impl ReadTx<'_> {
    pub(super) fn backend(&self) -> Backend {
        match self.conn {
            DbConn::Sqlite(_) => Backend::Sqlite,
            DbConn::Postgres(_) => Backend::Postgres,
        }
    }

    /// The condition that an entry has these words.
    pub fn text_condition(&self, matching: &Matching) -> TextCondition {
        let backend = self.backend();
        let expression = match backend {
            Backend::Sqlite => sqlite::expression(matching),
            Backend::Postgres => postgres::expression(matching),
        };
        TextCondition { backend, expression }
    }

    /// The active ones of these entries.
    pub fn found_entries(&mut self, docs: &[i64]) -> Result<HashMap<i64, FoundEntry>> {
        let mut found = HashMap::new();
        for some in docs.chunks(500) {
            let query = search_documents::table
                .inner_join(entries::table.on(entries::id.eq(search_documents::entry_id)))
                .filter(search_documents::doc.eq_any(some).and(entries::status.eq("active")))
                .select((search_documents::doc, entries::id, entries::label, entries::summary));
            let rows: Vec<(i64, String, String, String)> = query.load(self.conn)?;
            found.extend(rows.into_iter().map(|(doc, id, label, summary)| (doc, FoundEntry { id, label, summary })));
        }
        Ok(found)
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

    /// Puts what the indexes hold of an entry in place of what they held. Of an entry that is not active they hold nothing.
    pub fn write_document(&mut self, kind: &KindDescriptor, entry: &EntryRow, document: &Document) -> Result<()> {
        let doc = doc(kind, entry.ref_number);
        self.remove_document(doc)?;
        if entry.status != "active" {
            return Ok(());
        }
        let (names, titles) = (document.names.join("\n"), document.titles.join("\n"));
        let row = [&entry.id, &names, &titles, &entry.label];
        match self.backend() {
            Backend::Sqlite => sqlite::write(self.conn, doc, row, document)?,
            Backend::Postgres => postgres::write(self.conn, doc, row, document)?,
        }
        let keys = search_keys(&document.names, &document.titles, &entry.label);
        let rows: Vec<_> = keys.names.iter().map(|key| (hash(key), doc)).collect();
        self.insert_pairs("search_names (key, doc)", &rows, |sql, (key, doc)| {
            sql.integer(*key).push(", ").integer(*doc);
        })?;
        let rows: Vec<_> = keys.forms.iter().map(|form| (form, doc)).collect();
        self.insert_pairs("search_forms (form, doc)", &rows, |sql, (form, doc)| {
            sql.text(form).push(", ").integer(*doc);
        })?;
        let rows: Vec<_> = keys.words.iter().map(|row| (hash(&row.key), &row.word)).collect();
        self.insert_pairs("search_words (key, word)", &rows, |sql, (key, word)| {
            sql.integer(*key).push(", ").text(word);
        })
    }

    fn insert_pairs<T>(&mut self, columns: &str, rows: &[T], write: impl Fn(&mut Sql, &T)) -> Result<()> {
        for some in rows.chunks(200) {
            let mut sql = Sql::new(&format!("INSERT INTO {columns} VALUES "));
            for (i, row) in some.iter().enumerate() {
                sql.push(if i > 0 { ", (" } else { "(" });
                write(&mut sql, row);
                sql.push(")");
            }
            sql.push(" ON CONFLICT DO NOTHING");
            sql.into_query().execute(self.conn)?;
        }
        Ok(())
    }

    fn remove_document(&mut self, doc: i64) -> Result<()> {
        let query = search_documents::table.find(doc);
        let columns = (search_documents::names, search_documents::titles, search_documents::label);
        let known: Option<(String, String, String)> = query.select(columns).first(self.conn).optional()?;
        let Some((names, titles, label)) = known else { return Ok(()) };
        let lines = |text: String| text.lines().map(str::to_owned).collect::<Vec<_>>();
        let keys = search_keys(&lines(names), &lines(titles), &label);
        let hashes: Vec<i64> = keys.names.iter().map(|key| hash(key)).collect();
        for some in hashes.chunks(500) {
            let rows = search_names::table.filter(search_names::key.eq_any(some).and(search_names::doc.eq(doc)));
            diesel::delete(rows).execute(self.conn)?;
        }
        let forms: Vec<&String> = keys.forms.iter().collect();
        let rows = search_forms::table.filter(search_forms::form.eq_any(forms).and(search_forms::doc.eq(doc)));
        diesel::delete(rows).execute(self.conn)?;
        if let DbConn::Sqlite(conn) = &mut *self.conn {
            sqlite::remove(conn, doc)?;
        }
        diesel::delete(search_documents::table.find(doc)).execute(self.conn)?;
        Ok(())
    }

    /// Empties the indexes, before they are made anew by other rules: what was written by the old ones cannot be told.
    pub fn clear_documents(&mut self) -> Result<()> {
        let own = if self.backend() == Backend::Sqlite { &["search_text"][..] } else { &[] };
        for table in ["search_names", "search_words", "search_forms", "search_documents"].iter().chain(own) {
            Sql::new(&format!("DELETE FROM {table}")).into_query().execute(self.conn)?;
        }
        Ok(())
    }
}
