//! Search and suggestions.

use actix_web::{HttpResponse, get};

use crate::{
    http::{
        call::{Call, Query},
        problem::ApiError,
        reply::{self, Caching, Page},
    },
    model::{
        errors::{FieldCode, FieldErrors, quoted},
        kinds::KindDescriptor,
    },
    research::{self, FoundView, Search, Suggestions},
};

/// Search names and texts
///
/// Across kinds. Entries whose names or titles answer come first, however the name is spelt; then those that have all the
/// words somewhere, in whatever form: first those that have them in the title, next to each other, or often. `"…"` is a
/// phrase, `word*` the beginning of a word (three letters and more); nothing else has a meaning of its own.
#[utoipa::path(
    tag = "search",
    params(
        ("q" = String, Query, description = "A name, or words", example = "Yezhov"),
        ("kind" = Option<String>, Query, description = "Entries of one kind: `person`, `trial`, `victim` or `source`", example = "person"),
        ("limit" = Option<i64>, Query, description = "Entries in the answer, 1 to 200", example = 20),
        ("cursor" = Option<String>, Query, description = "Where to go on: `next` of the page before, with the same question")
    ),
    responses((status = 200, description = "A page of entries, the best first", body = Page<FoundView>))
)]
#[get("/v1/search")]
pub async fn search(call: Call, mut query: Query) -> Result<HttpResponse, ApiError> {
    let mut errors = FieldErrors::default();
    let shown: Vec<_> = query.0.iter().filter(|(name, _)| name != "cursor").cloned().collect();
    let limit = query.take_number("limit", 1..=200, &mut errors).unwrap_or(20);
    let cursor = query.take("cursor", &mut errors);
    let (text, kind) = question(&mut query, &mut errors);
    query.finish(errors)?;
    let asked = Search { text, kind, limit, cursor };
    let seal = call.state.seal.clone();
    let page = call.state.snapshot(move |tx| research::search(tx, &seal, &asked)).await?;
    let page = Page { items: page.items, next: page.next, total: page.total };
    reply::page(&call, &page, "/v1/search", &shown, Caching::Public)
}

/// Suggest names and titles
///
/// For every key stroke: entries with a name or title that begins with `q`, as it is written or as it may be spelt
/// otherwise. A label is given once.
#[utoipa::path(
    tag = "search",
    params(
        ("q" = String, Query, description = "The beginning of a name or title", example = "Еж"),
        ("kind" = Option<String>, Query, description = "Entries of one kind: `person`, `trial`, `victim` or `source`", example = "person"),
        ("limit" = Option<i64>, Query, description = "Suggestions in the answer, 1 to 50", example = 10)
    ),
    responses((status = 200, description = "Suggestions", body = Suggestions))
)]
#[get("/v1/suggest")]
pub async fn suggest(call: Call, mut query: Query) -> Result<HttpResponse, ApiError> {
    let mut errors = FieldErrors::default();
    let limit = query.take_number("limit", 1..=50, &mut errors).unwrap_or(10);
    let (text, kind) = question(&mut query, &mut errors);
    query.finish(errors)?;
    let suggestions = call.state.read(move |tx| research::suggest(tx, &text, kind, limit)).await?;
    reply::json(&call, &suggestions, None, Caching::Public)
}

/// Takes `q` and `kind`.
fn question(query: &mut Query, errors: &mut FieldErrors) -> (String, Option<&'static KindDescriptor>) {
    let text = query.take("q", errors);
    if text.is_none() {
        errors.push("q", FieldCode::MissingField, "q is what to look for.");
    }
    let name = query.take("kind", errors);
    let kind = name.as_deref().and_then(KindDescriptor::by_name);
    if let (Some(name), None) = (&name, kind) {
        let detail = format!("{} is not one of: {}.", quoted(name), KindDescriptor::names().join(", "));
        errors.push("kind", FieldCode::UnknownCode, detail);
    }
    (text.unwrap_or_default(), kind)
}
