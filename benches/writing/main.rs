//! What writing costs, beside a bare program that writes the same rows: `cargo bench --bench writing -- --archive URL`.
//!
//! The archive is there already (`kartoteka generate` makes one) and is only read: each server works on a copy of it, anew in
//! each round. A server is a binary of any version, started by itself: `--server PATH`, which may be repeated, else the one
//! that has just been built. Several are measured in turns. The clients propose victim records that are made from those of the
//! archive, approve them by other accounts, fill a batch and publish it, with the rules of the desk as they are by default:
//! duplicates are looked for.
//!
//! The floor is written in the same run, to a further copy: the very rows that one of the servers has written (the first, or
//! that of `--floor-of NUMBER`), with statements that are prepared once, one transaction a write as the server's writer
//! makes it durable; sixteen writes a transaction; and for batches a thousand rows a transaction. Prints Markdown.
//!
//! `--rounds N` (5), `--seconds N` for each row of the table (5), `--clients N` (16), `--rows N` of the batch (20,000),
//! `--floor-writes N` that the floor has of each sort (2,000), `--only NAME`. What the processors of a PostgreSQL server do is
//! not told. Copies lie beside the archive, with `writing` in their names, and need four times its room with two servers. They
//! are removed at the end; those of a run that was killed are removed by the next one. Servers end with the benchmark, also
//! when it is killed.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a benchmark that cannot go on ends")]

mod anew;
mod archive;
mod batch;
mod bodies;
#[path = "../common/mod.rs"]
mod common;
mod database;
mod desk;
mod floor;
mod material;
mod report;
mod server;

use std::time::{Duration, Instant};

use archive::{Copied, Place};
use bodies::Bodies;
use desk::{Desk, Phase};
use material::Material;
use report::{Report, TOPICS, Topic};
use server::{Server, make_accounts};

/// The same allocator as that of the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Proposals and approvals before the clock starts.
const WARM_UP: Duration = Duration::from_secs(2);

/// What the floor needs of each sort is made for no longer.
const LONGEST: Duration = Duration::from_secs(120);

struct Options {
    archive: Place,
    servers: Vec<String>,
    rounds: usize,
    time: Duration,
    clients: usize,
    rows: usize,
    floor_of: usize,
    floor_writes: usize,
    only: Option<String>,
}

impl Options {
    fn read() -> Option<Self> {
        let arguments: Vec<String> = std::env::args().skip(1).collect();
        let values = |name: &str| -> Vec<String> {
            let places = arguments.iter().enumerate().filter(|(_, argument)| *argument == name);
            places.filter_map(|(place, _)| arguments.get(place + 1)).cloned().collect()
        };
        let value = |name: &str| values(name).pop();
        let number = |name: &str, usual: usize| value(name).map_or(usual, |n| n.parse().expect("a number"));
        let mut servers = values("--server");
        if servers.is_empty() {
            servers.push(env!("CARGO_BIN_EXE_kartoteka").to_owned());
        }
        Some(Self {
            archive: Place::read(&value("--archive")?),
            rounds: number("--rounds", 5),
            time: Duration::from_secs(number("--seconds", 5) as u64),
            clients: number("--clients", 16),
            rows: number("--rows", 20_000),
            floor_of: number("--floor-of", 1).clamp(1, servers.len()) - 1,
            floor_writes: number("--floor-writes", 2_000),
            only: value("--only"),
            servers,
        })
    }

    fn wants(&self, topic: Topic) -> bool {
        self.only.as_ref().is_none_or(|only| topic.name().contains(only.as_str()))
    }
}

fn main() {
    let Some(options) = Options::read() else {
        // `cargo test --benches` and `cargo bench` come by without an archive.
        println!("Nothing was measured: --archive names the archive.");
        return;
    };
    println!("{}; {} clients, {} rounds.", options.archive.settings(), options.clients, options.rounds);
    let mut bodies = None;
    let ready: Vec<Copied> = (0..options.servers.len()).map(|number| prepare(&options, number, &mut bodies)).collect();
    let bodies = bodies.expect("bodies");
    println!("Bodies of {} bytes in the mean are sent.", bodies.bytes());
    let mut report =
        Report::new((1..).zip(&options.servers).map(|(n, path)| format!("{n}: {}", short(path))).collect());
    let mut material = None;
    for round in 0..options.rounds {
        for turn in 0..options.servers.len() {
            // Each is the first of a round now and then.
            let number = (round + turn) % options.servers.len();
            let needs_material = number == options.floor_of && material.is_none();
            let made = measure(&options, number, &ready[number].0, &bodies, &mut report, needs_material);
            material = material.or(made);
        }
        if let Some(material) = &material {
            let copy = options.archive.copy(&ready[options.floor_of].0, "writing_run");
            report.floors.push(floor::run(&copy.0, material, options.time));
        }
    }
    report.print();
}

