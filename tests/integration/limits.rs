//! Limits on what one caller may take: budgets of requests, the throttle of sign-ins, slow and oversized requests.

use std::time::{Duration, Instant};

use kartoteka::http::{
    address::networks,
    limits::{Rate, Rates},
    server::ServerSettings,
};
use serde_json::json;

use crate::harness::{Answer, Caller, Database, PASSWORD, TestApp, cases, create, id, person};

cases![
    budgets_are_spent_and_come_back,
    every_class_has_a_budget_of_its_own,
    accounts_and_addresses_have_budgets_of_their_own,
    health_is_not_limited,
    documents_and_unknown_addresses_are_read,
    ended_sessions_spend_nothing_of_their_account,
    forwarded_headers_count_only_from_trusted_proxies,
    failed_sign_ins_are_delayed,
    the_delay_is_the_same_for_unknown_names,
    one_address_cannot_try_many_names,
    a_flood_of_bad_sign_ins_keeps_no_owner_out,
];

fn rate(anonymous: u32, account: u32) -> Rate {
    Rate { anonymous: anonymous.try_into().unwrap(), account: account.try_into().unwrap() }
}

/// Budgets that a test does not spend by accident.
fn rates() -> Rates {
    let ample = rate(10_000, 10_000);
    Rates { read: ample, search: ample, export: ample, write: ample, auth: ample, session: ample }
}

pub fn start(app: &TestApp, change: impl FnOnce(&mut ServerSettings)) -> TestApp {
    let database = Database::new(app.backend);
    let mut settings = TestApp::settings(&database.url);
    settings.transport.trusted_proxies = networks("127.0.0.1").unwrap();
    change(&mut settings);
    TestApp::start_with(app.backend, database, settings)
}

/// A caller behind the trusted proxy.
fn from(app: &TestApp, address: &str) -> Caller {
    app.anyone.with("X-Forwarded-For", address)
}

/// An item of a structured field (RFC 9651) as the draft has it: `"name";q=600;w=60`.
#[track_caller]
fn item(text: &str, keys: [&str; 2]) -> (String, u64, u64) {
    let mut parts = text.split(';');
    let name = parts.next().unwrap();
    let name = name.strip_prefix('"').and_then(|n| n.strip_suffix('"')).expect(text);
    assert!(name.bytes().all(|b| b.is_ascii_lowercase()), "{text}");
    let numbers: Vec<u64> = keys
        .iter()
        .map(|key| parts.next().and_then(|p| p.strip_prefix(&format!("{key}="))).expect(text).parse().expect(text))
        .collect();
    assert_eq!(parts.next(), None, "{text}");
    (name.to_owned(), numbers[0], numbers[1])
}

/// Budget, quota, what remains, seconds until it is there again.
#[track_caller]
pub fn budget(answer: &Answer) -> (String, u64, u64, u64) {
    let (policy, quota, window) = item(answer.header("ratelimit-policy"), ["q", "w"]);
    let (limit, remaining, reset) = item(answer.header("ratelimit"), ["r", "t"]);
    assert_eq!((policy.as_str(), window), (limit.as_str(), 60));
    assert!(remaining <= quota && reset <= window);
    (policy, quota, remaining, reset)
}

#[track_caller]
pub fn is_limited(answer: Answer, name: &str) -> u64 {
    let answer = answer.expect_problem(429, "rate_limited");
    let (found, _, remaining, reset) = budget(&answer);
    assert_eq!((found.as_str(), remaining), (name, 0));
    assert_eq!(answer.header("retry-after"), reset.to_string());
    assert_eq!(answer.json()["violated-policies"], json!([name]));
    reset
}

fn budgets_are_spent_and_come_back(app: &TestApp) {
    let app = start(app, |s| s.transport.rates = Some(Rates { read: rate(60, 10_000), ..rates() }));
    let (client, begun) = (from(&app, "9.9.9.9"), Instant::now());
    let first = client.get("/v1/people").expect(200);
    assert_eq!(budget(&first), ("read".to_owned(), 60, 59, 1));
    let mut taken = 1;
    let refused = loop {
        let answer = client.get("/v1/people/P1");
        if answer.status == 429 {
            break answer;
        }
        // What goes wrong counts, and shows what is left.
        budget(&answer.expect_problem(404, "not_found"));
        taken += 1;
        assert!(taken < 300);
    };
    assert!(taken >= 60 && taken <= 61 + begun.elapsed().as_secs(), "{taken}");
    let wait = is_limited(refused, "read");
    assert_eq!(wait, 1, "a budget of 60 a minute gives one a second");
    std::thread::sleep(Duration::from_secs(wait));
    client.get("/v1/people").expect(200);
}

