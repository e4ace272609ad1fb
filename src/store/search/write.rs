//! The indexes are written: with few statements for many entries.

use diesel::{connection::SimpleConnection, prelude::*};

use super::{
    super::{
        Derived, Result,
        conn::{Backend, DbConn},
        pool::WriteTx,
        schema::{search_documents, search_forms, search_names},
    },
    doc, hash, postgres, sqlite,
};
use crate::model::{
    kinds::KindDescriptor,
    marks::{Mark, marks},
    projection::Projection,
    text::{Document, search_keys},
};

/// What is kept of an entry to tell its keys again when they are removed.
#[derive(Debug, Insertable)]
#[diesel(table_name = search_documents)]
pub struct DocumentRow<'a> {
    pub doc: i64,
    pub entry_id: &'a str,
    pub names: &'a str,
    pub titles: &'a str,
    pub label: &'a str,
}

/// What the indexes hold of an entry, but for its number: made before anything is written.
#[derive(Debug, Default)]
pub struct IndexRows {
    names: String,
    titles: String,
    label: String,
    /// The words of its texts, as the database reads them.
    words: String,
    name_keys: Vec<i64>,
    forms: Vec<String>,
    word_keys: Vec<(i64, String)>,
    pub(in crate::store) marks: Vec<Mark>,
}

impl IndexRows {
    /// Those of an entry with this projection, document and label.
    pub fn of(
        backend: Backend,
        kind: &KindDescriptor,
        projection: &Projection,
        document: &Document,
        label: &str,
    ) -> Self {
        let keys = search_keys(&document.names, &document.titles, label);
        Self {
            names: document.names.join("\n"),
            titles: document.titles.join("\n"),
            label: label.to_owned(),
            words: match backend {
                Backend::Sqlite => sqlite::text_of(document),
                Backend::Postgres => postgres::vector_of(document),
            },
            name_keys: keys.names.iter().map(|key| hash(key)).collect(),
            forms: keys.forms.into_iter().collect(),
            word_keys: keys.words.into_iter().map(|row| (hash(&row.key), row.word)).collect(),
            marks: marks(kind, projection),
        }
    }

    /// Its marks alone.
    pub fn only_marks(kind: &KindDescriptor, projection: &Projection) -> Self {
        Self { marks: marks(kind, projection), ..Self::default() }
    }
}

/// Rows of the tables of keys.
#[derive(Debug, Default)]
pub struct KeyRows<'a> {
    pub names: Vec<(i64, i64)>,
    pub forms: Vec<(&'a str, i64)>,
    pub words: Vec<(i64, &'a str)>,
}

impl<'a> KeyRows<'a> {
    fn add(&mut self, doc: i64, rows: &'a IndexRows) {
        self.names.extend(rows.name_keys.iter().map(|key| (*key, doc)));
        self.forms.extend(rows.forms.iter().map(|form| (form.as_str(), doc)));
        self.words.extend(rows.word_keys.iter().map(|(key, word)| (*key, word.as_str())));
    }

    /// Neighbours in the tables are written one after the other.
    fn sort(&mut self) {
        self.names.sort_unstable();
        self.names.dedup();
        self.forms.sort_unstable();
        self.words.sort_unstable();
        self.words.dedup();
    }
}

/// How an entry is written: its row, and the words of its texts.
pub type Written<'a> = (DocumentRow<'a>, &'a str);

impl WriteTx<'_> {
    /// Puts what the indexes hold of entries in place of what they held. Of an entry that is not active they hold nothing.
    pub(in crate::store) fn write_documents(&mut self, all: &[Derived]) -> Result<()> {
        for derived in all.iter().filter(|d| !d.is_new) {
            self.remove_document(doc(derived.kind, derived.head.ref_number))?;
        }
        let (mut written, mut rows): (Vec<Written>, KeyRows) = Default::default();
        for derived in all.iter().filter(|d| d.head.status == "active") {
            let (index, doc) = (derived.index, doc(derived.kind, derived.head.ref_number));
            let row = DocumentRow {
                doc,
                entry_id: &derived.head.id,
                names: &index.names,
                titles: &index.titles,
                label: &index.label,
            };
            written.push((row, &index.words));
            rows.add(doc, index);
        }
        if written.is_empty() {
            return Ok(());
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
