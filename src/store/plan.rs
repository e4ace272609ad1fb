//! Which way a list is gone about: along its order, testing row by row, or from the rarest of its conditions. Both
//! databases are told; left alone, each of them now and then walks through a million rows to find three.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use diesel::{prelude::*, sql_types::BigInt};

use super::{Condition, Order, Result, blocks::BLOCK, conn::Backend, pool::ReadTx, sql::Sql};
use crate::model::{bounded::Bounded, canon::sha256_hex, kinds::KindDescriptor, names::Token};

/// What is worth remembering from one question to the next.
pub struct Estimates {
    /// How many entries conditions hold for, roughly. Whoever goes by an old figure is slower, never wrong.
    counts: Mutex<Bounded<String, (i64, Instant)>>,
    /// The keys of the words of names that were compared last: most names are made of few words, and making the keys
    /// costs more than comparing them.
    words: Mutex<Bounded<String, Option<Arc<Token>>>>,
}

/// Figures that are kept, and for how long.
const KEPT: usize = 10_000;
const FRESH: Duration = Duration::from_secs(600);
/// Words that are kept: 25 megabytes or so.
const WORDS_KEPT: usize = 50_000;
/// Further than this nobody counts.
const FAR: i64 = 100_000;

impl Default for Estimates {
    fn default() -> Self {
        Self { counts: Mutex::new(Bounded::new(KEPT)), words: Mutex::new(Bounded::new(WORDS_KEPT)) }
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

    /// The keys of a word of a name; see [`Token::read`].
    pub(super) fn token(&self, word: &str) -> Option<Arc<Token>> {
        let word = word.to_owned();
        let known = self.words.lock().unwrap_or_else(PoisonError::into_inner).get(&word).cloned();
        known.unwrap_or_else(|| {
            let made = Token::read(&word).map(Arc::new);
            self.words.lock().unwrap_or_else(PoisonError::into_inner).put(word, made.clone());
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
    /// From the entries that have the marks of all conditions that have any; see `model::marks`.
    Marked(Backend),
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
    /// Chooses the way for the first `wanted` rows of a list, in the given order or in any.
    pub fn plan(
        &mut self,
        kind: &'static KindDescriptor,
        conditions: &[Condition],
        wanted: i64,
        order: Option<Order>,
    ) -> Result<Plan> {
        let mut counts = Vec::new();
        for (i, condition) in conditions.iter().enumerate() {
            if let Some(n) = self.estimate(kind, condition)? {
                counts.push((Counted { n, is_marked: condition.marks(kind).is_some() }, i));
            }
        }
        counts.sort_unstable();
        let Some((_, rarest)) = counts.first().copied() else { return Ok(Plan::Scan) };
        let all = self.estimate_all(kind)?;
        let backend = self.backend();
        let stride = match (backend, order) {
            (Backend::Sqlite, None | Some(Order::Ref)) => Some(1),
            (Backend::Postgres, Some(Order::Ref)) => Some(BLOCK),
            _ => None,
        };
        let counted: Vec<Counted> = counts.iter().map(|(counted, _)| *counted).collect();
        let costs = match backend {
            Backend::Sqlite => &ON_SQLITE,
            Backend::Postgres => &ON_POSTGRES,
        };
        Ok(match choose(costs, all, &counted, wanted, stride) {
            Way::Along => Plan::Scan,
            Way::Marked => Plan::Marked(backend),
            Way::From(joined) => {
                Plan::From(rarest, counts.iter().skip(1).take(joined).map(|(_, place)| *place).collect())
            }
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

/// How many entries a condition holds for, and whether marks tell which.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Counted {
    n: i64,
    is_marked: bool,
}

/// Which way is the cheapest: along the order, from the marks, or from the rarest condition and so many others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Along,
    Marked,
    From(usize),
}

/// What it takes, in units of half a microsecond, measured with a million entries on SQLite and 300,000 on PostgreSQL.
struct Costs {
    /// To read an id from an index.
    read: f64,
    /// To keep it for others to be looked up among.
    keep: f64,
    /// To test a condition on an entry.
    test: f64,
    /// To read the entry itself.
    fetch: f64,
    /// To go past one entry in the list of a mark.
    pass: f64,
    /// To put aside one that has all marks, before any is tested.
    gather: f64,
}

const ON_SQLITE: Costs = Costs { read: 1.0, keep: 2.5, test: 5.0, fetch: 4.0, pass: 0.25, gather: 0.0 };
const ON_POSTGRES: Costs = Costs { read: 1.0, keep: 2.5, test: 15.0, fetch: 10.0, pass: 0.12, gather: 8.0 };
/// The share of all entries that conditions hold for which hold for more than anybody counts.
const BROAD: f64 = 0.3;

/// Chooses the cheapest way to `wanted` rows. Marks are gone through in the order of entries, so many at once as `stride`
/// says, or all at once. `counts` are in order; conditions are taken to be independent of each other.
#[expect(clippy::cast_precision_loss, reason = "estimates")]
fn choose(costs: &Costs, all: i64, counts: &[Counted], wanted: i64, stride: Option<i64>) -> Way {
    let Costs { read, keep, test, fetch, pass, gather } = costs;
    let Some(least) = counts.first().map(|counted| counted.n) else { return Way::Along };
    let all = all.max(1) as f64;
    let share = |c: &Counted| (c.n as f64 / all).max(if c.n >= FAR { BROAD } else { 0.0 }).min(1.0);
    let matches: f64 = counts.iter().map(share).product::<f64>() * all;
    // The part that has to be gone through for as many rows as are wanted.
    let part = if matches < 1.0 { 1.0 } else { (wanted as f64 / matches).min(1.0) };
    let (mut best, mut way) = ((test + fetch / 2.0) * part * all, Way::Along);
    let (mut kept, mut left) = (0.0, least as f64);
    for place in 0..counts.len() {
        let Some(counted) = counts.get(place).filter(|counted| counted.n < FAR) else { break };
        if place > 0 {
            kept += counted.n as f64;
            left *= share(counted);
        }
        let tested = if place + 1 < counts.len() { left } else { 0.0 };
        let cost = read * least as f64 + keep * kept + test * tested + fetch * matches;
        if cost <= best {
            (best, way) = (cost, Way::From(place));
        }
    }
    let marked = || counts.iter().filter(|counted| counted.is_marked);
    if marked().next().is_some() {
        let passed: f64 = marked().map(share).sum::<f64>() * all;
        let found: f64 = marked().map(share).product::<f64>() * all;
        let (gone, tested) = match stride {
            Some(stride) => (part.max(stride as f64 / all).min(1.0), part * found),
            None => (1.0, found),
        };
        let cost = gone * (pass * passed + gather * found) + (fetch + test * counts.len() as f64) * tested;
        if cost < best {
            way = Way::Marked;
        }
    }
    way
}

#[cfg(test)]
mod tests {
    use super::{BLOCK, Counted, ON_POSTGRES, ON_SQLITE, Way, choose};

    #[test]
    fn common_conditions_are_walked_and_rare_ones_lead() {
        let million = 1_000_000;
        for (counts, wanted, way, of_marked) in [
            (&[100_000][..], 50, Way::Along, Way::Marked),
            (&[100][..], 50, Way::From(0), Way::Marked),
            (&[100_000, 100_000][..], 50, Way::Along, Way::Marked),
            (&[2_000, 100_000][..], 50, Way::From(0), Way::Marked),
            (&[100_000][..], 5_000, Way::Along, Way::Marked),
            (&[0, 100_000][..], 50, Way::From(0), Way::From(0)),
            // Tens of thousands each, and few in common.
            (&[20_000, 34_000][..], 50, Way::From(1), Way::Marked),
            (&[20_000, 34_000, 50_000][..], 50, Way::From(1), Way::Marked),
            (&[200, 34_000][..], 50, Way::From(0), Way::From(0)),
        ] {
            let of = |is_marked| counts.iter().map(|n| Counted { n: *n, is_marked }).collect::<Vec<_>>();
            assert_eq!(choose(&ON_SQLITE, million, &of(false), wanted, Some(1)), way, "{counts:?}");
            assert_eq!(choose(&ON_SQLITE, million, &of(true), wanted, Some(1)), of_marked, "{counts:?}, marked");
        }
    }

    #[test]
    fn marks_are_cheaper_than_many_tests() {
        let of = |counts: &[i64]| counts.iter().map(|n| Counted { n: *n, is_marked: true }).collect::<Vec<_>>();
        for (counts, way) in [
            (&[5_000, 100_000][..], Way::Marked),
            (&[20_000, 34_000][..], Way::Marked),
            (&[100, 100_000][..], Way::From(0)),
            (&[100_000, 100_000][..], Way::Along),
        ] {
            assert_eq!(choose(&ON_POSTGRES, 300_000, &of(counts), 50, None), way, "{counts:?}");
        }
        // Block by block: not for what most entries have, nor for what few have.
        for (counts, way) in [
            (&[100_000][..], Way::Along),
            (&[20_000][..], Way::Marked),
            (&[20_000, 34_000][..], Way::Marked),
            (&[100, 100_000][..], Way::From(0)),
        ] {
            assert_eq!(choose(&ON_POSTGRES, 1_000_000, &of(counts), 50, Some(BLOCK)), way, "{counts:?}");
        }
    }
}
