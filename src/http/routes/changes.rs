//! The feed.

use actix_web::{HttpResponse, get};

use crate::{
    http::{
        call::{Call, Query},
        problem::ApiError,
        reply::{self, Caching, Page},
    },
    model::errors::FieldErrors,
    research::{FeedEvent, Total, feed},
};

/// List what became public
///
/// The feed: every acceptance as a numbered event, oldest first, without gaps. Ask again with the number of the last
/// event you have seen.
#[utoipa::path(
    tag = "feed",
    params(
        ("after" = Option<i64>, Query, description = "Number of the last event seen; 0 when absent", example = 0),
        ("limit" = Option<i64>, Query, description = "Events in the answer, 1 to 200", example = 50)
    ),
    responses((status = 200, description = "Events; `next` is the number to go on after", body = Page<FeedEvent>))
)]
#[get("/v1/changes")]
pub async fn list_changes(call: Call, mut query: Query) -> Result<HttpResponse, ApiError> {
    let mut errors = FieldErrors::default();
    let after = query.take_number("after", 0..=i64::MAX, &mut errors).unwrap_or(0);
    let limit = query.take_number("limit", 1..=200, &mut errors).unwrap_or(50);
    query.finish(errors)?;
    let page = call.state.snapshot(move |tx| feed(tx, after, limit)).await?;
    let last = page.items.last().map(|e| e.seq);
    let next = last.filter(|seq| *seq < page.last_seq).map(|seq| seq.to_string());
    let total = Total { value: page.last_seq.saturating_sub(after).max(0), exact: true };
    let mut response =
        reply::json(&call, &Page { items: page.items, next: next.clone(), total }, None, Caching::Public)?;
    if let Some(next) = next
        && let Ok(link) = format!("</v1/changes?after={next}&limit={limit}>; rel=\"next\"").parse()
    {
        response.headers_mut().insert(actix_web::http::header::LINK, link);
    }
    Ok(response)
}
