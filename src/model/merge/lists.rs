//! Lists: those of claims by the ids of their items, others as sets.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use serde_json::{Map, Value};

use super::{Choice, Merger, Versions, order::Orders, undisputed};
use crate::model::{
    errors::pointer_token,
    identity::canonical_text,
    shape::{id_of, is_claim},
};

impl Merger<'_> {
    /// A list that a side does not have counts as an empty one, and an empty outcome is left out.
    pub(super) fn list(&mut self, at: &str, versions: Versions) -> Option<Value> {
        let items = versions.each().map(|v| v.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default());
        let merged = match items.map(by_unique_ids) {
            [Some(base), Some(current), Some(proposed)] => self.identified(at, [base, current, proposed], items),
            _ => self.set(at, versions, items)?,
        };
        (!merged.is_empty()).then_some(Value::Array(merged))
    }

    fn identified(&mut self, at: &str, by_id: [HashMap<&str, &Value>; 3], items: [&[Value]; 3]) -> Vec<Value> {
        let [base, current, proposed] = items;
        let mut kept: BTreeMap<&str, Value> = BTreeMap::new();
        let mut seen = HashSet::new();
        for id in current.iter().chain(proposed).chain(base).filter_map(id_of).filter(|id| seen.insert(*id)) {
            let [base, current, proposed] = by_id.each_ref().map(|ids| ids.get(id).copied());
            let here = format!("{at}/{}", pointer_token(id));
            if let Some(mut item) = self.item(&here, Versions { base, current, proposed }) {
                if let Value::Object(fields) = &mut item {
                    fields.insert("id".into(), id.into());
                }
                kept.insert(id, item);
            }
        }
        self.one_preferred(at, &by_id, &mut kept);
        let orders = Orders::new(items.map(|list| list.iter().filter_map(id_of).collect()), kept.keys().copied());
        let backbone = orders.agreed().unwrap_or_else(|| match self.choice(at) {
            Some(Choice::Base) => orders.base(),
            Some(Choice::Proposed) => orders.proposed(),
            Some(Choice::Value(Some(Value::Array(ids)))) => orders.chosen(ids.iter().filter_map(Value::as_str)),
            Some(_) => orders.current(),
            None => {
                self.conflict(at, orders.whole().map(|ids| Some(ids.iter().copied().collect())));
                orders.current()
            }
        });
        orders.around(&backbone).into_iter().filter_map(|id| kept.get(id).cloned()).collect()
    }

    fn item(&mut self, at: &str, versions: Versions) -> Option<Value> {
        if let Some(outcome) = versions.undisputed() {
            return outcome.cloned();
        }
        match versions {
            Versions { base: Some(_), current: Some(_), proposed: Some(_) } => {
                if versions.each().into_iter().flatten().any(is_claim) {
                    self.claim(at, versions)
                } else {
                    self.fields(at, versions)
                }
            }
            // Added by both, and differently; or removed here and edited there.
            _ => self.settle(at, versions),
        }
    }

    /// Field by field, but what is said (value or status) as a whole: half of one value and half of another would be a
    /// third that nobody claimed.
    fn claim(&mut self, at: &str, versions: Versions) -> Option<Value> {
        let mut merged = Map::new();
        for key in versions.keys().into_iter().filter(|key| !SAID.contains(&key.as_str())) {
            if let Some(value) = self.place(&format!("{at}/{}", pointer_token(key)), versions.field(key)) {
                merged.insert(key.clone(), value);
            }
        }
        for (key, value) in self.said(at, versions) {
            merged.insert(key.to_owned(), value);
        }
        Some(Value::Object(merged))
    }

    fn said(&mut self, at: &str, versions: Versions) -> Vec<(&'static str, Value)> {
        let said = |claim: Option<&Value>| -> Vec<(&'static str, Value)> {
            SAID.iter().filter_map(|key| Some((*key, claim?.get(key)?.clone()))).collect()
        };
        if let Some(outcome) = undisputed(said(versions.base), said(versions.current), said(versions.proposed)) {
            return outcome;
        }
        let has_value = |claim: Option<&Value>| claim.is_some_and(|c| c.get("value").is_some());
        let key = if has_value(versions.current) || has_value(versions.proposed) { "value" } else { "status" };
        let at = format!("{at}/{key}");
        match self.choice(&at) {
            Some(Choice::Base) => said(versions.base),
            Some(Choice::Current) => said(versions.current),
            Some(Choice::Proposed) => said(versions.proposed),
            Some(Choice::Value(Some(value))) => vec![(key, value.clone())],
            // Without a value only the status can speak.
            Some(Choice::Value(None)) => {
                let [base, current, proposed] = versions.map(|v| v.get("status"));
                current.or(proposed).or(base).map(|status| ("status", status.clone())).into_iter().collect()
            }
            None => {
                self.conflict(&at, versions.map(|v| v.get(key).cloned()));
                said(versions.current)
            }
        }
    }

    /// Equal items once; what a side removed goes, what either added stays. `None` removes the list.
    fn set(&mut self, at: &str, versions: Versions, items: [&[Value]; 3]) -> Option<Vec<Value>> {
        let keyed = items.map(|list| list.iter().map(|item| (canonical_text(item), item)).collect::<Vec<_>>());
        let keys = keyed.each_ref().map(|list| list.iter().map(|(key, _)| key.as_str()).collect::<Vec<_>>());
        let [base, current, proposed] = keys.each_ref().map(|list| list.iter().copied().collect::<BTreeSet<&str>>());
        let has_duplicates = keys.iter().zip([&base, &current, &proposed]).any(|(list, set)| list.len() != set.len());
        if has_duplicates || both_replaced(&base, &current, &proposed) {
            return as_list(self.settle(at, versions));
        }
        let is_kept = |key: &&str| match base.contains(key) {
            true => current.contains(key) && proposed.contains(key),
            false => true,
        };
        let kept: HashSet<&str> = current.union(&proposed).copied().filter(is_kept).collect();
        let orders = Orders::new(keys, kept.iter().copied());
        let backbone = match orders.agreed() {
            Some(backbone) => backbone,
            None => match self.choice(at) {
                Some(Choice::Base) => orders.base(),
                Some(Choice::Current) => orders.current(),
                Some(Choice::Proposed) => orders.proposed(),
                Some(Choice::Value(list)) => return as_list(list.clone()),
                None => {
                    self.conflict(at, versions.each().map(|v| v.cloned()));
                    orders.current()
                }
            },
        };
        let values: HashMap<&str, &Value> = keyed.iter().flatten().map(|(key, item)| (key.as_str(), *item)).collect();
        Some(orders.around(&backbone).into_iter().filter_map(|key| values.get(key).copied().cloned()).collect())
    }
}

fn as_list(value: Option<Value>) -> Option<Vec<Value>> {
    match value {
        Some(Value::Array(items)) => Some(items),
        _ => None,
    }
}

/// The fields of a claim that say something, one of which is present.
const SAID: [&str; 2] = ["value", "status"];

/// Both sides took the same item away and put different ones in: two corrections of one thing.
fn both_replaced(base: &BTreeSet<&str>, current: &BTreeSet<&str>, proposed: &BTreeSet<&str>) -> bool {
    let added = |side: &BTreeSet<&str>| side.difference(base).map(|key| (*key).to_owned()).collect::<Vec<_>>();
    let (here, there) = (added(current), added(proposed));
    let same_removed = base.iter().any(|key| !current.contains(key) && !proposed.contains(key));
    same_removed && !here.is_empty() && !there.is_empty() && here != there
}

/// The items of a list by their ids; `None` when one has none, or two have the same.
fn by_unique_ids(items: &[Value]) -> Option<HashMap<&str, &Value>> {
    let by_id: HashMap<&str, &Value> = items.iter().filter_map(|item| Some((id_of(item)?, item))).collect();
    (by_id.len() == items.len()).then_some(by_id)
}
