//! Search in SQLite: an FTS5 table that keeps no text, only where the words stand.

use diesel::{
    prelude::*,
    sql_types::{BigInt, Text},
    sqlite::SqliteConnection,
};

use super::{
    super::{
        Result,
        prepared::{Bind, Prepared},
        schema::{search_documents, search_forms, search_names, search_words},
        sql::Sql,
    },
    DocRange,
    write::{KeyRows, Written},
};
use crate::model::text::{Document, Matching};

diesel::table! {
    search_text (rowid) {
        rowid -> BigInt, words -> Text,
    }
}

/// A question in the language of FTS5. Words hold letters, digits and the marks of `model::text` only.
pub fn expression(matching: &Matching) -> String {
    let joined = |parts: &[Matching], by: &str| match parts {
        [] => quoted(&[super::text::NOTHING]),
        [one] => expression(one),
        many => format!("({})", many.iter().map(expression).collect::<Vec<_>>().join(by)),
    };
    match matching {
        Matching::Word(word) => quoted(&[word]),
        Matching::Prefix(prefix) => format!("{}*", quoted(&[prefix])),
        Matching::Phrase(words) => quoted(&words.iter().map(String::as_str).collect::<Vec<_>>()),
        Matching::All(parts) => joined(parts, " AND "),
        Matching::Any(parts) => joined(parts, " OR "),
        Matching::But(one, other) => format!("({} NOT {})", expression(one), expression(other)),
    }
}

fn quoted(words: &[&str]) -> String {
    format!("\"{}\"", words.join(" ").replace('"', "\"\""))
}

/// The words of an entry as FTS5 reads them: those with a place first, a full stop for a gap.
pub fn text_of(document: &Document) -> String {
    let stems = document.stems.iter().map(|stem| stem.as_deref().unwrap_or("."));
    stems.chain(document.marks.iter().map(String::as_str)).collect::<Vec<_>>().join(" ")
}

pub fn search(sql: &mut Sql, expression: &str) {
    sql.push("SELECT d.entry_id FROM search_text t CROSS JOIN search_documents d WHERE t.words MATCH ");
    sql.text(expression).push(" AND d.doc = t.rowid");
}

pub fn test(sql: &mut Sql, expression: &str) {
    sql.push("EXISTS (SELECT 1 FROM search_documents d CROSS JOIN search_text t WHERE d.entry_id = ").entry();
    sql.push(" AND t.rowid = d.doc AND t.words MATCH ").text(expression).push(")");
}

/// Entries in their order, after `after`; FTS5 goes along them and stops when there are enough.
pub fn page(
    conn: &mut SqliteConnection,
    expression: &str,
    range: DocRange,
    after: i64,
    limit: i64,
) -> Result<Vec<i64>> {
    let page = Prepared::<BigInt>::new(
        "SELECT rowid FROM search_text WHERE words MATCH ? AND rowid > ? AND rowid <= ? ORDER BY rowid LIMIT ?",
        vec![
            Bind::Text(expression.to_owned()),
            Bind::Integer(after.max(range.from - 1)),
            Bind::Integer(range.to),
            Bind::Integer(limit),
        ],
    );
    Ok(page.load(conn)?)
}

/// How many entries match, counted to `most`.
pub fn count(conn: &mut SqliteConnection, expression: &str, range: DocRange, most: i64) -> Result<i64> {
    let count = Prepared::<BigInt>::new(
        "SELECT count(*) FROM (SELECT 1 FROM search_text WHERE words MATCH ? AND rowid BETWEEN ? AND ? LIMIT ?) counted",
        vec![
            Bind::Text(expression.to_owned()),
            Bind::Integer(range.from),
            Bind::Integer(range.to),
            Bind::Integer(most),
        ],
    );
    Ok(count.get_result(conn)?)
}

/// Writes entries of which nothing is there, with their words.
pub fn write(conn: &mut SqliteConnection, all: &[Written]) -> Result<()> {
    for (row, words) in all {
        diesel::insert_into(search_documents::table).values(row).execute(conn)?;
        diesel::insert_into(search_text::table)
            .values((search_text::rowid.eq(row.doc), search_text::words.eq(words)))
            .execute(conn)?;
    }
    Ok(())
}

/// Writes the keys of entries. Words may be there already; the others too, where tables were damaged and are mended.
pub fn write_keys(conn: &mut SqliteConnection, rows: &KeyRows) -> Result<()> {
    for (key, doc) in &rows.names {
        let row = (search_names::key.eq(key), search_names::doc.eq(doc));
        diesel::insert_or_ignore_into(search_names::table).values(row).execute(conn)?;
    }
    for (form, doc) in &rows.forms {
        let row = (search_forms::form.eq(form), search_forms::doc.eq(doc));
        diesel::insert_or_ignore_into(search_forms::table).values(row).execute(conn)?;
    }
    for (key, word) in &rows.words {
        let row = (search_words::key.eq(key), search_words::word.eq(word));
        diesel::insert_or_ignore_into(search_words::table).values(row).execute(conn)?;
    }
    Ok(())
}

pub fn remove(conn: &mut SqliteConnection, doc: i64) -> Result<()> {
    diesel::sql_query("DELETE FROM search_text WHERE rowid = ?").bind::<BigInt, _>(doc).execute(conn)?;
    Ok(())
}

/// The names of entries. The numbers come as one value: a list of hundreds of placeholders takes longer to prepare than to
/// answer.
pub fn names_of(conn: &mut SqliteConnection, docs: &[i64]) -> Result<Vec<(i64, String)>> {
    let names = Prepared::<(BigInt, Text)>::new(
        "SELECT d.doc, d.names FROM json_each(?) j CROSS JOIN search_documents d WHERE d.doc = j.value",
        vec![Bind::Text(serde_json::Value::from(docs).to_string())],
    );
    Ok(names.load(conn)?)
}

pub struct WordOfKey {
    pub key: i64,
    pub word: String,
}

/// The entries under each key, so many of each, with the place of the key: a prepared statement a key.
pub fn docs_of_keys(conn: &mut SqliteConnection, keys: &[(i64, i64)], range: DocRange) -> Result<Vec<(usize, i64)>> {
    let mut docs = Vec::new();
    for (place, (key, rows)) in keys.iter().enumerate() {
        let under = search_names::table
            .filter(search_names::key.eq(key).and(search_names::doc.between(range.from, range.to)))
            .order(search_names::doc.asc())
            .limit(*rows)
            .select(search_names::doc);
        docs.extend(under.load::<i64>(conn)?.into_iter().map(|doc| (place, doc)));
    }
    Ok(docs)
}

/// The words under each key.
pub fn words_of_keys(conn: &mut SqliteConnection, keys: &[(i64, i64)]) -> Result<Vec<WordOfKey>> {
    let mut words = Vec::new();
    for (key, rows) in keys {
        let under = search_words::table
            .filter(search_words::key.eq(key))
            .order(search_words::word.asc())
            .limit(*rows)
            .select(search_words::word);
        let found = under.load::<String>(conn)?;
        words.extend(found.into_iter().map(|word| WordOfKey { key: *key, word }));
    }
    Ok(words)
}
