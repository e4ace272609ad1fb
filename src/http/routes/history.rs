//! The history of an entry, and what it is linked with.

use actix_web::{HttpRequest, HttpResponse, get};
use serde::Serialize;
use utoipa::ToSchema;

use super::paging::take_time;
use crate::{
    http::{
        Body,
        call::{Call, EntryPath, Query},
        memento,
        problem::ApiError,
        reply::{self, Caching, Page},
    },
    model::errors::{FieldCode, FieldErrors},
    research::{
        self, BlameView, DiffView, Direction, LinkFilter, LinkPosition, LinkView, Older, RevisionView,
        RevisionViewWithBody, Total,
    },
    usecase::Error,
};

/// List the revisions of an entry
///
/// Newest first: who changed it, who approved it, when and why. Retired entries have a history too.
#[utoipa::path(
    tag = "{kind}",
    params(
        ("id" = String, Path, description = "Id or ref", example = "P1"),
        ("limit" = Option<i64>, Query, description = "Revisions in the answer, 1 to 200", example = 50),
        ("cursor" = Option<String>, Query, description = "Where to go on: `next` of the page before")
    ),
    responses((status = 200, description = "A page of revisions", body = Page<RevisionView>))
)]
#[get("/v1/{kind}/{id}/revisions")]
pub async fn list_entry_revisions(
    call: Call,
    req: HttpRequest,
    path: EntryPath,
    mut query: Query,
) -> Result<HttpResponse, ApiError> {
    let mut errors = FieldErrors::default();
    let (limit, cursor) = query.take_page(&mut errors);
    query.finish(errors)?;
    let EntryPath { kind, key } = path;
    let list = format!("revisions {} {key:?}", kind.name);
    let before = cursor.map(|c| call.state.seal.open::<i64>(&list, &c)).transpose()?;
    let page = call.state.snapshot(move |tx| research::revisions(tx, kind, &key, before, limit)).await?;
    let next = page.last.map(|last| call.state.seal.seal(&list, &last));
    let page = Page { items: page.items, next, total: Total { value: page.total, exact: true } };
    reply::page(&call, &page, req.path(), &[("limit".into(), limit.to_string())], Caching::Public)
}

/// Read one revision
///
/// It never changes.
#[utoipa::path(
    tag = "{kind}",
    params(
        ("id" = String, Path, description = "Id or ref", example = "P1"),
        ("number" = i64, Path, description = "Number of the revision", example = 1)
    ),
    responses((status = 200, description = "The revision with its body", body = RevisionViewWithBody<Body>))
)]
#[get("/v1/{kind}/{id}/revisions/{number}")]
pub async fn get_entry_revision(
    call: Call,
    req: HttpRequest,
    path: EntryPath,
    query: Query,
) -> Result<HttpResponse, ApiError> {
    query.finish(FieldErrors::default())?;
    let number = req.match_info().get("number").and_then(|n| n.parse::<i64>().ok());
    let number = number.ok_or(Error::NotFound("revision"))?;
    let EntryPath { kind, key } = path;
    let read = call.state.snapshot(move |tx| {
        let revision = research::revision(tx, kind, &key, number)?;
        Ok((revision, research::mementos(tx, kind, &key, number)?))
    });
    let (revision, (reference, mementos)) = read.await?;
    let etag = revision.etag.clone();
    let mut response = reply::json(&call, &revision, Some(&etag), Caching::Immutable)?;
    memento::mark(&mut response, &memento::Addresses::of(kind, &reference), &mementos, number);
    Ok(response)
}

/// Compare two revisions
///
/// What changed, as JSON Patch and place by place. Without parameters: what the current revision changed; with `since`
/// all that has changed since then.
#[utoipa::path(
    tag = "{kind}",
    params(
        ("id" = String, Path, description = "Id or ref", example = "P1"),
        ("from" = Option<i64>, Query, description = "The older revision; 0 is the emptiness before the first", example = 0),
        ("since" = Option<String>, Query, description = "Instead of `from`: the state at this time (RFC 3339)", example = "2026-03-01T00:00:00Z"),
        ("to" = Option<i64>, Query, description = "The newer revision; the current one when absent", example = 1)
    ),
    responses((status = 200, description = "The difference", body = DiffView))
)]
#[get("/v1/{kind}/{id}/diff")]
pub async fn get_entry_diff(call: Call, path: EntryPath, mut query: Query) -> Result<HttpResponse, ApiError> {
    let mut errors = FieldErrors::default();
    let from = query.take_number("from", 0..=i64::MAX, &mut errors);
    let since = take_time(&mut query, "since", &mut errors);
    let to = query.take_number("to", 1..=i64::MAX, &mut errors);
    let older = match (from, since) {
        (None, None) => Older::Previous,
        (Some(number), None) => Older::Revision(number),
        (None, Some(time)) => Older::At(time),
        (Some(_), Some(_)) => {
            errors.push("since", FieldCode::InvalidValue, "The older side is given by from or by since, not by both.");
            Older::Previous
        }
    };
    query.finish(errors)?;
    let EntryPath { kind, key } = path;
    let diff = call.state.snapshot(move |tx| research::diff(tx, kind, &key, older, to)).await?;
    reply::json(&call, &diff, None, Caching::Public)
}

