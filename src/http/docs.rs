//! The OpenAPI document and its readable form. The assets are part of the program.

use std::sync::{Arc, OnceLock};

use actix_web::{HttpRequest, HttpResponse, http::header, web};
use serde_json::Value;
use utoipa_swagger_ui::Config;

use super::{
    call::{Guard, not_routed, unrouted},
    openapi::{document, operations, pretty, template, yaml},
    problem::{ApiError, ProblemCode},
    reply::body_etag,
    state::{ApiDocument, AppState},
};
use crate::model::operations::declared;

impl ApiDocument {
    /// The document of this process, built when it is first asked for.
    pub fn shared() -> Arc<Self> {
        static SHARED: OnceLock<Arc<ApiDocument>> = OnceLock::new();
        SHARED.get_or_init(|| Arc::new(Self::build())).clone()
    }

    fn build() -> Self {
        let template = template();
        let document = document();
        let guard = |(path, method, operation): (&String, &String, &Value)| {
            let (id, method) = (operation["operationId"].as_str()?, method.to_uppercase());
            // What is not declared, or is declared for another address, has no guard, and without a guard there is no call.
            let known = declared(id).filter(|known| known.path == *path && known.method.as_str() == method)?;
            let mut parameters = operation["parameters"].as_array().into_iter().flatten();
            let takes_parameters = parameters.any(|parameter| parameter["in"] == "query");
            Some(((method, path.clone()), Guard { operation: known, takes_parameters }))
        };
        let guards = operations(&template).filter_map(guard).collect();
        let mut methods: Vec<(String, Vec<String>)> = Vec::new();
        for (path, method, _) in operations(&document) {
            match methods.iter_mut().find(|(p, _)| p == path) {
                Some((_, known)) => known.push(method.to_uppercase()),
                None => methods.push((path.clone(), vec![method.to_uppercase()])),
            }
        }
        for path in ["/", "/docs", "/openapi.json", "/openapi.yaml"] {
            methods.push((path.to_owned(), vec!["GET".to_owned()]));
        }
        let json = pretty(&document);
        Self {
            etag: body_etag(json.as_bytes()),
            yaml: web::Bytes::from(yaml(&document)),
            json: json.into(),
            methods,
            guards,
        }
    }

    /// The methods of an address; empty when there is no such address.
    pub fn methods_of(&self, path: &str) -> Vec<String> {
        // No address has so many parts, and none is looked at longer for having more.
        const PARTS: usize = 16;
        let b: Vec<&str> = path.splitn(PARTS, '/').collect();
        let fits = |template: &str| {
            let a: Vec<_> = template.split('/').collect();
            a.len() == b.len() && a.iter().zip(&b).all(|(a, b)| a == b || (a.starts_with('{') && !b.is_empty()))
        };
        self.methods.iter().find(|(template, _)| fits(template)).map(|(_, m)| m.clone()).unwrap_or_default()
    }
}

fn serve(req: &HttpRequest, bytes: web::Bytes, etag: &str, content_type: &str) -> HttpResponse {
    let is_fresh = req.headers().get(header::IF_NONE_MATCH).is_some_and(|tag| tag.as_bytes() == etag.as_bytes());
    let mut response = if is_fresh { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response.insert_header((header::ETAG, etag)).insert_header((header::CACHE_CONTROL, "public, no-cache"));
    if is_fresh { response.finish() } else { response.content_type(content_type).body(bytes) }
}

async fn json(req: HttpRequest, state: web::Data<AppState>) -> HttpResponse {
    serve(&req, state.api.json.clone(), &state.api.etag, "application/json")
}

async fn in_yaml(req: HttpRequest, state: web::Data<AppState>) -> HttpResponse {
    let etag = body_etag(&state.api.yaml);
    serve(&req, state.api.yaml.clone(), &etag, "application/yaml")
}

async fn to_docs() -> HttpResponse {
    HttpResponse::PermanentRedirect().insert_header((header::LOCATION, "/docs/")).finish()
}

/// A file of the documentation. Texts name their character set in the header (ASVS 14.4.1).
async fn page(req: HttpRequest, path: web::Path<String>) -> Result<HttpResponse, ApiError> {
    let file = utoipa_swagger_ui::serve(&path, Arc::new(Config::from("/openapi.json"))).map_err(|error| {
        tracing::error!(%error, "internal error");
        ApiError::new(ProblemCode::InternalError, "The fault is on the side of the archive.")
    })?;
    let file = file.ok_or_else(|| not_routed(&req))?;
    let mut response = HttpResponse::Ok();
    if file.gzpipped {
        response.insert_header(header::ContentEncoding::Gzip);
    }
    let charset = if file.content_type.starts_with("text/") { "; charset=utf-8" } else { "" };
    response.insert_header((header::CONTENT_TYPE, format!("{}{charset}", file.content_type)));
    Ok(response.body(file.bytes.into_owned()))
}

/// `/openapi.json`, `/openapi.yaml`, and `/docs` to read them.
pub fn configure(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/openapi.json").route(web::get().to(json)).default_service(web::to(unrouted)))
        .service(web::resource("/openapi.yaml").route(web::get().to(in_yaml)).default_service(web::to(unrouted)))
        .service(web::resource(["/", "/docs"]).route(web::get().to(to_docs)).default_service(web::to(unrouted)))
        .service(web::resource("/docs/{file:.*}").route(web::get().to(page)).default_service(web::to(unrouted)));
}
