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
        call::{Call, EntryPath, KindPath, Query, checked},
        memento,
        problem::{ApiError, ProblemCode},
        received::{JsonBody, Received},
        reply::{self, Caching},
        routes::submissions,
    },
    model::{
        errors::{FieldCode, FieldErrors},
        kinds::KindDescriptor,
        stored::StoredJson,
        time::from_rfc3339,
    },
    research::{self, EntryView, Extras, FacetCount, Facets, Included, List, Moment, Shown, SummaryView, Total},
    usecase::Error,
};

/// List entries
///
/// Filters of different names must all hold; a repeated one holds when any of its values does. Dates are EDTF:
/// an entry is found when its date may fall into the one that is asked for. `not.` before the name of a filter asks
/// for the others: `not.executed=1937`, `not.has=executed`.
#[utoipa::path(
    tag = "{kind}",
    params(
        ("limit" = Option<i64>, Query, description = "Entries in the answer, 1 to 200", example = 50),
        ("cursor" = Option<String>, Query, description = "Where to go on: `next` of the page before, with the same filters"),
        ("sort" = Option<String>, Query, description = "`ref`, `label` or `updated`, with `-` before it for descending", example = "-updated"),
        ("view" = Option<String>, Query, description = "`summary` or `full`: with bodies", example = "summary"),
        ("facets" = Option<String>, Query, description = "Count the whole list by these, up to ten names separated by commas"),
        ("updated_since" = Option<String>, Query, description = "Entries accepted at or after this time (RFC 3339)", example = "2026-01-01T00:00:00Z"),
        ("at" = Option<String>, Query, description = "The list as it stood at this time (RFC 3339)"),
        ("include" = Option<String>, Query, description = "Names of links, separated by commas: the entries they lead to come with the answer", example = "sources"),
        ("fields" = Option<String>, Query, description = "Only these fields: paths separated by commas, their names by slashes", example = "label")
    ),
    responses((status = 200, description = "A page of entries", body = EntryPage))
)]
#[get("/v1/{kind}", guard = "names_kind")]
pub async fn list_entries(call: Call, kind: KindPath, mut query: Query) -> Result<HttpResponse, ApiError> {
    let mut errors = FieldErrors::default();
    let shown = query.0.iter().filter(|(name, _)| name != "cursor").cloned().collect::<Vec<_>>();
    let (limit, cursor) = query.take_page(&mut errors);
    checked(errors)?;
    let list = List { kind: kind.0, parameters: query.0, limit, cursor };
    let (seal, memo) = (call.state.seal.clone(), call.state.memo.clone());
    let page = call.state.snapshot(move |tx| research::list(tx, &seal, &memo, &list)).await?;
    let (next, path) = (page.next.clone(), format!("/v1/{}", kind.0.path));
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
    let mut response = reply::json(&call, &page, None, Caching::Public)?;
    if let Some(next) = next {
        reply::link_next(&mut response, &path, &shown, &next);
    }
    Ok(response)
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
        ("revision" = Option<i64>, Query, description = "Number of a revision", example = 1),
        ("at" = Option<String>, Query, description = "The entry as it stood at this time (RFC 3339)", example = "2026-01-01T00:00:00Z"),
        ("include" = Option<String>, Query, description = "Names of links, separated by commas: the entries they lead to come with the answer as `included`", example = "sources"),
        ("view" = Option<String>, Query, description = "`summary` or `full`: the included entries with their bodies", example = "summary"),
        ("fields" = Option<String>, Query, description = "Only these fields: paths separated by commas, their names by slashes", example = "label,body/names")
    ),
    responses((status = 200, description = "The entry", body = EntryView<Body>))
)]
#[get("/v1/{kind}/{id}", guard = "names_kind")]
pub async fn get_entry(call: Call, path: EntryPath, mut query: Query) -> Result<HttpResponse, ApiError> {
    let mut errors = FieldErrors::default();
    let revision = query.take_number("revision", 1..=i64::MAX, &mut errors);
    let at = query.take("at", &mut errors);
    let time = at.as_deref().map(from_rfc3339);
    if time == Some(None) {
        errors.push("at", FieldCode::InvalidValue, "at is an RFC 3339 time such as 2026-01-01T00:00:00Z.");
    }
    if revision.is_some() && at.is_some() {
        errors.push("at", FieldCode::InvalidValue, "Ask for a revision or for a time, not for both.");
    }
    let EntryPath { kind, key } = path;
    let extras = take_extras(kind, &mut query, &mut errors);
    if extras.includes() && revision.is_some() {
        errors.push(
            "include",
            FieldCode::InvalidValue,
            "include shows entries of one time: ask with at, not for a revision.",
        );
    }
    query.finish(errors)?;
    let moment = match (revision, time.flatten()) {
        (Some(number), _) => Moment::Revision(number),
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
        let included = extras.include(tx, std::slice::from_ref(&entry.id), time.flatten())?;
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
    let is_over = time.flatten().is_none_or(|time| time <= call.state.archive.now());
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

fn take_extras(kind: &KindDescriptor, query: &mut Query, errors: &mut FieldErrors) -> Extras {
    let include = query.take("include", errors);
    let fields = query.take("fields", errors);
    let include: Vec<&str> = include.as_deref().into_iter().collect();
    let fields: Vec<&str> = fields.as_deref().into_iter().collect();
    let mut extras = Extras::read(kind, &include, &fields, Shown::Entries, errors);
    match query.take("view", errors).as_deref() {
        Some("full") => extras.with_bodies = true,
        Some("summary") | None => {}
        Some(_) => errors.push("view", FieldCode::InvalidValue, "view is summary or full."),
    }
    extras
}

/// Propose a new entry
///
/// Makes a submission with this one change. `summary` says why; it stands in the history.
#[utoipa::path(
    tag = "{kind}",
    params(("summary" = Option<String>, Query, description = "What the change is and why")),
    request_body = Body,
    responses((status = 202, description = "The submission, waiting for review", body = SubmissionView))
)]
#[post("/v1/{kind}")]
pub async fn create_entry(call: Call, kind: KindPath, query: Query, body: JsonBody) -> Result<HttpResponse, ApiError> {
    let change = change(Op::Create, Some(kind.0.name), None, Some(body.value), None);
    propose(&call, None, change, query, body.received, format!("New {}", kind.0.name)).await
}

