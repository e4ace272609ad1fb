//! Lists of one kind: conditions as data, turned into SQL here and nowhere else.

use diesel::{
    prelude::*,
    sql_types::{BigInt, Text},
};

use super::{Result, pool::ReadTx, sql::Sql};
use crate::model::{kinds::KindDescriptor, projection::Cell};

/// One condition of a list. Conditions are joined by "and".
#[derive(Clone, Debug)]
pub enum Condition {
    /// The column has one of the values.
    ColumnIn { column: String, values: Vec<Cell> },
    /// The date's interval (`{column}_lo` to `{column}_hi`) shares a day with one of the given ones; `None` is an open end.
    Overlaps { column: String, ranges: Vec<(Option<i64>, Option<i64>)> },
    /// Some fact of this name has one of the values.
    FactIn { name: String, values: Vec<String> },
    /// For one of the alternatives, all its words are among the facts of this name.
    HasWords { name: String, alternatives: Vec<Vec<String>> },
    /// A link of this name leads to one of the entries.
    LinksTo { rel: String, targets: Vec<String> },
    /// Updated at or after this time.
    UpdatedSince(i64),
}

/// What a list is sorted by; ties are broken by the id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// By the number of the ref.
    Ref,
    Label,
    Updated,
}

impl Order {
    fn column(self) -> &'static str {
        match self {
            Order::Ref => "e.ref_number",
            Order::Label => "e.sort_key",
            Order::Updated => "e.updated_at",
        }
    }
}

/// The value of the sort column on the last row of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SortValue {
    Integer(i64),
    Text(String),
}

/// A list of active entries of one kind.
#[derive(Clone, Debug)]
pub struct ListQuery {
    pub kind: &'static KindDescriptor,
    pub conditions: Vec<Condition>,
    pub order: Order,
    pub descending: bool,
    /// Sort value and id of the last row of the page before.
    pub after: Option<(SortValue, String)>,
    pub limit: i64,
    /// Give the bodies too.
    pub with_bodies: bool,
}

/// One row of a list.
#[derive(Clone, Debug, QueryableByName)]
pub struct ListRow {
    #[diesel(sql_type = Text)]
    pub id: String,
    #[diesel(sql_type = BigInt)]
    pub ref_number: i64,
    #[diesel(sql_type = Text)]
    pub sort_key: String,
    #[diesel(sql_type = BigInt)]
    pub updated_at: i64,
    #[diesel(sql_type = BigInt)]
    pub created_at: i64,
    #[diesel(sql_type = Text)]
    pub reference: String,
    #[diesel(sql_type = BigInt)]
    pub head: i64,
    #[diesel(sql_type = Text)]
    pub hash: String,
    #[diesel(sql_type = Text)]
    pub label: String,
    /// Summary, JSON.
    #[diesel(sql_type = Text)]
    pub summary: String,
    /// Body, JSON; empty when it was not asked for.
    #[diesel(sql_type = Text)]
    pub body: String,
}

impl ListRow {
    /// Where this row stands in the given order.
    pub fn sort_value(&self, order: Order) -> SortValue {
        match order {
            Order::Ref => SortValue::Integer(self.ref_number),
            Order::Label => SortValue::Text(self.sort_key.clone()),
            Order::Updated => SortValue::Integer(self.updated_at),
        }
    }
}

/// Whose names are looked for: entries that share a word of the family name, or two words where there is none.
#[derive(Clone, Debug)]
pub struct SameName<'a> {
    pub kind: &'static KindDescriptor,
    /// The field of the names.
    pub field: &'static str,
    pub words: &'a [String],
    pub family: &'a [String],
    /// A date column with the first and last day it may be: those that may be the same come first.
    pub dated: Option<(&'static str, i64, i64)>,
    /// The entry itself.
    pub except: &'a str,
    pub limit: i64,
}

#[derive(QueryableByName)]
struct IdRow {
    #[diesel(sql_type = Text)]
    id: String,
}

#[derive(QueryableByName)]
struct CountRow {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

impl ReadTx<'_> {
    /// The rows of one page.
    pub fn list(&mut self, query: &ListQuery) -> Result<Vec<ListRow>> {
        let mut sql = Sql::new(
            "SELECT e.id, e.ref_number, e.sort_key, e.updated_at, e.created_at, e.ref AS reference, e.head, e.hash, e.label, e.summary, ",
        );
        sql.push(if query.with_bodies { "r.body AS body FROM entries e" } else { "'' AS body FROM entries e" });
        if query.with_bodies {
            sql.push(" JOIN revisions r ON r.entry_id = e.id AND r.number = e.head");
        }
        restrict(&mut sql, query);
        let column = query.order.column();
        let (than, direction) = if query.descending { ("<", "DESC") } else { (">", "ASC") };
        if let Some((value, id)) = &query.after {
            sql.push(&format!(" AND ({column}, e.id) {than} ("));
            match value {
                SortValue::Integer(v) => sql.integer(*v),
                SortValue::Text(v) => sql.text(v),
            };
            sql.push(", ").text(id).push(")");
        }
        sql.push(&format!(" ORDER BY {column} {direction}, e.id {direction} LIMIT ")).integer(query.limit);
        Ok(sql.into_query().load(self.conn)?)
    }

