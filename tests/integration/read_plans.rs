//! Whatever is read goes by an index: the statements of every operation that reads, and what the databases say how they
//! would run them.

use std::collections::BTreeSet;

use diesel::{
    Connection, PgConnection, RunQueryDsl, SqliteConnection, connection::SimpleConnection, sql_query, sql_types::Text,
};
use kartoteka::{http::document, store::Backend};
use serde_json::json;

use crate::harness::{TestApp, cases, create, id, person, recorder, source, trial, victim, with_an_end};

cases![every_read_goes_by_an_index];

/// Tables that stay small, whatever the archive holds, so that they may be read from end to end: those of the people who
/// work on it, and of its own keys. `counted` is what a bounded count has found.
const SMALL: &[&str] = &["users", "invitations", "signing_keys", "secrets", "derived_state", "counted"];
/// Tables that are counted as a whole, for the totals of their lists, by an index.
const COUNTED: &[&str] = &["audit", "jobs", "submissions"];

/// What is asked besides the bare addresses.
const QUERIES: &[&str] = &[
    "/v1/submissions?state=pending&sort=-submitted",
    "/v1/submissions?state=approved,rejected&author=editor",
    "/v1/submissions?assignee=moderator&kind=person",
    "/v1/submissions?entry=P1&severity=warn&check=uncited_claim",
    "/v1/submissions?submitted_after=2020-01-01T00:00:00Z&submitted_before=2030-01-01T00:00:00Z&sort=updated",
    "/v1/audit?actor=admin&action=sign_in",
    "/v1/audit?subject=user+editor&since=2020-01-01T00:00:00Z&until=2030-01-01T00:00:00Z",
    "/v1/users?role=editor&disabled=false&q=ed",
    "/v1/me/notifications?unread=true",
    "/v1/changes?after=1&limit=2",
    "/v1/people/P1/links?rel=cites&direction=outgoing",
    "/v1/people/P1/links?direction=incoming",
    "/v1/sources/S1/links?rel=cites&direction=incoming&limit=1",
    "/v1/people/P1/revisions?limit=1",
    "/v1/people/P1/diff?from=1&to=2",
    "/v1/people/P1/diff?since=2026-01-01T00:00:00Z",
    "/v1/people/P1?at=2099-01-01T00:00:00Z",
    "/v1/people/P1?include=sources",
    "/v1/victims?include=person,sources&view=full",
    "/v1/victims?at=2026-11-01T00:00:00Z",
    "/v1/search?q=Ежов",
    "/v1/search?q=Yezhov+Nikolai&kind=person",
    "/v1/search?q=расстрелян",
    "/v1/suggest?q=еж",
];

fn addresses(app: &TestApp) -> Vec<String> {
    let (s, p) = (id(), id());
    app.publish(json!([create("source", &s, &source("A")), create("person", &p, &person("Ежов", "Николай"))]));
    let mut record = victim("Ёлкин", "1937-08", &s);
    record["person"] = json!([{"value": {"entry": p}}]);
    app.publish(json!([create("victim", &id(), &record), create("trial", &id(), &trial("T"))]));
    app.publish(json!([{"op": "update", "id": "P1", "body": person("Ежов", "Николай Иванович")}]));
    let pending = app.submit(json!([create("person", &id(), &person("B", "C"))])).expect(201).json();
    let submission = pending["id"].as_str().unwrap();
    let said = app.editor.post(&format!("/v1/submissions/{submission}/comments"), &json!({"text": "x"})).expect(201);
    let said = said.json()["id"].as_str().unwrap().to_owned();
    let batch = app.editor.post("/v1/batches", &json!({"summary": "x"})).expect(201).json();
    let batch = batch["id"].as_str().unwrap();
    let user = app.admin.get("/v1/users?q=editor").expect(200).json()["items"][0]["id"].as_str().unwrap().to_owned();
    let mut all: Vec<String> = QUERIES.iter().map(|query| (*query).to_owned()).collect();
    for (path, item) in document()["paths"].as_object().unwrap() {
        // What counts or exports everything reads everything.
        let is_whole = ["/v1/export/", "/v1/stats/"].iter().any(|whole| path.starts_with(whole));
        if item.get("get").is_none() || is_whole {
            continue;
        }
        let ids = match () {
            () if path.contains("/submissions") => vec![submission, batch],
            () if path.contains("/users") => vec![user.as_str()],
            () if path.contains("/people") => vec!["P1", p.as_str()],
            () if path.contains("/trials") => vec!["T1"],
            () if path.contains("/sources") => vec!["S1"],
            () => vec!["V1"],
        };
        for id in ids {
            let filled = with_an_end(path).replace("{id}", id).replace("{number}", "1").replace("{code}", "not_found");
            all.push(filled.replace("{comment}", &said));
        }
    }
    all
}

