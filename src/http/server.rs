//! The server: everything put together and bound to its address.

use std::{net::TcpListener, sync::Arc, time::Duration};

use actix_http::{HttpService, error::DispatchError};
use actix_service::{IntoServiceFactory, ServiceFactoryExt, fn_service, map_config};
use actix_web::{
    App,
    dev::{AppConfig, Server},
    middleware::from_fn,
    web::{self, Data},
};
use utoipa_actix_web::AppExt;

use super::{
    call::unrouted,
    docs,
    door::Door,
    gates::{Gates, WRITERS},
    limits::Limiter,
    middleware, routes,
    state::{ApiDocument, AppState},
    streams::Streams,
    transport::Transport,
    turns::Connection,
};
use crate::{
    access::{Access, PasswordPolicy, Throttle, TokenSettings, check_usernames, secret_bytes},
    editorial::bring_up_to_date,
    model::{budgets::Effort, desk::DeskRules, limits::Limits, permissions::Role},
    research::CursorSeal,
    store::{Store, StoreSettings},
    usecase::{Archive, Result},
};

/// Everything that serving can be told.
#[derive(Clone, Debug)]
pub struct ServerSettings {
    pub store: StoreSettings,
    pub limits: Limits,
    pub desk: DeskRules,
    pub passwords: PasswordPolicy,
    pub tokens: TokenSettings,
    pub transport: Transport,
    /// Roles whose accounts must have a second factor.
    pub require_totp_for: Vec<Role>,
    /// Threads that handle requests.
    pub workers: usize,
    /// How long a request waits for its turn at the database.
    pub queue_timeout: Duration,
    /// How long requests may go on when the server is told to stop.
    pub shutdown_timeout: Duration,
    /// Stop on SIGTERM and SIGINT.
    pub handles_signals: bool,
}

impl AppState {
    /// Opens the archive and everything that serving it needs.
    pub fn open(settings: &ServerSettings) -> Result<Self> {
        let store = Store::open(&settings.store)?;
        let archive =
            Archive { store, limits: Arc::new(settings.limits.clone()), desk: Arc::new(settings.desk.clone()) };
        let progress = |done| tracing::info!(done, "making derived tables anew by the rules of this version");
        bring_up_to_date(&archive, progress)?;
        check_usernames(&archive)?;
        let required = settings.require_totp_for.clone();
        let access = Access::open(&archive, settings.passwords, settings.tokens.clone(), required)?;
        let seal = CursorSeal::new(secret_bytes(&archive, "cursor-seal")?);
        let gates = Gates::new(
            settings.store.readers,
            settings.store.exports,
            settings.passwords.at_once,
            settings.limits.request_bytes,
            settings.queue_timeout,
        );
        Ok(Self {
            effort: Effort::Cheap,
            archive,
            access: Arc::new(access),
            seal,
            memo: Arc::default(),
            gates: Arc::new(gates),
            api: ApiDocument::shared(),
            transport: Arc::new(settings.transport.clone()),
            limiter: settings.transport.rates.as_ref().map(|rates| Arc::new(Limiter::new(rates))),
            throttle: Arc::new(Throttle::default()),
            streams: Arc::new(Streams::new(settings.transport.streams)),
            exports: Arc::default(),
            jobs: Arc::default(),
        })
    }
}

/// For so long a client that was refused may go on sending: closed at once, it would not read the answer.
const LINGER: Duration = Duration::from_secs(1);

/// Starts serving on the listener, inside a runtime. The server stops gracefully on SIGTERM and SIGINT: requests finish,
/// streams end.
pub fn start(listener: TcpListener, state: AppState, settings: &ServerSettings) -> std::io::Result<Server> {
    let readers = usize::try_from(settings.store.readers).unwrap_or(8);
    // Enough threads for all that the gates let through, and a few more.
    let exports = usize::try_from(settings.store.exports).unwrap_or(2);
    let blocking = readers + exports + WRITERS + settings.passwords.at_once + 8;
    let transport = &settings.transport;
    let workers = settings.workers.max(1);
    if settings.handles_signals {
        actix_web::rt::spawn(close_on_signal(state.streams.clone()));
    }
    actix_web::rt::spawn(state.clone().run_jobs());
    let state = Data::new(state);
    let door = Door::new(transport);
    let (header_timeout, keep_alive) = (transport.header_timeout, transport.keep_alive);
    let server = Server::build();
    let stopping = server.graceful_shutdown_signal();
    let server = if settings.handles_signals { server } else { server.disable_signals() };
    let services = move || {
        let app = App::new()
            .wrap(from_fn(middleware::around))
            .app_data(state.clone())
            .into_utoipa_app()
            .configure(routes::configure)
            .map(|app| app.configure(docs::configure).default_service(web::to(unrouted)))
            .into_app();
        let app = app.into_factory().map_err(|error: actix_web::Error| error.error_response());
        let (door, stopping) = (door.clone(), stopping.clone());
        let http = HttpService::build()
            .graceful_shutdown_signal(move || {
                let stopping = stopping.clone();
                async move { stopping.notified().await }
            })
            // A client that has gone is noticed while it is worked for.
            .h1_allow_half_closed(false)
            .client_request_timeout(header_timeout)
            .client_disconnect_timeout(LINGER)
            .keep_alive(keep_alive)
            .on_connect_ext(|connection: &Connection, data| {
                data.insert(connection.turns());
            })
            .h1(map_config(app, |()| AppConfig::default()));
        fn_service(move |stream| {
            let admitted = door.admit(stream).map_err(DispatchError::Io);
            async move { admitted }
        })
        .and_then(http)
    };
    Ok(server
        .workers(workers)
        .worker_max_blocking_threads(blocking)
        .shutdown_timeout(settings.shutdown_timeout.as_secs())
        .max_concurrent_connections(transport.max_connections.div_ceil(workers).max(1))
        .listen("kartoteka", listener, services)?
        .run())
}

/// Streams never finish by themselves: the server would wait for them until its patience is over.
async fn close_on_signal(streams: Arc<Streams>) {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
        }
    }
    #[cfg(not(unix))]
    let _ = tokio::signal::ctrl_c().await;
    streams.close();
}
