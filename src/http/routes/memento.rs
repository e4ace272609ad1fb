//! Travelling in time by Memento (RFC 7089): the TimeGate and the TimeMap of an entry.

use actix_web::{HttpRequest, HttpResponse, get, http::header};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    http::{
        call::{Call, EntryPath},
        memento::{self, ACCEPT_DATETIME, Addresses, LINK_FORMAT},
        problem::{ApiError, ProblemCode},
        query::{Whole, choices, parameters},
        reply::{self, Caching},
    },
    model::time::{from_http_date, to_http_date, to_rfc3339},
    research::{self, TimeMap},
};

/// Mementos in one part of a TimeMap.
const PART: i64 = 1_000;
/// Times of HTTP have no fractions: what was accepted within the second that is asked for counts.
const REST_OF_SECOND: i64 = 999_999;

/// Find the revision of an entry that stood at a time
///
/// The TimeGate of Memento (RFC 7089): leads to the revision that stood at `Accept-Datetime`, to the first one for a time
/// before it, to the current one without the header. Where the entry had been retired by then, the revision says so;
/// where it had been merged, the answer leads to the TimeGate of the entry that stays.
#[utoipa::path(
    tag = "{kind}",
    params(
        ("id" = String, Path, description = "Id or ref", example = "P1"),
        ("Accept-Datetime" = Option<String>, Header, description = "A time as HTTP writes it (RFC 9110, IMF-fixdate)", example = "Thu, 01 Jan 2026 00:00:00 GMT")
    ),
    responses((
        status = 302, description = "The revision of that time",
        headers(
            ("Location" = String, description = "Address of the revision"),
            ("Vary" = String, description = "`accept-datetime`"),
            ("Link" = String, description = "`original`, `timemap`, first and last memento")
        )
    ))
)]
#[get("/v1/{kind}/{id}/timegate")]
pub async fn get_entry_timegate(call: Call, req: HttpRequest, path: EntryPath) -> Result<HttpResponse, ApiError> {
    let at = req.headers().get(ACCEPT_DATETIME).map(|value| value.to_str().ok().and_then(from_http_date));
    let at = match at {
        Some(None) => {
            let detail = "Accept-Datetime is a time such as Thu, 01 Jan 2026 00:00:00 GMT.";
            return Err(ApiError::new(ProblemCode::InvalidHeader, detail));
        }
        Some(Some(time)) => Some(time.saturating_add(REST_OF_SECOND)),
        None => None,
    };
    let EntryPath { kind, key } = path;
    let gate = call.state.snapshot(move |tx| research::timegate(tx, kind, &key, at)).await?;
    let addresses = Addresses::of(kind, &gate.reference);
    let mut ends = vec![gate.first, gate.last];
    ends.dedup();
    let mut response = HttpResponse::Found()
        .insert_header((header::LOCATION, addresses.memento(gate.chosen)))
        .insert_header((header::VARY, "accept-datetime, Authorization"))
        .insert_header((header::CACHE_CONTROL, "public, no-cache"))
        .finish();
    memento::add_links(&mut response, &memento::links(&addresses, &ends, None));
    Ok(response)
}

/// A TimeMap as JSON.
#[derive(Debug, Serialize, ToSchema)]
struct TimeMapView {
    /// The entry.
    #[schema(example = "/v1/people/P12")]
    original: String,
    timegate: String,
    timemap: String,
    /// Where the next part of a long history is.
    next: Option<String>,
    /// Oldest first.
    mementos: Vec<MementoView>,
}

#[derive(Debug, Serialize, ToSchema)]
struct MementoView {
    #[schema(example = "/v1/people/P12?revision=1")]
    uri: String,
    revision: i64,
    #[schema(format = "date-time")]
    datetime: String,
}

choices! {
    /// What a TimeMap is sent as.
    pub enum MapFormat {
        Link = "link",
        Json = "json",
    }
}

