//! The tables, made and kept up to date from the embedded migrations of either database.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use diesel::{
    RunQueryDsl,
    connection::{Connection, SimpleConnection},
    pg::PgConnection,
    sqlite::SqliteConnection,
};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::{
    conn::{DatabaseUrl, ENGLISH, open_sqlite},
    error::StoreError,
    files,
};

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// Lets one instance migrate at a time on PostgreSQL.
const MIGRATION_LOCK: i64 = 0x4b41_5255;

fn failed(error: impl std::fmt::Display) -> StoreError {
    StoreError::Setup(format!("the tables could not be brought up to date: {error}"))
}

fn not_opened(what: &str, error: &diesel::ConnectionError) -> StoreError {
    StoreError::Setup(format!("{what} could not be opened: {error}"))
}

/// Runs every migration that has not run yet, and returns their names.
pub fn run(url: &DatabaseUrl) -> Result<Vec<String>, StoreError> {
    match url {
        DatabaseUrl::Sqlite { path } => {
            if let Some(folder) = Path::new(path).parent().filter(|f| !f.as_os_str().is_empty()) {
                std::fs::create_dir_all(folder).map_err(|e| StoreError::Setup(format!("{}: {e}", folder.display())))?;
            }
            let mut conn = open_sqlite(path).map_err(|e| not_opened(path, &e))?;
            files::warn_of_others(Path::new(path));
            conn.batch_execute("PRAGMA busy_timeout = 30000; PRAGMA synchronous = FULL;").map_err(failed)?;
            use_wal(&mut conn)?;
            // One instance at a time: the others wait for the file lock and then find nothing to do.
            conn.exclusive_transaction(|conn| {
                let done = conn.run_pending_migrations(SQLITE).map_err(|e| RunError(e.to_string()))?;
                Ok(done.iter().map(ToString::to_string).collect())
            })
            .map_err(|RunError(e)| failed(e))
        }
        DatabaseUrl::Postgres { url } => {
            let mut conn = PgConnection::establish(url).map_err(|e| not_opened("the PostgreSQL database", &e))?;
            ask_for_english(&mut conn).map_err(failed)?;
            conn.batch_execute(&format!("SELECT pg_advisory_lock({MIGRATION_LOCK})")).map_err(failed)?;
            let done = conn.run_pending_migrations(POSTGRES).map_err(failed)?;
            let names = done.iter().map(ToString::to_string).collect();
            conn.batch_execute(&format!("SELECT pg_advisory_unlock({MIGRATION_LOCK})")).map_err(failed)?;
            Ok(names)
        }
    }
}

/// Switches the file to a write-ahead log. Of several instances that do so at once, SQLite tells all but one at once that
/// the file is locked, whatever the timeout: they try again.
fn use_wal(conn: &mut SqliteConnection) -> Result<(), StoreError> {
    let until = Instant::now() + Duration::from_secs(30);
    loop {
        match conn.batch_execute("PRAGMA journal_mode = WAL;") {
            Err(error) => match StoreError::from(error) {
                StoreError::Locked(_) if Instant::now() < until => std::thread::sleep(Duration::from_millis(20)),
                error => return Err(failed(error)),
            },
            Ok(()) => return Ok(()),
        }
    }
}

/// Warns where the server will not speak English: only by its messages can some failures be told apart.
fn ask_for_english(conn: &mut PgConnection) -> diesel::QueryResult<()> {
    #[derive(diesel::QueryableByName)]
    struct Language {
        #[diesel(sql_type = diesel::sql_types::Text)]
        name: String,
    }
    conn.batch_execute(ENGLISH)?;
    let Language { name } = diesel::sql_query("SELECT current_setting('lc_messages') AS name").get_result(conn)?;
    if !["C", "POSIX", "en"].iter().any(|english| name.starts_with(english)) && !name.is_empty() {
        tracing::warn!(
            lc_messages = name,
            "The messages of the PostgreSQL server are not in English, so some failures that pass by themselves are \
             answered with 500 in place of 503. Let a superuser run: GRANT SET ON PARAMETER lc_messages TO the role of \
             the archive (PostgreSQL 15 and later), or ALTER DATABASE … SET lc_messages = 'C'"
        );
    }
    Ok(())
}

struct RunError(String);

impl From<diesel::result::Error> for RunError {
    fn from(error: diesel::result::Error) -> Self {
        Self(error.to_string())
    }
}
