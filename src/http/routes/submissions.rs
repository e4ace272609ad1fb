//! Submissions: making, changing and reading them.

use actix_web::{
    HttpResponse, get,
    http::{StatusCode, header},
    post, put, web,
};

use super::paging::Paging;
use crate::{
    editorial::{
        self, BodyToCheck, ChecksView, Create, EventView, NewSubmission, Replace, SubmissionDiff, SubmissionView,
    },
    http::{
        call::Call,
        problem::ApiError,
        query::{Cursor, Limit, parameters},
        received::JsonBody,
        reply::{self, Caching, Page, Reply},
    },
    model::checks::Finding,
    usecase::Result as UseCaseResult,
};

/// A submission with its address and its tag.
pub fn reply(status: StatusCode, view: &SubmissionView) -> UseCaseResult<Reply> {
    Ok(Reply::new(status, view)?
        .header(header::LOCATION, format!("/v1/submissions/{}", view.submission.id))
        .header(header::ETAG, view.etag.clone()))
}

/// Submit changes
///
/// One to a hundred changes that are reviewed, accepted or refused as a whole. Entries made in it can refer to each
/// other by the UUIDs that the client gives them.
#[utoipa::path(
    tag = "submissions",
    request_body = NewSubmission,
    responses((status = 201, description = "The submission", body = SubmissionView))
)]
#[post("/v1/submissions")]
pub async fn create_submission(call: Call, mut body: JsonBody) -> Result<HttpResponse, ApiError> {
    let new: NewSubmission = body.read().await?;
    let write = move |context| Create::new(context, new);
    reply::perform_prepared(&call, body.received, None, write, |view| reply(StatusCode::CREATED, view)).await
}

/// Read a submission
#[utoipa::path(
    tag = "submissions",
    params(("id" = String, Path, description = "Id of the submission")),
    responses((status = 200, description = "The submission", body = SubmissionView))
)]
#[get("/v1/submissions/{id}")]
pub async fn get_submission(mut call: Call, id: web::Path<String>) -> Result<HttpResponse, ApiError> {
    let actor = call.actor()?;
    let archive = call.state.archive.clone();
    let view = call.state.snapshot(move |tx| editorial::get(tx, &archive, &actor, &id, archive.now())).await?;
    // What is shown of conflicts and approvals changes with the archive, not only with the version: never 304.
    call.if_none_match = None;
    let etag = view.etag.clone();
    reply::json(&call, &view, Some(&etag), Caching::Private)
}

/// Change a submission
///
/// Puts new contents in place of the old ones, as long as nothing is decided. The old contents are kept; what was
/// approved is never anything but what was seen.
#[utoipa::path(
    tag = "submissions",
    params(("id" = String, Path, description = "Id of the submission")),
    request_body = NewSubmission,
    responses((status = 200, description = "The submission with its new version", body = SubmissionView))
)]
#[put("/v1/submissions/{id}")]
pub async fn replace_submission(
    call: Call,
    id: web::Path<String>,
    mut body: JsonBody,
) -> Result<HttpResponse, ApiError> {
    let new: NewSubmission = body.read().await?;
    let (condition, id) = (call.if_match.clone(), id.into_inner());
    let write = move |context| Replace::new(context, id, condition, new);
    reply::perform_prepared(&call, body.received, None, write, |view| reply(StatusCode::OK, view)).await
}

/// Compare a submission with the archive
///
/// For every change: the difference between the current body and the one that acceptance would put in its place, and
/// where the two do not go together.
#[utoipa::path(
    tag = "submissions",
    params(("id" = String, Path, description = "Id of the submission")),
    responses((status = 200, description = "The differences", body = SubmissionDiff))
)]
#[get("/v1/submissions/{id}/diff")]
pub async fn get_submission_diff(call: Call, id: web::Path<String>) -> Result<HttpResponse, ApiError> {
    let actor = call.actor()?;
    let archive = call.state.archive.clone();
    let diff = call.state.snapshot(move |tx| editorial::compare(tx, &archive, &actor, &id, archive.now())).await?;
    reply::json(&call, &diff, None, Caching::Private)
}

/// Read what the checks found
///
/// Automatic findings for the reviewer, each with a code, a place and a sentence. On a draft they are made anew each
/// time; once a submission is handed in they are those on its present contents.
#[utoipa::path(
    tag = "submissions",
    params(("id" = String, Path, description = "Id of the submission")),
    responses((status = 200, description = "The findings, the most severe first", body = ChecksView))
)]
#[get("/v1/submissions/{id}/checks")]
pub async fn get_submission_checks(call: Call, id: web::Path<String>) -> Result<HttpResponse, ApiError> {
    let (actor, archive) = (call.actor()?, call.state.archive.clone());
    let checks = call.state.snapshot(move |tx| editorial::checks(tx, &archive, &actor, &id, archive.now())).await?;
    reply::json(&call, &checks, None, Caching::Private)
}

/// What the checks find in a body.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
struct BodyChecks {
    items: Vec<Finding>,
}

/// Check a body
///
/// What the checks would find, before anything is submitted. Nothing is stored.
#[utoipa::path(
    tag = "submissions",
    request_body(content = BodyToCheck, example = json!({"kind": "person", "body": {"names": [{"value": {"kind": "main", "family": "Примеров"}}]}})),
    responses((status = 200, description = "The findings", body = BodyChecks))
)]
#[post("/v1/checks")]
pub async fn check_body(call: Call, mut body: JsonBody) -> Result<HttpResponse, ApiError> {
    let asked: BodyToCheck = body.read().await?;
    let archive = call.state.archive.clone();
    let items = call.state.snapshot(move |tx| editorial::check_body(tx, &archive.limits, asked, archive.now())).await?;
    reply::json(&call, &BodyChecks { items }, None, Caching::Private)
}

parameters! {
    /// Which page of the audit trail is asked for.
    pub struct EventsQuery {
        /// Lines in the answer, 1 to 200
        limit: Limit,
        cursor: Cursor,
    }
}

/// List what was done with a submission
///
/// The audit trail: who did what and when, oldest first.
#[utoipa::path(
    tag = "submissions",
    params(
        ("id" = String, Path, description = "Id of the submission"),
        EventsQuery
    ),
    responses((status = 200, description = "A page of the audit trail", body = Page<EventView>))
)]
#[get("/v1/submissions/{id}/events")]
pub async fn list_submission_events(
    call: Call,
    id: web::Path<String>,
    query: EventsQuery,
) -> Result<HttpResponse, ApiError> {
    let actor = call.actor()?;
    let paging = Paging::of(&call, "", (query.limit, query.cursor));
    let (after, limit) = (paging.position::<i64>(&call)?.unwrap_or(0), paging.limit);
    let archive = call.state.archive.clone();
    let read =
        call.state.snapshot(move |tx| editorial::events(tx, &archive, &actor, &id, (after, limit), archive.now()));
    let page = read.await?;
    paging.answer(&call, page)
}
