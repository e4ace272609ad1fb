//! Clients that ask as fast as the answers come.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use crate::common::{
    connection::{Connection, get},
    times::{Times, micros, rate},
};

/// Questions to one server.
pub struct Load {
    address: String,
    requests: Arc<Vec<Vec<u8>>>,
}

/// How long each answer took, in microseconds, and how long all of them together.
pub struct Run {
    times: Vec<u32>,
    took: Duration,
}

impl Load {
    pub fn new(address: &str, paths: Vec<String>) -> Self {
        Self { address: address.to_owned(), requests: Arc::new(paths.iter().map(|path| get(path)).collect()) }
    }

    /// Asks everything once, and sees to it that it is answered.
    pub fn each_once(&self, clients: usize) -> Run {
        let begun = Instant::now();
        let next = AtomicUsize::new(0);
        let times = std::thread::scope(|scope| {
            let ask = || {
                let mut connection = Connection::open(&self.address);
                let mut times = Vec::new();
                while let Some(request) = self.requests.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let asked = Instant::now();
                    let (status, _) = connection.ask(request, |_| {});
                    assert_eq!(status, 200, "{}", String::from_utf8_lossy(request));
                    times.push(micros(asked));
                }
                times
            };
            let all: Vec<_> = (0..clients).map(|_| scope.spawn(ask)).collect();
            all.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
        });
        Run { times, took: begun.elapsed() }
    }

    /// Asks as fast as the answers come, each client beginning at another question.
    pub fn run(&self, clients: usize, time: Duration) -> Run {
        let begun = Instant::now();
        let times = std::thread::scope(|scope| {
            let ask = |client: usize| {
                let mut connection = Connection::open(&self.address);
                let mut times = Vec::new();
                let mut at = client * self.requests.len() / clients;
                while begun.elapsed() < time {
                    let asked = Instant::now();
                    let (status, _) = connection.ask(&self.requests[at % self.requests.len()], |_| {});
                    assert_eq!(status, 200);
                    times.push(micros(asked));
                    at += 1;
                }
                times
            };
            let all: Vec<_> = (0..clients).map(|client| scope.spawn(move || ask(client))).collect();
            all.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
        });
        Run { times, took: begun.elapsed() }
    }
}

/// What several runs come to.
pub struct Summary {
    pub per_second: f64,
    times: Times,
}

impl Summary {
    #[expect(clippy::cast_precision_loss, reason = "counts of requests")]
    pub fn of(runs: Vec<Run>) -> Self {
        let took: f64 = runs.iter().map(|run| run.took.as_secs_f64()).sum();
        let times = Times::of(runs.into_iter().flat_map(|run| run.times).collect());
        Self { per_second: times.count() as f64 / took.max(0.001), times }
    }

    /// Requests a second and percentiles, as cells of a table.
    pub fn cells(&self) -> String {
        format!("{} | {}", rate(self.per_second), self.times.cells())
    }
}
