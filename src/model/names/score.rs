//! How well a name answers a query.

use super::{NameKeys, Role, Token};

/// The reason of a match, the surest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum How {
    Exact,
    Skeleton,
    Fuzzy,
    Phonetic,
}

impl How {
    /// The word for it in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Skeleton => "skeleton",
            Self::Fuzzy => "fuzzy",
            Self::Phonetic => "phonetic",
        }
    }
}

/// A name that answers a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Match {
    /// 0 to 100. Above [`MOST_INEXACT`] nothing that was asked for is spelt otherwise in the name.
    pub score: u8,
    /// The least sure reason that one of the words needed.
    pub how: How,
}

/// Most that a name scores in which a word is spelt otherwise than in the query.
pub const MOST_INEXACT: i64 = 95;

/// Readings of a word that are compared.
const READINGS: usize = 5;

/// Below this score nothing is a match.
const LEAST: i64 = 40;

/// Likeness of words, in per cent.
const SAME_SOUNDS: i64 = 95;
const OTHER_ENDING: i64 = 92;
const SAME_SKELETON: i64 = 90;
pub(super) const ONE_LETTER: i64 = 80;
const INITIAL: i64 = 90;

/// How alike two words are, in per cent, and by what; nothing when they are not. The same in both directions.
pub fn likeness(one: &Token, other: &Token) -> Option<(i64, How)> {
    if one.folded == other.folded {
        return Some((100, How::Exact));
    }
    let is_initial = |t: &Token| t.role == Role::Initial;
    if is_initial(one) || is_initial(other) {
        // In one alphabet the letters decide: Е. is not Э.
        let agrees = one.first_sounds.iter().any(|s| other.first_sounds.contains(s));
        return agrees.then_some((INITIAL, How::Exact));
    }
    if one.role == Role::Particle || other.role == Role::Particle {
        return (one.skeleton() == other.skeleton()).then_some((SAME_SOUNDS, How::Skeleton));
    }
    let mut best: Option<(i64, How)> = None;
    let mut take = |found: Option<(i64, How)>| {
        if let Some((like, how)) = found
            && best.is_none_or(|(most, _)| like > most)
        {
            best = Some((like, how));
        }
    };
    for a in one.readings.iter().take(READINGS) {
        for b in other.readings.iter().take(READINGS) {
            if a.sounds == b.sounds {
                return Some((SAME_SOUNDS, How::Skeleton));
            }
            let apart = distance(a.sounds.as_bytes(), b.sounds.as_bytes(), SLIP);
            take(if a.skeleton == b.skeleton {
                let like =
                    if stem(&a.sounds) == stem(&b.sounds) { OTHER_ENDING } else { (SAME_SKELETON + 1 - apart).max(86) };
                Some((like, How::Skeleton))
            } else {
                let apart = apart.min(distance(a.skeleton.as_bytes(), b.skeleton.as_bytes(), SLIP));
                slip(apart, a.skeleton.len().min(b.skeleton.len())).map(|like| (like, How::Fuzzy))
            });
        }
    }
    // A slip of the pen may change more sounds than one.
    let is_slip = || {
        let letters = [&one.folded, &other.folded].map(|f| f.chars().count());
        letters[0].min(letters[1]) >= 4
            && letters[0].abs_diff(letters[1]) <= 1
            && strsim::osa_distance(&one.folded, &other.folded) == 1
    };
    if best.is_none_or(|(like, _)| like < ONE_LETTER) && is_slip() {
        return Some((ONE_LETTER, How::Fuzzy));
    }
    if best.is_none() && one.phonetic.iter().any(|code| other.phonetic.contains(code)) {
        return phonetic(one.skeleton(), other.skeleton()).map(|like| (like, How::Phonetic));
    }
    best
}

/// How alike two skeletons are, by letters or, where their words share a code, by sound; for choosing words.
pub(super) fn skeleton_likeness(one: &str, other: &str) -> Option<i64> {
    let apart = distance(one.as_bytes(), other.as_bytes(), SLIP);
    slip(apart, one.len().min(other.len())).or_else(|| phonetic(one, other))
}

