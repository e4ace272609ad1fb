//! What the search indexes hold of an entry.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{
    Word,
    query::{Matching, content_mark, form_mark, often_mark, title_mark},
    texts::each_text,
    words,
};
use crate::model::{
    derived::words_inside,
    identity::content_hash,
    kinds::{Field, FieldType, KindDescriptor},
    names::{self, NameKeys, Role, Token, WordRow, fold_words},
    projection::{select, select_at},
};

/// Words of an entry that are indexed in their order: the longest bodies are longer.
const MOST_WORDS: usize = 15_000;
/// Places of one stem that are kept; PostgreSQL keeps no more than 255.
const MOST_PLACES: usize = 250;
/// A stem that stands there so often is what the entry is about.
const OFTEN: usize = 3;
/// Names and titles of an entry that are found by their own keys.
const MOST_NAMES: usize = 24;
/// Names and titles that are suggested, the letters of one, and the words of a title at which a suggestion may begin.
const MOST_SUGGESTED: usize = 6;
const SUGGESTED_LETTERS: usize = 60;
const TITLE_STARTS: usize = 4;
/// Readings of a word of a name that filters find it by.
const READINGS: usize = 2;

/// What the search indexes hold of an entry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document {
    /// The stems of its texts in their order; nothing between texts that do not belong together.
    pub stems: Vec<Option<String>>,
    /// Words without a place: of its fields, of its title, and forms that are not their own stems.
    pub marks: BTreeSet<String>,
    pub names: Vec<String>,
    pub titles: Vec<String>,
    /// The mark of all that it says, one of `marks`.
    pub content: String,
}

impl Document {
    /// Whether it has what is asked for: the same as the databases find.
    pub fn answers(&self, asked: &Matching) -> bool {
        match asked {
            Matching::Word(word) => self.has(|w| w == word),
            Matching::Prefix(prefix) => self.has(|w| w.starts_with(prefix.as_str())),
            Matching::Phrase(words) => {
                let is_here = |here: &[Option<String>]| {
                    here.iter().map(Option::as_deref).eq(words.iter().map(|w| Some(w.as_str())))
                };
                !words.is_empty() && self.stems.windows(words.len()).any(is_here)
            }
            Matching::All(parts) => !parts.is_empty() && parts.iter().all(|part| self.answers(part)),
            Matching::Any(parts) => parts.iter().any(|part| self.answers(part)),
            Matching::But(one, other) => self.answers(one) && !self.answers(other),
        }
    }

    fn has(&self, is_it: impl Fn(&str) -> bool) -> bool {
        self.stems.iter().flatten().chain(&self.marks).any(|word| is_it(word))
    }
}

/// What the names and titles of an entry are looked up by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SearchKeys {
    pub names: BTreeSet<String>,
    pub words: BTreeSet<WordRow>,
    pub forms: BTreeSet<String>,
}

/// All that the indexes hold of an entry with this body and label.
pub fn document(kind: &KindDescriptor, body: &Value, label: &str) -> Document {
    let mut document = Document { names: names_of(kind, body), titles: titles_of(kind, body), ..Document::default() };
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    let read = each_text(body, |text| {
        if !text.is_next && !document.stems.is_empty() {
            document.stems.push(None);
        }
        for Word { folded, stem, .. } in words(text.text) {
            if document.stems.len() >= MOST_WORDS {
                break;
            }
            if folded != stem {
                document.marks.insert(form_mark(&folded));
            }
            let count = places.entry(stem.clone()).or_default();
            *count += 1;
            document.stems.push((*count <= MOST_PLACES).then_some(stem));
        }
    });
    debug_assert!(read.is_ok(), "a body that was read before");
    document.content = content_mark(&content_hash(body));
    document.marks.insert(document.content.clone());
    document.marks.extend(places.iter().filter(|(_, n)| **n >= OFTEN).map(|(stem, _)| often_mark(stem)));
    // The label says it shortest, and is no text of the body.
    for word in document.titles.iter().map(String::as_str).chain([label]).flat_map(words) {
        document.marks.insert(title_mark(&word.stem));
    }
    for field in kind.fields.iter().filter(|f| f.many) {
        let values = || select(body, field).into_iter().flatten();
        let found: Vec<String> = match field.field_type {
            FieldType::Words => values().flat_map(words_inside).collect(),
            FieldType::Name => document.names.iter().flat_map(|name| name_marks(&names::keys(name))).collect(),
            _ => continue,
        };
        let all = found.iter().map(|word| field_mark(kind, field, word));
        document.marks.extend(all);
        if !found.is_empty() {
            document.marks.insert(field_mark(kind, field, ""));
        }
    }
    document
}

