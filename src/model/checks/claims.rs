//! Claims: what they rest on, how they stand to each other, and which texts were not understood.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::{
    CheckCode, Findings, Subject,
    days::{Days, shown},
    walk::{Which, code, find, says_something, shortened},
};
use crate::model::{
    canon, errors::pointer_token, identity::without_ids, projection::rank, shape::is_claim, vocabularies::UNRECOGNISED,
};

/// Above this number, missing citations are counted instead of listed.
const LISTED_UNCITED: usize = 10;

pub(super) fn check(subject: &Subject, findings: &mut Findings) {
    if subject.kind.checks.cites {
        check_citations(subject, findings);
    }
    for node in &subject.nodes {
        if let Value::Array(items) = node.value
            && items.iter().any(is_claim)
        {
            check_list(&node.pointer, items, findings);
        }
    }
    for node in subject.current() {
        if let Value::Object(fields) = node.value {
            check_coded(&node.pointer, fields, findings);
        }
    }
    check_expectations(subject, findings);
}

fn check_citations(subject: &Subject, findings: &mut Findings) {
    let cites = |claim: &Value| claim.get("citations").and_then(Value::as_array).is_some_and(|c| !c.is_empty());
    let is_uncited = |v: &Value| is_claim(v) && v.get("value").is_some() && !cites(v);
    let uncited: Vec<&str> = subject.current().filter(|n| is_uncited(n.value)).map(|n| n.pointer.as_str()).collect();
    if uncited.len() > LISTED_UNCITED {
        findings.add(CheckCode::UncitedClaim, "", format!("{} claims cite no source.", uncited.len()));
    } else {
        for pointer in uncited {
            findings.add(CheckCode::UncitedClaim, pointer, "The claim cites no source.");
        }
    }
}

/// What can be said of the claims of one list.
fn check_list(pointer: &str, items: &[Value], findings: &mut Findings) {
    let preferred = items.iter().filter(|i| is_claim(i) && rank(i) == 0).count();
    if preferred > 1 {
        let detail = format!("{preferred} claims on the same point are marked as preferred.");
        findings.add(CheckCode::SeveralPreferred, pointer, detail);
    }
    let mut seen = HashSet::new();
    for (i, claim) in items.iter().enumerate().filter(|(_, c)| is_claim(c)) {
        let Some(text) = claim.get("value").and_then(|v| canon::canonical(&without_ids(v)).ok()) else { continue };
        if !seen.insert(text) {
            let detail = "Another claim on the same point has the same value.";
            findings.add(CheckCode::RepeatedClaim, format!("{pointer}/{i}"), detail);
        }
    }
    if preferred == 0 {
        let dates = || items.iter().filter(|c| is_claim(c) && rank(c) == 1).filter_map(|c| c.get("value"));
        let first = dates().find_map(|d| Some((d, Days::of(d)?)));
        let other = first.and_then(|(_, days)| dates().find(|d| Days::of(d).is_some_and(|o| o.apart(days))));
        if let (Some((one, _)), Some(other)) = (first, other) {
            let (one, other) = (shown(one), shown(other));
            let detail = format!("Of the dates {one} and {other} neither is preferred; the first one is counted by.");
            findings.add(CheckCode::UndecidedDates, pointer, detail);
        }
    }
}

fn check_coded(pointer: &str, fields: &Map<String, Value>, findings: &mut Findings) {
    let text = fields.get("text").and_then(Value::as_str);
    if let Some(found) = fields.get("code").and_then(Value::as_str) {
        let quoted = shortened(text.unwrap_or_default());
        if found == UNRECOGNISED.code {
            let detail = format!("The text “{quoted}” was not recognised.");
            findings.add(CheckCode::UnrecognisedCode, format!("{pointer}/code"), detail);
        }
        if text.is_some_and(|t| t.split(';').filter(|part| !part.trim().is_empty()).count() > 1) {
            let detail = format!("The text “{quoted}” seems to hold several values.");
            findings.add(CheckCode::JoinedValues, format!("{pointer}/text"), detail);
        }
    }
    // Claims of different fields may well share a word: peasant by origin and by status.
    let coded = |value: &'_ Value| code(value).and(value.get("text")).and_then(Value::as_str).map(str::to_owned);
    let mut seen = HashSet::new();
    for (key, text) in fields.iter().filter_map(|(key, value)| Some((key, coded(value)?))) {
        if seen.contains(&text) {
            let detail = format!("The text “{}” stands in another field beside this one too.", shortened(&text));
            findings.add(CheckCode::RepeatedText, format!("{pointer}/{}/text", pointer_token(key)), detail);
        }
        seen.insert(text);
    }
}

fn check_expectations(subject: &Subject, findings: &mut Findings) {
    let says = |path: &str| find(subject.body, "", path, Which::All).iter().any(|f| says_something(f.value));
    for rule in subject.kind.checks.expectations {
        let applies = rule.codes.is_empty()
            || find(subject.body, "", rule.when, Which::All)
                .iter()
                .any(|f| code(f.value).is_some_and(|c| rule.codes.contains(&c)));
        let given = rule.given.iter().find(|path| says(path));
        if let Some(given) = given.filter(|_| applies && !says(rule.missing)) {
            let pointer = format!("/{}", given.replace('.', "/"));
            findings.add(rule.code, pointer, rule.detail);
        }
    }
}
