//! Examples of exports and citations for the documentation: made of the example body of each kind, as the real ones are.

use super::examples::{BEFORE, ENTRY};
use crate::model::{
    canon::{canonical, sha256_hex},
    cite::{Archive, Cited, Lang, Record, bibtex, csl, ris, sentence},
    export::{Format, Known, Row, Rows, renderer},
    kinds::KindDescriptor,
    time::{from_rfc3339, julian_day},
};

fn format_of(media_type: &str) -> Option<Format> {
    Format::ALL.iter().copied().find(|f| f.media_type().split(';').next() == Some(media_type))
}

/// Whether a kind is exported as this.
pub fn has(kind: &KindDescriptor, media_type: &str) -> bool {
    format_of(media_type).is_some_and(|format| Format::of(kind).contains(&format))
}

/// A file with one entry, or a citation of it.
pub fn of_media_type(kind: &'static KindDescriptor, media_type: &str, is_export: bool) -> Option<String> {
    let archive = Archive::new("Kartoteka", "https://archive.example");
    let body = canonical(&(kind.example)()).ok()?;
    let reference = format!("{}1", kind.prefix);
    let hash = sha256_hex(body.as_bytes());
    if is_export {
        let mut renderer = renderer(kind, format_of(media_type)?, Rows::Entries, archive);
        let row = Row {
            id: ENTRY,
            reference: &reference,
            revision: 1,
            hash: &hash,
            label: "…",
            created_at: BEFORE.to_owned(),
            updated_at: BEFORE.to_owned(),
            body: &body,
        };
        let mut out = Vec::new();
        renderer.head(&mut out).ok()?;
        renderer.row(&row, &Known::default(), &mut out).ok()?;
        renderer.tail(&mut out).ok()?;
        return String::from_utf8(out).ok();
    }
    let day = from_rfc3339(BEFORE).map(julian_day)?;
    let record = Record { archive, kind, reference, revision: 1, hash, label: "…".into(), day };
    let cited = Cited::Record(&record);
    Some(match format_of(media_type) {
        Some(Format::Bibtex) => bibtex(cited, Lang::En),
        Some(Format::Ris) => ris(cited, Lang::En),
        Some(_) => serde_json::Value::Array(vec![csl(cited, Lang::En)]).to_string(),
        None => sentence(cited, Lang::En),
    })
}
