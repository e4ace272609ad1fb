//! Folding: the form in which words of one script are compared.

use indexmap::IndexSet;
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Longest word that is looked at, in letters: a bound on the work, far beyond any name.
const LONGEST: usize = 40;

/// Latin letters and the Cyrillic ones that look the same.
const LOOKALIKES: &[(char, char)] = &[
    ('A', 'А'),
    ('B', 'В'),
    ('C', 'С'),
    ('E', 'Е'),
    ('H', 'Н'),
    ('I', 'І'),
    ('J', 'Ј'),
    ('K', 'К'),
    ('M', 'М'),
    ('O', 'О'),
    ('P', 'Р'),
    ('S', 'Ѕ'),
    ('T', 'Т'),
    ('X', 'Х'),
    ('Y', 'У'),
    ('a', 'а'),
    ('c', 'с'),
    ('e', 'е'),
    ('i', 'і'),
    ('j', 'ј'),
    ('k', 'к'),
    ('m', 'м'),
    ('o', 'о'),
    ('p', 'р'),
    ('s', 'ѕ'),
    ('t', 'т'),
    ('x', 'х'),
    ('y', 'у'),
    ('ë', 'ё'),
    ('Ë', 'Ё'),
    ('ï', 'ї'),
];

/// A word of a name as it was written: small letters of one alphabet, with their diacritics.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Written {
    pub letters: String,
    /// A full stop follows, as after an initial.
    pub is_shortened: bool,
}

/// The words of a text in the form they are compared in: small letters, no diacritics or stress marks, ё as е, й as и,
/// letters abolished in 1918 as their successors, no hard sign at the end of a word, letters of one alphabet only.
/// Repeated words once.
pub fn fold_words(text: &str) -> Vec<String> {
    let mut words: IndexSet<String> = IndexSet::new();
    for word in text.split(|c: char| !c.is_alphanumeric() && !is_combining_mark(c)) {
        let word = fold(&one_alphabet(word).to_lowercase());
        let parts = word.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty());
        words.extend(parts.map(str::to_owned));
    }
    words.into_iter().collect()
}

/// The words of a name as they stand in it, with the full stop that follows one. An apostrophe stands for a soft sign and
/// divides nothing.
pub(super) fn words_of(name: &str) -> impl Iterator<Item = &str> {
    // The letters that most names are made of need no table.
    let is_usual = |c: char| matches!(c, 'а'..='я' | 'А'..='Я' | 'a'..='z' | 'A'..='Z');
    let is_letter = move |c: char| is_usual(c) || c.is_alphanumeric() || is_combining_mark(c) || is_apostrophe(c);
    let mut rest = name;
    std::iter::from_fn(move || {
        let start = rest.find(is_letter)?;
        let after = &rest[start..];
        let end = after.find(|c| !is_letter(c)).unwrap_or(after.len());
        let end = if after[end..].starts_with('.') { end + 1 } else { end };
        let (word, left) = after.split_at(end);
        rest = left;
        Some(word)
    })
}

impl Written {
    /// A word as it stands in a name; nothing where it has neither letters nor digits.
    pub fn of(word: &str) -> Option<Self> {
        let is_shortened = word.ends_with('.');
        let plain: String = word.nfc().filter(|c| *c != '.' && !is_apostrophe(*c)).take(LONGEST).collect();
        let letters = one_alphabet(&plain).to_lowercase();
        letters.contains(char::is_alphanumeric).then_some(Self { letters, is_shortened })
    }
}

pub(super) fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '’' | '‘' | 'ʹ' | 'ʺ' | 'ʼ' | 'ʻ' | 'ʿ' | 'ʾ' | '′' | '″' | '`' | '´')
}

/// A small-lettered word without what is lost in folding.
pub(super) fn fold(word: &str) -> String {
    let mut folded = String::with_capacity(word.len());
    for c in word.nfkd().filter(|c| !is_combining_mark(*c)) {
        match successor(c) {
            'ß' => folded.push_str("ss"),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            other => folded.push(other),
        }
    }
    if folded.ends_with('ъ') {
        folded.pop();
    }
    folded
}

/// The letter that took the place of one abolished by the reform of 1918, and plain letters for strokes that Unicode
/// does not decompose.
fn successor(c: char) -> char {
    match c {
        'ѣ' => 'е',
        'і' | 'ѵ' => 'и',
        'ѳ' => 'ф',
        'ł' => 'l',
        'đ' => 'd',
        'ø' => 'o',
        'ı' => 'i',
        other => other,
    }
}

pub(super) fn is_cyrillic(c: char) -> bool {
    matches!(c, '\u{400}'..='\u{52f}')
}

pub(super) fn is_latin(c: char) -> bool {
    c.is_alphabetic() && matches!(c, 'A'..='Z' | 'a'..='z' | '\u{c0}'..='\u{24f}' | '\u{259}' | '\u{1e00}'..='\u{1eff}')
}

/// A word whose letters are of two alphabets in the one that most of them are of, as far as its letters have a double
/// there: `Hиколай` with a Latin H becomes Cyrillic throughout.
fn one_alphabet(word: &str) -> std::borrow::Cow<'_, str> {
    let latin = word.chars().filter(|c| is_latin(*c)).count();
    let cyrillic = word.chars().filter(|c| is_cyrillic(*c)).count();
    if latin == 0 || cyrillic == 0 {
        return word.into();
    }
    let has_double = |c: char, latin: bool| {
        let (is, other): (fn(char) -> bool, _) = if latin { (is_latin, 0) } else { (is_cyrillic, 1) };
        !is(c) || LOOKALIKES.iter().any(|pair| [pair.0, pair.1][other] == c)
    };
    // In a tie, the alphabet into which all can be brought.
    let to_cyrillic = cyrillic > latin || (cyrillic == latin && word.chars().all(|c| has_double(c, true)));
    let double = |c: char| {
        let (latin, cyrillic) = LOOKALIKES.iter().find(|(l, k)| c == if to_cyrillic { *l } else { *k })?;
        Some(if to_cyrillic { *cyrillic } else { *latin })
    };
    word.chars().map(|c| double(c).unwrap_or(c)).collect::<String>().into()
}
