//! Options of `serve` about the transport: proxies, rates, origins and timeouts.

use std::{num::NonZeroU32, time::Duration};

use clap::{Args, ValueEnum};

use crate::{
    http::{
        address::networks,
        cors::origins,
        limits::{Rate, Rates},
        streams::StreamSettings,
        transport::Transport,
    },
    model::{cite::Archive, parts::archive::is_web_url},
};

#[derive(Debug, Args)]
pub struct TransportArgs {
    /// Proxies whose X-Forwarded-For and Forwarded are believed: addresses and networks, separated by commas
    #[arg(long, env = "KARTOTEKA_TRUSTED_PROXIES", default_value = "", value_name = "NETWORKS")]
    trusted_proxies: String,
    /// Whether the rate of requests is limited; sign-ins are throttled in any case
    #[arg(long, env = "KARTOTEKA_RATE_LIMITS", value_enum, default_value = "on")]
    rate_limits: Switch,
    /// Reads a minute, without an account and with one
    #[arg(long, env = "KARTOTEKA_RATE_READ", default_value = "600/1200", value_parser = rate, value_name = "NUMBER/NUMBER")]
    rate_read: Rate,
    /// Searches a minute
    #[arg(long, env = "KARTOTEKA_RATE_SEARCH", default_value = "60/120", value_parser = rate, value_name = "NUMBER/NUMBER")]
    rate_search: Rate,
    /// Exports a minute
    #[arg(long, env = "KARTOTEKA_RATE_EXPORT", default_value = "10/20", value_parser = rate, value_name = "NUMBER/NUMBER")]
    rate_export: Rate,
    /// Writes a minute
    #[arg(long, env = "KARTOTEKA_RATE_WRITE", default_value = "60/120", value_parser = rate, value_name = "NUMBER/NUMBER")]
    rate_write: Rate,
    /// Sign-ins, registrations and resets a minute from one address
    #[arg(long, env = "KARTOTEKA_RATE_AUTH", default_value = "30", value_parser = rate, value_name = "NUMBER")]
    rate_auth: Rate,
    /// Refreshes and sign-outs a minute from one address
    #[arg(long, env = "KARTOTEKA_RATE_SESSION", default_value = "120", value_parser = rate, value_name = "NUMBER")]
    rate_session: Rate,
    /// Origins whose pages may write, separated by commas; pages of all origins may read
    #[arg(long, env = "KARTOTEKA_CORS_ORIGINS", default_value = "", value_name = "ORIGINS")]
    cors_origins: String,
    /// Seconds for which browsers shall insist on HTTPS (Strict-Transport-Security); 0 says nothing
    #[arg(long, env = "KARTOTEKA_HSTS_MAX_AGE", default_value_t = 0, value_name = "SECONDS")]
    hsts_max_age: u64,
    /// Seconds in which the head of a request has to arrive
    #[arg(long, env = "KARTOTEKA_HEADER_TIMEOUT", default_value_t = Transport::default().header_timeout.as_secs())]
    header_timeout: u64,
    /// Seconds in which the body of a request has to arrive
    #[arg(long, env = "KARTOTEKA_BODY_TIMEOUT", default_value_t = Transport::default().body_timeout.as_secs())]
    body_timeout: u64,
    /// Seconds after which a request without an answer is given up
    #[arg(long, env = "KARTOTEKA_REQUEST_TIMEOUT", default_value_t = Transport::default().request_timeout.as_secs())]
    request_timeout: u64,
    /// Seconds for which a client may leave an answer unread (on Linux)
    #[arg(long, env = "KARTOTEKA_WRITE_TIMEOUT", default_value_t = Transport::default().write_timeout.as_secs())]
    write_timeout: u64,
    /// Seconds for which a connection may be idle between requests
    #[arg(long, env = "KARTOTEKA_KEEP_ALIVE", default_value_t = Transport::default().keep_alive.as_secs())]
    keep_alive: u64,
    /// The address at which the archive is reached from outside, for citations and exports [default: http:// and the
    /// address it listens at]
    #[arg(long, env = "KARTOTEKA_PUBLIC_URL", value_name = "URL")]
    public_url: Option<String>,
    /// The name of the archive, for citations
    #[arg(long, env = "KARTOTEKA_ARCHIVE_NAME", default_value = "Kartoteka", value_name = "NAME")]
    archive_name: String,
    /// Connections at a time
    #[arg(long, env = "KARTOTEKA_MAX_CONNECTIONS", default_value_t = Transport::default().max_connections)]
    max_connections: usize,
    /// Connections at a time of one address that is no trusted proxy; more are refused
    #[arg(long, env = "KARTOTEKA_MAX_CONNECTIONS_PER_ADDRESS", default_value_t = Transport::default().max_connections_per_address)]
    max_connections_per_address: usize,
    /// Streams of the feed at a time; more are refused
    #[arg(long, env = "KARTOTEKA_MAX_STREAMS", default_value_t = StreamSettings::default().most)]
    max_streams: usize,
    /// Streams of the feed at a time to one address
    #[arg(long, env = "KARTOTEKA_MAX_STREAMS_PER_ADDRESS", default_value_t = StreamSettings::default().most_of_address)]
    max_streams_per_address: usize,
    /// Seconds after which a silent stream sends a sign of life
    #[arg(long, env = "KARTOTEKA_STREAM_HEARTBEAT", default_value_t = StreamSettings::default().heartbeat.as_secs())]
    stream_heartbeat: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Switch {
    On,
    Off,
}

/// Reads `600/1200`: requests a minute without an account, and with one. One number stands for both.
fn rate(text: &str) -> Result<Rate, String> {
    let number = |part: &str| part.trim().parse::<NonZeroU32>();
    let (anonymous, account) = text.split_once('/').unwrap_or((text, text));
    match (number(anonymous), number(account)) {
        (Ok(anonymous), Ok(account)) => Ok(Rate { anonymous, account }),
        _ => Err("two numbers above 0 are needed, such as 600/1200, or one".to_owned()),
    }
}

impl TransportArgs {
    /// `address` is where the server listens.
    pub fn transport(&self, address: &str) -> Result<Transport, String> {
        let rates = Rates {
            read: self.rate_read,
            search: self.rate_search,
            export: self.rate_export,
            write: self.rate_write,
            auth: self.rate_auth,
            session: self.rate_session,
        };
        // 0 would stop the server from ever waiting, which nobody means.
        let seconds = |n: u64| Duration::from_secs(n.max(1));
        Ok(Transport {
            trusted_proxies: networks(&self.trusted_proxies).map_err(|e| format!("--trusted-proxies: {e}"))?,
            rates: (self.rate_limits == Switch::On).then_some(rates),
            hsts_max_age: self.hsts_max_age,
            cors_origins: origins(&self.cors_origins).map_err(|e| format!("--cors-origins: {e}"))?,
            header_timeout: seconds(self.header_timeout),
            body_timeout: seconds(self.body_timeout),
            request_timeout: seconds(self.request_timeout),
            write_timeout: seconds(self.write_timeout),
            keep_alive: seconds(self.keep_alive),
            max_connections: self.max_connections,
            max_connections_per_address: self.max_connections_per_address,
            streams: StreamSettings {
                most: self.max_streams,
                most_of_address: self.max_streams_per_address,
                heartbeat: seconds(self.stream_heartbeat),
            },
            archive: self.archive(address)?,
        })
    }
}

impl TransportArgs {
    fn archive(&self, address: &str) -> Result<Archive, String> {
        let name = self.archive_name.trim();
        if name.is_empty() || name.chars().any(char::is_control) {
            return Err("--archive-name: a name of visible characters is needed".into());
        }
        match &self.public_url {
            Some(url) if !is_web_url(url) || url.contains(['?', '#']) => {
                Err(format!("--public-url: {url:?} is not of the form https://archive.example"))
            }
            Some(url) => Ok(Archive::new(name, url)),
            None => Ok(Archive::new(name, &format!("http://{address}"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::rate;

    #[test]
    fn rates_are_one_number_or_two() {
        let numbers = |text| rate(text).map(|r| (r.anonymous.get(), r.account.get()));
        assert_eq!(numbers("600/1200"), Ok((600, 1200)));
        assert_eq!(numbers("30"), Ok((30, 30)));
        for bad in ["", "0", "1/0", "-1", "1/2/3", "many"] {
            assert!(rate(bad).is_err(), "{bad}");
        }
    }
}
