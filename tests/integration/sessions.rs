//! Sessions and the tokens of them: lists, ends, races, forgeries, rotated keys.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ed25519_dalek::{SigningKey, pkcs8::EncodePrivateKey};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use kartoteka::{
    access::{TokenSettings, Tokens, rotate_keys},
    store::RunningAt,
    usecase::Archive,
};
use serde_json::{Value, json};

use crate::harness::{Caller, PASSWORD, TestApp, cases};

cases![
    forged_tokens_are_refused_one_by_one,
    clocks_may_differ_by_five_seconds,
    keys_are_rotated_with_an_overlap,
    the_public_keys_verify_the_tokens,
    a_key_of_earlier_versions_is_taken_over,
    sessions_are_listed_and_ended_one_by_one_or_all,
    of_two_refreshes_at_once_one_wins_and_the_family_ends,
    the_use_of_a_session_is_known_to_the_minute,
];

fn login(app: &TestApp, name: &str) -> Value {
    app.anyone.post("/v1/auth/login", &json!({"username": name, "password": PASSWORD})).expect(200).json()
}

fn bearer(app: &TestApp, pair: &Value) -> Caller {
    app.anyone.bearer(pair["access_token"].as_str().unwrap())
}

fn part(token: &str, index: usize) -> Value {
    let text = token.split('.').nth(index).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).unwrap()).unwrap()
}

fn now() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs()
}

/// Key id and private key of the archive.
fn archive_key(app: &TestApp) -> (String, EncodingKey, [u8; 32]) {
    let row = app.archive.store.read(|tx| tx.signing_keys()).unwrap().remove(0);
    let seed: [u8; 32] = URL_SAFE_NO_PAD.decode(row.seed).unwrap().try_into().unwrap();
    let key = SigningKey::from_bytes(&seed);
    let der = key.to_pkcs8_der().unwrap();
    (row.kid, EncodingKey::from_ed_der(der.as_bytes()), key.verifying_key().to_bytes())
}

fn sign(kid: &str, algorithm: Algorithm, claims: &Value, key: &EncodingKey) -> String {
    encode(&Header { kid: Some(kid.to_owned()), ..Header::new(algorithm) }, claims, key).unwrap()
}

/// Which sessions run now, by the usual settings.
pub fn running(app: &TestApp) -> RunningAt {
    TokenSettings::default().running(app.archive.now())
}

/// A token with the right signature of a session that is open, past its time.
pub fn expired_token(app: &TestApp, user_id: &str) -> String {
    let opened = app.archive.store.read(|tx| tx.list_sessions(user_id, running(app), None, 1)).unwrap();
    let (kid, key, _) = archive_key(app);
    let claims = json!({
        "iss": "kartoteka", "aud": "kartoteka", "sub": user_id, "sid": opened[0].id, "iat": now() - 3600, "exp": now() - 60,
        "jti": "x"
    });
    sign(&kid, Algorithm::EdDSA, &claims, &key)
}

fn with(claims: &Value, field: &str, value: impl Into<Value>) -> Value {
    let mut claims = claims.clone();
    claims[field] = value.into();
    claims
}

