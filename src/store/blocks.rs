//! Block by block: how PostgreSQL finds the first of very many entries, in their order. Its indexes of words and marks give
//! all that a question finds, in no order, or those of a few blocks: entries whose numbers are next to each other.

use diesel::{PgConnection, RunQueryDsl, sql_types::BigInt};

use super::{
    DocRange, Result,
    conn::DbConn,
    pool::ReadTx,
    prepared::{Bind, Prepared},
};
use crate::model::kinds::REGISTRY;

/// Bits of the number of an entry that its block leaves out; the columns `block` are made so.
const BLOCK_BITS: i64 = 11;
/// Entries of a block.
pub const BLOCK: i64 = 1 << BLOCK_BITS;

/// The most blocks that are asked together.
const TOGETHER: usize = 128;
/// So many times as many blocks are asked next, at most: what is found need not be spread evenly.
const GROWTH: usize = 4;

/// A part of a range in which entries are looked for.
#[derive(Clone, Debug)]
pub struct Part {
    pub range: DocRange,
    /// The blocks of the part, where it is looked for by them.
    pub blocks: Option<Vec<i64>>,
    /// So many of its rows are wanted, at most.
    pub wanted: i64,
}

impl Part {
    /// The whole of a range.
    pub fn whole(range: DocRange, wanted: i64) -> Self {
        Self { range, blocks: None, wanted }
    }

    /// The first block of a range.
    pub fn first_block(range: DocRange, wanted: i64) -> Self {
        Self { range, blocks: Some(vec![block(range.from)]), wanted }
    }
}

fn block(doc: i64) -> i64 {
    doc >> BLOCK_BITS
}

impl ReadTx<'_> {
    /// Finds up to `limit` rows of a range in its order, or from its end. `find` gives those of a part, in the same order.
    pub(super) fn block_by_block<T>(
        &mut self,
        range: DocRange,
        descending: bool,
        limit: i64,
        mut find: impl FnMut(&mut Self, &Part) -> Result<Vec<T>>,
    ) -> Result<Vec<T>> {
        let mut blocks = match &mut *self.conn {
            DbConn::Postgres(conn) => blocks(conn, range)?,
            // SQLite stops by itself.
            DbConn::Sqlite(_) => return find(self, &Part::whole(range, limit)),
        };
        if descending {
            blocks.reverse();
        }
        let limit = usize::try_from(limit).unwrap_or(0);
        let (mut found, mut left, mut together) = (Vec::new(), &blocks[..], 1);
        while found.len() < limit && !left.is_empty() {
            let (some, later) = left.split_at(left.len().min(together));
            let wanted = i64::try_from(limit - found.len()).unwrap_or(i64::MAX);
            found.extend(find(self, &Part { range, blocks: Some(some.to_vec()), wanted })?);
            left = later;
            // As many as should hold what is missing, if the rest is like what was seen.
            let asked = blocks.len() - left.len();
            let needed = asked.saturating_mul(limit.saturating_sub(found.len())).div_ceil(found.len().max(1));
            together = needed.clamp(1, GROWTH * together).min(TOGETHER);
        }
        Ok(found)
    }
}

/// The blocks of all entries of a range, in their order.
fn blocks(conn: &mut PgConnection, range: DocRange) -> Result<Vec<i64>> {
    let of_kinds = REGISTRY.iter().map(|kind| DocRange::of(Some(kind)));
    let (from, to): (Vec<i64>, Vec<i64>) =
        of_kinds.map(|of_kind| (of_kind.from.max(range.from), of_kind.to.min(range.to))).unzip();
    let query = Prepared::<(BigInt, BigInt)>::new(
        "SELECT asked.first, found.doc FROM unnest(CAST(? AS bigint[]), CAST(? AS bigint[])) \
         WITH ORDINALITY asked (first, last, place) \
         CROSS JOIN LATERAL (SELECT d.doc FROM search_documents d WHERE d.doc BETWEEN asked.first AND asked.last \
         ORDER BY d.doc DESC LIMIT 1) found ORDER BY asked.place",
        vec![Bind::Integers(from), Bind::Integers(to)],
    );
    let last: Vec<(i64, i64)> = query.load(conn)?;
    Ok(last.iter().flat_map(|(from, to)| block(*from)..=block(*to)).collect())
}
