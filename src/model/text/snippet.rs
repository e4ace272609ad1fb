//! The piece of an entry that shows why it was found.

use super::{Asked, Term, Word, each_piece, texts::each_text, words};

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

/// Makes the snippets of all answers to a question.
pub struct Snippets<'a> {
    asked: &'a Asked,
    beginnings: Vec<Beginning>,
}

impl<'a> Snippets<'a> {
    pub fn new(asked: &'a Asked) -> Self {
        Self { asked, beginnings: asked.beginnings() }
    }

    /// The text of a body, given as JSON, that has most of what was asked for, and the first among equals.
    pub fn of(&self, body: &str) -> Option<Snippet> {
        let mut best: Option<(usize, Snippet)> = None;
        let read = each_text(&mut serde_json::Deserializer::from_str(body), |text| {
            let most = best.as_ref().map_or(0, |(most, _)| *most);
            if most >= self.asked.len() || !self.may_have(text.text) {
                return;
            }
            let found: Vec<Word> = words(text.text).into_iter().filter(|word| self.asked.has(word)).collect();
            let mut stems: Vec<&str> = found.iter().map(|word| word.stem.as_str()).collect();
            stems.sort_unstable();
            stems.dedup();
            if stems.len() > most {
                best = Some((stems.len(), Snippet { field: text.field.to_owned(), html: cut(text.text, &found) }));
            }
        });
        best.filter(|_| read.is_ok()).map(|(_, snippet)| snippet)
    }

    /// Whether a text needs a closer look: most do not, since none of their words begins like one that was asked for.
    fn may_have(&self, text: &str) -> bool {
        let mut is_near = false;
        each_piece(text, |_, piece| {
            is_near = is_near || self.beginnings.iter().any(|beginning| begins(piece, beginning));
        });
        is_near
    }
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

/// What a word may begin with, letter by letter.
type Beginning = Vec<Letter>;

/// A letter as it may be written: letters that fold into one.
struct Letter {
    alike: Vec<char>,
    /// All Latin letters with a sign may be meant.
    is_latin: bool,
}

impl Letter {
    fn new(c: char) -> Self {
        let others: &[char] = match c {
            'е' => &['ё', 'ѣ', 'e', 'ë'],
            'и' | 'й' => &['и', 'й', 'і', 'ѵ', 'i', 'ї'],
            'ф' => &['ѳ'],
            _ => &[],
        };
        let doubles = DOUBLES.iter().filter(|pair| pair.contains(&c)).flatten().copied();
        let alike = [c].into_iter().chain(others.iter().copied()).chain(doubles).collect();
        Self { alike, is_latin: c.is_ascii_alphabetic() }
    }

    fn may_be(&self, c: char) -> bool {
        self.alike.contains(&c) || (self.is_latin && ('\u{c0}'..='\u{24f}').contains(&c))
    }
}

/// Letters of two alphabets that look the same.
const DOUBLES: &[[char; 2]] = &[
    ['a', 'а'],
    ['b', 'в'],
    ['c', 'с'],
    ['e', 'е'],
    ['h', 'н'],
    ['i', 'і'],
    ['j', 'ј'],
    ['k', 'к'],
    ['m', 'м'],
    ['o', 'о'],
    ['p', 'р'],
    ['s', 'ѕ'],
    ['t', 'т'],
    ['x', 'х'],
    ['y', 'у'],
];

/// Whether a word as it is written may be one that begins so; letters that may fold into several leave it open.
fn begins(piece: &str, beginning: &Beginning) -> bool {
    let mut written = piece.chars().flat_map(char::to_lowercase);
    for letter in beginning {
        match written.next() {
            Some(c) if letter.may_be(c) => {}
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
        let stems = self.terms.iter().flat_map(|term| match term {
            Term::Word { stem } | Term::Prefix(stem) => std::slice::from_ref(stem),
            Term::Phrase(stems) => stems,
        });
        // The last letter of a stem may be another one in the word.
        let looked_at = |stem: &String| stem.chars().count().saturating_sub(1).clamp(1, LOOKED_AT);
        stems.map(|stem| stem.chars().take(looked_at(stem)).map(Letter::new).collect()).collect()
    }
}
