//! Exports on their way out: made in the blocking pool, sent in chunks, and given up when nobody takes them.

use std::{
    collections::HashSet,
    pin::Pin,
    sync::{Mutex, PoisonError},
    task::{Context, Poll},
    time::{Duration, Instant},
};

use actix_web::web::Bytes;
use futures_core::Stream;
use tokio::sync::{
    mpsc::{self, error::TrySendError},
    oneshot,
};

use super::{gates::place, problem::ApiError, state::AppState};
use crate::{
    model::bounded::Bounded,
    research::{Deliver, ExportRequest, Manifest, Opened, Wanted, export},
    store::Waiting,
    usecase::{Error, Result},
};

/// Chunks that wait for a client: what an export holds at most, beside a page of entries.
const WAITING: usize = 4;
/// Bytes a second that a client takes on the average, at least.
const PACE: u64 = 32 * 1024;
/// Manifests that are remembered.
const REMEMBERED: usize = 256;

/// What is known of files by their tags.
pub struct Exports {
    manifests: Mutex<Bounded<String, Manifest>>,
    /// Manifests that are being made: nobody makes one twice at a time.
    running: Mutex<HashSet<String>>,
}

impl Default for Exports {
    fn default() -> Self {
        Self { manifests: Mutex::new(Bounded::new(REMEMBERED)), running: Mutex::default() }
    }
}

impl Exports {
    fn known(&self, tag: &str) -> Option<Manifest> {
        self.manifests.lock().unwrap_or_else(PoisonError::into_inner).get(&tag.to_owned()).cloned()
    }

    fn remember(&self, tag: String, manifest: Manifest) {
        self.manifests.lock().unwrap_or_else(PoisonError::into_inner).put(tag, manifest);
    }

    /// Whether the manifest was not being made already.
    fn begin(&self, tag: &str) -> bool {
        self.running.lock().unwrap_or_else(PoisonError::into_inner).insert(tag.to_owned())
    }

    fn end(&self, tag: &str) {
        self.running.lock().unwrap_or_else(PoisonError::into_inner).remove(tag);
    }
}

/// A piece of a file. A channel that closes without the end says that something broke.
enum Piece {
    Chunk(Vec<u8>),
    End,
}

/// A file that has been begun.
pub struct Begun {
    pub opened: Opened,
    pub chunks: Chunks,
}

/// The chunks of a file, as the body of an answer.
pub struct Chunks {
    receiver: mpsc::Receiver<Piece>,
    is_over: bool,
    /// Without it the work ends.
    _waiting: Waiting,
}

/// The file could not be finished: the connection is closed before its end, so that no client takes it for whole.
#[derive(Debug, thiserror::Error)]
#[error("the export broke off")]
pub struct BrokenOff;

impl Stream for Chunks {
    type Item = std::result::Result<Bytes, BrokenOff>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.is_over {
            return Poll::Ready(None);
        }
        self.receiver.poll_recv(cx).map(|piece| match piece {
            Some(Piece::Chunk(bytes)) => Some(Ok(Bytes::from(bytes))),
            Some(Piece::End) => {
                self.is_over = true;
                None
            }
            None => {
                self.is_over = true;
                Some(Err(BrokenOff))
            }
        })
    }
}

/// The sending end.
struct Sending<F> {
    /// Tells whether the bytes are wanted at all.
    is_wanted: F,
    head: Option<oneshot::Sender<Result<Opened>>>,
    tag: String,
    pieces: mpsc::Sender<Piece>,
    /// Longest pause of the client.
    patience: Duration,
    waited: Duration,
    sent: u64,
}

impl<F: Fn(&Opened) -> bool> Deliver for Sending<F> {
    fn opened(&mut self, opened: &Opened) -> Wanted {
        self.tag.clone_from(&opened.tag);
        let is_wanted = (self.is_wanted)(opened);
        let told = self.head.take().is_some_and(|head| head.send(Ok(opened.clone())).is_ok());
        if told && is_wanted { Wanted::More } else { Wanted::Nothing }
    }

    fn chunk(&mut self, bytes: Vec<u8>) -> Wanted {
        self.sent = self.sent.saturating_add(u64::try_from(bytes.len()).unwrap_or(0));
        self.send(Piece::Chunk(bytes))
    }
}

