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

/// Places where the chart leaves open what is a vowel, with what is coded instead: a `Y` between vowels sounds, and a `J`
/// behind one is either a vowel or a sibilant.
const REWRITTEN: &[(&str, &[&str])] = &[("uey", &["uye"]), ("yj", &["ya", "yz"])];

/// All Daitch–Mokotoff codes of a word in Latin letters, sorted, none twice.
pub fn daitch_mokotoff(word: &str) -> Vec<String> {
    // A doubled letter is one sound; only CC may be two.
    let mut letters: Vec<char> = word.chars().filter(|c| c.is_alphabetic()).flat_map(char::to_lowercase).collect();
    letters.dedup_by(|a, b| a == b && *a != 'c');
    let mut words = vec![letters.into_iter().collect::<String>()];
    for (spelling, others) in REWRITTEN {
        words = words
            .into_iter()
            .flat_map(|w| match w.contains(spelling) {
                true => others.iter().map(|other| w.replacen(spelling, other, 1)).collect(),
                false => vec![w],
            })
            .collect();
    }
    let coded = |word: &String| CODER.as_ref().map(|coder| coder.inner_soundex(word, true)).unwrap_or_default();
    let mut codes: Vec<String> = words.iter().flat_map(coded).collect();
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
