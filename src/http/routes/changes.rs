//! The feed.

use actix_web::{HttpMessage, HttpRequest, HttpResponse, get, http::header};

use crate::{
    http::{
        call::{Call, HeadOnly},
        problem::{ApiError, ProblemCode},
        query::{Limit, Whole, checked, parameters},
        reply::{self, Caching, Page},
        streams,
    },
    model::errors::{FieldCode, FieldErrors},
    research::{FeedEvent, Total, feed},
};

parameters! {
    /// Which events are listed.
    pub struct ChangesQuery {
        /// Number of the last event seen; 0 when absent
        #[example = 0]
        after: Option<Whole<0>>,
        /// Events in the answer, 1 to 200
        limit: Limit,
    }
}

/// List what became public
///
/// The feed: every acceptance as a numbered event, oldest first, without gaps. Ask again with the number of the last
/// event you have seen.
#[utoipa::path(
    tag = "feed",
    params(ChangesQuery),
    responses((status = 200, description = "Events; `next` is the number to go on after", body = Page<FeedEvent>))
)]
#[get("/v1/changes")]
pub async fn list_changes(call: Call, query: ChangesQuery) -> Result<HttpResponse, ApiError> {
    let (after, limit) = (query.after.map_or(0, |number| number.0), query.limit.0);
    let page = call.state.snapshot(move |tx| feed(tx, after, limit)).await?;
    let last = page.items.last().map(|e| e.seq);
    let next = last.filter(|seq| *seq < page.last_seq).map(|seq| seq.to_string());
    let total = Total { value: page.last_seq.saturating_sub(after).max(0), exact: true };
    let mut response =
        reply::json(&call, &Page { items: page.items, next: next.clone(), total }, None, Caching::Public)?;
    if let Some(next) = next
        && let Ok(link) = format!("</v1/changes?after={next}&limit={limit}>; rel=\"next\"").parse()
    {
        response.headers_mut().insert(header::LINK, link);
    }
    Ok(response)
}

const LAST_EVENT_ID: &str = "last-event-id";

parameters! {
    /// Where a stream begins.
    pub struct StreamQuery {
        /// Number of the last event seen; from now on when absent
        #[example = 0]
        after: Option<Whole<0>>,
    }
}

/// Follow what becomes public
///
/// The feed as server-sent events: `id` is the number, `event` the type, `data` the event as `GET /v1/changes` gives it.
/// The stream begins after `Last-Event-ID`, else after `after`, else now. A client that reconnects with the last id it
/// has seen misses nothing and gets nothing twice, whichever instance answers. Comments keep the connection alive.
#[utoipa::path(
    tag = "feed",
    params(
        StreamQuery,
        ("Last-Event-ID" = Option<String>, Header, description = "The same, as browsers send it; it goes before `after`")
    ),
    responses((
        status = 200, description = "Events, without an end", body = String, content_type = "text/event-stream",
        example = "retry: 3000\nid: 0\n\nid: 1\nevent: created\ndata: {\"seq\": 1, \"type\": \"created\"}\n\n"
    ))
)]
#[get("/v1/changes/stream")]
pub async fn stream_changes(call: Call, req: HttpRequest, query: StreamQuery) -> Result<HttpResponse, ApiError> {
    let after = last_event_id(&req)?.or(query.after.map(|number| number.0));
    let newest = call.state.read(|tx| Ok(tx.last_seq()?)).await?;
    if let Some(after) = after.filter(|after| *after > newest) {
        exists(&call, after).await?;
    }
    let mut response = HttpResponse::Ok();
    response
        .content_type("text/event-stream")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        // Reverse proxies that gather answers must pass this one on as it comes.
        .insert_header(("x-accel-buffering", "no"))
        .force_close();
    if req.extensions().contains::<HeadOnly>() {
        return Ok(response.finish());
    }
    Ok(response.streaming(streams::open(&call.state, call.address.group, after.unwrap_or(newest))?))
}

/// The number that a client goes on after, as browsers send it.
fn last_event_id(req: &HttpRequest) -> Result<Option<i64>, ApiError> {
    let Some(value) = req.headers().get(LAST_EVENT_ID) else { return Ok(None) };
    let digits = value.to_str().ok().filter(|text| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()));
    let number = digits.and_then(|text| text.parse().ok());
    let detail = "Last-Event-ID is the number of an event.";
    number.map(Some).ok_or_else(|| ApiError::new(ProblemCode::InvalidHeader, detail))
}

/// A number that was never given out leads nowhere: the client has seen another archive, or this one before a loss. A
/// replica may be behind, so the primary is asked.
async fn exists(call: &Call, after: i64) -> Result<(), ApiError> {
    let newest = call.state.read_fresh(|tx| Ok(tx.last_seq()?)).await?;
    if after <= newest {
        return Ok(());
    }
    let mut errors = FieldErrors::default();
    errors.push("after", FieldCode::InvalidValue, format!("There is no event {after} yet; the last one is {newest}."));
    checked(errors)
}
