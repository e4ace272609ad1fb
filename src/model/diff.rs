//! What changed between two bodies: as JSON Patch (RFC 6902), and place by place in the words of a reader.

use std::{cell::Cell, collections::BTreeSet, rc::Rc};

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::{
    errors::pointer_token,
    identity, label,
    shape::{holds_claims, id_of, is_identified_list},
    textdiff::{self, TextPiece},
};

/// Bytes of all texts of one comparison that are compared word by word: the work grows with the square of the words that
/// differ.
const LONGEST: usize = 40_000;

/// One place that changed.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Change {
    /// JSON Pointer of the place in the newer body; in the older one when the place was removed.
    #[schema(example = "/life/death/date/0/value/edtf")]
    pub pointer: String,
    /// The id of the claim the place belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "3f2a9c01be")]
    pub claim: Option<String>,
    /// The place in words, with the claim in brackets.
    #[schema(example = "life › death › date (1938-03-15) › value › edtf")]
    pub label: String,
    pub change: ChangeType,
    /// Where the claim or item that moved stood in the older body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from_pointer: Option<String>,
    /// What stood there; absent when the place was added or moved.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<serde_json::Value>)]
    pub old: Option<Value>,
    /// What stands there now; absent when the place was removed or moved.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<serde_json::Value>)]
    pub new: Option<Value>,
    /// Word by word, where both are long texts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<Vec<TextPiece>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChangeType {
    Added,
    Removed,
    Changed,
    /// The item stands at another place among those of its list; what changed inside is told beside.
    Moved,
}

/// The JSON Patch that turns `from` into `to`.
pub fn patch(from: &Value, to: &Value) -> json_patch::Patch {
    json_patch::diff(from, to)
}

/// Every place that differs, in the order of the fields. Claims are compared with themselves wherever they stand in
/// their list; one that was added or removed is one change.
pub fn changes(from: &Value, to: &Value) -> Vec<Change> {
    let mut found = Vec::new();
    compare(&Place::root(), Some(from), Some(to), &mut found);
    found
}

/// Texts longer than this are compared word by word.
const LONG_TEXT: usize = 60;

/// Where a comparison stands.
#[derive(Clone)]
struct Place {
    old: String,
    new: String,
    claim: Option<String>,
    label: String,
    /// Bytes of texts that may yet be compared word by word.
    left: Rc<Cell<usize>>,
}

impl Place {
    fn root() -> Self {
        let left = Rc::new(Cell::new(LONGEST));
        Self { old: String::new(), new: String::new(), claim: None, label: String::new(), left }
    }

    fn field(&self, key: &str) -> Self {
        let token = pointer_token(key);
        let separator = if self.label.is_empty() { "" } else { " › " };
        Self {
            old: format!("{}/{token}", self.old),
            new: format!("{}/{token}", self.new),
            claim: self.claim.clone(),
            label: format!("{}{separator}{}", self.label, label::words(key)),
            left: self.left.clone(),
        }
    }

    /// An item at its old and its new position; one that stands in one body only has the same for both.
    fn item(&self, old: usize, new: usize, item: &Value) -> Self {
        let shown = Some(item).filter(|item| label::is_named(item)).and_then(label::short);
        Self {
            old: format!("{}/{old}", self.old),
            new: format!("{}/{new}", self.new),
            claim: id_of(item).map(str::to_owned).or_else(|| self.claim.clone()),
            label: shown.map_or_else(|| self.label.clone(), |shown| format!("{} ({shown})", self.label)),
            left: self.left.clone(),
        }
    }

    /// Takes room for texts of so many bytes, if there is so much.
    fn spend(&self, bytes: usize) -> bool {
        let left = self.left.get().checked_sub(bytes);
        self.left.set(left.unwrap_or_else(|| self.left.get()));
        left.is_some()
    }

    fn change(&self, change: ChangeType, old: Option<&Value>, new: Option<&Value>) -> Change {
        let texts = old.and_then(Value::as_str).zip(new.and_then(Value::as_str));
        let is_long = |text: &str| text.chars().nth(LONG_TEXT).is_some();
        Change {
            pointer: if change == ChangeType::Removed { self.old.clone() } else { self.new.clone() },
            claim: self.claim.clone(),
            label: self.label.clone(),
            change,
            from_pointer: None,
            old: old.cloned(),
            new: new.cloned(),
            text: texts
                .filter(|(a, b)| is_long(a) && is_long(b) && self.spend(a.len() + b.len()))
                .map(|(a, b)| textdiff::pieces(a, b)),
        }
    }
}

