//! The archive about itself: health, problems, vocabularies.

use actix_web::{HttpResponse, get, web};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    http::{
        call::Call,
        problem::{ApiError, ProblemCode},
        reply::{self, Caching},
    },
    model::{
        errors::FieldCode,
        vocabularies::{self, VocabularyTable},
    },
    store::{Obstacle, StoreError},
    usecase::Error,
};

/// How the service feels.
#[derive(Serialize, ToSchema)]
struct Health {
    #[schema(example = "ok")]
    status: &'static str,
    /// Version of the program.
    #[schema(example = "0.1.0")]
    version: &'static str,
}

const HEALTHY: Health = Health { status: "ok", version: env!("CARGO_PKG_VERSION") };

/// Tell whether the process runs
#[utoipa::path(tag = "meta", responses((status = 200, description = "It runs", body = Health)))]
#[get("/health/live")]
pub async fn health_live(call: Call) -> Result<HttpResponse, ApiError> {
    reply::json(&call, &HEALTHY, None, Caching::Private)
}

/// Whether the service can work.
#[derive(Serialize, ToSchema)]
struct Readiness {
    #[schema(example = "ok")]
    status: &'static str,
    /// Version of the program.
    #[schema(example = "0.1.0")]
    version: &'static str,
    /// Whether the archive can be written to. Reading goes on when it cannot.
    writable: bool,
    /// Why the archive cannot be written to, as a sentence; only when `writable` is `false`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "The disk of the database is full.")]
    reason: Option<&'static str>,
}

impl Readiness {
    fn new(obstacle: Option<Obstacle>) -> Self {
        let Health { status, version } = HEALTHY;
        Self { status, version, writable: obstacle.is_none(), reason: obstacle.map(Obstacle::reason) }
    }
}

/// Tell whether the service can work
///
/// Asks the database and returns 503 while it does not answer. `writable` tells whether the archive can be written to, by a
/// trial write at most every two seconds. The status stays 200 when it cannot, because reading goes on: see
/// `/health/writable`.
#[utoipa::path(tag = "meta", responses((status = 200, description = "It can work", body = Readiness)))]
#[get("/health/ready")]
pub async fn health_ready(call: Call) -> Result<HttpResponse, ApiError> {
    call.state.ping().await?;
    reply::json(&call, &Readiness::new(call.state.obstacle().await?), None, Caching::Private)
}

/// Tell whether the archive can be written to
///
/// Returns 503 with the reason while a trial write fails, or while the database does not answer. Another write that takes
/// long is no obstacle. There is at most one trial write every two seconds.
#[utoipa::path(tag = "meta", responses((status = 200, description = "It can be written to", body = Readiness)))]
#[get("/health/writable")]
pub async fn health_writable(call: Call) -> Result<HttpResponse, ApiError> {
    call.state.ping().await?;
    match call.state.obstacle().await? {
        None => reply::json(&call, &Readiness::new(None), None, Caching::Private),
        Some(obstacle) => Err(Error::Store(StoreError::NotWritable(obstacle)).into()),
    }
}

/// A problem code.
#[derive(Serialize, ToSchema)]
struct ProblemPage {
    code: ProblemCode,
    status: u16,
    title: &'static str,
    meaning: &'static str,
}

fn problem_page(code: ProblemCode) -> ProblemPage {
    ProblemPage { code, status: code.status(), title: code.title(), meaning: code.meaning() }
}

/// A code of one fault in the input.
#[derive(Serialize, ToSchema)]
struct FieldCodePage {
    #[schema(example = "invalid_date")]
    code: &'static str,
    meaning: &'static str,
}

/// All codes.
#[derive(Serialize, ToSchema)]
struct ProblemList {
    problems: Vec<ProblemPage>,
    /// The codes inside `errors`.
    field_codes: Vec<FieldCodePage>,
}

/// List all problem codes
#[utoipa::path(tag = "meta", responses((status = 200, description = "Every code with its meaning", body = ProblemList)))]
#[get("/problems")]
pub async fn list_problems(call: Call) -> Result<HttpResponse, ApiError> {
    let list = ProblemList {
        problems: ProblemCode::ALL.iter().map(|c| problem_page(*c)).collect(),
        field_codes: FieldCode::ALL.iter().map(|(_, code, meaning)| FieldCodePage { code, meaning }).collect(),
    };
    reply::json(&call, &list, None, Caching::Public)
}

/// Explain a problem code
///
/// The page that the `type` of a problem leads to.
#[utoipa::path(
    tag = "meta",
    params(("code" = String, Path, description = "The code", example = "not_found")),
    responses((status = 200, description = "What the code means", body = ProblemPage))
)]
#[get("/problems/{code}")]
pub async fn get_problem(call: Call, code: web::Path<String>) -> Result<HttpResponse, ApiError> {
    let found = ProblemCode::ALL.iter().find(|c| c.as_str() == code.as_str());
    reply::json(&call, &problem_page(*found.ok_or(Error::NotFound("problem code"))?), None, Caching::Public)
}

/// A vocabulary.
#[derive(Serialize, ToSchema)]
struct VocabularyView {
    #[schema(example = "sex")]
    name: &'static str,
    description: &'static str,
    terms: Vec<TermView>,
}

/// A term of a vocabulary.
#[derive(Serialize, ToSchema)]
struct TermView {
    #[schema(example = "female")]
    code: &'static str,
    label: TermLabel,
}

/// What people read for a code.
#[derive(Serialize, ToSchema)]
struct TermLabel {
    #[schema(example = "female")]
    en: &'static str,
    #[schema(example = "женский")]
    ru: &'static str,
}

impl VocabularyView {
    fn new(table: &VocabularyTable) -> Self {
        let terms = table.terms.iter().map(|t| TermView { code: t.code, label: TermLabel { en: t.en, ru: t.ru } });
        Self { name: table.name, description: table.description.trim(), terms: terms.collect() }
    }
}

/// List the controlled vocabularies
///
/// Every code that coded values can have, with labels in English and Russian.
#[utoipa::path(tag = "meta", responses((status = 200, description = "All vocabularies", body = Vec<VocabularyView>)))]
#[get("/v1/vocabularies")]
pub async fn list_vocabularies(call: Call) -> Result<HttpResponse, ApiError> {
    let all: Vec<_> = vocabularies::ALL.iter().map(|t| VocabularyView::new(t)).collect();
    reply::json(&call, &all, None, Caching::Public)
}
