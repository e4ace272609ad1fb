//! What a projection holds that stands at no single place of the body: all words of a part, the sources cited, how sure
//! the claims are, the time between two dates.

use std::collections::BTreeSet;

use indexmap::IndexSet;
use serde_json::Value;

use super::{
    edtf::day_to_gregorian,
    kinds::{Field, FieldType, KindDescriptor, Span, SpanUnit},
    names::fold_words,
    parts::date::interval_of,
    projection::select_at,
    shape::is_claim,
};

/// Members that hold codes, identifiers and the like, no words that somebody reads.
const NO_WORDS: &[&str] =
    &["code", "entry", "source", "lang", "script", "gazetteer_id", "edtf", "calendar", "id", "status", "rank", "url"];

/// The folded words of all texts inside a value, each once.
pub fn words_inside(value: &Value) -> Vec<String> {
    let mut words = IndexSet::new();
    collect_words(value, &mut words);
    words.into_iter().collect()
}

fn collect_words(value: &Value, words: &mut IndexSet<String>) {
    match value {
        Value::String(text) => words.extend(fold_words(text)),
        Value::Array(items) => items.iter().for_each(|item| collect_words(item, words)),
        Value::Object(members) => {
            let readable = members.iter().filter(|(name, _)| !NO_WORDS.contains(&name.as_str()));
            readable.for_each(|(_, member)| collect_words(member, words));
        }
        _ => {}
    }
}

/// How many sources a body cites.
pub fn cited_sources(body: &Value) -> usize {
    let mut sources = BTreeSet::new();
    collect_sources(body, &mut sources);
    sources.len()
}

fn collect_sources<'a>(value: &'a Value, sources: &mut BTreeSet<&'a str>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect_sources(item, sources)),
        Value::Object(members) => {
            for (name, member) in members {
                match (name.as_str(), member) {
                    ("citations", Value::Array(citations)) => {
                        sources.extend(citations.iter().filter_map(|c| c.get("source")?.as_str()));
                    }
                    _ => collect_sources(member, sources),
                }
            }
        }
        _ => {}
    }
}

/// Certainties and ranks that are worth asking for: the usual ones go without saying.
pub const CERTAINTIES: &[&str] = &["probable", "disputed"];
pub const RANKS: &[&str] = &["preferred", "deprecated"];

/// The unusual values that a member of claims has, anywhere in the body, and in the claims of each field of the kind:
/// `disputed`, `executed:disputed`.
pub fn qualities(kind: &KindDescriptor, body: &Value, member: &str, unusual: &[&str]) -> Vec<String> {
    let mut found = BTreeSet::new();
    each_claim(body, &mut |claim| {
        found.extend(quality(claim, member, unusual).map(str::to_owned));
    });
    if found.is_empty() {
        return vec![];
    }
    for field in kind.fields.iter().filter(|field| !field.path.is_empty()) {
        for path in field.paths() {
            claims_along(body, &path, &mut |claim| {
                found.extend(quality(claim, member, unusual).map(|value| format!("{}:{value}", field.name)));
            });
        }
    }
    found.into_iter().collect()
}

fn quality<'a>(claim: &Value, member: &str, unusual: &[&'a str]) -> Option<&'a str> {
    let value = claim.get(member)?.as_str()?;
    unusual.iter().copied().find(|known| *known == value)
}

fn each_claim(value: &Value, visit: &mut impl FnMut(&Value)) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| each_claim(item, visit)),
        Value::Object(members) => {
            if is_claim(value) {
                visit(value);
            }
            members.values().for_each(|member| each_claim(member, visit));
        }
        _ => {}
    }
}

/// The claims that are passed on the way along a path, wrong ones too.
fn claims_along(value: &Value, path: &[&str], visit: &mut impl FnMut(&Value)) {
    match value {
        Value::Array(items) => {
            for item in items {
                if is_claim(item) {
                    visit(item);
                }
                claims_along(
                    if is_claim(item) { item.get("value").unwrap_or(&Value::Null) } else { item },
                    path,
                    visit,
                );
            }
        }
        Value::Object(members) => {
            if let [next, rest @ ..] = path
                && let Some(inner) = members.get(*next)
            {
                claims_along(inner, rest, visit);
            }
        }
        _ => {}
    }
}

/// The shortest and the longest time that may lie between two dates of a body; `None` where one of them is not known or
/// open. Years are those completed, as with ages.
pub fn span(body: &Value, span: &Span) -> Option<(i64, i64)> {
    let date = |path| select_at(body, path).first().copied().flatten().and_then(interval_of);
    let (from, to) = (date(span.from)?, date(span.to)?);
    Some((between(from.latest?, to.earliest?, span.unit), between(from.earliest?, to.latest?, span.unit)))
}

fn between(from: i64, to: i64, unit: SpanUnit) -> i64 {
    match unit {
        SpanUnit::Days => to.saturating_sub(from),
        SpanUnit::Years => {
            let ((y1, m1, d1), (y2, m2, d2)) = (day_to_gregorian(from), day_to_gregorian(to));
            y2.saturating_sub(y1) - i64::from((m2, d2) < (m1, d1))
        }
    }
}

/// The field's values in the shared table of facts, of a field that is derived from the body as a whole.
pub fn derived_facts(kind: &KindDescriptor, body: &Value, field: &Field) -> Option<Vec<String>> {
    match field.field_type {
        FieldType::Certainty => Some(qualities(kind, body, "certainty", CERTAINTIES)),
        FieldType::Rank => Some(qualities(kind, body, "rank", RANKS)),
        _ => None,
    }
}
