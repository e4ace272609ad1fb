//! The skeleton: what remains of a word when the differences between its romanisations are taken away.

use unicode_normalization::UnicodeNormalization;

use super::{
    fold::{is_cyrillic, is_latin},
    tables::{ADDED_ENDINGS, BY_LANGUAGE, CENTRAL, CYRILLIC, FRENCH, LATIN},
};

/// Most ways in which one word is read.
const MOST_READINGS: usize = 6;

/// One way to read a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// Its sounds, one letter each.
    pub sounds: String,
    /// The sounds with the alike ones made the same, without the ending that tells men from women.
    pub skeleton: String,
}

/// The ways to read a small-lettered word of one alphabet, the likeliest first, no two with the same skeleton.
pub(super) fn readings(word: &str) -> Vec<Reading> {
    let is_foreign = !word.contains(is_cyrillic);
    let all = if is_foreign { latin(word) } else { vec![cyrillic(word)] };
    let mut readings: Vec<Reading> = Vec::with_capacity(all.len());
    for raw in all {
        let sounds = settled(&raw);
        let skeleton = skeleton(&sounds, is_foreign);
        if !readings.iter().any(|r| r.skeleton == skeleton && r.sounds == sounds) {
            readings.push(Reading { sounds, skeleton });
        }
    }
    readings
}

fn cyrillic(word: &str) -> String {
    let mut sounds = String::with_capacity(word.len());
    let mut rest = word;
    while let Some(first) = rest.chars().next() {
        let found = CYRILLIC.iter().find(|(letters, _)| rest.starts_with(letters));
        let length = match found {
            Some((letters, sound)) => {
                sounds.push_str(sound);
                letters.len()
            }
            None => {
                // An accent that remains is nothing to read; any other letter stands for itself.
                if first.is_alphanumeric() {
                    sounds.push(first);
                }
                first.len_utf8()
            }
        };
        rest = &rest[length..];
    }
    sounds
}

fn latin(word: &str) -> Vec<String> {
    let language = match () {
        () if has_mark(word, CENTRAL) => 1,
        () if has_mark(word, FRENCH) => 2,
        () => 0,
    };
    let mut partial = vec![String::with_capacity(word.len())];
    let mut at = 0;
    while let Some(first) = word[at..].chars().next() {
        let (length, sounds) = spelling(word, at, language);
        if sounds.is_empty() {
            let base = first.nfkd().next().filter(|c| c.is_alphanumeric());
            for p in &mut partial {
                p.extend(base);
            }
            at += first.len_utf8();
            continue;
        }
        let before = partial.len();
        let more = sounds[1..].iter().flat_map(|s| partial.iter().map(move |p| format!("{p}{s}")));
        let more: Vec<String> = more.take(MOST_READINGS.saturating_sub(before)).collect();
        for p in &mut partial {
            p.push_str(sounds[0]);
        }
        partial.extend(more);
        at += length;
    }
    partial
}

fn has_mark(word: &str, marks: &[&str]) -> bool {
    marks.iter().any(|mark| mark.strip_suffix('$').map_or_else(|| word.contains(mark), |end| word.ends_with(end)))
}

/// The spelling at a place of a word: its length and the sounds it may stand for.
fn spelling(word: &str, at: usize, language: usize) -> (usize, &'static [&'static str]) {
    let rest = &word[at..];
    let mut best: (usize, &'static [&'static str]) = (0, &[]);
    for (pattern, sounds) in LATIN {
        let (letters, is_first) = pattern.strip_prefix('^').map_or((*pattern, false), |p| (p, true));
        let (letters, is_last) = letters.strip_suffix('$').map_or((letters, false), |p| (p, true));
        let fits = rest.starts_with(letters) && (!is_first || at == 0) && (!is_last || rest == letters);
        if fits && (letters.len() > best.0 || (letters.len() == best.0 && (is_first || is_last))) {
            best = (letters.len(), sounds);
        }
    }
    for (letters, sounds) in BY_LANGUAGE {
        if letters.len() > best.0 && rest.starts_with(letters) {
            best = (letters.len(), sounds[language]);
        }
    }
    let is_vowel_at = |c: Option<char>| c.is_some_and(|c| "aeiouyáéíóúýàèëïöüäāēīūěėęąıə".contains(c));
    let after = |n: usize| rest.chars().nth(n);
    let before = word[..at].chars().next_back();
    match (rest.chars().next(), best.0) {
        // Before a front vowel and in the ending -ic, c is ц everywhere.
        (Some('c'), 1) => match after(1) {
            Some('e' | 'i' | 'y' | 'ě' | 'é' | 'í') => (1, &["c"]),
            None if before == Some('i') => (1, &["c", "k"]),
            _ => best,
        },
        (Some('h'), 1) if is_vowel_at(before) && !is_vowel_at(after(1)) => (1, &["h", ""]),
        (Some('y' | 'ý'), _) if best.0 <= 1 => {
            let length = rest.chars().next().map_or(1, char::len_utf8);
            let is_glide = is_vowel_at(after(1)) || (at > 0 && is_vowel_at(before));
            (length, if is_glide { &["y"] } else { &["i"] })
        }
        _ => best,
    }
}

