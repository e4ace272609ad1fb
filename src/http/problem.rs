//! Problems (RFC 9457): one table of codes, and what every error below becomes.

use std::fmt;

use actix_web::{
    HttpResponse, ResponseError,
    http::{StatusCode, header},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{model::errors::FieldError, store::StoreError, usecase::Error};

/// Declares the codes once: name, wire name, status, title, meaning.
macro_rules! problem_codes {
    ($($variant:ident = $wire:literal, $status:literal, $title:literal, $meaning:literal;)+) => {
        /// Why a request failed. The wire names are stable.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum ProblemCode { $(#[doc = $meaning] $variant,)+ }

        impl ProblemCode {
            pub const ALL: &'static [ProblemCode] = &[$(ProblemCode::$variant,)+];

            /// The stable name clients see.
            pub fn as_str(self) -> &'static str {
                match self { $(ProblemCode::$variant => $wire,)+ }
            }

            /// Its HTTP status.
            pub fn status(self) -> u16 {
                match self { $(ProblemCode::$variant => $status,)+ }
            }

            pub fn title(self) -> &'static str {
                match self { $(ProblemCode::$variant => $title,)+ }
            }

            pub fn meaning(self) -> &'static str {
                match self { $(ProblemCode::$variant => $meaning,)+ }
            }
        }
    };
}

