//! The tables, made and kept up to date from the embedded migrations of either database.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use diesel::{
    connection::{Connection, SimpleConnection},
    pg::PgConnection,
    sqlite::SqliteConnection,
};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::{
    conn::{DatabaseUrl, open_sqlite},
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
            Err(error) if error.to_string().contains("locked") && Instant::now() < until => {
                std::thread::sleep(Duration::from_millis(20));
            }
            done => return done.map_err(failed),
        }
    }
}

struct RunError(String);

impl From<diesel::result::Error> for RunError {
    fn from(error: diesel::result::Error) -> Self {
        Self(error.to_string())
    }
}