/// Propose a whole new body
///
/// `If-Match` names the revision it was made on, by the `ETag` that was read.
#[utoipa::path(
    tag = "{kind}",
    params(
        ("id" = String, Path, description = "Id or ref", example = "P1"),
        ("summary" = Option<String>, Query, description = "What the change is and why")
    ),
    request_body = Body,
    responses((status = 202, description = "The submission, waiting for review", body = SubmissionView))
)]
#[put("/v1/{kind}/{id}")]
pub async fn replace_entry(
    call: Call,
    path: EntryPath,
    query: Query,
    body: JsonBody,
) -> Result<HttpResponse, ApiError> {
    let change = change(Op::Update, None, None, Some(body.value), None);
    propose(&call, Some(path), change, query, body.received, "New body".into()).await
}

/// Propose a change by patch
///
/// A merge patch (RFC 7396) or a JSON Patch (RFC 6902), told apart by the content type. Pointers of faults are into
/// the patched body.
#[utoipa::path(
    tag = "{kind}",
    params(
        ("id" = String, Path, description = "Id or ref", example = "P1"),
        ("summary" = Option<String>, Query, description = "What the change is and why")
    ),
    request_body(content((Object = "application/merge-patch+json"), (Vec<Object> = "application/json-patch+json"))),
    responses((status = 202, description = "The submission, waiting for review", body = SubmissionView))
)]
#[patch("/v1/{kind}/{id}")]
pub async fn patch_entry(call: Call, path: EntryPath, query: Query, body: JsonBody) -> Result<HttpResponse, ApiError> {
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
    propose(&call, Some(path), change, query, body.received, "Patch".into()).await
}

/// Propose to retire an entry
///
/// It leaves the public record with a public reason; its history stays readable.
#[utoipa::path(
    tag = "{kind}",
    params(
        ("id" = String, Path, description = "Id or ref", example = "P1"),
        ("reason" = String, Query, description = "The reason that the public will see"),
        ("summary" = Option<String>, Query, description = "What the change is and why")
    ),
    responses((status = 202, description = "The submission, waiting for review", body = SubmissionView))
)]
#[delete("/v1/{kind}/{id}")]
pub async fn retire_entry(call: Call, path: EntryPath, mut query: Query) -> Result<HttpResponse, ApiError> {
    let mut errors = FieldErrors::default();
    let reason = query.take("reason", &mut errors);
    if reason.as_ref().is_none_or(|r| r.trim().is_empty()) {
        errors.push("reason", FieldCode::MissingField, "Retiring an entry needs a reason that the public sees.");
    }
    checked(errors)?;
    let change = change(Op::Retire, None, reason, None, None);
    propose(&call, Some(path), change, query, Received::default(), "Retire".into()).await
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
    mut query: Query,
    body: Received,
    default_summary: String,
) -> Result<HttpResponse, ApiError> {
    let mut errors = FieldErrors::default();
    let summary = query.take("summary", &mut errors);
    query.finish(errors)?;
    let condition = call.if_match.clone();
    let entry = path.map(|EntryPath { kind, key }| (kind, key));
    let write = move |context| Propose::new(context, entry, condition, change, summary, default_summary);
    let reply = |view: &SubmissionView| submissions::reply(StatusCode::ACCEPTED, view);
    reply::perform_prepared(call, body, None, write, reply).await
}
