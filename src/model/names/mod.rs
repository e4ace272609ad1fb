//! Names across alphabets, romanisations and spellings: one function, [`keys`], makes the keys of the names that are
//! indexed and of those that are asked for; [`score`] compares two of them.

mod fold;
mod index;
mod phonetic;
mod score;
mod skeleton;
mod tables;
#[cfg(test)]
mod tests;

pub use fold::fold_words;
pub use index::{Lookup, WordRow, nearest};
pub use phonetic::daitch_mokotoff;
pub use score::{How, MOST_INEXACT, Match, likeness, score};
pub use skeleton::Reading;

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

impl Token {
    fn of(written: &fold::Written) -> Self {
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
        let is_common = COMMON.contains(&readings.first().map_or("", |r| &r.skeleton));
        Self { folded, readings, phonetic, first_sounds, role, is_common }
    }

    /// The skeleton of the likeliest reading.
    pub fn skeleton(&self) -> &str {
        self.readings.first().map_or("", |r| &r.skeleton)
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
    for written in fold::written(name).take(MOST_WORDS) {
        let token = Token::of(&written);
        let is_known = |t: &Token| t.folded == token.folded && t.role != Role::Initial;
        if !token.folded.is_empty() && !tokens.iter().any(is_known) {
            tokens.push(token);
        }
    }
    mark_patronymic(&mut tokens);
    NameKeys { tokens }
}

/// Family names end like patronymics too, so only a word behind another is one, and a man's only among three.
fn mark_patronymic(tokens: &mut [Token]) {
    let words = tokens.iter().filter(|t| t.role != Role::Particle).count();
    let is_one = |(at, token): &(usize, &mut Token)| {
        *at > 0
            && token.role == Role::Name
            && token.ends_like_a_patronymic()
            && (words > 2 || token.skeleton().ends_with("vn"))
    };
    if let Some((_, token)) = tokens.iter_mut().enumerate().find(is_one) {
        token.role = Role::Patronymic;
    }
}
