//! Kind `source`: a paper, book, recording or page that claims rest on.

use deserr::ValuePointerRef;
use serde_json::json;

mod work;

use super::{Embargo, Field, FieldType, Kind, ReferenceRule};
use crate::model::{
    checks::{CheckRules, Chronology, Event, Identity},
    cite::Work,
    errors::{FieldCode, FieldErrors, pointer_of, quoted},
    linked_data::LinkedData,
    parts::{
        ArchiveReference, Attachment, Citation, Claim, Coded, ExternalId, HistoricalDate, LocalizedText, Place,
        Reference,
        archive::{is_sha256, is_web_url, not_a_url},
        name::is_script,
        text::is_language_tag,
    },
    record::record,
    vocabularies::source as vocab,
};

record! {
    /// A source.
    Source rule bibliography;
    required {
        kind: Coded<vocab::SourceType>,
        /// Title in each language it is known by; at least one.
        title: LocalizedText,
    }
    optional {
        creators: Vec<Creator>,
        /// When it was written or published.
        date: Vec<Claim<HistoricalDate>>,
        place: Vec<Claim<Place>>,
        publisher: Option<String>,
        /// The book, newspaper or site it stands in.
        container: Option<Container>,
        edition: Option<String>,
        pages: Option<String>,
        isbn: Vec<String>,
        issn: Option<String>,
        doi: Option<String>,
        /// BCP 47 tags.
        languages: Vec<String>,
        /// ISO 15924 codes.
        scripts: Vec<String>,
        archive: Option<ArchiveReference>,
        /// Which copy was seen, by whom and when.
        provenance: Option<Provenance>,
        web: Option<WebLink>,
        reliability: Vec<Claim<Coded<vocab::Reliability>>>,
        /// Where this description comes from.
        citations: Vec<Citation>,
        rights: Option<String>,
        embargo: Option<Embargo>,
        attachments: Vec<Attachment>,
        description: LocalizedText,
        external_ids: Vec<ExternalId>,
        tags: Vec<String>,
    }
}

record! {
    /// Who made it, and in which role.
    Creator;
    required {
        role: vocab::CreatorRole,
        who: Reference,
    }
}

record! {
    Container;
    required {
        title: String,
    }
    optional {
        /// The container as a source of its own.
        entry: Option<crate::model::parts::EntryId>,
        series: Option<String>,
        volume: Option<String>,
        issue: Option<String>,
    }
}

record! {
    Provenance;
    optional {
        basis: Option<Coded<vocab::CopyBasis>>,
        seen_by: Option<String>,
        seen_on: Option<HistoricalDate>,
        /// The source through which it is known.
        known_through: Option<Reference>,
    }
}

record! {
    WebLink rule web_link;
    required {
        url: String,
    }
    optional {
        accessed: Option<HistoricalDate>,
        /// A copy in a web archive.
        archived_url: Option<String>,
        capture_sha256: Option<String>,
    }
}

fn web_link(w: WebLink, at: ValuePointerRef) -> Result<WebLink, FieldErrors> {
    let here = pointer_of(at);
    let mut errors = FieldErrors::default();
    if !is_web_url(&w.url) {
        errors.extend(not_a_url(format!("{here}/url")));
    }
    if w.archived_url.as_deref().is_some_and(|u| !is_web_url(u)) {
        errors.extend(not_a_url(format!("{here}/archived_url")));
    }
    if w.capture_sha256.as_deref().is_some_and(|h| !is_sha256(h)) {
        errors.push(format!("{here}/capture_sha256"), FieldCode::InvalidValue, "Not 64 lower-case hexadecimal digits.");
    }
    errors.into_result(w)
}

fn bibliography(s: Source, at: ValuePointerRef) -> Result<Source, FieldErrors> {
    let here = pointer_of(at);
    let mut errors = FieldErrors::default();
    for (i, tag) in s.languages.iter().enumerate().filter(|(_, t)| !is_language_tag(t)) {
        errors.push(
            format!("{here}/languages/{i}"),
            FieldCode::InvalidValue,
            format!("{} is not a language tag.", quoted(tag)),
        );
    }
    for (i, code) in s.scripts.iter().enumerate().filter(|(_, c)| !is_script(c)) {
        errors.push(
            format!("{here}/scripts/{i}"),
            FieldCode::InvalidValue,
            format!("{} is not a script code.", quoted(code)),
        );
    }
    errors.into_result(s)
}

