//! The queue of submissions.

use actix_web::{HttpResponse, get};
use serde::Serialize;
use utoipa::ToSchema;

use super::paging::take_time;
use crate::{
    editorial::{self, SubmissionQuery, SubmissionSummary},
    http::{
        call::{Call, Query},
        problem::ApiError,
        reply::{self, Caching},
    },
    model::{
        checks::{CheckCode, Severity},
        errors::{FieldCode, FieldErrors, quoted},
        kinds::KindDescriptor,
        precheck::check_line,
        workflow::State,
    },
    research::Total,
    store::QueueOrder,
};

/// A page of the queue.
#[derive(Debug, Serialize, ToSchema)]
struct Queue {
    items: Vec<SubmissionSummary>,
    /// Cursor of the next page; null on the last one.
    next: Option<String>,
    total: Total,
    facets: QueueFacets,
}

/// What the queue is counted by.
#[derive(Debug, Serialize, ToSchema)]
struct QueueFacets {
    /// How many submissions there are in each state, with all filters but that of the state.
    state: Vec<StateCount>,
}

/// How many submissions there are in a state.
#[derive(Debug, Serialize, ToSchema)]
struct StateCount {
    value: State,
    count: i64,
}

/// List submissions
///
/// Editors see their own, moderators all but the drafts of others. `facets` counts them by state.
#[utoipa::path(
    tag = "submissions",
    params(
        ("state" = Option<Vec<State>>, Query, description = "Only in this state; may be repeated"),
        ("kind" = Option<String>, Query, description = "Only with a change of an entry of this kind", example = "person"),
        ("author" = Option<String>, Query, description = "Only of this author", example = "editor"),
        ("assignee" = Option<String>, Query, description = "Only those that this moderator has taken", example = "moderator"),
        ("entry" = Option<String>, Query, description = "Only with a change of this entry: id or ref", example = "P1"),
        ("severity" = Option<Severity>, Query, description = "Only with a finding of the checks at least this severe", example = "warn"),
        ("check" = Option<CheckCode>, Query, description = "Only with a finding of this code", example = "probable_duplicate"),
        ("submitted_before" = Option<String>, Query, description = "Only handed in before this time (RFC 3339)", example = "2030-01-01T00:00:00Z"),
        ("submitted_after" = Option<String>, Query, description = "Only handed in at or after this time (RFC 3339)", example = "2020-01-01T00:00:00Z"),
        ("sort" = Option<String>, Query, description = "`created`, `updated` or `submitted`, with `-` before it for the newest first; `-created` when absent", example = "submitted"),
        ("limit" = Option<i64>, Query, description = "Submissions in the answer, 1 to 200", example = 50),
        ("cursor" = Option<String>, Query, description = "Where to go on: `next` of the page before, with the same filters")
    ),
    responses((status = 200, description = "A page of submissions", body = Queue))
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
        assignee: query.take("assignee", &mut errors),
        entry: query.take("entry", &mut errors),
        check: query.take("check", &mut errors),
        limit,
        ..SubmissionQuery::default()
    };
    for (name, value) in [("author", &wanted.author), ("assignee", &wanted.assignee)] {
        if let Some(value) = value {
            check_line(name, value, 100, &mut errors);
        }
    }
    if wanted.kind.as_deref().is_some_and(|k| KindDescriptor::by_name(k).is_none()) {
        let detail = format!("kind is one of: {}.", KindDescriptor::names().join(", "));
        errors.push("kind", FieldCode::UnknownCode, detail);
    }
    if wanted.check.as_deref().is_some_and(|c| CheckCode::parse(c).is_none()) {
        errors.push("check", FieldCode::UnknownCode, "There is no check of this code.");
    }
    wanted.severity = query.take("severity", &mut errors).and_then(|text| {
        let severity = Severity::parse(&text);
        if severity.is_none() {
            errors.push("severity", FieldCode::UnknownCode, "severity is info, warn or block.");
        }
        severity
    });
    wanted.submitted_before = take_time(&mut query, "submitted_before", &mut errors);
    wanted.submitted_after = take_time(&mut query, "submitted_after", &mut errors);
    take_order(&mut query, &mut wanted, &mut errors);
    let (states, rest): (Vec<_>, Vec<_>) = query.0.into_iter().partition(|(name, _)| name == "state");
    for (_, text) in states {
        match State::parse(&text) {
            Some(state) => wanted.states.push(state),
            None => errors.push("state", FieldCode::UnknownCode, format!("{} is not a state.", quoted(&text))),
        }
    }
    Query(rest).finish(errors)?;
    let mut signature = shown.clone();
    signature.retain(|(name, _)| name != "limit");
    signature.sort();
    let list = format!("submissions {} {signature:?}", actor.user_id);
    wanted.after = cursor.map(|c| call.state.seal.open(&list, &c)).transpose()?;
    let archive = call.state.archive.clone();
    let page = call.state.snapshot(move |tx| editorial::list(tx, &archive, &actor, wanted, archive.now())).await?;
    let next = page.last.map(|last| call.state.seal.seal(&list, &last));
    let state = page.by_state.into_iter().map(|(value, count)| StateCount { value, count }).collect();
    let queue = Queue {
        items: page.items,
        next: next.clone(),
        total: Total { value: page.total, exact: true },
        facets: QueueFacets { state },
    };
    let mut response = reply::json(&call, &queue, None, Caching::Private)?;
    if let Some(next) = next {
        reply::link_next(&mut response, "/v1/submissions", &shown, &next);
    }
    Ok(response)
}

fn take_order(query: &mut Query, wanted: &mut SubmissionQuery, errors: &mut FieldErrors) {
    let Some(text) = query.take("sort", errors) else { return };
    let column = text.strip_prefix('-').unwrap_or(&text);
    wanted.ascending = column.len() == text.len();
    wanted.order = match column {
        "created" => QueueOrder::Created,
        "updated" => QueueOrder::Updated,
        "submitted" => QueueOrder::Submitted,
        _ => {
            let detail = "sort is created, updated or submitted, with - before it for the newest first.";
            errors.push("sort", FieldCode::InvalidValue, detail);
            QueueOrder::Created
        }
    };
}
