//! The files the archive lies in, and other files with secrets: nobody but their owner reads them.

use std::{
    fs::OpenOptions,
    io::{self, ErrorKind, Write},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

#[cfg(unix)]
/// What SQLite keeps beside a database: it gives these files the permissions of the database when it creates them.
const BESIDE: &[&str] = &["", "-wal", "-shm", "-journal"];

/// Symbolic links that are followed at most.
const LINKS: usize = 8;

/// Creates the file of a database, empty and for its owner alone, if there is none. SQLite would let others read it.
pub(super) fn create_private(path: &Path) -> io::Result<()> {
    // Closing a file takes away the locks that SQLite holds on it in this process: nobody may open it meanwhile, and a file
    // that exists is not opened at all.
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let mut path = path.to_owned();
    for _ in 0..LINKS {
        match for_owner(OpenOptions::new().write(true).create_new(true)).open(&path) {
            // A symbolic link to a file that does not exist yet.
            Err(error) if error.kind() == ErrorKind::AlreadyExists && !path.exists() => {
                let target = std::fs::read_link(&path)?;
                path = path.parent().map_or_else(|| target.clone(), |folder| folder.join(&target));
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => return Ok(()),
            other => return other.map(drop),
        }
    }
    Err(io::Error::new(ErrorKind::InvalidInput, "too many symbolic links"))
}

/// Writes a file that only its owner can read.
pub fn write_private(path: &str, text: impl AsRef<[u8]>) -> io::Result<()> {
    let mut file = for_owner(OpenOptions::new().write(true).create(true).truncate(true)).open(path)?;
    // A file that was there already keeps its permissions otherwise.
    #[cfg(unix)]
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(OWNER_ALONE))?;
    file.write_all(text.as_ref())
}

#[cfg(unix)]
const OWNER_ALONE: u32 = 0o600;

fn for_owner(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, OWNER_ALONE);
    options
}

/// Warns of files of the database that other users of the machine can read or change.
pub(super) fn warn_of_others(path: &Path) {
    let exposed = open_to_others(path);
    if exposed.is_empty() {
        return;
    }
    let files: Vec<String> = exposed.iter().map(|file| format!("'{}'", file.display())).collect();
    tracing::warn!(
        "Other users of this machine can read the database, which contains password hashes and signing keys. \
         Run: chmod 600 {}",
        files.join(" ")
    );
}

#[cfg(unix)]
fn open_to_others(path: &Path) -> Vec<PathBuf> {
    let is_open = |file: &PathBuf| {
        let mode = |meta: std::fs::Metadata| std::os::unix::fs::PermissionsExt::mode(&meta.permissions());
        std::fs::metadata(file).is_ok_and(|meta| mode(meta) & 0o077 != 0)
    };
    BESIDE.iter().map(|ending| beside(path, ending)).filter(is_open).collect()
}

#[cfg(not(unix))]
fn open_to_others(_: &Path) -> Vec<PathBuf> {
    Vec::new()
}

#[cfg(unix)]
fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}
