//! Search goes by its indexes, not along the tables: told by the database's own counters, over many entries.

use diesel::{
    Connection, PgConnection, RunQueryDsl, SqliteConnection, connection::SimpleConnection, sql_query, sql_types::BigInt,
};
use kartoteka::{
    model::text::asked,
    store::{Backend, DocRange, StoreError},
};

use crate::harness::{TestApp, cases};

cases![search_reads_indexes];

/// Entries made up, past the program: every one has the word `all0`, one in ten `w3`, and one `rare77`.
const MANY: &str = "30000";

const SQLITE: &str = "
    PRAGMA busy_timeout = 5000; PRAGMA foreign_keys = OFF; BEGIN IMMEDIATE;
    CREATE TEMP TABLE numbers AS WITH RECURSIVE s(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM s WHERE n < MANY) SELECT n FROM s;
    INSERT INTO search_documents SELECT (1 << 40) + n, 'x' || n, 'Name ' || n, '', 'x' FROM numbers;
    INSERT INTO search_text (rowid, words) SELECT (1 << 40) + n, 'all0' || ' w' || (n % 10) || ' rare' || n FROM numbers;
    INSERT INTO search_names SELECT n * 7919, (1 << 40) + n FROM numbers;
    INSERT INTO search_forms SELECT 'name ' || n, (1 << 40) + n FROM numbers;
    COMMIT; ANALYZE;";

const POSTGRES: &str = "
    SET session_replication_role = replica;
    INSERT INTO search_documents (doc, entry_id, names, titles, label, words) SELECT (1::bigint << 40) + n, 'x' || n, 'Name ' || n, '', 'x',
        CAST('all0:1 w' || (n % 10) || ':2 rare' || n || ':3' AS tsvector) FROM generate_series(1, MANY) n;
    INSERT INTO search_names SELECT n * 7919, (1::bigint << 40) + n FROM generate_series(1, MANY) n;
    INSERT INTO search_forms SELECT 'name ' || n, (1::bigint << 40) + n FROM generate_series(1, MANY) n;
    ANALYZE search_documents; ANALYZE search_names; ANALYZE search_forms;";

#[derive(diesel::QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

fn docs(app: &TestApp, text: &str, after: i64, limit: i64) -> Vec<i64> {
    let found: Result<Vec<i64>, StoreError> =
        app.archive.store.read(|tx| tx.text_docs(&asked(text).matching(), DocRange::of(None), after, limit));
    found.unwrap().into_iter().map(|doc| doc - (1 << 40)).collect()
}

/// Words that few entries have.
fn rare_questions(app: &TestApp) {
    assert_eq!(docs(app, "rare77", 0, 20), [77]);
    assert_eq!(docs(app, "all0 rare78", 0, 20), [78]);
    assert_eq!(docs(app, "\"w9 rare79\"", 0, 20), [79]);
    assert_eq!(docs(app, "rare2999*", 0, 3), [2999, 29990, 29991]);
    for path in [
        "/v1/search?q=rare77&kind=person",
        "/v1/search?q=Smith",
        "/v1/suggest?q=name+12",
        "/v1/people?q=rare77",
        "/v1/people?name=Rare",
    ] {
        app.anyone.get(path).expect(200);
    }
}

/// Words that most have.
fn frequent_questions(app: &TestApp) {
    assert_eq!(docs(app, "w3", (1 << 40) + 20, 2), [23, 33]);
    assert_eq!(docs(app, "all0", (1 << 40) + 4000, 3), [4001, 4002, 4003]);
    // The end of a page lies behind the last that has it.
    assert_eq!(docs(app, "all0", (1 << 40) + 29_999, 3), [30_000]);
    // What is found far apart, over many blocks.
    let all: Vec<i64> = (0..3_000).map(|n| 10 * n + 3).collect();
    assert_eq!(docs(app, "w3", 0, 5_000), all);
    assert_eq!(docs(app, "w3", (1 << 40) + 9_000, 1_500), all[900..2_400]);
    let answer = app.anyone.get("/v1/search?q=all0").expect(200).json();
    assert_eq!(answer["total"], serde_json::json!({"value": 1000, "exact": false}));
}

fn search_reads_indexes(app: &TestApp) {
    match app.backend {
        Backend::Sqlite => {
            let mut conn = SqliteConnection::establish(app.database.url.strip_prefix("sqlite:").unwrap()).unwrap();
            conn.batch_execute(&SQLITE.replace("MANY", MANY)).unwrap();
            // FTS5 has no other way to answer than its index; the other tables are read by their keys.
            rare_questions(app);
            frequent_questions(app);
        }
        Backend::Postgres => {
            let mut conn = PgConnection::establish(&app.database.url).unwrap();
            conn.batch_execute(&POSTGRES.replace("MANY", MANY)).unwrap();
            let mut count = |sql: &str| sql_query(sql).get_result::<Count>(&mut conn).unwrap().n;
            let walked =
                "SELECT CAST(sum(seq_scan) AS bigint) AS n FROM pg_stat_user_tables WHERE relname LIKE 'search_%'";
            let by_word =
                "SELECT idx_scan AS n FROM pg_stat_user_indexes WHERE indexrelname = 'search_documents_by_word'";
            let before = count(walked);
            // The counters are told with a delay of seconds.
            let mut tries = 0;
            while count(by_word) < 6 && tries < 100 {
                rare_questions(app);
                std::thread::sleep(std::time::Duration::from_millis(100));
                tries += 1;
            }
            assert!(count(by_word) >= 6, "the index of words was not read");
            assert_eq!(count(walked), before, "a table was walked along");
            frequent_questions(app);
        }
    }
}
