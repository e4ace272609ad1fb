//! References between entries: each must lead to an entry that exists and is of a kind that can stand there.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::prepare::{PreparedChange, bodies};
use crate::{
    model::{
        errors::{FieldCode, FieldErrors},
        kinds::{CITES, KindDescriptor},
        projection::{FoundReference, references},
    },
    store::ReadTx,
    usecase::Result,
};

/// Checks all references of a submission, also those among its own changes.
pub fn check(tx: &mut ReadTx, prepared: &[(usize, PreparedChange)], errors: &mut FieldErrors) -> Result<()> {
    let proposed = bodies(prepared);
    let found: Vec<(usize, &PreparedChange, Vec<FoundReference>)> = prepared
        .iter()
        .filter_map(|(i, change)| Some((*i, change, references(change.kind, &change.body.as_ref()?.value))))
        .collect();
    let outside: HashSet<String> = found
        .iter()
        .flat_map(|(_, _, refs)| refs.iter().map(|r| r.target.as_str()))
        .filter(|id| !proposed.contains_key(id))
        .map(str::to_owned)
        .collect();
    let known = known_kinds(tx, outside.into_iter().collect())?;
    for (i, change, refs) in &found {
        for reference in refs {
            let at = format!("/changes/{i}/body{}", reference.pointer);
            let target = reference.target.as_str();
            let kind = proposed.get(target).map(|(c, _)| c.kind.name).or_else(|| known.get(target).map(String::as_str));
            check_one(change, reference, kind, at, errors);
        }
    }
    for (i, change, refs) in &found {
        for reference in refs.iter().filter(|r| r.rule.is_some_and(|rule| rule.is_acyclic)) {
            if leads_back(tx, &proposed, change.kind, reference.target.as_str(), &change.entry_id)? {
                let at = format!("/changes/{i}/body{}", reference.pointer);
                errors.push(at, FieldCode::Cycle, "The reference leads back to the entry itself.");
            }
        }
    }
    Ok(())
}

fn known_kinds(tx: &mut ReadTx, ids: Vec<String>) -> Result<HashMap<String, String>> {
    let mut known = HashMap::new();
    // Databases bound the number of values in one statement.
    for some in ids.chunks(500) {
        known.extend(tx.entry_kinds(some)?.into_iter().map(|(id, kind, _)| (id, kind)));
    }
    Ok(known)
}

fn check_one(
    change: &PreparedChange,
    reference: &FoundReference,
    kind: Option<&str>,
    at: String,
    errors: &mut FieldErrors,
) {
    let Some(rule) = reference.rule else {
        return errors.push(at, FieldCode::WrongKind, "No entry can be named here.");
    };
    let Some(kind) = kind else {
        let detail = format!("There is no entry {} in the archive or in this submission.", reference.target.as_str());
        return errors.push(at, FieldCode::DanglingReference, detail);
    };
    if !rule.kinds.contains(&kind) {
        let detail = format!("The entry is a {kind}; here stands a {}.", rule.kinds.join(" or "));
        return errors.push(at, FieldCode::WrongKind, detail);
    }
    // A source may describe itself; nobody is their own relative, co-defendant or later repression.
    if reference.target.as_str() == change.entry_id && rule.rel != CITES.rel && !rule.is_acyclic {
        errors.push(at, FieldCode::Cycle, "The entry names itself.");
    }
}

/// Follows the acyclic links of a kind from `start`, through proposed bodies where there are any, else through
/// published ones, and tells whether they reach `goal`.
fn leads_back(
    tx: &mut ReadTx,
    proposed: &HashMap<&str, (&PreparedChange, &Value)>,
    kind: &KindDescriptor,
    start: &str,
    goal: &str,
) -> Result<bool> {
    let rels: Vec<&str> = kind.references.iter().filter(|r| r.is_acyclic).map(|r| r.rel).collect();
    let mut seen: HashSet<String> = HashSet::new();
    let mut ahead = vec![start.to_owned()];
    while !ahead.is_empty() {
        if ahead.iter().any(|id| id == goal) {
            return Ok(true);
        }
        ahead.retain(|id| seen.insert(id.clone()));
        let (inside, outside): (Vec<String>, Vec<String>) =
            ahead.into_iter().partition(|id| proposed.contains_key(id.as_str()));
        let mut next: Vec<String> = Vec::new();
        for (change, body) in inside.iter().filter_map(|id| proposed.get(id.as_str())) {
            let acyclic = references(change.kind, body).into_iter().filter(|r| r.rule.is_some_and(|x| x.is_acyclic));
            next.extend(acyclic.map(|r| r.target.as_str().to_owned()));
        }
        for some in outside.chunks(500) {
            next.extend(tx.link_targets(some, &rels)?.into_iter().map(|(_, to)| to));
        }
        ahead = next;
    }
    Ok(false)
}
