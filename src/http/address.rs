//! Where a request comes from. Forwarded headers can be written by anybody: they count only when a proxy sent them that
//! the operator trusts.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use actix_web::{HttpMessage, HttpRequest, http::header::HeaderMap};
use ipnet::IpNet;

/// The address of the client, in the extensions of every request: for log lines, limits, the throttle and sessions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientAddress {
    /// The address itself.
    pub exact: IpAddr,
    /// What is counted as one client: an IPv4 address, or the /64 of an IPv6 one, which is what one customer gets.
    pub group: IpAddr,
}

impl ClientAddress {
    /// The client of a request that came from this address.
    pub fn new(address: IpAddr) -> Self {
        let exact = address.to_canonical();
        let group = match exact {
            IpAddr::V4(_) => exact,
            IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX)).into(),
        };
        Self { exact, group }
    }

    /// The client of the request, as the middleware has found it.
    pub fn of(req: &HttpRequest) -> Self {
        let found = req.extensions().get::<Self>().copied();
        found.unwrap_or_else(|| Self::new(peer(req.peer_addr())))
    }
}

/// A connection without an address comes from the machine itself.
fn peer(address: Option<SocketAddr>) -> IpAddr {
    address.map_or(IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), |a| a.ip())
}

/// Reads networks separated by commas; an address stands for itself.
///
/// # Errors
/// The entry that is neither an address nor a network.
pub fn networks(text: &str) -> Result<Vec<IpNet>, String> {
    let entries = text.split(',').map(str::trim).filter(|entry| !entry.is_empty());
    entries
        .map(|entry| {
            let address = || entry.parse::<IpAddr>().map(IpNet::from);
            entry.parse::<IpNet>().or_else(|_| address()).map_err(|_| format!("{entry:?} is no address and no network"))
        })
        .collect()
}

/// Whether the address is one of a proxy that the operator trusts.
pub fn is_trusted(address: IpAddr, trusted: &[IpNet]) -> bool {
    trusted.iter().any(|net| net.contains(&address))
}

/// The client of a request: the peer, or, when the peer is a trusted proxy, the rightmost address in `X-Forwarded-For`
/// or `Forwarded` that is not one. When both headers are there and disagree, one was not written by the proxy: then
/// neither counts.
pub fn client_address(connection: Option<SocketAddr>, headers: &HeaderMap, trusted: &[IpNet]) -> ClientAddress {
    let peer = peer(connection).to_canonical();
    if !is_trusted(peer, trusted) {
        return ClientAddress::new(peer);
    }
    let found = |name: &str, read: fn(&str) -> Vec<Option<IpAddr>>| {
        let lines: Vec<&str> = headers.get_all(name).map(|v| v.to_str().unwrap_or("?")).collect();
        (!lines.is_empty()).then(|| {
            let hops = read(&lines.join(","));
            // From the right: what a trusted proxy has seen is believed, what stands left of that is hearsay.
            let mut client = peer;
            for hop in hops.into_iter().rev() {
                let Some(hop) = hop else { break };
                client = hop;
                if !is_trusted(hop, trusted) {
                    break;
                }
            }
            client
        })
    };
    let client = match (found("x-forwarded-for", in_list), found("forwarded", in_forwarded)) {
        (Some(a), Some(b)) if a != b => peer,
        (Some(client), _) | (None, Some(client)) => client,
        (None, None) => peer,
    };
    ClientAddress::new(client)
}

fn in_list(text: &str) -> Vec<Option<IpAddr>> {
    text.split(',').map(|hop| node(hop.trim())).collect()
}

/// `for=` of each element (RFC 7239); an element without one is a hop that is not known.
fn in_forwarded(text: &str) -> Vec<Option<IpAddr>> {
    let of = |element: &str| {
        let mut pairs = element.split(';').filter_map(|pair| pair.trim().split_once('='));
        let (_, value) = pairs.find(|(name, _)| name.eq_ignore_ascii_case("for"))?;
        node(value.trim().trim_matches('"'))
    };
    text.split(',').map(of).collect()
}