fn is_vowel(c: u8) -> bool {
    matches!(c, b'a' | b'e' | b'i' | b'o' | b'u')
}

/// Sounds with the glides resolved: before a vowel they are not heard, and `yo` is `e`, as Russian writes it; after one
/// they are `i`. Doubled sounds once.
fn settled(raw: &str) -> String {
    if !raw.is_ascii() {
        return raw.to_owned();
    }
    let raw = raw.as_bytes();
    let mut sounds: Vec<u8> = Vec::with_capacity(raw.len());
    let mut i = 0;
    while let Some(&c) = raw.get(i) {
        let mut sound = c;
        if matches!(c, b'i' | b'y') {
            let run = raw[i..].iter().take_while(|c| matches!(c, b'i' | b'y')).count();
            let next = raw.get(i + run).copied();
            if let Some(vowel) = next.filter(|n| is_vowel(*n)) {
                sound = if vowel == b'o' { b'e' } else { vowel };
                i += run + 1;
            } else {
                let is_heard = raw[i..i + run].contains(&b'i') || sounds.last().is_some_and(|s| is_vowel(*s));
                i += run;
                if !is_heard {
                    continue;
                }
                sound = b'i';
            }
        } else {
            i += 1;
        }
        if sound == b'o' && sounds.last().is_some_and(|s| matches!(s, b'j' | b'x' | b'q' | b'c')) {
            sound = b'e';
        }
        if sounds.last() != Some(&sound) {
            sounds.push(sound);
        }
    }
    String::from_utf8(sounds).unwrap_or_default()
}

fn skeleton(sounds: &str, is_foreign: bool) -> String {
    if !sounds.is_ascii() {
        return sounds.to_owned();
    }
    let mut text = sounds.to_owned();
    if is_foreign && let Some((ending, rest)) = ADDED_ENDINGS.iter().find(|(e, _)| text.ends_with(e)) {
        // What is too short is a name of its own: Hans, Denis.
        if text.len() >= ending.len() + 2 && text.len() > 4 {
            text.truncate(text.len() - ending.len());
            text.push_str(rest);
        }
    }
    let mut bones: Vec<u8> = Vec::with_capacity(text.len());
    for c in text.bytes() {
        let bone = match c {
            b's' | b'z' | b'j' | b'x' => b's',
            b'c' | b'q' => b'c',
            b'g' | b'h' => b'h',
            b'o' if matches!(bones.last(), Some(b's' | b'c')) => b'e',
            other => other,
        };
        if bones.last() != Some(&bone) {
            bones.push(bone);
        }
    }
    if matches!(bones[..], [.., b'o' | b'e', b'f']) {
        bones.pop();
        bones.push(b'v');
    }
    while bones.len() > 3 && bones.last().is_some_and(|c| is_vowel(*c)) {
        bones.pop();
    }
    String::from_utf8(bones).unwrap_or_default()
}

/// The sounds with which a word may begin, as skeletons have them: what an initial is compared by.
pub(super) fn first_sounds(word: &str, readings: &[Reading]) -> Vec<char> {
    let mut firsts: Vec<char> = Vec::new();
    let mut add = |c: Option<char>| {
        if let Some(c) = c.map(|c| match c {
            'z' | 'j' | 'x' => 's',
            'q' => 'c',
            'g' => 'h',
            other => other,
        }) && !firsts.contains(&c)
        {
            firsts.push(c);
        }
    };
    for reading in readings {
        add(reading.skeleton.chars().next());
    }
    // И. is Иосиф and Илья: a vowel that the skeleton drops is one to begin with all the same.
    let first = word.chars().next();
    if word.chars().count() > 1 {
        add(match first {
            Some('и' | 'і' | 'i') => Some('i'),
            _ => None,
        });
    } else if matches!(first, Some('j' | 'y')) {
        for vowel in ['e', 'a', 'u', 'i'] {
            add(Some(vowel));
        }
    }
    firsts
}

/// Whether the word has letters whose sounds the tables know.
pub(super) fn is_readable(word: &str) -> bool {
    word.contains(|c| is_cyrillic(c) || is_latin(c))
}

/// The sounds as an English romanisation, for phonetic codes.
pub(super) fn romanised(sounds: &str) -> String {
    let mut text = String::with_capacity(sounds.len() + 4);
    for c in sounds.chars() {
        match c {
            'j' => text.push_str("zh"),
            'x' => text.push_str("sh"),
            'q' => text.push_str("tch"),
            'c' => text.push_str("ts"),
            'h' => text.push_str("kh"),
            other => text.push(other),
        }
    }
    text
}
