//! One body out of those of two entries that turned out to describe the same thing.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

use super::ranks::is_preferred;
use crate::model::{
    identity::{self, canonical_text, statement},
    kinds::KindDescriptor,
    shape::{is_claim, is_statement},
};

/// The union of two bodies. No claim is lost: claims that both have get the sources and remarks of both, the others are
/// added behind. Where only one thing can stand, that of the survivor stays.
pub fn combine(kind: &KindDescriptor, survivor: &Value, loser: &Value) -> Value {
    let (mut body, mut loser) = (survivor.clone(), loser.clone());
    identity::assign(kind, &mut body, None);
    identity::assign(kind, &mut loser, None);
    identity::strip_shared(&mut loser, &body);
    Union { kind }.place(&mut body, &loser, "");
    identity::assign(kind, &mut body, None);
    body
}

/// What of a body another one says too: its claims whose statements stand in the same lists there.
pub fn said_by_both(body: &Value, other: &Value) -> Value {
    match (body, other) {
        (Value::Object(ours), Value::Object(theirs)) => {
            let both = ours.iter().filter_map(|(key, ours)| Some((key, ours, theirs.get(key)?)));
            let common = both.map(|(key, ours, theirs)| (key.clone(), said_by_both(ours, theirs)));
            let is_something = |value: &Value| match value {
                Value::Object(fields) => !fields.is_empty(),
                Value::Array(items) => !items.is_empty(),
                _ => false,
            };
            Value::Object(common.filter(|(_, value)| is_something(value)).collect())
        }
        (Value::Array(ours), Value::Array(theirs)) => {
            let said: HashSet<String> = theirs.iter().filter_map(|item| statement(item, None)).collect();
            let is_said = |item: &&Value| is_claim(item) && statement(item, None).is_some_and(|s| said.contains(&s));
            Value::Array(ours.iter().filter(is_said).cloned().collect())
        }
        _ => Value::Null,
    }
}

struct Union<'a> {
    kind: &'a KindDescriptor,
}

impl Union<'_> {
    fn place(&self, survivor: &mut Value, loser: &Value, path: &str) {
        let is_whole = !path.is_empty() && (is_statement(survivor) || is_statement(loser));
        match (survivor, loser) {
            (Value::Object(ours), Value::Object(theirs)) if !is_whole => self.fields(ours, theirs, path),
            (Value::Array(ours), Value::Array(theirs)) => self.list(ours, theirs, path),
            _ => {}
        }
    }

    fn fields(&self, ours: &mut Map<String, Value>, theirs: &Map<String, Value>, path: &str) {
        for (key, theirs) in theirs {
            let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
            match ours.get_mut(key) {
                Some(ours) => self.place(ours, theirs, &path),
                None => {
                    ours.insert(key.clone(), theirs.clone());
                }
            }
        }
    }

    fn list(&self, ours: &mut Vec<Value>, theirs: &[Value], path: &str) {
        let matched_by = self.kind.identified.iter().find(|list| list.path == path).map(|list| list.matched_by);
        let has_preferred = ours.iter().any(is_preferred);
        let said = |item: &Value| statement(item, matched_by).unwrap_or_else(|| canonical_text(item));
        let mut there: HashMap<String, usize> = HashMap::new();
        for (position, item) in ours.iter().enumerate() {
            there.entry(said(item)).or_insert(position);
        }
        for item in theirs {
            match there.get(&said(item)).and_then(|position| ours.get_mut(*position)) {
                Some(same) if is_claim(item) => add_grounds(same, item),
                Some(Value::Object(same)) if matched_by.is_some() => {
                    if let Value::Object(item) = item {
                        self.fields(same, item, path);
                    }
                }
                Some(_) => {}
                None => {
                    let mut item = item.clone();
                    if has_preferred && is_preferred(&item) {
                        set(&mut item, "rank", "normal".into());
                    }
                    ours.push(item);
                }
            }
        }
    }
}

/// Adds what the loser's claim rests on to the survivor's claim that says the same.
fn add_grounds(ours: &mut Value, theirs: &Value) {
    let citations = |claim: &Value| claim.get("citations").and_then(Value::as_array).cloned().unwrap_or_default();
    let mut all = citations(ours);
    let mut seen: HashSet<String> = all.iter().map(canonical_text).collect();
    all.extend(citations(theirs).into_iter().filter(|citation| seen.insert(canonical_text(citation))));
    if !all.is_empty() {
        set(ours, "citations", all.into());
    }
    let Some(their_note) = theirs.get("note").and_then(Value::as_str) else { return };
    match ours.get("note").and_then(Value::as_str) {
        Some(note) if note.contains(their_note) => {}
        Some(note) => {
            let both = format!("{note}\n{their_note}");
            set(ours, "note", both.into());
        }
        None => set(ours, "note", their_note.into()),
    }
}

fn set(item: &mut Value, key: &str, value: Value) {
    if let Value::Object(fields) = item {
        fields.insert(key.into(), value);
    }
}
