//! The conditions of lists without SQL: whether an entry that is at hand keeps to them. It gives what the SQL of
//! `query.rs` gives; a test holds the two against each other.

use super::Condition;
use crate::model::{
    projection::{Cell, Projection},
    text::Document,
};

/// An entry in one of its states.
#[derive(Clone, Copy, Debug)]
pub struct Candidate<'a> {
    pub projection: &'a Projection,
    /// Its words; needed where a condition asks for some, see [`Condition::needs_words`].
    pub document: Option<&'a Document>,
    /// When this state was accepted.
    pub updated_at: i64,
}

impl Candidate<'_> {
    fn column(&self, name: &str) -> Option<&Cell> {
        self.projection.columns.iter().find(|(column, _)| column == name).map(|(_, cell)| cell)
    }

    fn integer(&self, name: &str) -> Option<i64> {
        match self.column(name) {
            Some(Cell::Integer(value)) => *value,
            _ => None,
        }
    }

    fn has_fact(&self, name: &str, value: &str) -> bool {
        self.projection.facts.iter().any(|fact| fact.name == name && fact.value == value)
    }
}

/// Whether a condition holds. Links are compared with the entries that the body names, as in the SQL of past states.
pub fn holds(condition: &Condition, entry: Candidate) -> bool {
    match condition {
        Condition::ColumnIn { column, values } => {
            entry.column(column).is_some_and(|cell| !cell.is_empty() && values.contains(cell))
        }
        Condition::Overlaps { column, ranges } => {
            let interval = entry.integer(&format!("{column}_lo")).zip(entry.integer(&format!("{column}_hi")));
            interval.is_some_and(|(low, high)| {
                ranges.iter().any(|(from, to)| low <= to.unwrap_or(i64::MAX) && high >= from.unwrap_or(i64::MIN))
            })
        }
        Condition::Within { column, ranges } => {
            let interval = entry.integer(&format!("{column}_lo")).zip(entry.integer(&format!("{column}_hi")));
            interval.is_some_and(|(low, high)| {
                ranges.iter().any(|(from, to)| low >= from.unwrap_or(i64::MIN) && high <= to.unwrap_or(i64::MAX))
            })
        }
        Condition::Between { column, from, to } => entry
            .integer(column)
            .is_some_and(|number| number >= from.unwrap_or(i64::MIN) && number <= to.unwrap_or(i64::MAX)),
        Condition::HasColumn { column } => entry.column(column).is_some_and(|cell| !cell.is_empty()),
        Condition::HasFact { name } => entry.projection.facts.iter().any(|fact| fact.name == name),
        Condition::FactIn { name, values } => values.iter().any(|value| entry.has_fact(name, value)),
        Condition::HasWords { name, alternatives } => {
            alternatives.iter().any(|words| words.iter().all(|word| entry.has_fact(name, word)))
        }
        Condition::Matches(text) => entry.document.is_some_and(|document| document.answers(&text.matching)),
        Condition::LinksTo { rel, targets } | Condition::Names { rel, targets } => {
            let links = &entry.projection.links;
            links.iter().any(|link| link.rel == rel && targets.iter().any(|t| t == link.target.as_str()))
        }
        Condition::HasLink { rel } => entry.projection.links.iter().any(|link| link.rel == rel),
        // What names an entry does not stand in the entry; past states are not asked for it.
        Condition::NamedBy(_) | Condition::NamedInTurn { .. } => false,
        Condition::UpdatedSince(time) => entry.updated_at >= *time,
        Condition::UnchangedSince(time) => entry.updated_at <= *time,
        Condition::Any(inner) => inner.iter().any(|condition| holds(condition, entry)),
        Condition::All(inner) => inner.iter().all(|condition| holds(condition, entry)),
        Condition::Not(inner) => !holds(inner, entry),
    }
}
