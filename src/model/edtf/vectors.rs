//! The test lists of two other readers, where they are at hand; they stay out of the project itself.

#![allow(clippy::unwrap_used)]

use std::{fs, path::Path};

use super::{Calendar, Edtf};

/// Strings whose verdict in the list is not followed. None of them is valid or invalid in both sources.
const VERDICTS: &[(&[&str], bool, &str)] = &[
    (&["19", "00", "-04", "19~", "19?", "19%"], false, "a century of two digits is no part of the profile: 19XX"),
    (
        &["193", "019", "009", "000", "-193", "-019", "197~", "197?", "197%"],
        false,
        "a decade of three digits is no part of the profile: 193X",
    ),
    (
        &["[1667, 1672-12]", "{1667, 1670..1672}", "{1960 ,  1961-12}"],
        false,
        "the profile allows no space in a set, and the other source refuses them",
    ),
    (&["2012-21/2012-22"], true, "the other source takes seasons in intervals (2003-22/2003-23)"),
];

/// Strings whose level in the list is not followed.
const LEVELS: &[(&[&str], u8, &str)] = &[
    (&["-0002", "-9999"], 1, "negative years are of level 1 in the profile and the other source"),
    (&["2011-23~"], 1, "season and qualifier at the end are of level 1, as the same source has it in 1952-23~/1953"),
];

fn exception<T: Copy>(list: &[(&[&str], T, &str)], text: &str) -> Option<T> {
    list.iter().find(|(texts, ..)| texts.contains(&text)).map(|&(_, ours, _)| ours)
}

#[test]
fn other_readers_agree() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/edtf-vectors.tsv");
    let Ok(table) = fs::read_to_string(&path) else {
        println!("skipped: the vector file is not there");
        return;
    };
    let mut wrong = Vec::new();
    let mut rows = 0;
    for line in table.lines().skip(1) {
        let [text, valid, level, source] = line.split('\t').collect::<Vec<_>>()[..] else {
            wrong.push(format!("not four columns: {line:?}"));
            continue;
        };
        rows += 1;
        let ours = Edtf::parse(text, Calendar::Gregorian);
        let listed = valid == "1";
        let expected = exception(VERDICTS, text);
        if expected == Some(listed) {
            wrong.push(format!("{text:?} ({source}) is no exception"));
        }
        if ours.is_ok() != expected.unwrap_or(listed) {
            wrong.push(format!("{text:?} ({source}): {ours:?}"));
        }
        if let (Ok(ours), Ok(listed)) = (&ours, level.parse::<u8>())
            && ours.level() != exception(LEVELS, text).unwrap_or(listed)
        {
            wrong.push(format!("{text:?} ({source}): level {} not {listed}", ours.level()));
        }
    }
    println!("{rows} vectors read");
    assert!(rows > 0 && wrong.is_empty(), "{}", wrong.join("\n"));
}
