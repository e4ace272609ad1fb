#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;

/// Text, level, first and last possible day; `..` where there is none.
const FIXTURE: &[(&str, u8, &str, &str)] = &[
    ("1937-08-05", 0, "1937-08-05", "1937-08-05"),
    ("1937-08", 0, "1937-08-01", "1937-08-31"),
    ("1936-02", 0, "1936-02-01", "1936-02-29"),
    ("1937", 0, "1937-01-01", "1937-12-31"),
    ("0000", 0, "0000-01-01", "0000-12-31"),
    ("1985-04-12T23:20:30", 0, "1985-04-12", "1985-04-12"),
    ("1985-04-12T24:00:00Z", 0, "1985-04-12", "1985-04-12"),
    ("1985-04-12T23:20:30.5-04:30", 0, "1985-04-12", "1985-04-12"),
    ("1964/2008", 0, "1964-01-01", "2008-12-31"),
    ("1937-08/1938-03", 0, "1937-08-01", "1938-03-31"),
    ("2004-02-01/2005", 0, "2004-02-01", "2005-12-31"),
    ("Y17000", 1, "Y17000", "Y17000"),
    ("Y-17000~", 1, "Y-17000", "Y-17000"),
    ("Y999999999999999999999999", 1, "Y1000000000", "Y1000000000"),
    ("-0044-03-15", 1, "-0044-03-15", "-0044-03-15"),
    ("1937-21", 1, "1937-03-01", "1937-05-31"),
    ("1937-22", 1, "1937-06-01", "1937-08-31"),
    ("1937-23", 1, "1937-09-01", "1937-11-30"),
    ("1935-24", 1, "1935-12-01", "1936-02-29"),
    ("1937-23~", 1, "1937-09-01", "1937-11-30"),
    ("1890~", 1, "1890-01-01", "1890-12-31"),
    ("1890-05-06%", 1, "1890-05-06", "1890-05-06"),
    ("189X", 1, "1890-01-01", "1899-12-31"),
    ("189X~", 1, "1890-01-01", "1899-12-31"),
    ("18XX", 1, "1800-01-01", "1899-12-31"),
    ("-20XX", 1, "-2099-01-01", "-2000-12-31"),
    ("-000X", 1, "-0009-01-01", "-0001-12-31"),
    ("1937-XX", 1, "1937-01-01", "1937-12-31"),
    ("1937-02-XX", 1, "1937-02-01", "1937-02-28"),
    ("1937-XX-XX", 1, "1937-01-01", "1937-12-31"),
    ("XXXX", 1, "..", ".."),
    ("XXXX-XX", 1, "..", ".."),
    ("XXXX-XX-XX", 1, "..", ".."),
    ("-XXXX", 1, "-9999-01-01", "-0001-12-31"),
    ("../..", 1, "..", ".."),
    ("/", 1, "..", ".."),
    ("../1937", 1, "..", "1937-12-31"),
    ("1937-08/", 1, "1937-08-01", ".."),
    ("1984~/2004-06", 1, "1984-01-01", "2004-06-30"),
    ("1937-23/1938-21", 1, "1937-09-01", "1938-05-31"),
    ("Y17E3", 2, "Y17000", "Y17000"),
    ("Y1E99999999999999999999", 2, "Y1000000000", "Y1000000000"),
    ("1950S2", 2, "1900-01-01", "1999-12-31"),
    ("1950S9", 2, "1950-01-01", "1950-12-31"),
    ("-1950S2", 2, "-1999-01-01", "-1900-12-31"),
    ("Y3388E2S3", 2, "Y338000", "Y338999"),
    ("2001-25", 2, "2001-03-01", "2001-05-31"),
    ("2001-28", 2, "2001-12-01", "2002-02-28"),
    ("2001-29", 2, "2001-09-01", "2001-11-30"),
    ("2001-30", 2, "2001-12-01", "2002-02-28"),
    ("2001-31", 2, "2001-03-01", "2001-05-31"),
    ("2001-32", 2, "2001-06-01", "2001-08-31"),
    ("2001-33", 2, "2001-01-01", "2001-03-31"),
    ("2001-36", 2, "2001-10-01", "2001-12-31"),
    ("2001-37", 2, "2001-01-01", "2001-04-30"),
    ("2001-39", 2, "2001-09-01", "2001-12-31"),
    ("2001-40", 2, "2001-01-01", "2001-06-30"),
    ("2001-41", 2, "2001-07-01", "2001-12-31"),
    ("193X-21", 2, "1930-03-01", "1939-05-31"),
    ("156X-12-25", 2, "1560-12-25", "1569-12-25"),
    ("1XXX-12", 2, "1000-12-01", "1999-12-31"),
    ("XXXX-12-XX", 2, "0000-12-01", "9999-12-31"),
    ("1937-1X", 2, "1937-10-01", "1937-12-31"),
    ("1937-XX-31", 2, "1937-01-31", "1937-12-31"),
    ("193X-02-29", 2, "1932-02-29", "1936-02-29"),
    ("2004-06~-11", 2, "2004-06-11", "2004-06-11"),
    ("?2004-06-~11", 2, "2004-06-11", "2004-06-11"),
    ("2004-06-XX/2004-07-03", 2, "2004-06-01", "2004-07-03"),
    ("1937-08-05/1937-XX-XX", 2, "1937-08-05", "1937-12-31"),
    ("[1667,1668,1670..1672]", 2, "1667-01-01", "1672-12-31"),
    ("{1961-12,1960}", 2, "1960-01-01", "1961-12-31"),
    ("[1937..]", 2, "1937-01-01", ".."),
    ("[..1937-08-02]", 2, "..", "1937-08-02"),
    ("[1937-08-02..1937-08-15]", 2, "1937-08-02", "1937-08-15"),
    ("[1916,1917]", 2, "1916-01-01", "1917-12-31"),
];

