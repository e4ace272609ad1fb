//! Who last set what: for every claim and every other statement of a body, the revision it dates from.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::{
    errors::pointer_token,
    identity,
    kinds::KindDescriptor,
    shape::{holds_claims, id_of, is_claim, is_identified_list, is_localized, is_statement},
};

/// One place of the last body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Blame {
    /// JSON Pointer in the last body.
    #[schema(example = "/life/death/date/0")]
    pub pointer: String,
    /// The id of the claim or item that stands there.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "3f2a9c01be")]
    pub claim: Option<String>,
    /// The revision that last changed it.
    pub revision: i64,
}

/// Traces the statements of a body back through older ones.
pub struct Tracer<'a> {
    kind: &'a KindDescriptor,
    newer: Value,
    places: Vec<Place>,
    since: Vec<i64>,
    /// Places that were the same in the oldest revision seen.
    open: Vec<usize>,
}

impl<'a> Tracer<'a> {
    /// Begins with the body to explain, and the number of its revision.
    pub fn new(kind: &'a KindDescriptor, number: i64, body: &Value) -> Self {
        let mut newer = body.clone();
        identity::assign(kind, &mut newer, None);
        let places = places_of(&newer);
        Self { kind, since: vec![number; places.len()], open: (0..places.len()).collect(), places, newer }
    }

    /// Takes the next older revision.
    pub fn step(&mut self, number: i64, body: &Value) {
        // Ids are looked up in the newer body: what is asked for is where its claims come from.
        let mut body = body.clone();
        identity::assign(self.kind, &mut body, Some(&self.newer));
        let then: HashMap<String, Value> = places_of(&body).into_iter().map(|p| (p.key, p.content)).collect();
        let places = &self.places;
        self.open.retain(|i| places.get(*i).is_some_and(|place| then.get(&place.key) == Some(&place.content)));
        for i in &self.open {
            if let Some(revision) = self.since.get_mut(*i) {
                *revision = number;
            }
        }
        self.newer = body;
    }

    /// Nothing is left that an older revision could explain.
    pub fn is_done(&self) -> bool {
        self.open.is_empty()
    }

    /// The revision that last changed the content of every claim, of every item that holds claims (by its other fields),
    /// and of every other field: prose language by language, lists and objects that say one thing as a whole. Moving a
    /// claim within its list changes nothing.
    pub fn finish(self) -> Vec<Blame> {
        let blamed = |(place, revision): (Place, i64)| Blame { pointer: place.pointer, claim: place.claim, revision };
        self.places.into_iter().zip(self.since).map(blamed).collect()
    }
}

struct Place {
    pointer: String,
    /// The pointer with ids instead of positions.
    key: String,
    claim: Option<String>,
    content: Value,
}

fn places_of(body: &Value) -> Vec<Place> {
    let mut found = Vec::new();
    collect(body, String::new(), String::new(), &mut found);
    found
}

fn collect(value: &Value, pointer: String, key: String, found: &mut Vec<Place>) {
    match value {
        Value::Array(items) if is_identified_list(items) => {
            for (position, item) in items.iter().enumerate() {
                let id = id_of(item).map(str::to_owned);
                let name = id.clone().unwrap_or_else(|| position.to_string());
                let (pointer, key) = (format!("{pointer}/{position}"), format!("{key}/{}", pointer_token(&name)));
                let (own, inner) = if is_claim(item) { (item.clone(), Map::new()) } else { apart(item) };
                found.push(Place { pointer: pointer.clone(), key: key.clone(), claim: id, content: own });
                fields(&inner, &pointer, &key, found);
            }
        }
        Value::Object(inner) if !is_whole(value, &pointer) => fields(inner, &pointer, &key, found),
        other => found.push(Place { pointer, key, claim: None, content: other.clone() }),
    }
}

fn fields(fields_of: &Map<String, Value>, pointer: &str, key: &str, found: &mut Vec<Place>) {
    for (name, inner) in fields_of {
        let token = pointer_token(name);
        collect(inner, format!("{pointer}/{token}"), format!("{key}/{token}"), found);
    }
}

