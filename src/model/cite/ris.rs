//! RIS: tagged lines that end in CR LF.

use super::{
    Cited, Genre, Lang, Part,
    date::{Parts, when},
    in_lang, one_line,
};

/// One reference, from `TY` to `ER`.
pub fn ris(cited: Cited, lang: Lang) -> String {
    let record = cited.record();
    let mut text = String::new();
    let mut line = |tag: &str, value: Option<String>| {
        if let Some(value) = value.map(|v| one_line(&v)).filter(|v| !v.is_empty()) {
            text.push_str(&format!("{tag}  - {value}\r\n"));
        }
    };
    match cited {
        Cited::Record(record) => {
            line("TY", Some(Genre::ENTRY.ris.to_owned()));
            line("ID", Some(cited.key()));
            line("TI", Some(record.label.clone()));
            line("T2", Some(record.archive.name.to_string()));
            line("PB", Some(record.archive.name.to_string()));
            let day = Parts::of_day(record.day);
            line("PY", Some(day.year().to_string()));
            line("DA", Some(slashed(&day)));
            line("ET", Some(record.revision.to_string()));
            line("AN", Some(record.reference.clone()));
            line("UR", Some(record.address()));
        }
        Cited::Work(work, _) => {
            line("TY", Some(work.genre.ris.to_owned()));
            line("ID", Some(cited.key()));
            line("TI", in_lang(&work.title, lang).map(str::to_owned));
            for maker in &work.makers {
                let tag = match maker.part {
                    Part::Author => "AU",
                    Part::Editor => "ED",
                    Part::Translator => "A4",
                    Part::Interviewer | Part::Director => "A3",
                };
                line(tag, maker.inverted());
            }
            line("T2", work.container.clone());
            line("T3", work.series.clone());
            line("VL", work.volume.clone());
            line("IS", work.issue.clone());
            line("ET", work.edition.clone());
            line("SP", work.pages.clone());
            line("CY", work.place.clone());
            line("PB", work.publisher.clone());
            if let Some(when) = work.date.as_ref().and_then(when) {
                line("PY", Some(when.first.year().to_string()));
                line("DA", Some(slashed(&when.first)));
            }
            for number in &work.isbn {
                line("SN", Some(number.clone()));
            }
            line("SN", work.issn.clone());
            line("DO", work.doi.clone());
            line("LA", work.language.clone());
            line("DP", in_lang(&work.repository, lang).map(str::to_owned));
            let place: Vec<&str> =
                [&work.collection, &work.location].into_iter().flatten().map(String::as_str).collect();
            line("CN", (!place.is_empty()).then(|| place.join(" ")));
            line("UR", Some(work.url.clone().unwrap_or_else(|| record.address())));
            line("Y2", work.accessed.as_ref().and_then(when).map(|w| slashed(&w.first)));
        }
    }
    for note in cited.notes() {
        line("N1", Some(note));
    }
    text.push_str("ER  - \r\n");
    text
}

/// `1937/07/30/`: all four fields of a RIS date.
fn slashed(parts: &Parts) -> String {
    let part = |i: usize| parts.0.get(i).map(|n| format!("{n:02}")).unwrap_or_default();
    format!("{}/{}/{}/", parts.year(), part(1), part(2))
}
