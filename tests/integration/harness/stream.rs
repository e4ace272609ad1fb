//! A reader of server-sent events.

use std::io::{BufRead, BufReader};

use reqwest::blocking::Response;
use serde_json::Value;

use super::Caller;

/// What came: an event, a place to go on after, a sign of life, or the end.
#[derive(Clone, Debug, PartialEq)]
pub enum Sent {
    Event { id: i64, name: String, data: Value },
    Position(i64),
    Comment,
    End,
}

pub struct EventReader(BufReader<Response>);

impl EventReader {
    /// Begins a stream; it must begin with its position.
    #[track_caller]
    pub fn open(caller: &Caller, query: &str) -> (Self, i64) {
        let response = caller.open(&format!("/v1/changes/stream{query}"));
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        let mut reader = Self(BufReader::new(response));
        match reader.next() {
            Sent::Position(position) => (reader, position),
            other => panic!("the stream begins with {other:?}"),
        }
    }

    /// The next block.
    pub fn next(&mut self) -> Sent {
        let (mut id, mut name, mut data) = (None, None, None);
        loop {
            let mut line = String::new();
            match self.0.read_line(&mut line) {
                Ok(0) | Err(_) => return Sent::End,
                Ok(_) => {}
            }
            match line.trim_end().split_once(':') {
                Some(("id", rest)) => id = Some(rest.trim().parse().unwrap()),
                Some(("event", rest)) => name = Some(rest.trim().to_owned()),
                Some(("data", rest)) => data = Some(serde_json::from_str(rest).unwrap()),
                Some(("retry", _) | ("", _)) => {}
                Some(other) => panic!("{other:?} is no field"),
                None => break,
            }
        }
        match (id, name, data) {
            (Some(id), Some(name), Some(data)) => Sent::Event { id, name, data },
            (Some(id), None, None) => Sent::Position(id),
            (None, None, None) => Sent::Comment,
            other => panic!("half an event: {other:?}"),
        }
    }

    /// The numbers of the next events; comments between them do not count.
    pub fn ids(&mut self, count: usize) -> Vec<i64> {
        let mut ids = Vec::new();
        while ids.len() < count {
            match self.next() {
                Sent::Event { id, data, .. } => {
                    assert_eq!(data["seq"], id);
                    ids.push(id);
                }
                Sent::Comment => {}
                other => panic!("{other:?} after {ids:?}"),
            }
        }
        ids
    }
}

/// The address of an operation, for tests that wait for the end of the answer: a stream is refused before it begins.
pub fn with_an_end(path: &str) -> String {
    path.replace("/v1/changes/stream", "/v1/changes/stream?after=never")
}
