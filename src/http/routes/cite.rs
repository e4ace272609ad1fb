//! Citations of entries and of their revisions.

use actix_web::{HttpRequest, HttpResponse, get, http::header};

use crate::{
    http::{
        call::{Call, EntryPath},
        problem::{ApiError, ProblemCode},
        query::{Choice, Whole, choices, parameters},
        reply::{self, Caching},
    },
    model::{
        cite::{Cited, Lang, bibtex, csl, ris, sentence},
        errors::{FieldCode, FieldErrors},
        kinds::KindDescriptor,
    },
    research,
    usecase::Error,
};

choices! {
    /// What a citation is written as; the first is given when nothing is asked for.
    pub enum Form {
        Text = "text",
        Bibtex = "bibtex",
        Ris = "ris",
        Csl = "csl",
    }
}

impl Form {
    /// The media types by which it is asked for.
    fn media_types(self) -> &'static [&'static str] {
        match self {
            Form::Text => &["text/plain"],
            Form::Bibtex => &["application/x-bibtex", "text/x-bibtex"],
            Form::Ris => &["application/x-research-info-systems"],
            Form::Csl => &["application/vnd.citationstyles.csl+json", "application/json"],
        }
    }
}

choices! {
    /// What is cited.
    pub enum Of {
        Record = "record",
        Work = "work",
    }
}

parameters! {
    /// What is cited of an entry, and how.
    pub struct CitationQuery {
        /// `text`, `bibtex`, `ris` or `csl`
        #[example = "bibtex"]
        format: Option<Form>,
        /// `en` or `ru`
        #[example = "en"]
        lang: Option<Lang>,
        /// `record`, the entry; or, for sources, `work`, what it describes
        #[example = "record"]
        of: Option<Of>,
        /// Number of a revision; the current one when absent
        #[example = 1]
        revision: Option<Whole<1>>,
    }
    check CitationQuery::check
}

parameters! {
    /// How a revision is cited.
    pub struct RevisionCitationQuery {
        /// `text`, `bibtex`, `ris` or `csl`
        #[example = "bibtex"]
        format: Option<Form>,
        /// `en` or `ru`
        #[example = "en"]
        lang: Option<Lang>,
        /// `record`, the entry; or, for sources, `work`, what it describes
        #[example = "record"]
        of: Option<Of>,
    }
    check RevisionCitationQuery::check
}

impl CitationQuery {
    fn check(&self, kind: Option<&'static KindDescriptor>, errors: &mut FieldErrors) {
        check_work(self.of, kind, errors);
    }
}

impl RevisionCitationQuery {
    fn check(&self, kind: Option<&'static KindDescriptor>, errors: &mut FieldErrors) {
        check_work(self.of, kind, errors);
    }
}

/// Not every kind describes works.
fn check_work(of: Option<Of>, kind: Option<&'static KindDescriptor>, errors: &mut FieldErrors) {
    if let Some(kind) = kind.filter(|kind| of == Some(Of::Work) && kind.work.is_none()) {
        errors.push("of", FieldCode::InvalidValue, format!("A {} is not a work; of is record.", kind.name));
    }
}

/// What is asked for beside the entry.
struct Asked {
    form: Form,
    lang: Lang,
    of_work: bool,
}

impl Asked {
    fn new(req: &HttpRequest, form: Option<Form>, lang: Option<Lang>, of: Option<Of>) -> Result<Self, ApiError> {
        let form = form.map_or_else(|| accepted(req), Ok)?;
        Ok(Self { form, lang: lang.unwrap_or_default(), of_work: of == Some(Of::Work) })
    }

    fn answer(&self, call: &Call, cited: Cited) -> HttpResponse {
        let (content_type, body) = match self.form {
            Form::Text => ("text/plain; charset=utf-8", sentence(cited, self.lang) + "\n"),
            Form::Bibtex => ("application/x-bibtex; charset=utf-8", bibtex(cited, self.lang)),
            Form::Ris => ("application/x-research-info-systems; charset=utf-8", ris(cited, self.lang)),
            Form::Csl => {
                let items = serde_json::Value::Array(vec![csl(cited, self.lang)]);
                ("application/vnd.citationstyles.csl+json", items.to_string())
            }
        };
        let tag = reply::body_etag(body.as_bytes());
        let is_fresh = reply::matches(call.if_none_match.as_deref(), &tag);
        let mut response = if is_fresh { HttpResponse::NotModified() } else { HttpResponse::Ok() };
        response
            .insert_header((header::ETAG, tag))
            .insert_header((header::CACHE_CONTROL, Caching::Public.header()))
            .insert_header((header::VARY, "Accept, Authorization"));
        if is_fresh { response.finish() } else { response.content_type(content_type).body(body) }
    }
}

