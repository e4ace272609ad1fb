//! Floor 4: the commands. Each puts its settings together, calls a use case and prints what came of it.

mod config;
pub mod demo;
pub mod generate;
mod serve;
mod settings;
mod tools;
mod transport;
mod users;

use clap::{Parser, Subcommand};

/// A multi-user archive of political repression.
#[derive(Debug, Parser)]
#[command(name = "kartoteka", version, about, long_about = None, after_help = config::HELP)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the API
    Serve(Box<serve::ServeArgs>),
    /// Manage accounts
    #[command(subcommand)]
    User(users::UserCommand),
    /// Manage the keys that sign access tokens
    #[command(subcommand)]
    Keys(users::KeysCommand),
    /// Create the tables, or bring them up to date
    Migrate(tools::MigrateArgs),
    /// Make everything derived anew from the revisions
    Reindex(tools::ReindexArgs),
    /// Fill an archive with made-up records, for measurements
    Generate(generate::GenerateArgs),
    /// Ask a running server whether it can work
    Health(tools::HealthArgs),
    /// Print the OpenAPI document
    Openapi(tools::OpenapiArgs),
}

/// Runs the program with the arguments it was given, and returns its exit code.
pub fn run() -> std::process::ExitCode {
    let cli = match config::parse::<Cli>() {
        Ok(cli) => cli,
        Err(message) => return fail(&message),
    };
    // `serve` has a log of its own.
    if !matches!(cli.command, Command::Serve(_)) {
        show_warnings();
    }
    let done = match cli.command {
        Command::Serve(args) => serve::run(&args),
        Command::User(command) => users::user(command),
        Command::Keys(command) => users::keys(command),
        Command::Migrate(args) => tools::migrate(&args),
        Command::Reindex(args) => tools::reindex(&args),
        Command::Generate(args) => generate::run(&args),
        Command::Health(args) => tools::health(&args),
        Command::Openapi(args) => tools::openapi(&args),
    };
    match done {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(message) => fail(&message),
    }
}

/// What is amiss although the command goes on: lines on standard error.
fn show_warnings() {
    let warnings = tracing_subscriber::fmt().with_max_level(tracing::Level::WARN).with_writer(std::io::stderr);
    warnings.with_ansi(false).with_target(false).without_time().init();
}

fn fail(message: &str) -> std::process::ExitCode {
    eprintln!("kartoteka: {message}");
    std::process::ExitCode::FAILURE
}

/// What a use case answers, as a line for people.
fn explain(error: &crate::usecase::Error) -> String {
    use crate::usecase::Error;
    match error {
        Error::Invalid(errors) => errors
            .0
            .iter()
            .map(|e| format!("{} {}", e.pointer, e.detail).trim().to_owned())
            .collect::<Vec<_>>()
            .join("\n"),
        other => other.to_string(),
    }
}
