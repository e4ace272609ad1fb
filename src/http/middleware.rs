//! Around every request: its id, its log line, the headers every answer has, and problems in one shape.

use std::time::Instant;

use actix_web::{
    Error, HttpMessage, HttpResponse, ResponseError,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Method,
        header::{self, HeaderName, HeaderValue},
    },
    middleware::Next,
};
use tracing::Instrument;

use super::{
    PROBLEM_JSON,
    call::RequestId,
    problem::{ApiError, ProblemCode},
};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Wraps every request.
pub async fn around(
    mut req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let started = Instant::now();
    let id = sent_id(&req).unwrap_or_else(|| uuid::Uuid::now_v7().to_string());
    req.extensions_mut().insert(RequestId(id.clone()));
    let method = req.method().clone();
    // Whatever can be got can be asked about; the server leaves the body out.
    if method == Method::HEAD {
        req.head_mut().method = Method::GET;
    }
    let path = req.path().to_owned();
    let span = tracing::info_span!("request", id = %id, %method, path);
    // Handlers turn their errors into answers; what comes here as an error never reached one.
    let mut response = next.call(req).instrument(span.clone()).await?.map_into_boxed_body();
    if response.status().as_u16() >= 400 || response.response().extensions().get::<ApiError>().is_some() {
        response = in_one_shape(response, &id);
    }
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&id) {
        headers.insert(REQUEST_ID, value);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    let status = response.status().as_u16();
    span.in_scope(|| {
        tracing::info!(status, ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX), "answered");
    });
    Ok(response)
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
    let body = serde_json::to_string(&error.problem(request_id)).unwrap_or_default();
    let (req, old) = response.into_parts();
    let mut new = HttpResponse::build(error.status_code());
    for (name, value) in old.headers() {
        if name != header::CONTENT_TYPE && name != header::CONTENT_LENGTH {
            new.append_header((name.clone(), value.clone()));
        }
    }
    new.insert_header((header::CACHE_CONTROL, "no-store"));
    ServiceResponse::new(req, new.content_type(PROBLEM_JSON).body(body))
}

fn by_status(status: u16) -> ApiError {
    let code = ProblemCode::ALL.iter().copied().find(|c| c.status() == status);
    let fallback = if status >= 500 { ProblemCode::InternalError } else { ProblemCode::BadRequest };
    let code = code.unwrap_or(fallback);
    ApiError::new(code, code.meaning())
}
