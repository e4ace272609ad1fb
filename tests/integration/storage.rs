//! What lies in the database: derived tables that can be made anew, the same tables on both.

use std::collections::BTreeSet;

use diesel::{
    Connection, PgConnection, RunQueryDsl, SqliteConnection,
    connection::SimpleConnection,
    sql_query,
    sql_types::{BigInt, Text},
};
use kartoteka::{
    editorial,
    model::{
        kinds::REGISTRY,
        projection::{Cell, columns},
    },
    store::{Backend, DatabaseUrl, migrate},
};
use serde_json::json;

use crate::harness::{Database, TestApp, cases, create, id, person, plain_cases, source, victim};

cases![
    reindexing_gives_back_what_was_there,
    projection_tables_have_the_columns_of_their_fields,
    migrations_run_once_and_at_once,
    stored_hashes_are_those_of_the_bodies,
];
plain_cases![both_trees_have_the_same_migrations, urls_are_told_apart_by_their_scheme];

#[derive(diesel::QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

#[derive(diesel::QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

/// Runs a query past the program: one text column named `line`.
pub fn lines(app: &TestApp, sql: &str) -> Vec<String> {
    let rows: Vec<Line> = match app.backend {
        Backend::Sqlite => sql_query(sql).load(&mut sqlite(app)).unwrap(),
        Backend::Postgres => sql_query(sql).load(&mut postgres(app)).unwrap(),
    };
    rows.into_iter().map(|r| r.line).collect()
}

fn sqlite(app: &TestApp) -> SqliteConnection {
    let mut conn = SqliteConnection::establish(app.database.url.strip_prefix("sqlite:").unwrap()).unwrap();
    conn.batch_execute("PRAGMA busy_timeout = 5000").unwrap();
    conn
}

fn postgres(app: &TestApp) -> PgConnection {
    PgConnection::establish(&app.database.url).unwrap()
}

pub fn execute(app: &TestApp, sql: &str) -> Result<(), diesel::result::Error> {
    match app.backend {
        Backend::Sqlite => sqlite(app).batch_execute(sql),
        Backend::Postgres => postgres(app).batch_execute(sql),
    }
}

/// Everything that is derived, row by row.
fn derived(app: &TestApp) -> Vec<String> {
    let mut all = lines(app, "SELECT from_id || rel || pointer || to_id AS line FROM links ORDER BY from_id, position");
    all.extend(lines(
        app,
        "SELECT entry_id || kind || name || value AS line FROM facts ORDER BY entry_id, name, value",
    ));
    for (table, columns) in [
        ("search_documents", "CAST(doc AS TEXT) || ' ' || entry_id || names || titles || label"),
        ("search_names", "CAST(key AS TEXT) || ' ' || CAST(doc AS TEXT)"),
        ("search_words", "CAST(key AS TEXT) || word"),
        ("search_forms", "form || CAST(doc AS TEXT)"),
    ] {
        let mut rows = lines(app, &format!("SELECT {columns} AS line FROM {table}"));
        rows.sort();
        assert!(!rows.is_empty(), "{table}");
        all.extend(rows);
    }
    all.extend(lines(app, "SELECT id || label || sort_key || summary AS line FROM entries ORDER BY id"));
    for kind in REGISTRY {
        let texts: Vec<String> = kind
            .fields
            .iter()
            .flat_map(columns)
            .map(|(name, _)| format!("coalesce(CAST(\"{name}\" AS TEXT), '-')"))
            .collect();
        let sql =
            format!("SELECT entry_id || {} AS line FROM {} ORDER BY entry_id", texts.join(" || ' ' || "), kind.table());
        all.extend(lines(app, &sql));
    }
    all
}

fn reindexing_gives_back_what_was_there(app: &TestApp) {
    let (s, p) = (id(), id());
    let mut record = victim("Ёлкин", "1937-08", &s);
    record["person"] = json!([{"value": {"entry": p}}]);
    app.publish(json!([
        create("source", &s, &source("A")),
        create("person", &p, &person("Ёлкин", "А")),
        create("victim", &id(), &record),
    ]));
    app.publish(json!([{"op": "update", "id": "P1", "body": person("Ёлкин", "Б")}]));
    app.publish(json!([{"op": "retire", "id": "V1", "reason": "x"}]));
    let before = derived(app);
    assert!(before.len() > 12, "{before:?}");
    assert_eq!(editorial::reindex(&app.archive, |_| {}).unwrap(), 3);
    assert_eq!(derived(app), before);
    let tables: Vec<String> = REGISTRY.iter().map(|k| format!("DELETE FROM {};", k.table())).collect();
    let wreck = format!(
        "DELETE FROM links; DELETE FROM facts; DELETE FROM search_documents WHERE label <> 'A'; DELETE FROM search_names WHERE doc % 2 = 0; UPDATE entries SET label = 'x', sort_key = 'x', summary = '{{}}'; {}",
        tables.concat()
    );
    execute(app, &wreck).unwrap();
    assert_ne!(derived(app), before);
    editorial::reindex(&app.archive, |_| {}).unwrap();
    assert_eq!(derived(app), before);
}

