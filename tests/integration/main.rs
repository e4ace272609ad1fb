//! All integration tests in one program: every test that touches a database runs on SQLite and on PostgreSQL.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail by panicking")]

mod access;
mod accounts;
mod administration;
mod api_keys;
mod append_only;
mod architecture;
mod authority;
mod bad_input;
mod batches;
mod bodies;
mod both_halves;
mod bounded_work;
mod charts;
mod citations;
mod conditions;
mod connections;
mod cors;
mod costs;
mod counting;
mod crash;
mod decoys;
mod demo;
mod duplicates;
mod editing;
mod export_streams;
mod exports;
mod failures;
#[cfg(unix)]
mod files;
mod filters;
mod filters_of_kinds;
mod generate;
mod group_commit;
mod harness;
mod health;
mod idempotency;
mod include;
mod jobs;
mod kinds;
mod limits;
mod list_plans;
mod marks;
mod memento;
mod names;
mod namings;
mod openapi;
mod operations;
mod outage;
mod parameters;
mod past;
mod permissions;
mod privacy;
mod program;
mod races;
mod read_plans;
mod reading;
mod refusals;
mod retention;
mod reviewing;
mod search;
mod search_plans;
mod secrets;
mod sessions;
mod storage;
mod streams;
mod submissions;
mod tables;
mod totp;
mod two_pairs_of_eyes;
mod usernames;
mod workflow;

use harness::TestApp;
use kartoteka::store::Backend;
use libtest_mimic::{Arguments, Trial};

fn main() {
    let args = Arguments::from_args();
    let suites = [
        access::cases(),
        accounts::cases(),
        administration::cases(),
        api_keys::cases(),
        authority::cases(),
        append_only::cases(),
        bad_input::cases(),
        batches::cases(),
        both_halves::cases(),
        bounded_work::cases(),
        bodies::cases(),
        charts::cases(),
        citations::cases(),
        conditions::cases(),
        connections::cases(),
        cors::cases(),
        decoys::cases(),
        costs::cases(),
        crash::cases(),
        counting::cases(),
        demo::cases(),
        duplicates::cases(),
        editing::cases(),
        filters::cases(),
        filters_of_kinds::cases(),
        export_streams::cases(),
        exports::cases(),
        failures::cases(),
        generate::cases(),
        group_commit::cases(),
        jobs::cases(),
        health::cases(),
        idempotency::cases(),
        include::cases(),
        kinds::cases(),
        list_plans::cases(),
        limits::cases(),
        marks::cases(),
        memento::cases(),
        namings::cases(),
        openapi::cases(),
        operations::cases(),
        outage::cases(),
        parameters::cases(),
        past::cases(),
        permissions::cases(),
        program::cases(),
        races::cases(),
        privacy::cases(),
        read_plans::cases(),
        reading::cases(),
        refusals::cases(),
        retention::cases(),
        reviewing::cases(),
        search::cases(),
        search_plans::cases(),
        secrets::cases(),
        sessions::cases(),
        storage::cases(),
        streams::cases(),
        submissions::cases(),
        tables::cases(),
        totp::cases(),
        usernames::cases(),
        two_pairs_of_eyes::cases(),
        workflow::cases(),
    ];
    let postgres = harness::postgres_url();
    if postgres.is_none() && !args.list {
        eprintln!("PostgreSQL tests are skipped: KARTOTEKA_TEST_POSTGRES_URL is not set.");
    }
    // In CI a missing PostgreSQL is a failure, not a reason to look away.
    let skips = postgres.is_none() && std::env::var("CI").is_err();
    let mut trials = Vec::new();
    for (name, test) in suites.into_iter().flatten() {
        let name = name.trim_start_matches("integration::");
        trials.push(Trial::test(format!("sqlite::{name}"), move || run(Backend::Sqlite, test)));
        let on_postgres = Trial::test(format!("postgres::{name}"), move || run(Backend::Postgres, test));
        trials.push(on_postgres.with_ignored_flag(skips));
    }
    let plain = [
        architecture::plain_cases(),
        #[cfg(unix)]
        files::plain_cases(),
        filters::plain_cases(),
        names::plain_cases(),
        generate::plain_cases(),
        openapi::plain_cases(),
        operations::plain_cases(),
        secrets::plain_cases(),
        storage::plain_cases(),
        workflow::plain_cases(),
    ];
    for (name, test) in plain.into_iter().flatten() {
        let name = name.trim_start_matches("integration::").to_owned();
        trials.push(Trial::test(name, move || {
            test();
            Ok(())
        }));
    }
    if args.list {
        libtest_mimic::run(&args, trials).exit();
    }
    harness::watch::begin();
    harness::recorder::begin();
    let conclusion = libtest_mimic::run(&args, trials);
    let is_silent = secrets::no_secret_is_seen_in_the_whole_run();
    if !is_silent {
        std::process::exit(101);
    }
    conclusion.exit();
}

fn run(backend: Backend, test: fn(&TestApp)) -> Result<(), libtest_mimic::Failed> {
    if backend == Backend::Postgres && harness::postgres_url().is_none() {
        return Err("KARTOTEKA_TEST_POSTGRES_URL is not set".into());
    }
    test(&TestApp::start(backend));
    Ok(())
}
