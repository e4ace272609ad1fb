//! How the archive is reached: whom it believes, how long it waits, and the headers that protect whoever reads it.

use std::time::Duration;

use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use ipnet::IpNet;

use super::{limits::Rates, streams::StreamSettings};
use crate::model::cite::Archive;

/// Settings of the transport.
#[derive(Clone, Debug)]
pub struct Transport {
    /// Proxies whose forwarded headers are believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Budgets of requests; none when they are not limited. The throttle of sign-ins is not among them: it is always on.
    pub rates: Option<Rates>,
    /// Seconds of `Strict-Transport-Security`; 0 leaves the header out.
    pub hsts_max_age: u64,
    /// Origins whose pages may write. All may read.
    pub cors_origins: Vec<String>,
    /// How long the head of a request may take to arrive.
    pub header_timeout: Duration,
    /// How long its body may.
    pub body_timeout: Duration,
    /// How long a request may take from its head to the head of the answer.
    pub request_timeout: Duration,
    /// How long a client may leave what was sent to it unread.
    pub write_timeout: Duration,
    /// How long a connection may be idle between requests.
    pub keep_alive: Duration,
    /// Connections at a time, all threads together.
    pub max_connections: usize,
    /// Those of one address that is no trusted proxy.
    pub max_connections_per_address: usize,
    /// Streams of the feed.
    pub streams: StreamSettings,
    /// The archive's name and address, as citations and exports give them.
    pub archive: Archive,
}

impl Default for Transport {
    fn default() -> Self {
        Self {
            trusted_proxies: vec![],
            rates: None,
            hsts_max_age: 0,
            cors_origins: vec![],
            header_timeout: Duration::from_secs(10),
            body_timeout: Duration::from_secs(60),
            request_timeout: Duration::from_secs(120),
            write_timeout: Duration::from_secs(60),
            keep_alive: Duration::from_secs(15),
            max_connections: 3_000,
            max_connections_per_address: 512,
            streams: StreamSettings::default(),
            archive: Archive::new("Kartoteka", "http://127.0.0.1:8080"),
        }
    }
}

/// What the pages of the documentation need: their own scripts and styles, the styles that their script sets, and
/// pictures that stand in the style sheet.
const CSP_OF_DOCS: &str = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
                           connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Everything else is data, which needs nothing.
const CSP: &str = "default-src 'none'; frame-ancestors 'none'";

const PERMISSIONS_POLICY: &str = "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()";

impl Transport {
    /// Adds the headers that every answer has.
    pub fn protect(&self, headers: &mut HeaderMap, path: &str, is_read: bool) {
        let cache_control = headers.get(header::CACHE_CONTROL).and_then(|v| v.to_str().ok());
        let is_public = is_read && cache_control.is_some_and(|v| v.starts_with("public"));
        let csp = if path == "/docs" || path.starts_with("/docs/") { CSP_OF_DOCS } else { CSP };
        let mut set = |name: HeaderName, value: &'static str| {
            headers.insert(name, HeaderValue::from_static(value));
        };
        set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
        set(header::REFERRER_POLICY, "no-referrer");
        set(header::X_FRAME_OPTIONS, "DENY");
        set(header::CONTENT_SECURITY_POLICY, csp);
        set(header::PERMISSIONS_POLICY, PERMISSIONS_POLICY);
        set(header::CROSS_ORIGIN_RESOURCE_POLICY, if is_public { "cross-origin" } else { "same-origin" });
        if self.hsts_max_age > 0
            && let Ok(value) = HeaderValue::from_str(&format!("max-age={}", self.hsts_max_age))
        {
            headers.insert(header::STRICT_TRANSPORT_SECURITY, value);
        }
    }
}
