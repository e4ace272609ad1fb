//! Letters of two alphabets in one word: `Hиколай` with a Latin H, which no search finds.

use serde_json::Value;
use unicode_normalization::char::is_combining_mark;

use super::{CheckCode, Findings, Subject};

/// Fields that hold no words but ciphers, numbers and addresses.
const NOT_WORDS: &[&str] = &[
    "article",
    "delo",
    "doi",
    "external_ids",
    "fond",
    "gazetteer_id",
    "id",
    "isbn",
    "issn",
    "issue",
    "item",
    "locator",
    "norm",
    "number",
    "old_cipher",
    "opis",
    "page",
    "pages",
    "parts",
    "prisoner_number",
    "session",
    "url",
    "archived_url",
    "volume",
];

/// Ends of paths where a text is an archive reference.
const REFERENCES: &[&str] = &["archive.text", "archive_references.text", "file.text"];

/// Words named in one finding.
const WORDS_SHOWN: usize = 3;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Script {
    Latin,
    Cyrillic,
    Other,
}

pub(super) fn script(c: char) -> Option<Script> {
    match c {
        'A'..='Z' | 'a'..='z' | '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}' => {
            c.is_alphabetic().then_some(Script::Latin)
        }
        '\u{400}'..='\u{52f}' => c.is_alphabetic().then_some(Script::Cyrillic),
        other => other.is_alphabetic().then_some(Script::Other),
    }
}

pub(super) fn check(subject: &Subject, findings: &mut Findings) {
    for node in subject.current() {
        let Value::String(text) = node.value else { continue };
        if NOT_WORDS.contains(&node.name()) || REFERENCES.iter().any(|end| node.path.ends_with(end)) {
            continue;
        }
        let mixed: Vec<String> = mixed_words(text).take(WORDS_SHOWN).collect();
        if !mixed.is_empty() {
            let detail = format!("Letters of two alphabets in one word: {}.", mixed.join("; "));
            findings.add(CheckCode::MixedScript, node.pointer.clone(), detail);
        }
    }
}

/// The mixed words of a text, each with its foreign letters.
fn mixed_words(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_alphanumeric() && !is_combining_mark(c)).filter_map(foreign_letters)
}

fn foreign_letters(word: &str) -> Option<String> {
    let of = |wanted| word.chars().filter(|c| script(*c) == Some(wanted)).collect::<Vec<char>>();
    let (latin, cyrillic) = (of(Script::Latin), of(Script::Cyrillic));
    if latin.is_empty() || cyrillic.is_empty() || is_ordinal(word) {
        return None;
    }
    let (mut letters, name) = if latin.len() <= cyrillic.len() { (latin, "Latin") } else { (cyrillic, "Cyrillic") };
    letters.dedup();
    let letters: String = letters.into_iter().map(|c| c.to_string()).collect::<Vec<_>>().join(", ");
    Some(format!("“{}” with {name} {letters}", super::walk::shortened(word)))
}

/// A Roman numeral with its ending: `XIXв`, `IIй`. A lone letter that looks like a Cyrillic one is no numeral.
fn is_ordinal(word: &str) -> bool {
    let numeral = word.chars().take_while(|c| "IVXLCDM".contains(*c)).count();
    let ending: Vec<char> = word.chars().skip(numeral).collect();
    let is_numeral = numeral > 1 || word.starts_with(['I', 'V', 'L', 'D']);
    is_numeral && ending.len() <= 3 && ending.iter().all(|c| script(*c) == Some(Script::Cyrillic) && c.is_lowercase())
}
