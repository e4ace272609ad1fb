//! Keys for a database: rows that are found by equality, and the order in which a search looks them up.
//!
//! Two tables hold them. `name keys`: for every name its [`NameKeys::index_keys`], about a dozen. `name words`: for
//! every *distinct* skeleton of the archive, once, its [`NameKeys::word_rows`], by which misspelt and merely
//! sounding-alike words are found; so the costly keys grow with the vocabulary and not with the archive.

use std::collections::HashSet;

use super::{
    NameKeys, Role, Token,
    score::{INITIAL, ONE_LETTER, SAME_SKELETON, skeleton_likeness},
};

/// Most keys of one name.
const MOST_INDEX_KEYS: usize = 48;

/// Most readings of a word that are indexed; all of them are asked for.
const READINGS_INDEXED: usize = 4;

/// Most readings of a word in keys that join two words.
const READINGS_JOINED: usize = 2;

/// Letters of a word whose deletions are kept.
const LETTERS_DELETED: usize = 14;

/// Shortest word that may have a slip.
const SHORTEST_SLIP: usize = 4;

/// Rows of a key that says much, and of one that is only a part of what was asked for.
const MANY: usize = 2000;
const FEW: usize = 300;

/// Rows of a key in the table of words.
const WORDS: usize = 200;

/// Stand-ins of two words that are looked up together.
const STAND_INS_JOINED: usize = 4;

/// Most words that stand in for one that was asked for.
const MOST_STAND_INS: usize = 12;

/// Most keys of one search.
const MOST_LOOKUPS: usize = 200;

/// Readings of a word that a search joins with those of another.
const READINGS_ASKED: usize = 4;

/// A key to look up, with the most rows to read of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lookup {
    pub key: String,
    pub rows: usize,
    /// The score that no name exceeds, or hardly any, that this key finds and none before it.
    pub best: u8,
    /// Which of the words that are asked for it stands for, by their places, and how well, in per cent.
    pub tells: Vec<(usize, i64)>,
}

/// A row of the table of words: the skeleton `word` is found under `key`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct WordRow {
    pub key: String,
    pub word: String,
}

impl NameKeys {
    /// The keys under which a name is found, none twice. `w:` all its words; `f:` a folded word; `s:` a skeleton;
    /// `2:` two skeletons; `i:` a skeleton with the initial of another word; `n:` the same where the name has no more of that
    /// word than the initial.
    pub fn index_keys(&self) -> Vec<String> {
        let mut keys = Keys::default();
        keys.add(self.whole_key());
        for token in self.words() {
            keys.add(Some(format!("f:{}", token.folded)));
            for reading in token.readings.iter().take(READINGS_INDEXED) {
                keys.add(Some(format!("s:{}", reading.skeleton)));
            }
        }
        let words: Vec<&Token> = self.words().collect();
        for (n, one) in words.iter().enumerate() {
            for other in &words[n + 1..] {
                for (a, b) in joined_readings(one, other) {
                    keys.add(Some(pair_key(a, b)));
                }
            }
        }
        for token in words.iter().filter(|t| t.role == Role::Name) {
            let others = self.tokens.iter().filter(|o| o.folded != token.folded);
            for other in others.filter(|o| matches!(o.role, Role::Name | Role::Initial)) {
                for sound in &other.first_sounds {
                    keys.add(Some(initial_key(token.skeleton(), *sound)));
                    let is_all = other.role == Role::Initial;
                    keys.add(is_all.then(|| initial_only_key(token.skeleton(), *sound)));
                }
            }
        }
        keys.0.truncate(MOST_INDEX_KEYS);
        keys.0
    }

    /// The rows of the table of words that this name needs, to be added where they are missing. `d:` the folded word or
    /// its skeleton, whole or with one letter less; `p:` a Daitch–Mokotoff code.
    pub fn word_rows(&self) -> Vec<WordRow> {
        let mut rows = Vec::new();
        for token in self.words() {
            let mut add = |key: String, word: &str| rows.push(WordRow { key, word: word.to_owned() });
            for reading in token.readings.iter().take(READINGS_INDEXED) {
                slip_keys(&reading.skeleton).for_each(|key| add(key, &reading.skeleton));
            }
            slip_keys(&token.folded).for_each(|key| add(key, token.skeleton()));
            token.phonetic.iter().for_each(|code| add(sound_key(code), token.skeleton()));
        }
        rows.sort();
        rows.dedup();
        rows
    }

    /// The keys by which a search looks in the table of words.
    pub fn word_keys(&self) -> Vec<Lookup> {
        let mut plan = Plan::default();
        // Of three words and more, two that are right find the name.
        let is_asked = |t: &&Token| self.words().count() < 3 || is_rare(t) || !self.words().any(is_rare);
        for token in self.words().filter(is_asked) {
            slip_keys(&token.folded).for_each(|key| plan.add(key, WORDS, 94, &[]));
            for reading in &token.readings {
                slip_keys(&reading.skeleton).for_each(|key| plan.add(key, WORDS, 94, &[]));
            }
            token.phonetic.iter().for_each(|code| plan.add(sound_key(code), WORDS, 90, &[]));
        }
        plan.lookups
    }

