//! Statistics: JSON, a table, or a picture.

use actix_web::{
    HttpRequest, HttpResponse, get,
    http::header::{self, Header},
};

use crate::{
    http::{
        call::{Call, KindPath},
        problem::ApiError,
        query::{Choice, Names, Needed, Time, choices, parameters},
        reply::{self, Caching},
    },
    research::{self, StatsQuery, StatsView},
};

choices! {
    /// What statistics can be sent as.
    pub enum Format {
        Json = "json",
        Csv = "csv",
        Svg = "svg",
    }
}

impl Format {
    fn media_type(self) -> &'static str {
        match self {
            Format::Json => "application/json",
            Format::Csv => "text/csv",
            Format::Svg => "image/svg+xml",
        }
    }

    /// What the header `Accept` likes best of what there is; JSON where it likes nothing of it.
    fn accepted(req: &HttpRequest) -> Self {
        let ranked = header::Accept::parse(req).map(|accept| accept.ranked()).unwrap_or_default();
        let known = |wanted: &str| Self::all().into_iter().find(|format| format.media_type() == wanted);
        // Whoever takes anything, or any text or picture, has named nothing: of these, JSON.
        ranked
            .iter()
            .find_map(|wanted| match wanted.essence_str() {
                "*/*" => Some(Self::Json),
                named => known(named),
            })
            .unwrap_or(Self::Json)
    }
}

parameters! {
    /// Which entries are counted, by what.
    pub struct CountsQuery {
        /// What to count by, one to three names separated by commas
        by: Needed<Names>,
        /// `json`, `csv` or `svg`; before `Accept`
        #[example = "json"]
        format: Option<Format>,
        /// Entries accepted at or after this time (RFC 3339)
        #[example = "2026-01-01T00:00:00Z"]
        updated_since: Option<Time>,
        /// The archive as it stood at this time (RFC 3339)
        #[example = "2026-01-01T00:00:00Z"]
        at: Option<Time>,
    }
    and filters
}

/// Count entries
///
/// Counts all entries that the filters leave, by one to three dimensions. Every entry is counted: what has no value, or
/// one that is too uncertain for a bucket, has null in its key. By `Accept` or `format` the answer is JSON, a table
/// (CSV), or a chart of one or two dimensions (SVG).
#[utoipa::path(
    tag = "{kind}",
    params(CountsQuery),
    responses((status = 200, description = "The counts", content(
        (StatsView = "application/json"),
        (String = "text/csv"),
        (String = "image/svg+xml")
    )))
)]
#[get("/v1/stats/{kind}")]
pub async fn stats_entries(
    call: Call,
    kind: KindPath,
    query: CountsQuery,
    req: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let CountsQuery { by, format, updated_since, at, filters } = query;
    let format = format.unwrap_or_else(|| Format::accepted(&req));
    let (memo, by) = (call.state.memo.clone(), by.0.map(|names| names.0));
    let query = StatsQuery { kind: kind.0, by, filters, updated_since, at };
    let counted = call.state.snapshot(move |tx| match format {
        Format::Csv => research::stats_csv(tx, &memo, &query),
        Format::Svg => research::stats_chart(tx, &memo, &query),
        Format::Json => research::stats_json(tx, &memo, &query),
    });
    let media_type = match format {
        Format::Csv => "text/csv; charset=utf-8; header=present",
        other => other.media_type(),
    };
    let mut response = reply::text(&call, counted.await?, media_type, Caching::Public);
    response.headers_mut().insert(header::VARY, header::HeaderValue::from_static("Accept, Authorization"));
    Ok(response)
}
