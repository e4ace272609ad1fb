//! Which way a list is gone about: along its order, testing row by row, or from the rarest of its conditions. Both
//! databases are told; left alone, each of them now and then walks through a million rows to find three.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use diesel::{prelude::*, sql_types::BigInt};

use super::{Condition, Result, pool::ReadTx, sql::Sql};
use crate::model::{
    bounded::Bounded,
    canon::sha256_hex,
    kinds::KindDescriptor,
    names::{NameKeys, keys},
};

/// What is worth remembering from one question to the next.
pub struct Estimates {
    /// How many entries conditions hold for, roughly. Whoever goes by an old figure is slower, never wrong.
    counts: Mutex<Bounded<String, (i64, Instant)>>,
    /// The keys of names that were compared last: namesakes and common names come again and again, and making the keys
    /// costs more than comparing them.
    names: Mutex<Bounded<String, Arc<NameKeys>>>,
}

/// Figures and names that are kept, and how long the figures are.
const KEPT: usize = 10_000;
const FRESH: Duration = Duration::from_secs(600);
/// Further than this nobody counts.
const FAR: i64 = 100_000;

impl Default for Estimates {
    fn default() -> Self {
        Self { counts: Mutex::new(Bounded::new(KEPT)), names: Mutex::new(Bounded::new(KEPT)) }
    }
}

impl Estimates {
    pub(super) fn get(&self, key: &String) -> Option<i64> {
        let known = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(key).filter(|(_, at)| at.elapsed() < FRESH).map(|(n, _)| *n)
    }

    pub(super) fn put(&self, key: String, n: i64) {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner).put(key, (n, Instant::now()));
    }

    /// The keys of a name.
    pub(super) fn keys_of(&self, name: &String) -> Arc<NameKeys> {
        let known = self.names.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned();
        known.unwrap_or_else(|| {
            let made = Arc::new(keys(name));
            self.names.lock().unwrap_or_else(PoisonError::into_inner).put(name.clone(), made.clone());
            made
        })
    }
}

#[derive(QueryableByName)]
struct CountRow {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

/// The way to go about a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plan {
    /// Along the order, testing every row.
    Scan,
    /// From the entries that this condition holds for, and others besides.
    From(usize, Joined),
}

/// Places of conditions whose entries are looked up as well, to begin with those that are among them all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Joined(u64);

impl Joined {
    pub fn has(self, place: usize) -> bool {
        u32::try_from(place).ok().and_then(|place| self.0.checked_shr(place)).is_some_and(|bits| bits & 1 == 1)
    }

    fn with(self, place: usize) -> Self {
        let bit = u32::try_from(place).ok().and_then(|place| 1_u64.checked_shl(place));
        Self(self.0 | bit.unwrap_or(0))
    }

    /// The places.
    pub fn places(self) -> impl Iterator<Item = usize> {
        (0..64).filter(move |place| self.has(*place))
    }
}

impl FromIterator<usize> for Joined {
    fn from_iter<I: IntoIterator<Item = usize>>(places: I) -> Self {
        places.into_iter().fold(Self::default(), Self::with)
    }
}

