//! Names across alphabets, romanisations and spellings: one function, [`keys`], makes the keys of the names that are
//! indexed and of those that are asked for; [`score`] compares two of them.

mod distance;
mod fold;
mod index;
mod phonetic;
mod score;
mod search;
mod skeleton;
mod tables;
#[cfg(test)]
mod tests;

use std::{collections::HashSet, sync::LazyLock};

pub use fold::fold_words;
pub use index::{Lookup, WordRow};
pub use phonetic::daitch_mokotoff;
pub use score::{How, MOST_INEXACT, Match, likeness, score};
pub use search::{NameHit, NameIndex, search};
pub use skeleton::Reading;

use fold::Written;
use tables::{COMMON, PARTICLES};

/// Most words of a name that are looked at: a bound on the work, beyond any name.
pub const MOST_WORDS: usize = 10;

/// What a word is in its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A family or given name.
    Name,
    /// `Иванович`, behind another word.
    Patronymic,
    /// A single letter, or a shortened beginning: `Н.`, `Ю.`, `Yu.`
    Initial,
    /// `фон`, `де`, `оглы`.
    Particle,
}

/// One word of a name with its keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// In one alphabet, without case, diacritics and abolished letters.
    pub folded: String,
    /// The ways to read it, the likeliest first: one where it is Cyrillic, up to six where it is Latin. Never empty.
    pub readings: Vec<Reading>,
    /// Daitch–Mokotoff codes, four at most.
    pub phonetic: Vec<String>,
    /// The sounds it may begin with, for initials.
    pub first_sounds: Vec<char>,
    pub role: Role,
    /// One of the few dozen given names that most people share.
    pub is_common: bool,
}

/// The skeletons of the names that most people share.
static COMMON_SKELETONS: LazyLock<HashSet<String>> = LazyLock::new(|| {
    let written = COMMON.iter().filter_map(|name| Written::of(name));
    written.filter_map(|name| skeleton::readings(&name.letters).into_iter().next()).map(|r| r.skeleton).collect()
});

impl Token {
    /// The keys of a word as it stands in a name, with the full stop that follows it; nothing where there is none to read.
    pub fn read(word: &str) -> Option<Self> {
        Some(Self::of(&Written::of(word)?)).filter(|token| !token.folded.is_empty())
    }

    fn of(written: &Written) -> Self {
        let word = written.letters.as_str();
        let letters = word.chars().count();
        let folded = fold::fold(word);
        let is_initial = letters == 1 && word.contains(char::is_alphabetic)
            || written.is_shortened && letters <= 3 && is_one_sound(word);
        let role = match () {
            () if is_initial => Role::Initial,
            () if PARTICLES.contains(&folded.as_str()) => Role::Particle,
            () => Role::Name,
        };
        let readings = skeleton::readings(word);
        let phonetic = match role {
            Role::Name if skeleton::is_readable(word) => phonetic::codes(word, &readings),
            _ => Vec::new(),
        };
        let first_sounds = skeleton::first_sounds(word, &readings);
        let is_common = readings.first().is_some_and(|r| COMMON_SKELETONS.contains(&r.skeleton));
        Self { folded, readings, phonetic, first_sounds, role, is_common }
    }

    /// The skeleton of the likeliest reading.
    pub fn skeleton(&self) -> &str {
        self.readings.first().map_or("", |r| &r.skeleton)
    }

    /// Whether it is a key of its own, neither an initial nor a particle.
    fn is_word(&self) -> bool {
        matches!(self.role, Role::Name | Role::Patronymic)
    }

    /// Whether it says no more than another word of the same name.
    fn repeats(&self, other: &Self) -> bool {
        self.folded == other.folded && other.role != Role::Initial
    }

    fn ends_like_a_patronymic(&self) -> bool {
        ["ovic", "evic", "ovn", "evn", "icn"].iter().any(|end| self.skeleton().ends_with(end))
            || ["ilic", "lukic", "kusmic", "femic", "nikitic"].contains(&self.skeleton())
    }
}

/// `Yu`, `Ja`, `Ch`, `Дж`: letters that a single Cyrillic letter, or a single sound, stands for.
fn is_one_sound(word: &str) -> bool {
    const SOUNDS: &[&str] = &[
        "ya", "yu", "ye", "yo", "ja", "ju", "je", "jo", "ia", "iu", "ie", "io", "zh", "kh", "ts", "ch", "sh", "sch",
        "dz", "cz", "sz", "дж", "дз", "йо",
    ];
    SOUNDS.contains(&word)
}

/// The keys of a name: of one that is indexed as of one that is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NameKeys {
    pub tokens: Vec<Token>,
}

/// The keys of a name, its words in any order: `Ежов Николай Иванович`, `Н. И. Ежов`, `Nikolai Yezhov`.
pub fn keys(name: &str) -> NameKeys {
    let mut tokens: Vec<Token> = Vec::new();
    for token in fold::words_of(name).filter_map(Token::read).take(MOST_WORDS) {
        if !tokens.iter().any(|known| token.repeats(known)) {
            tokens.push(token);
        }
    }
    let patronymic = patronymic(tokens.iter());
    if let Some(token) = patronymic.and_then(|place| tokens.get_mut(place)) {
        token.role = Role::Patronymic;
    }
    NameKeys { tokens }
}

/// Which of the words of a name is the patronymic. Family names end like patronymics too, so only a word behind another
/// is one, and a man's only among three.
fn patronymic<'a>(tokens: impl Iterator<Item = &'a Token> + Clone) -> Option<usize> {
    let words = tokens.clone().filter(|t| t.role != Role::Particle).count();
    let is_one = |(at, token): (usize, &Token)| {
        at > 0
            && token.role == Role::Name
            && token.ends_like_a_patronymic()
            && (words > 2 || token.skeleton().ends_with("vn"))
    };
    tokens.enumerate().position(is_one)
}
