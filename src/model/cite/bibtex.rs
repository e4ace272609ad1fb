//! BibTeX, with the entry types and fields of biblatex, in UTF-8.

use super::{
    Cited, Genre, Lang, Part,
    date::{Parts, When, when},
    in_lang, one_line,
};

/// One entry.
pub fn bibtex(cited: Cited, lang: Lang) -> String {
    let record = cited.record();
    let mut fields: Vec<(&str, String)> = Vec::new();
    let mut set = |name: &'static str, value: Option<String>| {
        if let Some(value) = value.map(|v| one_line(&v)).filter(|v| !v.is_empty()) {
            fields.push((name, escape(&value)));
        }
    };
    let (genre, url) = match cited {
        Cited::Record(record) => {
            set("title", Some(record.label.clone()));
            set("organization", Some(record.archive.name.to_string()));
            set("version", Some(record.revision.to_string()));
            dated(&mut fields, Some(&When { first: Parts::of_day(record.day), last: None, is_circa: false }));
            (Genre::ENTRY.bibtex, record.address())
        }
        Cited::Work(work, _) => {
            set("title", in_lang(&work.title, lang).map(str::to_owned));
            let holder = match work.genre.bibtex {
                "article" => "journaltitle",
                _ => "booktitle",
            };
            set(holder, work.container.clone());
            set("series", work.series.clone());
            set("volume", work.volume.clone());
            set("number", work.issue.clone());
            set("edition", work.edition.clone());
            set("pages", work.pages.clone());
            set("publisher", work.publisher.clone());
            set("location", work.place.clone());
            set("isbn", (!work.isbn.is_empty()).then(|| work.isbn.join(" ")));
            set("issn", work.issn.clone());
            set("doi", work.doi.clone());
            set("language", work.language.clone());
            let repository = in_lang(&work.repository, lang).map(str::to_owned);
            let library: Vec<String> =
                [repository, work.collection.clone(), work.location.clone()].into_iter().flatten().collect();
            set("library", (!library.is_empty()).then(|| library.join(", ")));
            if let Some(accessed) = work.accessed.as_ref().and_then(when).filter(|_| work.url.is_some()) {
                set("urldate", Some(accessed.first.iso()));
            }
            for (part, name) in PARTS {
                let makers: Vec<String> = work.makers.iter().filter(|m| m.part == *part).filter_map(maker).collect();
                if !makers.is_empty() {
                    fields.push((name, makers.join(" and ")));
                }
            }
            dated(&mut fields, work.date.as_ref().and_then(when).as_ref());
            (work.genre.bibtex, work.url.clone().unwrap_or_else(|| record.address()))
        }
    };
    fields.push(("url", address(&url)));
    fields.push(("note", escape(&one_line(&cited.notes().join("; ")))));
    let mut text = format!("@{genre}{{{},\n", cited.key());
    for (name, value) in fields {
        // Two braces around a title keep its capitals.
        let value = if name == "title" { format!("{{{value}}}") } else { value };
        text.push_str(&format!("  {name} = {{{value}}},\n"));
    }
    text.push_str("}\n");
    text
}

const PARTS: &[(Part, &str)] = &[
    (Part::Author, "author"),
    (Part::Editor, "editor"),
    (Part::Translator, "translator"),
    (Part::Interviewer, "editora"),
    (Part::Director, "editorb"),
];

fn dated(fields: &mut Vec<(&str, String)>, when: Option<&When>) {
    let Some(when) = when else { return };
    let last = when.last.as_ref().map(|last| format!("/{}", last.iso())).unwrap_or_default();
    fields.push(("date", format!("{}{last}", when.first.iso())));
    fields.push(("year", when.first.year().to_string()));
}

/// A name in two parts, or one in braces, which nothing takes apart.
fn maker(maker: &super::Maker) -> Option<String> {
    match maker.parts() {
        Some((family, given)) => Some(format!("{{{}}}, {{{}}}", escape(&family), escape(&given))),
        None => maker.literal().map(|name| format!("{{{}}}", escape(&name))),
    }
}

/// Text in which every sign stands for itself. Braces are named: an escaped one still counts when braces are paired.
fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' => safe.push_str("\\textbackslash{}"),
            '{' => safe.push_str("\\textbraceleft{}"),
            '}' => safe.push_str("\\textbraceright{}"),
            '~' => safe.push_str("\\textasciitilde{}"),
            '^' => safe.push_str("\\textasciicircum{}"),
            '$' | '&' | '#' | '%' | '_' => {
                safe.push('\\');
                safe.push(c);
            }
            c => safe.push(c),
        }
    }
    safe
}

/// An address stands as it is, but for what would end the field.
fn address(url: &str) -> String {
    url.chars().fold(String::new(), |mut safe, c| {
        match c {
            '{' => safe.push_str("%7B"),
            '}' => safe.push_str("%7D"),
            '\\' => safe.push_str("%5C"),
            c if super::is_break(c) => {}
            c => safe.push(c),
        }
        safe
    })
}
