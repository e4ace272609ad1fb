//! `kartoteka serve`.

use std::{
    io::{IsTerminal, Write},
    net::TcpListener,
    time::Duration,
};

use clap::{Args, ValueEnum};

use super::{
    demo, explain,
    settings::{DatabaseArgs, PasswordArgs},
    transport::TransportArgs,
    users::RoleArg,
};
use crate::{
    access::{TokenSettings, issue_setup_token},
    http::{
        AppState,
        server::{self, ServerSettings},
    },
    model::{desk::DeskRules, kinds::KindDescriptor, limits::Limits},
    store::StoreSettings,
};

#[derive(Debug, Args)]
pub struct ServeArgs {
    /// Address to listen at; port 0 takes a free one
    #[arg(long, env = "KARTOTEKA_LISTEN", default_value = "127.0.0.1:8080")]
    listen: String,
    #[command(flatten)]
    database: DatabaseArgs,
    /// Read from this PostgreSQL replica
    #[arg(long, env = "KARTOTEKA_REPLICA_URL", hide_env_values = true)]
    replica_url: Option<String>,
    /// Start with a small real archive, in data/demo.db unless a database is named, and print fresh credentials
    #[arg(long, env = "KARTOTEKA_DEMO")]
    demo: bool,
    /// Write the credentials of the demo also to this file, as JSON
    #[arg(long, env = "KARTOTEKA_DEMO_CREDENTIALS", value_name = "FILE")]
    demo_credentials: Option<String>,
    /// Threads that handle requests
    #[arg(long, env = "KARTOTEKA_WORKERS", default_value_t = default_workers())]
    workers: usize,
    /// Connections for reading
    #[arg(long, env = "KARTOTEKA_READERS", default_value_t = 8)]
    readers: u32,
    /// Exports at a time, each with a connection of its own
    #[arg(long, env = "KARTOTEKA_EXPORTS", default_value_t = 2)]
    exports: u32,
    /// Connections on which writes are prepared
    #[arg(long, env = "KARTOTEKA_PREPARERS", default_value_t = 4)]
    preparers: u32,
    /// Seconds a request waits for its turn at the database before it is told to come back
    #[arg(long, env = "KARTOTEKA_QUEUE_TIMEOUT", default_value_t = 5)]
    queue_timeout: u64,
    /// Seconds a statement may run or wait for a lock
    #[arg(long, env = "KARTOTEKA_STATEMENT_TIMEOUT", default_value_t = 15)]
    statement_timeout: u64,
    /// Seconds that requests may go on after the signal to stop
    #[arg(long, env = "KARTOTEKA_SHUTDOWN_TIMEOUT", default_value_t = 30)]
    shutdown_timeout: u64,
    /// Minutes an access token is valid
    #[arg(long, env = "KARTOTEKA_ACCESS_TOKEN_MINUTES", default_value_t = 15)]
    access_token_minutes: u64,
    #[command(flatten)]
    sessions: SessionArgs,
    /// Roles whose accounts must have a second factor: moderator,admin
    #[arg(long, env = "KARTOTEKA_REQUIRE_TOTP_FOR", value_enum, value_delimiter = ',', value_name = "ROLE")]
    require_totp_for: Vec<RoleArg>,
    /// Name of this archive in its tokens (iss and aud)
    #[arg(long, env = "KARTOTEKA_ISSUER", default_value = "kartoteka")]
    issuer: String,
    #[command(flatten)]
    passwords: PasswordArgs,
    #[command(flatten)]
    limits: LimitArgs,
    #[command(flatten)]
    desk: DeskArgs,
    #[command(flatten)]
    transport: TransportArgs,
    /// How the log is written to standard error
    #[arg(long, env = "KARTOTEKA_LOG_FORMAT", value_enum, default_value = "text")]
    log_format: LogFormat,
    /// What is logged: error, warn, info, debug, or a filter by module
    #[arg(long, env = "KARTOTEKA_LOG", default_value = "info")]
    log: String,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum LogFormat {
    Text,
    Json,
}

/// How often what is over for long is deleted; the first time at the start.
const KEEP_HOUSE: Duration = Duration::from_secs(3600);

/// How long sessions last.
#[derive(Debug, Args)]
struct SessionArgs {
    /// Days after which one has to sign in again
    #[arg(long, env = "KARTOTEKA_SESSION_DAYS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=3650))]
    session_days: u64,
    /// Hours after which one has to sign in again, in place of the days
    #[arg(long, env = "KARTOTEKA_SESSION_HOURS", value_parser = clap::value_parser!(u64).range(1..=87_600))]
    session_hours: Option<u64>,
    /// Days without use after which a session ends; 0 for never
    #[arg(long, env = "KARTOTEKA_SESSION_IDLE_DAYS", default_value_t = 14, value_parser = clap::value_parser!(u64).range(0..=3650))]
    session_idle_days: u64,
    /// Minutes without use after which a session ends, in place of the days; more than an access token is valid
    #[arg(long, env = "KARTOTEKA_SESSION_IDLE_MINUTES", value_parser = clap::value_parser!(u64).range(1..=5_256_000))]
    session_idle_minutes: Option<u64>,
    /// Days that sessions, invitations and resets are kept after their end
    #[arg(long, env = "KARTOTEKA_SESSION_RETENTION_DAYS", default_value_t = 90, value_parser = clap::value_parser!(u64).range(1..=36_500))]
    session_retention_days: u64,
}

impl SessionArgs {
    fn lifetime(&self) -> Duration {
        Duration::from_secs(self.session_hours.unwrap_or(self.session_days * 24) * 3600)
    }

