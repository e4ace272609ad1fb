//! The bodies of requests: how they may be encoded, how large they may be, and when they are read.

use std::{io::Write, net::TcpStream, time::Duration};

use kartoteka::{http::document, model::limits::Limits};
use serde_json::json;

use crate::{
    connections::answer_to,
    harness::{Caller, TestApp, cases, with_an_end},
    limits::start,
};

cases![
    encoded_bodies_are_refused_unread_everywhere,
    one_byte_too_many_is_refused_by_every_operation,
    the_limits_are_those_of_what_the_operations_take,
    operations_without_a_body_take_none,
    nobody_is_asked_for_a_body_before_the_guard,
    large_bodies_wait_for_room,
    documents_of_very_many_values_are_refused,
];

struct Operation {
    method: String,
    /// One that fits the path.
    address: String,
    has_body: bool,
    /// Bytes of its body.
    most: usize,
}

/// Every operation of the document.
fn operations() -> Vec<Operation> {
    let document = document();
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let address = with_an_end(path)
                .replace("{number}", "1")
                .replace("{code}", "not_found")
                .split('/')
                .map(|part| if part.starts_with('{') { "0199b2c4-0000-7000-8000-00000000ffff" } else { part })
                .collect::<Vec<_>>()
                .join("/");
            let most = operation["x-max-body-bytes"].as_u64().unwrap();
            all.push(Operation {
                method: method.to_uppercase(),
                address,
                has_body: operation.get("requestBody").is_some(),
                most: usize::try_from(most).unwrap(),
            });
        }
    }
    assert!(all.iter().filter(|operation| operation.has_body).count() > 20);
    all
}

fn encoded_bodies_are_refused_unread_everywhere(app: &TestApp) {
    let mut addresses: Vec<(String, String)> =
        operations().into_iter().map(|operation| (operation.method, operation.address)).collect();
    let others = ["/docs/", "/docs/index.html", "/openapi.json", "/openapi.yaml", "/", "/nothing/at/all"];
    for path in others {
        addresses.extend(["GET", "POST", "OPTIONS"].map(|method| (method.to_owned(), path.to_owned())));
    }
    let encodings = ["zstd", "GZIP", "br", "identity, zstd", "x-unheard-of", "identity\r\nContent-Encoding: deflate"];
    for (n, (method, address)) in addresses.iter().enumerate() {
        let encoding = encodings[n % encodings.len()];
        // Nothing of the body is ever sent: the answer does not wait for it.
        let head = format!(
            "{method} {address} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Encoding: {encoding}\r\n"
        );
        for framing in ["Content-Length: 33000\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n"] {
            let answer = answer_to(&app.anyone, format!("{head}{framing}").as_bytes());
            let at = format!("{method} {address} {encoding}: {answer}");
            assert!(answer.starts_with("HTTP/1.1 415 "), "{at}");
            let head = answer.to_ascii_lowercase();
            assert!(head.contains("\r\naccept-encoding: identity\r\n"), "{at}");
            assert!(head.contains("\r\ncontent-type: application/problem+json\r\n"), "{at}");
            assert!(method == "HEAD" || answer.contains("\"code\":\"unsupported_encoding\""), "{at}");
        }
    }
    // What expands is not expanded: as it was, these bytes became a valid document.
    let packed = zstd::encode_all(&b"{\"username\": \"editor\", \"password\": \"x\"}"[..], 3).unwrap();
    let caller = app.anyone.with("Content-Encoding", "zstd");
    caller.bytes("POST", "/v1/auth/login", "application/json", packed).expect_problem(415, "unsupported_encoding");
    for plain in ["identity", "Identity, identity", ""] {
        let caller = app.anyone.with("Content-Encoding", plain);
        let body = serde_json::json!({"username": "editor", "password": "x"});
        caller.post("/v1/auth/login", &body).expect_problem(401, "wrong_credentials");
    }
}

/// The head of a request by somebody who may do everything, but for the framing of its body.
fn head(app: &TestApp, method: &str, address: &str) -> String {
    let authorization = app.admin.authorization();
    format!(
        "{method} {address} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: {authorization}\r\n\
         Content-Type: application/json\r\nIf-Match: *\r\n"
    )
}

