//! Bringing two edits of one entry together: claims are told apart by their id, never by their position, and where both
//! sides changed one thing differently nothing is guessed.

use std::collections::{BTreeSet, HashMap};

use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::{
    errors::pointer_token,
    identity,
    kinds::KindDescriptor,
    shape::{holds_claims, is_localized, is_statement},
};

mod combine;
mod lists;
mod order;
mod ranks;

pub use combine::{combine, said_by_both};

/// A place that both sides changed, and differently.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Conflict {
    /// JSON Pointer of the place; list items are named by their id where they have one.
    #[schema(example = "/life/death/date/3f2a9c01be/value")]
    pub pointer: String,
    /// What stood there before both edits; absent when nothing did.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<serde_json::Value>)]
    pub base: Option<Value>,
    /// What stands there now; absent when it was removed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<serde_json::Value>)]
    pub current: Option<Value>,
    /// What the change would put there; absent when it removes the place.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<serde_json::Value>)]
    pub proposed: Option<Value>,
}

/// What is to stand at the place of a conflict.
#[derive(Clone, Debug, PartialEq)]
pub enum Choice {
    Base,
    Current,
    Proposed,
    /// Something else; `None` removes the place. For the order of claims: the list of their ids.
    Value(Option<Value>),
}

/// The decision on one conflict.
#[derive(Clone, Debug, PartialEq)]
pub struct Resolution {
    /// That of the conflict, or the same place by its positions in the proposed body.
    pub pointer: String,
    pub choice: Choice,
}

/// The outcome of a three-way merge.
#[derive(Clone, Debug, PartialEq)]
pub struct Merge {
    /// Both edits together; at unresolved places what stands there now.
    pub body: Value,
    /// The unresolved places.
    pub conflicts: Vec<Conflict>,
    /// Pointers of the resolutions that meet no conflict.
    pub unused: Vec<String>,
}

/// Merges what was proposed on `base` into what became of `base` since.
pub fn three_way(
    kind: &KindDescriptor,
    base: &Value,
    current: &Value,
    proposed: &Value,
    resolutions: &[Resolution],
) -> Merge {
    let identified = |body: &Value, base: Option<&Value>| {
        let mut body = body.clone();
        identity::assign(kind, &mut body, base);
        body
    };
    let base = identified(base, None);
    let current = identified(current, Some(&base));
    let proposed = identified(proposed, Some(&base));
    let mut merger = Merger::new(resolutions, &proposed);
    let versions = Versions { base: Some(&base), current: Some(&current), proposed: Some(&proposed) };
    let mut body = merger.place("", versions).unwrap_or_else(|| Value::Object(Map::new()));
    identity::make_unique(kind, &mut body);
    let unused = merger.resolutions.into_iter().filter(|d| !d.used).map(|d| d.resolution.pointer.clone()).collect();
    Merge { body, conflicts: merger.conflicts, unused }
}

/// One place in the three bodies.
#[derive(Clone, Copy)]
struct Versions<'a> {
    base: Option<&'a Value>,
    current: Option<&'a Value>,
    proposed: Option<&'a Value>,
}

impl<'a> Versions<'a> {
    fn each(self) -> [Option<&'a Value>; 3] {
        [self.base, self.current, self.proposed]
    }

    fn all_present(self, test: impl Fn(&Value) -> bool) -> bool {
        self.each().into_iter().flatten().all(test)
    }

    fn map<T>(self, read: impl Fn(&'a Value) -> Option<T>) -> [Option<T>; 3] {
        self.each().map(|v| v.and_then(&read))
    }

    fn field(self, key: &str) -> Self {
        let [base, current, proposed] = self.map(|v| v.get(key));
        Self { base, current, proposed }
    }

    fn keys(self) -> BTreeSet<&'a String> {
        self.each().into_iter().flatten().filter_map(Value::as_object).flat_map(Map::keys).collect()
    }

    /// The outcome where at most one side changed the place, or both alike.
    fn undisputed(self) -> Option<Option<&'a Value>> {
        undisputed(self.base, self.current, self.proposed)
    }

    /// Objects that stand for several things, each of which can be changed by itself.
    fn merges_by_field(self) -> bool {
        self.all_present(Value::is_object)
            && (self.all_present(is_localized)
                || self.each().into_iter().flatten().any(holds_claims)
                || !self.each().into_iter().flatten().any(is_statement))
    }
}

/// What three versions of anything come to unless both sides changed it differently.
fn undisputed<T: PartialEq>(base: T, current: T, proposed: T) -> Option<T> {
    if current == proposed || base == proposed {
        Some(current)
    } else if base == current {
        Some(proposed)
    } else {
        None
    }
}

/// A resolution, and whether a conflict asked for it.
struct Decision<'a> {
    resolution: &'a Resolution,
    used: bool,
}

struct Merger<'a> {
    resolutions: Vec<Decision<'a>>,
    /// Positions of the resolutions by the places they name, with positions or with ids of items.
    by_place: HashMap<String, usize>,
    conflicts: Vec<Conflict>,
}

impl<'r> Merger<'r> {
    fn new(resolutions: &'r [Resolution], proposed: &Value) -> Self {
        let mut by_place = HashMap::new();
        for (position, resolution) in resolutions.iter().enumerate() {
            // The first counts when there are several; the others stay unused.
            let by_id = identity::by_id(proposed, &resolution.pointer);
            for place in std::iter::once(resolution.pointer.clone()).chain(by_id) {
                by_place.entry(place).or_insert(position);
            }
        }
        let resolutions = resolutions.iter().map(|resolution| Decision { resolution, used: false }).collect();
        Self { resolutions, by_place, conflicts: vec![] }
    }

    fn place(&mut self, at: &str, versions: Versions) -> Option<Value> {
        if let Some(outcome) = versions.undisputed() {
            outcome.cloned()
        } else if versions.all_present(Value::is_array) {
            self.list(at, versions)
        } else if at.is_empty() || versions.merges_by_field() {
            self.fields(at, versions)
        } else {
            self.settle(at, versions)
        }
    }

    /// Field by field; an object that a side does not have counts as an empty one, and an empty outcome is left out.
    fn fields(&mut self, at: &str, versions: Versions) -> Option<Value> {
        let mut merged = Map::new();
        for key in versions.keys() {
            let here = format!("{at}/{}", pointer_token(key));
            if let Some(value) = self.place(&here, versions.field(key)) {
                merged.insert(key.clone(), value);
            }
        }
        (!merged.is_empty()).then_some(Value::Object(merged))
    }

    /// The decision at a place both sides changed; without one, what stands there now.
    fn settle(&mut self, at: &str, versions: Versions) -> Option<Value> {
        match self.choice(at) {
            Some(Choice::Base) => versions.base.cloned(),
            Some(Choice::Current) => versions.current.cloned(),
            Some(Choice::Proposed) => versions.proposed.cloned(),
            Some(Choice::Value(value)) => value.clone(),
            None => {
                self.conflict(at, versions.each().map(|v| v.cloned()));
                versions.current.cloned()
            }
        }
    }

    /// The decision on a place.
    fn choice(&mut self, at: &str) -> Option<&'r Choice> {
        let decision = self.resolutions.get_mut(*self.by_place.get(at)?)?;
        decision.used = true;
        Some(&decision.resolution.choice)
    }

    fn conflict(&mut self, at: &str, [base, current, proposed]: [Option<Value>; 3]) {
        self.conflicts.push(Conflict { pointer: at.to_owned(), base, current, proposed });
    }
}

#[cfg(test)]
mod combine_tests;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
