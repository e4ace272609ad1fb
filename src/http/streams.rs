//! The feed as a stream of server-sent events: one poller for the whole process, and a bounded number of streams that
//! each read what they have not sent yet.

use std::{
    collections::VecDeque,
    net::IpAddr,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use actix_web::web::Bytes;
use futures_core::Stream;
use tokio::{
    sync::{Notify, mpsc, watch},
    time::sleep,
};

use super::{
    problem::{ApiError, ProblemCode},
    seats::{Full, Seat, Seats},
    state::AppState,
};
use crate::{
    research::{FeedEvent, FeedPage, feed},
    usecase::{Error, Result as UseCaseResult},
};

/// How often the poller looks for events of other instances.
const POLL: Duration = Duration::from_secs(1);
/// Events read at a time, and those that are kept in memory for all streams.
const PAGE: i64 = 50;
const KEPT: usize = 200;
/// Milliseconds after which a client whose stream has ended comes back.
const RETRY: u32 = 3_000;

/// How streams are served.
#[derive(Clone, Copy, Debug)]
pub struct StreamSettings {
    /// Streams at a time, and those of one address.
    pub most: usize,
    pub most_of_address: usize,
    /// A stream that has been silent for so long sends a comment.
    pub heartbeat: Duration,
}

impl Default for StreamSettings {
    fn default() -> Self {
        Self { most: 1_000, most_of_address: 20, heartbeat: Duration::from_secs(15) }
    }
}

/// All streams of this process.
pub struct Streams {
    settings: StreamSettings,
    seats: Arc<Seats>,
    /// Number of the last event that the poller has seen.
    newest: watch::Sender<i64>,
    /// Something may have been published here: the poller need not wait.
    nudge: Notify,
    /// The server is told to stop.
    closing: watch::Sender<bool>,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    is_polling: bool,
    /// The newest events, ready to send, so that many streams do not all ask the database for the same ones.
    recent: VecDeque<(i64, Bytes)>,
}

impl Streams {
    pub fn new(settings: StreamSettings) -> Self {
        Self {
            settings,
            seats: Seats::new(settings.most, settings.most_of_address),
            newest: watch::Sender::new(0),
            nudge: Notify::new(),
            closing: watch::Sender::new(false),
            inner: Mutex::default(),
        }
    }

    /// Has the poller look at once.
    pub fn nudge(&self) {
        self.nudge.notify_one();
    }

    /// Ends all streams and lets no new ones begin: a server that stops would wait for them in vain.
    pub fn close(&self) {
        self.closing.send_replace(true);
        self.nudge();
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A seat for one more stream.
    fn admit(&self, address: IpAddr) -> Result<Seat, ApiError> {
        let refuse = |detail: &str| ApiError::new(ProblemCode::Unavailable, detail);
        if *self.closing.borrow() {
            return Err(refuse("The server is about to stop."));
        }
        self.seats.take(Some(address)).map_err(|full| match full {
            Full::All => refuse("There are as many streams as this server has room for; read /v1/changes instead."),
            Full::Address => refuse("Your address has as many streams as one may have; end one of them."),
        })
    }

    /// Events after a number from memory; `None` when they are not all there.
    fn recent(&self, after: i64) -> Option<(i64, Bytes)> {
        let inner = self.lock();
        let (first, _) = inner.recent.front()?;
        if *first > after + 1 {
            return None;
        }
        let wanted = inner.recent.iter().filter(|(seq, _)| *seq > after);
        let (mut last, mut chunk) = (after, Vec::new());
        for (seq, bytes) in wanted.take(usize::try_from(PAGE).unwrap_or(1)) {
            last = *seq;
            chunk.extend_from_slice(bytes);
        }
        (last > after).then(|| (last, chunk.into()))
    }

    fn keep(&self, events: Vec<(i64, Bytes)>) {
        let mut inner = self.lock();
        inner.recent.extend(events);
        let surplus = inner.recent.len().saturating_sub(KEPT);
        inner.recent.drain(..surplus);
    }

    /// Whether the poller has to begin: there is a stream, and no poller.
    fn begin_polling(&self) -> bool {
        let mut inner = self.lock();
        let begins = !inner.is_polling;
        inner.is_polling = true;
        begins
    }

    /// Whether the poller may go: there is no stream any more.
    fn end_polling(&self) -> bool {
        let mut inner = self.lock();
        let ends = self.seats.taken() == 0 || *self.closing.borrow();
        inner.is_polling = !ends;
        ends
    }
}

/// Should the poller die, the next stream begins another one.
struct Polling {
    streams: Arc<Streams>,
    has_ended: bool,
}

impl Drop for Polling {
    fn drop(&mut self) {
        // One that has ended as it should may have a successor already.
        if !self.has_ended {
            self.streams.lock().is_polling = false;
        }
    }
}

/// Looks for new events, whoever published them, as long as there are streams.
async fn poll(state: AppState) {
    let streams = state.streams.clone();
    let mut polling = Polling { streams: streams.clone(), has_ended: false };
    streams.lock().recent.clear();
    let mut known: Option<i64> = None;
    loop {
        if streams.end_polling() {
            polling.has_ended = true;
            return;
        }
        // Before the first look nothing is read: streams that begin further back read for themselves.
        let after = known.unwrap_or(i64::MAX);
        match state.read(move |tx| feed(tx, after, PAGE)).await.and_then(|page| Ok((rendered(&page)?, page))) {
            Ok((events, page)) => {
                let last = page.items.last().map_or(known.unwrap_or(page.last_seq), |event| event.seq);
                known = Some(last);
                streams.keep(events);
                streams.newest.send_replace(last);
                if last < page.last_seq {
                    continue;
                }
            }
            Err(error) => tracing::warn!(%error, "the feed could not be looked at"),
        }
        tokio::select! {
            () = sleep(POLL) => {}
            () = streams.nudge.notified() => {}
        }
    }
}

fn rendered(page: &FeedPage) -> UseCaseResult<Vec<(i64, Bytes)>> {
    page.items.iter().map(|event| Ok((event.seq, render(event)?))).collect()
}

/// One event as the HTML standard writes it.
pub fn render(event: &FeedEvent) -> UseCaseResult<Bytes> {
    let data = serde_json::to_string(event).map_err(|e| Error::Internal(format!("an event as JSON: {e}")))?;
    Ok(format!("id: {}\nevent: {}\ndata: {data}\n\n", event.seq, event.event_type).into())
}

/// The body of a stream: what its task has made ready.
pub struct EventStream {
    chunks: mpsc::Receiver<Bytes>,
    _seat: Seat,
}

impl Stream for EventStream {
    type Item = Result<Bytes, actix_web::Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.chunks.poll_recv(cx).map(|chunk| chunk.map(Ok))
    }
}

/// Begins a stream of the events after `after`.
///
/// # Errors
/// There is no room for another one.
pub fn open(state: &AppState, address: IpAddr, after: i64) -> Result<EventStream, ApiError> {
    let seat = state.streams.admit(address)?;
    // One chunk waits while another one is sent: a slow reader holds no more than these.
    let (sender, chunks) = mpsc::channel(1);
    if state.streams.begin_polling() {
        actix_web::rt::spawn(poll(state.clone()));
    }
    actix_web::rt::spawn(send(state.clone(), sender, after));
    Ok(EventStream { chunks, _seat: seat })
}

/// Feeds one stream until its reader is gone, too slow, or the server stops.
async fn send(state: AppState, sender: mpsc::Sender<Bytes>, mut position: i64) {
    let streams = state.streams.clone();
    let (mut newest, mut closing) = (streams.newest.subscribe(), streams.closing.subscribe());
    // The position as well: who loses the connection before the first event comes back to the same place.
    let mut chunk = Bytes::from(format!("retry: {RETRY}\nid: {position}\n\n"));
    loop {
        let sent = tokio::select! {
            sent = sender.send_timeout(chunk, state.transport.write_timeout) => sent.is_ok(),
            _ = closing.wait_for(|c| *c) => false,
        };
        if !sent {
            return;
        }
        chunk = loop {
            let is_behind = *newest.borrow_and_update() > position;
            if is_behind && let Ok(Some((last, events))) = events_after(&state, position).await {
                position = last;
                break events;
            }
            // Behind still: a replica is late, or the database away. Nothing is lost by asking again.
            let pause = if is_behind { POLL } else { streams.settings.heartbeat };
            tokio::select! {
                _ = newest.changed(), if !is_behind => {}
                () = sleep(pause) => if !is_behind { break Bytes::from_static(b":\n\n") },
                () = sender.closed() => return,
                _ = closing.wait_for(|c| *c) => return,
            }
        };
    }
}

/// A chunk of events and the number of the last one.
async fn events_after(state: &AppState, after: i64) -> Result<Option<(i64, Bytes)>, ApiError> {
    if let Some(events) = state.streams.recent(after) {
        return Ok(Some(events));
    }
    let page = state.read(move |tx| feed(tx, after, PAGE)).await?;
    let events = rendered(&page)?;
    let last = events.last().map(|(seq, _)| *seq);
    Ok(last.map(|last| (last, events.iter().flat_map(|(_, bytes)| bytes.iter().copied()).collect::<Vec<u8>>().into())))
}