problem_codes! {
    MalformedJson = "malformed_json", 400, "Malformed JSON", "The request body is no JSON document: wrong syntax, not UTF-8, a lone surrogate, a field named twice, or nested too deep.";
    InvalidQuery = "invalid_query", 400, "Invalid query parameter", "A query parameter is unknown or has a value it cannot take; `errors` names each.";
    InvalidCursor = "invalid_cursor", 400, "Invalid cursor", "The cursor was not given out by this archive for this list with these filters.";
    InvalidHeader = "invalid_header", 400, "Invalid header", "A header of the request cannot be read.";
    BadRequest = "bad_request", 400, "Bad request", "The request cannot be understood.";
    Unauthenticated = "unauthenticated", 401, "Sign in first", "The operation needs an account: send `Authorization: Bearer` with an access token.";
    InvalidToken = "invalid_token", 401, "The token is not valid", "The token or API key is expired, used up, revoked or of another archive, or its session has ended.";
    WrongCredentials = "wrong_credentials", 401, "Wrong user name, password or code", "The user name, the password and the one-time code do not belong together, or the account is disabled.";
    OtpRequired = "otp_required", 401, "A one-time code is needed", "The password is right, and the account has a second factor: send a code of it, or a recovery code, as `otp`.";
    Forbidden = "forbidden", 403, "Not allowed", "The account may not do this: its role does not reach, or author and reviewer would be the same person.";
    InsufficientScope = "insufficient_scope", 403, "The API key does not reach this", "The API key lacks the scope of the operation, or no key will do for it; `x-scope` in the OpenAPI document names it.";
    TotpEnrolmentRequired = "totp_enrolment_required", 403, "A second factor has to be set up first", "This archive asks accounts of this role for a second factor; until it is set up at `/v1/me/totp`, only `/v1/me…` and `/v1/auth/…` can be called.";
    NotFound = "not_found", 404, "Not found", "There is no such thing, or the caller may not know of it.";
    RouteNotFound = "route_not_found", 404, "No such address", "The archive has no address of this form.";
    MethodNotAllowed = "method_not_allowed", 405, "Method not allowed", "The address exists, but not for this method; `Allow` names those it has.";
    NotAcceptable = "not_acceptable", 406, "No such format", "None of the media types or encodings that `Accept` and `Accept-Encoding` name can be given.";
    RequestTimeout = "request_timeout", 408, "Request timeout", "The request did not arrive in time.";
    WrongState = "wrong_state", 409, "The state does not allow this", "The submission is in a state in which this action is not possible.";
    LeaseHeld = "lease_held", 409, "Taken by somebody else", "Another moderator has taken the submission for review; until the lease ends only they decide.";
    ChecksBlock = "checks_block", 409, "Checks stop the approval", "Findings of the severity `block` stop an approval; `errors` names them. A moderator may override them with a reason, which is kept.";
    ApprovalsMissing = "approvals_missing", 409, "Approvals are missing", "Approvals count as long as their reviewers may approve. One was disabled or has another role now, so another moderator has to approve.";
    SampleUnread = "sample_unread", 409, "The sample is not read", "A batch is approved by somebody who has opened every row of its sample; `errors` names the unread ones.";
    TotpState = "totp_state", 409, "The second factor is in another state", "There is a second factor already, or none to confirm or remove.";
    LastAdmin = "last_admin", 409, "The last administrator", "After this change no active administrator would be left.";
    IdempotencyInProgress = "idempotency_in_progress", 409, "The first request is under way", "A request with the same Idempotency-Key is being worked on; try again a little later.";
    SnapshotMoved = "snapshot_moved", 409, "The archive has moved on", "The export of an earlier snapshot cannot be given any more; `detail` names the present one.";
    EntryRetired = "entry_retired", 410, "The entry was retired", "The entry was taken from the public record; `detail` gives the public reason. Its revisions stay readable.";
    PreconditionFailed = "precondition_failed", 412, "The thing has changed", "If-Match names another state than the current one: read again, then decide.";
    PayloadTooLarge = "payload_too_large", 413, "Request too large", "The request body is larger than the operation takes, or it takes none; `x-max-body-bytes` in the OpenAPI document has the default limits.";
    AddressTooLong = "address_too_long", 414, "Address too long", "Path and query of the request have more than 8,192 bytes together: ask for less, or in several requests.";
    UnsupportedMediaType = "unsupported_media_type", 415, "Unsupported media type", "The Content-Type of the body is not one this operation reads.";
    UnsupportedEncoding = "unsupported_encoding", 415, "Unsupported content encoding", "`Content-Encoding` says that the body is compressed or encoded otherwise; bodies of requests are sent as they are.";
    InvalidInput = "invalid_input", 422, "Invalid input", "The document is JSON, but not what is expected; `errors` names every fault with its place.";
    IdempotencyMismatch = "idempotency_mismatch", 422, "The key belongs to another request", "The Idempotency-Key was used before with another method, address or body.";
    PreconditionRequired = "precondition_required", 428, "If-Match is required", "Changing something that exists needs If-Match with the ETag that was read.";
    RateLimited = "rate_limited", 429, "Too many requests", "The budget of requests is spent; `RateLimit` says which, and `Retry-After` when to go on.";
    TooManyAttempts = "too_many_attempts", 429, "Too many attempts", "Too many attempts to sign in have failed; the next one is looked at after `Retry-After` seconds.";
    EntryMerged = "entry_merged", 308, "The entry was merged", "The entry is a duplicate of another one; `Location` leads there.";
    InternalError = "internal_error", 500, "Something went wrong", "The fault is on the side of the archive; the request id helps to find it in the log.";
    Unavailable = "unavailable", 503, "Not available now", "The database does not answer, cannot be written to, or there is too much work; try again after `Retry-After` seconds.";
}

impl fmt::Display for ProblemCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The body of every answer that is an error.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Problem {
    /// Address of the page that explains the code.
    #[serde(rename = "type")]
    #[schema(example = "/problems/invalid_input")]
    pub problem_type: String,
    #[schema(example = "Invalid input")]
    pub title: String,
    #[schema(example = 422)]
    pub status: u16,
    /// What went wrong this time, in a sentence.
    pub detail: String,
    pub code: ProblemCode,
    /// Also in the header `X-Request-Id` and in the log.
    #[schema(example = "0199b2c4-7d1e-7c3a-9f52-3f0a8c1d2e4b")]
    pub request_id: String,
    /// Every fault of the input with its place.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<InputError>)]
    pub errors: Vec<FieldError>,
    /// Names of the budgets that are spent, as in `RateLimit-Policy`.
    #[serde(rename = "violated-policies", skip_serializing_if = "Vec::is_empty")]
    #[schema(example = json!([]))]
    pub violated_policies: Vec<String>,
}