fn chunked(body: &[u8]) -> Vec<u8> {
    let mut bytes = b"Transfer-Encoding: chunked\r\n\r\n".to_vec();
    for chunk in body.chunks(32 * 1024) {
        bytes.extend(format!("{:x}\r\n", chunk.len()).bytes().chain(chunk.iter().copied()).chain(*b"\r\n"));
    }
    bytes
}

fn is_too_large(answer: &str, limit: usize, at: &str) {
    assert!(answer.starts_with("HTTP/1.1 413 ") && answer.contains("\"code\":\"payload_too_large\""), "{at}: {answer}");
    let named = if limit == 0 { "takes no body".to_owned() } else { format!("than the {limit} bytes") };
    assert!(answer.contains(&named), "{at}: {answer}");
}

/// A document of so many bytes that fits nothing.
fn padded(length: usize) -> Vec<u8> {
    let mut document = b"{}".to_vec();
    document.resize(length, b' ');
    document
}

fn one_byte_too_many_is_refused_by_every_operation(app: &TestApp) {
    let limits = Limits::default();
    for operation in operations().into_iter().filter(|operation| operation.has_body) {
        let Operation { method, address, most, .. } = &operation;
        assert!((1..=limits.request_bytes).contains(most), "{method} {address}: {most}");
        let head = head(app, method, address);
        // By what is declared: nothing of it is sent.
        let declared = format!("{head}Content-Length: {}\r\n\r\n", most + 1);
        is_too_large(&answer_to(&app.anyone, declared.as_bytes()), *most, &format!("{method} {address}, declared"));
        // By what comes.
        let too_long = [head.as_bytes(), &chunked(&padded(most + 1))].concat();
        is_too_large(&answer_to(&app.anyone, &too_long), *most, &format!("{method} {address}, in chunks"));
        let mut fits = [head.as_bytes(), &chunked(&padded(*most))].concat();
        fits.extend(*b"0\r\n\r\n");
        let answer = answer_to(&app.anyone, &fits);
        assert!(answer.starts_with("HTTP/1.1 ") && !answer.starts_with("HTTP/1.1 413"), "{method} {address}: {answer}");
        let declared = app.admin.with("If-Match", "*").bytes(method, address, "application/json", padded(*most));
        assert_ne!(declared.status, 413, "{method} {address}: {}", declared.text);
    }
}

fn the_limits_are_those_of_what_the_operations_take(_: &TestApp) {
    let most = |method: &str, path: &str| {
        let found = operations().into_iter().find(|o| o.method == method && o.address == path);
        found.unwrap_or_else(|| panic!("{method} {path}")).most
    };
    let limits = Limits::default();
    assert_eq!(most("POST", "/v1/auth/login"), 16 * 1024);
    assert_eq!(most("POST", "/v1/people"), 4 * limits.body_bytes);
    assert_eq!(most("POST", "/v1/submissions"), limits.request_bytes);
    assert_eq!(most("GET", "/v1/people"), 0);
    for operation in operations() {
        assert_eq!(operation.most > 0, operation.has_body, "{} {}", operation.method, operation.address);
        let is_of_accounts = ["/v1/auth", "/v1/me", "/v1/users", "/v1/invitations"];
        if is_of_accounts.iter().any(|start| operation.address.starts_with(start)) {
            assert!(operation.most <= 16 * 1024, "{} {}", operation.method, operation.address);
        }
    }
}

fn operations_without_a_body_take_none(app: &TestApp) {
    for operation in operations().into_iter().filter(|operation| !operation.has_body) {
        let Operation { method, address, .. } = &operation;
        let (head, at) = (head(app, method, address), format!("{method} {address}"));
        for body in [&b"Content-Length: 2\r\n\r\n"[..], b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"] {
            is_too_large(&answer_to(&app.anyone, &[head.as_bytes(), body].concat()), 0, &at);
        }
    }
    for framing in ["Content-Length: 0\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "\r\n"] {
        for (method, address) in [("GET", "/v1/people"), ("DELETE", "/v1/me/sessions")] {
            let answer = answer_to(&app.anyone, format!("{}{framing}", head(app, method, address)).as_bytes());
            assert!(answer.starts_with("HTTP/1.1 20"), "{method} {address} {framing:?}: {answer}");
        }
    }
}