fn projection_tables_have_the_columns_of_their_fields(app: &TestApp) {
    for kind in REGISTRY {
        let mut declared: BTreeSet<String> = kind
            .fields
            .iter()
            .flat_map(columns)
            .map(|(name, cell)| {
                let column_type = match (cell, app.backend) {
                    (Cell::Text(_), _) => "text",
                    (Cell::Boolean(_), Backend::Postgres) => "boolean",
                    (Cell::Integer(_), Backend::Postgres) => "bigint",
                    (Cell::Integer(_) | Cell::Boolean(_), Backend::Sqlite) => "integer",
                };
                format!("{name} {column_type}")
            })
            .collect();
        declared.insert("entry_id text".to_owned());
        let table = kind.table();
        let found = match app.backend {
            Backend::Sqlite => format!("SELECT name || ' ' || lower(type) AS line FROM pragma_table_info('{table}')"),
            Backend::Postgres => {
                format!(
                    "SELECT column_name || ' ' || data_type AS line FROM information_schema.columns WHERE table_name = '{table}'"
                )
            }
        };
        assert_eq!(lines(app, &found).into_iter().collect::<BTreeSet<_>>(), declared, "{table}");
    }
}

fn migrations_run_once_and_at_once(app: &TestApp) {
    // Several instances start over one new database.
    let fresh = match app.backend {
        Backend::Sqlite => {
            let folder = tempfile::tempdir().unwrap().keep();
            format!("sqlite:{}", folder.join("new/archive.db").display())
        }
        Backend::Postgres => {
            let database = Database::new(Backend::Postgres);
            let mut conn = PgConnection::establish(&database.url).unwrap();
            conn.batch_execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public").unwrap();
            let url = database.url.clone();
            std::mem::forget(database);
            url
        }
    };
    let url = DatabaseUrl::parse(&fresh).unwrap();
    let ran: usize = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(|| migrate(&url).unwrap().len())).collect();
        threads.into_iter().map(|t| t.join().unwrap()).sum()
    });
    let tree = if app.backend == Backend::Sqlite { "sqlite" } else { "postgres" };
    assert_eq!(ran, names(tree).len(), "each migration ran exactly once");
    assert!(migrate(&url).unwrap().is_empty());
}

fn stored_hashes_are_those_of_the_bodies(app: &TestApp) {
    app.publish(json!([create("person", &id(), &person("Ё", "Ѣ"))]));
    let body = lines(app, "SELECT body AS line FROM revisions");
    let hash = lines(app, "SELECT hash AS line FROM revisions");
    assert_eq!(kartoteka::model::canon::sha256_hex(body[0].as_bytes()), hash[0]);
    let count = match app.backend {
        Backend::Sqlite => sql_query("SELECT count(*) AS n FROM entries").get_result::<Count>(&mut sqlite(app)),
        Backend::Postgres => sql_query("SELECT count(*) AS n FROM entries").get_result::<Count>(&mut postgres(app)),
    };
    assert_eq!(count.unwrap().n, 1);
}

fn names(tree: &str) -> BTreeSet<String> {
    let folder = format!("{}/migrations/{tree}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect()
}

fn both_trees_have_the_same_migrations() {
    assert_eq!(names("sqlite"), names("postgres"));
    for kind in REGISTRY {
        assert!(
            names("sqlite").iter().any(|n| n.ends_with(&format!("_{}", kind.name))),
            "{} has no migration",
            kind.name
        );
    }
}

fn urls_are_told_apart_by_their_scheme() {
    assert_eq!(DatabaseUrl::parse("sqlite:a.db").unwrap().backend(), Backend::Sqlite);
    assert_eq!(DatabaseUrl::parse("postgresql://h/d").unwrap().backend(), Backend::Postgres);
    for bad in ["", "a.db", "postgre://h/d", "mysql://h/d", "sqlite:", "sqlite::memory:"] {
        assert!(DatabaseUrl::parse(bad).is_err(), "{bad}");
    }
}
