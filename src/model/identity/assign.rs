//! Giving ids to claims that have none.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::{
    ids,
    pairing::{canonical_text, pair, without_ids},
};
use crate::model::{
    canon::sha256_hex,
    errors::pointer_token,
    kinds::KindDescriptor,
    shape::{id_of, is_claim},
};

/// Gives an id to every claim and every item of an identified list that has none: that of the item of `base` it comes
/// from, else one made of its place and content, so that two people who add the same claim give it the same id.
/// `base` has ids itself; a revision from before there were ids is given them first, without a base.
pub fn assign(kind: &KindDescriptor, body: &mut Value, base: Option<&Value>) {
    let given = ids(body);
    let mut taken = base.map(ids).unwrap_or_default();
    taken.extend(given.iter().cloned());
    Giver { kind, given, taken, counts: HashMap::new() }.walk(body, base, "", "");
}

/// Gives a new id to every item whose id another one has before it: what a merge can bring about when both sides moved
/// one claim to different lists.
pub fn make_unique(kind: &KindDescriptor, body: &mut Value) {
    if super::check(body).is_empty() {
        return;
    }
    strip_repeated(body, &mut HashSet::new());
    assign(kind, body, None);
}

/// Takes away the ids that `other` has too.
pub fn strip_shared(body: &mut Value, other: &Value) {
    strip_repeated(body, &mut ids(other));
}

fn strip_repeated(value: &mut Value, seen: &mut HashSet<String>) {
    match value {
        Value::Object(fields) => fields.values_mut().for_each(|item| strip_repeated(item, seen)),
        Value::Array(items) => {
            for item in items {
                if id_of(item).is_some_and(|id| !seen.insert(id.to_owned()))
                    && let Value::Object(fields) = item
                {
                    fields.remove("id");
                }
                strip_repeated(item, seen);
            }
        }
        _ => {}
    }
}

struct Giver<'a> {
    kind: &'a KindDescriptor,
    /// The ids that stood in the body before: nothing else inherits them.
    given: HashSet<String>,
    taken: HashSet<String>,
    /// The last number that was tried behind the digits of a hash: of equal items there may be thousands.
    counts: HashMap<String, u32>,
}

impl Giver<'_> {
    /// `path` is dotted and without list positions, as kinds write it; `place` is a pointer with ids.
    fn walk(&mut self, value: &mut Value, base: Option<&Value>, path: &str, place: &str) {
        match value {
            Value::Object(fields) => {
                for (key, item) in fields {
                    let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                    let place = format!("{place}/{}", pointer_token(key));
                    self.walk(item, base.and_then(|b| b.get(key)), &path, &place);
                }
            }
            Value::Array(items) => self.list(items, base.and_then(Value::as_array), path, place),
            _ => {}
        }
    }

    fn list(&mut self, items: &mut [Value], base: Option<&Vec<Value>>, path: &str, place: &str) {
        let declared = self.kind.identified.iter().find(|list| list.path == path);
        let is_identified = |item: &Value| item.is_object() && (declared.is_some() || is_claim(item));
        let base = base.map(Vec::as_slice).unwrap_or_default();
        let mut origins = vec![None; items.len()];
        for (old, new) in pair(base, items, declared.map(|list| list.matched_by)) {
            if let Some(origin) = origins.get_mut(new) {
                *origin = base.get(old);
            }
        }
        for (item, origin) in items.iter_mut().zip(&origins).filter(|(i, _)| is_identified(i) && id_of(i).is_none()) {
            let inherited = origin.and_then(id_of).filter(|id| !self.given.contains(*id));
            if let (Some(id), Value::Object(fields)) = (inherited, item) {
                fields.insert("id".into(), id.into());
            }
        }
        for (item, origin) in items.iter_mut().zip(origins) {
            if is_identified(item) && id_of(item).is_none() {
                let id = self.fresh(place, item);
                if let Value::Object(fields) = item {
                    fields.insert("id".into(), id.into());
                }
            }
            // A claim's value holds no claims.
            if !is_claim(item) {
                let place = format!("{place}/{}", id_of(item).unwrap_or_default());
                self.walk(item, origin, path, &place);
            }
        }
    }

    /// Ten hexadecimal digits of the hash of place and content, with a number behind them when they are taken.
    fn fresh(&mut self, place: &str, item: &Value) -> String {
        let hash = sha256_hex(format!("{place}\n{}", canonical_text(&without_ids(item))).as_bytes());
        let has_letter = |digits: &&str| digits.bytes().any(|b| b.is_ascii_lowercase());
        let windows = (0..hash.len()).filter_map(|start| hash.get(start..start + 10));
        let digits = windows.into_iter().find(has_letter).unwrap_or("a");
        let mut id = digits.to_owned();
        let count = self.counts.entry(id.clone()).or_insert(1);
        while !self.taken.insert(id.clone()) {
            *count += 1;
            id = format!("{digits}-{count}");
        }
        id
    }
}
