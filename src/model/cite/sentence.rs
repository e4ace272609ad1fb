//! Citations as people write them, in English and in Russian.

use super::{
    Cited, Lang, Part, Record, Work,
    date::{Parts, When, when},
    in_lang, one_line,
};

/// One sentence, without a line feed.
pub fn sentence(cited: Cited, lang: Lang) -> String {
    let text = match cited {
        Cited::Record(record) => of_record(record, lang),
        Cited::Work(work, record) => of_work(work, record, lang),
    };
    one_line(&text)
}

fn of_record(record: &Record, lang: Lang) -> String {
    let Record { archive, reference, revision, hash, label, .. } = record;
    let (date, address) = (day(&Parts::of_day(record.day), lang), record.address());
    match lang {
        Lang::En => {
            format!(
                "“{label}”, {}, {reference}, revision {revision} of {date}, {address} (SHA-256 {hash}).",
                archive.name
            )
        }
        Lang::Ru => {
            format!(
                "{label} // {}. {reference}, редакция {revision} от {date}. URL: {address} (SHA-256 {hash}).",
                archive.name
            )
        }
    }
}

fn of_work(work: &Work, record: &Record, lang: Lang) -> String {
    let is_english = lang == Lang::En;
    let mut parts: Vec<String> = Vec::new();
    let authors: Vec<String> =
        work.makers.iter().filter(|m| m.part == Part::Author).filter_map(super::Maker::inverted).collect();
    if !authors.is_empty() {
        parts.push(authors.join("; "));
    }
    let title = in_lang(&work.title, lang).unwrap_or(&record.label).trim_end_matches('.');
    parts.push(match &work.container {
        Some(container) if is_english => format!("{title}. In: {container}"),
        Some(container) => format!("{title} // {container}"),
        None => title.to_owned(),
    });
    let editors: Vec<String> =
        work.makers.iter().filter(|m| m.part == Part::Editor).filter_map(super::Maker::inverted).collect();
    if !editors.is_empty() {
        parts.push(format!("{} {}", if is_english { "Ed. by" } else { "Ред.:" }, editors.join("; ")));
    }
    let words = |english: &str, russian: &str, value: &Option<String>| {
        value.as_ref().map(|v| format!("{} {v}", if is_english { english } else { russian }))
    };
    parts.extend(work.series.clone());
    parts.extend(work.edition.clone());
    parts.extend(words("Vol.", "Т.", &work.volume));
    parts.extend(words("No.", "№", &work.issue));
    let imprint: Vec<String> = [work.place.clone(), work.publisher.clone()].into_iter().flatten().collect();
    if !imprint.is_empty() {
        parts.push(imprint.join(": "));
    }
    parts.extend(work.date.as_ref().and_then(when).map(|w| dates(&w, lang)));
    parts.extend(words("P.", "С.", &work.pages));
    let held = [in_lang(&work.repository, lang).map(str::to_owned), work.collection.clone(), work.location.clone()];
    let held: Vec<String> = held.into_iter().flatten().collect();
    if !held.is_empty() {
        parts.push(held.join(". "));
    }
    parts.extend(work.doi.as_ref().map(|doi| format!("DOI: {doi}")));
    if let Some(url) = &work.url {
        let accessed = work
            .accessed
            .as_ref()
            .and_then(when)
            .map(|w| format!(" ({} {})", if is_english { "accessed" } else { "дата обращения:" }, dates(&w, lang)));
        parts.push(format!("URL: {url}{}", accessed.unwrap_or_default()));
    }
    let parts: Vec<&str> = parts.iter().map(|p| p.trim_end_matches('.')).collect();
    let (word, archive) = (if is_english { "revision" } else { "редакция" }, &record.archive.name);
    format!(
        "{}. [{archive}, {}, {word} {}, {}, SHA-256 {}]",
        parts.join(". "),
        record.reference,
        record.revision,
        record.address(),
        record.hash
    )
}

fn dates(when: &When, lang: Lang) -> String {
    let circa = match (when.is_circa, lang) {
        (false, _) => "",
        (true, Lang::En) => "c. ",
        (true, Lang::Ru) => "ок. ",
    };
    match &when.last {
        Some(last) => format!("{circa}{} – {}", day(&when.first, lang), day(last, lang)),
        None => format!("{circa}{}", day(&when.first, lang)),
    }
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// `2 March 2026`, `02.03.2026`; of a month or a year as much as is known.
fn day(parts: &Parts, lang: Lang) -> String {
    let month = |n: i64| usize::try_from(n - 1).ok().and_then(|i| MONTHS.get(i)).copied().unwrap_or_default();
    match (parts.0.as_slice(), lang) {
        ([year, m, d], Lang::En) => format!("{d} {} {year}", month(*m)),
        ([year, m, d], Lang::Ru) => format!("{d:02}.{m:02}.{year}"),
        ([year, m], Lang::En) => format!("{} {year}", month(*m)),
        ([year, m], Lang::Ru) => format!("{m:02}.{year}"),
        _ => parts.year().to_string(),
    }
}
