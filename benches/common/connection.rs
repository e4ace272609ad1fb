//! A connection that is kept and does nothing but ask: a request written, an answer read to its end.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    time::Duration,
};

/// An answer that takes longer ends the benchmark.
const LONGEST: Duration = Duration::from_secs(600);

pub struct Connection {
    address: String,
    reader: BufReader<TcpStream>,
    body: Vec<u8>,
    /// The server has said that it closes the connection.
    is_over: bool,
}

impl Connection {
    pub fn open(address: &str) -> Self {
        let stream = TcpStream::connect(address).expect("a server");
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(LONGEST)).unwrap();
        let reader = BufReader::with_capacity(1 << 16, stream);
        Self { address: address.to_owned(), reader, body: Vec::new(), is_over: false }
    }

    /// Sends a request and reads the answer: its status and the length of its body. Parts of a body are shown as they come.
    pub fn ask(&mut self, request: &[u8], mut part: impl FnMut(&[u8])) -> (u16, usize) {
        if self.is_over {
            *self = Self::open(&self.address);
        }
        self.reader.get_mut().write_all(request).unwrap();
        let (mut status, mut length, mut is_chunked) = (0, 0, false);
        let mut line = String::new();
        loop {
            line.clear();
            assert_ne!(self.reader.read_line(&mut line).unwrap(), 0, "the server closed the connection");
            let text = line.trim_end();
            if text.is_empty() {
                break;
            }
            if status == 0 {
                status = text.split(' ').nth(1).and_then(|code| code.parse().ok()).expect("a status");
            } else if let Some((name, value)) = text.split_once(':') {
                match name.to_ascii_lowercase().as_str() {
                    "content-length" => length = value.trim().parse().unwrap(),
                    "transfer-encoding" => is_chunked = true,
                    "connection" => self.is_over = value.trim().eq_ignore_ascii_case("close"),
                    _ => {}
                }
            }
        }
        if !is_chunked {
            self.part(length, 0, &mut part);
            return (status, length);
        }
        let mut total = 0;
        loop {
            line.clear();
            self.reader.read_line(&mut line).unwrap();
            let size = usize::from_str_radix(line.trim(), 16).expect("the size of a chunk");
            self.part(size, "\r\n".len(), &mut part);
            if size == 0 {
                return (status, total);
            }
            total += size;
        }
    }

    /// Reads a part of a body, and what stands behind it.
    fn part(&mut self, length: usize, behind: usize, part: &mut impl FnMut(&[u8])) {
        self.body.resize(length + behind, 0);
        self.reader.read_exact(&mut self.body).unwrap();
        part(&self.body[..length]);
    }
}

/// A request for a path.
pub fn get(path: &str) -> Vec<u8> {
    request("GET", path, "", "")
}

/// A request with further lines of its head, each with its end, and with a body.
pub fn request(method: &str, path: &str, head: &str, body: &str) -> Vec<u8> {
    let length = match body.is_empty() {
        true => String::new(),
        false => format!("Content-Type: application/json\r\nContent-Length: {}\r\n", body.len()),
    };
    format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\n{length}{head}\r\n{body}")
        .into_bytes()
}
