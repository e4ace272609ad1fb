//! The OpenAPI document: collected from the routes, then finished. Operations on entries are written once and multiplied
//! here, once for each kind, with the schemas, filters and examples of the kind.

use actix_web::App;
use serde_json::{Map, Value, json};
use utoipa::{
    Modify, OpenApi,
    openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
};
use utoipa_actix_web::AppExt;

use super::{
    PROBLEM_JSON,
    declared::{declaration, finish_operation},
    examples, file_examples,
    parameters::{filters, name_dimensions},
    problem::Problem,
    routes,
    schemas::finish_schemas,
};
use crate::{
    model::{
        kinds::{KindDescriptor, REGISTRY},
        operations::Beside,
        workflow::State,
    },
    research::Direction,
};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Kartoteka",
        description = "A multi-user archive of political repression. Editors submit changes, moderators review each, and what was accepted \
                       is public: with its history, its sources and a hash of every revision.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")
    ),
    servers((url = "/", description = "This archive")),
    tags(
        (name = "people", description = "Persons: victims, judges, prosecutors, witnesses, authors"),
        (name = "trials", description = "Court cases, and sittings of bodies that sentenced without a court"),
        (name = "victims", description = "Records of repression cases: of a named individual, or of a group with estimates"),
        (name = "sources", description = "Papers, books, recordings and pages that claims rest on"),
        (name = "submissions", description = "Proposed changes and their review"),
        (name = "batches", description = "Submissions of thousands of new entries, reviewed as one"),
        (name = "jobs", description = "Work that takes long, done beside the requests"),
        (name = "search", description = "Names in every spelling, and full text"),
        (name = "feed", description = "What became public, in order"),
        (name = "access", description = "Accounts and sessions"),
        (name = "meta", description = "The archive about itself")
    ),
    components(schemas(Problem, State, Direction)),
    modifiers(&Security)
)]
struct Base;

struct Security;

impl Modify for Security {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let bearer = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("JWT")
            .description(Some("The access token of `POST /v1/auth/login`."))
            .build();
        let key = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("krt")
            .description(Some(
                "An API key of `POST /v1/me/api-keys`. It needs the scopes that the operation names, and does no more than its \
                 owner may.",
            ))
            .build();
        let components = openapi.components.get_or_insert_default();
        components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
        components.add_security_scheme("api_key", SecurityScheme::Http(key));
    }
}

/// The document as the routes give it: one operation for all kinds.
pub fn template() -> Value {
    let (_, api) = App::new().into_utoipa_app().openapi(Base::openapi()).configure(routes::configure).split_for_parts();
    serde_json::to_value(&api).unwrap_or_default()
}

/// Every operation of a document: path, method, operation.
pub fn operations(document: &Value) -> impl Iterator<Item = (&String, &String, &Value)> {
    let paths = document["paths"].as_object().into_iter().flatten();
    paths.flat_map(|(path, item)| {
        let methods = item.as_object().into_iter().flatten().filter(|(_, o)| o.get("operationId").is_some());
        methods.map(move |(method, operation)| (path, method, operation))
    })
}

/// The finished document.
pub fn document() -> Value {
    let mut document = template();
    let paths = match document["paths"].take() {
        Value::Object(paths) => paths,
        _ => Map::new(),
    };
    let mut finished = Map::new();
    for (path, mut item) in paths {
        for (_, operation) in item.as_object_mut().into_iter().flatten() {
            finish_operation(operation);
        }
        if path.contains("/{kind}") {
            for kind in REGISTRY {
                let (path, item) = for_kind(kind, &path, &item);
                finished.insert(path, item);
            }
        } else {
            for (_, operation) in item.as_object_mut().into_iter().flatten() {
                add_examples(operation, None);
            }
            finished.insert(path, item);
        }
    }
    document["paths"] = Value::Object(finished);
    finish_schemas(&mut document);
    let used = document["paths"].to_string();
    let mut responses = shared_responses();
    responses.retain(|name, _| used.contains(&format!("responses/{name}\"")));
    document["components"]["responses"] = Value::Object(responses);
    document
}

fn shared_responses() -> Map<String, Value> {
    use super::problem::ProblemCode;
    let mut responses = Map::new();
    for code in ProblemCode::ALL {
        let entry = responses.entry(format!("Problem{}", code.status())).or_insert_with(|| {
            json!({"description": "", "content": {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}, "examples": {}}}})
        });
        let description = entry["description"].as_str().unwrap_or_default();
        let separator = if description.is_empty() { "" } else { "; " };
        entry["description"] = json!(format!("{description}{separator}{}", code.title()));
        entry["content"][PROBLEM_JSON]["examples"][code.as_str()] = json!({"value": {
            "type": format!("/problems/{code}"), "title": code.title(), "status": code.status(), "detail": code.meaning(),
            "code": code.as_str(), "request_id": "0199b2c4-7d1e-7c3a-9f52-3f0a8c1d2e4b"
        }});
        match code.status() {
            429 | 503 => {
                entry["headers"]["Retry-After"] =
                    json!({"description": "Seconds to wait", "schema": {"type": "integer"}})
            }
            415 => {
                entry["headers"]["Accept-Encoding"] = json!({
                    "description": "`identity`, when the request has a Content-Encoding", "schema": {"type": "string"}
                })
            }
            308 => {
                entry["headers"]["Location"] =
                    json!({"description": "The surviving entry", "schema": {"type": "string"}})
            }
            _ => {}
        }
    }
    responses
}

