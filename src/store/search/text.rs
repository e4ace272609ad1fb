//! Full text: entries that have the words, in their order.

use diesel::RunQueryDsl;

use super::{
    super::{
        Result,
        conn::Backend,
        pool::ReadTx,
        sql::Sql,
    },
    DocRange, TextCondition, postgres,
    sqlite::{self, NumberRow},
};
use crate::model::text::Matching;

/// A word that is in no entry.
pub const NOTHING: &str = "=";

/// From so many entries on, a word is everywhere: PostgreSQL then goes along the entries and not by the index, which it
/// can only read as a whole.
const EVERYWHERE: i64 = 20_000;
/// Entries that are looked at in one go along them.
const WALKED: i64 = 5_000;

impl ReadTx<'_> {
    /// Numbers of entries that match, in their order, after the given one.
    pub fn text_docs(&mut self, matching: &Matching, range: DocRange, after: i64, limit: i64) -> Result<Vec<i64>> {
        let asked = self.text_condition(matching);
        let mut sql = Sql::new("");
        if asked.backend == Backend::Sqlite {
            sqlite::page(&mut sql, &asked.expression, range, after, limit);
            return self.numbers(sql);
        }
        if self.is_everywhere(&asked, range)? {
            let mut walk = Sql::new("");
            postgres::walk(&mut walk, &asked.expression, range, (after, WALKED), limit);
            let found = self.numbers(walk)?;
            if i64::try_from(found.len()).is_ok_and(|n| n >= limit) {
                return Ok(found);
            }
        }
        postgres::page(&mut sql, &asked.expression, range, after, limit);
        self.numbers(sql)
    }

    fn numbers(&mut self, sql: Sql) -> Result<Vec<i64>> {
        Ok(sql.into_query().load::<NumberRow>(self.conn)?.into_iter().map(|row| row.n).collect())
    }

    fn is_everywhere(&mut self, asked: &TextCondition, range: DocRange) -> Result<bool> {
        let key = format!("{range:?} {}", asked.expression);
        if let Some(n) = self.estimates.get(&key) {
            return Ok(n >= EVERYWHERE);
        }
        let mut sql = Sql::new("SELECT count(*) AS n FROM (");
        postgres::page(&mut sql, &asked.expression, range, 0, EVERYWHERE);
        sql.push(") counted");
        let n = sql.into_query().get_result::<NumberRow>(self.conn)?.n;
        self.estimates.put(key, n);
        Ok(n >= EVERYWHERE)
    }
}
