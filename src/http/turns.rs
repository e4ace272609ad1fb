//! Connections on which one request is answered after the other. actix-http reads all requests that a client has sent
//! ahead, up to 128 KiB of them, into memory before it answers the first: some ten thousand bytes for each, however
//! short it is. Here a connection hands out what comes next when its turn has come.

use std::{
    cell::{Cell, RefCell},
    io,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, Waker},
};

use actix_web::{
    HttpMessage,
    dev::{Payload, ServiceRequest},
    error::PayloadError,
    rt::net::{ActixStream, Ready, TcpStream},
    web::{Bytes, BytesMut},
};
use futures_core::Stream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::seats::Seat;

/// Bytes of a connection that wait for their turn.
const AHEAD: usize = 16 * 1024;

/// Empty lines that are handed out at a time. A head ends with one, so no more requests than these are read at once.
const LINES_AT_ONCE: usize = 4;

/// A connection that hands out no further request while one is answered.
pub struct Connection {
    stream: TcpStream,
    turns: Turns,
    ahead: BytesMut,
    /// Whether the line that is handed out has had anything but a carriage return.
    in_line: bool,
    /// Empty lines since the server was last left to look at what it has.
    lines: usize,
    has_ended: bool,
    _seat: Seat,
}

/// Whose turn it is on a connection: in the hands of the connection, and of the request that is answered.
#[derive(Clone, Default)]
pub struct Turns(Rc<RefCell<State>>);

#[derive(Default)]
struct State {
    /// A request is answered, and does not wait for more of its body.
    is_held: bool,
    waker: Option<Waker>,
}

impl Turns {
    /// Keeps back what has not been handed out.
    fn hold(&self) {
        self.0.borrow_mut().is_held = true;
    }

    /// Lets it go on.
    fn release(&self) {
        let mut state = self.0.borrow_mut();
        state.is_held = false;
        if let Some(waker) = state.waker.take() {
            waker.wake();
        }
    }

    fn are_held(&self) -> bool {
        self.0.borrow().is_held
    }

    /// Has the task woken when what waits may be handed out.
    fn wake(&self, cx: &Context<'_>) {
        self.0.borrow_mut().waker = Some(cx.waker().clone());
    }
}

impl Connection {
    /// A connection, and the seat it has.
    pub fn new(stream: TcpStream, seat: Seat) -> Self {
        Self {
            stream,
            turns: Turns::default(),
            ahead: BytesMut::new(),
            in_line: false,
            lines: 0,
            has_ended: false,
            _seat: seat,
        }
    }

    /// Whose turn it is.
    pub fn turns(&self) -> Turns {
        self.turns.clone()
    }

    /// Reads what has come, as far as there is room: a client that goes away is noticed while it is worked for.
    fn fill(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        let mut chunk = [0; 8 * 1024];
        while !self.has_ended && self.ahead.len() < AHEAD {
            let mut read = ReadBuf::new(&mut chunk);
            match Pin::new(&mut self.stream).poll_read(cx, &mut read) {
                Poll::Ready(Ok(())) if read.filled().is_empty() => self.has_ended = true,
                Poll::Ready(Ok(())) => self.ahead.extend_from_slice(read.filled()),
                Poll::Ready(Err(error)) => return Err(error),
                Poll::Pending => break,
            }
        }
        Ok(())
    }

    /// How many of the bytes that wait may go at once: up to the last empty line that may.
    fn piece(&mut self, room: usize) -> usize {
        let most = self.ahead.len().min(room);
        for (at, byte) in self.ahead.iter().take(most).enumerate() {
            match byte {
                b'\n' if self.in_line => self.in_line = false,
                b'\n' => self.lines += 1,
                b'\r' => {}
                _ => self.in_line = true,
            }
            if self.lines == LINES_AT_ONCE {
                return at + 1;
            }
        }
        most
    }
}

