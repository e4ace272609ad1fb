//! Files of SQLite: whoever starts a command, and with whatever mask, nobody but their owner reads them.

use std::{
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Output, Stdio},
};

use kartoteka::store::DatabaseUrl;

use crate::{
    harness::{plain_cases, watch},
    program::{PASSWORD, Served, command},
};

plain_cases![
    every_command_creates_the_database_for_its_owner_alone,
    every_command_warns_of_a_database_that_others_can_read,
    links_to_a_new_file_are_followed,
    a_uri_is_no_path_of_a_file,
];

/// Commands that open no database.
const WITHOUT: &[&[&str]] = &[&["health"], &["openapi"]];

/// What the others need to run to their end; `serve` is looked at by itself.
const WITH: &[&[&str]] = &[
    &["serve", "--listen", "127.0.0.1:0"],
    &["serve", "--demo", "--listen", "127.0.0.1:0"],
    &["migrate"],
    &["reindex"],
    &["generate", "--victims", "1"],
    &["keys", "list"],
    &["keys", "rotate"],
    &["user", "create", "anna", "--role", "editor", "--password-stdin"],
    &["user", "list"],
    &["user", "set-role", "anna", "editor"],
    &["user", "rename", "anna", "olga"],
    &["user", "disable", "anna"],
    &["user", "enable", "anna"],
    &["user", "reset-password", "anna"],
    &["user", "keys", "anna"],
    &["user", "revoke-keys", "anna"],
    &["user", "remove-totp", "anna"],
    &["user", "trust", "anna"],
];

/// Every command, as the program itself lists them.
fn commands(above: &[String]) -> Vec<Vec<String>> {
    let mut args: Vec<&str> = above.iter().map(String::as_str).collect();
    args.push("--help");
    // Help names the options of argon2, which no log may.
    let help = String::from_utf8(command(&args).output().unwrap().stdout).unwrap();
    let Some((_, list)) = help.split_once("\nCommands:\n") else { return vec![above.to_vec()] };
    let lines = list.lines().take_while(|line| !line.trim().is_empty());
    // A description that is broken into lines is indented further.
    let names = lines.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let names = names.map(|line| line.split_whitespace().next().unwrap().to_owned()).filter(|name| name != "help");
    names.flat_map(|name| commands(&[above, &[name]].concat())).collect()
}

/// The command under a mask that takes nothing away.
fn without_mask(args: &[&str], url: &str) -> Command {
    let program = command(&[]);
    let mut shell = Command::new("sh");
    shell.args(["-c", "umask 000; exec \"$0\" \"$@\""]).arg(program.get_program());
    shell.args(args).args(["--database-url", url]).env_clear();
    shell.envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
    shell
}

fn run(args: &[&str], url: &str) -> Output {
    let mut child =
        without_mask(args, url).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), PASSWORD.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    watch::program(&output.stdout);
    watch::program(&output.stderr);
    output
}

/// Permissions of the files in a folder, by name.
fn modes(folder: &Path) -> Vec<(String, u32)> {
    let file = |entry: std::io::Result<std::fs::DirEntry>| {
        let entry = entry.unwrap();
        (entry.file_name().into_string().unwrap(), entry.metadata().unwrap().permissions().mode() & 0o777)
    };
    let mut all: Vec<_> = std::fs::read_dir(folder).unwrap().map(file).collect();
    all.sort();
    all
}

fn every_command_creates_the_database_for_its_owner_alone() {
    let known: Vec<&[&str]> = WITH.iter().chain(WITHOUT).copied().collect();
    let all = commands(&[]);
    assert!(all.len() > 12, "{all:?}");
    for one in &all {
        assert!(known.iter().any(|k| one.iter().zip(*k).filter(|(a, b)| a == b).count() == one.len()), "{one:?}");
    }
    for args in WITH {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("new.db").display());
        let expected: &[&str] = if args[0] == "serve" {
            let credentials = folder.path().join("credentials.json");
            let mut serve = without_mask(args, &url);
            if args.contains(&"--demo") {
                serve.arg("--demo-credentials").arg(&credentials);
            }
            let served = Served::start(&mut serve);
            assert!(modes(folder.path()).iter().all(|(_, mode)| *mode == 0o600), "{:?}", modes(folder.path()));
            drop(served);
            match args.contains(&"--demo") {
                true => &["credentials.json", "new.db", "new.db-shm", "new.db-wal"],
                false => &["new.db", "new.db-shm", "new.db-wal"],
            }
        } else {
            run(args, &url);
            &["new.db"]
        };
        let found = modes(folder.path());
        assert!(found.iter().all(|(_, mode)| *mode == 0o600), "{args:?}: {found:?}");
        for name in expected {
            assert!(found.iter().any(|(file, _)| file == name), "{args:?}: no {name} in {found:?}");
        }
    }
}

fn every_command_warns_of_a_database_that_others_can_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("archive.db");
    kartoteka::store::migrate(&DatabaseUrl::Sqlite { path: path.to_str().unwrap().to_owned() }).unwrap();
    let url = format!("sqlite:{}", path.display());
    let advice = format!("chmod 600 '{}'", path.display());
    let allow = |mode| std::fs::set_permissions(&path, PermissionsExt::from_mode(mode)).unwrap();
    let said = |args: &[&str]| {
        if args[0] != "serve" {
            return String::from_utf8(run(args, &url).stderr).unwrap();
        }
        Served::start(&mut without_mask(args, &url)).stop()
    };
    for args in WITH.iter().filter(|args| !args.contains(&"--demo")) {
        for (mode, warns) in [(0o640, true), (0o604, true), (0o600, false)] {
            allow(mode);
            assert_eq!(said(args).contains(&advice), warns, "{args:?} with {mode:o}");
        }
    }
}

fn links_to_a_new_file_are_followed() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("disk")).unwrap();
    std::os::unix::fs::symlink("disk/real.db", folder.path().join("link.db")).unwrap();
    let url = format!("sqlite:{}", folder.path().join("link.db").display());
    assert!(run(&["migrate"], &url).status.success());
    let found = modes(&folder.path().join("disk"));
    assert!(found.iter().any(|(name, _)| name == "real.db"), "{found:?}");
    assert!(found.iter().all(|(_, mode)| *mode == 0o600), "{found:?}");
}

fn a_uri_is_no_path_of_a_file() {
    for uri in ["sqlite:file:archive.db?mode=ro", "sqlite://file:archive.db"] {
        assert!(DatabaseUrl::parse(uri).unwrap_err().to_string().contains("not a URI"), "{uri}");
    }
}