    fn idle(&self, access_token_minutes: u64) -> Result<Option<Duration>, String> {
        match (self.session_idle_minutes, self.session_idle_days) {
            // A client that refreshes when it has to would be put out in the middle.
            (Some(minutes), _) if minutes <= access_token_minutes => {
                Err("--session-idle-minutes: more than --access-token-minutes are needed".to_owned())
            }
            (Some(minutes), _) => Ok(Some(Duration::from_secs(minutes * 60))),
            (None, 0) => Ok(None),
            (None, days) => Ok(Some(Duration::from_secs(days * 24 * 3600))),
        }
    }
}

/// Bounds on input.
#[derive(Debug, Args)]
struct LimitArgs {
    /// Bytes of the body of one entry
    #[arg(long, env = "KARTOTEKA_MAX_BODY_BYTES", default_value_t = Limits::default().body_bytes)]
    max_body_bytes: usize,
    /// Bytes of one request
    #[arg(long, env = "KARTOTEKA_MAX_REQUEST_BYTES", default_value_t = Limits::default().request_bytes)]
    max_request_bytes: usize,
    /// Changes in one submission
    #[arg(long, env = "KARTOTEKA_MAX_CHANGES", default_value_t = Limits::default().changes)]
    max_changes: usize,
    /// Claims in one entry
    #[arg(long, env = "KARTOTEKA_MAX_CLAIMS", default_value_t = Limits::default().claims)]
    max_claims: usize,
    /// Nesting of a body
    #[arg(long, env = "KARTOTEKA_MAX_DEPTH", default_value_t = Limits::default().depth)]
    max_depth: usize,
    /// Characters of one text
    #[arg(long, env = "KARTOTEKA_MAX_TEXT_CHARS", default_value_t = Limits::default().text_chars)]
    max_text_chars: usize,
}

/// How submissions are reviewed.
#[derive(Debug, Args)]
struct DeskArgs {
    /// Minutes for which a moderator who has taken a submission is the only one to decide
    #[arg(long, env = "KARTOTEKA_LEASE_MINUTES", default_value_t = 30)]
    lease_minutes: u32,
    /// Days after which an untouched draft counts as withdrawn
    #[arg(long, env = "KARTOTEKA_DRAFT_DAYS", default_value_t = 90)]
    draft_days: u32,
    /// Approvals that a submission needs
    #[arg(long, env = "KARTOTEKA_QUORUM", default_value_t = DeskRules::default().quorum, value_parser = clap::value_parser!(i64).range(1..))]
    quorum: i64,
    /// Approvals for entries of one kind: person=2,trial=3
    #[arg(long, env = "KARTOTEKA_QUORUM_OF_KIND", value_delimiter = ',', value_name = "KIND=NUMBER")]
    quorum_of_kind: Vec<String>,
    /// Approvals for protected entries, at least
    #[arg(long, env = "KARTOTEKA_QUORUM_OF_PROTECTED", default_value_t = DeskRules::default().quorum_of_protected, value_parser = clap::value_parser!(i64).range(1..))]
    quorum_of_protected: i64,
    /// Accept additive, uncontested changes by trusted editors at once
    #[arg(long, env = "KARTOTEKA_TRUST_EDITORS")]
    trust_editors: bool,
    /// Rows of a batch that its reviewer must open
    #[arg(long, env = "KARTOTEKA_BATCH_SAMPLE", default_value_t = DeskRules::default().sample)]
    batch_sample: usize,
    /// Rows of a batch
    #[arg(long, env = "KARTOTEKA_MAX_BATCH_ROWS", default_value_t = DeskRules::default().batch_rows)]
    max_batch_rows: i64,
}

impl DeskArgs {
    fn rules(&self) -> Result<DeskRules, String> {
        const MINUTE: i64 = 60 * 1_000_000;
        let mut quorum_of_kind = std::collections::BTreeMap::new();
        for text in &self.quorum_of_kind {
            let pair = text.split_once('=').and_then(|(kind, number)| Some((kind, number.parse::<i64>().ok()?)));
            match pair {
                Some((kind, number)) if KindDescriptor::by_name(kind).is_some() && number > 0 => {
                    quorum_of_kind.insert(kind.to_owned(), number);
                }
                _ => return Err(format!("--quorum-of-kind: {text:?} is not of the form person=2")),
            }
        }
        Ok(DeskRules {
            lease: i64::from(self.lease_minutes) * MINUTE,
            draft_lifetime: i64::from(self.draft_days) * 24 * 60 * MINUTE,
            quorum: self.quorum,
            quorum_of_kind,
            quorum_of_protected: self.quorum_of_protected,
            trusts_editors: self.trust_editors,
            sample: self.batch_sample,
            batch_rows: self.max_batch_rows,
            ..DeskRules::default()
        })
    }
}

fn default_workers() -> usize {
    std::thread::available_parallelism().map_or(2, std::num::NonZero::get)
}

impl ServeArgs {
    fn settings(&self, address: &str) -> Result<ServerSettings, String> {
        // The demo never mixes with an archive that lies at the usual place.
        let url = match self.demo && !self.database.is_named() {
            true => "sqlite:data/demo.db".to_owned(),
            false => self.database.url()?,
        };
        let limits = &self.limits;
        Ok(ServerSettings {
            store: StoreSettings {
                url,
                replica_url: self.replica_url.clone(),
                readers: self.readers,
                exports: self.exports,
                preparers: self.preparers,
                checkout_timeout: Duration::from_secs(2),
                turn_timeout: Duration::from_secs(self.queue_timeout),
                statement_timeout: Duration::from_secs(self.statement_timeout),
            },
            limits: Limits {
                body_bytes: limits.max_body_bytes,
                request_bytes: limits.max_request_bytes,
                changes: limits.max_changes,
                claims: limits.max_claims,
                depth: limits.max_depth,
                text_chars: limits.max_text_chars,
            },
            desk: self.desk.rules()?,
            passwords: self.passwords.policy(),
            tokens: TokenSettings {
                issuer: self.issuer.clone(),
                access_lifetime: Duration::from_secs(self.access_token_minutes * 60),
                session_lifetime: self.sessions.lifetime(),
                session_idle: self.sessions.idle(self.access_token_minutes)?,
                retention: Duration::from_secs(self.sessions.session_retention_days * 24 * 3600),
            },
            transport: self.transport.transport(address)?,
            require_totp_for: self.require_totp_for.iter().copied().map(Into::into).collect(),
            workers: self.workers.max(1),
            queue_timeout: Duration::from_secs(self.queue_timeout),
            shutdown_timeout: Duration::from_secs(self.shutdown_timeout),
            handles_signals: true,
        })
    }
}

pub fn run(args: &ServeArgs) -> Result<(), String> {
    start_log(args)?;
    let listener = TcpListener::bind(&args.listen).map_err(|e| format!("{}: {e}", args.listen))?;
    let address = listener.local_addr().map_err(|e| e.to_string())?;
    let settings = args.settings(&address.to_string())?;
    let state = AppState::open(&settings).map_err(|e| explain(&e))?;
    println!("Kartoteka listens at http://{address}");
    println!("  documentation   http://{address}/docs/");
    println!("  OpenAPI         http://{address}/openapi.json");
    println!("  people          http://{address}/v1/people");
    // The URL of a server may hold a password in more than one place: it is not shown.
    let database = if settings.store.url.starts_with("sqlite:") { settings.store.url.as_str() } else { "PostgreSQL" };
    println!("  database        {database}");
    if args.demo {
        let loaded = demo::prepare(&state.archive, &state.access.passwords)?;
        demo::announce(&loaded, args.demo_credentials.as_deref())?;
    }
    if let Some(token) = issue_setup_token(&state.archive).map_err(|e| explain(&e))? {
        // To standard output, where the operator sees it, and never to the log.
        println!(
            "There is no administrator yet. For 24 hours, POST /v1/auth/register makes one with the invitation_token"
        );
        println!("  {}", token.reveal());
    }
    let _ = std::io::stdout().flush();
    let house = state.clone();
    let serving = async {
        let server = server::start(listener, state, &settings)?;
        actix_web::rt::spawn(house.keep_house(KEEP_HOUSE));
        server.await
    };
    actix_web::rt::System::new().block_on(serving).map_err(|e| e.to_string())
}

fn start_log(args: &ServeArgs) -> Result<(), String> {
    use tracing_subscriber::{EnvFilter, fmt};
    let filter = EnvFilter::try_new(&args.log).map_err(|e| format!("--log: {e}"))?;
    let has_colours = std::io::stderr().is_terminal();
    let log = fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(has_colours);
    match args.log_format {
        LogFormat::Text => log.init(),
        LogFormat::Json => log.json().flatten_event(true).with_span_list(false).init(),
    }
    Ok(())
}
