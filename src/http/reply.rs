//! Answers: JSON with its tag, the 304 in its place, pages with their links, and answers that can be remembered.

use actix_web::{
    HttpResponse,
    http::{StatusCode, header},
};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::{
    call::Call,
    problem::{ApiError, ProblemCode},
    received::Received,
};
use crate::{
    editorial::Context,
    model::canon::sha256_hex,
    research::Total,
    store::WriteTx,
    usecase::{Answer, Authority, Error, PreparedWrite, Result as UseCaseResult},
};

/// Who may keep an answer, and for how long.
#[derive(Clone, Copy, Debug)]
pub enum Caching {
    /// Everybody, asking each time whether it still holds.
    Public,
    /// Everybody, for a minute.
    Minute,
    /// Everybody, for a day: it does not change.
    Immutable,
    /// Nobody: it is for one account.
    Private,
}

impl Caching {
    pub fn header(self) -> &'static str {
        match self {
            Caching::Public => "public, no-cache",
            Caching::Minute => "public, max-age=60",
            Caching::Immutable => "public, max-age=86400, immutable",
            Caching::Private => "private, no-store",
        }
    }
}

/// A page of a list, as clients see it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// Cursor of the next page; null on the last one.
    pub next: Option<String>,
    pub total: Total,
}

/// JSON text of a value.
pub fn to_json(value: &impl Serialize) -> Result<String, ApiError> {
    Ok(serde_json::to_string(value).map_err(not_json)?)
}

fn not_json(error: serde_json::Error) -> Error {
    Error::Internal(format!("an answer as JSON: {error}"))
}

/// 200 with a JSON body, or 304 when the client has it already. Without a tag of its own the body's hash serves.
pub fn json(
    call: &Call,
    value: &impl Serialize,
    etag: Option<&str>,
    caching: Caching,
) -> Result<HttpResponse, ApiError> {
    Ok(answer(call, to_json(value)?, "application/json", etag, caching))
}

/// The same with a text of another media type.
pub fn text(call: &Call, body: String, media_type: &'static str, caching: Caching) -> HttpResponse {
    answer(call, body, media_type, None, caching)
}

fn answer(call: &Call, body: String, media_type: &'static str, etag: Option<&str>, caching: Caching) -> HttpResponse {
    let etag = etag.map_or_else(|| body_etag(body.as_bytes()), str::to_owned);
    let mut response = if is_fresh(call, &etag) { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response
        .insert_header((header::ETAG, etag.as_str()))
        .insert_header((header::CACHE_CONTROL, caching.header()))
        .insert_header((header::VARY, "Authorization"));
    if is_fresh(call, &etag) {
        return response.finish();
    }
    response.content_type(media_type).body(body)
}

/// The tag of an answer by its bytes.
pub fn body_etag(body: &[u8]) -> String {
    format!("\"{}\"", &sha256_hex(body)[..32])
}

/// `If-None-Match` compares weakly (RFC 9110 section 13.1.2).
fn is_fresh(call: &Call, etag: &str) -> bool {
    matches(call.if_none_match.as_deref(), etag)
}

/// Whether a list of tags names this one.
pub fn matches(tags: Option<&str>, etag: &str) -> bool {
    tags.is_some_and(|tags| {
        tags.split(',').map(str::trim).any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag)
    })
}

/// A page with its `Link` header (RFC 8288). `path` is the address of the list, `query` its parameters but the cursor.
pub fn page<T: Serialize>(
    call: &Call,
    page: &Page<T>,
    path: &str,
    query: &[(String, String)],
    caching: Caching,
) -> Result<HttpResponse, ApiError> {
    let mut response = json(call, page, None, caching)?;
    if let Some(next) = &page.next {
        link_next(&mut response, path, query, next);
    }
    Ok(response)
}

/// Adds the `Link` to the next page.
pub fn link_next(response: &mut HttpResponse, path: &str, query: &[(String, String)], cursor: &str) {
    let mut pairs: Vec<(&str, &str)> = query.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    pairs.push(("cursor", cursor));
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    if let Ok(value) = header::HeaderValue::from_str(&format!("<{path}?{query}>; rel=\"next\"")) {
        response.headers_mut().insert(header::LINK, value);
    }
}

/// An answer to a writing request that can be stored and given again.
#[derive(Debug, Serialize, Deserialize)]
pub struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    body: Box<RawValue>,
}

