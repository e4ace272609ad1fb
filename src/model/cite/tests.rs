use serde_json::json;

use super::{date::when, *};
use crate::model::kinds::KindDescriptor;

fn date(edtf: &str, calendar: Option<super::super::parts::date::Calendar>) -> HistoricalDate {
    HistoricalDate { edtf: edtf.to_owned(), calendar, verbatim: None, basis: None }
}

#[test]
fn dates_are_as_exact_as_their_days() {
    use crate::model::parts::date::Calendar::Julian;
    for (edtf, calendar, first, last, is_circa) in [
        ("1937-07-30", None, "1937-07-30", None, false),
        ("1937-07", None, "1937-07", None, false),
        ("1937-12", None, "1937-12", None, false),
        ("1937", None, "1937", None, false),
        ("1937~", None, "1937", None, true),
        ("1937/1938", None, "1937-01-01", Some("1938-12-31"), false),
        ("1888-09-27", Some(Julian), "1888-10-09", None, false),
        ("1888-09", Some(Julian), "1888-09-13", Some("1888-10-12"), false),
        ("1937/..", None, "1937-01-01", None, true),
    ] {
        let found = when(&date(edtf, calendar)).unwrap();
        assert_eq!(found.first.iso(), first, "{edtf}");
        assert_eq!(found.last.map(|l| l.iso()).as_deref(), last, "{edtf}");
        assert_eq!(found.is_circa, is_circa, "{edtf}");
    }
    assert_eq!(when(&date("XXXX-XX-XX", None)), None);
}

#[test]
fn sentences_are_written_as_people_write_them() {
    let kind = KindDescriptor::by_name("source").unwrap();
    let record = Record {
        archive: Archive::new("Картотека", "https://archive.example/"),
        kind,
        reference: "S1".into(),
        revision: 3,
        hash: "ab".into(),
        label: "Приказ".into(),
        day: 2_461_102,
    };
    assert_eq!(
        sentence(Cited::Record(&record), Lang::En),
        "“Приказ”, Картотека, S1, revision 3 of 2 March 2026, https://archive.example/v1/sources/S1/revisions/3 (SHA-256 ab)."
    );
    assert_eq!(
        sentence(Cited::Record(&record), Lang::Ru),
        "Приказ // Картотека. S1, редакция 3 от 02.03.2026. URL: https://archive.example/v1/sources/S1/revisions/3 (SHA-256 ab)."
    );
    // A name without Latin letters leaves a key that every reader of BibTeX takes.
    assert!(bibtex(Cited::Record(&record), Lang::En).starts_with("@online{archive-S1-r3,\n"));
    let body = json!({
        "kind": {"code": "chapter"}, "title": {"en": "A chapter."},
        "creators": [{"role": "author", "who": {"text": "A. Author"}}, {"role": "editor", "who": {"text": "E. Editor"}}],
        "container": {"title": "The book", "volume": "2"}, "publisher": "House", "pages": "5–9",
        "place": [{"value": {"verbatim": "Paris"}, "rank": "normal", "certainty": "certain"}]
    });
    let work = kind.work_of(&body).unwrap();
    let text = sentence(Cited::Work(&work, &record), Lang::En);
    let expected = "A. Author. A chapter.. In: The book. Ed. by E. Editor. Vol. 2. Paris: House. P. 5–9. [";
    assert!(text.starts_with(&expected.replace("..", ".")), "{text}");
}
