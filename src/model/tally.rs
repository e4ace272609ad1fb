//! Counts of entries by dimensions, added up from wherever the entries are.

use std::collections::BTreeMap;

use super::{
    dimensions::{Bucket, Dimension, Found},
    projection::Projection,
};

/// Counts of entries. Every entry is in `total`; what is not known is counted too.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// In the order of the keys, which have a bucket for each dimension.
    pub rows: BTreeMap<Vec<Bucket>, i64>,
    pub total: i64,
    /// Entries without a bucket on one of the dimensions at least.
    pub unknown: i64,
    /// Those of them of which something is known there, but not to the fineness of the buckets.
    pub uncertain: i64,
}

impl Tally {
    /// Counts `n` times one key.
    pub fn count_key(&mut self, key: Vec<Bucket>, n: i64) {
        let count = self.rows.get(&key).copied().unwrap_or_default() + n;
        if count == 0 {
            self.rows.remove(&key);
        } else {
            self.rows.insert(key, count);
        }
    }

    /// Counts `n` entries which have this on the dimensions.
    pub fn count_entries(&mut self, found: &[Found], n: i64) {
        self.total += n;
        self.unknown += if found.iter().any(|f| !matches!(f, Found::In(_))) { n } else { 0 };
        self.uncertain += if found.contains(&Found::Uncertain) { n } else { 0 };
    }

    /// Counts one entry `n` times; -1 takes one away that was counted.
    pub fn count(&mut self, dimensions: &[Dimension], projection: &Projection, n: i64) {
        let found: Vec<Vec<Found>> = dimensions.iter().map(|d| d.find(projection)).collect();
        let any: Vec<Found> = found.iter().filter_map(|f| f.first().cloned()).collect();
        self.count_entries(&any, n);
        let mut keys = vec![Vec::new()];
        for on_one in &found {
            keys = keys
                .into_iter()
                .flat_map(|key| on_one.iter().map(move |f| [key.clone(), vec![f.clone().bucket()]].concat()))
                .collect();
        }
        for key in keys {
            self.count_key(key, n);
        }
    }

    /// Adds what was counted elsewhere, of other entries.
    pub fn add(&mut self, other: &Tally) {
        self.total += other.total;
        self.unknown += other.unknown;
        self.uncertain += other.uncertain;
        for (key, n) in &other.rows {
            self.count_key(key.clone(), *n);
        }
    }

    /// Bytes it takes in memory, roughly.
    pub fn bytes(&self) -> usize {
        let text = |bucket: &Bucket| match bucket {
            Bucket::Text(text) => text.len(),
            _ => 0,
        };
        let row = |key: &Vec<Bucket>| 64 + key.iter().map(|b| 32 + text(b)).sum::<usize>();
        128 + self.rows.keys().map(row).sum::<usize>()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::{dimensions::dimensions, kinds::KindDescriptor, projection::project};

    #[test]
    fn what_was_counted_can_be_taken_away() {
        let kind = KindDescriptor::by_name("victim").unwrap();
        let all = dimensions(kind);
        let by: Vec<Dimension> = ["nationality", "arrested_year"]
            .iter()
            .map(|name| all.iter().find(|d| d.name == *name).unwrap().clone())
            .collect();
        let record = |codes: &[&str], arrested: &str| {
            let codes: Vec<_> = codes.iter().map(|c| json!({"rank": "normal", "value": {"code": c}})).collect();
            project(
                kind,
                &json!({"life": {"nationality": codes}, "arrest": {"date": [{"rank": "normal", "value": {"edtf": arrested}}]}}),
            )
        };
        let (two, wide) = (record(&["pole", "german"], "1937"), record(&[], "1937/1938"));
        let mut tally = Tally::default();
        tally.count(&by, &two, 1);
        let before = tally.clone();
        tally.count(&by, &wide, 1);
        let text = |t: &str| Bucket::Text(t.into());
        assert_eq!(
            tally.rows.into_iter().collect::<Vec<_>>(),
            [
                (vec![text("german"), Bucket::Number(1937)], 1),
                (vec![text("pole"), Bucket::Number(1937)], 1),
                (vec![Bucket::None, Bucket::None], 1),
            ]
        );
        assert_eq!((tally.total, tally.unknown, tally.uncertain), (2, 1, 1));
        let mut again = before.clone();
        again.count(&by, &wide, 1);
        again.count(&by, &wide, -1);
        assert_eq!(again, before);
    }
}
