//! What moves a submission from state to state.

use actix_web::{HttpResponse, http::StatusCode, post, web};
use deserr::Deserr;
use serde::Serialize;
use utoipa::ToSchema;

use super::submissions::reply;
use crate::{
    editorial::{self, SubmissionView},
    http::{
        call::{Call, JsonBody},
        problem::ApiError,
        reply::perform,
    },
    model::{errors::FieldErrors, precheck::check_line, workflow::Action},
    store::WriteTx,
    usecase::Error,
};

/// A reviewer's words.
#[derive(Default, Deserr, Serialize, ToSchema)]
#[deserr(error = FieldErrors, deny_unknown_fields)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// Why; required to reject.
    #[schema(example = "The quoted page does not name the date.")]
    #[deserr(default)]
    comment: Option<String>,
}

/// Longest comment, in characters.
const COMMENT_CHARS: usize = 10_000;

impl Decision {
    fn checked(self) -> Result<Option<String>, ApiError> {
        let mut errors = FieldErrors::default();
        let comment = self.comment.filter(|c| !c.trim().is_empty());
        if let Some(comment) = &comment {
            check_line("/comment", comment, COMMENT_CHARS, &mut errors);
        }
        Ok(errors.into_result(comment).map_err(Error::Invalid)?)
    }
}

async fn act(call: Call, id: String, action: Action, body: Option<JsonBody>) -> Result<HttpResponse, ApiError> {
    let decision = body.as_ref().map(JsonBody::read::<Decision>).transpose()?.unwrap_or_default();
    let comment = decision.checked()?;
    let (actor, condition) = (call.actor()?, call.if_match.clone());
    let bytes = body.map(|b| b.bytes).unwrap_or_default();
    let effect = move |tx: &mut WriteTx, now| editorial::act(tx, &actor, &id, action, condition.as_ref(), comment, now);
    perform(&call, &bytes, effect, |view| reply(StatusCode::OK, view)).await
}

/// A body that may be left out.
pub struct OptionalJson(Option<JsonBody>);

impl actix_web::FromRequest for OptionalJson {
    type Error = ApiError;
    type Future = std::pin::Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(req: &actix_web::HttpRequest, payload: &mut actix_web::dev::Payload) -> Self::Future {
        use actix_web::http::header;
        let length = req.headers().get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse::<u64>().ok());
        let is_chunked = req.headers().contains_key(header::TRANSFER_ENCODING);
        if !is_chunked && length.unwrap_or(0) == 0 {
            return Box::pin(async { Ok(Self(None)) });
        }
        let body = JsonBody::from_request(req, payload);
        Box::pin(async move { Ok(Self(Some(body.await?))) })
    }
}

/// Hand in a draft
#[utoipa::path(
    tag = "submissions",
    params(("id" = String, Path, description = "Id of the submission")),
    responses((status = 200, description = "It waits for review", body = SubmissionView))
)]
#[post("/v1/submissions/{id}/submit")]
pub async fn submit_submission(call: Call, id: web::Path<String>) -> Result<HttpResponse, ApiError> {
    act(call, id.into_inner(), Action::Submit, None).await
}

/// Take a submission back
#[utoipa::path(
    tag = "submissions",
    params(("id" = String, Path, description = "Id of the submission")),
    responses((status = 200, description = "It is withdrawn", body = SubmissionView))
)]
#[post("/v1/submissions/{id}/withdraw")]
pub async fn withdraw_submission(call: Call, id: web::Path<String>) -> Result<HttpResponse, ApiError> {
    act(call, id.into_inner(), Action::Withdraw, None).await
}

/// Approve a submission
///
/// `If-Match` names the version that was seen; what was seen is published, nothing else. Nobody approves their own
/// submission. 409 with the places in `errors` when the archive has changed since the changes were made.
#[utoipa::path(
    tag = "submissions",
    params(("id" = String, Path, description = "Id of the submission")),
    request_body = Option<Decision>,
    responses((status = 200, description = "It is public; `published` names the entries", body = SubmissionView))
)]
#[post("/v1/submissions/{id}/approve")]
pub async fn approve_submission(
    call: Call,
    id: web::Path<String>,
    body: OptionalJson,
) -> Result<HttpResponse, ApiError> {
    act(call, id.into_inner(), Action::Approve, body.0).await
}

/// Reject a submission
///
/// With a comment that tells the author why.
#[utoipa::path(
    tag = "submissions",
    params(("id" = String, Path, description = "Id of the submission")),
    request_body = Decision,
    responses((status = 200, description = "It is rejected", body = SubmissionView))
)]
#[post("/v1/submissions/{id}/reject")]
pub async fn reject_submission(
    call: Call,
    id: web::Path<String>,
    body: OptionalJson,
) -> Result<HttpResponse, ApiError> {
    act(call, id.into_inner(), Action::Reject, body.0).await
}
