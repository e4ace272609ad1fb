//! Pages of other sites, and the headers that protect whoever reads an answer.

use kartoteka::http::{
    address::networks,
    cors::origins,
    limits::{Rate, Rates},
};
use serde_json::json;

use crate::harness::{Answer, Database, TestApp, cases, create, id, person};

cases![
    pages_of_all_sites_may_read,
    pages_of_named_sites_may_write,
    preflights_are_answered,
    what_is_no_preflight_is_no_preflight,
    every_answer_is_protected,
    the_documentation_may_do_what_it_needs,
];

const FRIEND: &str = "https://desk.example";
const STRANGER: &str = "https://evil.example";

fn start(app: &TestApp) -> TestApp {
    let database = Database::new(app.backend);
    let mut settings = TestApp::settings(&database.url);
    settings.transport.cors_origins = origins(FRIEND).unwrap();
    settings.transport.hsts_max_age = 31_536_000;
    TestApp::start_with(app.backend, database, settings)
}

fn header<'a>(answer: &'a Answer, name: &str) -> Option<&'a str> {
    answer.headers.get(name).map(|v| v.to_str().unwrap())
}

fn varies_by_origin(answer: &Answer) -> bool {
    let mut values = answer.headers.get_all("vary").iter().flat_map(|v| v.to_str().unwrap().split(", "));
    values.any(|v| v == "Origin")
}

fn pages_of_all_sites_may_read(app: &TestApp) {
    let app = start(app);
    app.publish(json!([create("person", &id(), &person("A", "B"))]));
    for caller in [app.anyone.with("Origin", STRANGER), app.anyone.clone(), app.editor.with("Origin", "null")] {
        for (method, path, status) in
            [("GET", "/v1/people/P1", 200), ("HEAD", "/v1/people", 200), ("GET", "/openapi.json", 200)]
        {
            let answer = caller.send(method, path, None).expect(status);
            assert_eq!(header(&answer, "access-control-allow-origin"), Some("*"), "{method} {path}");
            assert_eq!(header(&answer, "access-control-allow-credentials"), None);
            let exposed = header(&answer, "access-control-expose-headers").unwrap();
            for name in ["ETag", "Link", "Location", "RateLimit", "RateLimit-Policy", "Retry-After", "X-Request-Id"] {
                assert!(exposed.split(", ").any(|e| e == name), "{name}");
            }
            // The same for everybody: caches need not tell origins apart.
            assert!(!varies_by_origin(&answer));
        }
        let missing = caller.get("/v1/people/P99").expect(404);
        assert_eq!(header(&missing, "access-control-allow-origin"), Some("*"), "pages can read problems");
    }
    let tag = app.anyone.get("/v1/people/P1").header("etag").to_owned();
    let known = app.anyone.with("If-None-Match", &tag).with("Origin", STRANGER).get("/v1/people/P1").expect(304);
    assert_eq!(header(&known, "access-control-allow-origin"), Some("*"));
}

fn pages_of_named_sites_may_write(app: &TestApp) {
    let app = start(app);
    for (origin, allowed) in
        [(FRIEND, Some(FRIEND)), (STRANGER, None), ("null", None), ("https://desk.example.evil", None)]
    {
        let answer = app.editor.with("Origin", origin).post("/v1/people", &person("A", "B")).expect(202);
        assert_eq!(header(&answer, "access-control-allow-origin"), allowed, "{origin}");
        assert_eq!(header(&answer, "access-control-expose-headers").is_some(), allowed.is_some());
        assert_eq!(header(&answer, "access-control-allow-credentials"), None);
        assert!(varies_by_origin(&answer));
        let refused = app.anyone.with("Origin", origin).post("/v1/people", &person("A", "B")).expect(401);
        assert_eq!(header(&refused, "access-control-allow-origin"), allowed);
    }
}

fn preflights_are_answered(app: &TestApp) {
    let app = start(app);
    let ask = |origin: &str, method: &str, path: &str| {
        let caller = app.anyone.with("Origin", origin).with("Access-Control-Request-Method", method);
        caller.with("Access-Control-Request-Headers", "authorization").send("OPTIONS", path, None)
    };
    for origin in [FRIEND, STRANGER, "null"] {
        let answer = ask(origin, "GET", "/v1/people/P1").expect(204);
        assert_eq!(header(&answer, "access-control-allow-origin"), Some("*"));
        assert_eq!(header(&answer, "access-control-allow-methods"), Some("GET, HEAD"));
        let headers = header(&answer, "access-control-allow-headers").unwrap();
        assert!(headers.contains("Authorization") && headers.contains("If-None-Match"));
        assert!(header(&answer, "access-control-max-age").is_some() && answer.text.is_empty());
    }
    for (path, methods) in [("/v1/people/P1", "DELETE, PATCH, PUT"), ("/v1/people", "POST"), ("/v1/auth/login", "POST")]
    {
        let answer = ask(FRIEND, methods.split(", ").next().unwrap(), path).expect(204);
        assert_eq!(header(&answer, "access-control-allow-origin"), Some(FRIEND));
        let mut found: Vec<_> = header(&answer, "access-control-allow-methods").unwrap().split(", ").collect();
        found.sort_unstable();
        assert_eq!(found.join(", "), methods);
        let headers = header(&answer, "access-control-allow-headers").unwrap();
        for name in ["Authorization", "Content-Type", "Idempotency-Key", "If-Match"] {
            assert!(headers.split(", ").any(|h| h == name), "{name}");
        }
        assert!(varies_by_origin(&answer));
        let refused = ask(STRANGER, "POST", path).expect_problem(403, "forbidden");
        assert_eq!(header(&refused, "access-control-allow-origin"), None);
        assert!(varies_by_origin(&refused));
    }
    ask(FRIEND, "GET", "/nothing").expect(404);
}