/// Likeness of words of some length that are so many half letters apart.
fn slip(apart: i64, letters: usize) -> Option<i64> {
    match (letters, apart) {
        (4.., 0..=1) => Some(ONE_LETTER + 3),
        (4.., 2) => Some(ONE_LETTER),
        (2..4, 0..=1) => Some(70),
        (3, 2) => Some(60),
        (6.., 3) => Some(72),
        (8.., 4) => Some(68),
        _ => None,
    }
}

/// Likeness of words that sound alike: codes leave out vowels and all behind the sixth sound, so the letters count too.
fn phonetic(one: &str, other: &str) -> Option<i64> {
    let longest = i64::try_from(one.len().max(other.len())).unwrap_or(i64::MAX);
    let apart = distance(one.as_bytes(), other.as_bytes(), longest);
    let like = 70 - 35 * apart / longest.max(1);
    (like >= 45).then_some(like)
}

/// Longest word whose letters are compared.
const LONGEST: usize = 64;

/// Half letters in a whole one, and more of them than any two alike words are apart.
const WHOLE: i64 = 2;
const FAR: i64 = 99;

/// Most half letters that a slip takes.
const SLIP: i64 = 4;

/// A word without the vowels at its end, by which women's names differ from men's.
fn stem(sounds: &str) -> &str {
    sounds.trim_end_matches(['a', 'e', 'i', 'o', 'u'])
}

/// What it takes to make one word of the other, in half letters: a sound for a related one is half a letter, two that
/// change places are one. More than `most` is [`FAR`].
fn distance(one: &[u8], other: &[u8], most: i64) -> i64 {
    let shorter_by = i64::try_from(one.len().abs_diff(other.len())).unwrap_or(FAR);
    if shorter_by * WHOLE > most || other.len() >= LONGEST {
        return FAR;
    }
    let (mut rows, width) = ([[0; LONGEST]; 3], other.len());
    for (cell, n) in rows[0].iter_mut().zip(0..) {
        *cell = n * WHOLE;
    }
    for (i, a) in one.iter().enumerate() {
        let [last, row, before] = &mut rows;
        row[0] = last[0] + WHOLE;
        let mut least_of_row = row[0];
        for (j, b) in other.iter().enumerate() {
            let mut least = (last[j] + change(*a, *b)).min(last[j + 1] + WHOLE).min(row[j] + WHOLE);
            if i > 0 && j > 0 && *a == other[j - 1] && one[i - 1] == *b {
                least = least.min(before[j - 1] + WHOLE);
            }
            row[j + 1] = least;
            least_of_row = least_of_row.min(least);
        }
        if least_of_row > most + WHOLE {
            return FAR;
        }
        // The row before last makes room for the next.
        rows.rotate_left(1);
    }
    let apart = rows[0][width];
    if apart > most { FAR } else { apart }
}

fn change(one: u8, other: u8) -> i64 {
    const RELATED: &[&[u8]] =
        &[b"ao", b"ei", b"ea", b"iu", b"ou", b"szjx", b"cqsx", b"ghk", b"vf", b"bp", b"dt", b"vb", b"vu", b"fp"];
    match () {
        () if one == other => 0,
        () if RELATED.iter().any(|set| set.contains(&one) && set.contains(&other)) => 1,
        () => 2,
    }
}

