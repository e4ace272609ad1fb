//! Daitch–Mokotoff codes.

use std::sync::LazyLock;

use rphonetic::{DaitchMokotoffSoundex, DaitchMokotoffSoundexBuilder};

use super::{
    fold::{fold, is_latin},
    skeleton::{Reading, romanised},
};

/// Most codes kept of a word.
const MOST_CODES: usize = 4;

/// Longest text that is coded: the codes have six digits, which this many letters always fill.
const LETTERS_CODED: usize = 16;

static CODER: LazyLock<Option<DaitchMokotoffSoundex>> =
    LazyLock::new(|| DaitchMokotoffSoundexBuilder::default().build().ok());

/// All Daitch–Mokotoff codes of a word in Latin letters, sorted, none twice.
pub fn daitch_mokotoff(word: &str) -> Vec<String> {
    let mut codes = CODER.as_ref().map(|coder| coder.inner_soundex(word, true)).unwrap_or_default();
    codes.sort();
    codes.dedup();
    codes
}

/// The codes of a small-lettered word: of its romanisation, and of its own letters where they are Latin.
pub(super) fn codes(word: &str, readings: &[Reading]) -> Vec<String> {
    let Some(reading) = readings.first() else { return Vec::new() };
    let mut codes = Vec::new();
    let mut add = |text: &str| {
        let text: String = text.chars().take(LETTERS_CODED).collect();
        for code in daitch_mokotoff(&text) {
            if codes.len() < MOST_CODES && !codes.contains(&code) {
                codes.push(code);
            }
        }
    };
    add(&romanised(&reading.sounds));
    if word.chars().all(is_latin) {
        add(&fold(word));
    }
    codes.retain(|code| code != "000000");
    codes
}
