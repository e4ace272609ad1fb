//! Options that several commands share.

use std::{sync::Arc, time::Duration};

use clap::Args;

use super::explain;
use crate::{
    model::limits::Limits,
    store::{Store, StoreSettings},
    usecase::Archive,
};

/// Where the archive lies.
#[derive(Clone, Debug, Args)]
pub struct DatabaseArgs {
    /// sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME [default: sqlite:data/kartoteka.db]
    #[arg(long, env = "KARTOTEKA_DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,
    /// A file that holds the database URL, for secrets that are files; --database-url counts before it
    #[arg(long, env = "KARTOTEKA_DATABASE_URL_FILE", value_name = "FILE")]
    database_url_file: Option<String>,
}

/// Where the archive lies when nothing else is said.
const DEFAULT_URL: &str = "sqlite:data/kartoteka.db";

impl DatabaseArgs {
    /// Whether a database is named at all.
    pub fn is_named(&self) -> bool {
        self.database_url.is_some() || self.database_url_file.is_some()
    }

    /// The database URL, or what stands in the file that is named.
    pub fn url(&self) -> Result<String, String> {
        match (&self.database_url, &self.database_url_file) {
            (Some(url), _) => Ok(url.clone()),
            (None, Some(path)) => {
                let text = std::fs::read_to_string(path).map_err(|e| format!("{path}: {e}"))?;
                Ok(text.trim().to_owned())
            }
            (None, None) => Ok(DEFAULT_URL.to_owned()),
        }
    }

    /// Opens the archive for a command that works alone.
    pub fn open(&self) -> Result<Archive, String> {
        let settings = StoreSettings {
            url: self.url()?,
            replica_url: None,
            readers: 2,
            exports: 1,
            preparers: 1,
            checkout_timeout: Duration::from_secs(10),
            turn_timeout: Duration::from_secs(600),
            statement_timeout: Duration::from_secs(600),
        };
        let store = Store::open(&settings).map_err(|e| e.to_string())?;
        Ok(Archive { store, limits: Arc::new(Limits::default()), desk: Arc::default() })
    }
}

/// How passwords are hashed.
#[derive(Clone, Debug, Args)]
pub struct PasswordArgs {
    /// Memory of one argon2id hash in KiB
    #[arg(long, env = "KARTOTEKA_ARGON2_MEMORY_KIB", default_value_t = 19 * 1024)]
    pub argon2_memory_kib: u32,
    /// Passes of argon2id
    #[arg(long, env = "KARTOTEKA_ARGON2_PASSES", default_value_t = 2)]
    pub argon2_passes: u32,
    /// Password hashes worked on at once
    #[arg(long, env = "KARTOTEKA_ARGON2_AT_ONCE", default_value_t = 4)]
    pub argon2_at_once: usize,
}

impl PasswordArgs {
    pub fn policy(&self) -> crate::access::PasswordPolicy {
        crate::access::PasswordPolicy {
            memory_kib: self.argon2_memory_kib,
            passes: self.argon2_passes,
            at_once: self.argon2_at_once,
            wait: Duration::from_secs(5),
        }
    }

    /// Ready to hash.
    pub fn passwords(&self) -> Result<crate::access::Passwords, String> {
        crate::access::Passwords::new(self.policy()).map_err(|e| explain(&e))
    }
}
