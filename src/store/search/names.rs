//! Names: what the search for one reads in the databases.

use std::{collections::HashMap, sync::Arc};

use diesel::prelude::*;

use super::{
    super::{
        Result, StoreError,
        conn::DbConn,
        pool::ReadTx,
        schema::{search_documents, search_names},
    },
    DocRange, hash, postgres, sqlite,
};
use crate::model::{
    names::{self, Lookup, NameHit, NameIndex, NameKeys, Token, WordRow},
    text::search_keys,
};

/// Entries that are compared with one question; see `docs/names.md` for what fewer would miss.
pub const MOST_COMPARED: usize = 200;

/// The names of the entries in a range.
struct NamesOf<'t, 'c> {
    tx: &'t mut ReadTx<'c>,
    range: DocRange,
}

impl NameIndex for NamesOf<'_, '_> {
    type Error = StoreError;

    fn entries(&mut self, lookups: &[Lookup]) -> Result<Vec<(usize, i64)>> {
        let keys: Vec<(i64, i64)> = lookups.iter().map(|l| (hash(&l.key), bound(l.rows))).collect();
        match &mut *self.tx.conn {
            DbConn::Sqlite(conn) => sqlite::docs_of_keys(conn, &keys, self.range),
            DbConn::Postgres(conn) => postgres::docs_of_keys(conn, &keys, self.range),
        }
    }

    fn words(&mut self, lookups: &[Lookup]) -> Result<Vec<WordRow>> {
        let keys: Vec<(i64, i64)> = lookups.iter().map(|l| (hash(&l.key), bound(l.rows))).collect();
        let rows = match &mut *self.tx.conn {
            DbConn::Sqlite(conn) => sqlite::words_of_keys(conn, &keys)?,
            DbConn::Postgres(conn) => postgres::words_of_keys(conn, &keys)?,
        };
        let names: HashMap<i64, &str> = keys.iter().map(|(key, _)| *key).zip(lookups.iter().map(|l| &*l.key)).collect();
        let row =
            |row: sqlite::WordOfKey| names.get(&row.key).map(|key| WordRow { key: (*key).to_owned(), word: row.word });
        Ok(rows.into_iter().filter_map(row).collect())
    }

    fn names(&mut self, docs: &[i64]) -> Result<Vec<(i64, String)>> {
        match &mut *self.tx.conn {
            DbConn::Sqlite(conn) => sqlite::names_of(conn, docs),
            DbConn::Postgres(conn) => postgres::names_of(conn, docs),
        }
    }

    fn token(&self, word: &str) -> Option<Arc<Token>> {
        self.tx.estimates.token(word)
    }
}

impl ReadTx<'_> {
    /// Entries of a range whose names answer, the best first; see [`names::search`].
    pub fn names_like(
        &mut self,
        asked: &NameKeys,
        range: DocRange,
        wanted: usize,
        most: usize,
    ) -> Result<Vec<NameHit>> {
        names::search(&mut NamesOf { tx: self, range }, asked, wanted, most)
    }

    /// Entries with this title, word for word.
    pub fn titled(&mut self, title: &str, range: DocRange, limit: i64) -> Result<Vec<(i64, String)>> {
        let wanted = search_keys(&[], &[title.to_owned()], "").names;
        let Some(key) = wanted.first() else { return Ok(Vec::new()) };
        let query = search_names::table
            .inner_join(search_documents::table.on(search_documents::doc.eq(search_names::doc)))
            .filter(search_names::key.eq(hash(key)).and(search_names::doc.between(range.from, range.to)))
            .order(search_names::doc.asc())
            .limit(limit)
            .select((search_documents::doc, search_documents::titles));
        let rows: Vec<(i64, String)> = query.load(self.conn)?;
        let own = |titles: &str| {
            let mut lines = titles.lines();
            lines.find(|t| search_keys(&[], &[(*t).to_owned()], "").names == wanted).map(str::to_owned)
        };
        Ok(rows.into_iter().filter_map(|(doc, titles)| Some((doc, own(&titles)?))).collect())
    }
}

fn bound(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}