impl Reply {
    /// An answer with a JSON body.
    pub fn new(status: StatusCode, value: &impl Serialize) -> UseCaseResult<Self> {
        Ok(Self {
            status: status.as_u16(),
            headers: vec![("cache-control".into(), Caching::Private.header().into())],
            body: serde_json::value::to_raw_value(value).map_err(not_json)?,
        })
    }

    pub fn header(mut self, name: header::HeaderName, value: impl Into<String>) -> Self {
        self.headers.push((name.as_str().to_owned(), value.into()));
        self
    }

    fn from_error(error: &Error, request_id: &str) -> UseCaseResult<Self> {
        let error = ApiError::from(error);
        let mut reply = Self::new(StatusCode::INTERNAL_SERVER_ERROR, &error.problem(request_id))?;
        reply.status = error.code.status();
        reply.headers.push(("content-type".into(), super::PROBLEM_JSON.into()));
        for (name, value) in &error.headers {
            reply.headers.push((name.as_str().to_owned(), value.clone()));
        }
        Ok(reply)
    }
}

/// Does the effect of a writing request, once for each `Idempotency-Key`, and answers.
pub async fn perform<T: Send + 'static>(
    call: &Call,
    body: Received,
    effect: impl FnOnce(&mut WriteTx, i64) -> UseCaseResult<T> + Send + 'static,
    reply: impl Fn(&T) -> UseCaseResult<Reply> + Send + Sync + 'static,
) -> Result<HttpResponse, ApiError> {
    let retry_key = call.retry_key();
    let actor = call.actor()?;
    let request_id = call.request_id.clone();
    let answer = call
        .state
        .write(move |archive| {
            let now = archive.now();
            let key = retry_key.map(|of| of(&body.bytes));
            let render = |outcome: Result<&T, &Error>| rendered(outcome, &reply, &request_id);
            archive.perform(Authority::Caller(&actor), key, |tx| effect(tx, now), render)
        })
        .await?;
    respond(answer)
}

/// The same for a write in two parts, made of the call's context. `submission` is the one whose contents it works on,
/// where they do not come with the request.
pub async fn perform_prepared<W: PreparedWrite>(
    call: &Call,
    body: Received,
    submission: Option<&str>,
    write: impl FnOnce(Context) -> W + Send + 'static,
    reply: impl Fn(&W::Done) -> UseCaseResult<Reply> + Send + Sync + 'static,
) -> Result<HttpResponse, ApiError> {
    let retry_key = call.retry_key();
    let actor = call.actor()?;
    let request_id = call.request_id.clone();
    let stored = match submission {
        Some(id) => call.state.bytes_of_submission(id).await?,
        None => 0,
    };
    let answer = call
        .state
        .write_of(stored.max(body.bytes.len()), move |archive| {
            let key = retry_key.map(|of| of(&body.bytes));
            let render = |outcome: Result<&W::Done, &Error>| rendered(outcome, &reply, &request_id);
            let write = write(Context::new(archive.clone(), actor.clone(), archive.now()));
            archive.perform_prepared(Authority::Caller(&actor), key, write, render)
        })
        .await?;
    respond(answer)
}

/// An answer as it is remembered.
fn rendered<T>(
    outcome: Result<&T, &Error>,
    reply: impl Fn(&T) -> UseCaseResult<Reply>,
    request_id: &str,
) -> UseCaseResult<String> {
    let reply = match outcome {
        Ok(value) => reply(value)?,
        Err(error) => Reply::from_error(error, request_id)?,
    };
    serde_json::to_string(&reply).map_err(not_json)
}

fn respond(answer: Answer) -> Result<HttpResponse, ApiError> {
    let unreadable = || ApiError::new(ProblemCode::InternalError, "The fault is on the side of the archive.");
    let reply: Reply = serde_json::from_str(&answer.text).map_err(|_| unreadable())?;
    let mut response = HttpResponse::build(StatusCode::from_u16(reply.status).map_err(|_| unreadable())?);
    response.content_type("application/json");
    for (name, value) in &reply.headers {
        response.insert_header((name.as_str(), value.as_str()));
    }
    if answer.replayed {
        response.insert_header(("idempotency-replayed", "true"));
    }
    Ok(response.body(reply.body.get().to_owned()))
}