/// The last parts of a path: enough to tell binaries apart.
fn short(path: &str) -> String {
    let parts: Vec<&str> = path.rsplit('/').collect();
    parts
        .get(1..4.min(parts.len()))
        .map_or(path.to_owned(), |some| some.iter().rev().copied().collect::<Vec<_>>().join("/"))
}

/// A copy of the archive as a server wants it: with its tables, its accounts, and all that it makes anew at its first start.
fn prepare(options: &Options, number: usize, bodies: &mut Option<Bodies>) -> Copied {
    let binary = &options.servers[number];
    eprintln!("{binary}: the archive is prepared");
    let copy = options.archive.copy(&options.archive, &format!("writing_{}", number + 1));
    for role in ["editor", "moderator"] {
        make_accounts(binary, &copy.0.url(), role, options.clients);
    }
    let server = Server::start(binary, &copy.0.url());
    if bodies.is_none() {
        *bodies = Some(Bodies::read(&server.address));
    }
    copy
}

/// Measures a server on a copy of what was prepared for it. Gives what the floor writes, when that is asked for.
fn measure(
    options: &Options,
    number: usize,
    ready: &Place,
    bodies: &Bodies,
    report: &mut Report,
    needs_material: bool,
) -> Option<Material> {
    let copy = options.archive.copy(ready, "writing_run");
    let server = Server::start(&options.servers[number], &copy.0.url());
    bodies.rewind();
    let desk = Desk::open(&server, bodies, options.clients);
    let (mut waiting, mut accepted, mut batch) = (Vec::new(), Vec::new(), None);
    let mut keep = |topic: Topic, phase: Phase| {
        if options.wants(topic) {
            report.add(topic, number, phase);
        }
    };
    if TOPICS[..3].iter().any(|topic| options.wants(*topic)) {
        let mut warm_up = desk.both(WARM_UP);
        accepted.append(&mut warm_up.accepted);
        let mut proposing = desk.propose(options.time, usize::MAX);
        waiting.append(&mut proposing.proposed);
        if options.wants(Topic::Approving) {
            // There may be approved faster than proposed.
            waiting.append(&mut desk.propose(LONGEST, 2 * waiting.len()).proposed);
            let mut approving = desk.approve(options.time, &mut waiting);
            accepted.append(&mut approving.accepted);
            keep(Topic::Approving, approving);
        }
        keep(Topic::Proposing, proposing);
        if options.wants(Topic::Both) {
            let mut both = desk.both(options.time);
            accepted.append(&mut both.accepted);
            keep(Topic::Both, both);
        }
    }
    if needs_material {
        make_up(options, &desk, &mut waiting, &mut accepted);
    }
    let mut notes = Vec::new();
    if TOPICS[3..].iter().any(|topic| options.wants(*topic)) {
        let (filling, filled, size) = batch::fill(&desk, options.rows);
        notes.push(format!("{}: {size} rows a request, {} rows.", short(&options.servers[number]), filling.writes));
        batch = Some(filled.id.clone());
        let rows = filling.writes;
        keep(Topic::Filling, filling);
        if options.wants(Topic::Publishing) {
            keep(Topic::Publishing, batch::publish(&desk, filled, rows));
        }
    }
    for note in notes {
        if !report.notes.contains(&note) {
            report.notes.push(note);
        }
    }
    drop(desk);
    drop(server);
    needs_material.then(|| Material::read(&copy.0, &waiting, &accepted, batch.as_deref()))
}

/// Writes as much of each sort as the floor shall have.
fn make_up(options: &Options, desk: &Desk, waiting: &mut Vec<desk::Proposal>, accepted: &mut Vec<String>) {
    let begun = Instant::now();
    while accepted.len() < options.floor_writes && begun.elapsed() < LONGEST {
        accepted.append(&mut desk.both(Duration::from_secs(1)).accepted);
    }
    accepted.truncate(options.floor_writes);
    let missing = options.floor_writes.saturating_sub(waiting.len());
    waiting.append(&mut desk.propose(LONGEST, missing).proposed);
    waiting.truncate(options.floor_writes);
}
