//! Citations of entries and of their revisions.

use actix_web::{HttpRequest, HttpResponse, get, http::header};

use crate::{
    http::{
        call::{Call, EntryPath, Query},
        problem::{ApiError, ProblemCode},
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

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Text,
    Bibtex,
    Ris,
    Csl,
}

/// The forms by name and by media type; the first is given when nothing is asked for.
const FORMS: &[(&str, Form, &[&str])] = &[
    ("text", Form::Text, &["text/plain"]),
    ("bibtex", Form::Bibtex, &["application/x-bibtex", "text/x-bibtex"]),
    ("ris", Form::Ris, &["application/x-research-info-systems"]),
    ("csl", Form::Csl, &["application/vnd.citationstyles.csl+json", "application/json"]),
];

/// What is asked for beside the entry.
struct Asked {
    form: Form,
    lang: Lang,
    of_work: bool,
}

impl Asked {
    fn take(
        req: &HttpRequest,
        kind: &KindDescriptor,
        query: &mut Query,
        errors: &mut FieldErrors,
    ) -> Result<Self, ApiError> {
        let form = query.take("format", errors);
        let lang = query.take("lang", errors);
        let of = query.take("of", errors);
        let named = form.as_ref().and_then(|name| FORMS.iter().find(|(n, _, _)| n == name)).map(|(_, form, _)| *form);
        if form.is_some() && named.is_none() {
            errors.push("format", FieldCode::UnknownCode, "format is text, bibtex, ris or csl.");
        }
        let lang = lang.as_deref().map_or(Some(Lang::En), Lang::parse).unwrap_or_else(|| {
            errors.push("lang", FieldCode::UnknownCode, "lang is en or ru.");
            Lang::En
        });
        let of_work = match of.as_deref() {
            None | Some("record") => false,
            Some("work") if kind.work.is_some() => true,
            Some("work") => {
                let detail = format!("A {} is not a work; of is record.", kind.name);
                errors.push("of", FieldCode::InvalidValue, detail);
                false
            }
            Some(_) => {
                errors.push("of", FieldCode::UnknownCode, "of is record or work.");
                false
            }
        };
        let form = match (named, form.is_some()) {
            (Some(form), _) => form,
            (None, true) => Form::Text,
            (None, false) => accepted(req)?,
        };
        Ok(Self { form, lang, of_work })
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
        let form = FORMS.iter().find(|(_, _, types)| types.iter().any(&is_meant)).map(|(_, form, _)| *form);
        if let Some(form) = form
            && quality > best.map_or(0.0, |(q, _)| q)
        {
            best = Some((quality, form));
        }
    }
    best.map(|(_, form)| form).ok_or_else(|| {
        let types: Vec<&str> = FORMS.iter().flat_map(|(_, _, types)| types.iter().copied()).collect();
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
        ("format" = Option<String>, Query, description = "`text`, `bibtex`, `ris` or `csl`", example = "bibtex"),
        ("lang" = Option<String>, Query, description = "`en` or `ru`", example = "en"),
        ("of" = Option<String>, Query, description = "`record`, the entry; or, for sources, `work`, what it describes", example = "record"),
        ("revision" = Option<i64>, Query, description = "Number of a revision; the current one when absent", example = 1)
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
    mut query: Query,
) -> Result<HttpResponse, ApiError> {
    let rest = match req.query_string() {
        "" => "/cite".to_owned(),
        query => format!("/cite?{query}"),
    };
    let mut errors = FieldErrors::default();
    let revision = query.take_number("revision", 1..=i64::MAX, &mut errors);
    let asked = Asked::take(&req, path.kind, &mut query, &mut errors)?;
    query.finish(errors)?;
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
        ("format" = Option<String>, Query, description = "`text`, `bibtex`, `ris` or `csl`", example = "bibtex"),
        ("lang" = Option<String>, Query, description = "`en` or `ru`", example = "en"),
        ("of" = Option<String>, Query, description = "`record`, the entry; or, for sources, `work`, what it describes", example = "record")
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
    mut query: Query,
) -> Result<HttpResponse, ApiError> {
    let mut errors = FieldErrors::default();
    let asked = Asked::take(&req, path.kind, &mut query, &mut errors)?;
    query.finish(errors)?;
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
    let work =
        move |tx: &mut crate::store::ReadTx| research::citation(tx, archive, kind, &key, revision, of_work, &rest);
    let citation = call.state.snapshot(work).await?;
    Ok(asked.answer(call, citation.cited()))
}
