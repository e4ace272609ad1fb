//! What comes in broken goes back with a problem; nothing is stored and nothing breaks.

use serde_json::{Value, json};

use crate::harness::{Answer, TestApp, cases, create, id, person};

cases![
    broken_documents_are_malformed_json,
    control_characters_are_refused_with_their_place,
    what_a_database_cannot_hold_never_reaches_it,
    bodies_over_the_limit_are_too_large,
    other_content_types_are_unsupported,
    wrong_methods_and_unknown_addresses_are_problems,
    strange_queries_are_answered_clearly,
    strange_headers_are_answered_clearly,
    texts_of_every_script_are_kept_to_the_letter,
    long_input_is_repeated_in_short,
];

fn post(app: &TestApp, bytes: Vec<u8>) -> crate::harness::Answer {
    app.editor.bytes("POST", "/v1/submissions", "application/json", bytes)
}

fn nothing_is_stored(app: &TestApp) {
    assert_eq!(app.moderator.get("/v1/submissions").expect(200).json()["total"]["value"], 0);
    assert_eq!(app.anyone.get("/v1/changes").expect(200).json()["total"]["value"], 0);
}

fn broken_documents_are_malformed_json(app: &TestApp) {
    let nested = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let deep_body = format!(r#"{{"summary":"x","changes":[{{"op":"create","kind":"person","body":{nested}}}]}}"#);
    let documents: Vec<Vec<u8>> = vec![
        b"".to_vec(),
        b"{".to_vec(),
        b"{\"summary\": }".to_vec(),
        b"{\"summary\":\"x\",\"summary\":\"y\",\"changes\":[]}".to_vec(),
        b"{\"summary\":\"\\ud800\",\"changes\":[]}".to_vec(),
        b"{\"summary\":\"\xff\xfe\",\"changes\":[]}".to_vec(),
        b"{\"summary\":NaN}".to_vec(),
        b"\xef\xbb\xbf{}".to_vec(),
        nested.into_bytes(),
        deep_body.into_bytes(),
    ];
    for document in documents {
        post(app, document).expect_problem(400, "malformed_json");
    }
    for document in ["[]", "null", "1", "\"x\""] {
        post(app, document.as_bytes().to_vec()).expect_problem(422, "invalid_input");
    }
    nothing_is_stored(app);
}

fn control_characters_are_refused_with_their_place(app: &TestApp) {
    for bad in ["\u{0}", "a\u{0}b", "\u{7}", "\u{1b}[31m"] {
        let mut body = person("A", bad);
        body["biography"] = json!({"en": "fine\nwith\ttabs"});
        app.submit(json!([create("person", &id(), &body)]))
            .expect(422)
            .expect_faults(&[("/changes/0/body/names/0/value/given", "control_character")]);
        app.editor
            .post("/v1/submissions", &json!({"summary": bad, "changes": [create("person", &id(), &person("A", "B"))]}))
            .expect(422)
            .expect_faults(&[("/summary", "control_character")]);
    }
    let mut body = person("A", "B");
    body["na\u{0}me"] = json!(1);
    app.submit(json!([create("person", &id(), &body)]))
        .expect(422)
        .expect_faults(&[("/changes/0/body", "control_character")]);
    let depth = (0..40).fold(json!("x"), |inner, _| json!([inner]));
    let mut body = person("A", "B");
    body["tags"] = depth;
    let faults = app.submit(json!([create("person", &id(), &body)])).expect(422).faults();
    assert_eq!(faults[0].1, "too_deep");
    let mut body = person("A", "B");
    body["tags"] = json!(["", " "]);
    app.submit(json!([create("person", &id(), &body)]))
        .expect(422)
        .expect_faults(&[("/changes/0/body/tags/0", "invalid_value"), ("/changes/0/body/tags/1", "invalid_value")]);
    let submission = app.submit(json!([create("person", &id(), &person("A", "B"))])).expect(201);
    let path = format!("/v1/submissions/{}/reject", submission.json()["id"].as_str().unwrap());
    let moderator = app.moderator.with("If-Match", submission.header("etag"));
    moderator
        .post(&path, &json!({"comment": "a\u{0}"}))
        .expect(422)
        .expect_faults(&[("/comment", "control_character")]);
}

fn what_a_database_cannot_hold_never_reaches_it(app: &TestApp) {
    app.publish(json!([create("person", &id(), &person("A", "B"))]));
    let tag = app.anyone.get("/v1/people/P1").expect(200).header("etag").to_owned();
    app.anyone
        .post("/v1/auth/login", &json!({"username": "a\u{0}", "password": "x"}))
        .expect_problem(401, "wrong_credentials");
    app.anyone.post("/v1/auth/refresh", &json!({"refresh_token": "\u{0}"})).expect_problem(401, "invalid_token");
    app.editor
        .with("If-Match", &tag)
        .delete("/v1/people/P1?reason=a%00")
        .expect(422)
        .expect_faults(&[("/reason", "control_character")]);
    app.editor
        .post("/v1/people?summary=a%00", &person("C", "D"))
        .expect(422)
        .expect_faults(&[("/summary", "control_character")]);
    for path in ["", "/diff", "/events"] {
        app.editor.get(&format!("/v1/submissions/%00{path}")).expect_problem(404, "not_found");
    }
    app.moderator
        .with("If-Match", "*")
        .post("/v1/submissions/%00/approve", &json!({}))
        .expect_problem(404, "not_found");
    app.editor.get("/v1/submissions?author=%00").expect(400).expect_faults(&[("author", "control_character")]);
    app.editor.get("/v1/submissions?entry=%00").expect(200);
    app.editor.get("/v1/submissions?kind=%00").expect_problem(400, "invalid_query");
    app.anyone.get("/problems/%00").expect_problem(404, "not_found");
    for path in ["/v1/users/%00", "/v1/invitations/a%00b", "/v1/me/sessions/%00", "/v1/me/api-keys/%00"] {
        let method = if path.contains("users") { "GET" } else { "DELETE" };
        app.admin.send(method, path, None).expect_problem(404, "not_found");
    }
    app.admin.post_nothing("/v1/users/%00/password-reset").expect_problem(404, "not_found");
    // Whole numbers that a double cannot hold would change on their way.
    let group = json!({"group": {"title": {"en": "A"}, "estimates": [{"value": {"measure": {"code": "executed"}, "low": 9_007_199_254_740_993_u64}}]}});
    app.submit(json!([create("victim", &id(), &group)]))
        .expect(422)
        .expect_faults(&[("/changes/0/body/group/estimates/0/value/low", "invalid_value")]);
}

fn bodies_over_the_limit_are_too_large(app: &TestApp) {
    let big = vec![b' '; 9 * 1024 * 1024];
    post(app, big).expect_problem(413, "payload_too_large");
    nothing_is_stored(app);
}

fn other_content_types_are_unsupported(app: &TestApp) {
    for kind in ["text/plain", "application/xml", "multipart/form-data; boundary=x"] {
        app.editor.bytes("POST", "/v1/submissions", kind, b"{}".to_vec()).expect_problem(415, "unsupported_media_type");
    }
    app.editor.send("POST", "/v1/submissions", Some(b"{}".to_vec())).expect_problem(415, "unsupported_media_type");
    app.editor.bytes("POST", "/v1/submissions", "application/json; charset=utf-8", b"{}".to_vec()).expect(422);
    nothing_is_stored(app);
}

fn wrong_methods_and_unknown_addresses_are_problems(app: &TestApp) {
    for (method, path, allow) in [
        ("DELETE", "/v1/people", "GET, POST, HEAD"),
        ("PATCH", "/v1/submissions", "GET, POST, HEAD"),
        ("GET", "/v1/auth/login", "POST"),
        ("POST", "/v1/people/P1/diff", "GET, HEAD"),
        ("TRACE", "/health/live", "GET, HEAD"),
        ("POST", "/openapi.json", "GET, HEAD"),
    ] {
        let answer = app.anyone.send(method, path, None).expect_problem(405, "method_not_allowed");
        let mut found: Vec<_> = answer.header("allow").split(", ").collect();
        let mut wanted: Vec<_> = allow.split(", ").collect();
        found.sort_unstable();
        wanted.sort_unstable();
        assert_eq!(found, wanted, "{method} {path}");
    }
    for path in [
        "/nothing",
        "/v1",
        "/v1/",
        "/v1/ghosts",
        "/v2/people",
        "/v1/people/P1/secrets",
        "/v1/people/P1/",
        "//",
        "/.env",
    ] {
        app.anyone.get(path).expect(404);
    }
}

fn strange_queries_are_answered_clearly(app: &TestApp) {
    app.publish(json!([create("person", &id(), &person("100% real_name", "O'Brien"))]));
    let long = "x".repeat(5_000);
    for query in [
        format!("name={long}"),
        "name=%00".to_owned(),
        "name=%FF".to_owned(),
        "%00=1".to_owned(),
        "sex=male%00".to_owned(),
        "sort=ref;drop%20table%20entries".to_owned(),
        "birth=1937'".to_owned(),
        "cursor=%27%20OR%201=1".to_owned(),
        "limit=99999999999999999999".to_owned(),
    ] {
        app.anyone.get(&format!("/v1/people?{query}")).expect(400);
    }
    let found =
        |query: &str| app.anyone.get(&format!("/v1/people?{query}")).expect(200).json()["total"]["value"].clone();
    assert_eq!(found("name=%25"), 0, "nothing but signs finds nothing");
    assert_eq!(found("name=_"), 0);
    assert_eq!(found("name=real_name"), 1);
    assert_eq!(found("name=o%27brien"), 1);
    assert_eq!(found("tag=%27%20OR%20%271%27=%271"), 0);
}

fn strange_headers_are_answered_clearly(app: &TestApp) {
    app.publish(json!([create("person", &id(), &person("A", "B"))]));
    app.editor.with("If-Match", "r1").put("/v1/people/P1", &person("A", "C")).expect_problem(400, "invalid_header");
    let long = "k".repeat(300);
    for key in ["", "with space", long.as_str()] {
        app.editor
            .with("Idempotency-Key", key)
            .post("/v1/people", &person("A", "C"))
            .expect_problem(400, "invalid_header");
    }
    let own = app.anyone.with("X-Request-Id", "my-id.42").get("/v1/people");
    assert_eq!(own.header("x-request-id"), "my-id.42");
    let made = app.anyone.with("X-Request-Id", "has spaces and <tags>").get("/nope").expect(404);
    assert_eq!(made.header("x-request-id").len(), 36, "what could confuse a log is replaced");
    for name in ["x-content-type-options", "referrer-policy", "x-frame-options", "x-request-id"] {
        assert!(!made.header(name).is_empty());
    }
}

fn texts_of_every_script_are_kept_to_the_letter(app: &TestApp) {
    let text = "Ѳедоръ Įvairūs 漢字 მეგრული עברית 🕯 e\u{301} \u{10ffff} \"\\/";
    let mut body = person("A", "B");
    body["biography"] = json!({"ru": text});
    app.publish(json!([create("person", &id(), &body)]));
    let read: Value = app.anyone.get("/v1/people/P1").expect(200).json();
    assert_eq!(read["body"]["biography"]["ru"], text);
}

/// Ten kilobytes wherever an answer repeats what was sent.
fn long_input_is_repeated_in_short(app: &TestApp) {
    let long = "я".repeat(5_000);
    let ascii = "q".repeat(10_000);
    let encoded = "%D1%8F".repeat(1_300);
    let body = json!({
        (long.as_str()): 1,
        "sex": [{"value": {"code": long}}],
        "id": long,
        "biography": {(long.as_str()): "x"},
        "names": [{"id": long, "value": {"kind": long, "family": "A"}, "citations": [{"source": ascii}]}],
        "life": {"birth": {"date": [{"value": {"edtf": "1".repeat(10_000)}}]}}
    });
    let source = json!({
        "kind": {"code": long}, "title": {"en": "A"}, "languages": [long], "scripts": [long], "web": {"url": long},
        "archive": {(long.as_str()): {}}
    });
    let change = |change: Value| json!({"summary": "x", "changes": [change]});
    let update = |field: &str| change(json!({"op": "update", "id": id(), "base": 1, (field): long}));
    let patch = |patch: Value| change(json!({"op": "update", "id": id(), "base": 1, "patch": patch}));
    let bodies = [
        json!({(long.as_str()): 1, "changes": []}),
        change(create("person", &id(), &body)),
        change(create("source", &id(), &source)),
        change(create(&long, &id(), &json!({}))),
        change(json!({"op": long})),
        change(json!({"op": "update", "id": long, "base": 1, "body": {}})),
        change(json!({"op": "merge", "id": long, "into": long, "base": 1, "into_base": 1})),
        update("kind"),
        update(&long),
        patch(json!([{"op": long, "path": "/x"}])),
        patch(json!([{"op": "remove", "path": format!("/{long}")}])),
    ];
    let mut answers: Vec<Answer> = bodies.iter().map(|body| app.editor.post("/v1/submissions", body)).collect();
    // What is refused only when the entry is there.
    let entry = id();
    app.publish(json!([create("person", &entry, &person("A", "B"))]));
    for operation in [json!({"op": long, "path": "/x"}), json!({"op": "remove", "path": format!("/{long}")})] {
        let change = json!({"op": "update", "id": entry, "base": 1, "patch": [operation]});
        answers.push(app.submit(json!([change])));
    }
    let proposed = app.submit(json!([create("person", &id(), &person("C", "D"))])).expect(201).json();
    let comments = format!("/v1/submissions/{}/comments", proposed["id"].as_str().unwrap());
    for suggestion in [json!([{"op": "remove", "path": format!("/{long}")}]), json!([{"op": long, "path": "/x"}])] {
        answers.push(app.moderator.post(&comments, &json!({"text": "x", "suggestion": suggestion, "change": 0})));
    }
    answers.push(app.editor.post(&comments, &json!({"text": "x", "pointer": format!("/{long}"), "change": 0})));
    answers.push(app.editor.post("/v1/me/api-keys", &json!({"name": "x", "scopes": [long], "password": long})));
    answers.push(app.admin.post("/v1/invitations", &json!({"role": long})));
    answers.push(app.editor.post("/v1/check", &json!({"kind": long, "body": {}})));
    let twice = format!(r#"{{"{long}":1,"{long}":2}}"#).into_bytes();
    answers.push(app.editor.bytes("POST", "/v1/submissions", "application/json", twice));
    answers.push(app.editor.bytes("POST", "/v1/submissions", &format!("text/{ascii}"), b"{}".to_vec()));
    for path in [
        format!("/{encoded}"),
        format!("/v1/people/{encoded}"),
        format!("/v1/{encoded}/P1"),
        format!("/problems/{encoded}"),
        format!("/v1/people?{encoded}=1"),
        format!("/v1/people?sex={encoded}"),
        format!("/v1/people?born_from={encoded}"),
        format!("/v1/people?limit={encoded}"),
        format!("/v1/people?cursor={encoded}"),
        format!("/v1/people?sort={encoded}"),
        format!("/v1/people?view={encoded}"),
        format!("/v1/victims?person={encoded}"),
        format!("/v1/people/{entry}/diff?from={encoded}"),
        format!("/v1/people/{entry}/links?rel={encoded}"),
        format!("/v1/people/{entry}?at={encoded}"),
        format!("/v1/changes?after={encoded}"),
        format!("/v1/changes?{encoded}=1"),
        format!("/v1/submissions?state={encoded}"),
        format!("/v1/submissions?kind={encoded}"),
    ] {
        answers.push(app.editor.get(&path));
    }
    answers.push(app.editor.send("PUT", &format!("/problems/{encoded}"), None));
    let mut cut = 0;
    for answer in answers {
        let text = &answer.text;
        assert!((400..500).contains(&answer.status), "{text}");
        for echoed in ["я".repeat(41), "q".repeat(41), "%D1%8F".repeat(7), "1".repeat(41)] {
            assert!(!text.contains(&echoed), "{text}");
        }
        cut += usize::from(text.contains('…'));
    }
    assert!(cut > 15, "{cut}");
}
