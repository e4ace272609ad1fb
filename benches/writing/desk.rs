//! What people at the desk write, many at a time: proposals, and approvals of them.

use std::{
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use serde::Deserialize;

use crate::{
    bodies::Bodies,
    common::{
        connection::{Connection, request},
        times::micros,
    },
    server::{Server, account},
};

/// A server, and the accounts that write to it.
pub struct Desk<'a> {
    pub server: &'a Server,
    pub bodies: &'a Bodies,
    /// The head lines by which each client is known.
    pub editors: Vec<String>,
    pub moderators: Vec<String>,
}

/// What a client does, what came of it, and how long it took.
#[derive(Default)]
pub struct Phase {
    /// Requests, in microseconds each.
    pub times: Vec<u32>,
    /// What was written: proposals, approvals, rows.
    pub writes: usize,
    pub refused: usize,
    /// What was said to the first that was refused.
    pub refusal: Option<String>,
    pub took: Duration,
    /// Seconds of processors that the server took.
    pub processor: f64,
    pub proposed: Vec<Proposal>,
    pub accepted: Vec<String>,
}

/// A submission as answers tell of it.
#[derive(Clone, Debug, Deserialize)]
pub struct Proposal {
    pub id: String,
    pub version: i64,
    pub state: String,
    pub batch: Option<Progress>,
}

/// How far a batch is.
#[derive(Clone, Debug, Deserialize)]
pub struct Progress {
    pub published: usize,
    pub set_aside: usize,
}

impl Proposal {
    /// The head line that names the version that was seen.
    pub fn if_match(&self) -> String {
        format!("If-Match: \"v{}\"\r\n", self.version)
    }
}

impl Phase {
    /// Sends what a client writes; gives the answer where it was not refused.
    pub fn send(&mut self, connection: &mut Connection, request: &[u8], writes: usize) -> Option<Proposal> {
        let mut answer = Vec::new();
        let asked = Instant::now();
        let (status, _) = connection.ask(request, |part| answer.extend_from_slice(part));
        self.times.push(micros(asked));
        if (200..300).contains(&status) {
            self.writes += writes;
            return Some(serde_json::from_slice(&answer).expect("a submission"));
        }
        self.refuse(format!("{status} {}", String::from_utf8_lossy(&answer)));
        None
    }

    pub fn refuse(&mut self, why: String) {
        self.refused += 1;
        self.refusal.get_or_insert(why);
    }

    /// What both have done, beside each other or one after the other.
    pub fn add(&mut self, other: Self) {
        self.times.extend(other.times);
        self.writes += other.writes;
        self.refused += other.refused;
        self.refusal = self.refusal.take().or(other.refusal);
        self.took += other.took;
        self.processor += other.processor;
        self.proposed.extend(other.proposed);
        self.accepted.extend(other.accepted);
    }

    pub fn per_second(&self) -> f64 {
        self.writes as f64 / self.took.as_secs_f64().max(0.001)
    }
}

impl<'a> Desk<'a> {
    /// Signs in so many clients, each as an editor and as a moderator.
    pub fn open(server: &'a Server, bodies: &'a Bodies, clients: usize) -> Self {
        let all = |role| (0..clients).map(|number| server.sign_in(&account(role, number))).collect();
        Self { server, bodies, editors: all("editor"), moderators: all("moderator") }
    }

    /// Proposes for a time, or so many.
    pub fn propose(&self, time: Duration, most: usize) -> Phase {
        let count = AtomicUsize::new(0);
        self.clients(time, |client, connection, phase| {
            count.fetch_add(1, Ordering::Relaxed) < most && {
                self.propose_one(client, connection, phase);
                true
            }
        })
    }

    /// Approves what is there, for a time; what was not come to is left there.
    pub fn approve(&self, time: Duration, waiting: &mut Vec<Proposal>) -> Phase {
        let all = Mutex::new(waiting);
        self.clients(time, |client, connection, phase| {
            let next = all.lock().unwrap().pop();
            next.is_some_and(|proposal| {
                self.approve_one(client, connection, phase, &proposal);
                true
            })
        })
    }

    /// Each client proposes, and then approves what it has proposed by another account, in turns: at any moment some of the
    /// clients do the one and some the other.
    pub fn both(&self, time: Duration) -> Phase {
        self.clients(time, |client, connection, phase| {
            if let Some(proposal) = self.propose_one(client, connection, phase) {
                self.approve_one(client, connection, phase, &proposal);
            }
            true
        })
    }

    fn propose_one(&self, client: usize, connection: &mut Connection, phase: &mut Phase) -> Option<Proposal> {
        let request = request("POST", "/v1/victims", &self.editors[client], &self.bodies.next());
        let proposal = phase.send(connection, &request, 1)?;
        phase.proposed.push(proposal.clone());
        Some(proposal)
    }

    fn approve_one(&self, client: usize, connection: &mut Connection, phase: &mut Phase, proposal: &Proposal) {
        let path = format!("/v1/submissions/{}/approve", proposal.id);
        let head = format!("{}{}", self.moderators[client], proposal.if_match());
        if let Some(answer) = phase.send(connection, &request("POST", &path, &head, ""), 1) {
            if answer.state == "accepted" {
                phase.accepted.push(answer.id);
            } else {
                phase.writes -= 1;
                phase.refuse(format!("approved, but {}", answer.state));
            }
        }
    }

    /// Lets all clients do something again and again, for a time, or until there is nothing left to do.
    fn clients(&self, time: Duration, act: impl Fn(usize, &mut Connection, &mut Phase) -> bool + Sync) -> Phase {
        let before = self.server.processor_seconds();
        let begun = Instant::now();
        let mut all = Phase::default();
        let work = |client: usize| {
            let mut connection = Connection::open(&self.server.address);
            let mut phase = Phase::default();
            while begun.elapsed() < time && act(client, &mut connection, &mut phase) {}
            phase
        };
        std::thread::scope(|scope| {
            let work = &work;
            let clients: Vec<_> = (0..self.editors.len()).map(|client| scope.spawn(move || work(client))).collect();
            clients.into_iter().for_each(|client| all.add(client.join().unwrap()));
        });
        all.took = begun.elapsed();
        all.processor = self.server.processor_seconds() - before;
        all
    }
}
