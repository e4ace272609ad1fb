//! Conditions of lists as data, and their SQL: as a test of one row, and as a search by an index.

use super::{
    naming::{Naming, test_in_turn},
    search::TextCondition,
    sql::Sql,
};
use crate::model::{kinds::KindDescriptor, projection::Cell};

/// One condition of a list. Conditions are joined by "and".
#[derive(Clone, Debug)]
pub enum Condition {
    /// The column has one of the values.
    ColumnIn { column: String, values: Vec<Cell> },
    /// The column's number lies between the bounds; `None` is an open end.
    Between { column: String, from: Option<i64>, to: Option<i64> },
    /// The interval (`{column}_lo` to `{column}_hi`) shares a day with one of the given ones; `None` is an open end.
    Overlaps { column: String, ranges: Vec<(Option<i64>, Option<i64>)> },
    /// The interval lies inside one of the given ones.
    Within { column: String, ranges: Vec<(Option<i64>, Option<i64>)> },
    /// The column holds something.
    HasColumn { column: String },
    /// Some fact of this name has one of the values.
    FactIn { name: String, values: Vec<String> },
    /// There is a fact of this name.
    HasFact { name: String },
    /// For one of the alternatives, all its words are among the facts of this name.
    HasWords { name: String, alternatives: Vec<Vec<String>> },
    /// The entry has these words; see [`ReadTx::text_condition`](super::ReadTx::text_condition).
    Matches(TextCondition),
    /// A link of this name leads to one of the entries.
    LinksTo { rel: String, targets: Vec<String> },
    /// A link of this name names one of the entries, whatever they were merged into since.
    Names { rel: String, targets: Vec<String> },
    /// There is a link of this name.
    HasLink { rel: String },
    /// An active entry names this one so.
    NamedBy(Naming),
    /// Different active entries name this one, one after the other in time: for certain, or as far as dates allow it.
    NamedInTurn { steps: Vec<Naming>, is_certain: bool },
    /// Updated at or after this time.
    UpdatedSince(i64),
    /// Not updated after this time: the entry is still as it stood then.
    UnchangedSince(i64),
    /// One of the conditions holds; of none, none.
    Any(Vec<Condition>),
    /// All of the conditions hold.
    All(Vec<Condition>),
    /// The condition does not hold; where nothing is known it does not.
    Not(Box<Condition>),
}

/// Most intervals are no longer than this, in days. The others have an index of their own, so that a search by the first
/// day need not begin at the beginning of time.
pub const USUAL_DAYS: i64 = 366;

impl Condition {
    /// Whether the test of a row needs the columns of the kind's own table.
    pub fn needs_columns(&self) -> bool {
        match self {
            Self::ColumnIn { .. }
            | Self::Between { .. }
            | Self::Overlaps { .. }
            | Self::Within { .. }
            | Self::HasColumn { .. } => true,
            Self::FactIn { .. }
            | Self::HasFact { .. }
            | Self::HasWords { .. }
            | Self::Matches(_)
            | Self::LinksTo { .. }
            | Self::Names { .. }
            | Self::HasLink { .. }
            | Self::NamedBy(_)
            | Self::NamedInTurn { .. }
            | Self::UpdatedSince(_)
            | Self::UnchangedSince(_) => false,
            Self::Any(inner) | Self::All(inner) => inner.iter().any(Self::needs_columns),
            Self::Not(inner) => inner.needs_columns(),
        }
    }

    /// Whether it asks for words of the index.
    pub fn needs_words(&self) -> bool {
        match self {
            Self::Matches(_) => true,
            Self::Any(inner) | Self::All(inner) => inner.iter().any(Self::needs_words),
            Self::Not(inner) => inner.needs_words(),
            _ => false,
        }
    }