const REFUSED: &[&str] = &[
    "",
    " ",
    "1937 ",
    "1937-08-5",
    "1937-8",
    "37",
    "193",
    "19",
    "12345",
    "1937-13",
    "1937-02-29",
    "1937-00",
    "1937-42",
    "1937-1X-31-01",
    "1937-23-05",
    "1937-2X",
    "-0000",
    "-0000-01-01",
    "-0000S2",
    "Y1937",
    "Y1E3",
    "Y017000",
    "Y17E0",
    "-Y17000",
    "Y17E7-12",
    "1950S0",
    "1950S",
    "1950S2-05",
    "195XS2",
    "2004-(06)?-11",
    "198u",
    "198x",
    "unknown",
    "open/1937",
    "1937??",
    "1937-",
    "-",
    "1937/1936",
    "1937-02/1937",
    "1937/1938/1939",
    "Y17000/Y18000",
    "1937-01-01T10:00:00/1938",
    "1937T10:00:00",
    "193X-01-01T10:00:00",
    "1937-01-01T",
    "1937-01-01T1:00:00",
    "1937-01-01T10:00:60",
    "1937-01-01T10:00:00.",
    "1937-01-01T10:00:00+14:01",
    "1937-01-01T10:00:00-00:00",
    "[]",
    "{}",
    "[..]",
    "[1937",
    "[1937}",
    "[1937,]",
    "[1937, 1938]",
    "[1937,..1938]",
    "[1937..,1938]",
    "[1937..1938-02]",
    "[1938..1937]",
    "[[1937]]",
    "[1937]~",
    "1937-02-30",
    "193X-02-30",
    "1937\u{2013}1938",
    "\u{0661}\u{0669}37",
];

fn iso(day: Option<i64>) -> String {
    day.map_or("..".to_owned(), day_to_iso)
}

fn parse(text: &str) -> Result<Edtf, EdtfError> {
    Edtf::parse(text, Calendar::Gregorian)
}

