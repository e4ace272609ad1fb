//! History is only ever appended to: the databases themselves refuse everything else, in every table that holds some.

use std::collections::BTreeSet;

use kartoteka::store::Backend;
use serde_json::json;

use crate::{
    batches::publish_people,
    harness::{TestApp, cases, create, id, person},
    storage::{execute, lines},
};

cases![every_append_only_table_holds];

/// All of them. One that is missing in the database, or that is there and not here, fails the test.
const TABLES: &[&str] = &[
    "audit",
    "batch_rows",
    "comment_texts",
    "comments",
    "feed",
    "protection_changes",
    "reviews",
    "revisions",
    "submission_changes",
    "submission_events",
];

/// Writes at least one row into each.
fn fill(app: &TestApp) {
    let entry = id();
    app.publish(json!([create("person", &entry, &person("A", "B"))]));
    let submission = app.submit(json!([create("person", &id(), &person("C", "D"))])).expect(201).json();
    let path = format!("/v1/submissions/{}", submission["id"].as_str().unwrap());
    app.moderator.post(&format!("{path}/comments"), &json!({"text": "Which one?"})).expect(201);
    let protection = json!({"level": "protected", "reason": "A test"});
    app.moderator.with("If-Match", "\"p0\"").put("/v1/people/P1/protection", &protection).expect(200);
    app.admin.post("/v1/invitations", &json!({"role": "editor"})).expect(201);
    publish_people(app, 3);
}

/// Columns of a table, and its keys.
struct Table {
    name: String,
    columns: Vec<(String, bool)>,
    keys: Vec<Vec<String>>,
}

fn tables(app: &TestApp) -> BTreeSet<String> {
    let sql = match app.backend {
        Backend::Sqlite => {
            "SELECT DISTINCT tbl_name AS line FROM sqlite_master WHERE type = 'trigger' AND sql LIKE '%append-only%'"
        }
        Backend::Postgres => {
            "SELECT DISTINCT tgrelid::regclass::text AS line FROM pg_trigger \
             WHERE tgfoid = 'refuse_history_change'::regproc AND NOT tgisinternal"
        }
    };
    lines(app, sql).into_iter().collect()
}

impl Table {
    fn read(app: &TestApp, name: &str) -> Self {
        let (columns, keys) = match app.backend {
            Backend::Sqlite => (
                format!("SELECT name || ' ' || lower(type) AS line FROM pragma_table_info('{name}')"),
                format!(
                    "SELECT group_concat(c.name) AS line FROM pragma_index_list('{name}') i, pragma_index_info(i.name) c \
                     WHERE i.\"unique\" = 1 GROUP BY i.name"
                ),
            ),
            Backend::Postgres => (
                format!(
                    "SELECT column_name || ' ' || data_type AS line FROM information_schema.columns \
                     WHERE table_name = '{name}' ORDER BY ordinal_position"
                ),
                format!(
                    "SELECT string_agg(a.attname, ',') AS line FROM pg_index i \
                     JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey) \
                     WHERE i.indrelid = '{name}'::regclass AND i.indisunique GROUP BY i.indexrelid"
                ),
            ),
        };
        let column = |line: String| line.split_once(' ').map(|(name, kind)| (name.to_owned(), kind == "text")).unwrap();
        let mut keys: Vec<Vec<String>> =
            lines(app, &keys).iter().map(|key| key.split(',').map(str::to_owned).collect()).collect();
        if app.backend == Backend::Sqlite {
            // Every table of SQLite has one more, which also is the primary key where that is a single number.
            keys.push(vec!["rowid".to_owned()]);
        }
        Self { name: name.to_owned(), columns: lines(app, &columns).into_iter().map(column).collect(), keys }
    }

    fn rows(&self, app: &TestApp) -> Vec<String> {
        let all: Vec<String> =
            self.columns.iter().map(|(name, _)| format!("coalesce(CAST({name} AS TEXT), '-')")).collect();
        let mut rows = lines(app, &format!("SELECT {} AS line FROM {}", all.join(" || ' ' || "), self.name));
        rows.sort();
        rows
    }

    /// Another row that has one key of an existing row, and of its other keys nothing.
    fn other_row(&self, key: &[String]) -> (String, String) {
        let is_key = |name: &String| self.keys.iter().any(|key| key.contains(name)) || name == "seq";
        let value = |(name, is_text): &(String, bool)| match (is_key(name) && !key.contains(name), is_text) {
            (true, true) => format!("{name} || '-other'"),
            (true, false) => format!("{name} + 1000000"),
            (false, _) => name.clone(),
        };
        let mut names: Vec<String> = self.columns.iter().map(|(name, _)| name.clone()).collect();
        let mut values: Vec<String> = self.columns.iter().map(value).collect();
        if key == ["rowid"] {
            // Where the rowid is a column, that column is the key.
            let alias = self.columns.iter().position(|(name, _)| name == "seq" && self.keys.len() == 1);
            match alias {
                Some(column) => values[column] = names[column].clone(),
                None => {
                    names.push("rowid".to_owned());
                    values.push("rowid".to_owned());
                }
            }
        }
        (names.join(", "), values.join(", "))
    }

    /// Everything that would change or delete a row.
    fn attempts(&self, app: &TestApp) -> Vec<String> {
        let (name, column) = (&self.name, &self.columns[0].0);
        let mut all = vec![format!("UPDATE {name} SET {column} = {column}"), format!("DELETE FROM {name}")];
        if app.backend == Backend::Sqlite {
            all.push(format!("UPDATE OR REPLACE {name} SET {column} = {column}"));
        } else {
            all.push(format!("TRUNCATE {name} CASCADE"));
        }
        for key in &self.keys {
            let (names, values) = self.other_row(key);
            let other = format!("INTO {name} ({names}) SELECT {values} FROM {name} WHERE true");
            if app.backend == Backend::Sqlite {
                all.push(format!("INSERT OR REPLACE {other}"));
                all.push(format!("REPLACE {other}"));
            }
            if key != &["rowid"] {
                let key = key.join(", ");
                all.push(format!("INSERT {other} ON CONFLICT ({key}) DO UPDATE SET {column} = excluded.{column}"));
            }
        }
        all
    }
}

fn every_append_only_table_holds(app: &TestApp) {
    fill(app);
    assert_eq!(tables(app), TABLES.iter().map(|name| (*name).to_owned()).collect());
    let all: Vec<Table> = TABLES.iter().map(|name| Table::read(app, name)).collect();
    for table in &all {
        let before = table.rows(app);
        assert!(!before.is_empty(), "{}: the test has no row to lose", table.name);
        assert!(!table.keys.is_empty(), "{}", table.name);
        for sql in table.attempts(app) {
            let done = execute(app, &sql);
            assert_eq!(table.rows(app), before, "{sql}");
            let error = done.expect_err(&sql).to_string();
            assert!(error.contains("append-only"), "{sql}: {error}");
        }
    }
    // What others are named by takes none of it away either.
    if app.backend == Backend::Postgres {
        for named in ["entries", "submissions", "users"] {
            let error = execute(app, &format!("TRUNCATE {named} CASCADE")).unwrap_err().to_string();
            assert!(error.contains("append-only"), "{named}: {error}");
        }
    }
    // Appending goes on.
    app.publish(json!([create("person", &id(), &person("G", "H"))]));
    for table in &all {
        assert!(!table.rows(app).is_empty());
    }
}
