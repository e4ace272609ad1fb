//! Full text: entries that have the words, in their order.

use diesel::RunQueryDsl;

use super::{
    super::{Result, conn::Backend, pool::ReadTx, sql::Sql},
    DocRange, postgres,
    sqlite::{self, NumberRow},
};
use crate::model::{canon::sha256_hex, text::Matching};

/// A word that is in no entry.
pub const NOTHING: &str = "=";

/// From so many entries on, a word is everywhere: PostgreSQL then goes along the entries and not by the index, which it
/// can only read as a whole. With a million entries, both cost the same about here.
const EVERYWHERE: i64 = 5_000;
/// Entries that are looked at in one go along them.
const WALKED: i64 = 5_000;

impl ReadTx<'_> {
    /// Numbers of entries that match, in their order, after the given one.
    pub fn text_docs(&mut self, matching: &Matching, range: DocRange, after: i64, limit: i64) -> Result<Vec<i64>> {
        let mut sql = Sql::new("");
        if self.backend() == Backend::Sqlite {
            sqlite::page(&mut sql, &sqlite::expression(matching), range, after, limit);
            return self.numbers(sql);
        }
        let asked = postgres::expression(matching);
        if self.is_everywhere(&asked, range)? {
            let mut walk = Sql::new("");
            postgres::walk(&mut walk, &asked, range, (after, WALKED), limit);
            let found = self.numbers(walk)?;
            if i64::try_from(found.len()).is_ok_and(|n| n >= limit) {
                return Ok(found);
            }
        }
        postgres::page(&mut sql, &asked, range, after, limit);
        self.numbers(sql)
    }

    /// All entries that match, when they are no more than `most`: fewer than a word has that is everywhere.
    pub fn all_text_docs(&mut self, matching: &Matching, range: DocRange, most: i64) -> Result<Option<Vec<i64>>> {
        if self.backend() == Backend::Postgres && self.is_everywhere(&postgres::expression(matching), range)? {
            return Ok(None);
        }
        let docs = self.text_docs(matching, range, 0, most + 1)?;
        Ok(Some(docs).filter(|docs| i64::try_from(docs.len()).is_ok_and(|n| n <= most)))
    }

    fn numbers(&mut self, sql: Sql) -> Result<Vec<i64>> {
        Ok(sql.into_query().load::<NumberRow>(self.conn)?.into_iter().map(|row| row.n).collect())
    }

    fn is_everywhere(&mut self, asked: &str, range: DocRange) -> Result<bool> {
        let key = sha256_hex(format!("{range:?} {asked}").as_bytes());
        if let Some(n) = self.estimates.get(&key) {
            return Ok(n >= EVERYWHERE);
        }
        let mut sql = Sql::new("");
        postgres::count(&mut sql, asked, range, EVERYWHERE);
        let n = sql.into_query().get_result::<NumberRow>(self.conn)?.n;
        self.estimates.put(key, n);
        Ok(n >= EVERYWHERE)
    }
}
