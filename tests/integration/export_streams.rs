//! Exports on their way out: compressed, slow, broken off, and large.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use kartoteka::{
    http::transport::Transport,
    model::canon::sha256_hex,
    store::{EntryRow, FeedRow, RevisionRow, StoreError},
};
use serde_json::json;

use crate::harness::{Caller, Database, TestApp, cases, create, id, person};

cases![
    files_are_compressed_when_the_client_can_read_that,
    who_does_not_read_gives_the_place_back,
    who_goes_away_gives_the_place_back,
    large_files_come_whole_while_the_archive_moves_on,
];

fn raw(caller: &Caller, path: &str, encoding: &str) -> (reqwest::header::HeaderMap, Vec<u8>) {
    let client = reqwest::blocking::Client::new();
    let request = client.get(format!("{}{path}", caller.base())).header("Accept-Encoding", encoding);
    let response = request.send().unwrap();
    (response.headers().clone(), response.bytes().unwrap().to_vec())
}

fn files_are_compressed_when_the_client_can_read_that(app: &TestApp) {
    publish_many(app, 400, 1_000);
    let plain = app.anyone.get("/v1/export/people").expect(200).text;
    for encoding in ["gzip", "zstd"] {
        let (headers, bytes) = raw(&app.anyone, "/v1/export/people", encoding);
        assert_eq!(headers["content-encoding"], encoding);
        assert!(headers.get_all("vary").iter().any(|v| v.to_str().unwrap().to_lowercase().contains("accept-encoding")));
        assert!(bytes.len() * 3 < plain.len(), "{} of {}", bytes.len(), plain.len());
        let mut text = String::new();
        match encoding {
            "gzip" => flate2::read::GzDecoder::new(bytes.as_slice()).read_to_string(&mut text).unwrap(),
            _ => zstd::Decoder::new(bytes.as_slice()).unwrap().read_to_string(&mut text).unwrap(),
        };
        assert!(text == plain, "{encoding}");
    }
    let (headers, bytes) = raw(&app.anyone, "/v1/export/people", "br");
    assert!(headers.get("content-encoding").is_none());
    assert!(bytes == plain.as_bytes());
}

/// Makes people by copying one, past the desk: a biography of about so many bytes each.
fn publish_many(app: &TestApp, count: i64, bytes: usize) {
    let one = id();
    let mut body = person("Кузьмин", "Номер 1");
    body["biography"] = json!({"ru": "Слово ".repeat(bytes / 22), "en": "Lorem ipsum ".repeat(bytes / 24)});
    app.publish(json!([create("person", &one, &body)]));
    app.archive
        .store
        .write(|tx| -> Result<(), StoreError> {
            let entry = tx.entry(&one)?.unwrap();
            let revision = tx.revision(&one, 1)?.unwrap();
            let event = tx.feed_after(revision.seq - 1, 1)?.remove(0);
            for number in 2..=count {
                let reference = format!("P{number}");
                let copy = EntryRow { id: id(), ref_number: number, reference, ..entry.clone() };
                tx.insert_entries(std::slice::from_ref(&copy))?;
                let (entry_id, seq) = (copy.id, revision.seq + number - 1);
                tx.append_revisions(&[RevisionRow { entry_id: entry_id.clone(), seq, ..revision.clone() }])?;
                tx.append_events(&[FeedRow { entry_id, seq, ..event.clone() }])?;
            }
            Ok(())
        })
        .unwrap();
}

/// An archive with one place for exports, whose clients may pause for a second.
fn narrow(app: &TestApp) -> TestApp {
    let database = Database::new(app.backend);
    let mut settings = TestApp::settings(&database.url);
    settings.store.exports = 1;
    settings.queue_timeout = Duration::from_millis(200);
    settings.transport = Transport { write_timeout: Duration::from_secs(1), ..Transport::default() };
    TestApp::start_with(app.backend, database, settings)
}

/// Asks for a file and reads the head of the answer alone.
fn ask(app: &TestApp) -> BufReader<TcpStream> {
    let address = app.anyone.base().strip_prefix("http://").unwrap().to_owned();
    let mut stream = TcpStream::connect(&address).unwrap();
    let request = format!("GET /v1/export/people HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut reader = BufReader::with_capacity(1024, stream);
    let mut line = String::new();
    reader.read_line(&mut line).unwrap();
    assert!(line.contains("200"), "{line}");
    reader
}

/// Waits for a place.
fn until_free(app: &TestApp) -> Duration {
    let started = Instant::now();
    while app.anyone.send("HEAD", "/v1/export/people", None).status != 200 {
        assert!(started.elapsed() < Duration::from_secs(20), "the place is never given back");
        std::thread::sleep(Duration::from_millis(50));
    }
    started.elapsed()
}

fn who_does_not_read_gives_the_place_back(app: &TestApp) {
    let app = narrow(app);
    publish_large(&app);
    let mut slow = ask(&app);
    let busy = app.anyone.get("/v1/export/people").expect_problem(503, "unavailable");
    assert_eq!(busy.header("retry-after"), "2");
    app.anyone.get("/v1/people?limit=1").expect(200);
    until_free(&app);
    // What was given up is not taken for whole: no last chunk comes.
    let mut rest = Vec::new();
    let _ = slow.read_to_end(&mut rest);
    assert!(!rest.ends_with(b"0\r\n\r\n"), "the file seems whole");
}

fn who_goes_away_gives_the_place_back(app: &TestApp) {
    let app = narrow(app);
    publish_large(&app);
    let slow = ask(&app);
    app.anyone.get("/v1/export/people").expect_problem(503, "unavailable");
    drop(slow);
    let waited = until_free(&app);
    assert!(waited < Duration::from_millis(900), "it took {waited:?}: the place was given back by the clock");
}

/// More than the buffers between the database and a client hold.
fn publish_large(app: &TestApp) {
    publish_many(app, 400, 100_000);
}

fn large_files_come_whole_while_the_archive_moves_on(app: &TestApp) {
    publish_many(app, 5_000, 1_000);
    let expected = app.anyone.get("/v1/export/people/manifest").expect(200).json();
    let mut reader = ask(app);
    // The snapshot is taken: what comes now belongs to the next one.
    app.publish(json!([{"op": "update", "id": "P5000", "body": person("Later", "x")}]));
    let mut text = Vec::new();
    loop {
        let mut buffer = [0; 16 * 1024];
        let read = reader.read(&mut buffer).unwrap();
        if read == 0 {
            break;
        }
        text.extend_from_slice(&buffer[..read]);
        std::thread::sleep(Duration::from_millis(1));
    }
    let body = unchunked(&text);
    assert_eq!(expected["count"], 5_000);
    assert_eq!(body.len(), usize::try_from(expected["bytes"].as_u64().unwrap()).unwrap());
    assert_eq!(expected["sha256"], sha256_hex(&body));
}

/// The body of a chunked answer, from the rest of its head on.
fn unchunked(answer: &[u8]) -> Vec<u8> {
    let start = answer.windows(4).position(|w| w == b"\r\n\r\n").unwrap() + 4;
    let mut rest = &answer[start..];
    let mut body = Vec::new();
    loop {
        let end = rest.windows(2).position(|w| w == b"\r\n").unwrap();
        let size = usize::from_str_radix(std::str::from_utf8(&rest[..end]).unwrap(), 16).unwrap();
        if size == 0 {
            return body;
        }
        body.extend_from_slice(&rest[end + 2..end + 2 + size]);
        rest = &rest[end + 4 + size..];
    }
}
