//! Full text: entries that have the words, in their order.

use diesel::RunQueryDsl;

use super::{
    super::{Result, blocks::Part, conn::Backend, pool::ReadTx, sql::Sql},
    DocRange, postgres,
    sqlite::{self, NumberRow},
};
use crate::model::{canon::sha256_hex, text::Matching};

/// A word that is in no entry.
pub const NOTHING: &str = "=";

/// From so many entries on, a word is everywhere: they are not counted, and not put in their order by more than the tiers.
/// PostgreSQL, whose index can only give all of them, then looks for it block by block.
pub const EVERYWHERE: i64 = 1_000;

impl ReadTx<'_> {
    /// Numbers of entries that match, in their order, after the given one.
    pub fn text_docs(&mut self, matching: &Matching, range: DocRange, after: i64, limit: i64) -> Result<Vec<i64>> {
        let mut sql = Sql::new("");
        if self.backend() == Backend::Sqlite {
            sqlite::page(&mut sql, &sqlite::expression(matching), range, after, limit);
            return self.numbers(sql);
        }
        let asked = postgres::expression(matching);
        if !self.is_everywhere(&asked, range)? {
            postgres::page(&mut sql, &asked, after, &Part::whole(range, limit));
            return self.numbers(sql);
        }
        let later = DocRange { from: range.from.max(after), to: range.to };
        self.block_by_block(later, false, limit, |tx, part| {
            let mut sql = Sql::new("");
            postgres::page(&mut sql, &asked, after, part);
            tx.numbers(sql)
        })
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

    fn numbers(&mut self, sql: Sql) -> Result<Vec<i64>> {
        Ok(sql.into_query().load::<NumberRow>(self.conn)?.into_iter().map(|row| row.n).collect())
    }

    fn is_everywhere(&mut self, asked: &str, range: DocRange) -> Result<bool> {
        let key = sha256_hex(format!("{range:?} {asked}").as_bytes());
        if let Some(n) = self.estimates.get(&key) {
            return Ok(n > EVERYWHERE);
        }
        let mut sql = Sql::new("");
        match self.backend() {
            Backend::Sqlite => sqlite::count(&mut sql, asked, range, EVERYWHERE + 1),
            Backend::Postgres => postgres::count(&mut sql, asked, range, EVERYWHERE + 1),
        }
        let n = sql.into_query().get_result::<NumberRow>(self.conn)?.n;
        self.estimates.put(key, n);
        Ok(n > EVERYWHERE)
    }
}