    /// Writes the condition as a test of the entry `e` with its projection `p`.
    pub fn test(&self, sql: &mut Sql) {
        match self {
            Self::ColumnIn { values, .. } if values.is_empty() => {
                sql.push("1 = 0");
            }
            Self::ColumnIn { column, values } => {
                sql.push(&format!("p.\"{column}\" IN ")).list(values.iter().cloned());
            }
            Self::Between { column, from, to } => between(sql, &format!("p.\"{column}\""), *from, *to),
            Self::Overlaps { column, ranges } => any_of(sql, ranges, " OR ", |sql, (from, to)| {
                between(sql, &format!("p.\"{column}_lo\""), None, *to);
                sql.push(" AND ");
                between(sql, &format!("p.\"{column}_hi\""), *from, None);
            }),
            Self::Within { column, ranges } => any_of(sql, ranges, " OR ", |sql, (from, to)| {
                between(sql, &format!("p.\"{column}_lo\""), *from, None);
                sql.push(" AND ");
                between(sql, &format!("p.\"{column}_hi\""), None, *to);
            }),
            Self::HasColumn { column } => {
                sql.push(&format!("p.\"{column}\" IS NOT NULL"));
            }
            Self::FactIn { name, values } => has_fact(sql, name, values),
            Self::HasFact { name } => {
                sql.push("EXISTS (SELECT 1 FROM facts f WHERE f.entry_id = ").entry().push(" AND f.name = ").text(name);
                sql.end_exists();
            }
            Self::HasWords { name, alternatives } => any_of(sql, alternatives, " OR ", |sql, words| {
                any_of(sql, words, " AND ", |sql, word| has_fact(sql, name, std::slice::from_ref(word)));
            }),
            Self::Matches(text) => text.test(sql),
            Self::LinksTo { targets, .. } | Self::Names { targets, .. } if targets.is_empty() => {
                sql.push("1 = 0");
            }
            Self::LinksTo { rel, targets } => {
                sql.push("EXISTS (SELECT 1 FROM links l WHERE l.from_id = ").entry().push(" AND l.rel = ").text(rel);
                sql.push(" AND l.to_id IN ").list(texts(targets)).end_exists();
            }
            Self::Names { rel, targets } => {
                sql.push("EXISTS (SELECT 1 FROM links l WHERE l.from_id = ").entry().push(" AND l.rel = ").text(rel);
                sql.push(" AND l.named_id IN ").list(texts(targets)).end_exists();
            }
            Self::HasLink { rel } => {
                sql.push("EXISTS (SELECT 1 FROM links l WHERE l.from_id = ")
                    .entry()
                    .push(" AND l.rel = ")
                    .text(rel)
                    .end_exists();
            }
            Self::NamedBy(naming) => naming.test(sql),
            Self::NamedInTurn { steps, is_certain } => test_in_turn(sql, steps, *is_certain),
            Self::UpdatedSince(time) => {
                sql.push("e.updated_at >= ").integer(*time);
            }
            Self::UnchangedSince(time) => {
                sql.push("e.updated_at <= ").integer(*time);
            }
            Self::Any(inner) => any_of(sql, inner, " OR ", |sql, condition| condition.test(sql)),
            Self::All(inner) => {
                sql.push("(1 = 1");
                for condition in inner {
                    sql.push(" AND ");
                    condition.test(sql);
                }
                sql.push(")");
            }
            Self::Not(inner) => {
                sql.push("(CASE WHEN ");
                inner.test(sql);
                sql.push(" THEN 0 ELSE 1 END) = 1");
            }
        }
    }

    /// Whether the search finds others too, so that each row has to be tested besides.
    pub fn is_search_wider(&self) -> bool {
        // Of several words it looks for one; of links by their name, whoever they come from.
        matches!(self, Self::HasWords { .. } | Self::NamedBy(_))
    }

    /// Writes a search that an index answers: `SELECT entry_id …`, an entry once. False when there is none: then the
    /// condition can only be tested row by row.
    pub fn search(&self, sql: &mut Sql, kind: &KindDescriptor) -> bool {
        match self {
            Self::ColumnIn { column, values } if !values.is_empty() => {
                sql.push(&format!("SELECT s.entry_id FROM {} s WHERE s.\"{column}\" IN ", kind.table()));
                sql.list(values.iter().cloned());
            }
            Self::Between { column, from, to } => {
                sql.push(&format!("SELECT s.entry_id FROM {} s WHERE ", kind.table()));
                between(sql, &format!("s.\"{column}\""), *from, *to);
            }
            Self::Overlaps { column, ranges } => match ranges[..] {
                [(from, to)] => search_overlap(sql, kind, column, from, to),
                _ => return false,
            },
            Self::Within { column, ranges } => match ranges[..] {
                [(from, to)] => {
                    sql.push(&format!("SELECT s.entry_id FROM {} s WHERE ", kind.table()));
                    between(sql, &format!("s.\"{column}_lo\""), from, to);
                    sql.push(" AND ");
                    between(sql, &format!("s.\"{column}_hi\""), from, to);
                }
                _ => return false,
            },
            Self::FactIn { name, values } if !values.is_empty() => search_fact(sql, kind, name, values),
            Self::HasWords { name, alternatives } => match &alternatives[..] {
                // The longest word is likely to be the rarest.
                [words] if !words.is_empty() => {
                    let rarest = words.iter().max_by_key(|word| word.chars().count());
                    search_fact(sql, kind, name, rarest.map(std::slice::from_ref).unwrap_or_default());
                }
                _ => return false,
            },
            Self::Matches(text) => text.search(sql),
            Self::LinksTo { rel, targets } if !targets.is_empty() => {
                let distinct = if targets.len() > 1 || rel == "cites" { "DISTINCT " } else { "" };
                sql.push(&format!("SELECT {distinct}l.from_id AS entry_id FROM links l WHERE l.to_id IN "));
                sql.list(texts(targets)).push(" AND l.rel = ").text(rel);
            }
            Self::NamedBy(naming) => return naming.search(sql),
            Self::ColumnIn { .. }
            | Self::FactIn { .. }
            | Self::LinksTo { .. }
            | Self::Names { .. }
            | Self::HasColumn { .. }
            | Self::HasFact { .. }
            | Self::HasLink { .. }
            | Self::NamedInTurn { .. }
            | Self::UpdatedSince(_)
            | Self::UnchangedSince(_)
            | Self::Any(_)
            | Self::All(_)
            | Self::Not(_) => return false,
        }
        true
    }
}