#[test]
fn fixture_has_its_levels_and_intervals() {
    for &(text, level, earliest, latest) in FIXTURE {
        let date = parse(text).unwrap();
        let DayInterval { earliest: first, latest: last } = date.interval();
        assert_eq!((date.level(), iso(first), iso(last)), (level, earliest.into(), latest.into()), "{text}");
    }
}

#[test]
fn what_is_no_edtf_is_refused_with_a_sentence() {
    let long = format!("{{{}1937}}", "1937,".repeat(40));
    for &text in REFUSED.iter().chain([&long.as_str()]) {
        let reason = parse(text).map_err(|error| error.reason);
        assert!(reason.as_ref().is_err_and(|r| r.ends_with('.')), "{text:?}: {reason:?}");
    }
}

#[test]
fn qualifiers_are_told_apart() {
    for (text, uncertain, approximate) in [
        ("1937", false, false),
        ("1937?", true, false),
        ("1937~", false, true),
        ("1937%", true, true),
        ("1937-~08-05", false, true),
        ("1937?/1938~", true, true),
        ("[1937,?1938]", true, false),
    ] {
        let date = parse(text).unwrap();
        assert_eq!((date.is_uncertain(), date.is_approximate()), (uncertain, approximate), "{text}");
    }
}

#[test]
fn the_calendar_decides_which_days_exist() {
    assert!(parse("1900-02-29").is_err());
    let day = Edtf::parse("1900-02-29", Calendar::Julian).unwrap().interval();
    assert_eq!(iso(day.earliest), "1900-03-13");
    let month = Edtf::parse("1917-10", Calendar::Julian).unwrap().interval();
    assert_eq!((iso(month.earliest), iso(month.latest)), ("1917-10-14".into(), "1917-11-13".into()));
    let feb = Edtf::parse("19XX-02-29", Calendar::Julian).unwrap().interval();
    assert_eq!(feb.earliest, julian_to_day(1900, 2, 29));
}

#[test]
fn days_of_the_two_calendars_agree_with_history() {
    for (julian, gregorian, number) in [
        ((-4712, 1, 1), (-4713, 11, 24), 0),
        ((-43, 3, 15), (-43, 3, 13), 1_705_426),
        ((-1, 3, 1), (-1, 2, 27), 1_720_752),
        ((0, 3, 1), (0, 2, 28), 1_721_118),
        ((1582, 10, 4), (1582, 10, 14), 2_299_160),
        ((1582, 10, 5), (1582, 10, 15), 2_299_161),
        ((1888, 9, 27), (1888, 10, 9), 2_410_920),
        ((1900, 2, 28), (1900, 3, 12), 2_415_091),
        ((1900, 2, 29), (1900, 3, 13), 2_415_092),
        ((1900, 3, 1), (1900, 3, 14), 2_415_093),
        ((1918, 1, 31), (1918, 2, 13), 2_421_638),
        ((1999, 12, 19), (2000, 1, 1), 2_451_545),
    ] {
        let name = format!("{gregorian:?}");
        assert_eq!(julian_to_day(julian.0, julian.1, julian.2), Some(number), "{name}");
        assert_eq!(gregorian_to_day(gregorian.0, gregorian.1, gregorian.2), Some(number), "{name}");
        assert_eq!((day_to_julian(number), day_to_gregorian(number)), (julian, gregorian));
    }
}

