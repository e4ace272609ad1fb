//! The indexes are written: with few statements for many entries.

use diesel::{connection::SimpleConnection, prelude::*};
use rayon::prelude::*;

use super::{
    super::{
        Derived, Result,
        conn::DbConn,
        pool::WriteTx,
        schema::{search_documents, search_forms, search_names},
    },
    doc, hash, postgres, sqlite,
};
use crate::model::text::{Document, SearchKeys, search_keys};

/// What is kept of an entry to tell its keys again when they are removed.
#[derive(Debug, Insertable)]
#[diesel(table_name = search_documents)]
pub struct DocumentRow {
    pub doc: i64,
    pub entry_id: String,
    pub names: String,
    pub titles: String,
    pub label: String,
}

/// Rows of the tables of keys.
#[derive(Debug, Default)]
pub struct KeyRows {
    pub names: Vec<(i64, i64)>,
    pub forms: Vec<(String, i64)>,
    pub words: Vec<(i64, String)>,
}

impl KeyRows {
    fn add(&mut self, doc: i64, keys: SearchKeys) {
        self.names.extend(keys.names.iter().map(|key| (hash(key), doc)));
        self.forms.extend(keys.forms.into_iter().map(|form| (form, doc)));
        self.words.extend(keys.words.into_iter().map(|row| (hash(&row.key), row.word)));
    }

    /// Neighbours in the tables are written one after the other.
    fn sort(&mut self) {
        self.names.par_sort_unstable();
        self.names.dedup();
        self.forms.par_sort_unstable();
        self.words.par_sort_unstable();
        self.words.dedup();
    }
}

/// How an entry is written: its row, and the words of its texts.
pub type Written<'a> = (DocumentRow, &'a Document);

impl WriteTx<'_> {
    /// Puts what the indexes hold of entries in place of what they held. Of an entry that is not active they hold nothing.
    pub(in crate::store) fn write_documents(&mut self, all: &[Derived]) -> Result<()> {
        for derived in all.iter().filter(|d| !d.is_new) {
            self.remove_document(doc(derived.kind, derived.head.ref_number))?;
        }
        let active: Vec<&Derived> = all.iter().filter(|d| d.head.status == "active").collect();
        let made: Vec<(Written, SearchKeys)> = active
            .par_iter()
            .map(|d| {
                let row = DocumentRow {
                    doc: doc(d.kind, d.head.ref_number),
                    entry_id: d.head.id.clone(),
                    names: d.document.names.join("\n"),
                    titles: d.document.titles.join("\n"),
                    label: d.head.label.clone(),
                };
                let keys = search_keys(&d.document.names, &d.document.titles, &d.head.label);
                ((row, d.document), keys)
            })
            .collect();
        let (written, keys): (Vec<Written>, Vec<SearchKeys>) = made.into_iter().unzip();
        let mut rows = KeyRows::default();
        for ((row, _), keys) in written.iter().zip(keys) {
            rows.add(row.doc, keys);
        }
        rows.sort();
        match &mut *self.conn {
            DbConn::Sqlite(conn) => {
                sqlite::write(conn, &written)?;
                sqlite::write_keys(conn, &rows)
            }
            DbConn::Postgres(conn) => {
                postgres::write(conn, written)?;
                postgres::write_keys(conn, rows)
            }
        }
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
    /// Neither database looks at the rows one by one: of millions, that would take longer than a statement may.
    pub fn clear_documents(&mut self) -> Result<()> {
        match &mut *self.conn {
            DbConn::Sqlite(conn) => conn.batch_execute(
                "DELETE FROM search_names; DELETE FROM search_words; DELETE FROM search_forms; \
                 DELETE FROM search_documents; INSERT INTO search_text (search_text) VALUES ('delete-all')",
            )?,
            DbConn::Postgres(conn) => {
                conn.batch_execute("TRUNCATE search_names, search_words, search_forms, search_documents")?;
            }
        }
        Ok(())
    }
}
