//! Exports of a kind, and their manifests.

use actix_web::{
    HttpMessage, HttpRequest, HttpResponse,
    body::{BodySize, MessageBody},
    get,
    http::header,
    middleware::Compress,
};

use crate::{
    http::{
        call::{Call, HeadOnly, KindPath},
        problem::ApiError,
        query::{Time, Whole, parameters},
        reply::{self, Caching},
    },
    model::{
        errors::{FieldCode, FieldErrors},
        export::{Format, Rows},
        kinds::KindDescriptor,
    },
    research::{ExportRequest, Manifest},
    usecase::Error,
};

/// Names the state of the archive that a file shows.
const SNAPSHOT: header::HeaderName = header::HeaderName::from_static("kartoteka-snapshot");

parameters! {
    /// Which file is asked for.
    pub struct ExportQuery {
        /// `ndjson`, `csv`, `jsonld`; for sources also `csl`, `bibtex`, `ris`
        #[example = "ndjson"]
        format: Option<Format>,
        /// What a row of CSV stands for: `entries` or `claims`
        #[example = "entries"]
        rows: Option<Rows>,
        /// Refuse to give any other state of the archive than this one
        snapshot: Option<Whole<0>>,
        /// Entries accepted at or after this time (RFC 3339)
        #[example = "2026-01-01T00:00:00Z"]
        updated_since: Option<Time>,
    }
    and filters
    check ExportQuery::check
}

impl ExportQuery {
    /// Not every kind has every format, and only tables have rows that can stand for something else.
    fn check(&self, kind: Option<&'static KindDescriptor>, errors: &mut FieldErrors) {
        if let (Some(format), Some(kind)) = (self.format, kind)
            && !Format::of(kind).contains(&format)
        {
            let names: Vec<_> = Format::of(kind).into_iter().map(Format::as_str).collect();
            let names = names.join(", ");
            let detail = format!("{} are not exported as {}; there are: {names}.", kind.path, format.as_str());
            errors.push("format", FieldCode::UnknownCode, detail);
        }
        if self.rows.is_some() && self.format != Some(Format::Csv) {
            errors.push("rows", FieldCode::InvalidValue, "rows is for CSV only.");
        }
    }

    fn request(self, call: &Call, kind: KindPath) -> Result<ExportRequest, ApiError> {
        let Self { format, rows, snapshot, updated_since, filters } = self;
        let (archive, snapshot) = (call.state.transport.archive.clone(), snapshot.map(|number| number.0));
        let request = ExportRequest::new(kind.0, (format, rows), snapshot, updated_since, filters, archive);
        Ok(request.map_err(Error::InvalidQuery)?)
    }
}

/// Export entries
///
/// All entries that pass the filters of the list, from one state of the archive, in the order of their refs: a stream
/// without a cap, in memory that does not grow. Retired and merged entries are not among them.
///
/// `ndjson`: one entry a line, with its stored body. `csv` (RFC 4180): with `rows=entries` one row for each entry and a
/// column for each field of the kind (a date has four: EDTF, `_calendar`, `_earliest`, `_latest`; many values are joined
/// by `; `), with `rows=claims` one row for each claim; a cell that begins with `=`, `+`, `-`, `@`, a tab, a carriage
/// return or an apostrophe has an apostrophe put before it. `jsonld`: schema.org and CIDOC CRM. `csl`, `bibtex`, `ris`:
/// bibliographies of sources.
///
/// `Kartoteka-Snapshot` names the state: the number of the last event in the feed. The file has the SHA-256 that its
/// manifest gives. A file that breaks off ends without its last chunk.
#[utoipa::path(
    tag = "{kind}",
    params(ExportQuery),
    responses((
        status = 200, description = "The file", content(
            (String = "application/x-ndjson"), (String = "text/csv"), (String = "application/ld+json"),
            (String = "application/vnd.citationstyles.csl+json"), (String = "application/x-bibtex"),
            (String = "application/x-research-info-systems")
        ),
        headers(("Kartoteka-Snapshot" = i64, description = "Number of the last event in the feed"))
    ))
)]
#[get("/v1/export/{kind}", wrap = "Compress::default()")]
pub async fn export_entries(
    call: Call,
    req: HttpRequest,
    kind: KindPath,
    query: ExportQuery,
) -> Result<HttpResponse, ApiError> {
    let request = query.request(&call, kind)?;
    let is_head = req.extensions().get::<HeadOnly>().is_some();
    let known = call.if_none_match.clone();
    let is_wanted = move |tag: &str| !is_head && !reply::matches(known.as_deref(), &quoted(tag));
    let begun = call.state.begin_export(request.clone(), move |opened| is_wanted(&opened.tag)).await?;
    let (seq, tag) = (begun.opened.seq, quoted(&begun.opened.tag));
    let is_fresh = reply::matches(call.if_none_match.as_deref(), &tag);
    let mut response = if is_fresh { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response
        // Weak: compressed and plain, it is the same file.
        .insert_header((header::ETAG, format!("W/{tag}")))
        .insert_header((header::CACHE_CONTROL, Caching::Public.header()))
        .insert_header((header::VARY, "Authorization"))
        .insert_header((SNAPSHOT, seq.to_string()));
    if is_fresh {
        return Ok(response.finish());
    }
    let disposition = format!("attachment; filename=\"{}\"", request.file_name(seq));
    response.insert_header((header::CONTENT_DISPOSITION, disposition)).content_type(request.format.media_type());
    if is_head {
        return Ok(response.body(Unsaid));
    }
    Ok(response.streaming(begun.chunks))
}

/// The body behind the head of an answer: as long as it turns out to be, and not sent.
struct Unsaid;

impl MessageBody for Unsaid {
    type Error = std::convert::Infallible;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<actix_web::web::Bytes, Self::Error>>> {
        std::task::Poll::Ready(None)
    }
}

fn quoted(tag: &str) -> String {
    format!("\"{tag}\"")
}

/// Describe an export of entries
///
/// What the export with the same parameters gives, without giving it: how many entries and records, of which state of the
/// archive, how many bytes, and their SHA-256. To be cited with the file, and to check it by. `address` gives the same
/// bytes as long as the archive stays in this state; then it answers 409.
#[utoipa::path(
    tag = "{kind}",
    params(ExportQuery),
    responses((status = 200, description = "The manifest", body = Manifest))
)]
#[get("/v1/export/{kind}/manifest")]
pub async fn get_entries_export_manifest(
    call: Call,
    kind: KindPath,
    query: ExportQuery,
) -> Result<HttpResponse, ApiError> {
    let manifest = call.state.manifest(query.request(&call, kind)?).await?;
    reply::json(&call, &manifest, None, Caching::Public)
}
