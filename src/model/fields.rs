//! Which fields of an answer are wanted: `label,body/life/birth`.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::asked::names;

/// Paths in one selection, and names in one path.
const MOST_PATHS: usize = 100;
const DEEPEST: usize = 32;

/// What identifies an entry is always kept: nothing else tells what belongs together.
const KEPT: [&str; 2] = ["id", "ref"];

/// The fields that are wanted. A path that ends keeps all that stands there; lists on the way are entered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    names: BTreeMap<String, Selection>,
}

impl Selection {
    /// Reads paths separated by commas, their names by slashes or dots.
    ///
    /// # Errors
    /// What is wrong, in a sentence.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut all = Self::default();
        for (i, path) in names(text).map(str::trim).enumerate() {
            let names: Vec<&str> = path.trim_start_matches('/').split(['/', '.']).collect();
            if i >= MOST_PATHS || names.len() > DEEPEST {
                return Err(format!("fields takes {MOST_PATHS} paths of {DEEPEST} names at most."));
            }
            if names.iter().any(|name| name.is_empty()) {
                return Err(format!("{path:?} is no path such as label or body/life/birth."));
            }
            all.add(&names);
        }
        Ok(all)
    }

    /// A shorter path says more: `body` next to `body/life` is all of the body.
    fn add(&mut self, names: &[&str]) {
        let Some((name, rest)) = names.split_first() else {
            self.names.clear();
            return;
        };
        match self.names.get_mut(*name) {
            Some(known) if known.names.is_empty() => {}
            Some(known) => known.add(rest),
            None => {
                let mut inner = Self::default();
                if !rest.is_empty() {
                    inner.add(rest);
                }
                self.names.insert((*name).to_owned(), inner);
            }
        }
    }

    /// The names at the top.
    pub fn tops(&self) -> impl Iterator<Item = &str> {
        self.names.keys().map(String::as_str)
    }

    /// What is left of an entry or a summary.
    pub fn trim(&self, entry: &Value) -> Value {
        let mut kept = self.keep(entry).unwrap_or(Value::Null);
        if let (Value::Object(kept), Value::Object(all)) = (&mut kept, entry) {
            for name in KEPT {
                if let Some(value) = all.get(name) {
                    kept.insert(name.to_owned(), value.clone());
                }
            }
        }
        kept
    }

    fn keep(&self, value: &Value) -> Option<Value> {
        if self.names.is_empty() {
            return Some(value.clone());
        }
        match value {
            Value::Array(items) => Some(items.iter().filter_map(|item| self.keep(item)).collect()),
            Value::Object(fields) => {
                let kept = fields.iter().filter_map(|(name, inner)| {
                    let kept = self.names.get(name)?.keep(inner)?;
                    Some((name.clone(), kept))
                });
                Some(Value::Object(kept.collect::<Map<_, _>>()))
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn paths_keep_what_they_name() {
        let entry = json!({
            "id": "i", "ref": "P1", "label": "L", "hash": "h",
            "body": {"names": [{"value": {"family": "A", "given": "B"}, "rank": "normal"}], "tags": ["x"], "life": 1}
        });
        let trimmed = |text| Selection::parse(text).unwrap().trim(&entry);
        assert_eq!(trimmed("label"), json!({"id": "i", "ref": "P1", "label": "L"}));
        let expected = json!({"id": "i", "ref": "P1", "body": {"names": [{"value": {"family": "A"}}], "tags": ["x"]}});
        assert_eq!(trimmed("body/names/value/family,body.tags"), expected);
        assert_eq!(trimmed("body/tags,body"), trimmed("body"));
        assert_eq!(trimmed("body,body/tags"), trimmed("body"));
        assert_eq!(trimmed("body/life/birth,body/none"), json!({"id": "i", "ref": "P1", "body": {}}));
        for bad in ["", "a,,b", "a//b", ".", "a/"] {
            assert!(Selection::parse(bad).is_err(), "{bad}");
        }
        assert!(Selection::parse(&vec!["a"; 33].join("/")).is_err());
        let many = |count: usize| (0..count).map(|n| format!("a{n}")).collect::<Vec<_>>().join(",");
        assert!(Selection::parse(&many(100)).is_ok() && Selection::parse(&many(101)).is_err());
        assert!(Selection::parse(&vec!["a"; 101].join(",")).is_ok(), "equal ones are one");
    }
}
