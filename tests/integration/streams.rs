//! The feed as a stream: nothing missed, nothing twice, and no stream for ever.

use std::time::{Duration, Instant};

use kartoteka::http::{server::ServerSettings, streams::StreamSettings, transport::Transport};
use serde_json::{Value, json};

use crate::{
    harness::{EventReader, Instance, Sent, TestApp, cases, create, id, person},
    program::Served,
};

cases![
    streams_resume_over_restarts_and_instances,
    every_client_gets_every_event,
    long_backlogs_come_whole,
    silent_streams_give_signs_of_life_and_outlive_the_deadline_of_answers,
    what_cannot_be_gone_on_after_is_refused,
    streams_are_bounded,
    a_server_that_stops_ends_its_streams,
];

fn publish(app: &TestApp, how_many: usize) {
    for _ in 0..how_many {
        app.publish(json!([create("person", &id(), &person("A", "B"))]));
    }
}

fn settings(app: &TestApp, streams: StreamSettings) -> ServerSettings {
    let usual = TestApp::settings(&app.database.url);
    ServerSettings { transport: Transport { streams, ..usual.transport }, ..usual }
}

fn streams_resume_over_restarts_and_instances(app: &TestApp) {
    publish(app, 2);
    let start = || Instance::start(TestApp::settings(&app.database.url));
    let first = start();
    let (mut reader, position) = EventReader::open(&first.anyone, "?after=0");
    assert_eq!(position, 0);
    assert_eq!(reader.ids(2), [1, 2]);
    // Published by another instance: found by looking.
    publish(app, 2);
    assert_eq!(reader.ids(2), [3, 4]);
    drop(first);
    assert_eq!(reader.next(), Sent::End);
    publish(app, 3);
    let second = start();
    // Browsers repeat the address with the id: the id counts.
    let (mut reader, position) = EventReader::open(&second.anyone.with("Last-Event-ID", "4"), "?after=0");
    assert_eq!(position, 4);
    publish(app, 1);
    assert_eq!(reader.ids(4), [5, 6, 7, 8]);
    // Without a place to begin at, it begins now, and says where that is.
    let (mut reader, position) = EventReader::open(&second.anyone, "");
    assert_eq!(position, 8);
    publish(app, 1);
    assert_eq!(reader.ids(1), [9]);
}

fn every_client_gets_every_event(app: &TestApp) {
    let mut readers: Vec<_> = (0..2).map(|_| EventReader::open(&app.anyone, "?after=0").0).collect();
    let begun = Instant::now();
    publish(app, 3);
    for reader in &mut readers {
        assert_eq!(reader.ids(3), [1, 2, 3]);
    }
    assert!(begun.elapsed() < Duration::from_secs(20));
    let (mut reader, _) = EventReader::open(&app.anyone, "?after=2");
    let Sent::Event { id, name, data } = reader.next() else { panic!("an event is there") };
    let listed = app.anyone.get("/v1/changes?after=2&limit=1").expect(200).json();
    assert_eq!((id, name.as_str(), &data), (3, "created", &listed["items"][0]));
}

fn long_backlogs_come_whole(app: &TestApp) {
    let entries: Vec<Value> = (0..90).map(|_| create("person", &id(), &person("A", "B"))).collect();
    for _ in 0..3 {
        let fresh: Vec<Value> = entries.iter().map(|_| create("person", &id(), &person("A", "B"))).collect();
        app.publish(json!(fresh));
    }
    // Older than what is kept in memory, and over many pages.
    let (mut early, _) = EventReader::open(&app.anyone, "?after=0");
    assert_eq!(early.ids(270), (1..=270).collect::<Vec<_>>());
    app.publish(json!(entries));
    assert_eq!(early.ids(90), (271..=360).collect::<Vec<_>>());
}

fn silent_streams_give_signs_of_life_and_outlive_the_deadline_of_answers(app: &TestApp) {
    let heartbeat = Duration::from_millis(400);
    let mut settings = settings(app, StreamSettings { heartbeat, ..StreamSettings::default() });
    settings.transport.request_timeout = Duration::from_secs(1);
    let instance = Instance::start(settings);
    let begun = Instant::now();
    let (mut reader, _) = EventReader::open(&instance.anyone, "");
    for _ in 0..4 {
        assert_eq!(reader.next(), Sent::Comment);
    }
    assert!(begun.elapsed() > Duration::from_millis(1_400));
    publish(app, 1);
    assert_eq!(reader.ids(1), [1]);
}

fn what_cannot_be_gone_on_after_is_refused(app: &TestApp) {
    publish(app, 1);
    for bad in ["x", "-1", "1.5", "99999999999999999999", "+1"] {
        app.anyone.with("Last-Event-ID", bad).get("/v1/changes/stream").expect_problem(400, "invalid_header");
    }
    for bad in ["x", "-1", "2"] {
        let answer = app.anyone.get(&format!("/v1/changes/stream?after={bad}")).expect(400);
        answer.expect_faults(&[("after", "invalid_value")]);
    }
    app.anyone.with("Last-Event-ID", "2").get("/v1/changes/stream").expect_problem(400, "invalid_query");
    app.anyone.get("/v1/changes/stream?x=1").expect(400).expect_faults(&[("x", "unknown_parameter")]);
    let head = app.anyone.send("HEAD", "/v1/changes/stream?after=0", None).expect(200);
    assert_eq!((head.header("content-type"), head.text.as_str()), ("text/event-stream", ""));
    app.anyone.send("POST", "/v1/changes/stream", None).expect_problem(405, "method_not_allowed");
    EventReader::open(&app.anyone.with("Last-Event-ID", "1"), "?after=0");
}

fn streams_are_bounded(app: &TestApp) {
    let heartbeat = Duration::from_millis(100);
    let refused = |instance: &Instance, word: &str| {
        let answer = instance.anyone.get("/v1/changes/stream").expect_problem(503, "unavailable");
        assert!(answer.text.contains(word), "{}", answer.text);
        assert!(answer.header("retry-after").parse::<u32>().is_ok());
    };
    let of_all = Instance::start(settings(app, StreamSettings { most: 1, most_of_address: 9, heartbeat }));
    let held = EventReader::open(&of_all.anyone, "");
    refused(&of_all, "server");
    let one = Instance::start(settings(app, StreamSettings { most: 9, most_of_address: 1, heartbeat }));
    let (mut reader, _) = EventReader::open(&one.anyone, "");
    refused(&one, "address");
    assert_eq!(reader.next(), Sent::Comment);
    drop((held, reader));
    // Who has gone is noticed at the next sign of life.
    for instance in [&of_all, &one] {
        let is_free = |_| {
            std::thread::sleep(Duration::from_millis(100));
            instance.anyone.open("/v1/changes/stream").status() == 200
        };
        assert!((0..50).any(is_free));
    }
}

fn a_server_that_stops_ends_its_streams(app: &TestApp) {
    let mut served = Served::over(&app.database);
    let (mut reader, _) = EventReader::open(&served.caller, "");
    let begun = Instant::now();
    let told = std::process::Command::new("kill").arg(served.child.id().to_string()).status().unwrap();
    assert!(told.success());
    assert_eq!(reader.next(), Sent::End);
    assert!(served.child.wait().unwrap().success());
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
}
