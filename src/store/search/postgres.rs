//! Search in PostgreSQL: a `tsvector` made of our own words, with a GIN index.

use std::{collections::BTreeMap, fmt::Write};

use diesel::{
    pg::PgConnection,
    prelude::*,
    sql_types::{Array, BigInt, Text},
};

use super::{
    super::{
        Result,
        blocks::Part,
        prepared::{Bind, Prepared},
        schema::search_documents,
        sql::Sql,
    },
    DocRange,
    sqlite::WordOfKey,
    write::{KeyRows, Written},
};
use crate::model::text::{Document, Matching};

/// A question as a `tsquery`.
pub fn expression(matching: &Matching) -> String {
    let joined = |parts: &[Matching], by: &str| match parts {
        [] => quoted(super::text::NOTHING),
        many => format!("({})", many.iter().map(expression).collect::<Vec<_>>().join(by)),
    };
    match matching {
        Matching::Word(word) => quoted(word),
        Matching::Prefix(prefix) => format!("{}:*", quoted(prefix)),
        Matching::Phrase(words) => {
            format!("({})", words.iter().map(|w| quoted(w)).collect::<Vec<_>>().join(" <-> "))
        }
        Matching::All(parts) => joined(parts, " & "),
        Matching::Any(parts) => joined(parts, " | "),
        Matching::But(one, other) => format!("({} & !{})", expression(one), expression(other)),
    }
}

fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\\', "\\\\").replace('\'', "''"))
}

/// The words of an entry as the text of a `tsvector`.
pub fn vector_of(document: &Document) -> String {
    let mut places: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (place, stem) in (1..).zip(&document.stems) {
        if let Some(stem) = stem {
            places.entry(stem).or_default().push(place);
        }
    }
    let mut text = String::new();
    for (stem, places) in places {
        let places = places.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
        let _ = write!(text, "{}:{places} ", quoted(stem));
    }
    for mark in &document.marks {
        let _ = write!(text, "{} ", quoted(mark));
    }
    text
}

pub fn search(sql: &mut Sql, expression: &str) {
    sql.push("SELECT d.entry_id FROM search_documents d WHERE d.words @@ CAST(").text(expression).push(" AS tsquery)");
}

/// A scalar sub-select is asked row by row: as a join, the planner would now and then read the whole index for it.
pub fn test(sql: &mut Sql, expression: &str) {
    sql.push("(SELECT d.words @@ CAST(").text(expression);
    sql.push(" AS tsquery) FROM search_documents d WHERE d.entry_id = ").entry().push(")");
}

/// Entries of a part in their order, after `after`, by the index. The planner takes it for the answer as a whole only: a bare
/// LIMIT makes it walk along the table.
pub fn page(conn: &mut PgConnection, expression: &str, after: i64, part: &Part) -> Result<Vec<i64>> {
    let mut binds = vec![Bind::Text(expression.to_owned())];
    binds.extend(part.blocks.iter().map(|blocks| Bind::Integers(blocks.clone())));
    binds.extend([after.max(part.range.from - 1), part.range.to, part.wanted].map(Bind::Integer));
    let text = match &part.blocks {
        None => {
            "WITH found AS MATERIALIZED (SELECT d.doc FROM search_documents d WHERE d.words @@ CAST(? AS tsquery)) \
             SELECT doc FROM found WHERE doc > ? AND doc <= ? ORDER BY doc LIMIT ?"
        }
        Some(_) => {
            "WITH found AS MATERIALIZED (SELECT d.doc FROM search_documents d WHERE d.words @@ CAST(? AS tsquery) \
             AND d.block && ?) SELECT doc FROM found WHERE doc > ? AND doc <= ? ORDER BY doc LIMIT ?"
        }
    };
    Ok(Prepared::<BigInt>::new(text, binds).load(conn)?)
}

/// How many entries match, counted to `most` in whatever order. Here the planner may choose, by the words that are asked
/// for: of those that are everywhere it has found enough soon, wherever it begins. So it is planned each time.
pub fn count(conn: &mut PgConnection, expression: &str, range: DocRange, most: i64) -> Result<i64> {
    let count = diesel::sql_query(
        "SELECT count(*) AS n FROM (SELECT 1 FROM search_documents d WHERE d.words @@ CAST($1 AS tsquery) \
         AND d.doc BETWEEN $2 AND $3 LIMIT $4) counted",
    );
    let count = count.bind::<Text, _>(expression).bind::<BigInt, _>(range.from).bind::<BigInt, _>(range.to);
    Ok(count.bind::<BigInt, _>(most).get_result::<NumberRow>(conn)?.n)
}

