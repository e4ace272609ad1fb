//! CSL-JSON, schema 1.0.

use serde_json::{Map, Value, json};

use super::{
    Cited, Lang, Part,
    date::{Parts, When, when},
    in_lang, one_line,
};

/// One item.
pub fn csl(cited: Cited, lang: Lang) -> Value {
    let record = cited.record();
    let mut item = Map::new();
    item.insert("id".into(), json!(cited.key()));
    let mut set = |name: &str, value: Option<String>| {
        if let Some(value) = value.map(|v| one_line(&v)).filter(|v| !v.is_empty()) {
            item.insert(name.to_owned(), json!(value));
        }
    };
    set("note", Some(cited.notes().join("; ")));
    match cited {
        Cited::Record(record) => {
            set("type", Some(super::Genre::ENTRY.csl.to_owned()));
            set("title", Some(record.label.clone()));
            set("container-title", Some(record.archive.name.to_string()));
            set("publisher", Some(record.archive.name.to_string()));
            set("number", Some(record.reference.clone()));
            set("version", Some(record.revision.to_string()));
            set("URL", Some(record.address()));
            item.insert("issued".into(), date(&When { first: Parts::of_day(record.day), last: None, is_circa: false }));
        }
        Cited::Work(work, _) => {
            set("type", Some(work.genre.csl.to_owned()));
            set("title", in_lang(&work.title, lang).map(str::to_owned));
            set("publisher", work.publisher.clone());
            set("publisher-place", work.place.clone());
            set("container-title", work.container.clone());
            set("collection-title", work.series.clone());
            set("volume", work.volume.clone());
            set("issue", work.issue.clone());
            set("edition", work.edition.clone());
            set("page", work.pages.clone());
            set("ISBN", (!work.isbn.is_empty()).then(|| work.isbn.join(" ")));
            set("ISSN", work.issn.clone());
            set("DOI", work.doi.clone());
            set("language", work.language.clone());
            set("archive", in_lang(&work.repository, lang).map(str::to_owned));
            set("archive_collection", work.collection.clone());
            set("archive_location", work.location.clone());
            set("source", Some(record.archive.name.to_string()));
            set("URL", Some(work.url.clone().unwrap_or_else(|| record.address())));
            for (name, value) in [("issued", &work.date), ("accessed", &work.accessed)] {
                if let Some(when) = value.as_ref().and_then(when) {
                    item.insert(name.to_owned(), date(&when));
                }
            }
            for (part, name) in PARTS {
                let makers: Vec<Value> = work.makers.iter().filter(|m| m.part == *part).filter_map(maker).collect();
                if !makers.is_empty() {
                    item.insert((*name).to_owned(), Value::Array(makers));
                }
            }
        }
    }
    Value::Object(item)
}

const PARTS: &[(Part, &str)] = &[
    (Part::Author, "author"),
    (Part::Editor, "editor"),
    (Part::Translator, "translator"),
    (Part::Interviewer, "interviewer"),
    (Part::Director, "director"),
];

fn maker(maker: &super::Maker) -> Option<Value> {
    if let Some((family, given)) = maker.parts() {
        return Some(json!({"family": family, "given": given}));
    }
    maker.literal().map(|literal| json!({"literal": literal}))
}

fn date(when: &When) -> Value {
    let mut parts = vec![json!(when.first.0)];
    parts.extend(when.last.as_ref().map(|last| json!(last.0)));
    let mut date = json!({"date-parts": parts});
    if when.is_circa {
        date["circa"] = json!(true);
    }
    date
}
