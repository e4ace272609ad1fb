//! Copies of an archive: of a file of SQLite, or of a database of PostgreSQL. The archive itself is only read.

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use diesel::{
    Connection, PgConnection, QueryResult, QueryableByName, RunQueryDsl, SqliteConnection,
    connection::SimpleConnection, sql_query, sql_types::Text,
};

/// For so long a database is waited for that somebody has just left.
const PATIENCE: Duration = Duration::from_secs(60);

/// An archive, or a copy of one.
#[derive(Clone)]
pub enum Place {
    Sqlite(PathBuf),
    /// What stands before the name of the database, the name, what stands behind it.
    Postgres(String, String, String),
}

/// What every statement here gives: a text, mostly JSON.
#[derive(QueryableByName)]
pub struct Line {
    #[diesel(sql_type = Text)]
    pub line: String,
}

impl Place {
    pub fn read(url: &str) -> Self {
        if let Some(path) = url.strip_prefix("sqlite:") {
            return Self::Sqlite(path.trim_start_matches("//").into());
        }
        let (before, rest) = url.split_at(url.rfind('/').expect("sqlite:PATH or postgres://USER@HOST/NAME") + 1);
        let (name, behind) = rest.split_at(rest.find('?').unwrap_or(rest.len()));
        Self::Postgres(before.to_owned(), name.to_owned(), behind.to_owned())
    }

    pub fn url(&self) -> String {
        match self {
            Self::Sqlite(path) => format!("sqlite:{}", path.display()),
            Self::Postgres(before, name, behind) => format!("{before}{name}{behind}"),
        }
    }

    /// Where a copy of this name is put: beside the archive.
    fn beside(&self, name: &str) -> Self {
        match self {
            Self::Sqlite(path) => Self::Sqlite(format!("{}.{name}", path.display()).into()),
            Self::Postgres(before, own, behind) => {
                Self::Postgres(before.clone(), format!("{own}_{name}"), behind.clone())
            }
        }
    }

    /// Takes a copy, in place of one of the same name that an earlier run has left behind. It is removed when it is dropped.
    pub fn copy(&self, of: &Place, name: &str) -> Copied {
        let copied = Copied(self.beside(name));
        copied.remove();
        match (of, &copied.0) {
            (Self::Sqlite(from), Self::Sqlite(to)) => {
                for ending in ["", "-wal"] {
                    let from = with_ending(from, ending);
                    if from.exists() {
                        let to = with_ending(to, ending);
                        fs::copy(&from, &to).unwrap_or_else(|e| panic!("{}: {e}", from.display()));
                        // What is not on the disk yet would be written while something else is measured.
                        fs::File::open(&to).and_then(|file| file.sync_all()).unwrap();
                    }
                }
                let mut conn = SqliteConnection::establish(&to.display().to_string()).unwrap();
                conn.batch_execute("PRAGMA busy_timeout = 30000; PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
            }
            (Self::Postgres(_, from, _), Self::Postgres(_, to, _)) => {
                let mut conn = copied.0.server();
                let sql = format!("CREATE DATABASE \"{to}\" TEMPLATE \"{from}\" STRATEGY FILE_COPY");
                patiently(|| conn.batch_execute(&sql));
                // Only a superuser may; else it is done some time later.
                let _ = conn.batch_execute("CHECKPOINT");
            }
            _ => panic!("a copy lies where the archive does"),
        }
        copied
    }

    /// A connection to the server of PostgreSQL, to no archive.
    fn server(&self) -> PgConnection {
        let Self::Postgres(before, _, behind) = self else { panic!("a file has no server") };
        PgConnection::establish(&format!("{before}postgres{behind}")).expect("the database postgres")
    }

    /// The settings of the database that decide what a write costs.
    pub fn settings(&self) -> String {
        match self {
            Self::Sqlite(_) => "SQLite, WAL, synchronous=FULL".to_owned(),
            Self::Postgres(..) => {
                let names = ["server_version", "fsync", "synchronous_commit", "full_page_writes", "shared_buffers"];
                let mut conn = self.server();
                let mut show = |name| {
                    let setting = sql_query(format!("SELECT current_setting('{name}') AS line"));
                    format!("{name}={}", setting.get_result::<Line>(&mut conn).unwrap().line)
                };
                format!("PostgreSQL, {}", names.map(&mut show).join(", "))
            }
        }
    }
}

/// A copy that is removed when it is dropped.
pub struct Copied(pub Place);

impl Copied {
    fn remove(&self) {
        match &self.0 {
            Place::Sqlite(path) => {
                for ending in ["", "-wal", "-shm"] {
                    let _ = fs::remove_file(with_ending(path, ending));
                }
            }
            Place::Postgres(_, name, _) => {
                let sql = format!("DROP DATABASE IF EXISTS \"{name}\" WITH (FORCE)");
                if let Err(error) = self.0.server().batch_execute(&sql) {
                    eprintln!("{name} is left behind: {error}");
                }
            }
        }
    }
}

impl Drop for Copied {
    fn drop(&mut self) {
        self.remove();
    }
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    format!("{}{ending}", path.display()).into()
}

/// A database is copied when nobody is connected to it, and a server that was ended is gone a moment later.
fn patiently(mut work: impl FnMut() -> QueryResult<()>) {
    let begun = Instant::now();
    while let Err(error) = work() {
        assert!(begun.elapsed() < PATIENCE, "{error}");
        std::thread::sleep(Duration::from_millis(200));
    }
}
