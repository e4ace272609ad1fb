//! Full text: how texts are cut into words and words into stems. Both databases store the words that are made here and
//! make none of their own, so that they find the same.

mod document;
mod query;
mod snippet;
#[cfg(test)]
mod tests;
mod texts;

use std::sync::LazyLock;

use rust_stemmers::{Algorithm, Stemmer};
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use super::names::fold_words;

pub use document::{Document, SearchKeys, document, field_word, has_field, name_query, search_keys, suggestion_forms};
pub use query::{Asked, Matching, Term, Tier, asked, content_mark};
pub use snippet::{Snippet, Snippets, escaped};

/// The version of the rules of this room. One more when stored words would come out otherwise: archives are then
/// brought up to date at the next start.
pub const VERSION: u32 = 3;

/// Longest word that is told apart, in letters.
const LONGEST: usize = 64;

/// A word of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// As names are folded: one alphabet, small letters, ё as е, letters of before 1918 as their successors.
    pub folded: String,
    /// The folded word without its endings.
    pub stem: String,
    /// Where it stands, in bytes.
    pub start: usize,
    pub end: usize,
}

static RUSSIAN: LazyLock<Stemmer> = LazyLock::new(|| Stemmer::create(Algorithm::Russian));
static ENGLISH: LazyLock<Stemmer> = LazyLock::new(|| Stemmer::create(Algorithm::English));

/// Stands for й while a word is folded: folding makes и of it, by which the stemmer would not know its endings.
const SHORT_I: char = 'ҋ';

/// The words of a text in their order.
pub fn words(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    each_piece(text, |start, piece| push_words(&mut words, start, piece));
    words
}

/// Calls with every run of letters and digits, and where it begins.
fn each_piece(text: &str, mut visit: impl FnMut(usize, &str)) {
    let is_letter = |c: char| c.is_alphanumeric() || is_combining_mark(c);
    let mut start = None;
    for (at, c) in text.char_indices() {
        match (is_letter(c), start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                visit(from, &text[from..at]);
                start = None;
            }
            _ => {}
        }
    }
    if let Some(from) = start {
        visit(from, &text[from..]);
    }
}

fn push_words(words: &mut Vec<Word>, start: usize, piece: &str) {
    let end = start + piece.len();
    let marked: String = piece.nfc().take(LONGEST).map(|c| if matches!(c, 'й' | 'Й') { SHORT_I } else { c }).collect();
    for word in fold_words(&marked) {
        let stem = stem(&word.replace(SHORT_I, "й"));
        let folded: String = word.replace(SHORT_I, "и").chars().take(LONGEST).collect();
        words.push(Word { folded, stem: stem.chars().take(LONGEST).collect(), start, end });
    }
}

/// A word without its endings: Cyrillic ones by the rules of Russian, Latin ones by those of English.
fn stem(word: &str) -> String {
    if word.chars().all(|c| matches!(c, 'а'..='я')) {
        // Once is not enough: Ежов would lose its -ов as documents do, and Ежова would not; архив its -ив as gerunds do.
        let mut stem = word.to_owned();
        loop {
            let shorter = RUSSIAN.stem(&stem).into_owned();
            if shorter.len() >= stem.len() {
                return stem;
            }
            stem = shorter;
        }
    } else if word.bytes().all(|b| b.is_ascii_lowercase()) {
        ENGLISH.stem(word).into_owned()
    } else {
        word.to_owned()
    }
}
