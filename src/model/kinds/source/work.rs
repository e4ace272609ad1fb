//! A source as bibliographies and linked data describe it.

use super::{Creator, Source};
use crate::model::{
    cite::{Genre, Maker, Part, Work},
    linked_data::{LinkedData, Shape, maps},
    parts::{ArchiveReference, LocalizedText, Sheet, claim::best},
    vocabularies::{Vocabulary, source::Repository},
};

pub const DATA: LinkedData = LinkedData {
    classes: &["schema:CreativeWork", "schema:ArchiveComponent", "crm:E31_Document"],
    fields: &[
        maps("title", "schema:alternateName", Shape::Literal),
        maps("type", "schema:genre", Shape::Term),
        maps("date", "dcterms:date", Shape::Date),
        maps("repository", "schema:holdingArchive", Shape::Organisation),
        maps("language", "schema:inLanguage", Shape::Literal),
    ],
    links: &[("creator", "schema:creator"), ("part_of", "schema:isPartOf"), ("known_through", "schema:isBasedOn")],
};

const MANUSCRIPT: Genre = Genre::new("manuscript", "unpublished", "MANSCPT");
const PAPER: Genre = Genre::new("document", "misc", "GEN");
const BOOK: Genre = Genre::new("book", "book", "BOOK");
const PICTURE: Genre = Genre::new("graphic", "artwork", "ART");

/// What a type of source is called elsewhere; of types that are not here, [`PAPER`] says enough.
const GENRES: &[(&str, Genre)] = &[
    ("archival_file", MANUSCRIPT),
    ("investigation_file", MANUSCRIPT),
    ("personal_file", MANUSCRIPT),
    ("card", MANUSCRIPT),
    ("diary", MANUSCRIPT),
    ("law", Genre::new("legislation", "legislation", "STAT")),
    ("report", Genre::new("report", "report", "RPRT")),
    ("letter", Genre::new("personal_communication", "letter", "PCOMM")),
    ("telegram", Genre::new("personal_communication", "letter", "PCOMM")),
    ("speech", Genre::new("speech", "misc", "GEN")),
    ("verdict", Genre::new("legal_case", "jurisdiction", "CASE")),
    ("memory_book", BOOK),
    ("memory_book_entry", Genre::new("entry", "inbook", "CHAP")),
    ("document_collection", Genre::new("book", "collection", "EDBOOK")),
    ("reference_work", Genre::new("book", "reference", "BOOK")),
    ("periodical", Genre::new("periodical", "periodical", "JFULL")),
    ("newspaper_article", Genre::new("article-newspaper", "article", "NEWS")),
    ("article", Genre::new("article-journal", "article", "JOUR")),
    ("monograph", BOOK),
    ("chapter", Genre::new("chapter", "incollection", "CHAP")),
    ("thesis", Genre::new("thesis", "thesis", "THES")),
    ("memoir", BOOK),
    ("literary_work", BOOK),
    ("web_page", Genre::new("webpage", "online", "ELEC")),
    ("database_record", Genre::new("dataset", "dataset", "DATA")),
    ("oral_testimony", Genre::new("interview", "misc", "GEN")),
    ("photograph", PICTURE),
    ("drawing", PICTURE),
    ("map", Genre::new("map", "misc", "MAP")),
    ("film", Genre::new("motion_picture", "movie", "MPCT")),
    ("sound_recording", Genre::new("song", "audio", "SOUND")),
];

/// What a role is called elsewhere; others did not make the work.
const PARTS: &[(&str, Part)] = &[
    ("author", Part::Author),
    ("co_author", Part::Author),
    ("issuing_body", Part::Author),
    ("signatory", Part::Author),
    ("narrator", Part::Author),
    ("submitter", Part::Author),
    ("photographer", Part::Author),
    ("artist", Part::Author),
    ("editor", Part::Editor),
    ("compiler", Part::Editor),
    ("translator", Part::Translator),
    ("interviewer", Part::Interviewer),
    ("director", Part::Director),
];