/// The names of an entry, wrong ones too, each in one line; a full one stands beside its parts.
fn names_of(kind: &KindDescriptor, body: &Value) -> Vec<String> {
    let mut names = Vec::new();
    for field in kind.fields.iter().filter(|f| matches!(f.field_type, FieldType::Name)) {
        for value in select(body, field).into_iter().flatten() {
            let part = |name: &str| value.get(name).and_then(Value::as_str);
            let parts: Vec<&str> = ["family", "given", "patronymic"].into_iter().filter_map(part).collect();
            for name in [parts.join(" ").as_str(), part("full").unwrap_or_default()].map(one_line) {
                if !name.is_empty() && !names.contains(&name) && names.len() < MOST_NAMES {
                    names.push(name);
                }
            }
        }
    }
    names
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn titles_of(kind: &KindDescriptor, body: &Value) -> Vec<String> {
    let path = kind.checks.identity.as_ref().and_then(|identity| identity.titles);
    let mut titles = Vec::new();
    for value in path.into_iter().flat_map(|path| select_at(body, path)).flatten() {
        let texts: Vec<&str> = match value {
            Value::Object(languages) => languages.values().filter_map(Value::as_str).collect(),
            other => other.as_str().into_iter().collect(),
        };
        for title in texts.into_iter().map(one_line) {
            if !title.is_empty() && !titles.contains(&title) && titles.len() < MOST_NAMES {
                titles.push(title);
            }
        }
    }
    titles
}

/// The word of the index for a word of a field; without a word, for the field that holds something.
fn field_mark(kind: &KindDescriptor, field: &Field, word: &str) -> String {
    let number = kind.fields.iter().position(|f| f.name == field.name).unwrap_or_default();
    format!("{}{number}={word}", kind.prefix.to_lowercase())
}

/// The words of a name as filters find them: folded, by their skeletons, and by the sounds they begin with.
fn name_marks(keys: &NameKeys) -> Vec<String> {
    let mut marks = Vec::new();
    for token in &keys.tokens {
        marks.push(token.folded.clone());
        if matches!(token.role, Role::Name | Role::Patronymic) {
            marks.extend(token.readings.iter().take(READINGS).map(|r| format!("~{}", r.skeleton)));
        }
        if matches!(token.role, Role::Name | Role::Patronymic | Role::Initial) {
            marks.extend(token.first_sounds.iter().map(|sound| format!("^{sound}")));
        }
    }
    marks
}

/// Entries whose field has all the words.
pub fn field_word(kind: &KindDescriptor, field: &Field, text: &str) -> Option<Matching> {
    let words = fold_words(text);
    let word = |word: &String| Matching::Word(field_mark(kind, field, word));
    (!words.is_empty()).then(|| Matching::All(words.iter().map(word).collect()))
}

/// Entries whose field holds something.
pub fn has_field(kind: &KindDescriptor, field: &Field) -> Matching {
    Matching::Word(field_mark(kind, field, ""))
}

/// Entries whose names have all the words, however they are spelt; initials stand for words that begin so.
pub fn name_query(kind: &KindDescriptor, field: &Field, text: &str) -> Option<Matching> {
    let word = |word: String| Matching::Word(field_mark(kind, field, &word));
    let of = |token: &Token| {
        let folded = word(token.folded.clone());
        let others: Vec<Matching> = match token.role {
            Role::Initial => token.first_sounds.iter().map(|sound| word(format!("^{sound}"))).collect(),
            Role::Particle => vec![],
            Role::Name | Role::Patronymic => token.readings.iter().map(|r| word(format!("~{}", r.skeleton))).collect(),
        };
        Matching::Any([vec![folded], others].concat())
    };
    let tokens = names::keys(text).tokens;
    (!tokens.is_empty()).then(|| Matching::All(tokens.iter().map(of).collect()))
}

/// The keys of names and titles, and the forms they are suggested by.
pub fn search_keys(names: &[String], titles: &[String], label: &str) -> SearchKeys {
    let mut all = SearchKeys::default();
    for name in names {
        let keys = names::keys(name);
        all.names.extend(keys.index_keys());
        all.words.extend(keys.word_rows());
    }
    all.names.extend(titles.iter().filter_map(|title| title_key(title)));
    for name in names.iter().take(MOST_SUGGESTED) {
        let folded = fold_words(name);
        let skeletons: Vec<String> = names::keys(name).tokens.iter().map(|t| t.skeleton().to_owned()).collect();
        for (words, mark) in [(&folded, ""), (&skeletons, "~")] {
            all.forms.extend(form(words, mark));
            if let [first, second, rest @ ..] = &words[..] {
                let swapped = [&[second.clone(), first.clone()], rest].concat();
                all.forms.extend(form(&swapped, mark));
            }
        }
        // Given name, patronymic, family name.
        if folded.len() > 2 {
            all.forms.extend(form(&[&folded[1..], &folded[..1]].concat(), ""));
        }
    }
    let is_nameless = names.is_empty() && titles.is_empty();
    let labels = is_nameless.then(|| label.to_owned());
    for title in titles.iter().take(MOST_SUGGESTED).chain(labels.as_ref()) {
        let words: Vec<String> = words(title).into_iter().map(|w| w.folded).collect();
        for start in 0..words.len().min(TITLE_STARTS) {
            all.forms.extend(form(&words[start..], ""));
        }
    }
    all
}

fn form(words: &[String], mark: &str) -> Option<String> {
    let joined = words.join(" ");
    (!joined.trim().is_empty()).then(|| joined_form(mark, &joined))
}

fn joined_form(mark: &str, words: &str) -> String {
    format!("{mark}{words}").chars().take(SUGGESTED_LETTERS).collect()
}

/// The key of a whole title, whatever stands between its words.
pub(super) fn title_key(title: &str) -> Option<String> {
    let words: Vec<String> = words(title).into_iter().map(|w| w.folded).collect();
    (!words.is_empty()).then(|| format!("t:{}", words.join(" ")))
}

/// What the forms begin with that a text may be the beginning of: as it is written, and as it may be spelt otherwise.
pub fn suggestion_forms(text: &str) -> Vec<String> {
    let mut folded: Vec<String> = words(text).into_iter().map(|w| w.folded).collect();
    if folded.is_empty() {
        return Vec::new();
    }
    // Behind a blank a new word begins.
    if text.ends_with(char::is_whitespace) {
        folded.push(String::new());
    }
    let mut forms = vec![joined_form("", &folded.join(" "))];
    let tokens = names::keys(text).tokens;
    if let Some((last, before)) = tokens.split_last() {
        let before: String = before.iter().map(|t| format!("{} ", t.skeleton())).collect();
        for reading in last.readings.iter().filter(|r| !before.is_empty() || r.skeleton.len() > 1) {
            forms.push(joined_form("~", &format!("{before}{}", reading.skeleton)));
        }
    }
    forms.dedup();
    forms
}
