//! Rows that the database does not give back, made again by the rules of the model: words of full text and marks, of which
//! SQLite keeps nothing but where they stand, and the words under the keys of names, which entries share.
//!
//! The text of the full-text index is put together by `store::search::sqlite`, which nobody can reach from outside; the same
//! few lines stand here.

use kartoteka::{
    model::{
        kinds::KindDescriptor,
        marks::marks,
        projection::project,
        text::{document, search_keys},
    },
    store::{doc, key_hash},
};

use crate::database::{Cell, Row};

/// Such rows of an entry of a kind and with a number, by the names of their tables.
pub fn made_anew(
    is_sqlite: bool,
    (kind, number): (&str, i64),
    body: &str,
    label: &str,
) -> Vec<(&'static str, Vec<Row>)> {
    let kind = KindDescriptor::by_name(kind).expect("a kind");
    let body = serde_json::from_str(body).expect("a body");
    let document = document(kind, &body, label);
    let keys = search_keys(&document.names, &document.titles, label);
    let words = keys.words.into_iter().map(|row| vec![Cell::Integer(key_hash(&row.key)), Cell::Text(row.word)]);
    let mut made = vec![("search_words", words.collect())];
    if is_sqlite {
        let number = Cell::Integer(doc(kind, number));
        let stems = document.stems.iter().map(|stem| stem.as_deref().unwrap_or("."));
        let words: Vec<&str> = stems.chain(document.marks.iter().map(String::as_str)).collect();
        made.push(("search_text", vec![vec![number.clone(), Cell::Text(words.join(" "))]]));
        let marks: Vec<String> = marks(kind, &project(kind, &body)).iter().map(|mark| format!("{mark:08x}")).collect();
        made.push(("entry_marks", vec![vec![number, Cell::Text(marks.join(" "))]]));
    }
    made
}
