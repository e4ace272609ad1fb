//! The body of a request as an operation takes it: after the guard, no larger than is declared, and parsed where a
//! large one holds nobody up.

use std::{
    future::{Future, poll_fn},
    io,
    pin::Pin,
};

use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload, error::PayloadError, http::header};
use deserr::Deserr;
use futures_core::Stream;
use serde_json::Value;
use tokio::sync::{OwnedSemaphorePermit, watch};

use super::{
    json,
    problem::{ApiError, ProblemCode},
    state::AppState,
};
use crate::{
    model::errors::{FieldErrors, quoted},
    usecase::Error,
};

/// Bytes up to which a body is parsed where it arrives. Larger ones need room, and are parsed on another thread.
pub const SMALL: usize = 64 * 1024;
/// Room that a large body takes at a time, as its bytes come.
const STEP: usize = 256 * 1024;

/// Media types a body may have.
const JSON_TYPES: &[&str] = &["application/json", "application/merge-patch+json", "application/json-patch+json"];

/// What the guard gives out when the caller may go on: until then nothing of a body is read, and nothing is said of
/// parameters.
pub struct Pass(watch::Sender<Option<Passed>>);

/// What the readers of a request wait for. It never comes when the guard refuses: the arguments of a handler are made side
/// by side, and then its answer is given, not theirs.
#[derive(Clone)]
pub struct Awaited(watch::Receiver<Option<Passed>>);

impl Awaited {
    /// What has been announced for this request.
    pub fn of(req: &HttpRequest) -> Result<Self, ApiError> {
        req.extensions().get::<Self>().cloned().ok_or_else(refused)
    }

    /// Waits until the caller may go on.
    pub async fn allowed(mut self) -> Result<(), ApiError> {
        self.0.wait_for(Option::is_some).await.map(|_| ()).map_err(|_| refused())
    }

    async fn passed(mut self) -> Result<Passed, ApiError> {
        let passed = self.0.wait_for(Option::is_some).await.map_err(|_| refused())?;
        passed.clone().ok_or_else(refused)
    }
}

fn refused() -> ApiError {
    ApiError::new(ProblemCode::InternalError, "The fault is on the side of the archive.")
}

#[derive(Clone)]
struct Passed {
    state: AppState,
    /// Whose body it is: the account, else the address.
    owner: String,
    /// Bytes that the operation takes.
    most: usize,
}

impl Pass {
    /// To be called before the readers of the request are asked.
    pub fn announce(req: &HttpRequest) -> Self {
        let (gives, awaits) = watch::channel(None);
        req.extensions_mut().insert(Awaited(awaits));
        Self(gives)
    }

    /// Lets a body of the owner in that has at most so many bytes.
    pub fn give(self, state: &AppState, owner: String, most: usize) {
        self.0.send_replace(Some(Passed { state: state.clone(), owner, most }));
    }
}

/// A body that nobody has begun to read.
pub struct Unread {
    payload: Payload,
    /// What the head of the request says of its length.
    declared: Option<usize>,
}

impl Unread {
    pub fn take(req: &HttpRequest, payload: &mut Payload) -> Self {
        let length = req.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
        Self { payload: payload.take(), declared: length }
    }

    /// For operations that take no body: there is none, or an empty one.
    pub async fn expect_nothing(mut self) -> Result<(), ApiError> {
        let is_empty = self.declared.unwrap_or(0) == 0
            && match self.next().await {
                None => true,
                Some(chunk) => chunk?.is_empty(),
            };
        if is_empty { Ok(()) } else { Err(too_large(0)) }
    }

    async fn next(&mut self) -> Option<Result<actix_web::web::Bytes, ApiError>> {
        let chunk = poll_fn(|cx| Pin::new(&mut self.payload).poll_next(cx)).await?;
        Some(chunk.map_err(|error| body_error(&error)))
    }