/// One fault of the input.
#[derive(Debug, Serialize, ToSchema)]
pub struct InputError {
    /// JSON Pointer (RFC 6901) into the request body; for a query parameter, its name.
    #[schema(example = "/changes/0/body/life/birth/date/0/value/edtf")]
    pub pointer: String,
    #[schema(example = "invalid_date")]
    pub code: String,
    pub detail: String,
}

/// An error on its way to the client.
#[derive(Clone, Debug)]
pub struct ApiError {
    pub code: ProblemCode,
    pub detail: String,
    pub errors: Vec<FieldError>,
    /// Budgets of requests that are spent.
    pub violated_policies: Vec<String>,
    /// Headers that belong to the answer.
    pub headers: Vec<(header::HeaderName, String)>,
}

/// Seconds after which to try again when the archive is busy or its database away.
const RETRY_AFTER: &str = "2";

impl ApiError {
    pub fn new(code: ProblemCode, detail: impl Into<String>) -> Self {
        let headers = match code.status() {
            503 => vec![(header::RETRY_AFTER, RETRY_AFTER.to_owned())],
            401 => vec![(header::WWW_AUTHENTICATE, "Bearer".to_owned())],
            _ => vec![],
        };
        Self { code, detail: detail.into(), errors: vec![], violated_policies: vec![], headers }
    }

    /// The body, for a request with this id.
    pub fn problem(&self, request_id: &str) -> Problem {
        Problem {
            problem_type: format!("/problems/{}", self.code),
            title: self.code.title().to_owned(),
            status: self.code.status(),
            detail: self.detail.clone(),
            code: self.code,
            request_id: request_id.to_owned(),
            errors: self.errors.clone(),
            violated_policies: self.violated_policies.clone(),
        }
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.detail)
    }
}

