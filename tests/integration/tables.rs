//! Tables as text: whoever opens one in a spreadsheet runs nothing of it, and loses nothing of it.

use kartoteka::{http::document, model::table::plain};
use serde_json::{Value, json};

use crate::harness::{TestApp, cases, create, id, person, source, trial, victim};

cases![no_cell_of_any_table_is_a_formula];

/// Formulas, where a cell or a part of one may begin.
const HOSTILE: &[&str] = &[
    "=1+1",
    "+1",
    "-1",
    "@x",
    "＝1",
    "＠x",
    "a;=1+1",
    "a; \"=1+1",
    "a,=1+1",
    "a, +1;-1",
    "'quoted; 'again",
    "a;＋1",
    "plain",
];

/// Every operation of the document that answers with a table, by its address.
fn tables() -> Vec<String> {
    let document = document();
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let answers = operation["responses"].as_object().unwrap().values();
            if answers.into_iter().any(|answer| answer["content"].get("text/csv").is_some()) {
                assert_eq!(method, "get");
                all.push(path.clone());
            }
        }
    }
    all
}

fn begins(cell: &str) -> bool {
    let is_number = cell.strip_prefix('-').is_some_and(|rest| rest.parse::<u32>().is_ok());
    let first = cell.chars().find(|c| !c.is_whitespace() && *c != '"');
    !is_number && first.is_some_and(|c| "=+-@＝＋－＠".contains(c))
}

fn read(text: &str, separator: u8) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new();
    let reader = reader.delimiter(separator).flexible(true).has_headers(false);
    let rows = reader.from_reader(text.as_bytes()).into_records();
    rows.map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}

fn no_cell_of_any_table_is_a_formula(app: &TestApp) {
    let mut changes = Vec::new();
    for text in HOSTILE {
        let with = |mut body: Value| {
            body["tags"] = json!([text]);
            body
        };
        let cited = id();
        changes.push(create("source", &cited, &with(source(text))));
        changes.push(create("person", &id(), &with(person(text, text))));
        changes.push(create("trial", &id(), &with(trial(text))));
        let mut record = victim(text, "-0099", &cited);
        record["names"][0]["citations"][0]["locator"] = json!(text);
        record["names"][0]["note"] = json!(text);
        changes.push(create("victim", &id(), &with(record)));
    }
    app.publish(json!(changes));
    let (mut walked, mut restored) = (0, 0);
    for path in tables() {
        let queries: &[&str] = match path.contains("/stats/") {
            true => &["by=tag&format=csv"],
            false => &["format=csv", "format=csv&rows=claims"],
        };
        for query in queries {
            let address = format!("{path}?{query}");
            let text = app.anyone.get(&address).expect(200).text;
            for separator in [b',', b';', b'\t'] {
                for row in read(&text, separator) {
                    let cell = row.iter().find(|cell| begins(cell));
                    assert!(cell.is_none(), "{address} split by {:?}: {cell:?}", char::from(separator));
                }
            }
            let mut found: Vec<String> = read(&text, b',').into_iter().flatten().map(|cell| plain(&cell)).collect();
            found.sort();
            for hostile in HOSTILE {
                restored += usize::from(found.iter().any(|cell| cell == hostile));
            }
            walked += 1;
        }
    }
    assert_eq!(walked, 4 * 3, "an export and statistics of each kind");
    // Labels and tags of all kinds, and the claims of three.
    assert!(restored >= 9 * HOSTILE.len(), "{restored}");
}
