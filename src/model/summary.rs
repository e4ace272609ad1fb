//! What stands for an entry in lists: its summary, and what labels are sorted by.

use serde_json::{Map, Value};

use super::{names::fold_words, projection::Projection, time::to_rfc3339};

/// What identifies an entry in one of its states.
#[derive(Clone, Copy, Debug)]
pub struct Identity<'a> {
    pub id: &'a str,
    pub reference: &'a str,
    pub kind: &'a str,
    pub status: &'a str,
    pub label: &'a str,
    pub revision: i64,
    pub updated_at: i64,
}

/// What labels are sorted by: folded words, so that both databases agree.
pub fn sort_key(label: &str) -> String {
    fold_words(label).join(" ")
}

/// The summary, JSON: `{id, ref, kind, label, revision, updated_at, …}` with the fields of its kind.
pub fn summary(entry: &Identity, projection: &Projection) -> String {
    let mut fields = Map::new();
    fields.insert("id".into(), entry.id.into());
    fields.insert("ref".into(), entry.reference.into());
    fields.insert("kind".into(), entry.kind.into());
    fields.insert("status".into(), entry.status.into());
    fields.insert("label".into(), entry.label.into());
    fields.insert("revision".into(), entry.revision.into());
    fields.insert("updated_at".into(), to_rfc3339(entry.updated_at).into());
    for (name, value) in &projection.summary {
        fields.insert(name.clone(), value.clone());
    }
    Value::Object(fields).to_string()
}