impl From<&Error> for ApiError {
    fn from(error: &Error) -> Self {
        use ProblemCode as Code;
        let with_errors =
            |code, detail: &str, errors: &[FieldError]| Self { errors: errors.to_vec(), ..Self::new(code, detail) };
        match error {
            Error::Invalid(e) => {
                let detail = match e.0.len() {
                    1 => e.0[0].detail.clone(),
                    n => format!("{n} faults were found; see errors."),
                };
                with_errors(Code::InvalidInput, &detail, &e.0)
            }
            Error::InvalidQuery(e) => {
                let details: Vec<_> = e.0.iter().map(|f| f.detail.as_str()).collect();
                with_errors(Code::InvalidQuery, &details.join(" "), &e.0)
            }
            Error::InvalidCursor => Self::new(Code::InvalidCursor, "The cursor does not belong to this list."),
            Error::SnapshotMoved { asked, now } => Self::new(
                Code::SnapshotMoved,
                format!("The archive has moved on: it is at snapshot {now}, and {asked} cannot be exported any more."),
            ),
            Error::NotFound(what) => Self::new(Code::NotFound, format!("There is no such {what}.")),
            Error::Retired { reason } => Self::new(Code::EntryRetired, reason.clone()),
            Error::Merged { reference, location } => Self {
                headers: vec![(header::LOCATION, location.clone())],
                ..Self::new(Code::EntryMerged, format!("The entry was merged into {reference}."))
            },
            Error::WrongCredentials => {
                Self::new(Code::WrongCredentials, "The user name, the password or the one-time code is wrong.")
            }
            Error::OtpRequired => Self::new(Code::OtpRequired, "The account needs a one-time code: send it as otp."),
            Error::TotpState(what) => Self::new(Code::TotpState, format!("Not possible: {what}.")),
            Error::LastAdmin => Self::new(Code::LastAdmin, "This account is the last active administrator."),
            Error::TooManyAttempts { seconds } => Self {
                headers: vec![(header::RETRY_AFTER, seconds.to_string())],
                ..Self::new(Code::TooManyAttempts, format!("Too many attempts have failed; wait {seconds} seconds."))
            },
            Error::InvalidToken(why) => Self::new(Code::InvalidToken, format!("The token is not valid: {why}.")),
            Error::Forbidden(why) => Self::new(Code::Forbidden, format!("Not allowed: {why}.")),
            Error::RightsChanged => {
                Self::new(Code::Forbidden, "Your account has changed since the request began. Send it again.")
            }
            Error::ApprovalsMissing { counted, required } => Self::new(
                Code::ApprovalsMissing,
                format!(
                    "{counted} of the {required} approvals that are required count: those of accounts that may still \
                     approve. Another moderator has to approve it."
                ),
            ),
            Error::WrongState { state, action } => {
                Self::new(Code::WrongState, format!("The submission is {state}; {action} is not possible."))
            }
            Error::Leased { holder, until } => {
                Self::new(Code::LeaseHeld, format!("{holder} has taken the submission until {until}."))
            }
            Error::Blocked(e) => {
                let detail =
                    "Checks stop the approval; see errors. To approve all the same, give a reason in override.";
                with_errors(Code::ChecksBlock, detail, &e.0)
            }
            Error::Unread(e) => {
                with_errors(Code::SampleUnread, "Open every row of the sample before you decide; see errors.", &e.0)
            }
            Error::PreconditionRequired => {
                let detail = "Send If-Match with the ETag of what you have read. An approval takes exactly one.";
                Self::new(Code::PreconditionRequired, detail)
            }
            Error::PreconditionFailed => Self::new(Code::PreconditionFailed, "It has changed since you read it."),
            Error::IdempotencyInProgress => {
                Self::new(Code::IdempotencyInProgress, "A request with this Idempotency-Key is under way.")
            }
            Error::IdempotencyMismatch => {
                Self::new(Code::IdempotencyMismatch, "This Idempotency-Key was used for another request.")
            }
            Error::Busy | Error::Outdated | Error::JobTaken => {
                Self::new(Code::Unavailable, "There is too much work at the moment.")
            }
            Error::Store(StoreError::Abandoned) => {
                Self::new(Code::Unavailable, "Nobody waits for the answer any more.")
            }
            Error::Store(StoreError::Unavailable(cause) | StoreError::Lost(cause)) => {
                tracing::warn!(cause, "the database is unavailable");
                Self::new(Code::Unavailable, "The database does not answer at the moment.")
            }
            Error::Store(StoreError::Locked(cause)) => {
                tracing::warn!(cause, "the database is locked");
                Self::new(Code::Unavailable, "Another write takes too long. Send the request again.")
            }
            Error::Store(StoreError::NotWritable(obstacle)) => {
                tracing::error!(?obstacle, "the database takes no writes");
                Self::new(Code::Unavailable, obstacle.reason())
            }
            Error::Internal(_)
            | Error::Store(StoreError::Setup(_) | StoreError::Corrupt(_) | StoreError::Database(_)) => {
                tracing::error!(%error, "internal error");
                Self::new(Code::InternalError, "The fault is on the side of the archive.")
            }
        }
    }
}

impl From<Error> for ApiError {
    fn from(error: Error) -> Self {
        Self::from(&error)
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// The body is put in by the middleware, which knows the id of the request.
    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        for (name, value) in &self.headers {
            response.insert_header((name.clone(), value.as_str()));
        }
        let mut response = response.finish();
        response.extensions_mut().insert(self.clone());
        response
    }
}

#[cfg(test)]
mod tests {
    use super::ProblemCode;

    #[test]
    fn codes_are_written_as_they_are_named() {
        for code in ProblemCode::ALL {
            assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
        }
    }
}
