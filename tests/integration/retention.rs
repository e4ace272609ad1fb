//! The ends of sessions that nobody uses, and what is deleted when it is over for long.

use std::time::Duration;

use kartoteka::{
    access::{Forgotten, Secret, TokenSettings, Tokens, forget_what_is_over},
    store::{InvitationRow, ResetRow, SessionRow},
};
use serde_json::json;

use crate::harness::{Answer, Database, TestApp, cases, create, id, person};

cases![
    sessions_end_when_they_are_idle,
    what_is_over_for_long_is_deleted_and_nothing_else,
    reuse_is_noticed_as_long_as_it_is_kept
];

const MINUTE: i64 = 60 * 1_000_000;
const DAY: i64 = 24 * 60 * MINUTE;

fn user_id(app: &TestApp, name: &str) -> String {
    app.archive.store.read(|tx| tx.user_by_name(name)).unwrap().unwrap().id
}

/// A session of the editor that would run for ten years: opened and last used so long ago, ended so long ago.
fn session(app: &TestApp, idle: i64, ended: Option<i64>) -> SessionRow {
    let now = app.archive.now();
    let row = SessionRow {
        id: uuid::Uuid::now_v7().to_string(),
        user_id: user_id(app, "editor"),
        created_at: now - 400 * DAY,
        expires_at: now + 3650 * DAY,
        ended_at: ended.map(|ago| now - ago),
        last_used_at: now - idle,
        address: None,
        user_agent: None,
    };
    app.archive.store.write(|tx| tx.insert_session(&row)).unwrap();
    row
}

/// A refresh token of a session, used so long ago or not yet.
fn token(app: &TestApp, session: &SessionRow, used: Option<i64>) -> Secret {
    let secret = kartoteka::access::random_secret();
    let now = app.archive.now();
    app.archive
        .store
        .write(|tx| {
            tx.insert_refresh_token(&secret.digest(), &session.id, session.created_at)?;
            used.map_or(Ok(true), |ago| tx.use_refresh_token(&secret.digest(), now - ago))
        })
        .unwrap();
    secret
}

fn refresh(app: &TestApp, token: &Secret) -> Answer {
    app.anyone.post("/v1/auth/refresh", &json!({"refresh_token": token.reveal()}))
}

fn is_there(app: &TestApp, session: &SessionRow) -> bool {
    app.archive.store.read(|tx| tx.session(&session.id)).unwrap().is_some()
}

fn forget(app: &TestApp) -> Forgotten {
    forget_what_is_over(&app.archive, &TokenSettings::default(), app.archive.now()).unwrap()
}

fn sessions_end_when_they_are_idle(app: &TestApp) {
    let database = Database::new(app.backend);
    let mut settings = TestApp::settings(&database.url);
    settings.tokens.session_idle = Some(Duration::from_secs(30 * 60));
    let tokens = settings.tokens.clone();
    let app = TestApp::start_with(app.backend, database, settings);
    let (store, now) = (&app.archive.store, app.archive.now());
    let tokens = Tokens::open(&app.archive, tokens).unwrap();
    let request = |session: &SessionRow| {
        let token = tokens.issue(store, &session.user_id, &session.id, now).unwrap();
        app.anyone.bearer(token.reveal()).get("/v1/me")
    };
    let (used, idle) = (session(&app, 28 * MINUTE, None), session(&app, 31 * MINUTE, None));
    let listed = |session: &SessionRow| app.editor.get("/v1/me/sessions").expect(200).text.contains(&session.id);
    assert!(listed(&used) && !listed(&idle));
    request(&idle).expect_problem(401, "invalid_token");
    refresh(&app, &token(&app, &idle, None)).expect_problem(401, "invalid_token");
    request(&idle).expect_problem(401, "invalid_token");
    request(&used).expect(200);
    refresh(&app, &token(&app, &used, None)).expect(200);
    let noted = app.archive.store.read(|tx| tx.session(&used.id)).unwrap().unwrap().0;
    assert!(noted.last_used_at >= now, "refreshing is a use");
    // A use by request alone counts as well.
    let by_request = session(&app, 28 * MINUTE, None);
    request(&by_request).expect(200);
    let is_noted = |_| {
        std::thread::sleep(Duration::from_millis(20));
        store.read(|tx| tx.session(&by_request.id)).unwrap().unwrap().0.last_used_at >= now
    };
    assert!((0..250).any(is_noted));
}

