//! The search for a name: rows that may be meant are read by their keys, in order of value and to a bound; those that are
//! likely to be meant are compared with what is asked for.

use std::{collections::HashMap, rc::Rc, sync::Arc};

use super::{
    Lookup, Match, NameKeys, Role, Token, WordRow,
    fold::words_of,
    patronymic,
    score::{Compared, Likeness, likenesses, score_compared, weight},
};

/// Where names are looked up: a database, or a table in memory.
pub trait NameIndex {
    type Error;

    /// The entries under keys, so many of each as it says, with the place of the key among those that were given.
    fn entries(&mut self, lookups: &[Lookup]) -> Result<Vec<(usize, i64)>, Self::Error>;

    /// The words of the archive under keys.
    fn words(&mut self, lookups: &[Lookup]) -> Result<Vec<WordRow>, Self::Error>;

    /// The names of entries, one on each line.
    fn names(&mut self, entries: &[i64]) -> Result<Vec<(i64, String)>, Self::Error>;

    /// The keys of a word as it stands in a name; see [`Token::read`].
    fn token(&self, word: &str) -> Option<Arc<Token>>;
}

/// An entry with a name that answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameHit {
    pub entry: i64,
    /// The name that answers best.
    pub name: String,
    pub found: Match,
}

/// Entries that are left to be compared for words that stand in for those asked for: one in so many.
const LEFT_FOR_STAND_INS: usize = 2;
/// Per cent of what is asked for that keys tell of an entry that may score as high as any.
const FULL: u32 = 80;
/// Per cent of what is asked for that keys tell of an entry which is likely to be meant.
const LIKELY: u32 = 55;
/// So many are compared, at most, when they are not all likely.
pub(super) const WITH_UNLIKELY: usize = 40;
/// Keys that are looked up together.
const TOGETHER: usize = 12;

/// Entries whose names answer, the best first. Of many, those that are `wanted` at least, and more where they score as
/// well. No more than `most` are compared.
pub fn search<I: NameIndex>(
    index: &mut I,
    asked: &NameKeys,
    wanted: usize,
    most: usize,
) -> Result<Vec<NameHit>, I::Error> {
    let mut shortlist = Shortlist::new(asked);
    let mut comparison = Comparison { asked, wanted, words: HashMap::new(), chosen: Vec::new(), hits: Vec::new() };
    let first = asked.query_keys(&[]);
    for some in first.chunks(TOGETHER) {
        if comparison.is_enough(index, &shortlist, some)? {
            return Ok(comparison.in_order());
        }
        shortlist.take_in(some, index.entries(some)?);
        comparison.chosen.extend(shortlist.likeliest(most - most / LEFT_FOR_STAND_INS));
    }
    let words = asked.word_keys();
    if !comparison.is_enough(index, &shortlist, &words)? {
        let again = asked.query_keys(&index.words(&words)?);
        let rest: Vec<Lookup> = again.into_iter().filter(|l| !first.iter().any(|f| f.key == l.key)).collect();
        shortlist.take_in(&rest, index.entries(&rest)?);
        comparison.chosen.extend(shortlist.likeliest(most));
        comparison.compare(index)?;
    }
    Ok(comparison.in_order())
}

/// An entry that was found under some keys.
#[derive(Default)]
struct Told {
    /// How alike it is to each of the words that are asked for, as far as the keys tell.
    like: [u8; super::MOST_WORDS],
    is_chosen: bool,
    /// Whether a key told something since entries were chosen last.
    is_new: bool,
}

/// Entries that were found, of which the likeliest are compared.
struct Shortlist {
    weights: Vec<u32>,
    found: HashMap<i64, Told>,
    chosen: usize,
}

impl Shortlist {
    fn new(asked: &NameKeys) -> Self {
        let weight = |token: &Token| u32::try_from(weight(token)).unwrap_or(0);
        Self { weights: asked.tokens.iter().map(weight).collect(), found: HashMap::new(), chosen: 0 }
    }

    /// Takes in the entries under a few keys.
    fn take_in(&mut self, lookups: &[Lookup], entries: Vec<(usize, i64)>) {
        for (place, entry) in entries {
            let told = self.found.entry(entry).or_default();
            told.is_new = true;
            for (word, like) in lookups.get(place).into_iter().flat_map(|lookup| &lookup.tells) {
                if let Some(known) = told.like.get_mut(*word) {
                    *known = (*known).max(u8::try_from(*like).unwrap_or(0));
                }
            }
        }
    }

    /// How many were found under keys that stand for all words that are asked for, but for what hardly weighs.
    fn told_in_full(&self) -> usize {
        let full = self.weights.iter().sum::<u32>() * FULL;
        self.found.values().filter(|told| worth(told, &self.weights) >= full).count()
    }

