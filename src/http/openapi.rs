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
    PROBLEM_JSON, examples, file_examples,
    parameters::{filters, name_dimensions},
    problem::Problem,
    routes,
    schemas::finish_schemas,
};
use crate::{
    model::{
        kinds::{KindDescriptor, REGISTRY},
        limits::Limits,
        permissions::{Permission, Scope, Who, permission},
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
            finish_operation(&path, operation);
        }
        if path.contains("/{kind}") {
            for kind in REGISTRY {
                let (path, item) = for_kind(kind, &path, &item);
                finished.insert(path, item);
            }
        } else {
            add_examples(&mut item, None);
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

/// Statuses an operation can answer with beside its own, by what it is.
fn problems_of(path: &str, operation: &Value, who: Option<Who>) -> Vec<&'static str> {
    let id = operation["operationId"].as_str().unwrap_or_default();
    let has_body = operation.get("requestBody").is_some();
    let mut statuses = vec!["400", "413", "500", "503"];
    if who != Some(Who::Anyone) {
        statuses.extend(["401", "403"]);
    } else {
        statuses.push("401");
    }
    // Everything but health has a budget of requests.
    if !path.starts_with("/health/") {
        statuses.push("429");
    }
    if operation["parameters"].as_array().is_some_and(|all| all.iter().any(|p| p["in"] == "query")) {
        statuses.push("414");
    }
    if path.contains('{') {
        statuses.push("404");
    }
    if path.ends_with("/cite") || path == "/v1/export/{kind}" {
        statuses.push("406");
    }
    if path.starts_with("/v1/export/") {
        statuses.push("409");
    }
    if ["get_entry", "list_entry_links", "get_entry_citation"].contains(&id) {
        statuses.extend(["308", "410"]);
    }
    if id == "get_entry_timegate" {
        statuses.push("308");
    }
    if has_body {
        statuses.extend(["408", "415", "422"]);
    }
    let effect = effect_of(id);
    if who != Some(Who::Anyone) && !matches!(effect, Effect::None | Effect::Ends) {
        statuses.push("409");
        if !has_body && effect != Effect::Secret {
            statuses.push("422");
        }
        if needs_condition(path, id) {
            statuses.extend(["412", "428"]);
        }
    }
    statuses
}

/// What calling an operation does to the archive.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Effect {
    /// Nothing: it reads, or it computes.
    None,
    /// Something is added beside what is there.
    Adds,
    Changes,
    /// Something is over, whatever state it was in; doing it again does no more.
    Ends,
    /// Secrets come in or go out: nothing of it is remembered.
    Secret,
}

fn effect_of(id: &str) -> Effect {
    match id {
        "check_body" | "stream_changes" => Effect::None,
        "login"
        | "refresh"
        | "logout"
        | "register"
        | "reset_password"
        | "change_password"
        | "enrol_totp"
        | "confirm_totp"
        | "remove_totp"
        | "create_api_key"
        | "issue_password_reset"
        | "create_invitation" => Effect::Secret,
        "end_session"
        | "end_other_sessions"
        | "end_user_sessions"
        | "revoke_api_key"
        | "revoke_user_api_key"
        | "revoke_invitation" => Effect::Ends,
        "create_submission_comment" | "open_submission_row" => Effect::Adds,
        id if ["get_", "list_", "health", "stats_", "export_"].iter().any(|start| id.starts_with(start)) => {
            Effect::None
        }
        _ => Effect::Changes,
    }
}

/// Whether the operation changes something that exists, and so needs `If-Match`.
fn needs_condition(path: &str, id: &str) -> bool {
    path.contains("{id}") && effect_of(id) == Effect::Changes
}