fn search_overlap(sql: &mut Sql, kind: &KindDescriptor, column: &str, from: Option<i64>, to: Option<i64>) {
    let (low, high) = (format!("s.\"{column}_lo\""), format!("s.\"{column}_hi\""));
    sql.push(&format!("SELECT s.entry_id FROM {} s WHERE ", kind.table()));
    let Some(day) = from else {
        between(sql, &low, None, to);
        return;
    };
    let usual = day.saturating_sub(USUAL_DAYS);
    between(sql, &low, Some(usual), to);
    sql.push(" AND ");
    between(sql, &high, from, None);
    sql.push(&format!(" UNION ALL SELECT s.entry_id FROM {} s WHERE ", kind.table()));
    // To the letter the condition of the partial index.
    sql.push(&format!("{high} - {low} > {USUAL_DAYS} AND {low} < ")).integer(usual).push(" AND ");
    between(sql, &high, from, None);
    // A range that ends before it begins asks for what spans both ends.
    if let Some(end) = to.filter(|end| *end < usual) {
        sql.push(" AND ");
        between(sql, &low, None, Some(end));
    }
}

fn search_fact(sql: &mut Sql, kind: &KindDescriptor, name: &str, values: &[String]) {
    let distinct = if values.len() > 1 { "DISTINCT " } else { "" };
    sql.push(&format!("SELECT {distinct}f.entry_id FROM facts f WHERE f.kind = ")).text(kind.name);
    sql.push(" AND f.name = ").text(name).push(" AND f.value IN ").list(texts(values));
}

fn texts(values: &[String]) -> impl Iterator<Item = Cell> {
    values.iter().map(|value| Cell::Text(Some(value.clone())))
}

fn has_fact(sql: &mut Sql, name: &str, values: &[String]) {
    if values.is_empty() {
        sql.push("1 = 0");
        return;
    }
    sql.push("EXISTS (SELECT 1 FROM facts f WHERE f.entry_id = ").entry().push(" AND f.name = ").text(name);
    sql.push(" AND f.value IN ").list(texts(values)).end_exists();
}

/// Writes that a column lies between two bounds; without any, that it holds something.
fn between(sql: &mut Sql, column: &str, from: Option<i64>, to: Option<i64>) {
    match (from, to) {
        (Some(from), Some(to)) => sql.push(&format!("{column} BETWEEN ")).integer(from).push(" AND ").integer(to),
        (Some(from), None) => sql.push(&format!("{column} >= ")).integer(from),
        (None, Some(to)) => sql.push(&format!("{column} <= ")).integer(to),
        (None, None) => sql.push(&format!("{column} IS NOT NULL")),
    };
}

/// Joins parts in parentheses; of no parts, none holds.
fn any_of<T>(sql: &mut Sql, parts: &[T], joint: &str, mut write: impl FnMut(&mut Sql, &T)) {
    sql.push(if parts.is_empty() { "(1 = 0" } else { "(" });
    for (i, part) in parts.iter().enumerate() {
        sql.push(if i > 0 { joint } else { "" }).push("(");
        write(sql, part);
        sql.push(")");
    }
    sql.push(")");
}
