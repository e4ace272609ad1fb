//! The piece of an entry that shows why it was found.

use serde_json::Value;

use super::{Asked, Word, document::texts, each_piece, words};

/// Letters before the first word that was found, and in all.
const BEFORE: usize = 60;
const LENGTH: usize = 200;

/// Where words were found, and the text around them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snippet {
    /// The top-level field of the body.
    pub field: String,
    /// HTML: what was found stands in `<mark>`, all else is escaped.
    pub html: String,
}

/// The text of a body that has most of what was asked for, and the first among equals.
pub fn snippet(body: &Value, asked: &Asked) -> Option<Snippet> {
    let texts = texts(body);
    // Most texts need no closer look: none of their words begins like one that was asked for.
    let beginnings = asked.beginnings();
    let quick = |text: &str| {
        let mut is_near = false;
        each_piece(text, |_, piece| is_near |= !is_near && beginnings.iter().any(|beginning| begins(piece, beginning)));
        is_near
    };
    let mut best: Option<(usize, &str, &str, Vec<Word>)> = None;
    for text in texts.iter().filter(|t| quick(t.text)) {
        let found: Vec<Word> = words(text.text).into_iter().filter(|w| asked.has(w)).collect();
        let mut stems: Vec<&str> = found.iter().map(|w| w.stem.as_str()).collect();
        stems.sort_unstable();
        stems.dedup();
        let different = stems.len();
        if different > best.as_ref().map_or(0, |(most, ..)| *most) {
            best = Some((different, text.field, text.text, found));
        }
        if different >= asked.len() {
            break;
        }
    }
    let (_, field, text, found) = best?;
    Some(Snippet { field: field.to_owned(), html: cut(text, &found) })
}

fn cut(text: &str, found: &[Word]) -> String {
    let first = found.first().map_or(0, |w| w.start);
    let from = text[..first].char_indices().rev().nth(BEFORE).map_or(0, |(at, _)| at);
    // Not in the middle of a word.
    let from = if from == 0 { 0 } else { text[from..first].find(char::is_whitespace).map_or(first, |n| from + n + 1) };
    let to = text[from..].char_indices().nth(LENGTH).map_or(text.len(), |(at, _)| from + at);
    let mut html = String::from(if from > 0 { "…" } else { "" });
    let mut at = from;
    for word in found.iter().filter(|w| w.start >= from && w.end <= to) {
        // A piece that folds into several words stands there once.
        if word.start < at {
            continue;
        }
        escape(&text[at..word.start], &mut html);
        html.push_str("<mark>");
        escape(&text[word.start..word.end], &mut html);
        html.push_str("</mark>");
        at = word.end;
    }
    escape(&text[at..to], &mut html);
    html.push_str(if to < text.len() { "…" } else { "" });
    html
}

/// A text as HTML.
pub fn escaped(text: &str) -> String {
    let mut html = String::new();
    escape(text, &mut html);
    html
}

fn escape(text: &str, html: &mut String) {
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            c if c.is_control() => html.push(' '),
            c => html.push(c),
        }
    }
}

/// Letters that are looked at to see whether a word may be meant.
const LOOKED_AT: usize = 3;

/// The letters that a word may begin with, place by place, as they may be written.
type Beginning = Vec<Vec<char>>;

/// Whether a word as it is written may be one that begins so; letters that may fold into several leave it open.
fn begins(piece: &str, beginning: &Beginning) -> bool {
    let mut written = piece.chars().flat_map(char::to_lowercase);
    for letters in beginning {
        match written.next() {
            Some(c) if letters.contains(&c) => {}
            // Behind such a letter the places are no longer the same.
            Some(c) => return !(c.is_ascii() || ('а'..='ё').contains(&c)),
            None => return false,
        }
    }
    true
}

impl Asked {
    /// What its words may begin with.
    fn beginnings(&self) -> Vec<Beginning> {
        use super::Term;
        let stems = self.terms.iter().flat_map(|term| match term {
            Term::Word { stem } | Term::Prefix(stem) => std::slice::from_ref(stem),
            Term::Phrase(stems) => stems,
        });
        // The last letter of a stem may be another one in the word.
        let looked_at = |stem: &String| stem.chars().count().saturating_sub(1).clamp(1, LOOKED_AT);
        stems.map(|stem| stem.chars().take(looked_at(stem)).map(alike).collect()).collect()
    }
}

/// The letters that fold into one.
fn alike(c: char) -> Vec<char> {
    let others: &[char] = match c {
        'е' => &['ё', 'ѣ', 'e', 'ë'],
        'и' | 'й' => &['и', 'й', 'і', 'ѵ', 'i', 'ї'],
        'ф' => &['ѳ'],
        _ => &[],
    };
    let double = "aаbвcсeеhнiіjјkкmмoоpрsѕtтxхyу".chars().collect::<Vec<_>>();
    let doubles = double.chunks(2).filter(|pair| pair.contains(&c)).flatten().copied();
    let latin = if c.is_ascii_alphabetic() { ('\u{c0}'..='\u{24f}').collect() } else { Vec::new() };
    [c].into_iter().chain(others.iter().copied()).chain(doubles).chain(latin).collect()
}
