//! Jobs: work that takes long.

use actix_web::{HttpResponse, get, http::StatusCode, post, web};

use super::paging::Paging;
use crate::{
    http::{
        call::{Call, Query},
        problem::ApiError,
        received::Received,
        reply::{self, Caching, Page, Reply},
    },
    model::{
        errors::{FieldCode, FieldErrors},
        jobs::{JobKind, JobState},
    },
    store::{ReadTx, WriteTx},
    usecase::{
        Result as UseCaseResult,
        jobs::{self, JobView},
    },
};

/// A job with its address.
pub fn reply(status: StatusCode, view: &JobView) -> UseCaseResult<Reply> {
    Ok(Reply::new(status, view)?.header(actix_web::http::header::LOCATION, format!("/v1/jobs/{}", view.id)))
}

/// List jobs
///
/// Your jobs, newest first. Administrators see those of everybody. A job is kept for 30 days after its end.
#[utoipa::path(
    tag = "jobs",
    params(
        ("state" = Option<JobState>, Query, description = "Only jobs in this state", example = "running"),
        ("kind" = Option<JobKind>, Query, description = "Only jobs of this kind", example = "publish"),
        ("limit" = Option<i64>, Query, description = "Jobs in the answer, 1 to 200", example = 50),
        ("cursor" = Option<String>, Query, description = "Where to go on: `next` of the page before, with the same filters")
    ),
    responses((status = 200, description = "A page of jobs", body = Page<JobView>))
)]
#[get("/v1/jobs")]
pub async fn list_jobs(call: Call, mut query: Query) -> Result<HttpResponse, ApiError> {
    let actor = call.actor()?;
    let mut errors = FieldErrors::default();
    let paging = Paging::take("/v1/jobs", &actor.user_id, &mut query, &mut errors);
    let state = query.take("state", &mut errors);
    let kind = query.take("kind", &mut errors);
    let state = state.map(|name| {
        JobState::parse(&name).or_else(|| {
            let names = JobState::ALL.iter().map(|state| state.as_str()).collect::<Vec<_>>().join(", ");
            errors.push("state", FieldCode::UnknownCode, format!("state is one of: {names}."));
            None
        })
    });
    let kind = kind.map(|name| {
        JobKind::parse(&name).or_else(|| {
            let names = JobKind::ALL.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(", ");
            errors.push("kind", FieldCode::UnknownCode, format!("kind is one of: {names}."));
            None
        })
    });
    query.finish(errors)?;
    let (before, limit) = (paging.position::<String>(&call)?, paging.limit);
    let filter = (state.flatten(), kind.flatten());
    let read = move |tx: &mut ReadTx| jobs::list(tx, &actor, filter, before.as_deref(), limit);
    let page = call.state.snapshot(read).await?;
    paging.answer(&call, page)
}

/// Get a job
///
/// Its state and how far it is. Ask again until `state` is `done`, `failed` or `cancelled`.
#[utoipa::path(
    tag = "jobs",
    params(("id" = String, Path, description = "Id of the job")),
    responses((status = 200, description = "The job", body = JobView))
)]
#[get("/v1/jobs/{id}")]
pub async fn get_job(call: Call, id: web::Path<String>, query: Query) -> Result<HttpResponse, ApiError> {
    query.finish(FieldErrors::default())?;
    let actor = call.actor()?;
    let view = call.state.read_fresh(move |tx| JobView::new(jobs::get(tx, &actor, &id)?)).await?;
    reply::json(&call, &view, None, Caching::Private)
}

/// Cancel a job
///
/// For its owner and administrators. What it has done stays. 409 when the job has ended.
#[utoipa::path(
    tag = "jobs",
    params(("id" = String, Path, description = "Id of the job")),
    responses((status = 200, description = "The job, cancelled", body = JobView))
)]
#[post("/v1/jobs/{id}/cancel")]
pub async fn cancel_job(call: Call, id: web::Path<String>) -> Result<HttpResponse, ApiError> {
    let actor = call.actor()?;
    let effect = move |tx: &mut WriteTx, now| JobView::new(jobs::cancel(tx, &actor, &id, now)?);
    reply::perform(&call, Received::default(), effect, |view| reply(StatusCode::OK, view)).await
}