fn every_class_has_a_budget_of_its_own(app: &TestApp) {
    let few = rate(2, 2);
    let app = start(app, |s| {
        s.transport.rates = Some(Rates { read: few, write: few, auth: rate(10, 10), session: few, ..rates() })
    });
    let body = json!({"summary": "x", "changes": [create("person", &id(), &person("A", "B"))]});
    for _ in 0..2 {
        let made = app.editor.post("/v1/submissions", &body);
        assert_eq!(budget(&made).0, "write");
        assert_eq!(budget(&app.editor.get("/v1/me").expect(200)).0, "read");
    }
    is_limited(app.editor.post("/v1/submissions", &body), "write");
    is_limited(app.editor.get("/v1/me"), "read");
    // Nobody who refreshes and signs out wrongly keeps a neighbour from signing in.
    let refresh = |from: &Caller| from.post("/v1/auth/refresh", &json!({"refresh_token": "x"}));
    assert_eq!(budget(&refresh(&app.anyone).expect(401)).0, "session");
    app.anyone.post("/v1/auth/logout", &json!({"refresh_token": "x"})).expect(204);
    is_limited(refresh(&app.anyone), "session");
    is_limited(refresh(&app.admin), "session");
    refresh(&from(&app, "9.9.9.9")).expect(401);
    // The harness has signed in five times from the machine itself.
    let signs_in = |from: &Caller| from.post("/v1/auth/login", &json!({"username": "nobody", "password": "x"}));
    for _ in 0..5 {
        assert_eq!(budget(&signs_in(&app.anyone).expect(401)).0, "auth");
    }
    is_limited(signs_in(&app.anyone), "auth");
    is_limited(signs_in(&app.admin), "auth");
    signs_in(&from(&app, "9.9.9.9")).expect(401);
}

fn accounts_and_addresses_have_budgets_of_their_own(app: &TestApp) {
    let app = start(app, |s| s.transport.rates = Some(Rates { read: rate(2, 3), ..rates() }));
    let spend = |caller: &Caller, n: u64| {
        for left in (0..n).rev() {
            let (_, quota, remaining, _) = budget(&caller.get("/v1/people"));
            assert_eq!((quota, remaining), (n, left));
        }
        is_limited(caller.get("/v1/people"), "read");
    };
    spend(&from(&app, "9.9.9.9"), 2);
    spend(&from(&app, "9.9.9.8"), 2);
    // An account is one, wherever it calls from.
    spend(&app.editor.with("X-Forwarded-For", "9.9.9.9"), 3);
    is_limited(app.editor.with("X-Forwarded-For", "7.7.7.7").get("/v1/people"), "read");
    spend(&app.editor2, 3);
    // A network of IPv6 is one client.
    spend(&from(&app, "2001:db8:1:2::1"), 2);
    is_limited(from(&app, "2001:db8:1:2:aaaa::2").get("/v1/people"), "read");
    from(&app, "2001:db8:1:3::1").get("/v1/people").expect(200);
    // A token that is none does not give a budget.
    let guesser = from(&app, "6.6.6.6").bearer("nonsense");
    (0..2).for_each(|_| drop(guesser.get("/v1/people").expect(401)));
    is_limited(guesser.get("/v1/people"), "read");
}

fn ended_sessions_spend_nothing_of_their_account(app: &TestApp) {
    let app = start(app, |s| s.transport.rates = Some(Rates { read: rate(3, 3), ..rates() }));
    let signed_in = sign_in(&app.anyone, "editor", PASSWORD).expect(200).json();
    let stolen = from(&app, "9.9.9.9").bearer(signed_in["access_token"].as_str().unwrap());
    app.anyone.post("/v1/auth/logout", &json!({"refresh_token": signed_in["refresh_token"]})).expect(204);
    // The first time costs the account, since nobody had asked whether the session is over.
    for _ in 0..4 {
        stolen.get("/v1/people").expect(401);
    }
    is_limited(stolen.get("/v1/people"), "read");
    assert_eq!(budget(&app.editor.get("/v1/people").expect(200)).2, 1);
}

fn health_is_not_limited(app: &TestApp) {
    let app = start(app, |s| s.transport.rates = Some(Rates { read: rate(1, 1), ..rates() }));
    app.anyone.get("/v1/people").expect(200);
    is_limited(app.anyone.get("/v1/people"), "read");
    for path in ["/health/live", "/health/ready", "/health/writable"] {
        for _ in 0..3 {
            let answer = app.anyone.get(path).expect(200);
            assert!(answer.headers.get("ratelimit").is_none(), "{path}");
        }
    }
}

fn documents_and_unknown_addresses_are_read(app: &TestApp) {
    let app = start(app, |s| s.transport.rates = Some(Rates { read: rate(1, 1), ..rates() }));
    let paths =
        ["/openapi.json", "/openapi.yaml", "/docs/", "/docs/swagger-ui.css", "/docs/no-such", "/nothing", "/v1/x"];
    for (n, path) in paths.iter().enumerate() {
        let client = from(&app, &format!("9.9.9.{n}"));
        assert_eq!(budget(&client.get(path)).0, "read", "{path}");
        is_limited(client.get(path), "read");
        is_limited(client.get("/v1/people"), "read");
    }
}

