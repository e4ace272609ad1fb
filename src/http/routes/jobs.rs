//! Jobs: work that takes long.

use actix_web::{HttpResponse, get, http::StatusCode, post, web};

use super::paging::Paging;
use crate::{
    http::{
        call::Call,
        problem::ApiError,
        query::{Cursor, Limit, parameters},
        received::Received,
        reply::{self, Caching, Page, Reply},
    },
    model::jobs::{JobKind, JobState},
    store::WriteTx,
    usecase::{
        Result as UseCaseResult,
        jobs::{self, JobView},
    },
};

/// A job with its address.
pub fn reply(status: StatusCode, view: &JobView) -> UseCaseResult<Reply> {
    Ok(Reply::new(status, view)?.header(actix_web::http::header::LOCATION, format!("/v1/jobs/{}", view.id)))
}

parameters! {
    /// Which jobs are listed.
    pub struct JobsQuery {
        /// Only jobs in this state
        #[example = "running"]
        state: Option<JobState>,
        /// Only jobs of this kind
        #[example = "publish"]
        kind: Option<JobKind>,
        /// Jobs in the answer, 1 to 200
        limit: Limit,
        /// Where to go on: `next` of the page before, with the same filters
        cursor: Cursor,
    }
}

/// List jobs
///
/// Your jobs, newest first. Administrators see those of everybody. A job is kept for 30 days after its end.
#[utoipa::path(
    tag = "jobs",
    params(JobsQuery),
    responses((status = 200, description = "A page of jobs", body = Page<JobView>))
)]
#[get("/v1/jobs")]
pub async fn list_jobs(call: Call, query: JobsQuery) -> Result<HttpResponse, ApiError> {
    let actor = call.actor()?;
    let paging = Paging::of(&call, &actor.user_id, (query.limit, query.cursor));
    let (before, limit, filter) = (paging.position::<String>(&call)?, paging.limit, (query.state, query.kind));
    let page = call.state.snapshot(move |tx| jobs::list(tx, &actor, filter, before.as_deref(), limit)).await?;
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
pub async fn get_job(call: Call, id: web::Path<String>) -> Result<HttpResponse, ApiError> {
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