impl AsyncRead for Connection {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        this.fill(cx)?;
        let is_held = this.turns.are_held();
        // The end is told at once: nobody waits for the answer.
        if this.has_ended && (is_held || this.ahead.is_empty()) {
            return Poll::Ready(Ok(()));
        }
        if this.ahead.is_empty() {
            this.lines = 0;
            return Poll::Pending;
        }
        if is_held {
            this.turns.wake(cx);
            return Poll::Pending;
        }
        if this.lines == LINES_AT_ONCE {
            this.lines = 0;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let length = this.piece(buf.remaining());
        buf.put_slice(&this.ahead.split_to(length));
        if this.ahead.is_empty() {
            this.ahead = BytesMut::new();
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

impl ActixStream for Connection {
    fn poll_read_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<Ready>> {
        ActixStream::poll_read_ready(&self.stream, cx)
    }

    fn poll_write_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<Ready>> {
        ActixStream::poll_write_ready(&self.stream, cx)
    }
}

/// The turn of a request: from when it is handed to us until its answer is sent, or nobody wants it any more.
pub struct Turn {
    turns: Turns,
    is_over: Rc<Cell<bool>>,
}

impl Turn {
    /// Begins the turn of a request; `None` on a connection that knows no turns. What comes after it waits, but for its
    /// own body when that is asked for.
    pub fn begin(req: &mut ServiceRequest) -> Option<Self> {
        let turns = req.conn_data::<Turns>()?.clone();
        turns.hold();
        let is_over = Rc::<Cell<bool>>::default();
        let payload = req.take_payload();
        if !matches!(payload, Payload::None) {
            let payload = Box::pin(AskedFor { payload, turns: turns.clone(), is_over: is_over.clone() });
            req.set_payload(Payload::Stream { payload });
        }
        Some(Self { turns, is_over })
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.is_over.set(true);
        self.turns.release();
    }
}

/// The body of a request: the connection goes on while more of it is waited for.
struct AskedFor {
    payload: Payload,
    turns: Turns,
    is_over: Rc<Cell<bool>>,
}

impl Stream for AskedFor {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let polled = Pin::new(&mut self.payload).poll_next(cx);
        match polled {
            Poll::Ready(_) if !self.is_over.get() => self.turns.hold(),
            _ => self.turns.release(),
        }
        polled
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use tokio::io::AsyncWriteExt;

    use super::{super::seats::Seats, *};

    /// A connection and its client.
    async fn connect() -> (Connection, TcpStream) {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (client, accepted) =
            tokio::join!(TcpStream::connect(listener.local_addr().unwrap()), async { listener.accept().await });
        let seat = Seats::new(1, 1).take(None).ok().unwrap();
        (Connection::new(accepted.unwrap().0, seat), client.unwrap())
    }

    /// What is handed out before the server is left to look at it; `None` at the end.
    async fn hand_out(connection: &mut Connection) -> Option<String> {
        let mut all = String::new();
        if connection.ahead.is_empty() {
            connection.stream.readable().await.unwrap();
        }
        poll_fn(|cx| {
            loop {
                let mut bytes = [0; 1000];
                let mut buf = ReadBuf::new(&mut bytes);
                match Pin::new(&mut *connection).poll_read(cx, &mut buf) {
                    Poll::Ready(Ok(())) if buf.filled().is_empty() => return Poll::Ready(None),
                    Poll::Ready(Ok(())) => all.push_str(str::from_utf8(buf.filled()).unwrap()),
                    Poll::Ready(Err(error)) => panic!("{error}"),
                    Poll::Pending => return Poll::Ready(Some(std::mem::take(&mut all))),
                }
            }
        })
        .await
    }

    const GET: &str = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

    #[actix_web::test]
    async fn a_few_heads_are_handed_out_at_a_time_and_none_while_one_is_answered() {
        let (mut connection, mut client) = connect().await;
        client.write_all(GET.repeat(10).as_bytes()).await.unwrap();
        assert_eq!(hand_out(&mut connection).await, Some(GET.repeat(LINES_AT_ONCE)));
        connection.turns.hold();
        assert_eq!(hand_out(&mut connection).await, Some(String::new()));
        connection.turns.release();
        assert_eq!(hand_out(&mut connection).await, Some(GET.repeat(LINES_AT_ONCE)));
        assert_eq!(hand_out(&mut connection).await, Some(GET.repeat(10 - 2 * LINES_AT_ONCE)));
    }

    #[actix_web::test]
    async fn bytes_without_empty_lines_are_handed_out_as_they_come() {
        let (mut connection, mut client) = connect().await;
        let body = "a line\r\n".repeat(3_000);
        client.write_all(body.as_bytes()).await.unwrap();
        let mut all = String::new();
        while all.len() < body.len() {
            all.push_str(&hand_out(&mut connection).await.unwrap());
        }
        assert_eq!(all, body);
    }

    #[actix_web::test]
    async fn the_end_is_told_while_a_request_is_answered() {
        let (mut connection, mut client) = connect().await;
        client.write_all(GET.as_bytes()).await.unwrap();
        assert_eq!(hand_out(&mut connection).await.as_deref(), Some(GET));
        connection.turns.hold();
        client.write_all(GET.as_bytes()).await.unwrap();
        drop(client);
        connection.stream.readable().await.unwrap();
        // The bytes and the end may come one after the other.
        while hand_out(&mut connection).await.is_some() {
            actix_web::rt::task::yield_now().await;
        }
    }

    #[actix_web::test]
    async fn no_more_is_read_ahead_than_there_is_room_for() {
        let (mut connection, mut client) = connect().await;
        connection.turns.hold();
        client.write_all("x".repeat(100_000).as_bytes()).await.unwrap();
        hand_out(&mut connection).await;
        assert!((1..AHEAD + 8 * 1024).contains(&connection.ahead.len()), "{}", connection.ahead.len());
    }
}
