//! Full text: entries that have the words, in their order.

use diesel::RunQueryDsl;

use super::{
    super::{Result, conn::Backend, pool::ReadTx, sql::Sql},
    DocRange, postgres,
    sqlite::{self, NumberRow},
};
use crate::model::{canon::sha256_hex, kinds::REGISTRY, text::Matching};

/// A word that is in no entry.
pub const NOTHING: &str = "=";

/// From so many entries on, a word is everywhere: PostgreSQL, whose index can only give all of them, then looks for it
/// block by block.
const EVERYWHERE: i64 = 1_000;

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
            postgres::page(&mut sql, &asked, range, after, None, limit);
            return self.numbers(sql);
        }
        let (mut found, mut together) = (Vec::new(), 1);
        let blocks = self.blocks(range, after)?;
        let mut left = &blocks[..];
        while !left.is_empty() {
            let missing = limit - i64::try_from(found.len()).unwrap_or(limit);
            if missing <= 0 {
                break;
            }
            let (some, later) = left.split_at(left.len().min(together));
            let mut sql = Sql::new("");
            postgres::page(&mut sql, &asked, range, after, Some(some), missing);
            found.extend(self.numbers(sql)?);
            (left, together) = (later, together * 2);
        }
        Ok(found)
    }

    /// The blocks of all entries of a range after the given one, in their order.
    fn blocks(&mut self, range: DocRange, after: i64) -> Result<Vec<i64>> {
        let mut blocks = Vec::new();
        for kind in REGISTRY {
            let of_kind = DocRange::of(Some(kind));
            let (from, to) = (of_kind.from.max(range.from).max(after), of_kind.to.min(range.to));
            let mut sql = Sql::new("");
            postgres::last(&mut sql, from, to);
            let last = self.numbers(sql)?;
            blocks.extend(last.iter().flat_map(|last| postgres::block(from)..=postgres::block(*last)));
        }
        Ok(blocks)
    }

    /// All entries that match, when they are no more than `most`: no more than a word has that is everywhere.
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
            return Ok(n > EVERYWHERE);
        }
        let mut sql = Sql::new("");
        postgres::count(&mut sql, asked, range, EVERYWHERE + 1);
        let n = sql.into_query().get_result::<NumberRow>(self.conn)?.n;
        self.estimates.put(key, n);
        Ok(n > EVERYWHERE)
    }
}
