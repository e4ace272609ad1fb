//! Bibliographies: the works that entries of a kind describe, as CSL-JSON, BibTeX or RIS.

use serde_json::Value;

use super::{Format, Known, Needs, Render, Row, stored};
use crate::model::{
    cite::{Archive, Cited, Lang, Record, bibtex, csl, ris},
    kinds::KindDescriptor,
    time::{from_rfc3339, julian_day},
};

/// The works of one kind.
pub struct Works {
    kind: &'static KindDescriptor,
    format: Format,
    archive: Archive,
    is_first: bool,
}

impl Works {
    pub fn new(kind: &'static KindDescriptor, format: Format, archive: Archive) -> Self {
        Self { kind, format, archive, is_first: true }
    }
}

impl Render for Works {
    fn needs(&self) -> Needs {
        Needs::Names
    }

    fn head(&mut self, out: &mut Vec<u8>) -> Result<(), String> {
        if self.format == Format::Csl {
            out.push(b'[');
        }
        Ok(())
    }

    fn row(&mut self, row: &Row, known: &Known, out: &mut Vec<u8>) -> Result<i64, String> {
        let body: Value = serde_json::from_str(row.body).map_err(stored)?;
        let Some(mut work) = self.kind.work_of(&body) else { return Ok(0) };
        for maker in &mut work.makers {
            maker.name = maker.entry.as_ref().and_then(|id| known.people.get(id.as_str()).cloned());
        }
        let record = Record {
            archive: self.archive.clone(),
            kind: self.kind,
            reference: row.reference.to_owned(),
            revision: row.revision,
            hash: row.hash.to_owned(),
            label: row.label.to_owned(),
            day: from_rfc3339(&row.updated_at).map(julian_day).unwrap_or_default(),
        };
        let cited = Cited::Work(&work, &record);
        match self.format {
            Format::Bibtex => {
                out.extend_from_slice(if self.is_first { b"" } else { b"\n" });
                out.extend_from_slice(bibtex(cited, Lang::En).as_bytes());
            }
            Format::Ris => out.extend_from_slice(ris(cited, Lang::En).as_bytes()),
            _ => {
                out.extend_from_slice(if self.is_first { b"\n" } else { b",\n" });
                serde_json::to_writer(&mut *out, &csl(cited, Lang::En)).map_err(|e| e.to_string())?;
            }
        }
        self.is_first = false;
        Ok(1)
    }

    fn tail(&mut self, out: &mut Vec<u8>) -> Result<(), String> {
        if self.format == Format::Csl {
            out.extend_from_slice(b"\n]\n");
        }
        Ok(())
    }
}
