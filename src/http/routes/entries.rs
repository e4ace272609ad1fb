//! Entries of every kind: lists, reading, and proposing changes to one of them.

use std::collections::BTreeMap;

use actix_web::{HttpResponse, delete, get, guard::GuardContext, http::StatusCode, patch, post, put};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::{
    editorial::{Op, Propose, ProposedChange, SubmissionView},
    http::{
        Body,
        call::{Call, EntryPath, KindPath},
        memento,
        problem::{ApiError, ProblemCode},
        received::{JsonBody, Received},
        reply::{self, Caching},
        routes::{
            entry_parameters::{EntriesQuery, EntryQuery, ProposalQuery, RetirementQuery, View},
            paging::page_like,
            submissions,
        },
    },
    model::{
        errors::{FieldCode, FieldErrors},
        kinds::KindDescriptor,
        stored::StoredJson,
    },
    research::{self, EntryView, FacetCount, Facets, Included, List, ListOrder, Moment, SummaryView, Total},
    usecase::Error,
};

/// List entries
///
/// Filters of different names must all hold; a repeated one holds when any of its values does. Dates are EDTF:
/// an entry is found when its date may fall into the one that is asked for. `not.` before the name of a filter asks
/// for the others: `not.executed=1937`, `not.has=executed`.
#[utoipa::path(
    tag = "{kind}",
    params(EntriesQuery),
    responses((status = 200, description = "A page of entries", body = EntryPage))
)]
#[get("/v1/{kind}", guard = "names_kind")]
pub async fn list_entries(call: Call, kind: KindPath, query: EntriesQuery) -> Result<HttpResponse, ApiError> {
    let EntriesQuery { limit, cursor, sort, view, facets, updated_since, at, include, fields, filters } = query;
    let list = List {
        kind: kind.0,
        filters,
        updated_since,
        at,
        order: sort.map_or(ListOrder::Ref, |sort| sort.by),
        descending: sort.is_some_and(|sort| sort.descending),
        with_bodies: view == Some(View::Full),
        facets: facets.map(|names| names.0),
        include: include.map(|names| names.0),
        fields: fields.map(|names| names.0),
        limit: limit.0,
        cursor: cursor.0,
    };
    let (seal, memo) = (call.state.seal.clone(), call.state.memo.clone());
    let page = call.state.snapshot(move |tx| research::list(tx, &seal, &memo, &list)).await?;
    let next = page.next.clone();
    let is_truncated = page.included.as_ref().is_some_and(|found| found.included_truncated);
    let (included, included_from) = page.included.map(|found| (found.included, found.included_from)).unzip();
    let page = EntryPage {
        items: page.items,
        next: page.next,
        total: page.total,
        facets: page.facets,
        included,
        included_from,
        included_truncated: is_truncated,
    };
    page_like(&call, &page, next.as_deref(), Caching::Public)
}

/// Whether the address is below that of a kind.
fn names_kind(request: &GuardContext) -> bool {
    let word = request.head().uri.path().split('/').nth(2).unwrap_or_default();
    KindDescriptor::by_path(&percent_encoding::percent_decode_str(word).decode_utf8_lossy()).is_some()
}

/// A page of entries, with what they lead to where it was asked for.
#[derive(Serialize, ToSchema)]
struct EntryPage {
    #[schema(value_type = Vec<SummaryView>)]
    items: Vec<StoredJson>,
    /// Cursor of the next page; null on the last one.
    next: Option<String>,
    total: Total,
    /// Counts of the whole list by the names of `facets`, when it is given: the 50 most frequent values, the most frequent
    /// first, and last, as null, the entries without a value or with one too uncertain for a bucket.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<std::collections::BTreeMap<String, Vec<FacetCount>>>)]
    facets: Option<Facets>,
    /// With `include`: the entries that links lead to, each once, by id: summaries, or entries with `view=full`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<BTreeMap<String, SummaryView>>)]
    included: Option<BTreeMap<String, StoredJson>>,
    /// With `include`: which entry leads to which, by the name of the link.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<BTreeMap<String, BTreeMap<String, Vec<String>>>>)]
    included_from: Option<BTreeMap<String, BTreeMap<String, Vec<String>>>>,
    /// There was no room for all of them.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    included_truncated: bool,
}

