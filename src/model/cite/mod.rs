//! Citations: of an entry of the archive in one of its revisions, and of a work that an entry describes. Each in BibTeX,
//! RIS, CSL-JSON and as a sentence.

mod bibtex;
mod csl;
mod date;
mod people;
mod ris;
mod sentence;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use super::{
    kinds::KindDescriptor,
    parts::{EntryId, HistoricalDate, LocalizedText},
};

pub use bibtex::bibtex;
pub use csl::csl;
pub use people::{PersonName, name_of};
pub use ris::ris;
pub use sentence::sentence;

/// The archive as citations name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Archive {
    pub name: Arc<str>,
    /// Where it is reached from outside, without a slash at the end.
    pub url: Arc<str>,
}

impl Archive {
    pub fn new(name: &str, url: &str) -> Self {
        Self { name: name.into(), url: url.trim_end_matches('/').into() }
    }

    /// The permanent address of an entry.
    pub fn entry(&self, kind: &KindDescriptor, reference: &str) -> String {
        format!("{}/v1/{}/{reference}", self.url, kind.path)
    }

    /// The permanent address of a revision, which never changes.
    pub fn revision(&self, kind: &KindDescriptor, reference: &str, revision: i64) -> String {
        format!("{}/revisions/{revision}", self.entry(kind, reference))
    }
}

/// A language of citations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lang {
    #[default]
    En,
    Ru,
}

impl Lang {
    pub const ALL: &'static [Lang] = &[Lang::En, Lang::Ru];

    /// The stable name: its tag (BCP 47).
    pub fn as_str(self) -> &'static str {
        match self {
            Lang::En => "en",
            Lang::Ru => "ru",
        }
    }
}

/// What a thing is called in each format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Genre {
    pub csl: &'static str,
    /// An entry type of biblatex.
    pub bibtex: &'static str,
    pub ris: &'static str,
}

impl Genre {
    pub const fn new(csl: &'static str, bibtex: &'static str, ris: &'static str) -> Self {
        Self { csl, bibtex, ris }
    }

    /// An entry of a database.
    pub const ENTRY: Genre = Genre::new("entry", "online", "DBASE");
}

/// What somebody had to do with a work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Author,
    Editor,
    Translator,
    Interviewer,
    Director,
}

/// Somebody who made a work: known by a text, by an entry, or by both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Maker {
    pub part: Part,
    pub text: Option<String>,
    pub entry: Option<EntryId>,
    /// The name from the entry, once it was looked up.
    pub name: Option<PersonName>,
}

/// A work, as bibliographies describe it.
#[derive(Clone, Debug, PartialEq)]
pub struct Work {
    pub genre: Genre,
    pub title: LocalizedText,
    pub makers: Vec<Maker>,
    pub date: Option<HistoricalDate>,
    pub place: Option<String>,
    pub publisher: Option<String>,
    pub container: Option<String>,
    pub series: Option<String>,
    pub volume: Option<String>,
    pub issue: Option<String>,
    pub edition: Option<String>,
    pub pages: Option<String>,
    pub isbn: Vec<String>,
    pub issn: Option<String>,
    pub doi: Option<String>,
    /// The first language of its text.
    pub language: Option<String>,
    pub repository: LocalizedText,
    /// Fond and opis.
    pub collection: Option<String>,
    /// Delo and sheets.
    pub location: Option<String>,
    pub url: Option<String>,
    pub accessed: Option<HistoricalDate>,
}

impl Work {
    pub fn new(genre: Genre, title: LocalizedText) -> Self {
        Self {
            genre,
            title,
            makers: vec![],
            date: None,
            place: None,
            publisher: None,
            container: None,
            series: None,
            volume: None,
            issue: None,
            edition: None,
            pages: None,
            isbn: vec![],
            issn: None,
            doi: None,
            language: None,
            repository: LocalizedText::default(),
            collection: None,
            location: None,
            url: None,
            accessed: None,
        }
    }
}

/// The entry and the revision that a citation names.
#[derive(Clone, Debug)]
pub struct Record {
    pub archive: Archive,
    pub kind: &'static KindDescriptor,
    pub reference: String,
    pub revision: i64,
    pub hash: String,
    pub label: String,
    /// Day on which the revision was accepted, as a Julian Day Number.
    pub day: i64,
}

impl Record {
    /// Its permanent address.
    pub fn address(&self) -> String {
        self.archive.revision(self.kind, &self.reference, self.revision)
    }

    /// A key for bibliographies: the same revision has the same one.
    fn key(&self, is_work: bool) -> String {
        let name: String = self.archive.name.chars().filter(char::is_ascii_alphanumeric).collect();
        let name = if name.is_empty() { "archive".to_owned() } else { name.to_ascii_lowercase() };
        let end = if is_work { "-work" } else { "" };
        format!("{name}-{}-r{}{end}", self.reference, self.revision)
    }

    /// Ref, revision and hash in words, the same in every format.
    fn note(&self) -> String {
        format!("{} {}, revision {}, SHA-256 {}", self.archive.name, self.reference, self.revision, self.hash)
    }
}

/// What is cited.
#[derive(Clone, Copy, Debug)]
pub enum Cited<'a> {
    /// The entry of the archive.
    Record(&'a Record),
    /// The work that the entry describes.
    Work(&'a Work, &'a Record),
}

impl<'a> Cited<'a> {
    fn record(self) -> &'a Record {
        match self {
            Cited::Record(record) | Cited::Work(_, record) => record,
        }
    }

    fn key(self) -> String {
        self.record().key(matches!(self, Cited::Work(..)))
    }

    /// Notes for whoever reads the citation: where it comes from, and the date where it says more than a format can.
    fn notes(self) -> Vec<String> {
        let record = self.record();
        let mut notes = vec![record.note()];
        if let Cited::Work(work, _) = self {
            notes.push(record.address());
            notes.extend(work.date.as_ref().map(|d| format!("edtf: {}{}", d.edtf, date::calendar_mark(d))));
        }
        notes
    }
}

/// The text in a language, else in whichever it is known.
fn in_lang(text: &LocalizedText, lang: Lang) -> Option<&str> {
    text.0.get(lang.as_str()).map(String::as_str).or_else(|| text.preferred())
}

/// One line: what would end it or cannot be printed becomes a space.
fn one_line(text: &str) -> String {
    let flat: String = text.chars().map(|c| if is_break(c) { ' ' } else { c }).collect();
    flat.trim().to_owned()
}

fn is_break(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}
