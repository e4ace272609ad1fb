//! Which item of an older list is which of a newer one.

use std::{
    collections::{HashMap, VecDeque},
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
        let mut waiting: HashMap<K, VecDeque<usize>> = HashMap::new();
        for (o, item) in self.old.iter().enumerate() {
            if self.taken.get(o) == Some(&false)
                && let Some(key) = key(item)
            {
                waiting.entry(key).or_default().push_back(o);
            }
        }
        for (item, found) in self.new.iter().zip(&mut self.found).filter(|(_, found)| found.is_none()) {
            let Some(same) = key(item).and_then(|k| waiting.get_mut(&k)) else { continue };
            let Some(place) = same.iter().position(|o| self.old.get(*o).is_some_and(|o| may_be(o, item))) else {
                continue;
            };
            *found = same.remove(place);
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

/// Items with two different ids are two things, whatever they say.
fn may_be(old: &Value, new: &Value) -> bool {
    match (id_of(old), id_of(new)) {
        (Some(old), Some(new)) => old == new,
        _ => true,
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

/// Canonical JSON, for comparisons.
pub fn canonical_text(value: &Value) -> String {
    canon::canonical(value).unwrap_or_else(|_| value.to_string())
}
