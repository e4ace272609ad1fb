//! Ways through a body: all of its places, and the places at a path.

use serde_json::Value;

use crate::model::{
    errors::{cut_to, pointer_token},
    projection::rank,
    shape::is_claim,
};

/// One place of a body.
pub struct Node<'a> {
    /// JSON Pointer.
    pub pointer: String,
    /// Dotted path without list positions and without the `value` of claims.
    pub path: String,
    pub value: &'a Value,
    /// It belongs to a claim known to be wrong.
    pub deprecated: bool,
}

impl Node<'_> {
    /// Name of the field the place belongs to.
    pub fn name(&self) -> &str {
        self.path.rsplit('.').next().unwrap_or_default()
    }
}

/// Every place of a body, in document order.
pub fn nodes(body: &Value) -> Vec<Node<'_>> {
    let mut found = Vec::new();
    collect(body, String::new(), String::new(), false, &mut found);
    found
}

fn collect<'a>(value: &'a Value, pointer: String, path: String, deprecated: bool, found: &mut Vec<Node<'a>>) {
    match value {
        Value::Array(items) => {
            for (i, item) in items.iter().enumerate() {
                let wrong = deprecated || (is_claim(item) && rank(item) == 2);
                collect(item, format!("{pointer}/{i}"), path.clone(), wrong, found);
            }
        }
        Value::Object(fields) => {
            for (key, item) in fields {
                let inner = match (key.as_str(), path.as_str()) {
                    ("value", path) => path.to_owned(),
                    (key, "") => key.to_owned(),
                    (key, path) => format!("{path}.{key}"),
                };
                collect(item, format!("{pointer}/{}", pointer_token(key)), inner, deprecated, found);
            }
        }
        _ => {}
    }
    found.push(Node { pointer, path, value, deprecated });
}

/// Which claims of a list count. Deprecated ones never do.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// The preferred one, else the first normal one.
    Best,
    All,
}

/// A value at a path.
#[derive(Clone)]
pub struct Found<'a> {
    pub pointer: String,
    pub value: &'a Value,
}

/// The values at a dotted path; claims without a value give nothing.
pub fn find<'a>(value: &'a Value, pointer: &str, path: &str, which: Which) -> Vec<Found<'a>> {
    let steps: Vec<&str> = path.split('.').filter(|s| !s.is_empty()).collect();
    let mut found = Vec::new();
    descend(value, pointer.to_owned(), &steps, which, &mut found);
    found
}

/// The best value at a path of the whole body.
pub fn best<'a>(body: &'a Value, path: &str) -> Option<Found<'a>> {
    find(body, "", path, Which::Best).into_iter().next()
}

fn descend<'a>(value: &'a Value, pointer: String, steps: &[&str], which: Which, found: &mut Vec<Found<'a>>) {
    match (value, steps) {
        (Value::Array(items), _) => {
            let mut counted: Vec<(usize, &Value)> =
                items.iter().enumerate().filter(|(_, i)| !is_claim(i) || rank(i) < 2).collect();
            if which == Which::Best && counted.iter().any(|(_, i)| is_claim(i)) {
                counted.sort_by_key(|(_, i)| rank(i));
                counted.truncate(1);
            }
            for (i, item) in counted {
                match item.get("value").filter(|_| is_claim(item)) {
                    Some(inner) => descend(inner, format!("{pointer}/{i}/value"), steps, which, found),
                    None if is_claim(item) => {}
                    None => descend(item, format!("{pointer}/{i}"), steps, which, found),
                }
            }
        }
        (Value::Object(fields), [next, rest @ ..]) => {
            if let Some(inner) = fields.get(*next) {
                descend(inner, format!("{pointer}/{}", pointer_token(next)), rest, which, found);
            }
        }
        (value, []) => found.push(Found { pointer, value }),
        _ => {}
    }
}

/// Whether a value says anything: a claim with a value, or a text, number or flag outside of claims.
pub fn says_something(value: &Value) -> bool {
    match value {
        Value::Array(items) => {
            items.iter().any(|i| if is_claim(i) { i.get("value").is_some() } else { says_something(i) })
        }
        Value::Object(fields) => fields.values().any(says_something),
        Value::Null => false,
        _ => true,
    }
}

/// The code of a coded value.
pub fn code(value: &Value) -> Option<&str> {
    value.get("code")?.as_str()
}

/// The texts of a value: itself, or those of an object of texts by language.
pub fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::Object(fields) => fields.values().filter_map(Value::as_str).collect(),
        other => other.as_str().into_iter().collect(),
    }
}

/// A text cut to a length that fits in a sentence.
pub fn shortened(text: &str) -> String {
    cut_to(text, 60)
}
