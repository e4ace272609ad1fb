//! Submissions: making, changing and reading them.

use actix_web::{
    HttpRequest, HttpResponse, get,
    http::{StatusCode, header},
    post, put, web,
};

use crate::{
    editorial::{self, EventView, NewSubmission, SubmissionDiff, SubmissionQuery, SubmissionSummary, SubmissionView},
    http::{
        call::{Call, JsonBody, Query},
        problem::ApiError,
        reply::{self, Caching, Page, Reply},
    },
    model::{
        errors::{FieldCode, FieldErrors},
        kinds::KindDescriptor,
        precheck::check_line,
        workflow::State,
    },
    research::Total,
    usecase::Result as UseCaseResult,
};

/// A submission with its address and its tag.
pub fn reply(status: StatusCode, view: &SubmissionView) -> UseCaseResult<Reply> {
    Ok(Reply::new(status, view)?
        .header(header::LOCATION, format!("/v1/submissions/{}", view.id))
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
pub async fn create_submission(call: Call, body: JsonBody) -> Result<HttpResponse, ApiError> {
    let new: NewSubmission = body.read()?;
    let (actor, limits) = (call.actor()?, call.state.archive.limits.clone());
    let effect = move |tx: &mut crate::store::WriteTx, now| editorial::create(tx, &limits, &actor, new, now);
    reply::perform(&call, &body.bytes, effect, |view| reply(StatusCode::CREATED, view)).await
}

/// List submissions
///
/// Editors see their own, moderators all but the drafts of others. Newest first.
#[utoipa::path(
    tag = "submissions",
    params(
        ("state" = Option<Vec<State>>, Query, description = "Only in this state; may be repeated"),
        ("kind" = Option<String>, Query, description = "Only with a change of an entry of this kind", example = "person"),
        ("author" = Option<String>, Query, description = "Only of this author", example = "editor"),
        ("entry" = Option<String>, Query, description = "Only with a change of this entry: id or ref", example = "P1"),
        ("limit" = Option<i64>, Query, description = "Submissions in the answer, 1 to 200", example = 50),
        ("cursor" = Option<String>, Query, description = "Where to go on: `next` of the page before, with the same filters")
    ),
    responses((status = 200, description = "A page of submissions", body = Page<SubmissionSummary>))
)]
#[get("/v1/submissions")]
pub async fn list_submissions(call: Call, mut query: Query) -> Result<HttpResponse, ApiError> {
    let actor = call.actor()?;
    let mut errors = FieldErrors::default();
    let shown: Vec<_> = query.0.iter().filter(|(name, _)| name != "cursor").cloned().collect();
    let (limit, cursor) = query.take_page(&mut errors);
    let mut wanted = SubmissionQuery {
        kind: query.take("kind", &mut errors),
        author: query.take("author", &mut errors),
        entry: query.take("entry", &mut errors),
        limit,
        ..SubmissionQuery::default()
    };
    if let Some(author) = &wanted.author {
        check_line("author", author, 100, &mut errors);
    }
    let (states, rest): (Vec<_>, Vec<_>) = query.0.into_iter().partition(|(name, _)| name == "state");
    for (_, text) in states {
        match State::parse(&text) {
            Some(state) => wanted.states.push(state),
            None => errors.push("state", FieldCode::UnknownCode, format!("{text:?} is not a state.")),
        }
    }
    if wanted.kind.as_deref().is_some_and(|k| KindDescriptor::by_name(k).is_none()) {
        let detail = format!("kind is one of: {}.", KindDescriptor::names().join(", "));
        errors.push("kind", FieldCode::UnknownCode, detail);
    }
    Query(rest).finish(errors)?;
    let list = format!(
        "submissions {} {:?} {:?} {:?} {:?}",
        actor.user_id, wanted.states, wanted.kind, wanted.author, wanted.entry
    );
    wanted.after = cursor.map(|c| call.state.seal.open(&list, &c)).transpose()?;
    let page = call.state.snapshot(move |tx| editorial::list(tx, &actor, wanted)).await?;
    let next = page.last.map(|last| call.state.seal.seal(&list, &last));
    let total = Total { value: page.total, exact: true };
    reply::page(&call, &Page { items: page.items, next, total }, "/v1/submissions", &shown, Caching::Private)
}

/// Read a submission
#[utoipa::path(
    tag = "submissions",
    params(("id" = String, Path, description = "Id of the submission")),
    responses((status = 200, description = "The submission", body = SubmissionView))
)]
#[get("/v1/submissions/{id}")]
pub async fn get_submission(call: Call, id: web::Path<String>, query: Query) -> Result<HttpResponse, ApiError> {
    query.finish(FieldErrors::default())?;
    let actor = call.actor()?;
    let view = call.state.snapshot(move |tx| editorial::get(tx, &actor, &id)).await?;
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
pub async fn replace_submission(call: Call, id: web::Path<String>, body: JsonBody) -> Result<HttpResponse, ApiError> {
    let new: NewSubmission = body.read()?;
    let (actor, condition, limits) = (call.actor()?, call.if_match.clone(), call.state.archive.limits.clone());
    let effect = move |tx: &mut crate::store::WriteTx, now| {
        editorial::replace(tx, &limits, &actor, &id, condition.as_ref(), new, now)
    };
    reply::perform(&call, &body.bytes, effect, |view| reply(StatusCode::OK, view)).await
}

/// Compare a submission with the archive
///
/// For every change: the difference between the current body and the proposed one.
#[utoipa::path(
    tag = "submissions",
    params(("id" = String, Path, description = "Id of the submission")),
    responses((status = 200, description = "The differences", body = SubmissionDiff))
)]
#[get("/v1/submissions/{id}/diff")]
pub async fn get_submission_diff(call: Call, id: web::Path<String>, query: Query) -> Result<HttpResponse, ApiError> {
    query.finish(FieldErrors::default())?;
    let actor = call.actor()?;
    let diff = call.state.snapshot(move |tx| editorial::compare(tx, &actor, &id)).await?;
    reply::json(&call, &diff, None, Caching::Private)
}

/// List what was done with a submission
///
/// The audit trail: who did what and when, oldest first.
#[utoipa::path(
    tag = "submissions",
    params(
        ("id" = String, Path, description = "Id of the submission"),
        ("limit" = Option<i64>, Query, description = "Lines in the answer, 1 to 200", example = 50),
        ("cursor" = Option<String>, Query, description = "Where to go on: `next` of the page before")
    ),
    responses((status = 200, description = "A page of the audit trail", body = Page<EventView>))
)]
#[get("/v1/submissions/{id}/events")]
pub async fn list_submission_events(
    call: Call,
    req: HttpRequest,
    id: web::Path<String>,
    mut query: Query,
) -> Result<HttpResponse, ApiError> {
    let actor = call.actor()?;
    let mut errors = FieldErrors::default();
    let (limit, cursor) = query.take_page(&mut errors);
    query.finish(errors)?;
    let list = format!("events {id}");
    let after = cursor.map(|c| call.state.seal.open::<i64>(&list, &c)).transpose()?.unwrap_or(0);
    let page = call.state.snapshot(move |tx| editorial::events(tx, &actor, &id, after, limit)).await?;
    let next = page.last.map(|last| call.state.seal.seal(&list, &last));
    let total = Total { value: page.total, exact: true };
    let page = Page { items: page.items, next, total };
    reply::page(&call, &page, req.path(), &[("limit".into(), limit.to_string())], Caching::Private)
}