impl Kind for Source {
    const NAME: &'static str = "source";
    const PATH: &'static str = "sources";
    const PREFIX: &'static str = "S";

    const FIELDS: &'static [Field] = &[
        Field::many(
            "title",
            "title",
            FieldType::Words,
            "A word of the title in any language; several words must all occur",
        ),
        Field::one("type", "kind", FieldType::Coded(&vocab::SourceType::TABLE), "Type of source").summary().facet(),
        Field::one("date", "date", FieldType::Date, "When it was written or published").summary(),
        Field::one(
            "repository",
            "archive.repository",
            FieldType::Coded(&vocab::Repository::TABLE),
            "Archive that holds it",
        )
        .facet(),
        Field::one("fond", "archive.fond", FieldType::Text, "Fond"),
        Field::one("opis", "archive.opis", FieldType::Text, "Opis"),
        Field::one("delo", "archive.delo", FieldType::Text, "Delo"),
        Field::one("reliability", "reliability", FieldType::Coded(&vocab::Reliability::TABLE), "Reliability").facet(),
        Field::many(
            "creator_name",
            "creators.who.text",
            FieldType::Words,
            "A word of the name of an author, editor or other creator",
        ),
        Field::many("language", "languages", FieldType::Text, "Language").facet(),
        Field::many("tag", "tags", FieldType::Text, "Tag").facet(),
        Field::SOURCE_COUNT,
        Field::CERTAINTY,
        Field::RANK,
    ];

    const REFERENCES: &'static [ReferenceRule] = &[
        ReferenceRule::new("creators.who", "creator", &["person"]),
        ReferenceRule::new("container", "part_of", &["source"]).acyclic(),
        ReferenceRule::new("provenance.known_through", "known_through", &["source"]).acyclic(),
    ];

    const PLACED_BY: &'static [&'static str] = &["date"];
    const CHECKS: CheckRules = CheckRules {
        // What is said of a source can be seen in it.
        cites: false,
        chronologies: &[Chronology {
            within: "",
            events: &[
                Event::once("making of the source", "date"),
                Event::once("viewing of the source", "provenance.seen_on"),
                Event::once("visit to the web page", "web.accessed"),
            ],
            outer: &[],
            order: &[
                ("making of the source", "viewing of the source"),
                ("making of the source", "visit to the web page"),
            ],
            same: &[],
        }],
        identity: Some(Identity {
            names: None,
            titles: Some("title"),
            first_date: Event::once("document", "date"),
            other_dates: &[],
            equal: &[
                (&["doi"], "DOI", 40),
                (&["web.url"], "web address", 30),
                (&["archive.repository.code", "archive.fond", "archive.opis", "archive.delo"], "archive file", 20),
                (&["archive.from.number"], "sheet", 10),
            ],
        }),
        embargo: Some("embargo.until"),
        ..CheckRules::NONE
    };

    const LINKED_DATA: LinkedData = work::DATA;

    const WORK: Option<fn(&Self) -> Work> = Some(work::work);

    fn label(&self) -> String {
        let title = self.title.preferred().unwrap_or_default();
        match self.creators.iter().find_map(|c| c.who.text.as_deref()) {
            Some(creator) => format!("{creator}: {title}"),
            None => title.to_owned(),
        }
    }

    fn rules(&self, errors: &mut FieldErrors) {
        if self.title.0.is_empty() {
            errors.push("/title", FieldCode::MissingField, "A source needs a title in some language.");
        }
    }

    fn example() -> serde_json::Value {
        json!({
            "kind": {"code": "order"},
            "title": {"ru": "Оперативный приказ НКВД СССР № 00447", "en": "NKVD operational order no. 00447"},
            "creators": [{"role": "issuing_body", "who": {"text": "НКВД СССР"}}],
            "date": [{"value": {"edtf": "1937-07-30"}}],
            "languages": ["ru"],
            "scripts": ["Cyrl"],
            "archive": {"repository": {"code": "ap_rf"}, "fond": "3", "opis": "58", "delo": "212", "from": {"number": 59}, "to": {"number": 78, "verso": true}},
            "web": {"url": "https://archive.example/orders/00447", "accessed": {"edtf": "2026-11-23"}},
            "provenance": {"basis": {"code": "publication"}, "known_through": {"entry": "0199b2c4-0000-7000-8000-000000000001"}}
        })
    }
}
