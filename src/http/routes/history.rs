//! The history of an entry, and what it is linked with.

use actix_web::{HttpRequest, HttpResponse, get};
use serde::Serialize;
use utoipa::ToSchema;

use super::paging::{Paging, page_like, page_of};
use crate::{
    http::{
        Body,
        call::{Call, EntryPath},
        memento,
        problem::ApiError,
        query::{Choice, Cursor, Limit, Time, Whole, parameters},
        reply::{self, Caching, Page},
    },
    model::{
        errors::{FieldCode, FieldErrors},
        kinds::KindDescriptor,
    },
    research::{
        self, BlameView, DiffView, Direction, LinkFilter, LinkPosition, LinkView, Older, RevisionView,
        RevisionViewWithBody, Total,
    },
    usecase::Error,
};

parameters! {
    /// Which page of revisions is asked for.
    pub struct RevisionsQuery {
        /// Revisions in the answer, 1 to 200
        limit: Limit,
        cursor: Cursor,
    }
}

/// List the revisions of an entry
///
/// Newest first: who changed it, who approved it, when and why. Retired entries have a history too.
#[utoipa::path(
    tag = "{kind}",
    params(
        ("id" = String, Path, description = "Id or ref", example = "P1"),
        RevisionsQuery
    ),
    responses((status = 200, description = "A page of revisions", body = Page<RevisionView>))
)]
#[get("/v1/{kind}/{id}/revisions")]
pub async fn list_entry_revisions(
    call: Call,
    path: EntryPath,
    query: RevisionsQuery,
) -> Result<HttpResponse, ApiError> {
    let paging = Paging::of(&call, "", (query.limit, query.cursor));
    let (before, limit, EntryPath { kind, key }) = (paging.position::<i64>(&call)?, paging.limit, path);
    let page = call.state.snapshot(move |tx| research::revisions(tx, kind, &key, before, limit)).await?;
    let next = paging.cursor(&call, page.last);
    let page = Page { items: page.items, next, total: Total { value: page.total, exact: true } };
    page_of(&call, &page, Caching::Public)
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
pub async fn get_entry_revision(call: Call, req: HttpRequest, path: EntryPath) -> Result<HttpResponse, ApiError> {
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

parameters! {
    /// What is compared.
    pub struct DiffQuery {
        /// The older revision; 0 is the emptiness before the first
        #[example = 0]
        from: Option<Whole<0>>,
        /// Instead of `from`: the state at this time (RFC 3339)
        #[example = "2026-03-01T00:00:00Z"]
        since: Option<Time>,
        /// The newer revision; the current one when absent
        #[example = 1]
        to: Option<Whole<1>>,
    }
    check DiffQuery::check
}

impl DiffQuery {
    fn check(&self, _: Option<&'static KindDescriptor>, errors: &mut FieldErrors) {
        if self.from.is_some() && self.since.is_some() {
            errors.push("since", FieldCode::InvalidValue, "The older side is given by from or by since, not by both.");
        }
    }
}

/// Compare two revisions
///
/// What changed, as JSON Patch and place by place. Without parameters: what the current revision changed; with `since`
/// all that has changed since then.
#[utoipa::path(
    tag = "{kind}",
    params(
        ("id" = String, Path, description = "Id or ref", example = "P1"),
        DiffQuery
    ),
    responses((status = 200, description = "The difference", body = DiffView))
)]
#[get("/v1/{kind}/{id}/diff")]
pub async fn get_entry_diff(call: Call, path: EntryPath, query: DiffQuery) -> Result<HttpResponse, ApiError> {
    let older = match (query.from, query.since) {
        (Some(number), _) => Older::Revision(number.0),
        (None, Some(time)) => Older::At(time.micros),
        (None, None) => Older::Previous,
    };
    let (to, EntryPath { kind, key }) = (query.to.map(|number| number.0), path);
    let diff = call.state.snapshot(move |tx| research::diff(tx, kind, &key, older, to)).await?;
    reply::json(&call, &diff, None, Caching::Public)
}

parameters! {
    /// Which revision is asked for.
    pub struct BlameQuery {
        /// Number of a revision; the current one when absent
        #[example = 1]
        revision: Option<Whole<1>>,
    }
}

/// Show who last set each claim
///
/// For every claim of the current body, and for what else stands in it: the revision that last changed it, with its
/// author, its reviewers and its submission.
#[utoipa::path(
    tag = "{kind}",
    params(
        ("id" = String, Path, description = "Id or ref", example = "P1"),
        BlameQuery
    ),
    responses((status = 200, description = "The claims and where they come from", body = BlameView))
)]
#[get("/v1/{kind}/{id}/blame")]
pub async fn get_entry_blame(call: Call, path: EntryPath, query: BlameQuery) -> Result<HttpResponse, ApiError> {
    let (revision, EntryPath { kind, key }) = (query.revision.map(|number| number.0), path);
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

/// The name of a link.
#[derive(Clone, Copy, Debug)]
pub struct Rel(&'static str);

impl Choice for Rel {
    fn all() -> Vec<Self> {
        research::all_rels().into_iter().map(Self).collect()
    }

    fn name(self) -> &'static str {
        self.0
    }
}

parameters! {
    /// Which links are listed.
    pub struct LinksQuery {
        /// Only links of this name
        #[example = "cites"]
        rel: Option<Rel>,
        /// Only links that lead this way
        #[example = "incoming"]
        direction: Option<Direction>,
        /// Links in the answer, 1 to 200
        limit: Limit,
        cursor: Cursor,
    }
}

/// List the links of an entry
///
/// What it names and what names it: a person leads to its trials, victim records and relatives, a source to all that
/// cites it. Outgoing links come first.
#[utoipa::path(
    tag = "{kind}",
    params(
        ("id" = String, Path, description = "Id or ref", example = "P1"),
        LinksQuery
    ),
    responses((status = 200, description = "A page of links", body = LinksBody))
)]
#[get("/v1/{kind}/{id}/links")]
pub async fn list_entry_links(call: Call, path: EntryPath, query: LinksQuery) -> Result<HttpResponse, ApiError> {
    let paging = Paging::of(&call, "", (query.limit, query.cursor));
    let filter = LinkFilter { rel: query.rel.map(|rel| rel.0.to_owned()), direction: query.direction };
    let (after, limit, EntryPath { kind, key }) = (paging.position::<LinkPosition>(&call)?, paging.limit, path);
    let page = call.state.snapshot(move |tx| research::links(tx, kind, &key, &filter, after, limit)).await?;
    let next = paging.cursor(&call, page.next);
    let body = LinksBody {
        outgoing: page.outgoing,
        incoming: page.incoming,
        next: next.clone(),
        total: Total { value: page.total, exact: true },
    };
    page_like(&call, &body, next.as_deref(), Caching::Public)
}
