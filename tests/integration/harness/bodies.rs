//! Small valid bodies to build on.

use serde_json::{Value, json};

/// A new id.
pub fn id() -> String {
    kartoteka::model::parts::EntryId::new().as_str().to_owned()
}

/// A claim that cites a source.
pub fn claim(value: Value, source: &str) -> Value {
    json!({"value": value, "citations": [{"source": source, "locator": "p. 1"}]})
}

pub fn source(title: &str) -> Value {
    json!({"kind": {"code": "monograph"}, "title": {"en": title}})
}

pub fn person(family: &str, given: &str) -> Value {
    json!({"names": [{"value": {"kind": "main", "family": family, "given": given}}]})
}

/// A record of one individual, arrested on a date, that cites a source.
pub fn victim(family: &str, arrested: &str, source: &str) -> Value {
    json!({
        "names": [claim(json!({"kind": "as_in_document", "family": family}), source)],
        "arrest": {"date": [claim(json!({"edtf": arrested}), source)]}
    })
}

pub fn trial(title: &str) -> Value {
    json!({"titles": [{"value": {"text": title, "kind": "common", "lang": "en"}}]})
}

/// A change that makes an entry.
pub fn create(kind: &str, id: &str, body: &Value) -> Value {
    json!({"op": "create", "kind": kind, "id": id, "body": body})
}
