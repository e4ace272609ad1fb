//! The server under test, with an account for every role.

use std::{
    net::TcpListener,
    sync::{Arc, mpsc},
    thread::JoinHandle,
    time::{Duration, Instant},
};

use actix_web::dev::ServerHandle;
use kartoteka::{
    access::{PasswordPolicy, Passwords, Secret, TokenSettings, create_user, reset_password},
    http::{
        AppState,
        server::{self, ServerSettings},
        transport::Transport,
    },
    model::{desk::DeskRules, limits::Limits, permissions::Role},
    store::{Backend, Store, StoreSettings},
    usecase::Archive,
};
use serde_json::{Value, json};

use super::{Answer, Caller, Database, watch};

/// Password of every test account.
pub const PASSWORD: &str = "a password for tests";

const ACCOUNTS: &[(&str, Role)] = &[
    ("editor", Role::Editor),
    ("editor2", Role::Editor),
    ("moderator", Role::Moderator),
    ("moderator2", Role::Moderator),
    ("admin", Role::Admin),
];

/// A running archive. It stops, and its database goes, when it is dropped.
pub struct TestApp {
    pub backend: Backend,
    pub archive: Archive,
    pub database: Database,
    server: Option<Running>,
    /// Callers without an account, and one for each role; two editors and two moderators.
    pub anyone: Caller,
    pub editor: Caller,
    pub editor2: Caller,
    pub moderator: Caller,
    pub moderator2: Caller,
    pub admin: Caller,
}

impl TestApp {
    pub fn start(backend: Backend) -> Self {
        let database = Database::new(backend);
        let settings = Self::settings(&database.url);
        Self::start_with(backend, database, settings)
    }

    /// Starts over a database that has accounts with the names of the demo: they get the password of the tests.
    pub fn start_over_demo(backend: Backend, database: Database, settings: ServerSettings) -> Self {
        let archive =
            Archive { store: Store::open(&settings.store).unwrap(), limits: Arc::default(), desk: Arc::default() };
        let passwords = Passwords::new(settings.passwords).unwrap();
        for (name, _) in ACCOUNTS {
            let _ = reset_password(&archive, &passwords, name, &Secret::new(PASSWORD));
        }
        Self::start_with(backend, database, settings)
    }

    /// Starts over a database without accounts; the callers of the roles are nobody there.
    pub fn without_accounts(backend: Backend, database: Database) -> Self {
        let settings = Self::settings(&database.url);
        Self::serve(backend, database, settings, &[])
    }

    /// Starts with other settings than the usual ones.
    pub fn start_with(backend: Backend, database: Database, settings: ServerSettings) -> Self {
        Self::serve(backend, database, settings, ACCOUNTS)
    }

    fn serve(backend: Backend, database: Database, settings: ServerSettings, accounts: &[(&str, Role)]) -> Self {
        let state = AppState::open(&settings).unwrap();
        let archive = state.archive.clone();
        watch::learn_keys(&archive.store);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        for (name, role) in accounts {
            let exists = archive.store.read(|tx| tx.user_by_name(name)).unwrap().is_some();
            if !exists {
                create_user(&archive, &state.access.passwords, name, *role, &Secret::new(PASSWORD)).unwrap();
            }
        }
        let server = run(listener, state, settings);
        let anyone = Caller::new(&url);
        let sign_in = |name: &str| match accounts.is_empty() {
            true => anyone.clone(),
            false => anyone.sign_in(name, PASSWORD),
        };
        Self {
            backend,
            archive,
            database,
            editor: sign_in("editor"),
            editor2: sign_in("editor2"),
            moderator: sign_in("moderator"),
            moderator2: sign_in("moderator2"),
            admin: sign_in("admin"),
            anyone,
            server: Some(server),
        }
    }

