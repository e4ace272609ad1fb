//! The queue of submissions.

use actix_web::{HttpResponse, get};
use serde::Serialize;
use utoipa::ToSchema;

use super::paging::{Paging, page_like};
use crate::{
    editorial::{self, SubmissionQuery, SubmissionSummary},
    http::{
        call::Call,
        problem::ApiError,
        query::{Cursor, KindName, Limit, Line, QueueOrder, Sort, Time, parameters},
        reply::Caching,
    },
    model::{
        checks::{CheckCode, Severity},
        workflow::State,
    },
    research::Total,
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

parameters! {
    /// Which submissions are listed.
    pub struct QueueQuery {
        /// Only in this state; may be repeated
        state: Option<Vec<State>>,
        /// Only with a change of an entry of this kind
        #[example = "person"]
        kind: Option<KindName>,
        /// Only of this author
        #[example = "editor"]
        author: Option<Line<100>>,
        /// Only those that this moderator has taken
        #[example = "moderator"]
        assignee: Option<Line<100>>,
        /// Only with a change of this entry: id or ref
        #[example = "P1"]
        entry: Option<String>,
        /// Only with a finding of the checks at least this severe
        #[example = "warn"]
        severity: Option<Severity>,
        /// Only with a finding of this code
        #[example = "probable_duplicate"]
        check: Option<CheckCode>,
        /// Only handed in before this time (RFC 3339)
        #[example = "2030-01-01T00:00:00Z"]
        submitted_before: Option<Time>,
        /// Only handed in at or after this time (RFC 3339)
        #[example = "2020-01-01T00:00:00Z"]
        submitted_after: Option<Time>,
        /// `created`, `updated` or `submitted`, with `-` before it for the newest first; `-created` when absent
        #[example = "submitted"]
        sort: Option<Sort<QueueOrder>>,
        /// Submissions in the answer, 1 to 200
        limit: Limit,
        /// Where to go on: `next` of the page before, with the same filters
        cursor: Cursor,
    }
}

/// List submissions
///
/// Editors see their own, moderators all but the drafts of others. `facets` counts them by state.
#[utoipa::path(
    tag = "submissions",
    params(QueueQuery),
    responses((status = 200, description = "A page of submissions", body = Queue))
)]
#[get("/v1/submissions")]
pub async fn list_submissions(call: Call, query: QueueQuery) -> Result<HttpResponse, ApiError> {
    let actor = call.actor()?;
    let paging = Paging::of(&call, &actor.user_id, (query.limit, query.cursor));
    let wanted = SubmissionQuery {
        states: query.state.unwrap_or_default(),
        kind: query.kind.map(|kind| kind.name.to_owned()),
        author: query.author.map(|name| name.0),
        assignee: query.assignee.map(|name| name.0),
        entry: query.entry,
        severity: query.severity,
        check: query.check.map(|code| code.as_str().to_owned()),
        submitted_before: query.submitted_before.map(|time| time.micros),
        submitted_after: query.submitted_after.map(|time| time.micros),
        order: query.sort.map_or(QueueOrder::Created, |sort| sort.by),
        ascending: query.sort.is_some_and(|sort| !sort.descending),
        after: paging.position(&call)?,
        limit: paging.limit,
    };
    let archive = call.state.archive.clone();
    let page = call.state.snapshot(move |tx| editorial::list(tx, &archive, &actor, wanted, archive.now())).await?;
    let state = page.by_state.into_iter().map(|(value, count)| StateCount { value, count }).collect();
    let queue = Queue {
        items: page.items,
        next: paging.cursor(&call, page.last),
        total: Total { value: page.total, exact: true },
        facets: QueueFacets { state },
    };
    page_like(&call, &queue, queue.next.as_deref(), Caching::Private)
}