/// How well a name answers a query; nothing when it does not. The order of the words does not matter; what the query has
/// and the name contradicts costs much, what the name leaves out or has besides costs little.
pub fn score(query: &NameKeys, candidate: &NameKeys) -> Option<Match> {
    let pairs = best_pairs(&query.tokens, &candidate.tokens);
    let is_left = |n: usize| !pairs.iter().any(|p| p.is_some_and(|(c, ..)| c == n));
    let left = || candidate.tokens.iter().enumerate().filter(|(n, _)| is_left(*n)).map(|(_, t)| t);
    let names_left = left().filter(|t| matches!(t.role, Role::Name | Role::Initial)).count();
    let mut missing = 0;
    let (mut points, mut most) = (0, 0);
    let mut how = None;
    for (token, pair) in query.tokens.iter().zip(&pairs) {
        let weight = weight(token);
        most += weight;
        if let Some((_, like, by)) = pair {
            points += weight * like;
            if token.role != Role::Particle && token.role != Role::Initial {
                how = how.max(Some(*by));
            }
            continue;
        }
        // A name without a patronymic, or with fewer given names, does not contradict; another one in its place does.
        let is_contradicted = match token.role {
            Role::Patronymic => candidate.tokens.iter().any(|t| t.role == Role::Patronymic),
            Role::Particle => false,
            Role::Name | Role::Initial => {
                missing += 1;
                missing <= names_left
            }
        };
        points += match (token.role, is_contradicted) {
            (_, true) => 0,
            (Role::Patronymic | Role::Initial | Role::Particle, false) => weight * 80,
            (Role::Name, false) => weight * 30,
        };
    }
    let how = how?;
    let besides = |t: &Token| match t.role {
        Role::Name => 2,
        Role::Patronymic | Role::Initial => 1,
        Role::Particle => 0,
    };
    let score = points / most.max(1) - left().map(besides).sum::<i64>().min(4);
    let score = if how == How::Exact { score } else { score.min(MOST_INEXACT) };
    (score >= LEAST).then(|| Match { score: u8::try_from(score.min(100)).unwrap_or(0), how })
}

fn weight(token: &Token) -> i64 {
    match token.role {
        Role::Name if token.is_common => 8,
        Role::Name => 12,
        Role::Patronymic => 5,
        Role::Initial => 4,
        Role::Particle => 1,
    }
}

type Pair = Option<(usize, i64, How)>;

/// For each word of the query the word of the name it goes with, so that all together are as alike as can be.
fn best_pairs(query: &[Token], candidate: &[Token]) -> Vec<Pair> {
    let alike: Vec<Vec<Option<(i64, How)>>> =
        query.iter().map(|q| candidate.iter().map(|c| likeness(q, c)).collect()).collect();
    let mut best: (i64, Vec<Pair>) = (-1, Vec::new());
    let mut chosen = Vec::with_capacity(query.len());
    let mut steps = 1000;
    search(query, &alike, 0, &mut chosen, (0, 0), &mut best, &mut steps);
    best.1
}

fn search(
    query: &[Token],
    alike: &[Vec<Option<(i64, How)>>],
    taken: u32,
    chosen: &mut Vec<Pair>,
    (sum, depth): (i64, usize),
    best: &mut (i64, Vec<Pair>),
    steps: &mut u32,
) {
    let Some(token) = query.get(depth) else {
        if sum > best.0 {
            *best = (sum, chosen.clone());
        }
        return;
    };
    // The rest cannot make up for what is missing: no need to look.
    let rest: i64 = query[depth..].iter().map(|t| weight(t) * 100).sum();
    if sum + rest <= best.0 || *steps == 0 {
        return;
    }
    *steps -= 1;
    let mut options: Vec<(i64, usize, How)> = alike[depth]
        .iter()
        .enumerate()
        .filter(|(c, _)| taken & (1 << c) == 0)
        .filter_map(|(c, like)| like.map(|(like, how)| (like, c, how)))
        .collect();
    options.sort_by(|a, b| (b.0, a.1).cmp(&(a.0, b.1)));
    for (like, c, how) in options {
        chosen.push(Some((c, like, how)));
        search(query, alike, taken | (1 << c), chosen, (sum + weight(token) * like, depth + 1), best, steps);
        chosen.pop();
    }
    chosen.push(None);
    search(query, alike, taken, chosen, (sum, depth + 1), best, steps);
    chosen.pop();
}
