//! What moves a submission from state to state.

use actix_web::{HttpResponse, http::StatusCode, post, web};
use deserr::Deserr;
use serde::Serialize;
use utoipa::ToSchema;

use super::{jobs, submissions::reply};
use crate::{
    editorial::{self, Act, COMMENT_CHARS, Context, Move, Resolutions, Resolve, SubmissionView},
    http::{
        call::Call,
        problem::ApiError,
        received::{JsonBody, Received},
        reply::{perform, perform_prepared},
    },
    model::{
        errors::{FieldCode, FieldErrors},
        precheck::check_line,
        workflow::Action,
    },
    store::WriteTx,
    usecase::{Error, jobs::JobView},
};

/// A reviewer's words.
#[derive(Default, Deserr, Serialize, ToSchema)]
#[deserr(error = FieldErrors, deny_unknown_fields)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// Why; required to reject and to ask for changes.
    #[schema(example = "The quoted page does not name the date.")]
    #[deserr(default)]
    comment: Option<String>,
    /// Only to approve: why findings that stop the approval may be passed over. It is kept.
    #[deserr(default, rename = "override")]
    #[serde(rename = "override")]
    override_reason: Option<String>,
}

impl Decision {
    fn checked(self, action: Action) -> Result<Act, ApiError> {
        let mut errors = FieldErrors::default();
        let mut line = |name: &str, text: Option<String>| {
            let text = text.filter(|t| !t.trim().is_empty());
            if let Some(text) = &text {
                check_line(name, text, COMMENT_CHARS, &mut errors);
            }
            text
        };
        let act = Act {
            action,
            comment: line("/comment", self.comment),
            override_reason: line("/override", self.override_reason),
        };
        if action != Action::Approve && act.override_reason.is_some() {
            errors.push("/override", FieldCode::UnknownField, "Only an approval can pass over findings.");
        }
        Ok(errors.into_result(act).map_err(Error::Invalid)?)
    }
}

async fn act(call: Call, id: String, action: Action, mut body: Option<JsonBody>) -> Result<HttpResponse, ApiError> {
    let decision = match &mut body {
        Some(body) => body.read().await?,
        None => Decision::default(),
    };
    let what = decision.checked(action)?;
    let condition = call.if_match.clone();
    let received = body.map(|b| b.received).unwrap_or_default();
    let of = id.clone();
    let weighs = matches!(action, Action::Submit | Action::Approve).then_some(of.as_str());
    let write = move |context| Move::new(context, id, condition, what);
    perform_prepared(&call, received, weighs, write, |view| reply(StatusCode::OK, view)).await
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
///
/// Or hand in again what was given back with a request for changes.
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

/// Take a submission for review
///
/// A lease: until `lease_until` only its holder decides. Taking again renews it.
#[utoipa::path(
    tag = "submissions",
    params(("id" = String, Path, description = "Id of the submission")),
    responses((status = 200, description = "It is in review", body = SubmissionView))
)]
#[post("/v1/submissions/{id}/take")]
pub async fn take_submission(call: Call, id: web::Path<String>) -> Result<HttpResponse, ApiError> {
    act(call, id.into_inner(), Action::Take, None).await
}

/// Give a submission back to the queue
#[utoipa::path(
    tag = "submissions",
    params(("id" = String, Path, description = "Id of the submission")),
    responses((status = 200, description = "It waits for review", body = SubmissionView))
)]
#[post("/v1/submissions/{id}/release")]
pub async fn release_submission(call: Call, id: web::Path<String>) -> Result<HttpResponse, ApiError> {
    act(call, id.into_inner(), Action::Release, None).await
}

/// Approve a submission
///
/// `If-Match` names the version that was seen. Nobody approves their own submission. With the last approval it needs,
/// the submission is published: state `accepted`, and `published` names the entries. Edits made on an older revision are
/// merged with what was accepted since; where they overlap nothing is published, the state is `conflict`, and
/// `conflicts` names the places. A batch becomes `publishing`. 409 when findings of the checks stop the approval;
/// `override` passes over them with a reason.
#[utoipa::path(
    tag = "submissions",
    params(("id" = String, Path, description = "Id of the submission")),
    request_body = Option<Decision>,
    responses((status = 200, description = "The submission with its new state", body = SubmissionView))
)]
#[post("/v1/submissions/{id}/approve")]
pub async fn approve_submission(
    call: Call,
    id: web::Path<String>,
    body: OptionalJson,
) -> Result<HttpResponse, ApiError> {
    act(call, id.into_inner(), Action::Approve, body.0).await
}

/// Ask the author for changes
///
/// With a comment that tells what is missing. The author edits and hands in again.
#[utoipa::path(
    tag = "submissions",
    params(("id" = String, Path, description = "Id of the submission")),
    request_body = Decision,
    responses((status = 200, description = "It is with its author", body = SubmissionView))
)]
#[post("/v1/submissions/{id}/request-changes")]
pub async fn request_submission_changes(
    call: Call,
    id: web::Path<String>,
    body: OptionalJson,
) -> Result<HttpResponse, ApiError> {
    act(call, id.into_inner(), Action::RequestChanges, body.0).await
}

/// Resolve a conflict
///
/// A choice for each place that `conflicts` names: one of the sides, another value, or none. The submission waits for
/// review again, on the current revisions. Whoever resolved it cannot approve it.
#[utoipa::path(
    tag = "submissions",
    params(("id" = String, Path, description = "Id of the submission")),
    request_body = Resolutions,
    responses((status = 200, description = "It waits for review", body = SubmissionView))
)]
#[post("/v1/submissions/{id}/resolve")]
pub async fn resolve_submission(
    call: Call,
    id: web::Path<String>,
    mut body: JsonBody,
) -> Result<HttpResponse, ApiError> {
    let chosen: Resolutions = body.read().await?;
    let mut errors = FieldErrors::default();
    if let Some(comment) = &chosen.comment {
        check_line("/comment", comment, COMMENT_CHARS, &mut errors);
    }
    errors.into_result(()).map_err(Error::Invalid)?;
    let (condition, id) = (call.if_match.clone(), id.into_inner());
    let of = id.clone();
    let write = move |context| Resolve::new(context, id, condition, chosen);
    perform_prepared(&call, body.received, Some(&of), write, |view| reply(StatusCode::OK, view)).await
}

/// Publish an approved batch
///
/// Starts a job that publishes all its rows, some at a time, and returns it. Ask for the job until it is `done`. Rows that
/// cannot be published are set aside with the reason. While the job is under way, the same job is returned again.
#[utoipa::path(
    tag = "batches",
    params(("id" = String, Path, description = "Id of the submission")),
    responses((status = 202, description = "The job that publishes it", body = JobView))
)]
#[post("/v1/submissions/{id}/publish")]
pub async fn publish_submission(call: Call, id: web::Path<String>) -> Result<HttpResponse, ApiError> {
    let (actor, archive, condition) = (call.actor()?, call.state.archive.clone(), call.if_match.clone());
    let effect = move |tx: &mut WriteTx, now| {
        editorial::start_publishing(tx, &Context::new(archive, actor, now), &id, condition.as_ref())
    };
    let reply = |view: &JobView| jobs::reply(StatusCode::ACCEPTED, view);
    let answer = perform(&call, Received::default(), effect, reply).await;
    call.state.jobs.nudge();
    answer
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
