//! References between entries: each must lead to an entry that exists and is of a kind that can stand there.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use crate::{
    model::{
        errors::{FieldCode, FieldErrors},
        kinds::{CITES, KindDescriptor},
        projection::{FoundReference, references},
    },
    store::ReadTx,
    usecase::Result,
};

/// A body that an entry would have.
#[derive(Clone, Debug)]
pub struct Proposal<'a> {
    /// JSON Pointer of the body in the submission.
    pub at: String,
    pub kind: &'static KindDescriptor,
    pub entry_id: &'a str,
    pub body: &'a Value,
}

type Proposed<'a> = HashMap<&'a str, &'a Proposal<'a>>;

/// Checks all references of proposed bodies, also those among themselves and to the entries of `earlier`
/// (id and kind), which the same submission makes.
pub fn check(
    tx: &mut ReadTx,
    proposals: &[Proposal],
    earlier: &HashMap<String, String>,
    errors: &mut FieldErrors,
) -> Result<()> {
    let proposed: Proposed = proposals.iter().map(|p| (p.entry_id, p)).collect();
    let found: Vec<(&Proposal, Vec<FoundReference>)> =
        proposals.iter().map(|p| (p, references(p.kind, p.body))).collect();
    let outside: HashSet<String> = found
        .iter()
        .flat_map(|(_, refs)| refs.iter().map(|r| r.target.as_str()))
        .filter(|id| !proposed.contains_key(id) && !earlier.contains_key(*id))
        .map(str::to_owned)
        .collect();
    let known = known_kinds(tx, outside.into_iter().collect())?;
    for (proposal, refs) in &found {
        for reference in refs {
            let at = format!("{}{}", proposal.at, reference.pointer);
            let target = reference.target.as_str();
            let kind = proposed.get(target).map(|p| p.kind.name);
            let kind = kind
                .or_else(|| earlier.get(target).map(String::as_str))
                .or_else(|| known.get(target).map(String::as_str));
            check_one(proposal, reference, kind, at, errors);
        }
    }
    for (proposal, refs) in &found {
        for reference in refs.iter().filter(|r| r.rule.is_some_and(|rule| rule.is_acyclic)) {
            if leads_back(tx, &proposed, proposal.kind, reference.target.as_str(), proposal.entry_id)? {
                let at = format!("{}{}", proposal.at, reference.pointer);
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
    proposal: &Proposal,
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
    if reference.target.as_str() == proposal.entry_id && rule.rel != CITES.rel && !rule.is_acyclic {
        errors.push(at, FieldCode::Cycle, "The entry names itself.");
    }
}

/// Follows the acyclic links of a kind from `start`, through proposed bodies where there are any, else through
/// published ones, and tells whether they reach `goal`.
fn leads_back(tx: &mut ReadTx, proposed: &Proposed, kind: &KindDescriptor, start: &str, goal: &str) -> Result<bool> {
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
        for proposal in inside.iter().filter_map(|id| proposed.get(id.as_str())) {
            let acyclic =
                references(proposal.kind, proposal.body).into_iter().filter(|r| r.rule.is_some_and(|x| x.is_acyclic));
            next.extend(acyclic.map(|r| r.target.as_str().to_owned()));
        }
        for some in outside.chunks(500) {
            next.extend(tx.link_targets(some, &rels)?.into_iter().map(|(_, to)| to));
        }
        ahead = next;
    }
    Ok(false)
}
