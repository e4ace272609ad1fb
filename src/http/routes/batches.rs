//! Batches: filling them with rows, and reviewing the rows.

use actix_web::{HttpResponse, get, http::StatusCode, post, web};

use super::{paging::Paging, submissions::reply};
use crate::{
    editorial::{self, AddRows, Context, NewBatch, NewRows, RowView, RowsToSetAside, Sample, SubmissionView},
    http::{
        call::Call,
        problem::ApiError,
        query::{Choice, Cursor, Limit, choices, parameters},
        received::{JsonBody, Received},
        reply::{self, Caching, Page, Reply},
    },
    model::checks::CheckCode,
    store::{RowFilter, WriteTx},
    usecase::Error,
};

/// Begin a batch
///
/// An empty batch, as a draft: a submission of thousands of new entries that is reviewed as one. Add rows, then hand it
/// in.
#[utoipa::path(
    tag = "batches",
    request_body = NewBatch,
    responses((status = 201, description = "The batch; it is a submission of the form `batch`", body = SubmissionView))
)]
#[post("/v1/batches")]
pub async fn create_batch(call: Call, mut body: JsonBody) -> Result<HttpResponse, ApiError> {
    let new: NewBatch = body.read().await?;
    let (actor, archive) = (call.actor()?, call.state.archive.clone());
    let effect = move |tx: &mut WriteTx, now| editorial::create_batch(tx, &Context::new(archive, actor, now), new);
    reply::perform(&call, body.received, effect, |view| reply(StatusCode::CREATED, view)).await
}

/// Add rows to a batch
///
/// Up to a hundred changes that make new entries, all of them or none. A row may refer to rows before it. `batch.rows`
/// tells how many there are, so that an interrupted import knows where to go on.
#[utoipa::path(
    tag = "batches",
    params(("id" = String, Path, description = "Id of the submission")),
    request_body = NewRows,
    responses((status = 200, description = "The batch", body = SubmissionView))
)]
#[post("/v1/submissions/{id}/rows")]
pub async fn add_submission_rows(
    call: Call,
    id: web::Path<String>,
    mut body: JsonBody,
) -> Result<HttpResponse, ApiError> {
    let new: NewRows = body.read().await?;
    let (condition, id) = (call.if_match.clone(), id.into_inner());
    let write = move |context| AddRows::new(context, id, condition, new);
    reply::perform_prepared(&call, body.received, None, write, |view| reply(StatusCode::OK, view)).await
}

/// Leave rows out of a batch
///
/// They stay in it with the reason, and are never published. Not while somebody holds the batch for review.
#[utoipa::path(
    tag = "batches",
    params(("id" = String, Path, description = "Id of the submission")),
    request_body(content = RowsToSetAside, example = json!({"rows": [17], "reason": "Not in the source"})),
    responses((status = 200, description = "The batch", body = SubmissionView))
)]
#[post("/v1/submissions/{id}/set-aside")]
pub async fn set_submission_rows_aside(
    call: Call,
    id: web::Path<String>,
    mut body: JsonBody,
) -> Result<HttpResponse, ApiError> {
    let wanted: RowsToSetAside = body.read().await?;
    let (actor, condition, archive) = (call.actor()?, call.if_match.clone(), call.state.archive.clone());
    let effect = move |tx: &mut WriteTx, now| {
        editorial::set_aside(tx, &Context::new(archive, actor, now), &id, condition.as_ref(), wanted)
    };
    reply::perform(&call, body.received, effect, |view| reply(StatusCode::OK, view)).await
}

choices! {
    /// What became of a row.
    pub enum Outcome {
        Published = "published",
        SetAside = "set_aside",
    }
}

parameters! {
    /// Which rows are listed.
    pub struct RowsQuery {
        /// Only rows with a finding of this code
        #[example = "uncited_claim"]
        check: Option<CheckCode>,
        /// `published` or `set_aside`
        #[example = "set_aside"]
        outcome: Option<Outcome>,
        /// Rows in the answer, 1 to 200
        limit: Limit,
        /// Where to go on: `next` of the page before, with the same filters
        cursor: Cursor,
    }
}

/// List the rows of a batch
#[utoipa::path(
    tag = "batches",
    params(
        ("id" = String, Path, description = "Id of the submission"),
        RowsQuery
    ),
    responses((status = 200, description = "A page of rows", body = Page<RowView>))
)]
#[get("/v1/submissions/{id}/rows")]
pub async fn list_submission_rows(
    call: Call,
    id: web::Path<String>,
    query: RowsQuery,
) -> Result<HttpResponse, ApiError> {
    let actor = call.actor()?;
    let paging = Paging::of(&call, "", (query.limit, query.cursor));
    let filter = RowFilter {
        check: query.check.map(|code| code.as_str().to_owned()),
        outcome: query.outcome.map(|outcome| outcome.name().to_owned()),
        first: paging.position::<i64>(&call)?.map_or(0, |last| last + 1),
        limit: paging.limit,
    };
    let page = call.state.snapshot(move |tx| editorial::rows(tx, &actor, &id, filter)).await?;
    paging.answer(&call, page)
}

/// Show the sample of a batch
///
/// The rows that the caller has to open before approving: drawn at random, others for each reviewer.
#[utoipa::path(
    tag = "batches",
    params(("id" = String, Path, description = "Id of the submission")),
    responses((status = 200, description = "The sample", body = Sample))
)]
#[get("/v1/submissions/{id}/sample")]
pub async fn get_submission_sample(call: Call, id: web::Path<String>) -> Result<HttpResponse, ApiError> {
    let (actor, archive) = (call.actor()?, call.state.archive.clone());
    let sample = call.state.snapshot(move |tx| editorial::sample(tx, &archive, &actor, &id, archive.now())).await?;
    reply::json(&call, &sample, None, Caching::Private)
}

/// Open a row of a batch
///
/// Shows the row, and remembers that the caller has seen it.
#[utoipa::path(
    tag = "batches",
    params(
        ("id" = String, Path, description = "Id of the submission"),
        ("position" = i64, Path, description = "Position of the row, from 0", example = 0)
    ),
    responses((status = 200, description = "The row", body = RowView))
)]
#[post("/v1/submissions/{id}/rows/{position}/open")]
pub async fn open_submission_row(call: Call, path: web::Path<(String, String)>) -> Result<HttpResponse, ApiError> {
    let (actor, (id, position)) = (call.actor()?, path.into_inner());
    let position: i64 = position.parse().map_err(|_| Error::NotFound("row"))?;
    let effect = move |tx: &mut WriteTx, now| editorial::open_row(tx, &actor, &id, position, now);
    reply::perform(&call, Received::default(), effect, |row| Reply::new(StatusCode::OK, row)).await
}
