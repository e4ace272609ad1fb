//! A batch: filled by one client, as many rows a request as the server takes, approved and published.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::{
    common::{
        connection::{Connection, request},
        times::micros,
    },
    desk::{Desk, Phase, Proposal},
};

/// No batch is filled or published for longer.
pub const LONGEST: Duration = Duration::from_secs(1_200);
/// Rows of a request that are tried, and the bytes that a request has at most.
const ROWS: [usize; 7] = [5_000, 2_000, 1_000, 500, 200, 100, 50];
const MOST_BYTES: usize = 4 * 1024 * 1024;
/// A job that publishes by itself is asked for its end so often.
const POLL: Duration = Duration::from_millis(20);

/// Begins a batch and fills it with so many rows. Gives the batch, and how many rows a request had.
pub fn fill(desk: &Desk, rows: usize) -> (Phase, Proposal, usize) {
    let editor = &desk.editors[0];
    let mut connection = Connection::open(&desk.server.address);
    let mut phase = Phase::default();
    let new = json!({"summary": "A batch of the benchmark"}).to_string();
    let mut batch = phase.send(&mut connection, &request("POST", "/v1/batches", editor, &new), 0).expect("a batch");
    let path = format!("/v1/submissions/{}/rows", batch.id);
    let size = size(&mut connection, &path, editor, &batch).min(MOST_BYTES / desk.bodies.bytes()).max(1);
    phase = Phase::default();
    let (begun, before) = (Instant::now(), desk.server.processor_seconds());
    while phase.writes < rows && begun.elapsed() < LONGEST {
        let some = size.min(rows - phase.writes);
        let list: Vec<String> = (0..some)
            .map(|_| format!("{{\"op\":\"create\",\"kind\":\"victim\",\"body\":{}}}", desk.bodies.next()))
            .collect();
        let body = format!("{{\"rows\":[{}]}}", list.join(","));
        let head = format!("{editor}{}", batch.if_match());
        match phase.send(&mut connection, &request("POST", &path, &head, &body), some) {
            Some(filled) => batch = filled,
            None => break,
        }
    }
    phase.took = begun.elapsed();
    phase.processor = desk.server.processor_seconds() - before;
    (phase, batch, size)
}

/// How many rows of a request the server takes, found out with rows that no batch can have: nothing is written.
fn size(connection: &mut Connection, path: &str, editor: &str, batch: &Proposal) -> usize {
    let head = format!("{editor}{}", batch.if_match());
    let mut takes = |rows: usize| {
        let body = json!({"rows": vec![json!({"op": "retire", "id": "V1", "reason": "A trial"}); rows]}).to_string();
        let mut answer = Vec::new();
        let (status, _) = connection.ask(&request("POST", path, &head, &body), |p| answer.extend_from_slice(p));
        let errors = serde_json::from_slice::<Value>(&answer).unwrap_or_default()["errors"].take();
        let is_too_many = |error: &Value| error["pointer"] == "/rows" && error["code"] == "too_many";
        status == 422 && !errors.as_array().is_some_and(|all| all.iter().any(is_too_many))
    };
    ROWS.into_iter().find(|rows| takes(*rows)).expect("a server that takes rows")
}

/// Hands a batch in, opens the sample, approves the batch and publishes it. Measured from the approval until all is public.
pub fn publish(desk: &Desk, mut batch: Proposal, rows: usize) -> Phase {
    let (editor, moderator) = (&desk.editors[0], &desk.moderators[0]);
    let mut connection = Connection::open(&desk.server.address);
    let mut phase = Phase::default();
    let path = format!("/v1/submissions/{}", batch.id);
    let head = format!("{editor}{}", batch.if_match());
    batch = phase.send(&mut connection, &request("POST", &format!("{path}/submit"), &head, ""), 0).expect("a batch");
    let sample = format!("{path}/sample");
    let sample = answer(&mut connection, &request("GET", &sample, moderator, ""));
    for row in sample["rows"].as_array().unwrap() {
        let open = format!("{path}/rows/{}/open", row["position"]);
        answer(&mut connection, &request("POST", &open, moderator, ""));
    }
    phase = Phase::default();
    let (begun, before) = (Instant::now(), desk.server.processor_seconds());
    let head = format!("{moderator}{}", batch.if_match());
    let approve = request("POST", &format!("{path}/approve"), &head, "");
    batch = phase.send(&mut connection, &approve, 0).expect("an approved batch");
    // Where a call publishes some rows, it is called again and again; where it begins a job, its end is waited for.
    let mut is_job = false;
    while batch.state == "publishing" && begun.elapsed() < LONGEST {
        if is_job {
            std::thread::sleep(POLL);
            let now = answer(&mut connection, &request("GET", &path, moderator, ""));
            batch = serde_json::from_value(now).unwrap();
            continue;
        }
        let head = format!("{moderator}{}", batch.if_match());
        let asked = Instant::now();
        let mut told = Vec::new();
        let publish = request("POST", &format!("{path}/publish"), &head, "");
        let (status, _) = connection.ask(&publish, |part| told.extend_from_slice(part));
        match status {
            200 => {
                phase.times.push(micros(asked));
                batch = serde_json::from_slice(&told).unwrap();
            }
            // Begun now, or by the approval.
            202 | 409 | 412 => is_job = true,
            _ => {
                phase.refuse(format!("{status} {}", String::from_utf8_lossy(&told)));
                break;
            }
        }
    }
    phase.took = begun.elapsed();
    phase.processor = desk.server.processor_seconds() - before;
    let done = batch.batch.clone().expect("a batch");
    phase.writes = done.published;
    if batch.state != "accepted" || done.published != rows {
        phase.refuse(format!("{}: {} of {rows} published, {} set aside", batch.state, done.published, done.set_aside));
    }
    phase
}

fn answer(connection: &mut Connection, request: &[u8]) -> Value {
    let mut answer = Vec::new();
    let (status, _) = connection.ask(request, |part| answer.extend_from_slice(part));
    assert!((200..300).contains(&status), "{status} {}", String::from_utf8_lossy(&answer));
    serde_json::from_slice(&answer).unwrap()
}