#[derive(diesel::QueryableByName)]
struct SqliteStep {
    #[diesel(sql_type = Text)]
    detail: String,
}

#[derive(diesel::QueryableByName)]
struct PostgresStep {
    #[diesel(sql_type = Text, column_name = "QUERY PLAN")]
    line: String,
}

/// Explains statements without their values.
enum Explainer {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Explainer {
    fn open(app: &TestApp) -> Self {
        match app.backend {
            Backend::Sqlite => {
                let path = app.database.url.strip_prefix("sqlite:").unwrap();
                Self::Sqlite(SqliteConnection::establish(path).unwrap())
            }
            Backend::Postgres => {
                let mut conn = PgConnection::establish(&app.database.url).unwrap();
                // A table of three rows is walked, whatever indexes it has.
                conn.batch_execute("SET enable_seqscan = off; SET plan_cache_mode = force_generic_plan").unwrap();
                Self::Postgres(conn)
            }
        }
    }

    fn lines(&mut self, statement: &str) -> Vec<String> {
        match self {
            Self::Sqlite(conn) => {
                let steps = sql_query(format!("EXPLAIN QUERY PLAN {statement}")).load::<SqliteStep>(conn);
                steps.unwrap_or_else(|e| panic!("{statement}: {e}")).into_iter().map(|step| step.detail).collect()
            }
            Self::Postgres(conn) => {
                let values = (1..).take_while(|n| statement.contains(&format!("${n}"))).map(|_| "NULL");
                let values = values.collect::<Vec<_>>().join(", ");
                let values = if values.is_empty() { values } else { format!("({values})") };
                conn.batch_execute(&format!("DEALLOCATE ALL; PREPARE asked AS {statement}"))
                    .unwrap_or_else(|e| panic!("{statement}: {e}"));
                let steps = sql_query(format!("EXPLAIN EXECUTE asked{values}")).load::<PostgresStep>(conn);
                steps.unwrap_or_else(|e| panic!("{statement}: {e}")).into_iter().map(|step| step.line).collect()
            }
        }
    }
}

/// The tables and indexes that a statement reads from end to end.
fn walked(backend: Backend, statement: &str, lines: &[String]) -> Vec<String> {
    let word = |text: &str| text.split(' ').next().unwrap_or_default().to_owned();
    // Without conditions it goes along the order and stops behind as many rows as are wanted.
    let is_sorted = lines.iter().any(|line| line.contains("TEMP B-TREE FOR ORDER BY") || line.contains("Sort  ("));
    let stops =
        statement.contains(" ORDER BY ") && statement.contains(" LIMIT ") && !statement.contains(" AND ") && !is_sorted;
    let is_count = statement.contains("COUNT(*)");
    let mut tables = Vec::new();
    for (line, next) in lines.iter().zip(lines.iter().skip(1).map(String::as_str).chain([""])) {
        let (by_index, table) = match backend {
            Backend::Sqlite => {
                let Some(rest) = line.strip_prefix("SCAN ").filter(|rest| !rest.contains("VIRTUAL TABLE INDEX")) else {
                    continue;
                };
                // The feed is its own index: its numbers are those of the rows.
                (rest.contains(" INDEX ") || rest == "feed", word(rest))
            }
            Backend::Postgres => {
                let is_along = line.contains("Index") && line.contains("Scan using") && !next.contains("Index Cond:");
                let Some((_, rest)) = line.split_once(" on ").filter(|_| is_along || line.contains("Seq Scan")) else {
                    continue;
                };
                (is_along, word(rest))
            }
        };
        let may = by_index && (stops || is_count && COUNTED.contains(&table.as_str()));
        if !may && !SMALL.contains(&table.as_str()) {
            tables.push(table);
        }
    }
    tables
}

fn every_read_goes_by_an_index(app: &TestApp) {
    let addresses = addresses(app);
    let statements = recorder::statements(&app.database.url, || {
        for address in &addresses {
            for caller in [&app.anyone, &app.editor, &app.moderator, &app.admin] {
                let answer = caller.get(address);
                assert!(answer.status < 500, "{address}: {}", answer.text);
            }
        }
    });
    let reading: BTreeSet<&str> = statements
        .iter()
        .map(|statement| statement.split("-- binds:").next().unwrap().trim())
        .filter(|text| text.starts_with("SELECT") || text.starts_with("WITH"))
        // Looks for none of nothing.
        .filter(|text| !text.contains("(1=0)"))
        .collect();
    assert!(reading.len() > 60, "{} statements", reading.len());
    let mut explainer = Explainer::open(app);
    let mut wrong = Vec::new();
    for statement in &reading {
        let lines = explainer.lines(statement);
        let tables = walked(app.backend, statement, &lines);
        if !tables.is_empty() {
            wrong.push(format!("{tables:?}: {statement}\n    {}", lines.join("\n    ")));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), reading.len(), wrong.join("\n\n"));
}