/// Who is refused by the guard is told so, whatever the body is: it was not looked at.
fn nobody_is_asked_for_a_body_before_the_guard(app: &TestApp) {
    app.admin.with("If-Match", "*").patch("/v1/users/editor2", &json!({"disabled": true})).expect(200);
    for operation in operations().into_iter().filter(|operation| operation.has_body) {
        let Operation { method, address, most, .. } = &operation;
        let bodies = [("application/json", b"{".to_vec()), ("text/plain", b"x".to_vec())];
        for (media_type, body) in bodies {
            let answer = app.editor2.bytes(method, address, media_type, body);
            answer.expect_problem(401, "invalid_token");
        }
        let head = head(app, method, address).replace(app.admin.authorization(), app.editor2.authorization());
        let declared = format!("{head}Content-Length: {}\r\n\r\n", most + 1);
        let answer = answer_to(&app.anyone, declared.as_bytes());
        assert!(answer.starts_with("HTTP/1.1 401 "), "{method} {address}: {answer}");
    }
}

fn large_bodies_wait_for_room(app: &TestApp) {
    let app = start(app, |s| s.queue_timeout = Duration::from_millis(300));
    let large = |caller: &Caller| caller.bytes("POST", "/v1/submissions", "application/json", padded(100 * 1024));
    let until = |caller: &Caller, status: u16| {
        (0..500).any(|_| {
            std::thread::sleep(Duration::from_millis(20));
            large(caller).status == status
        })
    };
    large(&app.editor).expect(422);
    let length = Limits::default().request_bytes;
    let begin = |head: &str, sent: usize| {
        let mut stream = TcpStream::connect(app.anyone.base().trim_start_matches("http://")).unwrap();
        stream.write_all(format!("{head}Content-Length: {length}\r\n\r\n").as_bytes()).unwrap();
        stream.write_all(&vec![b' '; sent]).unwrap();
        stream
    };
    let own = head(&app, "POST", "/v1/submissions");
    // Many of the largest, of which nothing comes, take no room.
    let announced: Vec<TcpStream> = (0..20).map(|_| begin(&own, 0)).collect();
    large(&app.editor).expect(422);
    drop(announced);
    // Those whose bytes have come, but for the last, take all that one account may have.
    let waiting: Vec<TcpStream> = (0..3)
        .map(|_| {
            let stream = begin(&own, length - 1);
            // Time for all of it to come: two that come at once may keep each other from the last of the room.
            std::thread::sleep(Duration::from_millis(800));
            stream
        })
        .collect();
    assert!(until(&app.admin, 503), "there is room for any number of large bodies of one account");
    large(&app.editor).expect(422);
    // Small ones need no room.
    app.admin.post("/v1/submissions", &json!({})).expect(422);
    drop(waiting);
    assert!(until(&app.admin, 422), "the room is not given back");
}

fn documents_of_very_many_values_are_refused(app: &TestApp) {
    let of = |item: &str, count: usize| format!("{{\"changes\": [{}{item}]}}", format!("{item},").repeat(count));
    for (item, count) in [("{\"a\":1}", 500_000), ("{}", 2_000_000), ("0", 3_000_000)] {
        let body = of(item, count).into_bytes();
        assert!(body.len() < Limits::default().request_bytes);
        let refused = app.editor.bytes("POST", "/v1/submissions", "application/json", body);
        refused.expect_problem(413, "payload_too_large");
    }
    // What people write has fewer values to a byte.
    let many =
        of("{\"op\": \"create\", \"kind\": \"person\", \"body\": {\"biography\": {\"en\": \"A teacher.\"}}}", 50_000);
    app.editor.bytes("POST", "/v1/submissions", "application/json", many.into_bytes()).expect(422);
}