parameters! {
    /// Which part of a TimeMap is asked for.
    pub struct TimeMapQuery {
        /// Number of the first revision shown
        #[example = 1]
        from: Option<Whole<1>>,
        /// `link` or `json`; goes before `Accept`
        #[example = "json"]
        format: Option<MapFormat>,
    }
}

/// List the times of an entry
///
/// The TimeMap of Memento (RFC 7089): every revision with the time of its acceptance, of retired and merged entries too.
/// `application/link-format` unless JSON is asked for, with `Accept` or `format`.
#[utoipa::path(
    tag = "{kind}",
    params(
        ("id" = String, Path, description = "Id or ref", example = "P1"),
        TimeMapQuery
    ),
    responses((
        status = 200, description = "The TimeMap",
        content((TimeMapView = "application/json"), (String = "application/link-format"))
    ))
)]
#[get("/v1/{kind}/{id}/timemap")]
pub async fn get_entry_timemap(
    call: Call,
    req: HttpRequest,
    path: EntryPath,
    query: TimeMapQuery,
) -> Result<HttpResponse, ApiError> {
    let from = query.from.map_or(1, |number| number.0);
    let is_json = query.format.map_or_else(|| prefers_json(&req), |format| format == MapFormat::Json);
    let EntryPath { kind, key } = path;
    let map = call.state.snapshot(move |tx| research::timemap(tx, kind, &key, from, PART)).await?;
    let addresses = Addresses::of(kind, &map.reference);
    let mut response = match is_json {
        true => reply::json(&call, &view(&addresses, &map, from), None, Caching::Public)?,
        false => reply::text(&call, link_format(&addresses, &map, from), LINK_FORMAT, Caching::Public),
    };
    response.headers_mut().insert(header::VARY, header::HeaderValue::from_static("Accept, Authorization"));
    Ok(response)
}

fn prefers_json(req: &HttpRequest) -> bool {
    let accept = req.headers().get(header::ACCEPT).and_then(|v| v.to_str().ok()).unwrap_or_default();
    accept.contains("application/json") && !accept.contains(LINK_FORMAT)
}

fn view(addresses: &Addresses, map: &TimeMap, from: i64) -> TimeMapView {
    TimeMapView {
        original: addresses.original().to_owned(),
        timegate: addresses.timegate(),
        timemap: addresses.timemap(from),
        next: map.next.map(|next| addresses.timemap(next)),
        mementos: map
            .mementos
            .iter()
            .map(|m| MementoView {
                uri: addresses.memento(m.revision),
                revision: m.revision,
                datetime: to_rfc3339(m.at),
            })
            .collect(),
    }
}

fn link_format(addresses: &Addresses, map: &TimeMap, from: i64) -> String {
    let time = |memento: Option<&research::Memento>| memento.map_or(String::new(), |m| to_http_date(m.at));
    let (first, last) = (time(map.mementos.first()), time(map.mementos.last()));
    let mut lines = vec![
        format!("<{}>; rel=\"original\"", addresses.original()),
        format!(
            "<{}>; rel=\"self\"; type=\"{LINK_FORMAT}\"; from=\"{first}\"; until=\"{last}\"",
            addresses.timemap(from)
        ),
        format!("<{}>; rel=\"timegate\"", addresses.timegate()),
    ];
    if let Some(next) = map.next {
        lines.push(format!("<{}>; rel=\"timemap\"; type=\"{LINK_FORMAT}\"", addresses.timemap(next)));
    }
    let ends = (1, map.mementos.last().filter(|_| map.next.is_none()).map(|m| m.revision));
    lines.extend(map.mementos.iter().map(|memento| {
        let rels = [("first", memento.revision == ends.0), ("last", Some(memento.revision) == ends.1)];
        let rels: Vec<&str> = rels.into_iter().filter(|(_, holds)| *holds).map(|(name, _)| name).collect();
        addresses.link(*memento, &rels)
    }));
    lines.join(",\n") + "\n"
}