fn what_is_over_for_long_is_deleted_and_nothing_else(app: &TestApp) {
    let now = app.archive.now();
    let kept = [
        session(app, 0, None),
        session(app, 0, Some(89 * DAY)),
        session(app, 103 * DAY, None),
        session(app, 13 * DAY, None),
    ];
    let over = [session(app, 0, Some(91 * DAY)), session(app, 105 * DAY, None)];
    let expired = SessionRow {
        id: uuid::Uuid::now_v7().to_string(),
        expires_at: now - 91 * DAY,
        ended_at: None,
        ..kept[0].clone()
    };
    app.archive.store.write(|tx| tx.insert_session(&expired)).unwrap();
    for session in kept.iter().chain(&over) {
        token(app, session, Some(DAY));
        token(app, session, None);
    }
    // More than one transaction takes.
    for _ in 0..600 {
        session(app, 0, Some(200 * DAY));
    }
    let invitation = |id: &str, expired: i64, used: Option<i64>, revoked: Option<i64>| InvitationRow {
        id: id.into(),
        token_hash: format!("hash of {id}"),
        role: "editor".into(),
        note: None,
        is_setup: false,
        created_by: "admin".into(),
        created_at: now - 400 * DAY,
        expires_at: now - expired * DAY,
        used_at: used.map(|ago| now - ago * DAY),
        used_by: None,
        revoked_at: revoked.map(|ago| now - ago * DAY),
    };
    let reset = |hash: &str, expired: i64, used: Option<i64>| ResetRow {
        token_hash: hash.into(),
        user_id: user_id(app, "editor"),
        issued_by: "admin".into(),
        created_at: now - 400 * DAY,
        expires_at: now - expired * DAY,
        used_at: used.map(|ago| now - ago * DAY),
    };
    let invitations = [
        invitation("open", -5, None, None),
        invitation("expired lately", 89, None, None),
        invitation("used lately", -5, Some(89), None),
        invitation("expired", 91, None, None),
        invitation("used", -5, Some(91), None),
        invitation("revoked", -5, None, Some(91)),
    ];
    let resets =
        [reset("open", -1, None), reset("lately", 89, None), reset("old", 91, None), reset("used", -1, Some(91))];
    app.archive
        .store
        .write(|tx| {
            invitations.iter().try_for_each(|row| tx.insert_invitation(row))?;
            resets.iter().try_for_each(|row| tx.insert_reset(row))
        })
        .unwrap();
    let trail = || app.admin.get("/v1/audit?limit=1").expect(200).json()["total"]["value"].clone();
    let before = trail();
    let body = json!({"summary": "x", "changes": [create("person", &id(), &person("A", "B"))]});
    app.editor.with("Idempotency-Key", "of-today").post("/v1/submissions", &body).expect(201);
    let forgotten = forget(app);
    assert_eq!(forgotten, Forgotten { sessions: 603, refresh_tokens: 0, handed_out: 5, answers: 0, jobs: 0 });
    assert!(kept.iter().all(|session| is_there(app, session)));
    assert!(!over.iter().chain([&expired]).any(|session| is_there(app, session)));
    let left = app.admin.get("/v1/invitations").expect(200).json();
    let mut ids: Vec<_> = left["items"].as_array().unwrap().iter().map(|i| i["id"].as_str().unwrap()).collect();
    ids.sort_unstable();
    assert_eq!(ids, ["expired lately", "open", "used lately"]);
    let reset = |hash: &str| app.archive.store.read(|tx| tx.reset(hash)).unwrap().is_some();
    assert_eq!(["open", "lately", "old", "used"].map(reset), [true, true, false, false]);
    assert_eq!(trail(), before, "the trail is kept");
    assert_eq!(forget(app), Forgotten::default());
    app.editor.get("/v1/me").expect(200);
    let tomorrow = app.archive.now() + DAY + MINUTE;
    let forgotten = forget_what_is_over(&app.archive, &TokenSettings::default(), tomorrow).unwrap();
    assert_eq!(forgotten.answers, 1);
}

fn reuse_is_noticed_as_long_as_it_is_kept(app: &TestApp) {
    let reuses =
        || app.admin.get("/v1/audit?action=token_reuse").expect(200).json()["total"]["value"].as_i64().unwrap();
    // A session that was in use all the time.
    let long = session(app, 0, None);
    let (old, recent) = (token(app, &long, Some(91 * DAY)), token(app, &long, Some(89 * DAY)));
    let ended = session(app, 0, Some(89 * DAY));
    let of_ended = token(app, &ended, Some(89 * DAY));
    assert_eq!(forget(app).refresh_tokens, 1);
    refresh(app, &old).expect_problem(401, "invalid_token");
    assert_eq!(reuses(), 0, "nobody knows it any more");
    refresh(app, &of_ended).expect_problem(401, "invalid_token");
    assert_eq!(reuses(), 1);
    assert!(app.archive.store.read(|tx| tx.session(&long.id)).unwrap().unwrap().0.ended_at.is_none());
    refresh(app, &recent).expect_problem(401, "invalid_token");
    assert_eq!(reuses(), 2);
    assert!(app.archive.store.read(|tx| tx.session(&long.id)).unwrap().unwrap().0.ended_at.is_some());
}