/// The form that `Accept` likes best (RFC 9110 section 12.5.1).
fn accepted(req: &HttpRequest) -> Result<Form, ApiError> {
    let header: Vec<&str> = req.headers().get_all(header::ACCEPT).filter_map(|v| v.to_str().ok()).collect();
    let header = header.join(",");
    if header.trim().is_empty() {
        return Ok(Form::Text);
    }
    let mut best: Option<(f32, Form)> = None;
    for range in header.split(',') {
        let mut parts = range.split(';').map(str::trim);
        let range = parts.next().unwrap_or_default().to_ascii_lowercase();
        let quality = parts.find_map(|p| p.strip_prefix("q=")).map_or(1.0, |q| q.parse().unwrap_or(0.0));
        let family = range.strip_suffix("/*");
        let is_meant = |media_type: &&str| {
            range == **media_type
                || range == "*/*"
                || family.is_some_and(|family| media_type.split('/').next() == Some(family))
        };
        let form = Form::all().into_iter().find(|form| form.media_types().iter().any(&is_meant));
        if let Some(form) = form
            && quality > best.map_or(0.0, |(q, _)| q)
        {
            best = Some((quality, form));
        }
    }
    best.map(|(_, form)| form).ok_or_else(|| {
        let types: Vec<&str> = Form::all().into_iter().flat_map(|form| form.media_types().iter().copied()).collect();
        ApiError::new(ProblemCode::NotAcceptable, format!("Citations are given as: {}.", types.join(", ")))
    })
}

/// Cite an entry
///
/// The citation names the archive, the ref, the revision with its date and hash, and the permanent address of the
/// revision. Without `format`, `Accept` decides. A source is also cited as the work that it describes: `of=work`.
#[utoipa::path(
    tag = "{kind}",
    params(
        ("id" = String, Path, description = "Id or ref", example = "P1"),
        CitationQuery
    ),
    responses((status = 200, description = "The citation", content(
        (String = "text/plain"), (String = "application/x-bibtex"), (String = "application/x-research-info-systems"),
        (String = "application/vnd.citationstyles.csl+json")
    )))
)]
#[get("/v1/{kind}/{id}/cite")]
pub async fn get_entry_citation(
    call: Call,
    req: HttpRequest,
    path: EntryPath,
    query: CitationQuery,
) -> Result<HttpResponse, ApiError> {
    let rest = match req.query_string() {
        "" => "/cite".to_owned(),
        query => format!("/cite?{query}"),
    };
    let asked = Asked::new(&req, query.format, query.lang, query.of)?;
    let revision = query.revision.map(|number| number.0);
    cite(&call, path, revision, asked, rest).await
}

/// Cite a revision of an entry
///
/// The same for one revision: it can be cited when the entry is retired or merged, too.
#[utoipa::path(
    tag = "{kind}",
    params(
        ("id" = String, Path, description = "Id or ref", example = "P1"),
        ("number" = i64, Path, description = "Number of the revision", example = 1),
        RevisionCitationQuery
    ),
    responses((status = 200, description = "The citation", content(
        (String = "text/plain"), (String = "application/x-bibtex"), (String = "application/x-research-info-systems"),
        (String = "application/vnd.citationstyles.csl+json")
    )))
)]
#[get("/v1/{kind}/{id}/revisions/{number}/cite")]
pub async fn get_entry_revision_citation(
    call: Call,
    req: HttpRequest,
    path: EntryPath,
    query: RevisionCitationQuery,
) -> Result<HttpResponse, ApiError> {
    let asked = Asked::new(&req, query.format, query.lang, query.of)?;
    let number = req.match_info().get("number").and_then(|n| n.parse::<i64>().ok());
    let number = number.ok_or(Error::NotFound("revision"))?;
    cite(&call, path, Some(number), asked, String::new()).await
}

async fn cite(
    call: &Call,
    path: EntryPath,
    revision: Option<i64>,
    asked: Asked,
    rest: String,
) -> Result<HttpResponse, ApiError> {
    let EntryPath { kind, key } = path;
    let (archive, of_work) = (call.state.transport.archive.clone(), asked.of_work);
    let citation = call.state.snapshot(move |tx| research::citation(tx, archive, kind, &key, revision, of_work, &rest));
    Ok(asked.answer(call, citation.await?.cited()))
}
