//! Search and suggestions.

use actix_web::{HttpResponse, get};

use super::paging::page_of;
use crate::{
    http::{
        call::Call,
        problem::ApiError,
        query::{Cursor, KindName, Limit, Needed, parameters},
        reply::{self, Caching, Page},
    },
    research::{self, FoundView, Search, Suggestions},
};

parameters! {
    /// What is searched for.
    pub struct SearchQuery {
        /// A name, or words
        #[example = "Yezhov"]
        q: Needed<String>,
        /// Entries of one kind: `person`, `trial`, `victim` or `source`
        #[example = "person"]
        kind: Option<KindName>,
        /// Entries in the answer, 1 to 200
        limit: Limit<20>,
        /// Where to go on: `next` of the page before, with the same question
        cursor: Cursor,
    }
}

/// Search names and texts
///
/// Across kinds. Entries whose names or titles answer come first, however the name is spelt; then those that have all the
/// words somewhere, in whatever form: first those that have them in the title, next to each other, or often. `"…"` is a
/// phrase, `word*` the beginning of a word (three letters and more); nothing else has a meaning of its own.
#[utoipa::path(
    tag = "search",
    params(SearchQuery),
    responses((status = 200, description = "A page of entries, the best first", body = Page<FoundView>))
)]
#[get("/v1/search")]
pub async fn search(call: Call, query: SearchQuery) -> Result<HttpResponse, ApiError> {
    let SearchQuery { q, kind, limit, cursor } = query;
    let asked = Search { text: q.0.unwrap_or_default(), kind, limit: limit.0, cursor: cursor.0 };
    let seal = call.state.seal.clone();
    let page = call.state.snapshot(move |tx| research::search(tx, &seal, &asked)).await?;
    let page = Page { items: page.items, next: page.next, total: page.total };
    page_of(&call, &page, Caching::Public)
}

parameters! {
    /// What somebody has typed.
    pub struct SuggestQuery {
        /// The beginning of a name or title
        #[example = "Еж"]
        q: Needed<String>,
        /// Entries of one kind: `person`, `trial`, `victim` or `source`
        #[example = "person"]
        kind: Option<KindName>,
        /// Suggestions in the answer, 1 to 50
        limit: Limit<10, 50>,
    }
}

/// Suggest names and titles
///
/// For every key stroke: entries with a name or title that begins with `q`, as it is written or as it may be spelt
/// otherwise. A label is given once.
#[utoipa::path(
    tag = "search",
    params(SuggestQuery),
    responses((status = 200, description = "Suggestions", body = Suggestions))
)]
#[get("/v1/suggest")]
pub async fn suggest(call: Call, query: SuggestQuery) -> Result<HttpResponse, ApiError> {
    let SuggestQuery { q, kind, limit } = query;
    let text = q.0.unwrap_or_default();
    let suggestions = call.state.read(move |tx| research::suggest(tx, &text, kind, limit.0)).await?;
    reply::json(&call, &suggestions, None, Caching::Public)
}