/// Read an entry
///
/// The current revision, or the one asked for. A retired entry answers 410 with the public reason; its revisions stay readable.
#[utoipa::path(
    tag = "{kind}",
    params(
        ("id" = String, Path, description = "Id or ref", example = "P1"),
        EntryQuery
    ),
    responses((status = 200, description = "The entry", body = EntryView<Body>))
)]
#[get("/v1/{kind}/{id}", guard = "names_kind")]
pub async fn get_entry(call: Call, path: EntryPath, query: EntryQuery) -> Result<HttpResponse, ApiError> {
    let EntryPath { kind, key } = path;
    let extras = query.extras(kind, &mut FieldErrors::default());
    let time = query.at.map(|time| time.micros);
    let moment = match (query.revision, time) {
        (Some(number), _) => Moment::Revision(number.0),
        (_, Some(time)) => Moment::At(time),
        _ => Moment::Now,
    };
    if moment == Moment::Now && extras.is_empty() {
        let entry = call.state.read(move |tx| research::entry(tx, kind, &key, moment)).await?;
        let etag = entry.etag.clone();
        let mut response = reply::json(&call, &entry, Some(&etag), Caching::Public)?;
        memento::mark_original(&mut response, kind, &entry);
        return Ok(response);
    }
    let read = call.state.snapshot(move |tx| {
        let entry = research::entry(tx, kind, &key, moment)?;
        let included = extras.include(tx, std::slice::from_ref(&entry.id), time)?;
        let mementos = research::mementos(tx, kind, &key, entry.revision)?.1;
        let shown = match extras.is_empty() {
            true => None,
            false => Some(WithIncluded { entry: extras.shown(&entry)?, included }),
        };
        Ok((entry, shown, mementos))
    });
    let (entry, shown, mementos) = read.await?;
    let mut response = match shown {
        // What is left out or added makes another answer than the plain one: its tag is that of its bytes.
        Some(shown) => reply::json(&call, &shown, None, Caching::Public)?,
        None => reply::json(&call, &entry, Some(&entry.etag), Caching::Public)?,
    };
    let is_over = time.is_none_or(|time| time <= call.state.archive.now());
    match moment {
        Moment::Revision(_) | Moment::At(_) if is_over => {
            memento::mark(&mut response, &memento::Addresses::of(kind, &entry.reference), &mementos, entry.revision);
        }
        _ => memento::mark_original(&mut response, kind, &entry),
    }
    Ok(response)
}

/// An entry, with what it leads to where it was asked for.
#[derive(Serialize)]
struct WithIncluded {
    #[serde(flatten)]
    entry: serde_json::Map<String, Value>,
    #[serde(flatten)]
    included: Option<Included>,
}

/// Propose a new entry
///
/// Makes a submission with this one change. `summary` says why; it stands in the history.
#[utoipa::path(
    tag = "{kind}",
    params(ProposalQuery),
    request_body = Body,
    responses((status = 202, description = "The submission, waiting for review", body = SubmissionView))
)]
#[post("/v1/{kind}")]
pub async fn create_entry(
    call: Call,
    kind: KindPath,
    query: ProposalQuery,
    body: JsonBody,
) -> Result<HttpResponse, ApiError> {
    let change = change(Op::Create, Some(kind.0.name), None, Some(body.value), None);
    propose(&call, None, change, query.summary, body.received, format!("New {}", kind.0.name)).await
}