/// An address, with or without brackets and port.
fn node(text: &str) -> Option<IpAddr> {
    let bare = || text.parse::<IpAddr>().ok();
    let with_port = || text.parse::<SocketAddr>().ok().map(|a| a.ip());
    let in_brackets = || text.strip_prefix('[')?.strip_suffix(']')?.parse::<IpAddr>().ok();
    Some(bare().or_else(with_port).or_else(in_brackets)?.to_canonical())
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    fn client(peer: &str, headers: &[(&str, &str)], trusted: &str) -> String {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(HeaderName::try_from(*name).unwrap(), HeaderValue::from_str(value).unwrap());
        }
        let peer = SocketAddr::new(peer.parse().unwrap(), 1);
        client_address(Some(peer), &map, &networks(trusted).unwrap()).exact.to_string()
    }

    #[test]
    fn forwarded_headers_count_only_from_a_trusted_peer() {
        let headers = [("x-forwarded-for", "9.9.9.9"), ("forwarded", "for=9.9.9.9")];
        assert_eq!(client("1.2.3.4", &headers, ""), "1.2.3.4");
        assert_eq!(client("1.2.3.4", &headers, "10.0.0.0/8"), "1.2.3.4");
        assert_eq!(client("10.0.0.1", &headers, "10.0.0.0/8"), "9.9.9.9");
        assert_eq!(client("10.0.0.1", &[], "10.0.0.0/8"), "10.0.0.1");
        assert_eq!(client("::ffff:10.0.0.1", &headers, "10.0.0.0/8"), "9.9.9.9");
    }

    #[test]
    fn the_rightmost_address_that_is_no_proxy_is_the_client() {
        let of = |value: &str| client("10.0.0.1", &[("x-forwarded-for", value)], "10.0.0.0/8,::1");
        assert_eq!(of("6.6.6.6, 9.9.9.9, 10.1.1.1"), "9.9.9.9");
        assert_eq!(of("6.6.6.6,9.9.9.9:4711,[::1]:80"), "9.9.9.9");
        assert_eq!(of("10.3.3.3, 10.2.2.2"), "10.3.3.3");
        assert_eq!(of("9.9.9.9, unknown, 10.2.2.2"), "10.2.2.2", "what stands left of nonsense is not believed");
        assert_eq!(of("nonsense"), "10.0.0.1");
        assert_eq!(of(""), "10.0.0.1");
        assert_eq!(of("2001:db8::1"), "2001:db8::1");
        let lines = [("x-forwarded-for", "6.6.6.6"), ("x-forwarded-for", "9.9.9.9")];
        assert_eq!(client("10.0.0.1", &lines, "10.0.0.0/8"), "9.9.9.9");
    }

    #[test]
    fn forwarded_is_read_by_its_grammar() {
        let of = |value: &str| client("10.0.0.1", &[("forwarded", value)], "10.0.0.0/8");
        assert_eq!(of("for=6.6.6.6, proto=https;For=\"9.9.9.9:81\";by=10.0.0.1"), "9.9.9.9");
        assert_eq!(of("for=\"[2001:db8::1]:4711\""), "2001:db8::1");
        assert_eq!(of("for=_hidden"), "10.0.0.1");
        assert_eq!(of("proto=https"), "10.0.0.1");
    }

    #[test]
    fn headers_that_disagree_do_not_count() {
        let headers = [("x-forwarded-for", "9.9.9.9"), ("forwarded", "for=6.6.6.6")];
        assert_eq!(client("10.0.0.1", &headers, "10.0.0.0/8"), "10.0.0.1");
    }

    #[test]
    fn ipv6_clients_are_counted_by_their_network() {
        let group = |text: &str| ClientAddress::new(text.parse().unwrap()).group.to_string();
        assert_eq!(group("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(group("::ffff:9.9.9.9"), "9.9.9.9");
        assert!(networks("10.0.0.0/33").is_err());
    }
}
