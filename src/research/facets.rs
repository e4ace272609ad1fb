//! Facets: the values that occur in a list, with their counts.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::{counts::Selection, memo::Memo};
use crate::{
    model::{
        dimensions::{Bucket, Dimension},
        tally::Tally,
    },
    store::ReadTx,
    usecase::Result,
};

/// How many facets a list has at most.
pub const MOST: usize = 10;
/// Values that a facet shows, beside what is not known.
const VALUES: usize = 50;

/// A value and how many entries have it.
#[derive(Debug, Serialize, ToSchema)]
pub struct FacetCount {
    /// A code, text, number or flag; null for entries without a value, or with one too uncertain for a bucket.
    #[schema(value_type = Option<serde_json::Value>, example = "female")]
    pub value: Bucket,
    #[schema(example = 12)]
    pub count: i64,
}

/// The counts by the names that were asked for.
pub type Facets = BTreeMap<String, Vec<FacetCount>>;

/// Counts a whole list by each of the dimensions: the most frequent values first. `changed` has, for each of them, the
/// counts of what has changed since the time that the list is of.
pub fn count(
    tx: &mut ReadTx,
    memo: &Memo,
    selection: &Selection,
    by: &[Dimension],
    changed: &[Tally],
) -> Result<Facets> {
    let mut facets = Facets::new();
    for (dimension, changed) in by.iter().zip(changed) {
        let tally = selection.tally(tx, memo, std::slice::from_ref(dimension), "facets", Some(changed))?;
        let all = tally.rows.iter().filter_map(|(key, count)| Some((key.first()?, *count)));
        let (unknown, mut known): (Vec<_>, Vec<_>) = all.partition(|(value, _)| **value == Bucket::None);
        // Those that are equally frequent stay in the order of their values.
        known.sort_by_key(|(_, count)| -count);
        known.truncate(VALUES);
        let counts = known.into_iter().chain(unknown).map(|(value, count)| FacetCount { value: value.clone(), count });
        facets.insert(dimension.name.clone(), counts.collect());
    }
    Ok(facets)
}
