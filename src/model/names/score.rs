//! How well a name answers a query.

use super::{
    NameKeys, Role, Token,
    distance::{SLIP, distance, is_slip},
};

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
    if best.is_none_or(|(like, _)| like < ONE_LETTER) && is_slip(&one.folded, &other.folded) {
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

/// A word without the vowels at its end, by which women's names differ from men's.
fn stem(sounds: &str) -> &str {
    sounds.trim_end_matches(['a', 'e', 'i', 'o', 'u'])
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