    /// Settings of the servers under test: like those of a real one, but for cheap password hashes.
    pub fn settings(database_url: &str) -> ServerSettings {
        ServerSettings {
            store: StoreSettings {
                url: database_url.to_owned(),
                replica_url: None,
                readers: 4,
                exports: 2,
                preparers: 2,
                checkout_timeout: Duration::from_secs(2),
                turn_timeout: Duration::from_secs(2),
                statement_timeout: Duration::from_secs(15),
            },
            limits: Limits::default(),
            desk: DeskRules::default(),
            passwords: PasswordPolicy { memory_kib: 64, passes: 1, at_once: 4, wait: Duration::from_secs(5) },
            tokens: TokenSettings::default(),
            transport: Transport::default(),
            require_totp_for: vec![],
            workers: 2,
            queue_timeout: Duration::from_secs(5),
            shutdown_timeout: Duration::from_secs(1),
            handles_signals: false,
        }
    }

    /// Submits changes as the editor.
    pub fn submit(&self, changes: Value) -> Answer {
        self.editor.post("/v1/submissions", &json!({"summary": "A test", "changes": changes}))
    }

    /// Approves a submission as the moderator.
    pub fn approve(&self, submission: &Value) -> Answer {
        decide(&self.moderator, submission, "approve")
    }

    /// Submits and approves changes, and gives what they published.
    pub fn publish(&self, changes: Value) -> Vec<Value> {
        let submission = self.submit(changes).expect(201).json();
        let accepted = self.approve(&submission).expect(200).json();
        accepted["published"].as_array().unwrap().clone()
    }
}

type Running = (ServerHandle, JoinHandle<()>);

fn run(listener: TcpListener, state: AppState, settings: ServerSettings) -> Running {
    let (tell, told) = mpsc::channel();
    let thread = std::thread::spawn(move || {
        actix_web::rt::System::new().block_on(async {
            let server = server::start(listener, state, &settings).unwrap();
            tell.send(server.handle()).unwrap();
            server.await.unwrap();
        });
    });
    (told.recv().unwrap(), thread)
}

fn stop(server: &mut Option<Running>) {
    if let Some((handle, thread)) = server.take() {
        actix_web::rt::System::new().block_on(handle.stop(false));
        let _ = thread.join();
    }
}

/// Another server over the database of a test. It stops when it is dropped; the database stays.
pub struct Instance {
    pub anyone: Caller,
    server: Option<Running>,
}

impl Instance {
    pub fn start(settings: ServerSettings) -> Self {
        let state = AppState::open(&settings).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let anyone = Caller::new(&format!("http://{}", listener.local_addr().unwrap()));
        Self { anyone, server: Some(run(listener, state, settings)) }
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        stop(&mut self.server);
    }
}

/// Takes an action on a submission as it was read. That entries of a test say the same as others does not stop an approval;
/// tests of that use [`act`].
pub fn decide(caller: &Caller, submission: &Value, action: &str) -> Answer {
    let answer = act(caller, submission, action, &json!({"comment": "Seen."}));
    let only_equal = answer.status == 409
        && answer.json()["code"] == "checks_block"
        && answer.faults().iter().all(|(_, code)| code == "exact_duplicate");
    if !only_equal {
        return answer;
    }
    act(caller, submission, action, &json!({"comment": "Seen.", "override": "A test"}))
}

/// The same with something else to say.
pub fn act(caller: &Caller, submission: &Value, action: &str, body: &Value) -> Answer {
    let tag = format!("\"v{}\"", submission["version"]);
    let path = format!("/v1/submissions/{}/{action}", submission["id"].as_str().unwrap());
    let caller = caller.with("If-Match", &tag);
    if ["submit", "withdraw", "take", "release", "publish"].contains(&action) {
        return caller.post_nothing(&path);
    }
    caller.post(&path, body)
}

/// Starts to publish an approved batch, waits for the end of the job, and gives it.
pub fn publish_batch(caller: &Caller, batch: &Value) -> Value {
    let job = decide(caller, batch, "publish").expect(202).json();
    ended(caller, &job)
}

/// A job when it has ended.
pub fn ended(caller: &Caller, job: &Value) -> Value {
    let path = format!("/v1/jobs/{}", job["id"].as_str().unwrap());
    let until = Instant::now() + Duration::from_secs(60);
    loop {
        let job = caller.get(&path).expect(200).json();
        if !["waiting", "running"].contains(&job["state"].as_str().unwrap()) {
            return job;
        }
        assert!(Instant::now() < until, "{job}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        stop(&mut self.server);
        // Keys that were made since.
        watch::learn_keys(&self.archive.store);
    }
}