    /// Active entries that may be known by the same name; see [`SameName`].
    pub fn entries_of_same_name(&mut self, wanted: &SameName) -> Result<Vec<String>> {
        if wanted.words.is_empty() {
            return Ok(Vec::new());
        }
        let values = |words: &[String]| words.iter().map(|w| Cell::Text(Some(w.clone()))).collect::<Vec<_>>();
        // A family name is rarer than the words beside it: it leads, and the others only rank.
        let leading = if wanted.family.is_empty() { wanted.words } else { wanted.family };
        let mut sql = Sql::new("SELECT e.id AS id FROM facts f JOIN entries e ON e.id = f.entry_id");
        if wanted.dated.is_some() {
            sql.push(&format!(" JOIN {} p ON p.entry_id = e.id", wanted.kind.table()));
        }
        sql.push(" WHERE f.kind = ").text(wanted.kind.name).push(" AND f.name = ").text(wanted.field);
        sql.push(" AND f.value IN ").list(values(leading));
        sql.push(" AND e.status = 'active' AND e.id <> ").text(wanted.except).push(" GROUP BY e.id");
        if wanted.family.is_empty() {
            sql.push(" HAVING count(*) >= 2");
        }
        sql.push(" ORDER BY ");
        if let Some((column, earliest, latest)) = wanted.dated {
            sql.push(&format!("max(CASE WHEN p.\"{column}_lo\" <= ")).integer(latest);
            sql.push(&format!(" AND p.\"{column}_hi\" >= ")).integer(earliest).push(" THEN 1 ELSE 0 END) DESC, ");
        }
        sql.push("(SELECT count(*) FROM facts g WHERE g.entry_id = e.id AND g.name = ").text(wanted.field);
        sql.push(" AND g.value IN ").list(values(wanted.words)).push(") DESC, e.id LIMIT ").integer(wanted.limit);
        Ok(sql.into_query().load::<IdRow>(self.conn)?.into_iter().map(|row| row.id).collect())
    }

    /// How many rows the whole list has, counted no further than `cap`.
    pub fn count(&mut self, query: &ListQuery, cap: i64) -> Result<i64> {
        let mut sql = Sql::new("SELECT count(*) AS n FROM (SELECT 1 AS one FROM entries e");
        restrict(&mut sql, query);
        sql.push(" LIMIT ").integer(cap).push(") counted");
        Ok(sql.into_query().get_result::<CountRow>(self.conn)?.n)
    }
}

/// Joins the projection where a condition needs it, and adds the conditions.
pub(super) fn restrict(sql: &mut Sql, query: &ListQuery) {
    let needs_columns =
        query.conditions.iter().any(|c| matches!(c, Condition::ColumnIn { .. } | Condition::Overlaps { .. }));
    if needs_columns {
        sql.push(&format!(" JOIN {} p ON p.entry_id = e.id", query.kind.table()));
    }
    sql.push(" WHERE e.kind = ").text(query.kind.name).push(" AND e.status = 'active'");
    for condition in &query.conditions {
        sql.push(" AND ");
        match condition {
            Condition::ColumnIn { column, values } => {
                sql.push(&format!("p.\"{column}\" IN ")).list(values.iter().cloned());
            }
            Condition::Overlaps { column, ranges } => {
                any_of(sql, ranges, |sql, (from, to)| {
                    sql.push(&format!("(p.\"{column}_lo\" <= ")).integer(to.unwrap_or(i64::MAX));
                    sql.push(&format!(" AND p.\"{column}_hi\" >= ")).integer(from.unwrap_or(i64::MIN)).push(")");
                });
            }
            Condition::FactIn { name, values } => has_fact(sql, query.kind, name, values),
            Condition::HasWords { name, alternatives } => {
                any_of(sql, alternatives, |sql, words| {
                    sql.push("(");
                    for (i, word) in words.iter().enumerate() {
                        sql.push(if i > 0 { " AND " } else { "" });
                        has_fact(sql, query.kind, name, std::slice::from_ref(word));
                    }
                    sql.push(")");
                });
            }
            Condition::LinksTo { targets, .. } if targets.is_empty() => {
                sql.push("1 = 0");
            }
            Condition::LinksTo { rel, targets } => {
                sql.push("e.id IN (SELECT l.from_id FROM links l WHERE l.to_id IN ");
                sql.list(targets.iter().map(|t| Cell::Text(Some(t.clone()))));
                sql.push(" AND l.rel = ").text(rel).push(")");
            }
            Condition::UpdatedSince(time) => {
                sql.push("e.updated_at >= ").integer(*time);
            }
        }
    }
}

fn has_fact(sql: &mut Sql, kind: &KindDescriptor, name: &str, values: &[String]) {
    sql.push("e.id IN (SELECT f.entry_id FROM facts f WHERE f.kind = ").text(kind.name);
    sql.push(" AND f.name = ").text(name);
    sql.push(" AND f.value IN ").list(values.iter().map(|v| Cell::Text(Some(v.clone())))).push(")");
}

/// Joins alternatives by "or"; of no alternatives, none holds.
fn any_of<T>(sql: &mut Sql, alternatives: &[T], mut write: impl FnMut(&mut Sql, &T)) {
    sql.push(if alternatives.is_empty() { "(1 = 0" } else { "(" });
    for (i, alternative) in alternatives.iter().enumerate() {
        sql.push(if i > 0 { " OR " } else { "" });
        write(sql, alternative);
    }
    sql.push(")");
}
