//! Clients that are slow, send too much, or are too many.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use kartoteka::http::{
    address::networks,
    limits::{Rate, Rates},
};

use crate::{
    harness::{Caller, TestApp, cases},
    limits::start,
};

cases![
    slow_bodies_are_given_up,
    slow_requests_are_given_up,
    heads_are_bounded,
    connections_are_bounded,
    connections_of_one_address_are_bounded,
    requests_that_are_sent_ahead_are_answered_in_their_order,
    slow_readers_are_given_up,
    answers_that_nobody_reads_are_bounded,
    a_spent_budget_ends_the_connection,
];

/// Sends bytes as they are, and reads until the server closes; how long that took too.
fn raw(caller: &Caller, bytes: &[u8]) -> (String, Duration) {
    let begun = Instant::now();
    let mut stream = TcpStream::connect(caller.base().trim_start_matches("http://")).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    // The server may have had enough before it is sent everything.
    let _ = stream.write_all(bytes);
    let mut answer = Vec::new();
    let mut buffer = [0; 4096];
    while let Ok(n @ 1..) = stream.read(&mut buffer) {
        answer.extend_from_slice(&buffer[..n]);
    }
    (String::from_utf8_lossy(&answer).into_owned(), begun.elapsed())
}

/// Sends bytes as they are, and reads one answer: the server need not close the connection for it.
pub fn answer_to(caller: &Caller, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(caller.base().trim_start_matches("http://")).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let _ = stream.write_all(bytes);
    let mut answer = String::new();
    let is_whole = |answer: &str| {
        let (head, body) = answer.split_once("\r\n\r\n")?;
        let head = head.to_ascii_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok())?;
        (body.len() >= length).then_some(())
    };
    let mut buffer = [0; 4096];
    while is_whole(&answer).is_none()
        && let Ok(n @ 1..) = stream.read(&mut buffer)
    {
        answer.push_str(&String::from_utf8_lossy(&buffer[..n]));
    }
    answer
}

