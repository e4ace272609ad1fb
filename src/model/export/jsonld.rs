//! JSON-LD: one document with a graph, by the mapping that each kind declares.

use serde_json::{Map, Value, json};

use super::{Known, Needs, Render, Row, stored};
use crate::model::{
    cite::Archive,
    edtf::day_to_iso,
    kinds::{FieldType, KindDescriptor},
    label,
    linked_data::{EDTF, MappedField, PREFIXES, Shape},
    parts::date::interval_of,
    projection::{references, select},
};

/// The graph of the entries of one kind.
pub struct Graph {
    kind: &'static KindDescriptor,
    archive: Archive,
    is_first: bool,
}

impl Graph {
    pub fn new(kind: &'static KindDescriptor, archive: Archive) -> Self {
        Self { kind, archive, is_first: true }
    }

    /// What the entry is about, and the record that says so: versions and hashes belong to the latter.
    fn node(&self, row: &Row, body: &Value, known: &Known) -> Value {
        let data = &self.kind.linked_data;
        let mut node = Map::new();
        node.insert("@id".into(), json!(self.archive.entry(self.kind, row.reference)));
        node.insert("@type".into(), json!(data.classes));
        node.insert("schema:identifier".into(), json!(row.reference));
        node.insert("schema:name".into(), json!(row.label));
        for mapped in data.fields {
            for value in self.values(mapped, body) {
                add(&mut node, mapped.property, value);
            }
        }
        let mut sources = Vec::new();
        for found in references(self.kind, body) {
            let Some((rule, named)) = found.rule.zip(known.entries.get(found.target.as_str())) else { continue };
            let target = json!({"@id": self.archive.entry(named.kind, &named.reference)});
            if rule.rel == crate::model::kinds::CITES.rel {
                if !sources.contains(&target) {
                    sources.push(target);
                }
            } else if let Some((_, property)) = data.links.iter().find(|(rel, _)| *rel == rule.rel) {
                add(&mut node, property, target);
            }
        }
        let mut record = json!({
            "@id": self.archive.revision(self.kind, row.reference, row.revision),
            "@type": "schema:CreativeWork",
            "schema:version": row.revision,
            "schema:dateCreated": row.created_at,
            "schema:dateModified": row.updated_at,
            "schema:identifier": {"@type": "schema:PropertyValue", "schema:propertyID": "sha256", "schema:value": row.hash},
        });
        if !sources.is_empty() {
            record["schema:citation"] = Value::Array(sources);
        }
        node.insert("schema:subjectOf".into(), record);
        Value::Object(node)
    }

    fn values(&self, mapped: &MappedField, body: &Value) -> Vec<Value> {
        let Some(field) = self.kind.field(mapped.field) else { return vec![] };
        let mut field = *field;
        if matches!(field.field_type, FieldType::Name) {
            // Without the names that are known to be wrong.
            field.field_type = FieldType::Text;
        }
        let found = select(body, &field).into_iter().flatten();
        let limit = if field.many { usize::MAX } else { 1 };
        found.take(limit).filter_map(|value| shaped(mapped.shape, field.field_type, value)).collect()
    }
}

fn shaped(shape: Shape, field_type: FieldType, value: &Value) -> Option<Value> {
    Some(match shape {
        Shape::Literal => json!(label::text(value)?),
        Shape::Term => json!({"@value": term(field_type, value)?, "@language": "en"}),
        Shape::Organisation => json!({"@type": "schema:Organization", "schema:name": term(field_type, value)?}),
        Shape::Date => date(value)?,
        Shape::Part(name) => json!({
            "@type": "crm:E7_Activity",
            "rdfs:label": {"@value": name, "@language": "en"},
            "crm:P4_has_time-span": {"@type": "crm:E52_Time-Span", "crm:P82_at_some_time_within": date(value)?},
        }),
    })
}

fn term(field_type: FieldType, value: &Value) -> Option<&'static str> {
    let FieldType::Coded(table) = field_type else { return None };
    let code = value.get("code").unwrap_or(value).as_str()?;
    table.terms.iter().find(|t| t.code == code).map(|t| t.en)
}

/// EDTF knows the Gregorian calendar only: a Julian date is given by the days it may fall on.
fn date(value: &Value) -> Option<Value> {
    let text = match value.get("calendar").and_then(Value::as_str) {
        Some("julian") => {
            let interval = interval_of(value)?;
            let end = |day: Option<i64>| day.map_or_else(|| "..".to_owned(), day_to_iso);
            match (interval.earliest, interval.latest) {
                (Some(first), Some(last)) if first == last => day_to_iso(first),
                (None, None) => return None,
                (first, last) => format!("{}/{}", end(first), end(last)),
            }
        }
        _ => value.get("edtf")?.as_str()?.to_owned(),
    };
    Some(json!({"@value": text, "@type": EDTF}))
}

/// Adds a value beside those that the property has already, each once.
fn add(node: &mut Map<String, Value>, property: &str, value: Value) {
    match node.get_mut(property) {
        None => {
            node.insert(property.to_owned(), value);
        }
        Some(Value::Array(all)) => {
            if !all.contains(&value) {
                all.push(value);
            }
        }
        Some(one) if *one == value => {}
        Some(one) => *one = Value::Array(vec![one.take(), value]),
    }
}

impl Render for Graph {
    fn needs(&self) -> Needs {
        Needs::Refs
    }

    fn head(&mut self, out: &mut Vec<u8>) -> Result<(), String> {
        let context: Map<String, Value> = PREFIXES.iter().map(|(name, iri)| ((*name).to_owned(), json!(iri))).collect();
        out.extend_from_slice(format!("{{\"@context\":{},\"@graph\":[", Value::Object(context)).as_bytes());
        Ok(())
    }

    fn row(&mut self, row: &Row, known: &Known, out: &mut Vec<u8>) -> Result<i64, String> {
        let body: Value = serde_json::from_str(row.body).map_err(stored)?;
        out.extend_from_slice(if self.is_first { b"\n" } else { b",\n" });
        self.is_first = false;
        serde_json::to_writer(&mut *out, &self.node(row, &body, known)).map_err(|e| e.to_string())?;
        Ok(1)
    }

    fn tail(&mut self, out: &mut Vec<u8>) -> Result<(), String> {
        out.extend_from_slice(b"\n]}\n");
        Ok(())
    }
}
