//! The search for a name: rows that may be meant are read by their keys, in order of value and to a bound; those that are
//! likely to be meant are compared with what is asked for.

use std::{
    collections::{HashMap, HashSet},
    rc::Rc,
    sync::Arc,
};

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
    let mut comparison = Comparison { asked, words: HashMap::new(), hits: Vec::new() };
    let first = asked.query_keys(&[]);
    let mut is_enough = false;
    for some in first.chunks(TOGETHER) {
        let best = some.iter().map(|lookup| lookup.best).max().unwrap_or(0);
        is_enough = comparison.hits.iter().filter(|hit| hit.found.score >= best).count() >= wanted;
        if is_enough {
            break;
        }
        shortlist.take_in(some, index.entries(some)?);
        let left = (most - most / LEFT_FOR_STAND_INS).saturating_sub(shortlist.chosen.len());
        comparison.compare(index, &shortlist.likeliest(left))?;
    }
    if !is_enough {
        let found = index.words(&asked.word_keys())?;
        let again = asked.query_keys(&found);
        let rest: Vec<Lookup> = again.into_iter().filter(|l| !first.iter().any(|f| f.key == l.key)).collect();
        shortlist.take_in(&rest, index.entries(&rest)?);
        let left = most.saturating_sub(shortlist.chosen.len());
        comparison.compare(index, &shortlist.likeliest(left))?;
    }
    let mut hits = comparison.hits;
    hits.sort_by(|a, b| (b.found.score, a.found.how, a.entry).cmp(&(a.found.score, b.found.how, b.entry)));
    Ok(hits)
}

/// How alike an entry is to each of the words that are asked for, as far as the keys tell it was found under.
type Told = [u8; super::MOST_WORDS];

/// Entries that were found, of which the likeliest are compared.
struct Shortlist {
    weights: Vec<u32>,
    told: HashMap<i64, Told>,
    chosen: HashSet<i64>,
}

impl Shortlist {
    fn new(asked: &NameKeys) -> Self {
        let weight = |token: &Token| u32::try_from(weight(token)).unwrap_or(0);
        Self { weights: asked.tokens.iter().map(weight).collect(), told: HashMap::new(), chosen: HashSet::new() }
    }

    /// Takes in the entries under a few keys.
    fn take_in(&mut self, lookups: &[Lookup], entries: Vec<(usize, i64)>) {
        for (place, entry) in entries {
            let told = self.told.entry(entry).or_default();
            for (word, like) in lookups.get(place).into_iter().flat_map(|lookup| &lookup.tells) {
                if let Some(known) = told.get_mut(*word) {
                    *known = (*known).max(u8::try_from(*like).unwrap_or(0));
                }
            }
        }
    }

    /// The likeliest of those that have not been chosen before.
    fn likeliest(&mut self, most: usize) -> Vec<i64> {
        let worth = |told: &Told| -> u32 { told.iter().zip(&self.weights).map(|(like, w)| u32::from(*like) * w).sum() };
        let mut left: Vec<(u32, i64)> = self
            .told
            .iter()
            .filter(|(entry, _)| !self.chosen.contains(entry))
            .map(|(entry, told)| (u32::MAX - worth(told), *entry))
            .collect();
        if left.len() > most {
            left.select_nth_unstable(most);
            left.truncate(most);
        }
        let mut chosen: Vec<i64> = left.into_iter().map(|(_, entry)| entry).collect();
        // Neighbours are read from one page.
        chosen.sort_unstable();
        self.chosen.extend(&chosen);
        chosen
    }
}

/// A word of the archive and what is known of it.
struct Known {
    token: Arc<Token>,
    like: Vec<Likeness>,
}

/// Compares names with what is asked for. Most of them are made of the same words: each is compared once.
struct Comparison<'a> {
    asked: &'a NameKeys,
    words: HashMap<String, Option<Rc<Known>>>,
    hits: Vec<NameHit>,
}

impl Comparison<'_> {
    fn compare<I: NameIndex>(&mut self, index: &mut I, entries: &[i64]) -> Result<(), I::Error> {
        if entries.is_empty() {
            return Ok(());
        }
        for (entry, names) in index.names(entries)? {
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