fn what_is_no_preflight_is_no_preflight(app: &TestApp) {
    let app = start(app);
    for caller in [
        app.anyone.clone(),
        app.anyone.with("Origin", FRIEND),
        app.anyone.with("Access-Control-Request-Method", "POST"),
    ] {
        caller.send("OPTIONS", "/v1/people", None).expect_problem(405, "method_not_allowed");
    }
}

/// Headers that stand on every answer, whatever it is.
#[track_caller]
fn is_protected(answer: &Answer, csp: &str) {
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert_eq!(answer.header("referrer-policy"), "no-referrer");
    assert_eq!(answer.header("x-frame-options"), "DENY");
    assert_eq!(answer.header("strict-transport-security"), "max-age=31536000");
    assert!(answer.header("permissions-policy").contains("geolocation=()"));
    assert!(["cross-origin", "same-origin"].contains(&answer.header("cross-origin-resource-policy")));
    let found = answer.header("content-security-policy");
    assert!(found.starts_with(csp) && found.contains("frame-ancestors 'none'"), "{found}");
    for name in ["server", "x-powered-by"] {
        assert!(answer.headers.get(name).is_none(), "{name}");
    }
}

fn every_answer_is_protected(app: &TestApp) {
    let app = start(app);
    app.publish(json!([create("person", &id(), &person("A", "B"))]));
    let read = app.anyone.get("/v1/people/P1").expect(200);
    assert_eq!(read.header("cross-origin-resource-policy"), "cross-origin");
    let private = app.editor.get("/v1/me").expect(200);
    assert_eq!(private.header("cross-origin-resource-policy"), "same-origin");
    let known = app.anyone.with("If-None-Match", read.header("etag"));
    let preflight = app.anyone.with("Origin", FRIEND).with("Access-Control-Request-Method", "GET");
    for answer in [
        known.get("/v1/people/P1").expect(304),
        app.anyone.get("/v1/people/P99").expect(404),
        app.anyone.get("/nothing").expect(404),
        app.anyone.get("/v1/me").expect(401),
        app.anyone.delete("/v1/people").expect(405),
        app.editor.bytes("POST", "/v1/people", "application/json", b"{".to_vec()).expect(400),
        app.editor.post("/v1/people", &person("A", "B")).expect(202),
        app.anyone.get("/health/live").expect(200),
        app.anyone.get("/openapi.json").expect(200),
        preflight.send("OPTIONS", "/v1/people", None).expect(204),
        read,
        private,
    ] {
        is_protected(&answer, "default-src 'none';");
        assert_eq!(answer.header("x-request-id").len(), 36);
    }
    is_protected(&app.anyone.get("/docs/").expect(200), "default-src 'self';");
    // 429 has them too.
    let database = Database::new(app.backend);
    let mut settings = TestApp::settings(&database.url);
    let one = Rate { anonymous: 1.try_into().unwrap(), account: 1.try_into().unwrap() };
    let ample = Rate { anonymous: 100.try_into().unwrap(), account: 100.try_into().unwrap() };
    settings.transport.rates =
        Some(Rates { read: one, search: one, export: one, write: one, auth: ample, session: ample });
    settings.transport.trusted_proxies = networks("127.0.0.0/8").unwrap();
    settings.transport.hsts_max_age = 31_536_000;
    let limited = TestApp::start_with(app.backend, database, settings);
    limited.anyone.get("/v1/people").expect(200);
    let refused = limited.anyone.get("/v1/people").expect_problem(429, "rate_limited");
    is_protected(&refused, "default-src 'none';");
    assert_eq!(header(&refused, "access-control-allow-origin"), Some("*"));
}

/// The pages load nothing but what the policy lets them.
fn the_documentation_may_do_what_it_needs(app: &TestApp) {
    let app = start(app);
    let page = app.anyone.get("/docs/").expect(200);
    let policy = page.header("content-security-policy");
    assert!(!policy.contains("unsafe-eval") && policy.contains("script-src 'self';"));
    for (attribute, count) in [("src=\"", 3), ("href=\"", 4)] {
        let links: Vec<&str> = page.text.split(attribute).skip(1).map(|r| r.split('"').next().unwrap()).collect();
        assert_eq!(links.len(), count);
        for link in links {
            assert!(!link.contains("//"), "{link} is on another host");
            let asset = app.anyone.get(&format!("/docs/{}", link.trim_start_matches("./")));
            assert_eq!(asset.status, 200, "{link}");
            assert!(asset.header("content-security-policy").starts_with("default-src 'self'"));
        }
    }
    // No script stands in the page itself, and none makes code from text but to find the global object.
    assert!(page.text.split("<script").skip(1).all(|s| s.starts_with(" src=")), "{}", page.text);
    assert!(!page.text.contains("onload=") && !page.text.contains("<style"));
    let without = app_without_hsts(&app);
    assert!(without.headers.get("strict-transport-security").is_none());
}

/// An answer of a server with the usual settings.
fn app_without_hsts(app: &TestApp) -> Answer {
    TestApp::start(app.backend).anyone.get("/health/live").expect(200)
}
