//! What is derived from a body for queries: columns, facts, links and the summary. It can always be rebuilt.

use indexmap::IndexSet;
use serde_json::{Map, Value, json};

use super::{
    articles,
    derived::{cited_sources, derived_facts, span},
    edtf::{DayInterval, day_to_iso},
    kinds::{CITES, Field, FieldType, KindDescriptor, ReferenceRule},
    parts::{EntryId, date::interval_of},
    shape::is_claim,
};

/// Open ends are stored as the farthest days, and what lies beyond them too: differences of them never overflow.
pub const FARTHEST_DAY: i64 = 1 << 40;

/// The value of one column of a projection table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    Text(Option<String>),
    Integer(Option<i64>),
    Boolean(Option<bool>),
}

impl Cell {
    /// Nothing is known.
    pub fn is_empty(&self) -> bool {
        matches!(self, Cell::Text(None) | Cell::Integer(None) | Cell::Boolean(None))
    }
}

/// One row of the shared table of many-valued facts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    pub name: &'static str,
    pub value: String,
}

/// A link to another entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    pub rel: &'static str,
    /// JSON Pointer of the reference in the body.
    pub pointer: String,
    pub target: EntryId,
}

/// Everything derived from one body.
#[derive(Clone, Debug, PartialEq)]
pub struct Projection {
    pub columns: Vec<(String, Cell)>,
    pub facts: Vec<Fact>,
    pub links: Vec<Link>,
    /// The fields of the kind that summaries show.
    pub summary: Map<String, Value>,
}

/// An entry named somewhere in a body.
#[derive(Clone, Debug)]
pub struct FoundReference {
    pub pointer: String,
    pub target: EntryId,
    /// The rule for its place; `None` is a fault of the kind's table, found by its tests.
    pub rule: Option<&'static ReferenceRule>,
}

/// Derives everything from a canonical body.
pub fn project(kind: &KindDescriptor, body: &Value) -> Projection {
    let mut projection = Projection { columns: vec![], facts: vec![], links: vec![], summary: Map::new() };
    for field in kind.fields {
        if field.path.is_empty() {
            match derived_facts(kind, body, field) {
                Some(values) => {
                    projection.facts.extend(values.into_iter().map(|value| Fact { name: field.name, value }));
                }
                None => projection.columns.extend(derived_cells(field, body)),
            }
            continue;
        }
        let values = select(body, field);
        if field.in_summary
            && let Some(shown) = shown(field, &values)
        {
            projection.summary.insert(field.name.to_owned(), shown);
        }
        if field.many {
            // Words of names, places and the like stand in the index of words; see `model::text`.
            let words = values.iter().flatten().flat_map(|v| words_of(field.field_type, v)).collect::<IndexSet<_>>();
            projection.facts.extend(words.into_iter().map(|value| Fact { name: field.name, value }));
        } else {
            projection.columns.extend(cells(field, values.first().copied().flatten(), values.len()));
        }
    }
    projection.links = references(kind, body)
        .into_iter()
        .filter_map(|r| Some(Link { rel: r.rule?.rel, pointer: r.pointer, target: r.target }))
        .collect();
    projection
}

/// The columns of a field, in the order [`project`] fills them: name and an empty cell of their type.
pub fn columns(field: &Field) -> Vec<(String, Cell)> {
    match field.many {
        true => vec![],
        false if field.path.is_empty() => derived_cells(field, &Value::Null),
        false => cells(field, None, 0),
    }
}

/// The columns of a field that is derived from the body as a whole.
fn derived_cells(field: &Field, body: &Value) -> Vec<(String, Cell)> {
    match field.field_type {
        FieldType::Span(between) => {
            let (low, high) = span(body, &between).unzip();
            vec![
                (format!("{}_lo", field.name), Cell::Integer(low)),
                (format!("{}_hi", field.name), Cell::Integer(high)),
            ]
        }
        _ => vec![(field.name.to_owned(), Cell::Integer(i64::try_from(cited_sources(body)).ok()))],
    }
}

fn cells(field: &Field, value: Option<&Value>, count: usize) -> Vec<(String, Cell)> {
    let name = field.name.to_owned();
    match field.field_type {
        FieldType::Text | FieldType::Name | FieldType::Words | FieldType::Article => {
            vec![(name, Cell::Text(value.and_then(Value::as_str).map(str::to_owned)))]
        }
        FieldType::Coded(_) => vec![(name, Cell::Text(value.and_then(code).map(str::to_owned)))],
        FieldType::Date => {
            let DayInterval { earliest, latest } =
                value.and_then(interval_of).unwrap_or(DayInterval { earliest: None, latest: None });
            // An open end is stored as the farthest day, so that a missing date and an open one differ.
            let known = value.is_some();
            let low = earliest.or(known.then_some(-FARTHEST_DAY)).map(|day| day.max(-FARTHEST_DAY));
            let high = latest.or(known.then_some(FARTHEST_DAY)).map(|day| day.min(FARTHEST_DAY));
            vec![(format!("{name}_lo"), Cell::Integer(low)), (format!("{name}_hi"), Cell::Integer(high))]
        }
        FieldType::Boolean => vec![(name, Cell::Boolean(value.and_then(Value::as_bool)))],
        FieldType::Present => vec![(name, Cell::Boolean(Some(value.is_some())))],
        FieldType::Count => vec![(name, Cell::Integer(i64::try_from(count).ok()))],
        FieldType::Span(_) | FieldType::CitedSources | FieldType::Certainty | FieldType::Rank => vec![],
    }
}

