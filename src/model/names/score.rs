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
pub(super) const SAME_SKELETON: i64 = 90;
pub(super) const ONE_LETTER: i64 = 80;
pub(super) const INITIAL: i64 = 90;

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
const WHOLE: u8 = 2;
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
    let (width, shorter_by) = (other.len(), one.len().abs_diff(other.len()));
    // Words whose letters are so many places apart take more than `most`.
    let band = usize::try_from(most / i64::from(WHOLE)).unwrap_or(0);
    if shorter_by > band || width >= LONGEST {
        return FAR;
    }
    let mut rows = [[u8::MAX; LONGEST]; 3];
    for (cell, n) in rows[0].iter_mut().zip(0_u8..).take(band.min(width) + 1) {
        *cell = n * WHOLE;
    }
    for (i, a) in one.iter().enumerate() {
        let [last, row, before] = &mut rows;
        *row = [u8::MAX; LONGEST];
        if i < band {
            row[0] = last[0].saturating_add(WHOLE);
        }
        let mut least_of_row = row[0];
        for j in (i + 1).saturating_sub(band).saturating_sub(1)..(i + 1 + band).min(width) {
            let b = other[j];
            let mut least = last[j].saturating_add(change(*a, b));
            least = least.min(last[j + 1].min(row[j]).saturating_add(WHOLE));
            if i > 0 && j > 0 && *a == other[j - 1] && one[i - 1] == b {
                least = least.min(before[j - 1].saturating_add(WHOLE));
            }
            row[j + 1] = least;
            least_of_row = least_of_row.min(least);
        }
        if i64::from(least_of_row) > most + i64::from(WHOLE) {
            return FAR;
        }
        // The row before last makes room for the next.
        rows.rotate_left(1);
    }
    let apart = i64::from(rows[0][width]);
    if apart > most { FAR } else { apart }
}

/// What it takes to put one letter in place of another, for small letters.
static CHANGES: [[u8; 26]; 26] = changes();

const fn changes() -> [[u8; 26]; 26] {
    const RELATED: &[&[u8]] =
        &[b"ao", b"ei", b"ea", b"iu", b"ou", b"szjx", b"cqsx", b"ghk", b"vf", b"bp", b"dt", b"vb", b"vu", b"fp"];
    let mut changes = [[WHOLE; 26]; 26];
    let mut set = 0;
    while set < RELATED.len() {
        let letters = RELATED[set];
        let mut one = 0;
        while one < letters.len() {
            let mut other = 0;
            while other < letters.len() {
                changes[(letters[one] - b'a') as usize][(letters[other] - b'a') as usize] = 1;
                other += 1;
            }
            one += 1;
        }
        set += 1;
    }
    changes
}

fn change(one: u8, other: u8) -> u8 {
    if one == other {
        return 0;
    }
    let place = |letter: u8| usize::from(letter.wrapping_sub(b'a'));
    CHANGES.get(place(one)).and_then(|row| row.get(place(other))).copied().unwrap_or(WHOLE)
}

/// How well a name answers a query; nothing when it does not. The order of the words does not matter; what the query has
/// and the name contradicts costs much, what the name leaves out or has besides costs little.
pub fn score(query: &NameKeys, candidate: &NameKeys) -> Option<Match> {
    let likenesses: Vec<Vec<Likeness>> = candidate.tokens.iter().map(|token| likenesses(query, token)).collect();
    let words = candidate.tokens.iter().zip(&likenesses);
    let compared: Vec<Compared> = words.map(|(token, like)| Compared { role: token.role, like }).collect();
    score_compared(query, &compared)
}

/// How alike a word is to one that is asked for.
pub(super) type Likeness = Option<(i64, How)>;

/// A word of a name with its likeness to each of the words that are asked for.
pub(super) struct Compared<'a> {
    pub role: Role,
    pub like: &'a [Likeness],
}

/// The likeness of a word to each of those that are asked for.
pub(super) fn likenesses(query: &NameKeys, token: &Token) -> Vec<Likeness> {
    query.tokens.iter().map(|asked| likeness(asked, token)).collect()
}