/// The source as a work.
pub fn work(source: &Source) -> Work {
    let code = source.kind.code.code();
    let genre = GENRES.iter().find(|(name, _)| *name == code).map_or(PAPER, |(_, genre)| *genre);
    let place = best(&source.place);
    let normal = place.and_then(|p| p.normal.as_ref()).and_then(|n| n.name.clone());
    let mut work = Work {
        makers: source.creators.iter().filter_map(maker).collect(),
        date: best(&source.date).cloned(),
        place: normal.or_else(|| place.and_then(|p| p.verbatim.clone())),
        publisher: source.publisher.clone(),
        edition: source.edition.clone(),
        pages: source.pages.clone(),
        isbn: source.isbn.clone(),
        issn: source.issn.clone(),
        doi: source.doi.clone(),
        language: source.languages.first().cloned(),
        url: source.web.as_ref().map(|web| web.url.clone()),
        accessed: source.web.as_ref().and_then(|web| web.accessed.clone()),
        ..Work::new(genre, source.title.clone())
    };
    if let Some(container) = &source.container {
        work.container = Some(container.title.clone());
        work.series = container.series.clone();
        work.volume = container.volume.clone();
        work.issue = container.issue.clone();
    }
    if let Some(archive) = &source.archive {
        work.repository = repository(archive);
        work.collection = joined(&[("Ф.", &archive.fond), ("Оп.", &archive.opis)]);
        let sheets = sheets(archive);
        work.location = joined(&[("Д.", &archive.delo), ("Т.", &archive.volume), ("Л.", &sheets)]);
        if work.collection.is_none() && work.location.is_none() {
            work.location = archive.text.clone();
        }
    }
    work
}

fn maker(creator: &Creator) -> Option<Maker> {
    let (_, part) = PARTS.iter().find(|(role, _)| *role == creator.role.code())?;
    Some(Maker { part: *part, text: creator.who.text.clone(), entry: creator.who.entry.clone(), name: None })
}

/// The text tells a regional archive from others of its kind.
fn repository(archive: &ArchiveReference) -> LocalizedText {
    let Some(coded) = &archive.repository else { return LocalizedText::default() };
    if let Some(text) = &coded.text {
        return LocalizedText([("und".to_owned(), text.clone())].into());
    }
    let term = Repository::TERMS.iter().find(|t| t.code == coded.code.code());
    let names = term.map(|t| [("en".to_owned(), t.en.to_owned()), ("ru".to_owned(), t.ru.to_owned())].into());
    LocalizedText(names.unwrap_or_default())
}

/// `Ф. 7523 Оп. 44`: the marks of Russian archives, which stand in every catalogue.
fn joined(parts: &[(&str, &Option<String>)]) -> Option<String> {
    let known: Vec<String> =
        parts.iter().filter_map(|(mark, value)| value.as_ref().map(|v| format!("{mark} {v}"))).collect();
    (!known.is_empty()).then(|| known.join(" "))
}

/// `3–5об.`
fn sheets(archive: &ArchiveReference) -> Option<String> {
    let sheet = |s: &Sheet| format!("{}{}", s.number, if s.verso == Some(true) { "об." } else { "" });
    let first = sheet(archive.from.as_ref()?);
    Some(archive.to.as_ref().map_or_else(|| first.clone(), |to| format!("{first}–{}", sheet(to))))
}

#[cfg(test)]
mod tests {
    use super::{GENRES, PARTS};
    use crate::model::vocabularies::{
        Vocabulary,
        source::{CreatorRole, SourceType},
    };

    #[test]
    fn the_tables_name_codes_that_exist() {
        for (code, _) in GENRES {
            assert!(SourceType::find(code).is_some(), "{code}");
        }
        for (code, _) in PARTS {
            assert!(CreatorRole::find(code).is_some(), "{code}");
        }
    }
}
