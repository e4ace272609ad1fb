//! Counts that are remembered. The public record changes with an event of the feed and never otherwise, and what is
//! derived from it also when it is derived anew: an answer is kept together with both, so what is found is exact.

use std::sync::Arc;

use quick_cache::{OptionsBuilder, Weighter, sync::Cache};

use crate::{
    model::tally::Tally,
    store::ReadTx,
    usecase::{Error, Result},
};

/// Bytes it takes at most, roughly.
const BYTES: u64 = 32 * 1024 * 1024;

/// What is counted, and of which state of the archive.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    question: String,
    seq: i64,
    derived: String,
}

/// What was found.
#[derive(Clone, Debug)]
enum Kept {
    Number(i64),
    Tally(Arc<Tally>, u64),
}

#[derive(Clone, Debug)]
struct Bytes;

impl Weighter<Key, Kept> for Bytes {
    fn weight(&self, key: &Key, kept: &Kept) -> u64 {
        let found = match kept {
            Kept::Number(_) => 0,
            Kept::Tally(_, bytes) => *bytes,
        };
        u64::try_from(key.question.len() + key.derived.len()).unwrap_or(u64::MAX / 4) + 128 + found
    }
}

/// The memory, shared by all requests. Of several that ask the same at once, one counts and the others wait for it.
#[derive(Debug)]
pub struct Memo {
    kept: Cache<Key, Kept, Bytes>,
}

impl Default for Memo {
    fn default() -> Self {
        Self::with_capacity(BYTES)
    }
}

impl Memo {
    fn with_capacity(bytes: u64) -> Self {
        // One shard: an answer may take any part of the whole.
        let options = OptionsBuilder::new().shards(1).estimated_items_capacity(10_000).weight_capacity(bytes).build();
        let kept = match options {
            Ok(options) => Cache::with_options(options, Bytes, Default::default(), Default::default()),
            Err(_) => Cache::with_weighter(10_000, bytes, Bytes),
        };
        Self { kept }
    }

    /// A number, remembered or counted. The transaction has to see one state of the archive.
    pub fn number(
        &self,
        tx: &mut ReadTx,
        question: String,
        count: impl FnOnce(&mut ReadTx) -> Result<i64>,
    ) -> Result<i64> {
        let key = key(tx, question)?;
        let kept = self.kept.get_or_insert_with(&key, || count(tx).map(Kept::Number))?;
        match kept {
            Kept::Number(number) => Ok(number),
            Kept::Tally(..) => Err(mixed()),
        }
    }

    /// A tally, remembered or counted. The transaction has to see one state of the archive.
    pub fn tally(
        &self,
        tx: &mut ReadTx,
        question: String,
        count: impl FnOnce(&mut ReadTx) -> Result<Tally>,
    ) -> Result<Arc<Tally>> {
        let key = key(tx, question)?;
        let kept = self.kept.get_or_insert_with(&key, || {
            let tally = count(tx)?;
            let bytes = u64::try_from(tally.bytes()).unwrap_or(u64::MAX / 4);
            Ok::<_, Error>(Kept::Tally(Arc::new(tally), bytes))
        })?;
        match kept {
            Kept::Tally(tally, _) => Ok(tally),
            Kept::Number(_) => Err(mixed()),
        }
    }
}

fn key(tx: &mut ReadTx, question: String) -> Result<Key> {
    let (seq, derived) = tx.counting_state()?;
    Ok(Key { question, seq, derived })
}

fn mixed() -> Error {
    Error::Internal("two questions about counts have the same name".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_bounded_by_bytes() {
        let memo = Memo::with_capacity(100_000);
        for seq in 0..5_000 {
            let key = Key { question: "x".repeat(100), seq, derived: String::new() };
            memo.kept.insert(key, Kept::Tally(Arc::default(), 1_000));
        }
        assert!(memo.kept.weight() <= 100_000, "{}", memo.kept.weight());
        assert!(memo.kept.len() > 10, "and remembers: {}", memo.kept.len());
    }
}
