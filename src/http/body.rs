//! The body of a request on its way in: it has to arrive in time, and one that does not is not waited for.

use std::{
    cell::RefCell,
    io,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
    time::Duration,
};

use actix_web::{
    HttpMessage,
    body::{BodySize, BoxBody, MessageBody},
    dev::{Payload, ServiceRequest},
    error::PayloadError,
    web::Bytes,
};
use futures_core::Stream;
use tokio::time::{Sleep, sleep};

/// The body of one request, in the hands of the one who reads it and the one who answers.
#[derive(Clone)]
pub struct Arriving(Rc<RefCell<Inner>>);

struct Inner {
    payload: Payload,
    deadline: Pin<Box<Sleep>>,
}

impl Arriving {
    /// Puts a deadline before the body of a request; `None` when it has none.
    pub fn watch(req: &mut ServiceRequest, longest: Duration) -> Option<Self> {
        let payload = req.take_payload();
        if matches!(payload, Payload::None) {
            return None;
        }
        let arriving = Self(Rc::new(RefCell::new(Inner { payload, deadline: Box::pin(sleep(longest)) })));
        req.set_payload(Payload::Stream { payload: Box::pin(arriving.clone()) });
        Some(arriving)
    }
}

impl Stream for Arriving {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut inner = self.0.borrow_mut();
        // Asked first: a client that sends a byte now and then must not put it off.
        if inner.deadline.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Some(Err(PayloadError::Io(io::ErrorKind::TimedOut.into()))));
        }
        Pin::new(&mut inner.payload).poll_next(cx)
    }
}

/// Keeps what belongs to a request until its answer is sent. Of its body: the server closes a connection whose body
/// somebody still holds unread; of one that was let go it reads on for as long as the client likes.
pub fn sent_with(body: BoxBody, kept: impl Unpin + 'static) -> BoxBody {
    BoxBody::new(Answer { body, _kept: kept })
}

/// The body of an answer, with what is kept until it is sent.
struct Answer<K> {
    body: BoxBody,
    _kept: K,
}

impl<K: Unpin> MessageBody for Answer<K> {
    type Error = Box<dyn std::error::Error>;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.body).poll_next(cx)
    }
}
