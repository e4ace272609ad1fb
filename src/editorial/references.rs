//! References between entries: each must lead to an entry that exists and is of a kind that can stand there.

use std::collections::{HashMap, HashSet};

use petgraph::{algo::kosaraju_scc, graphmap::DiGraphMap};
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

/// What a submission does beside the bodies that are checked.
#[derive(Debug, Default)]
pub struct Beside<'a> {
    /// Entries that it makes in other places, with their kinds.
    pub made: HashMap<&'a str, &'a str>,
    /// Entries that it merges, with those that stay.
    pub merged: HashMap<&'a str, &'a str>,
    /// Bodies may refer only to those before them.
    pub in_order: bool,
}

type Proposed<'a> = HashMap<&'a str, &'a Proposal<'a>>;

/// Checks all references of proposed bodies, also those among themselves and to what the same submission does beside.
/// Circles are looked for among the entries that names lead to after all merges. Returns the ids of all entries that
/// were looked at.
pub fn check(
    tx: &mut ReadTx,
    proposals: &[Proposal],
    beside: &Beside,
    errors: &mut FieldErrors,
) -> Result<HashSet<String>> {
    let proposed: Proposed = proposals.iter().map(|p| (p.entry_id, p)).collect();
    let positions: HashMap<&str, usize> = proposals.iter().zip(0..).map(|(p, i)| (p.entry_id, i)).collect();
    let found: Vec<(&Proposal, Vec<FoundReference>)> =
        proposals.iter().map(|p| (p, references(p.kind, p.body))).collect();
    let outside: HashSet<String> = found
        .iter()
        .flat_map(|(_, refs)| refs.iter().map(|r| r.target.as_str()))
        .filter(|id| !proposed.contains_key(id) && !beside.made.contains_key(id))
        .map(str::to_owned)
        .collect();
    let known = known_kinds(tx, outside.into_iter().collect())?;
    let named = found.iter().flat_map(|(_, refs)| refs.iter().map(|r| r.target.as_str()));
    let named: HashSet<&str> = named.collect();
    let survivors = tx.survivors(&named.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>())?;
    // References that close no circle in what they name themselves: entry, where it leads, and the place.
    let mut acyclic: Vec<(String, String, String)> = Vec::new();
    for (position, (proposal, refs)) in found.iter().enumerate() {
        for reference in refs {
            let at = format!("{}{}", proposal.at, reference.pointer);
            let target = reference.target.as_str();
            let is_there = |at: &usize| !beside.in_order || *at <= position;
            let is_before = positions.get(target).is_none_or(is_there);
            let kind = proposed.get(target).filter(|_| is_before).map(|p| p.kind.name);
            let kind = kind.or_else(|| beside.made.get(target).copied());
            let kind = kind.or_else(|| known.get(target).map(String::as_str));
            let before = errors.0.len();
            check_one(reference, kind, at.clone(), errors);
            if errors.0.len() > before {
                continue;
            }
            let there = led_on(&survivors, beside, target.to_owned());
            let Some(rule) = reference.rule else { continue };
            // A source may describe itself; nobody is their own relative, co-defendant or later repression.
            if rule.is_acyclic {
                acyclic.push((proposal.entry_id.to_owned(), there, at));
            } else if there == proposal.entry_id && rule.rel != CITES.rel {
                errors.push(at, FieldCode::Cycle, "The entry names itself.");
            }
        }
    }
    let mut read = check_circles(tx, (&proposed, beside), &acyclic, errors)?;
    read.extend(named.into_iter().map(str::to_owned));
    read.extend(survivors.into_values());
    Ok(read)
}

/// Where entries lead after all merges: those that were accepted, and those of the submission itself.
fn lead_on(tx: &mut ReadTx, beside: &Beside, ids: Vec<String>) -> Result<Vec<String>> {
    let survivors = tx.survivors(&ids)?;
    Ok(ids.into_iter().map(|id| led_on(&survivors, beside, id)).collect())
}

fn led_on(survivors: &HashMap<String, String>, beside: &Beside, id: String) -> String {
    let accepted = survivors.get(&id).cloned().unwrap_or(id);
    beside.merged.get(accepted.as_str()).map_or(accepted, |to| (*to).to_owned())
}

