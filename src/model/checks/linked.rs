//! The body against the entries it refers to.

use std::collections::HashSet;

use serde_json::Value;

use super::{
    CheckCode, Compare, Comparison, Findings, Linked, Listed, Point, Presence, Related, Subject,
    days::{best_date, shown},
    names::{OWN_NAME, share_a_word, words},
    walk::{Found, Which, best, code, find, shortened},
};
use crate::model::{kinds::KindDescriptor, projection, vocabularies::UNRECOGNISED};

/// Ids of the entries that a body is compared with, those first that matter most: what it belongs to, then the people
/// in it.
pub fn compared(kind: &KindDescriptor, body: &Value) -> Vec<String> {
    let best = kind.checks.comparisons.iter().flat_map(|comparison| find(body, "", comparison.via, Which::Best));
    let all = kind.checks.presences.iter().flat_map(|presence| find(body, "", presence.via, Which::All));
    let entry = |found: Found| found.value.get("entry").and_then(Value::as_str).map(str::to_owned);
    best.chain(all).filter_map(entry).collect()
}

pub(super) fn check(subject: &Subject, findings: &mut Findings) {
    check_statuses(subject, findings);
    for comparison in subject.kind.checks.comparisons {
        for reference in find(subject.body, "", comparison.via, Which::Best) {
            if let Some((id, linked)) = subject.linked(reference.value) {
                compare(subject, comparison, &reference, (id, linked), findings);
            }
        }
    }
    for presence in subject.kind.checks.presences {
        check_presence(subject, presence, findings);
    }
}

fn check_statuses(subject: &Subject, findings: &mut Findings) {
    for reference in projection::references(subject.kind, subject.body) {
        let id = reference.target.as_str();
        let Some(linked) = subject.context.linked.get(id) else { continue };
        let (code, fate) = match linked.status.as_str() {
            "retired" => (CheckCode::RetiredReference, "was retired"),
            "merged" => (CheckCode::MergedReference, "was merged into another"),
            _ => continue,
        };
        let detail = format!("The entry referred to, {}, {fate}.", named(linked));
        findings.push(code, reference.pointer, detail, Some(Related::linked(id, linked)));
    }
}

fn named(linked: &Linked) -> String {
    match &linked.reference {
        Some(reference) => format!("{} ({reference})", shortened(&linked.label)),
        None => shortened(&linked.label),
    }
}

fn compare(
    subject: &Subject,
    comparison: &Comparison,
    via: &Found,
    (id, linked): (&str, &Linked),
    findings: &mut Findings,
) {
    let Some(there) = subject.body_of(linked) else { return };
    let mut report = |pointer: String, detail: String| {
        findings.push(comparison.code, pointer, detail, Some(Related::linked(id, linked)));
    };
    for point in comparison.points {
        if let Some((pointer, detail)) = disagreement(subject, point, via, (linked, there)) {
            report(pointer, detail);
        }
    }
    if let Some(listed) = &comparison.listed
        && !is_listed(subject, listed, there)
    {
        report(via.pointer.clone(), format!("{} does not list this entry.", named(linked)));
    }
}

/// Where and how the body and the entry linked to contradict each other.
fn disagreement(
    subject: &Subject,
    point: &Point,
    via: &Found,
    (linked, there): (&Linked, &Value),
) -> Option<(String, String)> {
    let (name, whom) = (point.name, named(linked));
    match point.how {
        Compare::Dates => {
            let (own, there) = (best_date(subject.body, point.own)?, best_date(there, point.there)?);
            let (when, then) = (shown(own.value), shown(there.value));
            own.days.apart(there.days).then(|| (own.pointer, format!("The {name} ({when}) is {then} in {whom}.")))
        }
        Compare::Until(last) => {
            let own = best_date(subject.body, point.own)?;
            let (from, to) = (best_date(there, point.there), best_date(there, last));
            let early = from.as_ref().filter(|from| own.days.before(from.days)).map(|d| ("before the beginning", d));
            let late = || to.as_ref().filter(|to| to.days.before(own.days)).map(|d| ("after the end", d));
            let (side, date) = early.or_else(late)?;
            let (when, then) = (shown(own.value), shown(date.value));
            Some((own.pointer, format!("The {name} ({when}) is dated {side} ({then}) of {whom}.")))
        }
        Compare::Codes => {
            let (own, there) = (best(subject.body, point.own)?, best(there, point.there)?);
            let (a, b) = (code(own.value)?, code(there.value)?);
            let open = [a, b].iter().any(|c| [UNRECOGNISED.code, "other"].contains(c));
            (a != b && !open).then(|| (own.pointer, format!("The {name} ({a}) is {b} in {whom}.")))
        }
        Compare::Names => {
            let (own, there) = (all_words(subject.body, point.own), all_words(there, point.there));
            let shared = share_a_word(&own, &there, &subject.effort)?;
            (!shared).then(|| (via.pointer.clone(), format!("No {name} here has a word in common with {whom}.")))
        }
    }
}

fn all_words(body: &Value, path: &str) -> Vec<String> {
    find(body, "", path, Which::All).iter().flat_map(|name| words(name.value, OWN_NAME)).collect()
}

/// Whether the list of the other entry has this entry; yes when that cannot be told.
fn is_listed(subject: &Subject, listed: &Listed, there: &Value) -> bool {
    let entry = |found: &Found| found.value.get("entry").and_then(Value::as_str).map(str::to_owned);
    let mut ids: HashSet<String> = subject.context.entry_id.map(str::to_owned).into_iter().collect();
    ids.extend(listed.own.iter().flat_map(|path| find(subject.body, "", path, Which::Best)).filter_map(|f| entry(&f)));
    let own_words = all_words(subject.body, listed.names);
    let items = find(there, "", listed.list, Which::All);
    let is_this = |item: &Found| {
        let references: Vec<Found> =
            listed.references.iter().flat_map(|path| find(item.value, "", path, Which::All)).collect();
        let entries: Vec<String> = references.iter().filter_map(entry).collect();
        let text = |f: &Found| f.value.get("text").map(|text| words(text, OWN_NAME)).unwrap_or_default();
        let by_name = || {
            let there: Vec<String> = references.iter().flat_map(text).collect();
            share_a_word(&own_words, &there, &subject.effort).unwrap_or(true)
        };
        entries.iter().any(|e| ids.contains(e)) || (entries.is_empty() && by_name())
    };
    ids.is_empty() || items.is_empty() || items.iter().any(is_this)
}

fn check_presence(subject: &Subject, presence: &Presence, findings: &mut Findings) {
    let event = presence.event.name;
    let Some(when) = best_date(subject.body, presence.event.path) else { return };
    for reference in find(subject.body, "", presence.via, Which::All) {
        let Some((id, linked)) = subject.linked(reference.value) else { continue };
        let Some(life) = &linked.kind.checks.life else { continue };
        let Some(there) = subject.body_of(linked) else { continue };
        let birth = best_date(there, life.birth).filter(|b| when.days.before(b.days)).map(|d| ("was born", d));
        let death = || {
            let died = life.deaths.iter().find_map(|path| best_date(there, path));
            died.filter(|d| d.days.before(when.days)).map(|d| ("died", d))
        };
        let Some((fate, date)) = birth.or_else(death) else { continue };
        let side = if fate == "died" { "before" } else { "after" };
        let detail = format!(
            "The {} {} {fate} ({}) {side} the {event} ({}).",
            presence.who,
            named(linked),
            shown(date.value),
            shown(when.value)
        );
        let pointer = format!("{}/entry", reference.pointer);
        findings.push(presence.code, pointer, detail, Some(Related::linked(id, linked)));
    }
}
