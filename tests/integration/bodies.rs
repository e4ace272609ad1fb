//! The bodies of requests: how they may be encoded.

use kartoteka::http::document;

use crate::{
    connections::raw,
    harness::{TestApp, cases, with_an_end},
};

cases![encoded_bodies_are_refused_unread_everywhere];

/// Every operation of the document as method and an address that fits it, and whether it takes a body.
fn operations() -> Vec<(String, String, bool)> {
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
            all.push((method.to_uppercase(), address, operation.get("requestBody").is_some()));
        }
    }
    assert!(all.iter().filter(|(.., has_body)| *has_body).count() > 20);
    all
}

fn encoded_bodies_are_refused_unread_everywhere(app: &TestApp) {
    let mut addresses: Vec<(String, String)> =
        operations().into_iter().map(|(method, address, _)| (method, address)).collect();
    let others = ["/docs/", "/docs/index.html", "/openapi.json", "/openapi.yaml", "/", "/nothing/at/all"];
    for path in others {
        addresses.extend(["GET", "POST", "OPTIONS"].map(|method| (method.to_owned(), path.to_owned())));
    }
    let encodings = ["zstd", "GZIP", "br", "identity, zstd", "x-unheard-of", "identity\r\nContent-Encoding: deflate"];
    for (n, (method, address)) in addresses.iter().enumerate() {
        let encoding = encodings[n % encodings.len()];
        // Nothing of the body is ever sent: the answer does not wait for it.
        let head = format!(
            "{method} {address} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Encoding: {encoding}\r\n"
        );
        for framing in ["Content-Length: 33000\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n"] {
            let (answer, _) = raw(&app.anyone, format!("{head}{framing}").as_bytes());
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
    caller
        .bytes("POST", "/v1/auth/login", "application/json", packed)
        .expect_problem(415, "unsupported_encoding");
    for plain in ["identity", "Identity, identity", ""] {
        let caller = app.anyone.with("Content-Encoding", plain);
        let body = serde_json::json!({"username": "editor", "password": "x"});
        caller.post("/v1/auth/login", &body).expect_problem(401, "wrong_credentials");
    }
}