impl ReadTx<'_> {
    /// Chooses the way for the first `wanted` rows of a list.
    pub fn plan(&mut self, kind: &'static KindDescriptor, conditions: &[Condition], wanted: i64) -> Result<Plan> {
        let mut counts = Vec::new();
        for (i, condition) in conditions.iter().enumerate() {
            if let Some(n) = self.estimate(kind, condition)? {
                counts.push((n, i));
            }
        }
        counts.sort_unstable();
        let Some((_, rarest)) = counts.first().copied() else { return Ok(Plan::Scan) };
        let all = self.estimate_all(kind)?;
        Ok(match choose(all, &counts.iter().map(|(n, _)| *n).collect::<Vec<_>>(), wanted) {
            None => Plan::Scan,
            Some(joined) => Plan::From(rarest, counts.iter().skip(1).take(joined).map(|(_, place)| *place).collect()),
        })
    }

    /// How many entries a condition holds for; `None` when no index can tell.
    fn estimate(&mut self, kind: &'static KindDescriptor, condition: &Condition) -> Result<Option<i64>> {
        // What is asked for may be long; the key is not.
        let key = sha256_hex(format!("{} {condition:?}", kind.name).as_bytes());
        if let Some(n) = self.estimates.get(&key) {
            return Ok(Some(n));
        }
        let mut sql = Sql::new("SELECT count(*) AS n FROM (SELECT 1 AS one FROM (");
        if !condition.search(&mut sql, kind) {
            return Ok(None);
        }
        sql.push(") found LIMIT ").integer(FAR).push(") counted");
        let n = sql.into_query().get_result::<CountRow>(self.conn)?.n;
        self.estimates.put(key, n);
        Ok(Some(n))
    }

    fn estimate_all(&mut self, kind: &'static KindDescriptor) -> Result<i64> {
        let key = kind.name.to_owned();
        if let Some(n) = self.estimates.get(&key) {
            return Ok(n);
        }
        // Refs are numbered without gaps.
        let mut sql = Sql::new("SELECT coalesce(max(e.ref_number), 0) AS n FROM entries e WHERE e.kind = ");
        sql.text(kind.name);
        let n = sql.into_query().get_result::<CountRow>(self.conn)?.n;
        self.estimates.put(key, n);
        Ok(n)
    }
}

/// What it takes, in units of half a microsecond, measured with a million entries on SQLite: to read an id from an index;
/// to keep it for others to be looked up among; to test a condition on an entry; to read the entry itself.
const READ: f64 = 1.0;
const KEEP: f64 = 2.5;
const TEST: f64 = 5.0;
const FETCH: f64 = 4.0;
/// The share of all entries that conditions hold for which hold for more than anybody counts.
const BROAD: f64 = 0.3;

/// Whether it is cheaper to begin with the rarest condition, and with how many of the next rarest, than to walk along the
/// order until enough rows are found; `None` when it is not. `counts` are in order; conditions are taken to be
/// independent of each other.
#[expect(clippy::cast_precision_loss, reason = "estimates")]
fn choose(all: i64, counts: &[i64], wanted: i64) -> Option<usize> {
    let least = *counts.first()?;
    if least >= FAR {
        return None;
    }
    let all = all.max(1) as f64;
    let share = |n: &i64| (*n as f64 / all).max(if *n >= FAR { BROAD } else { 0.0 }).min(1.0);
    let matches: f64 = counts.iter().map(share).product::<f64>() * all;
    let walked = if matches < 1.0 { all } else { (wanted as f64 * all / matches).min(all) };
    let (mut best, mut joined) = (f64::INFINITY, 0);
    let (mut kept, mut left) = (0.0, least as f64);
    for place in 0..counts.len() {
        if place > 0 {
            let Some(n) = counts.get(place).filter(|n| **n < FAR) else { break };
            kept += *n as f64;
            left *= share(n);
        }
        let tested = if place + 1 < counts.len() { left } else { 0.0 };
        let cost = READ * least as f64 + KEEP * kept + TEST * tested + FETCH * matches;
        if cost < best {
            (best, joined) = (cost, place);
        }
    }
    let along = (TEST + FETCH / 2.0) * walked;
    (best <= along).then_some(joined)
}

#[cfg(test)]
mod tests {
    use super::choose;

    #[test]
    fn common_conditions_are_walked_and_rare_ones_lead() {
        let million = 1_000_000;
        for (counts, wanted, plan) in [
            (&[100_000][..], 50, None),
            (&[100][..], 50, Some(0)),
            (&[100_000, 100_000][..], 50, None),
            (&[2_000, 100_000][..], 50, Some(0)),
            (&[100_000][..], 5_000, None),
            (&[0, 100_000][..], 50, Some(0)),
            // Tens of thousands each, and few in common.
            (&[20_000, 34_000][..], 50, Some(1)),
            (&[20_000, 34_000, 50_000][..], 50, Some(1)),
            (&[200, 34_000][..], 50, Some(0)),
        ] {
            assert_eq!(choose(million, counts, wanted), plan, "{counts:?}");
        }
    }
}