/// The same as [`score`], of words that have been compared.
pub(super) fn score_compared(query: &NameKeys, candidate: &[Compared]) -> Option<Match> {
    let pairs = best_pairs(&query.tokens, candidate);
    let is_left = |n: usize| !pairs.iter().any(|p| p.is_some_and(|(c, ..)| c == n));
    let left = || candidate.iter().enumerate().filter(|(n, _)| is_left(*n)).map(|(_, word)| word.role);
    let names_left = left().filter(|role| matches!(role, Role::Name | Role::Initial)).count();
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
            Role::Patronymic => candidate.iter().any(|word| word.role == Role::Patronymic),
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
    let besides = |role: Role| match role {
        Role::Name => 2,
        Role::Patronymic | Role::Initial => 1,
        Role::Particle => 0,
    };
    let score = points / most.max(1) - left().map(besides).sum::<i64>().min(4);
    let score = if how == How::Exact { score } else { score.min(MOST_INEXACT) };
    (score >= LEAST).then(|| Match { score: u8::try_from(score.min(100)).unwrap_or(0), how })
}

/// How much a word says in a name.
pub(super) fn weight(token: &Token) -> i64 {
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
fn best_pairs(query: &[Token], candidate: &[Compared]) -> Vec<Pair> {
    let mut best: (i64, Vec<Pair>) = (-1, Vec::new());
    let mut chosen = Vec::with_capacity(query.len());
    let mut steps = 1000;
    search(query, candidate, 0, &mut chosen, (0, 0), &mut best, &mut steps);
    best.1
}

fn search(
    query: &[Token],
    candidate: &[Compared],
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
    let mut options: Vec<(i64, usize, How)> = candidate
        .iter()
        .enumerate()
        .filter(|(c, _)| taken & (1 << c) == 0)
        .filter_map(|(c, word)| word.like[depth].map(|(like, how)| (like, c, how)))
        .collect();
    options.sort_by(|a, b| (b.0, a.1).cmp(&(a.0, b.1)));
    for (like, c, how) in options {
        chosen.push(Some((c, like, how)));
        search(query, candidate, taken | (1 << c), chosen, (sum + weight(token) * like, depth + 1), best, steps);
        chosen.pop();
    }
    chosen.push(None);
    search(query, candidate, taken, chosen, (sum, depth + 1), best, steps);
    chosen.pop();
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{FAR, WHOLE, change, distance};

    /// The same without bounds: the whole table.
    fn plain_distance(one: &[u8], other: &[u8]) -> i64 {
        let whole = i64::from(WHOLE);
        let mut table = vec![vec![0; other.len() + 1]; one.len() + 1];
        for i in 0..=one.len() {
            for j in 0..=other.len() {
                let mut least = if i == 0 && j == 0 { 0 } else { i64::MAX };
                if i > 0 {
                    least = least.min(table[i - 1][j] + whole);
                }
                if j > 0 {
                    least = least.min(table[i][j - 1] + whole);
                }
                if i > 0 && j > 0 {
                    least = least.min(table[i - 1][j - 1] + i64::from(change(one[i - 1], other[j - 1])));
                }
                if i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1] {
                    least = least.min(table[i - 2][j - 2] + whole);
                }
                table[i][j] = least;
            }
        }
        table[one.len()][other.len()]
    }

    proptest! {
        #[test]
        fn distances_are_those_of_the_whole_table(one in "[a-eo-vx]{0,12}", other in "[a-eo-vx]{0,12}", most in 0_i64..30) {
            let apart = plain_distance(one.as_bytes(), other.as_bytes());
            let expected = if apart > most { FAR } else { apart };
            prop_assert_eq!(distance(one.as_bytes(), other.as_bytes(), most), expected);
        }

        #[test]
        fn near_words_are_told_apart_as_in_the_whole_table(word in "[a-z]{3,12}", at in 0_usize..12, letter in "[a-z]") {
            let mut other = word.clone();
            other.insert_str(at.min(word.len()), &letter);
            let apart = plain_distance(word.as_bytes(), other.as_bytes());
            prop_assert_eq!(distance(word.as_bytes(), other.as_bytes(), 4), apart);
        }
    }
}