fn words_of(field_type: FieldType, value: &Value) -> Vec<String> {
    match field_type {
        FieldType::Coded(_) => code(value).map(str::to_owned).into_iter().collect(),
        FieldType::Name | FieldType::Words => vec![],
        FieldType::Article => {
            let member = |name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default();
            let mut forms = articles::forms(&format!("{} ч. {}", member("article"), member("parts")));
            forms.extend(articles::forms(member("text")));
            forms
        }
        _ => value.as_str().map(str::to_owned).into_iter().collect(),
    }
}

fn shown(field: &Field, values: &[Option<&Value>]) -> Option<Value> {
    let one = |value: &Value| match field.field_type {
        FieldType::Coded(_) => code(value).map(Value::from),
        FieldType::Date => Some(shown_date(value)),
        _ => Some(value.clone()),
    };
    match field.field_type {
        FieldType::Present => Some(Value::from(values.first().copied().flatten().is_some())),
        FieldType::Count => Some(Value::from(values.len())),
        _ if field.many => {
            let mut all: Vec<Value> = values.iter().flatten().filter_map(|v| one(v)).collect();
            all.dedup();
            (!all.is_empty()).then_some(Value::Array(all))
        }
        _ => one(values.first().copied().flatten()?),
    }
}

/// A date in a summary: EDTF, calendar, first and last possible day (Gregorian).
fn shown_date(date: &Value) -> Value {
    let interval = interval_of(date).unwrap_or(DayInterval { earliest: None, latest: None });
    json!({
        "edtf": date.get("edtf"),
        "calendar": date.get("calendar").and_then(Value::as_str).unwrap_or("gregorian"),
        "earliest": interval.earliest.map(day_to_iso),
        "latest": interval.latest.map(day_to_iso),
    })
}

fn code(value: &Value) -> Option<&str> {
    value.get("code").unwrap_or(value).as_str()
}

/// The values at a field's path: of the best claim first. A claim without a value gives `None`.
/// Wrong (deprecated) claims are left out, but for names: people are looked for by wrong names too.
pub fn select<'a>(body: &'a Value, field: &Field) -> Vec<Option<&'a Value>> {
    let mut found = Vec::new();
    for path in field.paths() {
        descend(Some(body), &path, matches!(field.field_type, FieldType::Name), &mut found);
    }
    found
}

/// The values at a path, of the best claim first.
pub fn select_at<'a>(body: &'a Value, path: &str) -> Vec<Option<&'a Value>> {
    let mut found = Vec::new();
    descend(Some(body), &path.split('.').collect::<Vec<_>>(), false, &mut found);
    found
}

fn descend<'a>(value: Option<&'a Value>, path: &[&str], with_deprecated: bool, found: &mut Vec<Option<&'a Value>>) {
    match (value, path) {
        (Some(Value::Array(items)), _) => {
            let mut ranked: Vec<&Value> = items.iter().filter(|i| with_deprecated || rank(i) < 2).collect();
            ranked.sort_by_key(|i| rank(i));
            for item in ranked {
                let value = if is_claim(item) { item.get("value") } else { Some(item) };
                descend(value, path, with_deprecated, found);
            }
        }
        (Some(Value::Object(fields)), [next, rest @ ..]) => {
            if let Some(inner) = fields.get(*next) {
                descend(Some(inner), rest, with_deprecated, found);
            }
        }
        (other, []) => found.push(other),
        (None, _) => found.push(None),
        _ => {}
    }
}

pub(super) fn rank(item: &Value) -> u8 {
    match item.get("rank").and_then(Value::as_str) {
        Some("preferred") => 0,
        Some("deprecated") => 2,
        _ => 1,
    }
}

/// Every place of a body that names an entry.
pub fn references(kind: &KindDescriptor, body: &Value) -> Vec<FoundReference> {
    let mut search = Search { kind, pointer: String::new(), path: String::new(), found: Vec::new() };
    search.walk(body);
    search.found
}

/// A walk through a body. It keeps the place it is at in two texts that grow and shrink, and makes none of its own but
/// where it finds something.
struct Search<'a> {
    kind: &'a KindDescriptor,
    pointer: String,
    /// The same as kinds write it: dotted, without list positions and the `value` of claims.
    path: String,
    found: Vec<FoundReference>,
}

impl Search<'_> {
    fn walk(&mut self, value: &Value) {
        let (at, inside) = (self.pointer.len(), self.path.len());
        match value {
            Value::Array(items) => {
                for (i, item) in items.iter().enumerate().filter(|(_, item)| item.is_array() || item.is_object()) {
                    self.pointer.push('/');
                    self.pointer.push_str(&i.to_string());
                    self.walk(item);
                    self.pointer.truncate(at);
                }
            }
            Value::Object(fields) => {
                for (key, item) in fields {
                    let is_citation = key == "source" && self.path.rsplit('.').next() == Some("citations");
                    let target = match item {
                        Value::String(text) if key == "entry" || is_citation => EntryId::parse(text),
                        Value::Array(_) | Value::Object(_) => None,
                        _ => continue,
                    };
                    self.pointer.push('/');
                    self.pointer.push_str(&super::errors::pointer_token(key));
                    if let Some(target) = target {
                        let own = || self.kind.references.iter().find(|r| r.path == self.path);
                        let rule = if is_citation { Some(&CITES) } else { own() };
                        self.found.push(FoundReference { pointer: self.pointer.clone(), target, rule });
                    } else {
                        if key != "value" {
                            self.path.push_str(if inside == 0 { "" } else { "." });
                            self.path.push_str(key);
                        }
                        self.walk(item);
                        self.path.truncate(inside);
                    }
                    self.pointer.truncate(at);
                }
            }
            _ => {}
        }
    }
}