    /// The keys to look up, in order of value: all words, two words, a word with an initial, words of their own, the
    /// rare before the common; then the same with the words that the table of words gave, the most alike first. A
    /// search may stop behind any of them, and should when it has as many answers as it wants that score no less than
    /// the next key's `best`.
    pub fn query_keys(&self, found: &[WordRow]) -> Vec<Lookup> {
        let places = self.tokens.iter().enumerate();
        let mut words: Vec<(usize, &Token)> = places.clone().filter(|(_, t)| t.is_word()).collect();
        words.sort_by_key(|(_, t)| (t.role == Role::Patronymic, t.is_common));
        let of_initial = |(place, token): (usize, &Token)| {
            token.first_sounds.iter().map(move |sound| (place, *sound)).collect::<Vec<_>>()
        };
        let initials: Vec<(usize, char)> =
            places.filter(|(_, t)| t.role == Role::Initial).flat_map(of_initial).collect();
        let mut plan = Plan::default();
        if let Some(key) = self.whole_key() {
            plan.add(key, MANY, 100, &words.iter().map(|(place, _)| (*place, 100)).collect::<Vec<_>>());
        }
        let has_rare = words.iter().any(|(_, t)| is_rare(t));
        let mut common_pairs = Vec::new();
        for (n, (i, one)) in words.iter().enumerate() {
            for (j, other) in &words[n + 1..] {
                for a in one.readings.iter().take(READINGS_ASKED) {
                    for b in other.readings.iter().take(READINGS_ASKED) {
                        let key = pair_key(&a.skeleton, &b.skeleton);
                        let tells = [(*i, SAME_SKELETON), (*j, SAME_SKELETON)];
                        if has_rare && !is_rare(one) && !is_rare(other) {
                            common_pairs.push((key, tells));
                        } else {
                            plan.add(key, MANY, 99, &tells);
                        }
                    }
                }
            }
        }
        for (place, token) in words.iter().filter(|(_, t)| t.role == Role::Name) {
            for (initial, sound) in &initials {
                for reading in &token.readings {
                    let tells = [(*place, SAME_SKELETON), (*initial, INITIAL)];
                    plan.add(initial_key(&reading.skeleton, *sound), MANY, 100, &tells);
                }
            }
        }
        let telling: Vec<(usize, &Token)> = words.iter().copied().filter(|(_, t)| !has_rare || is_rare(t)).collect();
        for (place, token) in words.iter().filter(|(_, t)| t.role == Role::Name && !t.is_common) {
            for (other, word) in words.iter().filter(|(p, w)| p != place && w.role == Role::Name) {
                let tells = [(*place, SAME_SKELETON), (*other, INITIAL)];
                for reading in token.readings.iter().take(READINGS_ASKED) {
                    for sound in &word.first_sounds {
                        plan.add(initial_only_key(&reading.skeleton, *sound), MANY, 95, &tells);
                    }
                }
            }
        }
        let is_alone = words.len() == 1;
        let (rows, best) = if is_alone { (MANY, [100, 95]) } else { (FEW, [95, 94]) };
        for (place, token) in &telling {
            plan.add(format!("f:{}", token.folded), rows, best[0], &[(*place, 100)]);
        }
        for (place, token) in &telling {
            for reading in &token.readings {
                plan.add(format!("s:{}", reading.skeleton), rows, best[1], &[(*place, SAME_SKELETON)]);
            }
        }
        let stand_ins: Vec<Vec<StandIn>> = words.iter().map(|(_, t)| nearest(t, found)).collect();
        for (n, (i, _)) in words.iter().enumerate() {
            for (m, (j, other)) in words.iter().enumerate().filter(|(m, _)| *m != n) {
                for (like, stand_in) in &stand_ins[n] {
                    for reading in other.readings.iter().take(READINGS_JOINED) {
                        plan.add(pair_key(stand_in, &reading.skeleton), FEW, 94, &[(*i, *like), (*j, SAME_SKELETON)]);
                    }
                }
                for (like, a) in stand_ins[n].iter().take(STAND_INS_JOINED) {
                    for (other_like, b) in stand_ins[m].iter().take(STAND_INS_JOINED) {
                        plan.add(pair_key(a, b), FEW, 88, &[(*i, *like), (*j, *other_like)]);
                    }
                }
            }
            for (initial, sound) in &initials {
                for (like, stand_in) in &stand_ins[n] {
                    plan.add(initial_key(stand_in, *sound), FEW, 94, &[(*i, *like), (*initial, INITIAL)]);
                }
            }
        }
        for ((place, _), stand_ins) in words.iter().zip(&stand_ins) {
            for (like, stand_in) in stand_ins.iter().filter(|_| telling.iter().any(|(p, _)| p == place)) {
                plan.add(format!("s:{stand_in}"), FEW, 85, &[(*place, *like)]);
            }
        }
        for (key, tells) in common_pairs {
            plan.add(key, FEW, 85, &tells);
        }
        plan.lookups
    }

