//! Statistics: JSON, a table, or a picture.

use actix_web::{
    HttpRequest, HttpResponse, get,
    http::header::{self, Header},
};

use crate::{
    http::{
        call::{Call, KindPath, Query, checked},
        problem::ApiError,
        reply::{self, Caching},
    },
    model::errors::{FieldCode, FieldErrors},
    research::{self, StatsQuery, StatsView},
};

/// What statistics can be sent as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Json,
    Csv,
    Svg,
}

impl Format {
    const ALL: [Format; 3] = [Format::Json, Format::Csv, Format::Svg];

    fn name(self) -> &'static str {
        match self {
            Format::Json => "json",
            Format::Csv => "csv",
            Format::Svg => "svg",
        }
    }

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
        let known = |wanted: &str| Self::ALL.into_iter().find(|format| format.media_type() == wanted);
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

/// Count entries
///
/// Counts all entries that the filters leave, by one to three dimensions. Every entry is counted: what has no value, or
/// one that is too uncertain for a bucket, has null in its key. By `Accept` or `format` the answer is JSON, a table
/// (CSV), or a chart of one or two dimensions (SVG).
#[utoipa::path(
    tag = "{kind}",
    params(
        ("by" = String, Query, description = "What to count by, one to three names separated by commas"),
        ("format" = Option<String>, Query, description = "`json`, `csv` or `svg`; before `Accept`", example = "json"),
        ("updated_since" = Option<String>, Query, description = "Entries accepted at or after this time (RFC 3339)", example = "2026-01-01T00:00:00Z"),
        ("at" = Option<String>, Query, description = "The archive as it stood at this time (RFC 3339)", example = "2026-01-01T00:00:00Z")
    ),
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
    mut query: Query,
    req: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let mut errors = FieldErrors::default();
    let format = match query.take("format", &mut errors) {
        None => Format::accepted(&req),
        Some(name) => Format::ALL.into_iter().find(|format| format.name() == name).unwrap_or_else(|| {
            errors.push("format", FieldCode::InvalidValue, "format is json, csv or svg.");
            Format::Json
        }),
    };
    checked(errors)?;
    let (memo, query) = (call.state.memo.clone(), StatsQuery { kind: kind.0, parameters: query.0 });
    let snapshot =
        |work: fn(&mut crate::store::ReadTx, &research::Memo, &StatsQuery) -> crate::usecase::Result<String>| {
            call.state.snapshot(move |tx| work(tx, &memo, &query))
        };
    let mut response = match format {
        Format::Csv => {
            let table = snapshot(research::stats_csv).await?;
            reply::text(&call, table, "text/csv; charset=utf-8; header=present", Caching::Public)
        }
        Format::Svg => reply::text(&call, snapshot(research::stats_chart).await?, "image/svg+xml", Caching::Public),
        Format::Json => {
            let counts = snapshot(research::stats_json).await?;
            reply::text(&call, counts, "application/json", Caching::Public)
        }
    };
    response.headers_mut().insert(header::VARY, header::HeaderValue::from_static("Accept, Authorization"));
    Ok(response)
}
