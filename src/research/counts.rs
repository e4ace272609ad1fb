//! Counting what a list holds: the dimensions that are asked for, and the one way to the counts.

use std::sync::Arc;

use serde_json::json;

use super::{memo::Memo, past::overlay};
use crate::{
    model::{
        asked::{names, nearest},
        dimensions::{Dimension, dimensions},
        errors::{FieldCode, FieldErrors},
        kinds::KindDescriptor,
        tally::Tally,
    },
    store::{Condition, ListQuery, Order, ReadTx},
    usecase::{Error, Result},
};

/// How many dimensions statistics have at most.
pub const MOST_STATS: usize = 3;
/// Groups that are read from the database for one answer.
const MOST_GROUPS: usize = 100_000;

/// Entries of one kind, chosen by filters.
#[derive(Clone, Debug)]
pub struct Selection {
    query: ListQuery,
    /// The time whose state is counted.
    at: Option<i64>,
    /// Names the filters, for the memory of counts.
    filters: String,
}

impl Selection {
    /// The conditions, and what they were read from, as names and values.
    pub fn new(
        kind: &'static KindDescriptor,
        conditions: Vec<Condition>,
        mut chosen: Vec<(String, String)>,
        at: Option<i64>,
    ) -> Self {
        chosen.sort();
        let filters = json!([kind.name, chosen]).to_string();
        let (order, descending, after, limit, with_bodies) = (Order::Ref, false, None, 0, false);
        let mut query = ListQuery { kind, conditions, order, descending, after, limit, with_bodies };
        query.conditions.extend(at.map(Condition::UnchangedSince));
        Self { query, at, filters }
    }

    /// How many there are, counted no further than `cap`.
    pub fn total(&self, tx: &mut ReadTx, memo: &Memo, cap: i64) -> Result<i64> {
        memo.number(tx, format!("total {cap} {}", self.filters), |tx| Ok(tx.count(&self.query, cap)?))
    }

    /// How many there are of each. `asked_by` is the parameter that named the dimensions. Of a time, `changed` has the
    /// counts of the entries that have changed since, where somebody has read them already.
    pub fn tally(
        &self,
        tx: &mut ReadTx,
        memo: &Memo,
        by: &[Dimension],
        asked_by: &str,
        changed: Option<&Tally>,
    ) -> Result<Arc<Tally>> {
        let ids: Vec<_> = by.iter().map(Dimension::id).collect();
        let question = format!("tally {} {}", json!(ids), self.filters);
        memo.tally(tx, question, |tx| self.count(tx, by, asked_by, changed))
    }

    fn count(&self, tx: &mut ReadTx, by: &[Dimension], asked_by: &str, changed: Option<&Tally>) -> Result<Tally> {
        let mut tally = Tally::default();
        let cap = i64::try_from(MOST_GROUPS + 1).unwrap_or(i64::MAX);
        let has_many = by.iter().any(Dimension::is_many);
        // Entries with several values are in several rows: how many entries there are takes a count of its own.
        for each in if has_many { &[true, false][..] } else { &[true] } {
            let groups = tx.groups(&self.query, by, *each, cap)?;
            if groups.len() > MOST_GROUPS {
                return Err(too_many(asked_by, MOST_GROUPS));
            }
            for group in groups {
                let found: Vec<_> = by.iter().zip(group.ends()).map(|(d, ends)| d.bucket(ends)).collect();
                if !has_many || !each {
                    tally.count_entries(&found, group.n);
                }
                if *each {
                    tally.count_key(found.into_iter().map(|f| f.bucket()).collect(), group.n);
                }
            }
        }
        match (self.at, changed) {
            (Some(_), Some(changed)) => tally.add(changed),
            (Some(at), None) => self.count_past(tx, by, at, &mut tally)?,
            (None, _) => {}
        }
        Ok(tally)
    }

    /// Counts those that have changed since, as they were.
    fn count_past(&self, tx: &mut ReadTx, by: &[Dimension], at: i64, tally: &mut Tally) -> Result<()> {
        let is_unchanged = |condition: &&Condition| matches!(condition, Condition::UnchangedSince(_));
        let conditions: Vec<_> = self.query.conditions.iter().filter(|c| !is_unchanged(c)).cloned().collect();
        overlay(tx, self.query.kind, at, &conditions, |entry| {
            tally.count(by, &entry.projection, 1);
            Ok(())
        })
    }
}

/// The refusal of an answer that would be too long.
pub fn too_many(asked_by: &str, most: usize) -> Error {
    let detail = format!(
        "These are more than {most} groups: add filters, count by fewer things or by larger ones (a year in place of a day)."
    );
    Error::InvalidQuery(FieldErrors::one(asked_by, FieldCode::TooMany, detail))
}

/// The dimensions that a parameter names, separated by commas.
pub fn dimensions_of(
    kind: &KindDescriptor,
    parameter: &str,
    given: Option<&str>,
    most: usize,
    errors: &mut FieldErrors,
) -> Vec<Dimension> {
    let known = dimensions(kind);
    let mut found: Vec<Dimension> = Vec::new();
    for name in given.into_iter().flat_map(names) {
        match known.iter().find(|d| d.name == name.trim()) {
            None => {
                errors.push(parameter, FieldCode::UnknownCode, unknown(kind, name, &known));
            }
            Some(dimension) if found.iter().any(|f| f.id() == dimension.id()) => {
                errors.push(parameter, FieldCode::Duplicate, format!("{name} is named twice."));
            }
            Some(dimension) => found.push(dimension.clone()),
        }
    }
    if found.len() > most {
        errors.push(parameter, FieldCode::TooMany, format!("{parameter} names at most {most} things."));
    }
    found
}

fn unknown(kind: &KindDescriptor, name: &str, known: &[Dimension]) -> String {
    let near = nearest(name, known.iter().map(|dimension| &dimension.name));
    let hint = near.map(|near| format!(" Did you mean {near}?")).unwrap_or_default();
    let names: Vec<&str> = known.iter().map(|d| d.name.as_str()).collect();
    format!("{} cannot be counted by {name:?}.{hint} There are: {}.", kind.path, names.join(", "))
}