    /// Reads all of it. A large one waits until there is a place for it.
    async fn read(mut self, passed: &Passed) -> Result<Received, ApiError> {
        let Passed { state, owner, most } = passed;
        let declared = self.declared.unwrap_or(0);
        if declared > *most {
            return Err(too_large(*most));
        }
        let mut received = Received::default();
        let mut room = 0;
        while let Some(chunk) = self.next().await {
            let chunk = chunk?;
            let length = received.bytes.len() + chunk.len();
            if length > *most {
                return Err(too_large(*most));
            }
            // Room is for what has come: what a client only announces keeps nobody waiting.
            if length > SMALL && length > room {
                received.places.push(state.place_for_body(owner, STEP).await?);
                room = room.max(SMALL) + STEP;
            }
            received.bytes.extend_from_slice(&chunk);
        }
        Ok(received)
    }
}

/// Room for a part of a large body: in all, and of that of its owner.
pub type Places = (OwnedSemaphorePermit, OwnedSemaphorePermit);

/// The bytes of a body. A large one keeps its room for as long as they are there.
#[derive(Debug, Default)]
pub struct Received {
    pub bytes: Vec<u8>,
    /// Room for a large one.
    places: Vec<Places>,
    /// Room for what was read of it.
    document: Option<OwnedSemaphorePermit>,
}

impl Received {
    fn is_large(&self) -> bool {
        !self.places.is_empty()
    }
}

/// A JSON request body, and the bytes it came in.
pub struct JsonBody {
    pub value: Value,
    pub received: Received,
    /// Media type without parameters.
    pub media_type: String,
    state: AppState,
}

impl JsonBody {
    /// Reads the body as a type, once: all faults at once.
    pub async fn read<T: Deserr<FieldErrors> + Send + 'static>(&mut self) -> Result<T, ApiError> {
        let value = self.value.take();
        let read = move || deserr::deserialize(value).map_err(Error::Invalid);
        Ok(if self.received.is_large() { self.state.parse(read).await? } else { read() }?)
    }
}

impl FromRequest for JsonBody {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let media_type = req.content_type().to_ascii_lowercase();
        let awaited = Awaited::of(req);
        let unread = Unread::take(req, payload);
        Box::pin(async move {
            let passed = awaited?.passed().await?;
            if !JSON_TYPES.contains(&media_type.as_str()) {
                let detail = format!("The body is {}; send application/json.", quoted(&media_type));
                return Err(ApiError::new(ProblemCode::UnsupportedMediaType, detail));
            }
            let mut received = unread.read(&passed).await?;
            let memory = if received.is_large() {
                let measured = passed.state.parse(move || (json::memory(&received.bytes), received)).await?;
                received = measured.1;
                measured.0
            } else {
                json::memory(&received.bytes)
            };
            received.document = Some(passed.state.place_for_document(memory, received.is_large()).await?);
            let (parsed, received) = if received.is_large() {
                passed.state.parse(move || (json::parse(&received.bytes), received)).await?
            } else {
                (json::parse(&received.bytes), received)
            };
            let value = parsed.map_err(|e| {
                ApiError::new(ProblemCode::MalformedJson, format!("The body is no JSON document: {e}."))
            })?;
            Ok(Self { value, received, media_type, state: passed.state })
        })
    }
}

fn too_large(most: usize) -> ApiError {
    let detail = match most {
        0 => "This operation takes no body: send the request without one.".to_owned(),
        most => format!("The body is larger than the {most} bytes that this operation takes."),
    };
    ApiError::new(ProblemCode::PayloadTooLarge, detail)
}

fn body_error(error: &PayloadError) -> ApiError {
    match error {
        PayloadError::Io(e) if e.kind() == io::ErrorKind::TimedOut => {
            ApiError::new(ProblemCode::RequestTimeout, "The body did not arrive in time.")
        }
        _ => ApiError::new(ProblemCode::BadRequest, "The body could not be read."),
    }
}