#[test]
fn days_that_do_not_exist_have_no_number() {
    for (year, month, day) in
        [(1900, 2, 29), (1937, 0, 1), (1937, 13, 1), (1937, 1, 0), (1937, 4, 31), (i64::MAX, 1, 1)]
    {
        assert_eq!(gregorian_to_day(year, month, day), None);
    }
    assert_eq!(julian_to_day(1901, 2, 29), None);
    assert_eq!(julian_to_day(i64::MIN, 1, 1), None);
    for text in ["1937-2-01", "1937-02-30", "+937-02-01", "1937/02/01", "1937-02-01 ", "-0044-03-15", ""] {
        assert_eq!(iso_to_day(text), None, "{text}");
    }
    for number in [i64::MIN, i64::MAX] {
        assert!(day_to_iso(number).starts_with('Y'));
        assert!(day_to_julian(number).1 <= 12);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1_000) })]

    #[test]
    fn days_round_trip(day in prop_oneof![-365_000_000_000..365_000_000_000_i64, -1_000_000..4_000_000_i64]) {
        let (year, month, date) = day_to_gregorian(day);
        prop_assert_eq!(gregorian_to_day(year, month, date), Some(day));
        let (year, month, date) = day_to_julian(day);
        prop_assert_eq!(julian_to_day(year, month, date), Some(day));
    }

    #[test]
    fn a_precise_date_is_its_own_interval(day in -1_900_000..5_300_000_i64) {
        let text = day_to_iso(day);
        let exact = DayInterval { earliest: Some(day), latest: Some(day) };
        prop_assert_eq!(parse(&text).unwrap().interval(), exact);
        prop_assert!(text.starts_with('-') || iso_to_day(&text) == Some(day));
        let (year, month, date) = day_to_julian(day);
        let text = format!("{}{:04}-{month:02}-{date:02}", if year < 0 { "-" } else { "" }, year.abs());
        prop_assert_eq!(Edtf::parse(&text, Calendar::Julian).unwrap().interval(), exact);
    }

    #[test]
    fn nothing_makes_the_parser_panic(text in any::<String>(), signs in r"[0-9XYTSEZu?~%/.,:+\[\]{}-]{0,30}") {
        for text in [&text, &signs] {
            ordered(text)?;
        }
    }

    #[test]
    fn what_parses_is_in_order(
        one in r"[?~%]?-?[0-9X]{4}[?~%]?(-[?~%]?([0-3X][0-9X])[?~%]?(-[?~%]?[0-3X][0-9X][?~%]?)?)?",
        two in r"-?[0-9X]{4}(-[012X][0-9X](-[0-3X][0-9X])?)?|Y-?[1-9][0-9]{0,20}(E[0-9]{1,3})?(S[0-9]{1,3})?|[0-9]{4}S[1-9]|",
        form in 0..6,
    ) {
        let text = match form {
            0 => one,
            1 => two,
            2 => format!("{one}/{two}"),
            3 => format!("[{two},{one}]"),
            4 => format!("{{{two}..{one}}}"),
            _ => format!("{two}/.."),
        };
        ordered(&text)?;
    }
}

proptest! {
    // Each case reads a century of days.
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(100) })]

    #[test]
    fn unspecified_digits_bound_what_matches(
        year in "19[0-9X]{2}", month in "0[1-9X]|1[0-2X]|X[0-9X]", day in "[0-3X][0-9X]"
    ) {
        let text = format!("{year}-{month}-{day}");
        let matches = |number: &i64| {
            let iso = day_to_iso(*number);
            iso.bytes().zip(text.bytes()).all(|(exact, mask)| mask == b'X' || mask == exact)
        };
        let (from, to) = (iso_to_day("1900-01-01").unwrap(), iso_to_day("1999-12-31").unwrap());
        let days = DayInterval { earliest: (from..=to).find(matches), latest: (from..=to).rev().find(matches) };
        match parse(&text) {
            Ok(date) => prop_assert_eq!(date.interval(), days),
            Err(_) => prop_assert_eq!(days.earliest, None),
        }
    }
}

fn ordered(text: &str) -> Result<(), TestCaseError> {
    for calendar in [Calendar::Gregorian, Calendar::Julian] {
        if let Ok(date) = Edtf::parse(text, calendar) {
            let DayInterval { earliest, latest } = date.interval();
            prop_assert!(earliest.zip(latest).is_none_or(|(first, last)| first <= last), "{text}");
            prop_assert!(date.level() <= 2);
        }
    }
    Ok(())
}
