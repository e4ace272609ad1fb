//! A server of its own process: any binary of Kartoteka, over a copy of the archive.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    process::{Child, Command, Stdio},
    sync::mpsc,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::common::connection::{Connection, request};

/// Starts a program, tells its process, and ends it as soon as nobody holds the other end of standard input any more: also
/// when the benchmark is ended from outside.
const WATCHED: &str = r#""$0" "$@" & echo "process $!"; read -r nothing; kill -9 $!; wait $! 2>/dev/null"#;

/// A newer version may have to make much of the archive anew before it listens.
const START: Duration = Duration::from_secs(1_800);

/// All accounts have it.
const PASSWORD: &str = "seven harbours under the northern wind";

pub struct Server {
    pub address: String,
    process: u32,
    watch: Child,
}

impl Server {
    /// Starts a binary over an archive, without limits of rates and with the usual rules of the desk.
    pub fn start(binary: &str, url: &str) -> Self {
        let mut watch = Command::new("sh")
            .args(["-c", WATCHED, binary, "serve", "--listen", "127.0.0.1:0", "--rate-limits", "off"])
            .args(["--log", "error", "--access-token-minutes", "1440"])
            .env("KARTOTEKA_DATABASE_URL", url)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a shell");
        let lines = BufReader::new(watch.stdout.take().unwrap()).lines();
        let (send, said) = mpsc::channel();
        // It goes on reading, so that the server can go on talking.
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(|line| drop(send.send(line))));
        let mut server = Self { address: String::new(), process: 0, watch };
        let begun = Instant::now();
        while server.address.is_empty() || server.process == 0 {
            match said.recv_timeout(Duration::from_secs(1)) {
                Ok(line) => {
                    if let Some(process) = line.strip_prefix("process ") {
                        server.process = process.parse().unwrap();
                    } else if let Some((_, address)) = line.split_once("listens at http://") {
                        server.address = address.trim().to_owned();
                    }
                }
                Err(_) => assert!(begun.elapsed() < START && server.is_running(), "{binary} does not listen"),
            }
        }
        server
    }

    fn is_running(&self) -> bool {
        self.process == 0 || self.times().is_some()
    }

    /// What the kernel tells of the process, from its state on; nothing when it has ended.
    fn times(&self) -> Option<Vec<String>> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.process)).ok()?;
        let told: Vec<String> = stat.rsplit_once(')')?.1.split_whitespace().map(str::to_owned).collect();
        (told.first()? != "Z").then_some(told)
    }

    /// Seconds of processors that the server has taken so far. What a database server takes is not among them.
    pub fn processor_seconds(&self) -> f64 {
        let times = self.times().expect("a running server");
        let ticks = |at: usize| times[at].parse::<f64>().unwrap();
        // Of the user and of the system, in hundredths of a second.
        (ticks(11) + ticks(12)) / 100.0
    }

    /// Signs in, and gives the head line that proves it.
    pub fn sign_in(&self, username: &str) -> String {
        let body = json!({"username": username, "password": PASSWORD}).to_string();
        let mut answer = Vec::new();
        let mut connection = Connection::open(&self.address);
        let (status, _) = connection.ask(&request("POST", "/v1/auth/login", "", &body), |p| answer.extend(p));
        assert_eq!(status, 200, "{}", String::from_utf8_lossy(&answer));
        let answer: Value = serde_json::from_slice(&answer).unwrap();
        format!("Authorization: Bearer {}\r\n", answer["access_token"].as_str().unwrap())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.watch.stdin.take());
        let _ = self.watch.wait();
    }
}

/// The name of an account.
pub fn account(role: &str, number: usize) -> String {
    format!("bench-{role}-{number}")
}

/// Makes so many accounts of a role, with the command line.
pub fn make_accounts(binary: &str, url: &str, role: &str, count: usize) {
    for number in 0..count {
        let mut command = Command::new(binary)
            .args(["user", "create", &account(role, number), "--role", role, "--password-stdin"])
            .env("KARTOTEKA_DATABASE_URL", url)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap_or_else(|e| panic!("{binary}: {e}"));
        command.stdin.take().unwrap().write_all(PASSWORD.as_bytes()).unwrap();
        assert!(command.wait().unwrap().success(), "an account could not be made");
    }
}
