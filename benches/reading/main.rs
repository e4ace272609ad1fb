//! What reading costs, beside the bare statements: `cargo bench --bench reading -- --database-url URL`.
//!
//! Starts the real server over an archive that is there already (`kartoteka generate` makes one), and beside it, in the
//! same process, handlers that do nothing but run one statement with diesel, r2d2 and the pool of blocking threads. Both are
//! asked the same questions over HTTP by the same clients, one after the other. Prints Markdown.
//!
//! `--clients N` (16), `--seconds N` for each row and side (5), `--readers N` connections of each side (8), `--only NAME`,
//! `--export` reads all victim records besides and watches the memory.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a benchmark that cannot go on ends")]

mod bare;
mod client;
#[path = "../common/mod.rs"]
mod common;
mod export;
mod questions;

use std::{net::TcpListener, sync::mpsc, time::Duration};

use client::{Load, Summary};
use kartoteka::{
    access::{PasswordPolicy, TokenSettings},
    http::{
        AppState,
        server::{self, ServerSettings},
        transport::Transport,
    },
    model::{desk::DeskRules, limits::Limits},
    store::StoreSettings,
};
use questions::Topic;

/// The same allocator as that of the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

struct Options {
    database_url: String,
    clients: usize,
    time: Duration,
    readers: u32,
    only: Option<String>,
    exports: bool,
}

impl Options {
    fn read() -> Option<Self> {
        let arguments: Vec<String> = std::env::args().skip(1).collect();
        let value = |name: &str| arguments.iter().position(|a| a == name).and_then(|n| arguments.get(n + 1)).cloned();
        let number = |name: &str, usual: u64| value(name).map_or(usual, |n| n.parse().expect("a number"));
        Some(Self {
            database_url: value("--database-url")?,
            clients: usize::try_from(number("--clients", 16)).unwrap(),
            time: Duration::from_secs(number("--seconds", 5)),
            readers: u32::try_from(number("--readers", 8)).unwrap(),
            only: value("--only"),
            exports: arguments.iter().any(|a| a == "--export"),
        })
    }
}

fn main() {
    let Some(options) = Options::read() else {
        // `cargo test --benches` and `cargo bench` come by without an archive.
        println!("Nothing was measured: --database-url names the archive.");
        return;
    };
    let settings = settings(&options);
    let state = AppState::open(&settings).expect("an archive");
    let archive = state.archive.clone();
    let real = start(state, settings);
    let topics = questions::topics(&archive, &real);
    let bare = bare::start(&options.database_url, options.readers, topics.iter().map(Topic::statements).collect());
    println!(
        "| what is asked | requests/s | p50 | p95 | p99 | bare statement, requests/s | p50 | p95 | p99 | ratio |\n\
         | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |"
    );
    for (place, topic) in topics.iter().enumerate() {
        if options.only.as_ref().is_some_and(|only| !topic.name.contains(only.as_str())) {
            continue;
        }
        row(&options, topic, place, &real, &bare);
    }
    if options.exports {
        export::run(&real, &options.database_url);
    }
}

/// Measures both sides in turns, so that neither has the quieter half of the time.
fn row(options: &Options, topic: &Topic, place: usize, real: &str, bare: &str) {
    let ours = Load::new(real, topic.questions.iter().map(|q| q.path.clone()).collect());
    let theirs = Load::new(bare, (0..topic.questions.len()).map(|n| format!("/{place}/{n}")).collect());
    let half = options.time / 2;
    let print = |what: &str, ours: &Summary, theirs: &Summary| {
        let ratio = ours.per_second / theirs.per_second.max(0.001);
        println!("| {}{what} | {} | {} | {ratio:.2} |", topic.name, ours.cells(), theirs.cells());
    };
    if topic.is_heavy {
        // The file comes into memory.
        theirs.each_once(1);
        let first = Summary::of(vec![ours.each_once(1)]);
        let bare = Summary::of(vec![theirs.each_once(1)]);
        print(", one client, asked for the first time", &first, &bare);
        print(", asked again by all clients", &Summary::of(vec![ours.run(options.clients, half)]), &bare);
        return;
    }
    // What is remembered from one request to the next is a cost of the first, and the file comes into memory.
    ours.each_once(4);
    theirs.each_once(4);
    let mut runs = (Vec::new(), Vec::new());
    for _ in 0..2 {
        runs.0.push(ours.run(options.clients, half));
        runs.1.push(theirs.run(options.clients, half));
    }
    print("", &Summary::of(runs.0), &Summary::of(runs.1));
}

fn settings(options: &Options) -> ServerSettings {
    ServerSettings {
        store: StoreSettings {
            url: options.database_url.clone(),
            replica_url: None,
            readers: options.readers,
            exports: 2,
            preparers: 2,
            checkout_timeout: Duration::from_secs(30),
            turn_timeout: Duration::from_secs(30),
            statement_timeout: Duration::from_secs(120),
        },
        limits: Limits::default(),
        desk: DeskRules::default(),
        passwords: PasswordPolicy { memory_kib: 64, passes: 1, at_once: 1, wait: Duration::from_secs(5) },
        tokens: TokenSettings::default(),
        transport: Transport { rates: None, request_timeout: Duration::from_secs(120), ..Transport::default() },
        require_totp_for: vec![],
        workers: 2,
        queue_timeout: Duration::from_secs(30),
        shutdown_timeout: Duration::from_secs(1),
        handles_signals: false,
    }
}

/// Starts the server on a thread of its own, and gives its address.
fn start(state: AppState, settings: ServerSettings) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (ready, wait) = mpsc::channel();
    std::thread::spawn(move || {
        actix_web::rt::System::new().block_on(async move {
            let server = server::start(listener, state, &settings).unwrap();
            ready.send(()).unwrap();
            server.await.unwrap();
        });
    });
    wait.recv().unwrap();
    address
}