fn slow_bodies_are_given_up(app: &TestApp) {
    let app = start(app, |s| {
        s.transport.body_timeout = Duration::from_secs(1);
        s.transport.header_timeout = Duration::from_secs(2);
        s.transport.keep_alive = Duration::from_secs(1);
    });
    let head = "POST /v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";
    for rest in ["Content-Length: 100\r\n\r\n{", "Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n"] {
        let (answer, took) = raw(&app.anyone, format!("{head}{rest}").as_bytes());
        assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
        assert!(answer.contains("\"code\":\"request_timeout\"") && answer.contains("application/problem+json"));
        assert!(took < Duration::from_secs(10), "{took:?}");
    }
    // Nor does a body that nobody reads keep a connection.
    for rest in ["Content-Length: 100\r\n\r\n{", "Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n"] {
        for (path, status) in [("/v1/nothing/at/all", 404), ("/v1/people", 401)] {
            let refused = format!("POST {path} HTTP/1.1\r\nHost: x\r\n{rest}");
            let (answer, took) = raw(&app.anyone, refused.as_bytes());
            assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
            assert!(took < Duration::from_secs(10), "{took:?}");
        }
    }
    // Nor does a client that says nothing more.
    let (answer, took) = raw(&app.anyone, b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n");
    assert!(answer.starts_with("HTTP/1.1 200 ") && took < Duration::from_secs(10), "{took:?}");
    // A head that does not end is given up too.
    let (answer, took) = raw(&app.anyone, b"GET /v1/people HTTP/1.1\r\nHost: x\r\nX-Slow: ");
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!(took < Duration::from_secs(10), "{took:?}");
}

fn slow_requests_are_given_up(app: &TestApp) {
    // The body does not come, and its own deadline is later than that of the request.
    let app = start(app, |s| s.transport.request_timeout = Duration::from_millis(700));
    let head =
        "POST /v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{";
    let (answer, took) = raw(&app.anyone, head.as_bytes());
    assert!(answer.starts_with("HTTP/1.1 503 ") && answer.contains("\"code\":\"unavailable\""), "{answer}");
    for header in ["retry-after: 2", "x-request-id: ", "x-content-type-options: nosniff", "content-security-policy: "] {
        assert!(answer.to_ascii_lowercase().contains(header), "{answer}");
    }
    assert!(took < Duration::from_secs(10), "{took:?}");
    app.anyone.get("/v1/people").expect(200);
}

fn heads_are_bounded(app: &TestApp) {
    let with = |lines: usize, length: usize| {
        let value = "x".repeat(length);
        let lines: String = (0..lines).map(|n| format!("X-Filler-{n}: {value}\r\n")).collect();
        raw(&app.anyone, format!("GET /v1/people HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{lines}\r\n").as_bytes()).0
    };
    assert!(with(50, 1000).starts_with("HTTP/1.1 200 "));
    for (lines, length) in [(1, 200_000), (500, 10)] {
        let answer = with(lines, length);
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{answer}");
    }
    let long = "x".repeat(200_000);
    let (answer, _) = raw(&app.anyone, format!("GET /{long} HTTP/1.1\r\nHost: x\r\n\r\n").as_bytes());
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{answer}");
    app.anyone.get("/v1/people").expect(200);
}

/// A client that sends requests and is in no hurry to read.
fn connect(app: &TestApp, bytes: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(app.anyone.base().trim_start_matches("http://")).unwrap();
    stream.set_read_timeout(Some(Duration::from_millis(500))).unwrap();
    stream.write_all(bytes).unwrap();
    stream
}

fn connections_are_bounded(app: &TestApp) {
    let app = start(app, |s| {
        s.workers = 1;
        s.transport.max_connections = 8;
        s.transport.keep_alive = Duration::from_secs(30);
    });
    let open = || connect(&app, b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n");
    let (answered, waiting): (Vec<_>, Vec<_>) =
        (0..20).map(|_| open()).partition(|mut stream| stream.read(&mut [0; 1024]).is_ok());
    // The callers of the harness hold some connections too.
    assert!((1..=8).contains(&answered.len()), "{}", answered.len());
    drop(answered);
    // Whoever comes when there is no room waits for it, and is not turned away.
    let mut next = waiting.into_iter().next().unwrap();
    next.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let n = next.read(&mut [0; 1024]).unwrap();
    assert!(n > 0);
}

fn connections_of_one_address_are_bounded(app: &TestApp) {
    const MOST: usize = 6;
    let from = |proxies: &str| {
        let proxies = networks(proxies).unwrap();
        start(app, |s| {
            s.transport.max_connections_per_address = MOST;
            s.transport.trusted_proxies = proxies;
            s.transport.keep_alive = Duration::from_secs(30);
        })
    };
    let open = |app: &TestApp| {
        let mut stream = connect(app, b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n");
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let mut buffer = [0; 4096];
        let answer = stream.read(&mut buffer).map(|n| String::from_utf8_lossy(&buffer[..n]).into_owned());
        (answer.unwrap_or_default(), stream)
    };
    let bounded = from("10.0.0.0/8");
    let held: Vec<_> = (0..20).map(|_| open(&bounded)).collect();
    let served = held.iter().filter(|(answer, _)| answer.starts_with("HTTP/1.1 200 ")).count();
    // The callers of the harness hold some connections too.
    assert!((1..=MOST).contains(&served), "{served}");
    let answer = raw(&bounded.anyone, b"").0;
    assert!(answer.starts_with("HTTP/1.1 503 ") && answer.contains("retry-after: 2"), "{answer}");
    assert!(answer.contains("\"code\":\"unavailable\""), "{answer}");
    assert!(answer.contains("Your address has as many connections as one may have"), "{answer}");
    // Those that are closed make room.
    drop(held);
    let deadline = Instant::now() + Duration::from_secs(10);
    while !open(&bounded).0.starts_with("HTTP/1.1 200 ") {
        assert!(Instant::now() < deadline, "closed connections keep their seats");
    }
    // A proxy has those of many clients.
    let unbounded = from("127.0.0.0/8");
    let held: Vec<_> = (0..20).map(|_| open(&unbounded)).collect();
    assert!(held.iter().all(|(answer, _)| answer.starts_with("HTTP/1.1 200 ")));
}

fn requests_that_are_sent_ahead_are_answered_in_their_order(app: &TestApp) {
    let app = start(app, |_| {});
    let json = "Content-Type: application/json\r\n";
    // Empty lines in a body look like the end of a head.
    let body = "\n\n\r\n\r\n".repeat(40) + "{}";
    let sized =
        format!("POST /v1/auth/login HTTP/1.1\r\nHost: x\r\n{json}Content-Length: {}\r\n\r\n{body}", body.len());
    let chunk = format!("{:x}\r\n{body}\r\n", body.len()).repeat(3);
    let chunked =
        format!("POST /v1/auth/login HTTP/1.1\r\nHost: x\r\n{json}Transfer-Encoding: chunked\r\n\r\n{chunk}0\r\n\r\n");
    // Not read by anybody.
    let unread = format!("POST /v1/nothing HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n{chunk}0\r\n\r\n");
    let plain = "GET /v1/people?limit=1 HTTP/1.1\r\nHost: x\r\n\r\n".to_owned();
    let missing = "\r\n\r\n\r\nGET /v1/nothing HTTP/1.1\nHost: x\n\n".to_owned();
    let round =
        [(&sized, "422"), (&plain, "200"), (&missing, "404"), (&chunked, "400"), (&plain, "200"), (&missing, "404")];
    const TIMES: usize = 30;
    let mut all: String = round.iter().map(|(request, _)| request.as_str()).collect::<String>().repeat(TIMES);
    all.push_str(&"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n".repeat(3_000));
    all.push_str("GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    let (answer, _) = raw(&app.anyone, all.as_bytes());
    let statuses: Vec<&str> = answer.split("HTTP/1.1 ").skip(1).map(|rest| &rest[..3]).collect();
    let expected: Vec<&str> = round.iter().map(|(_, status)| *status).collect::<Vec<_>>().repeat(TIMES);
    assert_eq!(statuses[..expected.len().min(statuses.len())], expected);
    assert_eq!(statuses.len(), expected.len() + 3_001);
    assert!(statuses[expected.len()..].iter().all(|status| *status == "200"));
    // After a body that nobody read the connection ends, or goes on: it does not hang.
    let (answer, took) = raw(&app.anyone, format!("{unread}{plain}{plain}").as_bytes());
    assert!(answer.starts_with("HTTP/1.1 4") && took < Duration::from_secs(19), "{took:?} {answer}");
}

fn slow_readers_are_given_up(app: &TestApp) {
    let app = start(app, |s| s.transport.write_timeout = Duration::from_secs(1));
    let one = app.anyone.get("/docs/swagger-ui.css").expect(200).text.len();
    const TIMES: usize = 100;
    let requests = "GET /docs/swagger-ui.css HTTP/1.1\r\nHost: x\r\n\r\n".repeat(TIMES);
    let read_after = |wait: Duration| {
        let mut stream = connect(&app, requests.as_bytes());
        stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        std::thread::sleep(wait);
        let (mut total, mut buffer) = (0, [0; 64 * 1024]);
        while total < one * TIMES
            && let Ok(n @ 1..) = stream.read(&mut buffer)
        {
            total += n;
        }
        total
    };
    assert!(read_after(Duration::ZERO) >= one * TIMES, "who reads gets everything");
    assert!(read_after(Duration::from_secs(6)) < one * TIMES, "who does not is given up");
}

fn answers_that_nobody_reads_are_bounded(app: &TestApp) {
    let app = start(app, |s| s.transport.trusted_proxies.clear());
    let length = app.anyone.get("/openapi.json").expect(200).text.len();
    // More than one address gets room for, beside what the system takes for each.
    let many = 64 * 1024 * 1024 / length;
    let address: std::net::SocketAddr = app.anyone.base().trim_start_matches("http://").parse().unwrap();
    let ask = || {
        // Else the system takes the answer for a client that does not read.
        let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
        socket.set_recv_buffer_size(4 * 1024).unwrap();
        socket.connect(&address.into()).unwrap();
        socket.send(b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
        socket
    };
    let mut unread: Vec<socket2::Socket> = (0..many).map(|_| ask()).collect();
    let deadline = Instant::now() + Duration::from_secs(20);
    let refused = loop {
        let answer = app.anyone.get("/openapi.json");
        if answer.status == 503 {
            break answer.json();
        }
        assert!(Instant::now() < deadline, "large answers go on being made");
        // What was just read may have stood in the way of one that is not.
        unread.push(ask());
    };
    assert_eq!(refused["code"], "unavailable");
    assert!(refused["detail"].as_str().unwrap().starts_with("Read the answers to your earlier requests first"));
    // Small ones are not held up, and those who have gone make room.
    app.anyone.get("/v1/people").expect(200);
    drop(unread);
    let deadline = Instant::now() + Duration::from_secs(20);
    while app.anyone.get("/openapi.json").status != 200 {
        assert!(Instant::now() < deadline, "answers to nobody keep their room");
    }
}

fn a_spent_budget_ends_the_connection(app: &TestApp) {
    let few = Rate { anonymous: 5.try_into().unwrap(), account: 5.try_into().unwrap() };
    let app = start(app, |s| {
        s.transport.rates = Some(Rates { read: few, search: few, export: few, write: few, auth: few, session: few });
        s.transport.keep_alive = Duration::from_secs(30);
    });
    let all = "GET /v1/people HTTP/1.1\r\nHost: x\r\n\r\n".repeat(500);
    let (answer, took) = raw(&app.anyone, all.as_bytes());
    let refused = answer.matches("HTTP/1.1 429 ").count();
    assert_eq!(answer.matches("HTTP/1.1 200 ").count(), 5, "{answer}");
    assert!((1..10).contains(&refused) && took < Duration::from_secs(10), "{refused} {took:?}");
}
