//! Pages of other sites (CORS): all of them may read, those the operator names may write. Nothing here needs cookies, so
//! credentials are never allowed: a page that has a token sends it itself.

use actix_web::{
    HttpResponse,
    http::{
        Method,
        header::{self, HeaderMap, HeaderValue},
    },
};

use super::problem::{ApiError, ProblemCode};

/// Headers of answers that pages may see beside the few they always may.
const EXPOSED: &str = "ETag, Link, Location, RateLimit, RateLimit-Policy, Retry-After, X-Request-Id, Idempotency-Replayed, \
                       Content-Disposition, Memento-Datetime, Kartoteka-Snapshot";

/// Headers that pages may send with a reading request.
const FOR_READING: &str = "Accept-Datetime, Authorization, If-None-Match, Last-Event-ID, X-Request-Id";

/// Headers that pages may send with a writing one.
const FOR_WRITING: &str = "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, X-Request-Id";

/// Seconds for which a browser may remember the answer to a preflight.
const MAX_AGE: &str = "7200";

/// Reads origins separated by commas: scheme, host and port, as browsers send them.
///
/// # Errors
/// The entry that is no origin.
pub fn origins(text: &str) -> Result<Vec<String>, String> {
    let entries = text.split(',').map(str::trim).filter(|entry| !entry.is_empty());
    entries
        .map(|entry| {
            let host = entry.strip_prefix("https://").or_else(|| entry.strip_prefix("http://")).unwrap_or_default();
            let is_host = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']');
            match !host.is_empty() && host.chars().all(is_host) {
                true => Ok(entry.to_ascii_lowercase()),
                false => Err(format!("{entry:?} is no origin, such as https://example.org")),
            }
        })
        .collect()
}

/// The method a preflight asks about; `None` for a request that is none.
pub fn preflight(method: &Method, headers: &HeaderMap) -> Option<String> {
    let asked = headers.get(header::ACCESS_CONTROL_REQUEST_METHOD).filter(|_| headers.contains_key(header::ORIGIN))?;
    (*method == Method::OPTIONS).then(|| asked.to_str().unwrap_or_default().to_owned())
}

fn is_reading(method: &str) -> bool {
    matches!(method, "GET" | "HEAD")
}

fn listed<'a>(request: &'a HeaderMap, allowed: &[String]) -> Option<&'a HeaderValue> {
    let origin = request.get(header::ORIGIN)?;
    allowed.iter().any(|a| a.as_bytes() == origin.as_bytes()).then_some(origin)
}

/// The answer to a preflight for an address with these methods.
///
/// # Errors
/// `forbidden` when the page wants to write and its origin may not.
pub fn answer(
    asked: &str,
    methods: &[String],
    request: &HeaderMap,
    allowed: &[String],
) -> Result<HttpResponse, ApiError> {
    let reads = is_reading(asked);
    if !reads && listed(request, allowed).is_none() {
        let detail = "Pages of this origin may read, not write; the operator names those that may (--cors-origins).";
        return Err(ApiError::new(ProblemCode::Forbidden, detail));
    }
    let of_kind: Vec<&str> = methods.iter().map(String::as_str).filter(|m| is_reading(m) == reads).collect();
    let of_kind = if reads { "GET, HEAD".to_owned() } else { of_kind.join(", ") };
    Ok(HttpResponse::NoContent()
        .insert_header((header::ACCESS_CONTROL_ALLOW_METHODS, of_kind))
        .insert_header((header::ACCESS_CONTROL_ALLOW_HEADERS, if reads { FOR_READING } else { FOR_WRITING }))
        .insert_header((header::ACCESS_CONTROL_MAX_AGE, MAX_AGE))
        .finish())
}

/// Adds who may see the answer to a request. `asked` is the method of the request, or the one that a preflight asks about.
pub fn permit(asked: &str, is_preflight: bool, request: &HeaderMap, allowed: &[String], answer: &mut HeaderMap) {
    if is_reading(asked) {
        answer.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    } else {
        if let Some(origin) = listed(request, allowed) {
            answer.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        }
        answer.append(header::VARY, HeaderValue::from_static("Origin"));
    }
    if is_preflight {
        let vary = "Access-Control-Request-Method, Access-Control-Request-Headers";
        answer.append(header::VARY, HeaderValue::from_static(vary));
    } else if answer.contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN) {
        answer.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED));
    }
}

#[cfg(test)]
mod tests {
    use super::origins;

    #[test]
    fn origins_are_scheme_host_and_port() {
        let read = origins("https://A.example, http://localhost:3000,").unwrap();
        assert_eq!(read, ["https://a.example", "http://localhost:3000"]);
        for bad in
            ["*", "a.example", "https://", "https://a.example/", "https://a.example/x", "null", "ftp://a.example"]
        {
            assert!(origins(bad).is_err(), "{bad}");
        }
    }
}