fn forwarded_headers_count_only_from_trusted_proxies(app: &TestApp) {
    let app = start(app, |s| {
        s.transport.trusted_proxies = vec![];
        s.transport.rates = Some(Rates { read: rate(1, 1), ..rates() });
    });
    from(&app, "1.1.1.1").get("/v1/people").expect(200);
    is_limited(from(&app, "2.2.2.2").get("/v1/people"), "read");
    is_limited(app.anyone.with("Forwarded", "for=3.3.3.3").get("/v1/people"), "read");
}

fn sign_in(caller: &Caller, name: &str, password: &str) -> Answer {
    caller.post("/v1/auth/login", &json!({"username": name, "password": password}))
}

/// Fails to sign in as often as it costs nothing, and gives the refusal that follows.
#[track_caller]
fn exhaust(caller: &Caller, name: &str) -> Answer {
    for _ in 0..5 {
        sign_in(caller, name, "wrong").expect_problem(401, "wrong_credentials");
    }
    let refused = sign_in(caller, name, "wrong").expect_problem(429, "too_many_attempts");
    assert_eq!(refused.header("retry-after"), "1");
    refused
}

fn failed_sign_ins_are_delayed(app: &TestApp) {
    let app = start(app, |_| {});
    let client = from(&app, "9.9.9.9");
    exhaust(&client, "editor");
    // Even the right password is not looked at, nor do refused attempts prolong the wait.
    sign_in(&client, "editor", PASSWORD).expect_problem(429, "too_many_attempts");
    sign_in(&client, "editor2", PASSWORD).expect(200);
    sign_in(&from(&app, "9.9.9.8"), "editor", PASSWORD).expect(200);
    std::thread::sleep(Duration::from_millis(1100));
    sign_in(&client, "editor", "wrong").expect_problem(401, "wrong_credentials");
    assert_eq!(sign_in(&client, "editor", PASSWORD).expect(429).header("retry-after"), "2");
    std::thread::sleep(Duration::from_millis(2100));
    sign_in(&client, "editor", PASSWORD).expect(200);
    exhaust(&client, "editor");
}

fn the_delay_is_the_same_for_unknown_names(app: &TestApp) {
    let app = start(app, |s| s.passwords.memory_kib = 16 * 1024);
    let client = from(&app, "9.9.9.9");
    let (known, unknown) = (exhaust(&client, "editor").json(), exhaust(&client, "nobody").json());
    for member in ["status", "code", "detail", "title"] {
        assert_eq!(known[member], unknown[member]);
    }
    // No hash is computed for what is refused.
    let attempt = |name: &str, client: &Caller| {
        let begun = Instant::now();
        sign_in(client, name, "wrong");
        begun.elapsed()
    };
    let fastest = |times: Vec<Duration>| times.into_iter().min().unwrap();
    let looked_at = fastest((1..4).map(|n| attempt("editor", &from(&app, &format!("8.8.8.{n}")))).collect());
    exhaust(&client, "nobody2");
    let refused = fastest((0..3).map(|_| attempt("nobody2", &client)).collect());
    assert!(refused * 2 < looked_at, "{refused:?} and {looked_at:?}");
}

fn one_address_cannot_try_many_names(app: &TestApp) {
    let app = start(app, |_| {});
    let client = from(&app, "9.9.9.9");
    sign_in(&client, "editor", PASSWORD).expect(200);
    for n in 0..30 {
        sign_in(&client, &format!("name{n}"), "wrong").expect_problem(401, "wrong_credentials");
    }
    sign_in(&client, "moderator", PASSWORD).expect_problem(429, "too_many_attempts");
    // Who has signed in from there before is not shut out by a neighbour.
    sign_in(&client, "editor", PASSWORD).expect(200);
    sign_in(&client, "moderator", PASSWORD).expect_problem(429, "too_many_attempts");
}

fn a_flood_of_bad_sign_ins_keeps_no_owner_out(app: &TestApp) {
    let app = start(app, |_| {});
    let home = from(&app, "7.7.7.7");
    sign_in(&home, "editor", PASSWORD).expect(200);
    let mut refused = 0;
    for n in 0..1000 {
        let address = format!("10.1.{}.{}", n / 250, n % 250);
        let answer = sign_in(&from(&app, &address), "editor", "wrong");
        assert!(matches!(answer.status, 401 | 429), "{}", answer.text);
        if answer.status == 429 {
            refused += 1;
            assert!(answer.header("retry-after").parse::<u32>().unwrap() <= 10);
        }
        if n % 50 == 0 {
            sign_in(&home, "editor", PASSWORD).expect(200);
        }
    }
    assert!(refused > 900, "{refused}");
    // From a new address the owner waits once, and shortly.
    let abroad = from(&app, "6.6.6.6");
    let told: u64 = sign_in(&abroad, "editor", PASSWORD).expect(429).header("retry-after").parse().unwrap();
    assert!(told <= 10);
    std::thread::sleep(Duration::from_secs(told));
    sign_in(&from(&app, "10.1.9.9"), "editor", "wrong");
    sign_in(&abroad, "editor", PASSWORD).expect(200);
}