    /// The words that are keys: all but initials and particles.
    fn words(&self) -> impl Iterator<Item = &Token> {
        self.tokens.iter().filter(|t| t.is_word())
    }

    /// All words in one key, whatever their order; nothing where one word is all.
    fn whole_key(&self) -> Option<String> {
        let mut words: Vec<&str> = self.words().map(|t| t.folded.as_str()).collect();
        words.sort_unstable();
        (words.len() > 1).then(|| format!("w:{}", words.join(" ")))
    }
}

/// A word of the archive that may stand in for one that was asked for, and how alike it is, in per cent.
type StandIn<'a> = (i64, &'a str);

/// The words of the archive that may stand in for one that was asked for, the most alike first.
fn nearest<'a>(token: &Token, found: &'a [WordRow]) -> Vec<StandIn<'a>> {
    let slips: Vec<String> = slip_keys(&token.folded).collect();
    let mut own: HashSet<String> = token.phonetic.iter().map(|code| sound_key(code)).collect();
    own.extend(token.readings.iter().flat_map(|r| slip_keys(&r.skeleton)).chain(slips.iter().cloned()));
    let like = |row: &WordRow| {
        let asked = token.readings.iter().take(READINGS_ASKED);
        let by_skeleton = asked.filter_map(|r| skeleton_likeness(&r.skeleton, &row.word)).max();
        let by_letters = slips.contains(&row.key).then_some(ONE_LETTER);
        // Words that share a key may be two letters apart; those that are not go first.
        Some((by_letters.max(by_skeleton)?, by_skeleton))
    };
    let is_new = |row: &&WordRow| own.contains(&row.key) && !token.readings.iter().any(|r| r.skeleton == row.word);
    let mut alike: Vec<_> =
        found.iter().filter(is_new).filter_map(|row| Some((like(row)?, row.word.as_str()))).collect();
    alike.sort_by(|a, b| (b.0, a.1).cmp(&(a.0, b.1)));
    let mut words: Vec<StandIn> = Vec::new();
    for ((like, _), word) in alike {
        if words.len() < MOST_STAND_INS && !words.iter().any(|(_, known)| *known == word) {
            words.push((like, word));
        }
    }
    words
}

/// Distinct keys in the order they came in.
#[derive(Default)]
struct Keys(Vec<String>);

impl Keys {
    fn add(&mut self, key: Option<String>) {
        self.0.extend(key.filter(|k| !self.0.contains(k)));
    }
}

/// What many people are called says nothing alone, and little together.
fn is_rare(token: &Token) -> bool {
    token.role == Role::Name && !token.is_common && token.skeleton().len() >= SHORTEST_SLIP
}

/// Lookups in the order they came in, no key twice.
#[derive(Default)]
struct Plan {
    lookups: Vec<Lookup>,
    known: HashSet<String>,
}

impl Plan {
    fn add(&mut self, key: String, rows: usize, best: u8, tells: &[(usize, i64)]) {
        if self.lookups.len() < MOST_LOOKUPS && self.known.insert(key.clone()) {
            self.lookups.push(Lookup { key, rows, best, tells: tells.to_vec() });
        }
    }
}

fn joined_readings<'a>(one: &'a Token, other: &'a Token) -> impl Iterator<Item = (&'a str, &'a str)> {
    let of = |token: &'a Token| token.readings.iter().take(READINGS_JOINED).map(|r| r.skeleton.as_str());
    of(one).flat_map(move |a| of(other).map(move |b| (a, b)))
}

fn pair_key(one: &str, other: &str) -> String {
    let (first, second) = if one <= other { (one, other) } else { (other, one) };
    format!("2:{first}|{second}")
}

fn initial_key(skeleton: &str, sound: char) -> String {
    format!("i:{skeleton}|{sound}")
}

fn initial_only_key(skeleton: &str, sound: char) -> String {
    format!("n:{skeleton}|{sound}")
}

fn sound_key(code: &str) -> String {
    format!("p:{code}")
}

/// Keys of the word itself and of the word without each one of its letters: two words that differ by one letter, or by
/// two that changed places, share one of these.
fn slip_keys(word: &str) -> impl Iterator<Item = String> {
    let letters = word.chars().count();
    let most = if letters < SHORTEST_SLIP { 0 } else { letters.min(LETTERS_DELETED) };
    let mut all = vec![format!("d:{word}")];
    for (at, c) in word.char_indices().take(most) {
        // Of two equal letters either one gives the same.
        if !word[..at].ends_with(c) {
            all.push(format!("d:{}{}", &word[..at], &word[at + c.len_utf8()..]));
        }
    }
    all.into_iter()
}
