//! Full text: entries that have the words, in their order.

use super::{
    super::{Result, blocks::Part, conn::DbConn, pool::ReadTx},
    DocRange, postgres, sqlite,
};
use crate::model::{canon::sha256_hex, kinds::KindDescriptor, text::Matching};

/// A word that is in no entry.
pub const NOTHING: &str = "=";

/// From so many entries on, a word is everywhere: they are not counted, and not put in their order by more than the tiers.
/// PostgreSQL, whose index can only give all of them, then looks for it block by block.
pub const EVERYWHERE: i64 = 1_000;

impl ReadTx<'_> {
    /// Numbers of entries that match, in their order, after the given one.
    pub fn text_docs(&mut self, matching: &Matching, range: DocRange, after: i64, limit: i64) -> Result<Vec<i64>> {
        let asked = self.text_condition(matching.clone()).expression();
        let is_by_blocks = match &mut *self.conn {
            DbConn::Sqlite(conn) => return sqlite::page(conn, &asked, range, after, limit),
            DbConn::Postgres(_) => self.is_everywhere(&asked, range)?,
        };
        let find = |tx: &mut Self, part: &Part| match &mut *tx.conn {
            DbConn::Postgres(conn) => postgres::page(conn, &asked, after, part),
            DbConn::Sqlite(conn) => sqlite::page(conn, &asked, part.range, after, part.wanted),
        };
        if !is_by_blocks {
            return find(self, &Part::whole(range, limit));
        }
        let later = DocRange { from: range.from.max(after), to: range.to };
        self.block_by_block(later, false, limit, find)
    }

    /// Active entries that bear the mark of one of the contents, so many at most.
    pub fn entries_of_same_content(
        &mut self,
        kind: &KindDescriptor,
        marks: &[String],
        limit: i64,
    ) -> Result<Vec<String>> {
        let any = Matching::Any(marks.iter().cloned().map(Matching::Word).collect());
        let asked = self.text_condition(any).expression();
        let range = DocRange::of(Some(kind));
        let docs = match &mut *self.conn {
            DbConn::Sqlite(conn) => sqlite::page(conn, &asked, range, 0, limit)?,
            DbConn::Postgres(conn) => postgres::page(conn, &asked, 0, &Part::whole(range, limit))?,
        };
        Ok(self.found_entries(&docs)?.into_values().map(|entry| entry.id).collect())
    }

    /// All entries that match, when they are no more than a word has that is not everywhere.
    pub fn all_text_docs(&mut self, matching: &Matching, range: DocRange) -> Result<Option<Vec<i64>>> {
        let asked = self.text_condition(matching.clone()).expression();
        if self.is_everywhere(&asked, range)? {
            return Ok(None);
        }
        let docs = self.text_docs(matching, range, 0, EVERYWHERE + 1)?;
        Ok(Some(docs).filter(|docs| i64::try_from(docs.len()).is_ok_and(|n| n <= EVERYWHERE)))
    }

    fn is_everywhere(&mut self, asked: &str, range: DocRange) -> Result<bool> {
        let key = sha256_hex(format!("{range:?} {asked}").as_bytes());
        if let Some(n) = self.estimates.get(&key) {
            return Ok(n > EVERYWHERE);
        }
        let n = match &mut *self.conn {
            DbConn::Sqlite(conn) => sqlite::count(conn, asked, range, EVERYWHERE + 1)?,
            DbConn::Postgres(conn) => postgres::count(conn, asked, range, EVERYWHERE + 1)?,
        };
        self.estimates.put(key, n);
        Ok(n > EVERYWHERE)
    }
}