fn is_whole(value: &Value, pointer: &str) -> bool {
    let is_empty = value.as_object().is_some_and(Map::is_empty);
    !pointer.is_empty() && (is_empty || is_statement(value)) && !is_localized(value)
}

/// An item that is no claim: what it says itself, and what holds claims.
fn apart(item: &Value) -> (Value, Map<String, Value>) {
    let fields: BTreeMap<_, _> = item.as_object().into_iter().flatten().collect();
    let (inner, own): (Vec<_>, Vec<_>) = fields.into_iter().partition(|(_, value)| holds_claims(value));
    let map = |pairs: Vec<(&String, &Value)>| -> Map<String, Value> {
        pairs.into_iter().map(|(key, value)| (key.clone(), value.clone())).collect()
    };
    (Value::Object(map(own)), map(inner))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(kind: &str, revisions: &[Value]) -> Vec<(String, i64)> {
        let numbered: Vec<(i64, &Value)> = (1..).zip(revisions).collect();
        let kind = KindDescriptor::by_name(kind).unwrap();
        let Some(((last, body), older)) = numbered.split_last() else { return vec![] };
        let mut tracer = Tracer::new(kind, *last, body);
        older.iter().rev().for_each(|(number, body)| tracer.step(*number, body));
        tracer.finish().into_iter().map(|b| (b.pointer, b.revision)).collect()
    }

    fn rows(rows: &[(&str, i64)]) -> Vec<(String, i64)> {
        rows.iter().map(|(pointer, revision)| ((*pointer).to_owned(), *revision)).collect()
    }

    fn claim(id: &str, value: &str) -> Value {
        json!({"id": id, "rank": "normal", "value": value})
    }

    #[test]
    fn every_statement_dates_from_its_last_change() {
        let revisions = [
            json!({"names": [claim("a", "x"), claim("b", "y")], "biography": {"ru": "т"}, "tags": ["t"], "archive": {"fond": "1"}}),
            json!({"names": [claim("a", "x"), claim("b", "z")], "biography": {"ru": "т", "en": "t"}, "tags": ["t"], "archive": {"fond": "2"}}),
            json!({"names": [claim("c", "n"), claim("b", "z"), claim("a", "x")], "biography": {"ru": "т", "en": "t"}, "tags": ["t", "u"],
                   "archive": {"fond": "2"}, "life": {"birth": {}}}),
        ];
        let expected = rows(&[
            ("/archive", 2),
            ("/biography/en", 2),
            ("/biography/ru", 1),
            ("/life/birth", 3),
            ("/names/0", 3),
            ("/names/1", 2),
            ("/names/2", 1),
            ("/tags", 3),
        ]);
        assert_eq!(told("person", &revisions), expected);
    }

    #[test]
    fn what_was_taken_out_and_put_back_dates_from_then() {
        let (with, without) = (json!({"names": [claim("a", "x")]}), json!({"names": [claim("b", "y")]}));
        assert_eq!(told("person", &[with.clone(), without, with]), rows(&[("/names/0", 3)]));
        assert_eq!(told("person", &[]), []);
    }

    #[test]
    fn revisions_without_ids_are_followed_too() {
        let said = |value: &str| json!({"rank": "normal", "value": value});
        let mut last = json!({"names": [said("b"), said("a"), said("d")]});
        let older = [json!({"names": [said("a"), said("x")]}), json!({"names": [said("a"), said("b")]}), last.clone()];
        assert_eq!(told("person", &older), rows(&[("/names/0", 2), ("/names/1", 1), ("/names/2", 3)]));
        let kind = KindDescriptor::by_name("person").unwrap();
        identity::assign(kind, &mut last, Some(&older[2]));
        assert_eq!(told("person", &[older.as_slice(), &[last]].concat()).len(), 3);
    }

    #[test]
    fn claims_of_a_defendant_and_the_defendant_are_told_apart() {
        let accused = |position: &str, plea: &str| json!({"defendants": [{"id": "d", "person": {"text": "A"}, "position": position, "plea": [claim("p", plea)]}]});
        let revisions = [accused("clerk", "x"), accused("clerk", "y"), accused("director", "y")];
        assert_eq!(told("trial", &revisions), rows(&[("/defendants/0", 3), ("/defendants/0/plea/0", 2)]));
    }
}
