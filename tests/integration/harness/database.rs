//! A database for each test: a copy of a migrated one, dropped at the end.

use std::sync::{
    OnceLock,
    atomic::{AtomicU32, Ordering},
};

use diesel::{Connection, PgConnection, connection::SimpleConnection};
use kartoteka::store::{Backend, DatabaseUrl, migrate};

static NEXT: AtomicU32 = AtomicU32::new(0);

/// Where tests may create databases: `postgres://user:password@host/postgres`.
pub fn postgres_url() -> Option<String> {
    std::env::var("KARTOTEKA_TEST_POSTGRES_URL").ok().filter(|url| !url.is_empty())
}

/// The database of one test.
pub struct Database {
    pub url: String,
    cleanup: Cleanup,
}

enum Cleanup {
    Folder(#[allow(dead_code, reason = "removed when it is dropped")] tempfile::TempDir),
    Postgres { name: String },
}

impl Database {
    /// A new, migrated, empty database.
    pub fn new(backend: Backend) -> Self {
        match backend {
            Backend::Sqlite => sqlite(),
            Backend::Postgres => postgres(),
        }
    }
}

fn sqlite() -> Database {
    static TEMPLATE: OnceLock<Vec<u8>> = OnceLock::new();
    let template = TEMPLATE.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("template.db");
        migrate(&DatabaseUrl::Sqlite { path: path.to_str().unwrap().to_owned() }).unwrap();
        std::fs::read(path).unwrap()
    });
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("test.db");
    // For its owner alone, as the program creates it: else every command would warn of it.
    kartoteka::store::write_private(path.to_str().unwrap(), template).unwrap();
    Database { url: format!("sqlite:{}", path.display()), cleanup: Cleanup::Folder(folder) }
}

fn admin() -> PgConnection {
    PgConnection::establish(&postgres_url().unwrap()).unwrap()
}

/// The URL of another database on the same server.
fn sibling(name: &str) -> String {
    let url = postgres_url().unwrap();
    let (server, _) = url.rsplit_once('/').unwrap();
    format!("{server}/{name}")
}

fn postgres() -> Database {
    static TEMPLATE: OnceLock<String> = OnceLock::new();
    let template = TEMPLATE.get_or_init(|| {
        let mut conn = admin();
        sweep(&mut conn);
        let name = format!("kartoteka_test_{}_template", std::process::id());
        conn.batch_execute(&format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")).unwrap();
        migrate(&DatabaseUrl::Postgres { url: sibling(&name) }).unwrap();
        name
    });
    let name = format!("kartoteka_test_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    admin().batch_execute(&format!("CREATE DATABASE {name} TEMPLATE {template}")).unwrap();
    Database { url: sibling(&name), cleanup: Cleanup::Postgres { name } }
}

/// Drops what crashed runs have left behind.
fn sweep(conn: &mut PgConnection) {
    use diesel::prelude::*;
    #[derive(QueryableByName)]
    struct Name {
        #[diesel(sql_type = diesel::sql_types::Text)]
        datname: String,
    }
    let old = diesel::sql_query("SELECT datname::text FROM pg_database WHERE datname LIKE 'kartoteka\\_test\\_%'");
    for Name { datname } in old.load::<Name>(conn).unwrap() {
        let pid = datname.split('_').nth(2).unwrap_or_default();
        let is_running = std::path::Path::new(&format!("/proc/{pid}")).exists();
        if !is_running {
            let _ = conn.batch_execute(&format!("DROP DATABASE IF EXISTS {datname} WITH (FORCE)"));
        }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Cleanup::Postgres { name } = &self.cleanup {
            let _ = admin().batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        }
    }
}
