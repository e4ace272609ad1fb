//! The door: who may have a connection, and what is set for each.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use actix_web::rt::net::TcpStream;
use ipnet::IpNet;

use super::{
    PROBLEM_JSON,
    address::{ClientAddress, is_trusted},
    problem::{ApiError, ProblemCode},
    seats::{Full, Seats},
    transport::Transport,
    turns::Connection,
};

/// Lets connections in.
pub struct Door {
    seats: Arc<Seats>,
    /// A proxy has the connections of many clients.
    trusted_proxies: Vec<IpNet>,
    write_timeout: Duration,
}

impl Door {
    pub fn new(transport: &Transport) -> Arc<Self> {
        Arc::new(Self {
            // How many there are in all is the server's own bound: it leaves more waiting.
            seats: Seats::new(usize::MAX, transport.max_connections_per_address),
            trusted_proxies: transport.trusted_proxies.clone(),
            write_timeout: transport.write_timeout,
        })
    }

    /// Lets a connection in, with the address it comes from.
    ///
    /// # Errors
    /// Its address has as many as one may have; the client is told.
    pub fn admit(&self, stream: TcpStream) -> io::Result<(Connection, Option<SocketAddr>)> {
        let peer = stream.peer_addr().ok();
        let client = peer.map(|peer| ClientAddress::new(peer.ip()));
        let counted = client.filter(|client| !is_trusted(client.exact, &self.trusted_proxies));
        match self.seats.take(counted.map(|client| client.group)) {
            Ok(seat) => {
                give_up_unread(&stream, self.write_timeout);
                Ok((Connection::new(stream, seat), peer))
            }
            Err(Full::All | Full::Address) => {
                // Whoever opens so many does not get us to wait: what does not go out at once is not sent, and a request
                // that comes later has the system drop even that.
                let socket = socket2::SockRef::from(&stream);
                let _ = socket.recv(&mut [std::mem::MaybeUninit::uninit(); 4 * 1024]);
                let _ = socket.send(refusal().as_bytes());
                Err(io::ErrorKind::ConnectionRefused.into())
            }
        }
    }
}

/// The answer to a connection that is one too many.
fn refusal() -> String {
    let detail = "Your address has as many connections as one may have; use one for several requests, or close some.";
    let error = ApiError::new(ProblemCode::Unavailable, detail);
    let id = uuid::Uuid::now_v7().to_string();
    let body = serde_json::to_string(&error.problem(&id)).unwrap_or_default();
    let own: String = error.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    format!(
        "HTTP/1.1 503 Service Unavailable\r\ncontent-type: {PROBLEM_JSON}\r\ncache-control: no-store\r\n{own}\
         x-request-id: {id}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// Bytes of an answer that the system keeps for a client that does not read.
#[cfg(target_os = "linux")]
const SEND_BUFFER: usize = 256 * 1024;

/// Has the system close the connection when the client has left what was sent to it unread for so long: an answer that
/// nobody takes would be held for ever.
fn give_up_unread(stream: &TcpStream, timeout: Duration) {
    #[cfg(target_os = "linux")]
    {
        let socket = socket2::SockRef::from(stream);
        let bounded =
            socket.set_tcp_user_timeout(Some(timeout)).and_then(|()| socket.set_send_buffer_size(SEND_BUFFER));
        if let Err(error) = bounded {
            tracing::warn!(%error, "a connection has no bound on what its client leaves unread");
        }
    }
    #[cfg(not(target_os = "linux"))]
    let _ = (stream, timeout);
}
