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
        each_piece(text, |_, piece| {
            is_near |= piece.chars().next().is_some_and(|c| c.to_lowercase().any(|c| beginnings.contains(&c)));
        });
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

impl Asked {
    /// The letters that its words may begin with, as they may be written.
    fn beginnings(&self) -> Vec<char> {
        use super::Term;
        let firsts = self.terms.iter().flat_map(|term| match term {
            Term::Word { stem } | Term::Prefix(stem) => vec![stem.chars().next()],
            Term::Phrase(stems) => stems.iter().map(|s| s.chars().next()).collect(),
        });
        let mut all: Vec<char> = firsts.flatten().flat_map(alike).collect();
        all.sort_unstable();
        all.dedup();
        all
    }
}

/// The letters that fold into one.
fn alike(c: char) -> Vec<char> {
    let others: &[char] = match c {
        'е' => &['ё', 'ѣ', 'e', 'ë'],
        'и' => &['й', 'і', 'ѵ', 'i', 'ї'],
        'ф' => &['ѳ'],
        _ => &[],
    };
    let double = "aаbвcсeеhнiіjјkкmмoоpрsѕtтxхyу".chars().collect::<Vec<_>>();
    let doubles = double.chunks(2).filter(|pair| pair.contains(&c)).flatten().copied();
    let latin = if c.is_ascii_alphabetic() { ('\u{c0}'..='\u{24f}').collect() } else { Vec::new() };
    [c].into_iter().chain(others.iter().copied()).chain(doubles).chain(latin).collect()
}