/// Show who last set each claim
///
/// For every claim of the current body, and for what else stands in it: the revision that last changed it, with its
/// author, its reviewers and its submission.
#[utoipa::path(
    tag = "{kind}",
    params(
        ("id" = String, Path, description = "Id or ref", example = "P1"),
        ("revision" = Option<i64>, Query, description = "Number of a revision; the current one when absent", example = 1)
    ),
    responses((status = 200, description = "The claims and where they come from", body = BlameView))
)]
#[get("/v1/{kind}/{id}/blame")]
pub async fn get_entry_blame(call: Call, path: EntryPath, mut query: Query) -> Result<HttpResponse, ApiError> {
    let mut errors = FieldErrors::default();
    let revision = query.take_number("revision", 1..=i64::MAX, &mut errors);
    query.finish(errors)?;
    let EntryPath { kind, key } = path;
    let blame = call.state.snapshot(move |tx| research::blame(tx, kind, &key, revision)).await?;
    reply::json(&call, &blame, None, Caching::Public)
}

/// Links of an entry in both directions.
#[derive(Serialize, ToSchema)]
struct LinksBody {
    /// What the entry names.
    outgoing: Vec<LinkView>,
    /// What names the entry.
    incoming: Vec<LinkView>,
    /// Cursor of the next page; null on the last one.
    next: Option<String>,
    /// Links in both directions together.
    total: Total,
}

/// List the links of an entry
///
/// What it names and what names it: a person leads to its trials, victim records and relatives, a source to all that
/// cites it. Outgoing links come first.
#[utoipa::path(
    tag = "{kind}",
    params(
        ("id" = String, Path, description = "Id or ref", example = "P1"),
        ("rel" = Option<String>, Query, description = "Only links of this name", example = "cites"),
        ("direction" = Option<Direction>, Query, description = "Only links that lead this way", example = "incoming"),
        ("limit" = Option<i64>, Query, description = "Links in the answer, 1 to 200", example = 50),
        ("cursor" = Option<String>, Query, description = "Where to go on: `next` of the page before")
    ),
    responses((status = 200, description = "A page of links", body = LinksBody))
)]
#[get("/v1/{kind}/{id}/links")]
pub async fn list_entry_links(
    call: Call,
    req: HttpRequest,
    path: EntryPath,
    mut query: Query,
) -> Result<HttpResponse, ApiError> {
    let mut errors = FieldErrors::default();
    let (limit, cursor) = query.take_page(&mut errors);
    let rel = query.take("rel", &mut errors);
    if rel.as_ref().is_some_and(|r| !research::all_rels().contains(&r.as_str())) {
        let detail = format!("rel is one of: {}.", research::all_rels().join(", "));
        errors.push("rel", FieldCode::UnknownCode, detail);
    }
    let named = query.take("direction", &mut errors);
    let direction = match named.as_deref() {
        Some("outgoing") => Some(Direction::Outgoing),
        Some("incoming") => Some(Direction::Incoming),
        Some(_) => {
            errors.push("direction", FieldCode::UnknownCode, "direction is outgoing or incoming.");
            None
        }
        None => None,
    };
    query.finish(errors)?;
    let mut shown = vec![("limit".to_owned(), limit.to_string())];
    shown.extend(rel.clone().map(|r| ("rel".to_owned(), r)));
    shown.extend(named.map(|d| ("direction".to_owned(), d)));
    let EntryPath { kind, key } = path;
    let list = format!("links {} {key:?} {rel:?} {direction:?}", kind.name);
    let after = cursor.map(|c| call.state.seal.open::<LinkPosition>(&list, &c)).transpose()?;
    let filter = LinkFilter { rel, direction };
    let page = call.state.snapshot(move |tx| research::links(tx, kind, &key, &filter, after, limit)).await?;
    let next = page.next.map(|position| call.state.seal.seal(&list, &position));
    let body = LinksBody {
        outgoing: page.outgoing,
        incoming: page.incoming,
        next: next.clone(),
        total: Total { value: page.total, exact: true },
    };
    let mut response = reply::json(&call, &body, None, Caching::Public)?;
    if let Some(next) = next {
        reply::link_next(&mut response, req.path(), &shown, &next);
    }
    Ok(response)
}
