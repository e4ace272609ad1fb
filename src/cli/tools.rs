//! Commands that do one thing and end.

use std::{
    io::{IsTerminal, Read, Write},
    net::TcpStream,
    time::Duration,
};

use clap::{Args, Subcommand, ValueEnum};

use super::{
    explain,
    settings::{DatabaseArgs, PasswordArgs},
};
use crate::{
    access::{Secret, create_user, set_trusted},
    editorial, http,
    model::permissions::Role,
    store::{self, DatabaseUrl},
};

#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Create an account; the password is read from standard input
    Create(CreateUserArgs),
    /// Trust an editor: additive changes are accepted at once where the archive is served with --trust-editors
    Trust(TrustArgs),
}

#[derive(Debug, Args)]
pub struct TrustArgs {
    /// Name of the account
    name: String,
    /// Take the trust back
    #[arg(long)]
    off: bool,
    #[command(flatten)]
    database: DatabaseArgs,
}

#[derive(Debug, Args)]
pub struct CreateUserArgs {
    /// Name to sign in with: small letters, digits, dots, underscores, hyphens
    name: String,
    #[arg(long, value_enum)]
    role: RoleArg,
    /// Read the password from standard input (there is no other way: arguments are seen by other users of the machine)
    #[arg(long, required = true)]
    password_stdin: bool,
    #[command(flatten)]
    database: DatabaseArgs,
    #[command(flatten)]
    passwords: PasswordArgs,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum RoleArg {
    Editor,
    Moderator,
    Admin,
}

impl From<RoleArg> for Role {
    fn from(role: RoleArg) -> Self {
        match role {
            RoleArg::Editor => Role::Editor,
            RoleArg::Moderator => Role::Moderator,
            RoleArg::Admin => Role::Admin,
        }
    }
}

pub fn user(command: UserCommand) -> Result<(), String> {
    match command {
        UserCommand::Create(args) => create(&args),
        UserCommand::Trust(args) => trust(&args),
    }
}

fn trust(args: &TrustArgs) -> Result<(), String> {
    let archive = args.database.open()?;
    set_trusted(&archive, &args.name, !args.off).map_err(|e| explain(&e))?;
    println!("{} is {}trusted", args.name, if args.off { "not " } else { "" });
    Ok(())
}

fn create(args: &CreateUserArgs) -> Result<(), String> {
    let mut password = String::new();
    // A password has at most 128 characters; a file that was meant for something else is not read to its end.
    std::io::stdin().take(4096).read_to_string(&mut password).map_err(|e| format!("standard input: {e}"))?;
    let password = Secret::new(password.trim_end_matches(['\r', '\n']));
    let archive = args.database.open()?;
    let passwords = args.passwords.passwords()?;
    let account =
        create_user(&archive, &passwords, &args.name, args.role.into(), &password).map_err(|e| explain(&e))?;
    println!("created {} ({})", account.username, account.role.as_str());
    Ok(())
}

#[derive(Debug, Args)]
pub struct MigrateArgs {
    #[command(flatten)]
    database: DatabaseArgs,
}

pub fn migrate(args: &MigrateArgs) -> Result<(), String> {
    let url = DatabaseUrl::parse(&args.database.url()?).map_err(|e| e.to_string())?;
    let done = store::migrate(&url).map_err(|e| e.to_string())?;
    match done.as_slice() {
        [] => println!("the tables are up to date"),
        names => names.iter().for_each(|name| println!("ran {name}")),
    }
    Ok(())
}

#[derive(Debug, Args)]
pub struct ReindexArgs {
    #[command(flatten)]
    database: DatabaseArgs,
}

pub fn reindex(args: &ReindexArgs) -> Result<(), String> {
    let archive = args.database.open()?;
    let is_watched = std::io::stderr().is_terminal();
    let progress = |done: u64| {
        if is_watched {
            eprint!("\r{done} entries ");
        }
    };
    let done = editorial::reindex(&archive, progress).map_err(|e| explain(&e))?;
    println!("reindexed {done} entries");
    Ok(())
}

#[derive(Debug, Args)]
pub struct OpenapiArgs {
    /// Print YAML instead of JSON
    #[arg(long)]
    yaml: bool,
}

pub fn openapi(args: &OpenapiArgs) -> Result<(), String> {
    let document = http::document();
    if args.yaml {
        print!("{}", http::yaml(&document));
    } else {
        print!("{}", http::pretty(&document));
    }
    Ok(())
}

#[derive(Debug, Args)]
pub struct HealthArgs {
    /// Address of the server; 0.0.0.0 stands for this machine
    #[arg(long, env = "KARTOTEKA_LISTEN", default_value = "127.0.0.1:8080")]
    listen: String,
}

/// Asks a running server whether it can work: for health checks of containers, which have no curl.
pub fn health(args: &HealthArgs) -> Result<(), String> {
    const WAIT: Duration = Duration::from_secs(4);
    let address = args.listen.replace("0.0.0.0", "127.0.0.1").replace("[::]", "[::1]");
    let failed = |e: std::io::Error| format!("{address}: {e}");
    let mut stream = TcpStream::connect(&address).map_err(failed)?;
    stream.set_read_timeout(Some(WAIT)).map_err(failed)?;
    stream.set_write_timeout(Some(WAIT)).map_err(failed)?;
    let request = format!("GET /health/ready HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).map_err(failed)?;
    let mut answer = String::new();
    stream.take(64 * 1024).read_to_string(&mut answer).map_err(failed)?;
    match answer.lines().next() {
        Some(line) if line.starts_with("HTTP/1.1 200") => {
            println!("ready");
            Ok(())
        }
        other => Err(format!("{address} is not ready: {}", other.unwrap_or("no answer"))),
    }
}