fn finish_operation(path: &str, operation: &mut Value) {
    let id = operation["operationId"].as_str().unwrap_or_default().to_owned();
    let row = permission(&id);
    let who = row.map(|row| row.who);
    operation["security"] = security(row);
    operation["x-scope"] = json!(row.and_then(|row| row.scope).map_or("interactive", Scope::as_str));
    if let Some(role) = who.and_then(Who::least_role) {
        operation["x-least-role"] = json!(role.as_str());
    }
    operation["x-max-body-bytes"] = json!(row.map_or(0, |row| row.body.most(&Limits::default())));
    let statuses = problems_of(path, operation, who);
    for status in &statuses {
        operation["responses"][status] = json!({"$ref": format!("#/components/responses/Problem{status}")});
    }
    // Neither what never ends nor what leads elsewhere has a tag.
    let is_untagged = matches!(id.as_str(), "stream_changes" | "get_entry_timegate");
    let is_read = effect_of(&id) == Effect::None && operation.get("requestBody").is_none() && !is_untagged;
    let mut headers = Vec::new();
    if is_read {
        headers.push(header("If-None-Match", false, "Answer 304 when this tag is still the current one"));
        operation["responses"]["304"] = json!({"description": "Not changed since the tag of If-None-Match"});
    } else if effect_of(&id) == Effect::Secret {
        let description = operation["description"].as_str().unwrap_or_default();
        operation["description"] = json!(format!("{description}\n\n{NOT_REMEMBERED}").trim());
    } else if who != Some(Who::Anyone) && matches!(effect_of(&id), Effect::Adds | Effect::Changes) {
        if needs_condition(path, &id) {
            headers.push(header("If-Match", true, "The ETag of the state the request is based on"));
        }
        headers.push(header(
            "Idempotency-Key",
            false,
            "Makes a retry safe: the effect happens once. Kept for 24 hours",
        ));
    }
    let mut parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
    parameters.extend(headers);
    operation["parameters"] = Value::Array(parameters);
    let has_tag = effect_of(&id) != Effect::Secret && !is_untagged;
    for status in ["200", "201", "202"].into_iter().filter(|_| has_tag) {
        if operation["responses"].get(status).is_some() {
            let tag = json!({"description": "Tag of this state", "schema": {"type": "string"}});
            operation["responses"][status]["headers"]["ETag"] = tag;
            if status != "200" {
                let address = json!({"description": "Address of the submission", "schema": {"type": "string"}});
                operation["responses"][status]["headers"]["Location"] = address;
            }
        }
    }
}

/// Stands with every operation through which secrets pass.
const NOT_REMEMBERED: &str =
    "`Idempotency-Key` is ignored: secrets pass here, and the archive keeps no answer that holds one.";

/// What a caller needs: nothing, a session, or a key with the scope. OpenAPI 3.1 lets every scheme name its scopes.
fn security(row: Option<Permission>) -> Value {
    let mut ways = Vec::new();
    if row.is_none_or(|row| row.who == Who::Anyone) {
        ways.push(json!({}));
    }
    ways.push(json!({"bearer": []}));
    if let Some(scope) = row.and_then(|row| row.scope) {
        ways.push(json!({"api_key": [scope.as_str()]}));
    }
    Value::Array(ways)
}

fn header(name: &str, required: bool, description: &str) -> Value {
    json!({"name": name, "in": "header", "required": required, "description": description, "schema": {"type": "string"}})
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
        let id = operation["operationId"].as_str().unwrap_or_default().to_owned();
        operation["operationId"] = json!(kind_operation(kind, &id));
        let summary = operation["summary"].as_str().unwrap_or_default().to_owned();
        operation["summary"] = json!(summary_for(kind, &summary));
        if let Some(parameters) = operation["parameters"].as_array_mut() {
            parameters.retain(|p| p["name"] != "kind");
            for parameter in parameters.iter_mut().filter(|p| p["name"] == "id" && p["in"] == "path") {
                parameter["example"] = json!(format!("{}1", kind.prefix));
            }
            for parameter in parameters.iter_mut().filter(|p| p["name"] == "by" || p["name"] == "facets") {
                name_dimensions(kind, parameter);
            }
            if ["list_entries", "stats_entries", "export_entries", "get_entries_export_manifest"].contains(&id.as_str())
            {
                parameters.extend(filters(kind));
            }
        }
        let content = operation.pointer_mut("/requestBody/content/application~1json");
        let is_body = |content: &&mut Value| content["schema"]["$ref"] == format!("#/components/schemas/{schema}");
        if let Some(content) = content.filter(is_body) {
            content["example"] = (kind.example)();
        }
    }
    add_examples(&mut item, Some(kind));
    (path.replace("/{kind}", &format!("/{}", kind.path)), item)
}

/// Gives every answer of a path its example.
fn add_examples(item: &mut Value, kind: Option<&KindDescriptor>) {
    for (_, operation) in item.as_object_mut().into_iter().flatten() {
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
}

/// Gives every form of a file or a citation its example, and leaves out those that the kind does not have.
fn add_file_examples(operation: &mut Value, kind: Option<&KindDescriptor>) {
    let is_export = operation["operationId"].as_str().is_some_and(|id| id.starts_with("export_"));
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
