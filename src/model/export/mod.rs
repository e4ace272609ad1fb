//! Exports: entries of one kind as a file. Every format is written entry by entry, so that no file has to be held.

mod csv;
mod jsonld;
mod works;

use std::collections::HashMap;

use serde::Serialize;
use serde_json::value::RawValue;

use super::{
    cite::{Archive, PersonName},
    kinds::KindDescriptor,
};

pub use csv::{CLAIM_COLUMNS, ENTRY_COLUMNS, entry_columns};

/// A format of exports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Ndjson,
    Csv,
    Jsonld,
    Csl,
    Bibtex,
    Ris,
}

impl Format {
    pub const ALL: &'static [Format] =
        &[Format::Ndjson, Format::Csv, Format::Jsonld, Format::Csl, Format::Bibtex, Format::Ris];

    /// The stable name, as in requests.
    pub fn as_str(self) -> &'static str {
        match self {
            Format::Ndjson => "ndjson",
            Format::Csv => "csv",
            Format::Jsonld => "jsonld",
            Format::Csl => "csl",
            Format::Bibtex => "bibtex",
            Format::Ris => "ris",
        }
    }

    /// The formats that a kind can be exported in: those of bibliographies are for kinds that are cited as works.
    pub fn of(kind: &KindDescriptor) -> Vec<Self> {
        let is_for = |f: &Format| kind.work.is_some() || !matches!(f, Format::Csl | Format::Bibtex | Format::Ris);
        Self::ALL.iter().copied().filter(is_for).collect()
    }

    pub fn media_type(self) -> &'static str {
        match self {
            Format::Ndjson => "application/x-ndjson",
            Format::Csv => "text/csv; charset=utf-8; header=present",
            Format::Jsonld => "application/ld+json",
            Format::Csl => "application/vnd.citationstyles.csl+json",
            Format::Bibtex => "application/x-bibtex; charset=utf-8",
            Format::Ris => "application/x-research-info-systems; charset=utf-8",
        }
    }

    /// The end of a file name.
    pub fn extension(self) -> &'static str {
        match self {
            Format::Ndjson => "ndjson",
            Format::Csv => "csv",
            Format::Jsonld => "jsonld",
            Format::Csl => "csl.json",
            Format::Bibtex => "bib",
            Format::Ris => "ris",
        }
    }
}

/// What a row of a CSV file stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rows {
    Entries,
    Claims,
}

impl Rows {
    pub const ALL: &'static [Rows] = &[Rows::Entries, Rows::Claims];

    pub fn as_str(self) -> &'static str {
        match self {
            Rows::Entries => "entries",
            Rows::Claims => "claims",
        }
    }
}

/// An entry on its way into a file.
#[derive(Clone, Debug)]
pub struct Row<'a> {
    pub id: &'a str,
    pub reference: &'a str,
    pub revision: i64,
    pub hash: &'a str,
    pub label: &'a str,
    /// RFC 3339.
    pub created_at: String,
    pub updated_at: String,
    /// The stored canonical body.
    pub body: &'a str,
}

/// An entry that another one names.
#[derive(Clone, Debug)]
pub struct Named {
    pub kind: &'static KindDescriptor,
    pub reference: String,
}

/// What is known of the entries that the rows at hand name, by their ids.
#[derive(Clone, Debug, Default)]
pub struct Known {
    pub entries: HashMap<String, Named>,
    pub people: HashMap<String, PersonName>,
}

/// What a format has to know of other entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    Nothing,
    /// The refs of the entries that are named.
    Refs,
    /// The names of those who made a work.
    Names,
}

/// Writes one file: its head, its entries, its tail.
pub trait Render {
    fn needs(&self) -> Needs;
    fn head(&mut self, out: &mut Vec<u8>) -> Result<(), String>;
    /// Adds an entry, and tells how many records it has become.
    fn row(&mut self, row: &Row, known: &Known, out: &mut Vec<u8>) -> Result<i64, String>;
    fn tail(&mut self, out: &mut Vec<u8>) -> Result<(), String>;
}

/// The writer of a format.
pub fn renderer(kind: &'static KindDescriptor, format: Format, rows: Rows, archive: Archive) -> Box<dyn Render> {
    match (format, rows) {
        (Format::Ndjson, _) => Box::new(Ndjson { kind }),
        (Format::Csv, Rows::Entries) => Box::new(csv::Entries { kind }),
        (Format::Csv, Rows::Claims) => Box::new(csv::Claims),
        (Format::Jsonld, _) => Box::new(jsonld::Graph::new(kind, archive)),
        (Format::Csl | Format::Bibtex | Format::Ris, _) => Box::new(works::Works::new(kind, format, archive)),
    }
}

/// One entry a line.
struct Ndjson {
    kind: &'static KindDescriptor,
}

#[derive(Serialize)]
struct Line<'a> {
    id: &'a str,
    #[serde(rename = "ref")]
    reference: &'a str,
    kind: &'a str,
    status: &'a str,
    revision: i64,
    hash: &'a str,
    label: &'a str,
    created_at: &'a str,
    updated_at: &'a str,
    /// As it is stored: what was hashed is what is read.
    body: &'a RawValue,
}

impl Render for Ndjson {
    fn needs(&self) -> Needs {
        Needs::Nothing
    }

    fn head(&mut self, _: &mut Vec<u8>) -> Result<(), String> {
        Ok(())
    }

    fn row(&mut self, row: &Row, _: &Known, out: &mut Vec<u8>) -> Result<i64, String> {
        let line = Line {
            id: row.id,
            reference: row.reference,
            kind: self.kind.name,
            status: "active",
            revision: row.revision,
            hash: row.hash,
            label: row.label,
            created_at: &row.created_at,
            updated_at: &row.updated_at,
            body: serde_json::from_str(row.body).map_err(stored)?,
        };
        serde_json::to_writer(&mut *out, &line).map_err(|e| e.to_string())?;
        out.push(b'\n');
        Ok(1)
    }

    fn tail(&mut self, _: &mut Vec<u8>) -> Result<(), String> {
        Ok(())
    }
}

fn stored(error: serde_json::Error) -> String {
    format!("stored body: {error}")
}
