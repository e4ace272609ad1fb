//! Around every request: its id, its log line, the headers every answer has, and problems in one shape.

use std::time::Instant;

use actix_web::{
    Error, HttpMessage, HttpResponse, HttpResponseBuilder, ResponseError,
    body::{BodySize, BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    error::InternalError,
    http::{
        ConnectionType, Method, StatusCode,
        header::{self, HeaderMap, HeaderName, HeaderValue},
    },
    middleware::Next,
    web::Data,
};
use tracing::Instrument;

use super::{
    PROBLEM_JSON,
    address::client_address,
    body::{Arriving, sent_with},
    call::{HeadOnly, RequestId},
    caller::Caller,
    cors,
    limits::Charged,
    problem::{ApiError, ProblemCode},
    state::AppState,
    transport::Transport,
    turns::Turn,
};

/// Bytes of an answer for which no room is asked.
const SMALL_ANSWER: u64 = 64 * 1024;

/// Bytes of path and query together (RFC 9110 section 4.1 asks for 8,000 at least).
const MOST_ADDRESS: usize = 8_192;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What the headers of an answer depend on, taken down before the request goes its way.
struct Asked {
    id: String,
    path: String,
    /// The method of the request, or the one that a preflight asks about.
    method: String,
    is_preflight: bool,
    headers: HeaderMap,
}

/// Wraps every request.
pub async fn around(
    mut req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let started = Instant::now();
    let turn = Turn::begin(&mut req);
    let state = req.app_data::<Data<AppState>>().cloned();
    let state = state.ok_or_else(|| ApiError::new(ProblemCode::InternalError, "The server is not set up."))?;
    let transport = state.transport.clone();
    let id = sent_id(&req).unwrap_or_else(|| uuid::Uuid::now_v7().to_string());
    let client = client_address(req.peer_addr(), req.headers(), &transport.trusted_proxies);
    req.extensions_mut().insert(RequestId(id.clone()));
    req.extensions_mut().insert(client);
    let caller = Caller::default();
    req.extensions_mut().insert(caller.clone());
    let method = req.method().clone();
    let preflight = cors::preflight(&method, req.headers());
    let asked = Asked {
        id: id.clone(),
        path: req.path().to_owned(),
        method: preflight.clone().unwrap_or_else(|| method.to_string()),
        is_preflight: preflight.is_some(),
        headers: origin_of(req.headers()),
    };
    // Whatever can be got can be asked about; the server leaves the body out.
    if method == Method::HEAD {
        req.head_mut().method = Method::GET;
        req.extensions_mut().insert(HeadOnly);
    }
    let span = tracing::info_span!("request", id = %id, %method, path = logged(&asked.path), client = %client.group);
    let log = |status: u16| {
        let ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        tracing::info!(status, ms, account = caller.account(), "answered");
    };
    let arriving = Arriving::watch(&mut req, transport.body_timeout);
    let is_long = asked_length(&req) > MOST_ADDRESS;
    let methods = match &preflight {
        Some(_) if !is_long => state.api.methods_of(&asked.path),
        _ => Vec::new(),
    };
    let unreadable = if is_long {
        Some(too_long())
    } else if is_encoded(req.headers()) {
        Some(encoded())
    } else {
        None
    };
    let early = match preflight {
        _ if unreadable.is_some() => {
            let spent = state.charge_read(&mut req.extensions_mut(), client).err();
            spent.or(unreadable).map(|refused| refused.error_response())
        }
        Some(wanted) if !methods.is_empty() => {
            let answer = cors::answer(&wanted, &methods, &asked.headers, &transport.cors_origins);
            Some(answer.unwrap_or_else(|refused| refused.error_response()))
        }
        _ if serves_document(&asked.path) => {
            let spent = state.charge_read(&mut req.extensions_mut(), client).err();
            spent.map(|refused| refused.error_response())
        }
        _ => None,
    };
    let mut response = match early {
        Some(answer) => req.into_response(answer),
        None => {
            let answer = tokio::time::timeout(transport.request_timeout, next.call(req).instrument(span.clone()));
            match answer.await {
                // Handlers turn their errors into answers; what comes here as an error never reached one.
                Ok(answer) => answer?.map_into_boxed_body(),
                Err(_) => {
                    // The request went with its handler, so this answer is made without it.
                    let error = ApiError::new(ProblemCode::Unavailable, "The answer took too long.");
                    let late = problem_response(&error, &id);
                    let mut late = late.map_body(|_, body| sent_with(body, (arriving, turn)));
                    dress(late.headers_mut(), &asked, &transport, None);
                    span.in_scope(|| log(503));
                    return Err(InternalError::from_response(error, late).into());
                }
            }
        }
    };
    let mut room = None;
    if method.is_safe()
        && let BodySize::Sized(bytes @ SMALL_ANSWER..) = response.response().body().size()
    {
        let owner = caller.account().unwrap_or_else(|| client.group.to_string());
        match state.place_for_answer(&owner, usize::try_from(bytes).unwrap_or(usize::MAX)).await {
            Ok(places) => room = Some(places),
            Err(full) => response = response.into_response(full.error_response()),
        }
    }
    if matches!(response.status().as_u16(), 401 | 403) {
        let route = format!("{method} {}", response.request().match_pattern().unwrap_or_default());
        let made = response.response().extensions().get::<ApiError>().map(|error| error.code);
        // The remembered answer to a retry is no new refusal, and has no error.
        if let Some(code) = made {
            span.in_scope(|| caller.note_refusal(&state, code, route, client));
        }
    }
    if response.status().as_u16() >= 400 || response.response().extensions().get::<ApiError>().is_some() {
        response = in_one_shape(response, &id);
    }
    response = response.map_body(|_, body| sent_with(body, (arriving, turn, room)));
    if response.status() == StatusCode::TOO_MANY_REQUESTS {
        // What was sent ahead on the same connection is not worth looking at.
        response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
    }
    let charged = response.request().extensions().get::<Charged>().copied();
    dress(response.headers_mut(), &asked, &transport, charged);
    span.in_scope(|| log(response.status().as_u16()));
    Ok(response)
}

/// Bytes of path and query as they were sent.
fn asked_length(req: &ServiceRequest) -> usize {
    req.uri().path_and_query().map_or(0, |both| both.as_str().len())
}

/// The beginning of a path, for the log: nobody fills the disk with addresses.
fn logged(path: &str) -> &str {
    const MOST: usize = 200;
    let end = (0..=MOST.min(path.len())).rev().find(|end| path.is_char_boundary(*end));
    path.get(..end.unwrap_or(0)).unwrap_or_default()
}

fn too_long() -> ApiError {
    let detail = format!("The address has more than {MOST_ADDRESS} bytes: ask for less, or in several requests.");
    ApiError::new(ProblemCode::AddressTooLong, detail)
}

/// Whether the body is said to be encoded. The web server would decode it, and a few bytes can become any number.
fn is_encoded(headers: &HeaderMap) -> bool {
    let is_plain = |value: &HeaderValue| {
        let names = value.to_str().ok().map(|text| text.split(',').map(str::trim));
        names.is_some_and(|mut names| names.all(|name| name.is_empty() || name.eq_ignore_ascii_case("identity")))
    };
    !headers.get_all(header::CONTENT_ENCODING).all(is_plain)
}

/// The refusal of an encoded body; it names the encodings that are read (RFC 9110 section 15.5.16).
fn encoded() -> ApiError {
    let detail = "The body of a request is sent as it is: without Content-Encoding, or with identity.";
    let headers = vec![(header::ACCEPT_ENCODING, "identity".to_owned())];
    ApiError { headers, ..ApiError::new(ProblemCode::UnsupportedEncoding, detail) }
}

/// Whether the address is one of the documentation, which no handler of ours counts.
fn serves_document(path: &str) -> bool {
    path == "/docs" || path.starts_with("/docs/") || path.starts_with("/openapi.")
}

/// The headers that matter once the request is gone.
fn origin_of(headers: &HeaderMap) -> HeaderMap {
    let mut kept = HeaderMap::new();
    if let Some(origin) = headers.get(header::ORIGIN) {
        kept.insert(header::ORIGIN, origin.clone());
    }
    kept
}

/// Adds the headers that every answer has.
fn dress(headers: &mut HeaderMap, asked: &Asked, transport: &Transport, charged: Option<Charged>) {
    if let Ok(value) = HeaderValue::from_str(&asked.id) {
        headers.insert(REQUEST_ID, value);
    }
    let is_read = matches!(asked.method.as_str(), "GET" | "HEAD");
    transport.protect(headers, &asked.path, is_read);
    cors::permit(&asked.method, asked.is_preflight, &asked.headers, &transport.cors_origins, headers);
    if let Some(charged) = charged {
        charged.add_to(headers);
    }
}

/// The id a client or proxy sent, when it is short and plain.
fn sent_id(req: &ServiceRequest) -> Option<String> {
    let id = req.headers().get(REQUEST_ID)?.to_str().ok()?;
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    ((1..=64).contains(&id.len()) && id.bytes().all(is_plain)).then(|| id.to_owned())
}

/// Every error is a problem, also those the web server itself makes.
fn in_one_shape(response: ServiceResponse<BoxBody>, request_id: &str) -> ServiceResponse<BoxBody> {
    let is_problem = response.headers().get(header::CONTENT_TYPE).is_some_and(|t| t == PROBLEM_JSON);
    if is_problem {
        return response;
    }
    let made = response.response().extensions().get::<ApiError>().cloned();
    let error = made.unwrap_or_else(|| by_status(response.status().as_u16()));
    let (req, old) = response.into_parts();
    let mut new = HttpResponse::build(error.status_code());
    for (name, value) in old.headers() {
        if name != header::CONTENT_TYPE && name != header::CONTENT_LENGTH {
            new.append_header((name.clone(), value.clone()));
        }
    }
    ServiceResponse::new(req, finish(new, &error, request_id))
}

/// An error as an answer, with its own headers.
fn problem_response(error: &ApiError, request_id: &str) -> HttpResponse {
    let mut new = HttpResponse::build(error.status_code());
    for (name, value) in &error.headers {
        new.insert_header((name.clone(), value.as_str()));
    }
    finish(new, error, request_id)
}

fn finish(mut new: HttpResponseBuilder, error: &ApiError, request_id: &str) -> HttpResponse {
    let body = serde_json::to_string(&error.problem(request_id)).unwrap_or_default();
    new.insert_header((header::CACHE_CONTROL, "no-store")).content_type(PROBLEM_JSON).body(body)
}

fn by_status(status: u16) -> ApiError {
    let code = ProblemCode::ALL.iter().copied().find(|c| c.status() == status);
    let fallback = if status >= 500 { ProblemCode::InternalError } else { ProblemCode::BadRequest };
    let code = code.unwrap_or(fallback);
    ApiError::new(code, code.meaning())
}
