//! Statistics: how many entries of a kind there are, by up to three dimensions, over any filters.

use std::sync::Arc;

use serde::Serialize;
use utoipa::ToSchema;

use super::{
    chart::{self, Chart},
    counts::{MOST_STATS, Selection, dimensions_of, too_many},
    filtered::Filters,
    memo::Memo,
};
use crate::{
    model::{
        dimensions::{Bucket, Dimension},
        errors::{FieldCode, FieldErrors},
        kinds::KindDescriptor,
        table::{Cell, write_row},
        tally::Tally,
        time::StatedTime,
    },
    store::{Condition, ReadTx},
    usecase::{Error, Result},
};

/// Rows of one answer.
const MOST_ROWS: usize = 10_000;

/// How uncertain things are counted; it stands in every answer.
const RULE: &str = "A date counts in a bucket when all of its days lie in it; an age when it is known to one of two neighbouring \
                    years, and then in the greater. Entries without a value, or with one that is too uncertain, have null in the \
                    key; `unknown` says how many these are, `uncertain` how many of them have a value. An entry with several \
                    values counts in the row of each, in `total` once.";

/// Statistics that are asked for.
#[derive(Clone, Debug)]
pub struct StatsQuery {
    pub kind: &'static KindDescriptor,
    /// What to count by, separated by commas; absent when that is a fault already.
    pub by: Option<String>,
    pub filters: Filters,
    /// Only entries accepted at or after this time.
    pub updated_since: Option<StatedTime>,
    /// The archive as it stood at this time.
    pub at: Option<StatedTime>,
}

impl StatsQuery {
    /// The filters, as names and values.
    fn chosen(&self) -> Vec<(String, String)> {
        self.filters.chosen(&[("updated_since", &self.updated_since), ("at", &self.at)])
    }
}

/// A row of statistics.
#[derive(Debug, Serialize, ToSchema)]
pub struct StatsRow {
    /// A value for each name of `by`: a code, text, number or flag, or null.
    #[schema(value_type = Vec<Option<serde_json::Value>>)]
    pub key: Vec<Bucket>,
    pub count: i64,
}

/// Counts of entries.
#[derive(Debug, Serialize, ToSchema)]
pub struct StatsView {
    #[schema(example = "victim")]
    pub kind: String,
    /// What was counted by.
    pub by: Vec<String>,
    /// In the order of their keys; null comes last.
    pub rows: Vec<StatsRow>,
    /// Entries with a null in their key.
    pub unknown: i64,
    /// Those of them that have a value where the null is, but one too uncertain for a bucket.
    pub uncertain: i64,
    /// Entries, each once.
    pub total: i64,
    /// How uncertain things were counted.
    pub rule: String,
}

/// The statistics as JSON: a [`StatsView`].
pub fn stats_json(tx: &mut ReadTx, memo: &Memo, query: &StatsQuery) -> Result<String> {
    let (by, tally) = count(tx, memo, query)?;
    let view = StatsView {
        kind: query.kind.name.to_owned(),
        by: by.into_iter().map(|d| d.name).collect(),
        rows: tally.rows.iter().map(|(key, count)| StatsRow { key: key.clone(), count: *count }).collect(),
        unknown: tally.unknown,
        uncertain: tally.uncertain,
        total: tally.total,
        rule: RULE.to_owned(),
    };
    serde_json::to_string(&view).map_err(|e| Error::Internal(format!("statistics as JSON: {e}")))
}

/// The statistics as a table (RFC 4180) with a line of names; an empty cell is a null.
pub fn stats_csv(tx: &mut ReadTx, memo: &Memo, query: &StatsQuery) -> Result<String> {
    let (by, tally) = count(tx, memo, query)?;
    let mut table = Vec::new();
    let failed = |e| Error::Internal(format!("statistics as CSV: {e}"));
    write_row(&mut table, by.iter().map(|d| d.name.as_str()).chain(["count"])).map_err(failed)?;
    for (key, count) in &tally.rows {
        write_row(&mut table, key.iter().map(cell_of).chain([Cell::Number(*count)])).map_err(failed)?;
    }
    String::from_utf8(table).map_err(|e| failed(e.to_string()))
}

/// The statistics as a picture (SVG) of one or two dimensions.
pub fn stats_chart(tx: &mut ReadTx, memo: &Memo, query: &StatsQuery) -> Result<String> {
    let (by, tally) = count(tx, memo, query)?;
    if by.len() > 2 {
        let detail = "A chart shows one or two dimensions.";
        return Err(Error::InvalidQuery(FieldErrors::one("by", FieldCode::TooMany, detail)));
    }
    let mut filters: Vec<String> = query.chosen().iter().map(|(name, value)| format!("{name}={value}")).collect();
    filters.sort();
    chart::draw(&Chart { kind: query.kind, by: &by, tally: &tally, filters: &filters })
}

/// A value as the cell of a table.
fn cell_of(bucket: &Bucket) -> Cell {
    match bucket {
        Bucket::Number(number) => Cell::Number(*number),
        other => Cell::Text(text_of(other)),
    }
}

/// A value in words.
pub(super) fn text_of(bucket: &Bucket) -> String {
    match bucket {
        Bucket::Number(number) => number.to_string(),
        Bucket::Text(text) => text.clone(),
        Bucket::Flag(flag) => flag.to_string(),
        Bucket::None => String::new(),
    }
}

fn count(tx: &mut ReadTx, memo: &Memo, query: &StatsQuery) -> Result<(Vec<Dimension>, Arc<Tally>)> {
    let mut errors = query.filters.faults.clone();
    let by = dimensions_of(query.kind, "by", query.by.as_deref(), MOST_STATS, &mut errors);
    let at = query.at.as_ref().map(|time| time.micros);
    let mut all = match query.filters.conditions(tx, query.kind, at)? {
        Ok(found) => found,
        Err(found) => {
            errors.extend(found);
            Vec::new()
        }
    };
    all.extend(query.updated_since.as_ref().map(|time| Condition::UpdatedSince(time.micros)));
    if !errors.is_empty() {
        return Err(Error::InvalidQuery(errors));
    }
    let tally = Selection::new(query.kind, all, query.chosen(), at).tally(tx, memo, &by, "by", None)?;
    if tally.rows.len() > MOST_ROWS {
        return Err(too_many("by", MOST_ROWS));
    }
    Ok((by, tally))
}