fn forged_tokens_are_refused_one_by_one(app: &TestApp) {
    let token = login(app, "editor")["access_token"].as_str().unwrap().to_owned();
    let claims = part(&token, 1);
    for claim in ["iss", "aud", "sub", "sid", "iat", "exp", "jti"] {
        assert!(!claims[claim].is_null(), "{claim}");
    }
    let (kid, key, public) = archive_key(app);
    assert_eq!(part(&token, 0), json!({"alg": "EdDSA", "typ": "JWT", "kid": kid}));
    let good = sign(&kid, Algorithm::EdDSA, &claims, &key);
    app.anyone.bearer(&good).get("/v1/me").expect(200);
    let foreign = SigningKey::from_bytes(&[7; 32]).to_pkcs8_der().unwrap();
    let foreign = EncodingKey::from_ed_der(foreign.as_bytes());
    let public_text = URL_SAFE_NO_PAD.encode(public);
    let encoded = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let (header, body, signature) = {
        let mut parts = good.split('.').map(str::to_owned);
        (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap())
    };
    let mut without = claims.clone();
    without.as_object_mut().unwrap().remove("exp");
    let nobody = json!("0199b2c4-0000-7000-8000-00000000ffff");
    let forged = [
        ("alg none", format!("{}.{body}.", encoded(json!({"alg": "none", "kid": kid})))),
        ("alg None", format!("{}.{body}.{signature}", encoded(json!({"alg": "None", "kid": kid})))),
        ("the public key as secret", sign(&kid, Algorithm::HS256, &claims, &EncodingKey::from_secret(&public))),
        (
            "the printed public key as secret",
            sign(&kid, Algorithm::HS256, &claims, &EncodingKey::from_secret(public_text.as_bytes())),
        ),
        ("expired", sign(&kid, Algorithm::EdDSA, &with(&claims, "exp", now() - 60), &key)),
        ("no expiry", sign(&kid, Algorithm::EdDSA, &without, &key)),
        ("other audience", sign(&kid, Algorithm::EdDSA, &with(&claims, "aud", "another"), &key)),
        ("other issuer", sign(&kid, Algorithm::EdDSA, &with(&claims, "iss", "another"), &key)),
        ("other account", sign(&kid, Algorithm::EdDSA, &with(&claims, "sub", nobody.clone()), &key)),
        ("no such session", sign(&kid, Algorithm::EdDSA, &with(&claims, "sid", nobody), &key)),
        ("truncated", good[..good.len() - 5].to_owned()),
        ("without signature", format!("{header}.{body}.")),
        ("other claims under the signature", format!("{header}.{}.{signature}", encoded(with(&claims, "jti", "x")))),
        ("unknown kid", sign("0000000000000000", Algorithm::EdDSA, &claims, &key)),
        ("no kid", encode(&Header::new(Algorithm::EdDSA), &claims, &key).unwrap()),
        ("a foreign key under a known kid", sign(&kid, Algorithm::EdDSA, &claims, &foreign)),
    ];
    for (what, token) in forged {
        let answer = app.anyone.bearer(&token).get("/v1/me");
        assert_eq!((answer.status, &answer.json()["code"]), (401, &json!("invalid_token")), "{what}");
        assert_eq!(answer.header("www-authenticate"), "Bearer");
    }
}

fn clocks_may_differ_by_five_seconds(app: &TestApp) {
    let claims = part(login(app, "editor")["access_token"].as_str().unwrap(), 1);
    let (kid, key, _) = archive_key(app);
    let status = |field: &str, value: u64| {
        let token = sign(&kid, Algorithm::EdDSA, &with(&claims, field, value), &key);
        app.anyone.bearer(&token).get("/v1/me").status
    };
    assert_eq!(status("exp", now() - 2), 200);
    assert_eq!(status("exp", now() - 8), 401);
    assert_eq!(status("nbf", now() + 3), 200);
    assert_eq!(status("nbf", now() + 60), 401);
}

/// A token as another instance of the archive signs it.
fn from_another_instance(app: &TestApp, like: &str) -> String {
    let claims = part(like, 1);
    let text = |name: &str| claims[name].as_str().unwrap();
    let (store, settings) = (&app.archive.store, TokenSettings::default());
    let tokens = Tokens::open(&app.archive, settings).unwrap();
    tokens.issue(store, text("sub"), text("sid"), app.archive.now()).unwrap().reveal().to_owned()
}