    /// The likeliest of those that the last keys told something of, until there are `most` in all, or [`WITH_UNLIKELY`]
    /// where the rest is not likely. What was left over before is no likelier when nothing new is known of it.
    fn likeliest(&mut self, most: usize) -> Vec<i64> {
        let mut left: Vec<(u32, i64)> = Vec::new();
        for (entry, told) in &mut self.found {
            if std::mem::take(&mut told.is_new) && !told.is_chosen {
                left.push((u32::MAX - worth(told, &self.weights), *entry));
            }
        }
        let likely = self.weights.iter().sum::<u32>() * LIKELY;
        let likely = left.iter().filter(|(worth, _)| u32::MAX - worth >= likely).count();
        let most = most.saturating_sub(self.chosen).min(likely.max(WITH_UNLIKELY.saturating_sub(self.chosen)));
        if left.len() > most {
            left.select_nth_unstable(most);
            left.truncate(most);
        }
        let chosen: Vec<i64> = left.into_iter().map(|(_, entry)| entry).collect();
        for entry in &chosen {
            if let Some(told) = self.found.get_mut(entry) {
                told.is_chosen = true;
            }
        }
        self.chosen += chosen.len();
        chosen
    }
}

/// The sum of what keys tell of an entry, each word by its weight.
fn worth(told: &Told, weights: &[u32]) -> u32 {
    told.like.iter().zip(weights).map(|(like, weight)| u32::from(*like) * weight).sum()
}

/// A word of the archive and what is known of it.
struct Known {
    token: Arc<Token>,
    like: Vec<Likeness>,
}

/// Compares names with what is asked for. Most of them are made of the same words: each is compared once.
struct Comparison<'a> {
    asked: &'a NameKeys,
    wanted: usize,
    words: HashMap<String, Option<Rc<Known>>>,
    /// Entries that are to be compared.
    chosen: Vec<i64>,
    hits: Vec<NameHit>,
}

impl Comparison<'_> {
    /// Whether there are as many as are wanted that score no less than what the next keys find.
    fn is_enough<I: NameIndex>(&mut self, index: &mut I, found: &Shortlist, next: &[Lookup]) -> Result<bool, I::Error> {
        // Where too few can score so well, they are compared together with those that are found behind.
        if found.told_in_full() < self.wanted {
            return Ok(false);
        }
        self.compare(index)?;
        let best = next.iter().map(|lookup| lookup.best).max().unwrap_or(0);
        Ok(self.hits.iter().filter(|hit| hit.found.score >= best).count() >= self.wanted)
    }

    /// Compares those that were chosen.
    fn compare<I: NameIndex>(&mut self, index: &mut I) -> Result<(), I::Error> {
        let mut chosen = std::mem::take(&mut self.chosen);
        if chosen.is_empty() {
            return Ok(());
        }
        // Neighbours are read from one page.
        chosen.sort_unstable();
        for (entry, names) in index.names(&chosen)? {
            let mut best: Option<(Match, &str)> = None;
            for name in names.lines() {
                if let Some(found) = self.score(index, name)
                    && best.is_none_or(|(b, _)| (found.score, b.how) > (b.score, found.how))
                {
                    best = Some((found, name));
                }
            }
            self.hits.extend(best.map(|(found, name)| NameHit { entry, name: name.to_owned(), found }));
        }
        Ok(())
    }

    /// Those that answer, the best first.
    fn in_order(self) -> Vec<NameHit> {
        let mut hits = self.hits;
        hits.sort_by(|a, b| (b.found.score, a.found.how, a.entry).cmp(&(a.found.score, b.found.how, b.entry)));
        hits
    }

    /// The same as [`super::score`] gives.
    fn score<I: NameIndex>(&mut self, index: &I, name: &str) -> Option<Match> {
        let mut known: Vec<Rc<Known>> = Vec::new();
        let mut read = 0;
        for word in words_of(name) {
            let Some(word) = self.known(index, word) else { continue };
            if read == super::MOST_WORDS {
                break;
            }
            read += 1;
            if !known.iter().any(|before| word.token.repeats(&before.token)) {
                known.push(word);
            }
        }
        let patronymic = patronymic(known.iter().map(|word| &*word.token));
        let compared: Vec<Compared> = known
            .iter()
            .enumerate()
            .map(|(place, word)| {
                let role = if patronymic == Some(place) { Role::Patronymic } else { word.token.role };
                Compared { role, like: &word.like }
            })
            .collect();
        score_compared(self.asked, &compared)
    }

    fn known<I: NameIndex>(&mut self, index: &I, word: &str) -> Option<Rc<Known>> {
        if let Some(known) = self.words.get(word) {
            return known.clone();
        }
        let compared = |token: Arc<Token>| Rc::new(Known { like: likenesses(self.asked, &token), token });
        let known = index.token(word).map(compared);
        self.words.insert(word.to_owned(), known.clone());
        known
    }
}
