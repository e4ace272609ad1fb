//! Where papers lie: archive references, identifiers elsewhere, attachments.

use deserr::ValuePointerRef;

use super::{claim::Coded, text::LocalizedText};
use crate::model::{
    errors::{FieldCode, FieldErrors, pointer_of},
    record::record,
    vocabularies::{person::IdentifierScheme, source::Repository},
};

record! {
    /// A place in an archive: repository, fond, opis, delo, sheets.
    ArchiveReference rule is_reference;
    optional {
        repository: Option<Coded<Repository>>,
        fond: Option<String>,
        opis: Option<String>,
        delo: Option<String>,
        /// Volume of a file.
        volume: Option<String>,
        /// First sheet (лист).
        from: Option<Sheet>,
        /// Last sheet, when there are several.
        to: Option<Sheet>,
        /// The cipher the file had before.
        old_cipher: Option<String>,
        /// The reference as the source writes it: `ГА РФ. Д. П-20541`.
        text: Option<String>,
        /// Who may see the file.
        access_restriction: Option<String>,
    }
}

record! {
    /// A sheet of a file.
    Sheet;
    required {
        number: u64,
    }
    optional {
        /// The back of the sheet (об.).
        verso: Option<bool>,
    }
}

fn is_reference(r: ArchiveReference, at: ValuePointerRef) -> Result<ArchiveReference, FieldErrors> {
    if r.repository.is_none() && r.fond.is_none() && r.delo.is_none() && r.text.is_none() {
        let detail = "An archive reference needs a repository, a fond, a delo or its text.";
        return Err(FieldErrors::one(pointer_of(at), FieldCode::MissingField, detail));
    }
    Ok(r)
}

record! {
    /// The same thing in another database.
    ExternalId rule web_links;
    required {
        scheme: IdentifierScheme,
        value: String,
    }
    optional {
        url: Option<String>,
    }
}

fn web_links(id: ExternalId, at: ValuePointerRef) -> Result<ExternalId, FieldErrors> {
    match &id.url {
        Some(url) if !is_web_url(url) => Err(not_a_url(format!("{}/url", pointer_of(at)))),
        _ => Ok(id),
    }
}

/// The finding for a text that is no web address.
pub fn not_a_url(pointer: String) -> FieldErrors {
    FieldErrors::one(pointer, FieldCode::InvalidValue, "Not an http or https address.")
}

/// Tells whether the text has the form of a web address: scheme http or https, a host, no spaces.
pub fn is_web_url(text: &str) -> bool {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    host.is_some_and(|rest| {
        rest.split(['/', '?', '#']).next().is_some_and(|h| !h.is_empty())
            && !text.chars().any(|c| c.is_whitespace() || c.is_control())
    })
}

record! {
    /// A picture or file that belongs to the entry.
    Attachment rule somewhere;
    optional {
        /// SHA-256 of the file, 64 hexadecimal digits.
        sha256: Option<String>,
        url: Option<String>,
        #[schema(example = "image/jpeg")]
        media_type: Option<String>,
        caption: LocalizedText,
        page: Option<String>,
        rights: Option<String>,
    }
}

fn somewhere(a: Attachment, at: ValuePointerRef) -> Result<Attachment, FieldErrors> {
    let here = pointer_of(at);
    let mut errors = FieldErrors::default();
    if a.sha256.is_none() && a.url.is_none() {
        errors.push(here.clone(), FieldCode::MissingField, "An attachment needs sha256 or url.");
    }
    if a.sha256.as_deref().is_some_and(|h| !is_sha256(h)) {
        errors.push(format!("{here}/sha256"), FieldCode::InvalidValue, "Not 64 lower-case hexadecimal digits.");
    }
    if a.url.as_deref().is_some_and(|u| !is_web_url(u)) {
        errors.extend(not_a_url(format!("{here}/url")));
    }
    errors.into_result(a)
}

/// 64 lower-case hexadecimal digits.
pub fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}