/// One path of the template for one kind.
fn for_kind(kind: &KindDescriptor, path: &str, item: &Value) -> (String, Value) {
    let schema = (kind.schema_name)();
    let text = item
        .to_string()
        .replace("/{kind}", &format!("/{}", kind.path))
        .replace("\"{kind}\"", &format!("\"{}\"", kind.path))
        .replace("_Body\"", &format!("_{schema}\""))
        .replace("schemas/Body\"", &format!("schemas/{schema}\""));
    let mut item: Value = serde_json::from_str(&text).unwrap_or_default();
    for (_, operation) in item.as_object_mut().into_iter().flatten() {
        let declared = declaration(operation);
        add_examples(operation, Some(kind));
        if let Some(parameters) = operation["parameters"].as_array_mut() {
            parameters.retain(|p| p["name"] != "kind");
            for parameter in parameters.iter_mut().filter(|p| p["name"] == "id" && p["in"] == "path") {
                parameter["example"] = json!(format!("{}1", kind.prefix));
            }
            for parameter in parameters.iter_mut().filter(|p| p["name"] == "by" || p["name"] == "facets") {
                name_dimensions(kind, parameter);
            }
            if declared.is_some_and(|declared| declared.beside == Beside::Filters) {
                parameters.extend(filters(kind));
            }
        }
        let content = operation.pointer_mut("/requestBody/content/application~1json");
        let is_body = |content: &&mut Value| content["schema"]["$ref"] == format!("#/components/schemas/{schema}");
        if let Some(content) = content.filter(is_body) {
            content["example"] = (kind.example)();
        }
        let id = operation["operationId"].as_str().unwrap_or_default().to_owned();
        operation["operationId"] = json!(kind_operation(kind, &id));
        let summary = operation["summary"].as_str().unwrap_or_default().to_owned();
        operation["summary"] = json!(summary_for(kind, &summary));
    }
    (path.replace("/{kind}", &format!("/{}", kind.path)), item)
}

/// Gives every answer of an operation its example.
fn add_examples(operation: &mut Value, kind: Option<&KindDescriptor>) {
    add_file_examples(operation, kind);
    for (_, response) in operation["responses"].as_object_mut().into_iter().flatten() {
        let Some(content) = response.pointer_mut("/content/application~1json") else { continue };
        let target = content.pointer("/schema/$ref").or_else(|| content.pointer("/schema/items/$ref"));
        let name = target.and_then(Value::as_str).and_then(|r| r.rsplit('/').next()).unwrap_or_default();
        if let Some(example) = examples::of_schema(name, kind) {
            content["example"] = example;
        }
    }
}

/// Gives every form of a file or a citation its example, and leaves out those that the kind does not have.
fn add_file_examples(operation: &mut Value, kind: Option<&KindDescriptor>) {
    let is_export = declaration(operation).is_some_and(|declared| declared.is_file);
    let Some(kind) = kind.and_then(|kind| KindDescriptor::by_name(kind.name)) else { return };
    let found = operation.pointer_mut("/responses/200/content").and_then(Value::as_object_mut);
    let Some(content) = found else { return };
    content.retain(|media_type, _| !is_export || file_examples::has(kind, media_type));
    for (media_type, described) in content.iter_mut().filter(|(media_type, _)| *media_type != "application/json") {
        if let Some(example) = file_examples::of_media_type(kind, media_type, is_export) {
            described["example"] = Value::from(example);
        }
    }
}

/// `list_entries` becomes `list_people`, `get_entry_diff` becomes `get_person_diff`.
pub fn kind_operation(kind: &KindDescriptor, id: &str) -> String {
    id.replace("entries", kind.path).replace("entry", kind.name)
}

fn summary_for(kind: &KindDescriptor, summary: &str) -> String {
    let article = |noun: &str| format!("a {noun}");
    summary
        .replace("a new entry", &article(&format!("new {}", kind.name)))
        .replace("an entry", &article(kind.name))
        .replace("entries", kind.path)
}

/// The document as people keep it in files: indented JSON with a line feed at the end.
pub fn pretty(document: &Value) -> String {
    serde_json::to_string_pretty(document).unwrap_or_default() + "\n"
}

/// The document as YAML.
pub fn yaml(document: &Value) -> String {
    yaml_serde::to_string(document).unwrap_or_default()
}
