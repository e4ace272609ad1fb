//! Which item of an older list is which of a newer one.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    hash::Hash,
};

use serde_json::{Map, Value};

use crate::model::{
    canon,
    shape::{id_of, is_claim},
};

/// Pairs positions of an older and a newer list, in the order of the newer one: items with equal ids; then, where one of
/// the two has no id, items with equal content; with equal statements (`matched_by` names the field of items that are no
/// claims); and of claims the only ones left.
pub fn pair(old: &[Value], new: &[Value], matched_by: Option<&str>) -> Vec<(usize, usize)> {
    let mut pairing = Pairing { old, new, taken: vec![false; old.len()], found: vec![None; new.len()] };
    pairing.by(id_of);
    if pairing.is_open() {
        pairing.by(|item| Some(canonical_text(&without_ids(item))));
    }
    if pairing.is_open() {
        pairing.by(|item| statement(item, matched_by));
        pairing.only_ones_left();
    }
    pairing.found.iter().enumerate().filter_map(|(n, o)| Some(((*o)?, n))).collect()
}

struct Pairing<'a> {
    old: &'a [Value],
    new: &'a [Value],
    taken: Vec<bool>,
    found: Vec<Option<usize>>,
}

impl<'a> Pairing<'a> {
    fn is_open(&self) -> bool {
        self.taken.contains(&false) && self.found.contains(&None)
    }

    /// Pairs the first with the first, the second with the second of those that have an equal key.
    fn by<K: Hash + Eq>(&mut self, key: impl Fn(&'a Value) -> Option<K>) {
        let mut waiting: HashMap<K, Waiting> = HashMap::new();
        for (o, item) in self.old.iter().enumerate() {
            if self.taken.get(o) == Some(&false)
                && let Some(key) = key(item)
            {
                waiting.entry(key).or_default().push(o, item);
            }
        }
        for (item, found) in self.new.iter().zip(&mut self.found).filter(|(_, found)| found.is_none()) {
            let Some(same) = key(item).and_then(|k| waiting.get_mut(&k)) else { continue };
            *found = same.take(item);
            if let Some(taken) = found.and_then(|o| self.taken.get_mut(o)) {
                *taken = true;
            }
        }
    }

    fn only_ones_left(&mut self) {
        let old: Vec<(usize, &Value)> =
            self.old.iter().enumerate().filter(|(o, _)| self.taken.get(*o) == Some(&false)).collect();
        let new: Vec<(usize, &Value)> =
            self.new.iter().enumerate().filter(|(n, _)| self.found.get(*n) == Some(&None)).collect();
        let unnamed = |items: &[(usize, &Value)]| items.iter().any(|(_, item)| id_of(item).is_none());
        let (old_unnamed, new_unnamed) = (unnamed(&old), unnamed(&new));
        let candidates = |items: &[(usize, &'a Value)], others_unnamed: bool| {
            let open: Vec<_> = items.iter().filter(|(_, i)| others_unnamed || id_of(i).is_none()).copied().collect();
            match open.as_slice() {
                [(position, item)] if is_claim(item) => Some(*position),
                _ => None,
            }
        };
        if let (Some(o), Some(n)) = (candidates(&old, new_unnamed), candidates(&new, old_unnamed))
            && let Some(found) = self.found.get_mut(n)
        {
            *found = Some(o);
        }
    }
}

/// Positions of older items with one key, in their order. Items with two different ids are two things, whatever they say:
/// so an item with an id can be the older one with the same id, or one without.
#[derive(Default)]
struct Waiting<'a> {
    unnamed: VecDeque<usize>,
    named: VecDeque<(usize, &'a str)>,
    by_id: HashMap<&'a str, VecDeque<usize>>,
    gone: HashSet<usize>,
}

impl<'a> Waiting<'a> {
    fn push(&mut self, position: usize, item: &'a Value) {
        match id_of(item) {
            None => self.unnamed.push_back(position),
            Some(id) => {
                self.named.push_back((position, id));
                self.by_id.entry(id).or_default().push_back(position);
            }
        }
    }

    /// The first of them that the newer item may be.
    fn take(&mut self, new: &Value) -> Option<usize> {
        let named = match id_of(new) {
            Some(id) => self.by_id.get(id).and_then(|same| same.iter().find(|o| !self.gone.contains(o)).copied()),
            None => {
                while self.named.front().is_some_and(|(position, _)| self.gone.contains(position)) {
                    self.named.pop_front();
                }
                self.named.front().map(|(position, _)| *position)
            }
        };
        let unnamed = self.unnamed.front().copied();
        let first = named.into_iter().chain(unnamed).min()?;
        if unnamed == Some(first) {
            self.unnamed.pop_front();
        } else {
            self.gone.insert(first);
        }
        Some(first)
    }
}

/// What an item says, apart from its rank, its sources and the remarks on it: for comparisons. `None` when it cannot be
/// told.
pub fn statement(item: &Value, matched_by: Option<&str>) -> Option<String> {
    if is_claim(item) {
        let text = |key| item.get(key).map(canonical_text).unwrap_or_default();
        return Some(format!("{}\n{}", text("value"), text("status")));
    }
    matched_by.and_then(|key| item.get(key)).map(canonical_text)
}

/// The item without its id and the ids of what stands in it.
pub fn without_ids(item: &Value) -> Value {
    fn strip(value: &Value, is_item: bool) -> Value {
        match value {
            Value::Object(fields) => {
                let is_id = |key: &str, v: &Value| is_item && key == "id" && v.is_string();
                let kept = fields.iter().filter(|(k, v)| !is_id(k, v));
                Value::Object(kept.map(|(k, v)| (k.clone(), strip(v, false))).collect::<Map<_, _>>())
            }
            Value::Array(items) => items.iter().map(|i| strip(i, true)).collect(),
            other => other.clone(),
        }
    }
    strip(item, true)
}

/// A hash that is the same for all bodies that say exactly the same, whatever ids their claims have.
pub fn content_hash(body: &Value) -> String {
    canon::sha256_hex(canonical_text(&without_ids(body)).as_bytes())
}

/// Canonical JSON, for comparisons.
pub fn canonical_text(value: &Value) -> String {
    canon::canonical(value).unwrap_or_else(|_| value.to_string())
}