fn keys_are_rotated_with_an_overlap(app: &TestApp) {
    let old = login(app, "editor")["access_token"].as_str().unwrap().to_owned();
    let status = |token: &str| app.anyone.bearer(token).get("/v1/me").status;
    let keys = || app.anyone.get("/.well-known/jwks.json").expect(200).json()["keys"].as_array().unwrap().len();
    // The server asks for unknown keys once a second at most.
    let wait = || std::thread::sleep(Duration::from_millis(1100));
    assert_eq!(keys(), 1);
    let kid = rotate_keys(&app.archive, Duration::from_secs(3600)).unwrap();
    wait();
    let new = from_another_instance(app, &old);
    assert_eq!(part(&new, 0)["kid"], json!(kid));
    assert_eq!((status(&new), status(&old), keys()), (200, 200, 2), "a running server picks the new key up");
    let fresh = login(app, "editor")["access_token"].as_str().unwrap().to_owned();
    assert_eq!(part(&fresh, 0)["kid"], json!(kid), "and signs with it");
    rotate_keys(&app.archive, Duration::ZERO).unwrap();
    wait();
    let last = from_another_instance(app, &old);
    assert_eq!((status(&last), status(&old), status(&new), keys()), (200, 401, 401, 1), "nothing outlives its overlap");
    let trail = app.admin.get("/v1/audit?action=signing_key_rotated");
    // The administrator's own token was signed with a key that is gone.
    trail.expect_problem(401, "invalid_token");
    let admin = app.anyone.sign_in("admin", PASSWORD);
    let trail = admin.get("/v1/audit?action=signing_key_rotated").expect(200).json();
    assert_eq!((&trail["total"]["value"], &trail["items"][0]["actor"]), (&json!(2), &json!("(operator)")));
}

fn the_public_keys_verify_the_tokens(app: &TestApp) {
    let token = login(app, "editor")["access_token"].as_str().unwrap().to_owned();
    let answer = app.anyone.get("/.well-known/jwks.json").expect(200);
    assert_eq!(answer.header("cache-control"), "public, max-age=60");
    let key = &answer.json()["keys"][0];
    assert_eq!((&key["kid"], &key["alg"], &key["crv"]), (&part(&token, 0)["kid"], &json!("EdDSA"), &json!("Ed25519")));
    let verifying = jsonwebtoken::DecodingKey::from_ed_components(key["x"].as_str().unwrap()).unwrap();
    let mut validation = jsonwebtoken::Validation::new(Algorithm::EdDSA);
    validation.set_audience(&["kartoteka"]);
    jsonwebtoken::decode::<Value>(&token, &verifying, &validation).unwrap();
}

fn a_key_of_earlier_versions_is_taken_over(app: &TestApp) {
    let database = crate::harness::Database::new(app.backend);
    let settings = TestApp::settings(&database.url);
    let store = kartoteka::store::Store::open(&settings.store).unwrap();
    let archive = Archive { store: store.clone(), limits: Default::default(), desk: Default::default() };
    let seed = URL_SAFE_NO_PAD.encode([9; 32]);
    store.write(|tx| tx.insert_secret("token-signing-key", &seed, 1)).unwrap();
    for _ in 0..2 {
        Tokens::open(&archive, TokenSettings::default()).unwrap();
        let keys = store.read(|tx| tx.signing_keys()).unwrap();
        assert_eq!(keys.iter().map(|k| k.seed.as_str()).collect::<Vec<_>>(), [seed.as_str()]);
        assert_eq!(store.read(|tx| tx.secret("token-signing-key")).unwrap(), None);
    }
}