#[derive(QueryableByName)]
struct NumberRow {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

/// Writes entries of which nothing is there, with their words.
pub fn write(conn: &mut PgConnection, all: Vec<Written>) -> Result<()> {
    let mut columns: [Vec<&str>; 4] = Default::default();
    let (mut docs, mut vectors) = (Vec::new(), Vec::new());
    for (row, words) in all {
        docs.push(row.doc);
        vectors.push(words);
        for (column, text) in columns.iter_mut().zip([row.entry_id, row.names, row.titles, row.label]) {
            column.push(text);
        }
    }
    let [ids, names, titles, labels] = columns;
    diesel::sql_query(
        "INSERT INTO search_documents (doc, entry_id, names, titles, label, words) \
         SELECT doc, entry_id, names, titles, label, CAST(words AS tsvector) \
         FROM unnest($1, $2, $3, $4, $5, $6) rows (doc, entry_id, names, titles, label, words)",
    )
    .bind::<Array<BigInt>, _>(docs)
    .bind::<Array<Text>, _>(ids)
    .bind::<Array<Text>, _>(names)
    .bind::<Array<Text>, _>(titles)
    .bind::<Array<Text>, _>(labels)
    .bind::<Array<Text>, _>(vectors)
    .execute(conn)?;
    Ok(())
}

/// Writes the keys of entries; see the same for SQLite.
pub fn write_keys(conn: &mut PgConnection, rows: KeyRows) -> Result<()> {
    let (keys, docs): (Vec<i64>, Vec<i64>) = rows.names.into_iter().unzip();
    diesel::sql_query("INSERT INTO search_names (key, doc) SELECT * FROM unnest($1, $2) ON CONFLICT DO NOTHING")
        .bind::<Array<BigInt>, _>(keys)
        .bind::<Array<BigInt>, _>(docs)
        .execute(conn)?;
    let (forms, docs): (Vec<&str>, Vec<i64>) = rows.forms.into_iter().unzip();
    diesel::sql_query("INSERT INTO search_forms (form, doc) SELECT * FROM unnest($1, $2) ON CONFLICT DO NOTHING")
        .bind::<Array<Text>, _>(forms)
        .bind::<Array<BigInt>, _>(docs)
        .execute(conn)?;
    let (keys, words): (Vec<i64>, Vec<&str>) = rows.words.into_iter().unzip();
    diesel::sql_query("INSERT INTO search_words (key, word) SELECT * FROM unnest($1, $2) ON CONFLICT DO NOTHING")
        .bind::<Array<BigInt>, _>(keys)
        .bind::<Array<Text>, _>(words)
        .execute(conn)?;
    Ok(())
}

/// The entries under each key, so many of each, with the place of the key; in one statement.
pub fn docs_of_keys(conn: &mut PgConnection, keys: &[(i64, i64)], range: DocRange) -> Result<Vec<(usize, i64)>> {
    let (keys, rows): (Vec<i64>, Vec<i64>) = keys.iter().copied().unzip();
    let found = Prepared::<(BigInt, BigInt)>::new(
        "SELECT asked.place, found.doc FROM unnest(CAST(? AS bigint[]), CAST(? AS bigint[])) \
         WITH ORDINALITY asked (key, rows, place) \
         CROSS JOIN LATERAL (SELECT s.doc FROM search_names s WHERE s.key = asked.key AND s.doc BETWEEN ? AND ? \
         ORDER BY s.doc LIMIT asked.rows) found",
        vec![Bind::Integers(keys), Bind::Integers(rows), Bind::Integer(range.from), Bind::Integer(range.to)],
    );
    let found: Vec<(i64, i64)> = found.load(conn)?;
    // Places are counted from 1.
    Ok(found.into_iter().map(|(place, doc)| (usize::try_from(place - 1).unwrap_or(usize::MAX), doc)).collect())
}

/// The names of entries.
pub fn names_of(conn: &mut PgConnection, docs: &[i64]) -> Result<Vec<(i64, String)>> {
    let query = search_documents::table
        .filter(search_documents::doc.eq_any(docs))
        .select((search_documents::doc, search_documents::names));
    Ok(query.load(conn)?)
}

/// The words under each key.
pub fn words_of_keys(conn: &mut PgConnection, keys: &[(i64, i64)]) -> Result<Vec<WordOfKey>> {
    let (keys, rows): (Vec<i64>, Vec<i64>) = keys.iter().copied().unzip();
    let found = Prepared::<(BigInt, Text)>::new(
        "SELECT asked.key, found.word FROM unnest(CAST(? AS bigint[]), CAST(? AS bigint[])) \
         WITH ORDINALITY asked (key, rows, place) \
         CROSS JOIN LATERAL (SELECT s.word FROM search_words s WHERE s.key = asked.key ORDER BY s.word LIMIT asked.rows) \
         found ORDER BY asked.place, found.word",
        vec![Bind::Integers(keys), Bind::Integers(rows)],
    );
    let found: Vec<(i64, String)> = found.load(conn)?;
    Ok(found.into_iter().map(|(key, word)| WordOfKey { key, word }).collect())
}
