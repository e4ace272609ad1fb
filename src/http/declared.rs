//! What the OpenAPI document says of an operation by its declaration: who may call it, its headers, its problems.

use serde_json::{Value, json};

use crate::model::{
    limits::Limits,
    operations::{Effect, Operation, Tag, declared},
    permissions::{Scope, Who},
};

/// The declaration of a described operation.
pub fn declaration(described: &Value) -> Option<&'static Operation> {
    described["operationId"].as_str().and_then(declared)
}

/// Adds to what the handler says of its operation all that its declaration says.
pub fn finish_operation(described: &mut Value) {
    let Some(operation) = declaration(described) else { return };
    describe_callers(operation, described);
    describe_problems(operation, described);
    describe_headers(operation, described);
    describe_tag(operation, described);
    if operation.effect == Effect::Secret {
        let description = described["description"].as_str().unwrap_or_default();
        described["description"] = json!(format!("{description}\n\n{NOT_REMEMBERED}").trim());
    }
}

/// Stands with every operation through which secrets pass.
const NOT_REMEMBERED: &str =
    "`Idempotency-Key` is ignored: secrets pass here, and the archive keeps no answer that holds one.";

fn describe_callers(operation: &Operation, described: &mut Value) {
    described["security"] = security(operation);
    described["x-scope"] = json!(operation.scope.map_or("interactive", Scope::as_str));
    if let Some(role) = operation.who.least_role() {
        described["x-least-role"] = json!(role.as_str());
    }
    described["x-max-body-bytes"] = json!(operation.body.most(&Limits::default()));
}

/// What a caller needs: nothing, a session, or a key with the scope. OpenAPI 3.1 lets every scheme name its scopes.
fn security(operation: &Operation) -> Value {
    let mut ways = Vec::new();
    if operation.who == Who::Anyone {
        ways.push(json!({}));
    }
    ways.push(json!({"bearer": []}));
    if let Some(scope) = operation.scope {
        ways.push(json!({"api_key": [scope.as_str()]}));
    }
    Value::Array(ways)
}

fn describe_problems(operation: &Operation, described: &mut Value) {
    let has_query =
        described["parameters"].as_array().is_some_and(|all| all.iter().any(|parameter| parameter["in"] == "query"));
    // An address can be too long only where something can be asked for in it.
    for status in operation.problems().into_iter().chain(has_query.then_some(414)) {
        described["responses"][status.to_string()] = json!({"$ref": format!("#/components/responses/Problem{status}")});
    }
}

fn describe_headers(operation: &Operation, described: &mut Value) {
    let mut parameters = described["parameters"].as_array().cloned().unwrap_or_default();
    if operation.tag == Tag::Compared {
        parameters.push(header("If-None-Match", false, "Answer 304 when this tag is still the current one"));
    }
    if operation.is_conditional {
        parameters.push(header("If-Match", true, "The ETag of the state the request is based on"));
    }
    if operation.is_retried_safely() {
        let description = "Makes a retry safe: the effect happens once. Kept for 24 hours";
        parameters.push(header("Idempotency-Key", false, description));
    }
    described["parameters"] = Value::Array(parameters);
}

fn header(name: &str, required: bool, description: &str) -> Value {
    json!({"name": name, "in": "header", "required": required, "description": description, "schema": {"type": "string"}})
}

fn describe_tag(operation: &Operation, described: &mut Value) {
    if operation.tag == Tag::Compared {
        described["responses"]["304"] = json!({"description": "Not changed since the tag of If-None-Match"});
    }
    for status in ["200", "201", "202"] {
        let Some(response) = described["responses"].get_mut(status) else { continue };
        if operation.tag != Tag::None {
            response["headers"]["ETag"] = json!({"description": "Tag of this state", "schema": {"type": "string"}});
        }
        if let Some(of) = operation.location {
            response["headers"]["Location"] =
                json!({"description": format!("Address of the {of}"), "schema": {"type": "string"}});
        }
    }
}
