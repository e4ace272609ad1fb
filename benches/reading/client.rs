//! Clients that keep their connections and do nothing but ask: a request written, an answer read to its end.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
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

pub struct Connection {
    reader: BufReader<TcpStream>,
    body: Vec<u8>,
}

impl Connection {
    pub fn open(address: &str) -> Self {
        let stream = TcpStream::connect(address).expect("a server");
        stream.set_nodelay(true).unwrap();
        Self { reader: BufReader::with_capacity(1 << 16, stream), body: Vec::new() }
    }

    /// Sends a request and reads the answer: its status and the length of its body. Parts of a body are shown as they come.
    pub fn ask(&mut self, request: &[u8], mut part: impl FnMut(&[u8])) -> (u16, usize) {
        self.reader.get_mut().write_all(request).unwrap();
        let (mut status, mut length, mut is_chunked) = (0, 0, false);
        let mut line = String::new();
        loop {
            line.clear();
            assert_ne!(self.reader.read_line(&mut line).unwrap(), 0, "the server closed the connection");
            let text = line.trim_end();
            if text.is_empty() {
                break;
            }
            if status == 0 {
                status = text.split(' ').nth(1).and_then(|code| code.parse().ok()).expect("a status");
            } else if let Some((name, value)) = text.split_once(':') {
                match name.to_ascii_lowercase().as_str() {
                    "content-length" => length = value.trim().parse().unwrap(),
                    "transfer-encoding" => is_chunked = true,
                    _ => {}
                }
            }
        }
        if !is_chunked {
            self.part(length, 0, &mut part);
            return (status, length);
        }
        let mut total = 0;
        loop {
            line.clear();
            self.reader.read_line(&mut line).unwrap();
            let size = usize::from_str_radix(line.trim(), 16).expect("the size of a chunk");
            self.part(size, "\r\n".len(), &mut part);
            if size == 0 {
                return (status, total);
            }
            total += size;
        }
    }

    /// Reads a part of a body, and what stands behind it.
    fn part(&mut self, length: usize, behind: usize, part: &mut impl FnMut(&[u8])) {
        self.body.resize(length + behind, 0);
        self.reader.read_exact(&mut self.body).unwrap();
        part(&self.body[..length]);
    }
}

/// A request for a path.
pub fn request(path: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\n\r\n").into_bytes()
}

impl Load {
    pub fn new(address: &str, paths: Vec<String>) -> Self {
        Self { address: address.to_owned(), requests: Arc::new(paths.iter().map(|path| request(path)).collect()) }
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

fn micros(since: Instant) -> u32 {
    u32::try_from(since.elapsed().as_micros()).unwrap_or(u32::MAX)
}

/// What several runs come to.
pub struct Summary {
    pub per_second: f64,
    times: Vec<u32>,
}

impl Summary {
    #[expect(clippy::cast_precision_loss, reason = "counts of requests")]
    pub fn of(runs: Vec<Run>) -> Self {
        let took: f64 = runs.iter().map(|run| run.took.as_secs_f64()).sum();
        let mut times: Vec<u32> = runs.into_iter().flat_map(|run| run.times).collect();
        times.sort_unstable();
        Self { per_second: times.len() as f64 / took.max(0.001), times }
    }

    fn percentile(&self, of_hundred: usize) -> String {
        let at = (self.times.len() * of_hundred / 100).min(self.times.len().saturating_sub(1));
        let millis = f64::from(self.times.get(at).copied().unwrap_or(0)) / 1_000.0;
        if millis < 10.0 { format!("{millis:.1} ms") } else { format!("{millis:.0} ms") }
    }

    /// Requests a second and percentiles, as cells of a table.
    pub fn cells(&self) -> String {
        let rate =
            if self.per_second < 100.0 { format!("{:.1}", self.per_second) } else { format!("{:.0}", self.per_second) };
        format!("{rate} | {} | {} | {}", self.percentile(50), self.percentile(95), self.percentile(99))
    }
}