fn known_kinds(tx: &mut ReadTx, ids: Vec<String>) -> Result<HashMap<String, String>> {
    let mut known = HashMap::new();
    // Databases bound the number of values in one statement.
    for some in ids.chunks(500) {
        known.extend(tx.entry_kinds(some)?.into_iter().map(|(id, kind, _)| (id, kind)));
    }
    Ok(known)
}

fn check_one(reference: &FoundReference, kind: Option<&str>, at: String, errors: &mut FieldErrors) {
    let Some(rule) = reference.rule else {
        return errors.push(at, FieldCode::WrongKind, "No entry can be named here.");
    };
    let Some(kind) = kind else {
        let detail = format!("There is no entry {} in the archive or in this submission.", reference.target.as_str());
        return errors.push(at, FieldCode::DanglingReference, detail);
    };
    if !rule.kinds.contains(&kind) {
        let detail = format!("The entry is a {kind}; here stands a {}.", rule.kinds.join(" or "));
        errors.push(at, FieldCode::WrongKind, detail);
    }
}

/// Entries that are followed from proposed ones in search of circles. A submission that leads to more is refused: a circle
/// must never pass unseen.
const MOST_FOLLOWED: usize = 20_000;

/// Finds the references that are part of a circle, all at once: they are followed through proposed bodies where there are
/// any, else through published ones, and then lie in one strongly connected component with the entry they stand in.
fn check_circles(
    tx: &mut ReadTx,
    (proposed, beside): (&Proposed, &Beside),
    acyclic: &[(String, String, String)],
    errors: &mut FieldErrors,
) -> Result<HashSet<String>> {
    let mut edges: HashMap<String, Vec<String>> = HashMap::new();
    for (from, to, _) in acyclic {
        edges.entry(from.clone()).or_default().push(to.clone());
    }
    let kinds: HashMap<&str, &KindDescriptor> = proposed.values().map(|p| (p.kind.name, p.kind)).collect();
    let rels: Vec<&str> =
        kinds.values().flat_map(|kind| kind.references).filter(|r| r.is_acyclic).map(|r| r.rel).collect();
    let mut seen: HashSet<String> = proposed.keys().map(|id| (*id).to_owned()).collect();
    let mut ahead: Vec<String> = acyclic.iter().map(|(_, to, _)| to.clone()).collect();
    loop {
        ahead.retain(|id| seen.insert(id.clone()));
        if ahead.is_empty() {
            break;
        }
        if seen.len() > MOST_FOLLOWED {
            let detail =
                format!("The references lead through more than {MOST_FOLLOWED} entries. Propose fewer at once.");
            errors.push("/changes", FieldCode::TooMany, detail);
            return Ok(seen);
        }
        let mut found = Vec::new();
        for some in ahead.chunks(500) {
            found.extend(tx.link_targets(some, &rels)?);
        }
        let targets = lead_on(tx, beside, found.iter().map(|(_, to)| to.clone()).collect())?;
        for ((from, _), to) in found.into_iter().zip(&targets) {
            edges.entry(from).or_default().push(to.clone());
        }
        ahead = targets;
    }
    let components = components(&edges);
    for (from, to, at) in acyclic {
        if from == to || components.get(from.as_str()).is_some_and(|own| components.get(to.as_str()) == Some(own)) {
            errors.push(at.clone(), FieldCode::Cycle, "The reference leads back to the entry itself.");
        }
    }
    Ok(seen)
}

/// The number of the strongly connected component of each entry.
fn components(edges: &HashMap<String, Vec<String>>) -> HashMap<&str, usize> {
    let pairs = edges.iter().flat_map(|(from, targets)| targets.iter().map(move |to| (from.as_str(), to.as_str())));
    let graph: DiGraphMap<&str, ()> = pairs.collect();
    let numbered = kosaraju_scc(&graph).into_iter().enumerate();
    numbered.flat_map(|(number, members)| members.into_iter().map(move |id| (id, number))).collect()
}