/// Propose a whole new body
///
/// `If-Match` names the revision it was made on, by the `ETag` that was read.
#[utoipa::path(
    tag = "{kind}",
    params(
        ("id" = String, Path, description = "Id or ref", example = "P1"),
        ProposalQuery
    ),
    request_body = Body,
    responses((status = 202, description = "The submission, waiting for review", body = SubmissionView))
)]
#[put("/v1/{kind}/{id}")]
pub async fn replace_entry(
    call: Call,
    path: EntryPath,
    query: ProposalQuery,
    body: JsonBody,
) -> Result<HttpResponse, ApiError> {
    let change = change(Op::Update, None, None, Some(body.value), None);
    propose(&call, Some(path), change, query.summary, body.received, "New body".into()).await
}

/// Propose a change by patch
///
/// A merge patch (RFC 7396) or a JSON Patch (RFC 6902), told apart by the content type. Pointers of faults are into
/// the patched body.
#[utoipa::path(
    tag = "{kind}",
    params(
        ("id" = String, Path, description = "Id or ref", example = "P1"),
        ProposalQuery
    ),
    request_body(content((Object = "application/merge-patch+json"), (Vec<Object> = "application/json-patch+json"))),
    responses((status = 202, description = "The submission, waiting for review", body = SubmissionView))
)]
#[patch("/v1/{kind}/{id}")]
pub async fn patch_entry(
    call: Call,
    path: EntryPath,
    query: ProposalQuery,
    body: JsonBody,
) -> Result<HttpResponse, ApiError> {
    let fits = match body.media_type.as_str() {
        "application/merge-patch+json" => body.value.is_object(),
        "application/json-patch+json" => body.value.is_array(),
        _ => {
            let detail = "Send application/merge-patch+json or application/json-patch+json.";
            return Err(ApiError::new(ProblemCode::UnsupportedMediaType, detail));
        }
    };
    if !fits {
        let detail = "A merge patch is an object, a JSON Patch an array.";
        return Err(Error::Invalid(FieldErrors::one("", FieldCode::WrongType, detail)).into());
    }
    let change = change(Op::Update, None, None, None, Some(body.value));
    propose(&call, Some(path), change, query.summary, body.received, "Patch".into()).await
}

/// Propose to retire an entry
///
/// It leaves the public record with a public reason; its history stays readable.
#[utoipa::path(
    tag = "{kind}",
    params(
        ("id" = String, Path, description = "Id or ref", example = "P1"),
        RetirementQuery
    ),
    responses((status = 202, description = "The submission, waiting for review", body = SubmissionView))
)]
#[delete("/v1/{kind}/{id}")]
pub async fn retire_entry(call: Call, path: EntryPath, query: RetirementQuery) -> Result<HttpResponse, ApiError> {
    let reason = query.reason.0.map(|reason| reason.0);
    let change = change(Op::Retire, None, reason, None, None);
    propose(&call, Some(path), change, query.summary, Received::default(), "Retire".into()).await
}

fn change(
    op: Op,
    kind: Option<&str>,
    reason: Option<String>,
    body: Option<Value>,
    patch: Option<Value>,
) -> ProposedChange {
    ProposedChange {
        op,
        kind: kind.map(str::to_owned),
        id: None,
        base: None,
        body,
        patch,
        to: None,
        reason,
        into: None,
        into_base: None,
    }
}

/// Makes a submission of one change. For an entry that exists, the condition pins the revision it was made on.
async fn propose(
    call: &Call,
    path: Option<EntryPath>,
    change: ProposedChange,
    summary: Option<String>,
    body: Received,
    default_summary: String,
) -> Result<HttpResponse, ApiError> {
    let condition = call.if_match.clone();
    let entry = path.map(|EntryPath { kind, key }| (kind, key));
    let write = move |context| Propose::new(context, entry, condition, change, summary, default_summary);
    let reply = |view: &SubmissionView| submissions::reply(StatusCode::ACCEPTED, view);
    reply::perform_prepared(call, body, None, write, reply).await
}
