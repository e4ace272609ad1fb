//! The shape of the house, read from the sources: floors, sizes, migrations.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use crate::harness::plain_cases;

plain_cases![
    no_floor_uses_one_above,
    libraries_stay_on_their_floors,
    every_write_says_by_what_right,
    files_of_sqlite_are_opened_in_one_place,
    tables_are_made_in_one_file,
    kinds_are_named_in_their_own_files_only,
    no_file_has_outgrown_a_head,
];

/// The floor of every room; the lobby belongs to the third.
const FLOORS: &[(&str, u8)] = &[
    ("model", 1),
    ("store", 2),
    ("usecase", 3),
    ("editorial", 3),
    ("access", 3),
    ("research", 3),
    ("http", 4),
    ("cli", 4),
];

/// Rooms of one floor that another may enter: the lobby by all, and the rooms of the fourth by the commands.
const WITHIN: &[(&str, &str)] =
    &[("editorial", "usecase"), ("access", "usecase"), ("research", "usecase"), ("cli", "http")];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(files(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            all.push(path);
        }
    }
    all.sort();
    all
}

fn room(file: &Path) -> String {
    let inside = file.strip_prefix(root().join("src")).unwrap();
    inside.components().next().unwrap().as_os_str().to_str().unwrap().trim_end_matches(".rs").to_owned()
}

/// Rooms that a file names behind `crate::`, also inside braces: `use crate::{model::…, store::…}`.
fn rooms_used(text: &str) -> Vec<String> {
    let mut used = Vec::new();
    for rest in text.split("crate::").skip(1) {
        if let Some(block) = rest.strip_prefix('{') {
            let mut depth = 0;
            let mut word = String::new();
            for c in block.chars() {
                match c {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ':' | ',' => {}
                    c if depth == 0 && (c.is_alphanumeric() || c == '_') => {
                        word.push(c);
                        continue;
                    }
                    _ => {}
                }
                used.push(std::mem::take(&mut word));
            }
            used.push(word);
        } else {
            used.push(rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect());
        }
    }
    used.retain(|w| FLOORS.iter().any(|(room, _)| room == w));
    used
}

fn no_floor_uses_one_above() {
    let floors: BTreeMap<&str, u8> = FLOORS.iter().copied().collect();
    let mut checked = 0;
    for file in files(&root().join("src")) {
        let own = room(&file);
        let Some(floor) = floors.get(own.as_str()) else {
            assert!(["main", "lib"].contains(&own.as_str()), "{} stands on no floor", file.display());
            continue;
        };
        for used in rooms_used(&fs::read_to_string(&file).unwrap()) {
            checked += 1;
            let allowed =
                used == own || floors[used.as_str()] < *floor || WITHIN.contains(&(own.as_str(), used.as_str()));
            assert!(allowed, "{} uses {used}", file.display());
        }
    }
    assert!(checked > 100, "the test has lost its eyes: {checked}");
    // The test can fail.
    assert_eq!(rooms_used("use crate::{\n    http::{a, b},\n    model::c,\n};"), ["http", "model"]);
}

fn libraries_stay_on_their_floors() {
    let rules: &[(&str, &[&str])] = &[
        ("diesel", &["store"]),
        ("actix_web", &["http", "cli"]),
        ("SystemTime", &["usecase"]),
        ("std::fs", &["store", "cli"]),
        ("tokio", &["http"]),
    ];
    for file in files(&root().join("src")) {
        let text = fs::read_to_string(&file).unwrap();
        for (library, rooms) in rules {
            let uses = text.lines().any(|l| l.contains(&format!("{library}::")) && !l.trim_start().starts_with("//"));
            assert!(!uses || rooms.contains(&room(&file).as_str()), "{} uses {library}", file.display());
        }
    }
}

/// The writes of `Store` know no rights: only `Archive` calls them, which looks at them again.
fn every_write_says_by_what_right() {
    let calls = |text: &str| {
        let text = text.split_whitespace().collect::<String>();
        text.matches("store.write(").count() + text.matches("store.write_as(").count()
    };
    let callers = files(&root().join("src")).into_iter().filter(|file| calls(&fs::read_to_string(file).unwrap()) > 0);
    let callers: Vec<_> = callers.map(|file| file.strip_prefix(root()).unwrap().to_owned()).collect();
    assert_eq!(callers, [Path::new("src/usecase/authority.rs")]);
    assert_eq!(calls("archive.store\n    .write(|tx| x)"), 1);
}

fn files_of_sqlite_are_opened_in_one_place() {
    let opens = |file: &PathBuf| fs::read_to_string(file).unwrap().matches("SqliteConnection::establish(").count();
    let places: Vec<_> = files(&root().join("src")).into_iter().filter(|file| opens(file) > 0).collect();
    assert_eq!(places, [root().join("src/store/conn.rs")]);
    assert_eq!(opens(&places[0]), 1, "it would skip the permissions of the file");
}

/// Tables are made in one place, which knows what a spreadsheet would run.
fn tables_are_made_in_one_file() {
    let makes = |file: &PathBuf| fs::read_to_string(file).unwrap().contains("csv::Writer");
    let found: Vec<PathBuf> = files(&root().join("src")).into_iter().filter(makes).collect();
    assert_eq!(found, [root().join("src/model/table.rs")]);
}

fn kinds_are_named_in_their_own_files_only() {
    for file in files(&root().join("src")) {
        let inside = file.strip_prefix(root().join("src")).unwrap().to_str().unwrap().to_owned();
        if inside.starts_with("model/") {
            continue;
        }
        for line in fs::read_to_string(&file).unwrap().lines() {
            let code = line.split("//").next().unwrap();
            for name in ["kinds::person", "kinds::trial", "kinds::victim", "kinds::source", "person_projection"] {
                assert!(!code.contains(name), "{inside} knows {name}");
            }
        }
    }
}

fn no_file_has_outgrown_a_head() {
    for file in files(&root().join("src")).into_iter().chain(files(&root().join("tests"))) {
        let lines = fs::read_to_string(&file).unwrap().lines().count();
        assert!(lines <= 420, "{} has {lines} lines", file.display());
    }
}