fn compare(place: &Place, old: Option<&Value>, new: Option<&Value>, found: &mut Vec<Change>) {
    match (old, new) {
        (old, new) if old == new => {}
        (Some(Value::Object(a)), Some(Value::Object(b))) => {
            for key in a.keys().chain(b.keys()).collect::<BTreeSet<_>>() {
                compare(&place.field(key), a.get(key), b.get(key), found);
            }
        }
        (Some(Value::Array(a)), Some(Value::Array(b))) => compare_lists(place, a, b, found),
        // What holds claims is told claim by claim.
        (Some(Value::Object(fields)), None) | (None, Some(Value::Object(fields)))
            if fields.values().any(holds_claims) =>
        {
            for (key, item) in fields {
                compare(&place.field(key), old.map(|_| item), new.map(|_| item), found);
            }
        }
        (Some(Value::Array(items)), None) if is_identified_list(items) => compare_lists(place, items, &[], found),
        (None, Some(Value::Array(items))) if is_identified_list(items) => compare_lists(place, &[], items, found),
        (old, new) => {
            let change = match (old, new) {
                (None, _) => ChangeType::Added,
                (_, None) => ChangeType::Removed,
                _ => ChangeType::Changed,
            };
            found.push(place.change(change, old, new));
        }
    }
}

fn compare_lists(place: &Place, old: &[Value], new: &[Value], found: &mut Vec<Change>) {
    let pairs = pairs(old, new);
    let unmoved = longest_rising(&pairs.iter().map(|(o, _)| *o).collect::<Vec<_>>());
    let kept: BTreeSet<usize> = pairs.iter().map(|(o, _)| *o).collect();
    for (o, item) in old.iter().enumerate().filter(|(o, _)| !kept.contains(o)) {
        found.push(place.item(o, o, item).change(ChangeType::Removed, Some(item), None));
    }
    let mut pairs = pairs.into_iter().peekable();
    for (n, item) in new.iter().enumerate() {
        match pairs.next_if(|(_, paired)| *paired == n) {
            None => found.push(place.item(n, n, item).change(ChangeType::Added, None, Some(item))),
            Some((o, _)) => {
                let here = place.item(o, n, item);
                if !unmoved.contains(&o) {
                    let moved = here.change(ChangeType::Moved, None, None);
                    found.push(Change { from_pointer: Some(here.old.clone()), ..moved });
                }
                compare(&here, old.get(o), Some(item), found);
            }
        }
    }
}

/// Which item became which; in lists without ids the changed ones are told by their order when as many are left on
/// both sides.
fn pairs(old: &[Value], new: &[Value]) -> Vec<(usize, usize)> {
    let mut pairs = identity::pair(old, new, None);
    if is_identified_list(old) || is_identified_list(new) {
        return pairs;
    }
    let (olds, news): (BTreeSet<_>, BTreeSet<_>) = pairs.iter().copied().unzip();
    let left = |items: &[Value], paired: &BTreeSet<usize>| {
        (0..items.len()).filter(|position| !paired.contains(position)).collect::<Vec<_>>()
    };
    let (left_old, left_new) = (left(old, &olds), left(new, &news));
    let is_object = |items: &[Value], at: &[usize]| at.iter().all(|i| items.get(*i).is_some_and(Value::is_object));
    if left_old.len() == left_new.len() && is_object(old, &left_old) && is_object(new, &left_new) {
        pairs.extend(left_old.into_iter().zip(left_new));
        pairs.sort_unstable_by_key(|(_, n)| *n);
    }
    pairs
}

/// The members of a longest rising subsequence: the fewest others have moved.
fn longest_rising(sequence: &[usize]) -> BTreeSet<usize> {
    // For each length the sequence that ends lowest, as the index of its last member; each member knows the one before.
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(sequence.len());
    for (i, value) in sequence.iter().enumerate() {
        let length = ends.partition_point(|end| sequence.get(*end) < Some(value));
        before.push(length.checked_sub(1).and_then(|shorter| ends.get(shorter).copied()));
        match ends.get_mut(length) {
            Some(end) => *end = i,
            None => ends.push(i),
        }
    }
    let members = std::iter::successors(ends.last().copied(), |i| before.get(*i).copied().flatten());
    members.filter_map(|i| sequence.get(i).copied()).collect()
}

#[cfg(test)]
mod tests;