impl<F> Sending<F> {
    /// Waits for the client, but not for ever: meanwhile a snapshot is held, and the database cannot clean up behind it.
    fn send(&mut self, mut piece: Piece) -> Wanted {
        let started = Instant::now();
        let mut pause = Duration::from_millis(1);
        loop {
            match self.pieces.try_send(piece) {
                Ok(()) => {
                    self.waited += started.elapsed();
                    return Wanted::More;
                }
                Err(TrySendError::Closed(_)) => return Wanted::Nothing,
                Err(TrySendError::Full(back)) => piece = back,
            }
            let allowed = self.patience + Duration::from_secs(self.sent / PACE);
            if started.elapsed() > self.patience || self.waited + started.elapsed() > allowed {
                tracing::info!(sent = self.sent, "an export was given up: its client does not read");
                return Wanted::Nothing;
            }
            std::thread::sleep(pause);
            pause = (pause * 2).min(Duration::from_millis(50));
        }
    }
}

impl AppState {
    /// Begins a file. When `is_wanted` says no to its state, it stays empty.
    pub async fn begin_export(
        &self,
        request: ExportRequest,
        is_wanted: impl Fn(&Opened) -> bool + Send + 'static,
    ) -> std::result::Result<Begun, ApiError> {
        let place = self.place_for_export().await?;
        let (tell, told) = oneshot::channel();
        let (pieces, receiver) = mpsc::channel(WAITING);
        let mut sending = Sending {
            is_wanted,
            head: Some(tell),
            tag: String::new(),
            pieces,
            patience: self.transport.write_timeout,
            waited: Duration::ZERO,
            sent: 0,
        };
        let (store, exports, span) = (self.archive.store.clone(), self.exports.clone(), tracing::Span::current());
        let waiting = Waiting::default();
        let wanted = waiting.wanted();
        let work = move || {
            let _place = place;
            let _entered = span.enter();
            match store.long_snapshot(|tx| export(tx, &request, &mut sending)) {
                Ok(Some(manifest)) => {
                    exports.remember(sending.tag.clone(), manifest);
                    sending.send(Piece::End);
                }
                Ok(None) => {}
                Err(error) => match sending.head.take() {
                    Some(head) => drop(head.send(Err(error))),
                    None => tracing::warn!(%error, "an export broke off"),
                },
            }
        };
        actix_web::rt::task::spawn_blocking(move || wanted.work(work));
        // A sender that is dropped without a word belongs to work that has panicked.
        let lost = || Error::Internal("the export ended before it began".into());
        let opened = told.await.unwrap_or_else(|_| Err(lost()))?;
        Ok(Begun { opened, chunks: Chunks { receiver, is_over: false, _waiting: waiting } })
    }

    /// The manifest of a file, from memory or by making the file without sending it.
    pub async fn manifest(&self, request: ExportRequest) -> std::result::Result<Manifest, ApiError> {
        // One at a time, so that there is a place for files.
        let until = tokio::time::Instant::now() + self.gates.wait;
        let places = (place(&self.gates.manifests, until).await?, self.place_for_export().await?);
        let (store, exports) = (self.archive.store.clone(), self.exports.clone());
        let work = move || {
            let mut counting = Counting { exports: &exports, tag: None, found: None };
            let made = store.long_snapshot(|tx| export(tx, &request, &mut counting));
            match (made?, counting.found.take()) {
                (Some(manifest), _) => {
                    exports.remember(request.tag(manifest.snapshot), manifest.clone());
                    Ok(manifest)
                }
                (None, Some(manifest)) => Ok(manifest),
                (None, None) => Err(Error::Busy),
            }
        };
        self.beyond(places, work).await
    }
}

/// Takes a file for its manifest alone.
struct Counting<'a> {
    exports: &'a Exports,
    /// The tag under which this is being made.
    tag: Option<String>,
    found: Option<Manifest>,
}

impl Deliver for Counting<'_> {
    fn opened(&mut self, opened: &Opened) -> Wanted {
        self.found = self.exports.known(&opened.tag);
        if self.found.is_some() || !self.exports.begin(&opened.tag) {
            return Wanted::Nothing;
        }
        self.tag = Some(opened.tag.clone());
        Wanted::More
    }

    fn chunk(&mut self, _: Vec<u8>) -> Wanted {
        Wanted::More
    }
}

impl Drop for Counting<'_> {
    fn drop(&mut self) {
        if let Some(tag) = &self.tag {
            self.exports.end(tag);
        }
    }
}