fn sessions_are_listed_and_ended_one_by_one_or_all(app: &TestApp) {
    let body = json!({"username": "editor2", "password": PASSWORD});
    let long = "x".repeat(300);
    let open = |agent: &str| app.anyone.with("User-Agent", agent).post("/v1/auth/login", &body).expect(200).json();
    let (first, second, third) = (open("one"), open("two"), open(&long));
    let caller = bearer(app, &first);
    let list = caller.get("/v1/me/sessions").expect(200).json();
    // The harness has signed in as well.
    assert_eq!(list["total"]["value"], 4);
    let items = list["items"].as_array().unwrap();
    let current: Vec<_> = items.iter().filter(|s| s["current"] == true).collect();
    assert_eq!(current.len(), 1);
    assert_eq!((&current[0]["user_agent"], &current[0]["address"]), (&json!("one"), &json!("127.0.0.1")));
    assert_eq!(items[0]["user_agent"].as_str().unwrap().len(), 200);
    let mut cursor = String::new();
    let mut paged = Vec::new();
    loop {
        let page = caller.get(&format!("/v1/me/sessions?limit=3{cursor}")).expect(200).json();
        paged.extend(page["items"].as_array().unwrap().clone());
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(&paged, items);
    // Another's session is not there to be ended.
    let id = items.iter().find(|s| s["user_agent"] == "two").unwrap()["id"].as_str().unwrap().to_owned();
    app.editor.delete(&format!("/v1/me/sessions/{id}")).expect_problem(404, "not_found");
    bearer(app, &second).get("/v1/me").expect(200);
    caller.delete(&format!("/v1/me/sessions/{id}")).expect(204);
    caller.delete(&format!("/v1/me/sessions/{id}")).expect(204);
    bearer(app, &second).get("/v1/me").expect_problem(401, "invalid_token");
    let refresh = |pair: &Value| app.anyone.post("/v1/auth/refresh", &json!({"refresh_token": pair["refresh_token"]}));
    refresh(&second).expect_problem(401, "invalid_token");
    caller.delete("/v1/me/sessions").expect(204);
    bearer(app, &third).get("/v1/me").expect_problem(401, "invalid_token");
    app.editor2.get("/v1/me").expect_problem(401, "invalid_token");
    let left = caller.get("/v1/me/sessions").expect(200).json();
    assert_eq!((&left["total"]["value"], &left["items"][0]["current"]), (&json!(1), &json!(true)));
    refresh(&first).expect(200);
}

fn of_two_refreshes_at_once_one_wins_and_the_family_ends(app: &TestApp) {
    for _ in 0..5 {
        let pair = login(app, "moderator2");
        let body = json!({"refresh_token": pair["refresh_token"]});
        let answers: Vec<_> = std::thread::scope(|scope| {
            let racers: Vec<_> = (0..2).map(|_| scope.spawn(|| app.anyone.post("/v1/auth/refresh", &body))).collect();
            racers.into_iter().map(|racer| racer.join().unwrap()).collect()
        });
        let won: Vec<_> = answers.iter().filter(|a| a.status == 200).collect();
        assert_eq!(won.len(), 1, "{:?}", answers.iter().map(|a| a.status).collect::<Vec<_>>());
        // Nobody can tell the owner from the thief.
        bearer(app, &won[0].json()).get("/v1/me").expect_problem(401, "invalid_token");
        bearer(app, &pair).get("/v1/me").expect_problem(401, "invalid_token");
    }
    let trail = app.admin.get("/v1/audit?action=token_reuse&subject=user%20moderator2").expect(200).json();
    assert_eq!(trail["total"]["value"], 5);
    assert_eq!(trail["items"][0]["detail"]["was_open"], true);
}

fn the_use_of_a_session_is_known_to_the_minute(app: &TestApp) {
    let pair = login(app, "editor");
    let sid = part(pair["access_token"].as_str().unwrap(), 1)["sid"].as_str().unwrap().to_owned();
    let used = || app.archive.store.read(|tx| tx.session(&sid)).unwrap().unwrap().0.last_used_at;
    let opened = used();
    bearer(app, &pair).get("/v1/me").expect(200);
    std::thread::sleep(Duration::from_millis(200));
    assert_eq!(used(), opened, "not noted again within the minute");
    // Two minutes ago, as far as the archive knows.
    let id = app.archive.store.read(|tx| tx.user_by_name("editor")).unwrap().unwrap().id;
    let old = kartoteka::store::SessionRow {
        id: uuid::Uuid::now_v7().to_string(),
        user_id: id.clone(),
        created_at: opened - 120_000_000,
        expires_at: opened + 600_000_000,
        ended_at: None,
        last_used_at: opened - 120_000_000,
        address: None,
        user_agent: None,
    };
    app.archive.store.write(|tx| tx.insert_session(&old)).unwrap();
    let mut claims = part(pair["access_token"].as_str().unwrap(), 1);
    claims["sid"] = json!(old.id);
    let (kid, key, _) = archive_key(app);
    let caller = app.anyone.bearer(&sign(&kid, Algorithm::EdDSA, &claims, &key));
    caller.get("/v1/me").expect(200);
    let noted = |_| {
        std::thread::sleep(Duration::from_millis(20));
        app.archive.store.read(|tx| tx.session(&old.id)).unwrap().unwrap().0.last_used_at > old.last_used_at
    };
    assert!((0..250).any(noted));
}
