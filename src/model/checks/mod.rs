//! Automatic findings on a proposed body, shown to reviewers. They warn and never refuse: odd history is history.

mod candidate;
mod claims;
mod codes;
mod days;
mod duplicates;
mod effort;
mod events;
mod linked;
mod names;
mod rules;
mod script;
mod texts;
mod walk;

#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod tests;

pub use candidate::Candidate;
pub use codes::{CheckCode, Severity};
pub use linked::compared;
pub use rules::{
    Age, CheckRules, Chronology, Compare, Comparison, Event, Expectation, Identity, LifeSpan, Listed, Point, Presence,
};

use std::{collections::HashMap, sync::Arc};

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::kinds::KindDescriptor;
use effort::Effort;
use walk::Node;

/// Most findings on one body; the lightest are left out first.
pub const MOST_FINDINGS: usize = 200;

const INCOMPLETE: &str = "There is more to compare than the checks compare: too many names, words of a name, namesakes \
                          or linked entries. Duplicates and contradictions may have been missed.";

/// One finding.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Finding {
    pub code: CheckCode,
    pub severity: Severity,
    /// JSON Pointer (RFC 6901) into the body; empty for the body as a whole.
    #[schema(example = "/execution/date/0/value")]
    pub pointer: String,
    /// One plain sentence.
    #[schema(example = "The execution (11.08.1938) is dated before the sentence (31.10.1938).")]
    pub detail: String,
    /// The other entry the finding is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub related: Option<Related>,
    /// How probable a duplicate is, 0 to 100.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<u8>,
    /// What the score rests on.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<String>,
}

/// Another entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Related {
    pub id: String,
    /// Its ref; absent while it is only proposed.
    #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    pub kind: String,
    pub label: String,
}

/// An entry the body refers to.
#[derive(Clone, Debug)]
pub struct Linked {
    pub kind: &'static KindDescriptor,
    pub reference: Option<String>,
    pub label: String,
    /// `active`, `retired`, `merged`, or `proposed` in the same submission.
    pub status: String,
    /// Its body, where the checks [compare](compared) it and it was not too much to read.
    pub body: Option<Value>,
}

/// What the checks know besides the body.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The entry's id, where it has one.
    pub entry_id: Option<&'a str>,
    /// The id of the entry that is merged into it.
    pub merges: Option<&'a str>,
    /// The entries the body refers to, by id.
    pub linked: &'a HashMap<String, Linked>,
    pub candidates: &'a [Arc<Candidate>],
    /// There are more candidates than are compared.
    pub is_cut: bool,
    /// Julian Day Number.
    pub today: i64,
}

/// The body under check.
struct Subject<'a> {
    kind: &'a KindDescriptor,
    body: &'a Value,
    nodes: Vec<Node<'a>>,
    context: &'a Context<'a>,
    effort: Effort,
}

impl Subject<'_> {
    /// The places that no deprecated claim holds.
    fn current(&self) -> impl Iterator<Item = &Node<'_>> {
        self.nodes.iter().filter(|n| !n.deprecated)
    }

    /// The body of an entry linked to, for a comparison. Where it is missing, that is told.
    fn body_of<'b>(&self, linked: &'b Linked) -> Option<&'b Value> {
        if linked.body.is_none() {
            self.effort.exceed();
        }
        linked.body.as_ref()
    }

    fn linked(&self, reference: &Value) -> Option<(&str, &Linked)> {
        let id = reference.get("entry")?.as_str()?;
        self.context.linked.get_key_value(id).map(|(id, linked)| (id.as_str(), linked))
    }
}

#[derive(Default)]
struct Findings(Vec<Finding>);

impl Findings {
    fn add(&mut self, code: CheckCode, pointer: impl Into<String>, detail: impl Into<String>) {
        self.push(code, pointer, detail, None);
    }

    fn push(
        &mut self,
        code: CheckCode,
        pointer: impl Into<String>,
        detail: impl Into<String>,
        related: Option<Related>,
    ) {
        let (pointer, detail, severity) = (pointer.into(), detail.into(), code.severity());
        self.0.push(Finding { code, severity, pointer, detail, related, score: None, reasons: vec![] });
    }
}

impl Related {
    fn linked(id: &str, linked: &Linked) -> Self {
        Self {
            id: id.to_owned(),
            reference: linked.reference.clone(),
            kind: linked.kind.name.to_owned(),
            label: linked.label.clone(),
        }
    }
}

/// All findings on a canonical body, by pointer and code.
pub fn run(kind: &KindDescriptor, body: &Value, context: &Context) -> Vec<Finding> {
    let subject = Subject { kind, body, nodes: walk::nodes(body), context, effort: Effort::default() };
    let mut findings = Findings::default();
    for check in [events::check, claims::check, texts::check, script::check, linked::check, duplicates::check] {
        check(&subject, &mut findings);
    }
    if subject.effort.is_exceeded() || context.is_cut {
        findings.add(CheckCode::IncompleteCheck, "", INCOMPLETE);
    }
    let mut all = findings.0;
    let place = |f: &Finding| (f.pointer.clone(), f.code.as_str(), f.detail.clone());
    if all.len() > MOST_FINDINGS {
        all.sort_by_cached_key(|f| (std::cmp::Reverse(f.severity), place(f)));
        all.truncate(MOST_FINDINGS);
    }
    all.sort_by_cached_key(|f| (f.pointer.clone(), f.code.as_str(), std::cmp::Reverse(f.score), f.detail.clone()));
    all
}
