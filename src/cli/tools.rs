//! Commands that do one thing and end.

use std::{
    io::{IsTerminal, Read, Write},
    net::TcpStream,
    time::Duration,
};

use clap::Args;

use super::{explain, settings::DatabaseArgs};
use crate::{
    access, editorial, http,
    store::{self, DatabaseUrl},
};

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
    access::check_usernames(&args.database.open()?).map_err(|e| explain(&e))
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
