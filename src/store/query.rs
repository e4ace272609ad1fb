//! Lists of one kind: conditions as data, turned into SQL here and nowhere else.

use diesel::{
    prelude::*,
    sql_types::{BigInt, Text},
};

use super::{Condition, DocRange, Result, blocks::Part, conn::Backend, doc, marks, plan::Plan, pool::ReadTx, sql::Sql};
use crate::model::{kinds::KindDescriptor, marks::Mark, names, projection::Cell, text::Matching};

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

/// One row of a list. Without bodies only what summaries need is filled in: the id, the summary, and what it is sorted by.
#[derive(Clone, Debug, Default, QueryableByName)]
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

/// What a list without bodies reads of a row.
#[derive(QueryableByName)]
struct SummaryRow {
    #[diesel(sql_type = Text)]
    id: String,
    #[diesel(sql_type = BigInt)]
    ref_number: i64,
    #[diesel(sql_type = BigInt)]
    updated_at: i64,
    #[diesel(sql_type = Text)]
    summary: String,
    #[diesel(sql_type = Text)]
    sort_key: String,
}

impl From<SummaryRow> for ListRow {
    fn from(row: SummaryRow) -> Self {
        Self {
            id: row.id,
            ref_number: row.ref_number,
            updated_at: row.updated_at,
            summary: row.summary,
            sort_key: row.sort_key,
            ..Self::default()
        }
    }
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

impl ListQuery {
    /// Whether there is an index for all that a plan begins with.
    pub fn can_follow(&self, plan: Plan) -> bool {
        let can_lead = |place: usize| {
            self.conditions.get(place).is_some_and(|condition| condition.search(&mut Sql::new(""), self.kind))
        };
        match plan {
            Plan::Scan => true,
            Plan::From(leading, joined) => can_lead(leading) && joined.places().all(can_lead),
            Plan::Marked(_) => !marks_of(self).is_empty(),
        }
    }
}

/// Whose names or titles are looked for.
#[derive(Clone, Debug)]
pub struct SameName<'a> {
    pub kind: &'static KindDescriptor,
    /// Names in one line each.
    pub names: &'a [String],
    /// Any of these words of the index makes an entry a candidate: family names, pairs of words of a title.
    pub words: &'a [Matching],
    /// A date column with the first and last day it may be: those that may be the same come first.
    pub dated: Option<(&'static str, i64, i64)>,
    /// The entry itself.
    pub except: &'a str,
    pub limit: i64,
}

/// From this score on, two names may be of the same person.
const ALIKE: u8 = 70;

#[derive(QueryableByName)]
struct IdRow {
    #[diesel(sql_type = Text)]
    id: String,
}

#[derive(QueryableByName)]
struct SqliteStep {
    #[diesel(sql_type = Text)]
    detail: String,
}

#[derive(QueryableByName)]
struct PostgresStep {
    #[diesel(sql_type = Text, column_name = "QUERY PLAN")]
    line: String,
}

#[derive(QueryableByName)]
struct CountRow {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

impl ReadTx<'_> {
    /// The rows of one page.
    pub fn list(&mut self, query: &ListQuery) -> Result<Vec<ListRow>> {
        let plan = self.plan(query.kind, &query.conditions, query.limit, Some(query.order))?;
        self.list_by(query, plan)
    }

    /// The same by a plan that [can be followed](ListQuery::can_follow); whatever the plan, the rows are the same.
    pub fn list_by(&mut self, query: &ListQuery, plan: Plan) -> Result<Vec<ListRow>> {
        let (range, limit) = (range(query), query.limit);
        if is_found_by_blocks(query, plan) {
            return self.block_by_block(range, query.descending, limit, |tx, part| tx.list_part(query, plan, part));
        }
        self.list_part(query, plan, &Part::whole(range, limit))
    }

    fn list_part(&mut self, query: &ListQuery, plan: Plan, part: &Part) -> Result<Vec<ListRow>> {
        let sql = page(query, plan, part, "").into_query();
        if query.with_bodies {
            return Ok(sql.load(self.conn)?);
        }
        Ok(sql.load::<SummaryRow>(self.conn)?.into_iter().map(ListRow::from).collect())
    }

    /// The best single statement of a page and its values, to be run by others: `$1`, `$2`, … stand for them.
    pub fn list_statement(&mut self, query: &ListQuery) -> Result<(String, Vec<Cell>)> {
        // PostgreSQL goes block by block in several statements only.
        let order = Some(query.order).filter(|_| self.backend() == Backend::Sqlite);
        let plan = self.plan(query.kind, &query.conditions, query.limit, order)?;
        Ok(page(query, plan, &Part::whole(range(query), query.limit), "").into_parts())
    }

    /// How the database goes about a page by a plan, or about its first part, in its own words, line by line.
    pub fn explain(&mut self, query: &ListQuery, plan: Plan) -> Result<Vec<String>> {
        let (range, limit) = (range(query), query.limit);
        let part = match is_found_by_blocks(query, plan) {
            true => Part::first_block(range, limit),
            false => Part::whole(range, limit),
        };
        if self.backend() == Backend::Sqlite {
            let steps: Vec<SqliteStep> =
                page(query, plan, &part, "EXPLAIN QUERY PLAN ").into_query().load(self.conn)?;
            return Ok(steps.into_iter().map(|step| step.detail).collect());
        }
        let steps: Vec<PostgresStep> = page(query, plan, &part, "EXPLAIN ").into_query().load(self.conn)?;
        Ok(steps.into_iter().map(|step| step.line).collect())
    }

    /// Active entries that may be known by the same name; see [`SameName`]. Half of them are those whose names answer best,
    /// the rest those that share a word, of which those come first whose date may be the same.
    pub fn entries_of_same_name(&mut self, wanted: &SameName) -> Result<Vec<String>> {
        let limit = usize::try_from(wanted.limit).unwrap_or(usize::MAX);
        let mut docs: Vec<i64> = Vec::new();
        for name in wanted.names {
            let hits = self.names_like(&names::keys(name), DocRange::of(Some(wanted.kind)), limit, 2 * limit)?;
            let alike = hits.into_iter().filter(|hit| hit.found.score >= ALIKE);
            docs.extend(alike.take(limit / 2).map(|hit| hit.entry));
        }
        docs.dedup();
        let found = self.found_entries(&docs)?;
        let known = docs.iter().filter_map(|doc| found.get(doc)).map(|entry| entry.id.clone());
        let mut ids: Vec<String> = Vec::new();
        for id in known.filter(|id| id != wanted.except) {
            if ids.len() < limit / 2 && !ids.contains(&id) {
                ids.push(id);
            }
        }
        if wanted.words.is_empty() {
            return Ok(ids);
        }
        let condition = self.text_condition(Matching::Any(wanted.words.to_vec()));
        let mut sql = Sql::new("WITH d AS MATERIALIZED (");
        condition.search(&mut sql);
        sql.push(") SELECT e.id AS id FROM d CROSS JOIN entries e");
        if wanted.dated.is_some() {
            sql.push(&format!(" CROSS JOIN {} p", wanted.kind.table()));
        }
        sql.push(" WHERE e.id = d.entry_id AND e.kind = ").text(wanted.kind.name);
        sql.push(" AND e.status = 'active' AND e.id <> ").text(wanted.except);
        if wanted.dated.is_some() {
            sql.push(" AND p.entry_id = e.id");
        }
        sql.push(" ORDER BY ");
        if let Some((column, earliest, latest)) = wanted.dated {
            sql.push(&format!("CASE WHEN p.\"{column}_lo\" <= ")).integer(latest);
            sql.push(&format!(" AND p.\"{column}_hi\" >= ")).integer(earliest).push(" THEN 0 ELSE 1 END, ");
        }
        sql.push("e.id LIMIT ").integer(wanted.limit);
        for IdRow { id } in sql.into_query().load::<IdRow>(self.conn)? {
            if ids.len() < limit && !ids.contains(&id) {
                ids.push(id);
            }
        }
        Ok(ids)
    }

    /// How many rows the whole list has, counted no further than `cap`.
    pub fn count(&mut self, query: &ListQuery, cap: i64) -> Result<i64> {
        let plan = self.plan(query.kind, &query.conditions, cap, None)?;
        let mut sql = Sql::new("");
        lead(&mut sql, query, plan, &Part::whole(range(query), cap));
        sql.push("SELECT count(*) AS n FROM (SELECT 1 AS one");
        from(&mut sql, query, plan);
        restrict(&mut sql, query, plan);
        sql.push(" LIMIT ").integer(cap).push(") counted");
        Ok(sql.into_query().get_result::<CountRow>(self.conn)?.n)
    }
}

/// Whether the rows of a page are looked for block by block.
fn is_found_by_blocks(query: &ListQuery, plan: Plan) -> bool {
    plan == Plan::Marked(Backend::Postgres) && query.order == Order::Ref
}

/// The statement of a page or of a part of it, after a first word.
fn page(query: &ListQuery, plan: Plan, part: &Part, word: &str) -> Sql {
    let mut sql = Sql::by_row(word);
    lead(&mut sql, query, plan, part);
    sql.push("SELECT e.id, e.ref_number, e.updated_at, e.summary, ");
    // Long, and needed where it sorts.
    sql.push(if query.order == Order::Label { "e.sort_key" } else { "'' AS sort_key" });
    if query.with_bodies {
        sql.push(", e.created_at, e.ref AS reference, e.head, e.hash, e.label, r.body AS body");
    }
    from(&mut sql, query, plan);
    if query.with_bodies {
        sql.push(" JOIN revisions r ON r.entry_id = e.id AND r.number = e.head");
    }
    restrict(&mut sql, query, plan);
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
    match (plan, query.order) {
        // On SQLite marked entries come in this order already; PostgreSQL sorts them before it looks at the first.
        (Plan::Marked(_), Order::Ref) => sql.push(&format!(" ORDER BY led.doc {direction}")),
        _ => sql.push(&format!(" ORDER BY {column} {direction}, e.id {direction}")),
    };
    sql.push(" LIMIT ").integer(part.wanted);
    sql
}

/// The marks of all conditions that have any.
fn marks_of(query: &ListQuery) -> Vec<Vec<Mark>> {
    query.conditions.iter().filter_map(|condition| condition.marks(query.kind)).flatten().collect()
}

/// Where the entries of a page stand, as far as its order tells.
pub(super) fn range(query: &ListQuery) -> DocRange {
    let all = DocRange::of(Some(query.kind));
    match (&query.after, query.order, query.descending) {
        (Some((SortValue::Integer(number), _)), Order::Ref, false) => {
            DocRange { from: doc(query.kind, *number), ..all }
        }
        (Some((SortValue::Integer(number), _)), Order::Ref, true) => DocRange { to: doc(query.kind, *number), ..all },
        _ => all,
    }
}

/// Writes the entries of the leading conditions as a table of their own, which is worked out first; of those with marks,
/// the part.
pub(super) fn lead(sql: &mut Sql, query: &ListQuery, plan: Plan, part: &Part) {
    let (leading, joined) = match plan {
        Plan::Scan => return,
        Plan::From(leading, joined) => (leading, joined),
        Plan::Marked(backend) => {
            // SQLite stops at the end of a page; the planner of PostgreSQL would take that for a reason to walk. Of a few
            // blocks it sorts what has the marks, and stops as well: OFFSET 0 keeps it from putting both into one.
            let is_sorted = part.blocks.is_some();
            sql.push(if backend == Backend::Sqlite || is_sorted {
                "WITH led AS NOT MATERIALIZED ("
            } else {
                "WITH led AS MATERIALIZED ("
            });
            marks::search(sql, backend, &marks_of(query), part);
            if is_sorted {
                sql.push(if query.descending { " ORDER BY doc DESC OFFSET 0" } else { " ORDER BY doc OFFSET 0" });
            }
            sql.push(") ");
            return;
        }
    };
    let others = joined.places().filter_map(|place| query.conditions.get(place));
    for (i, condition) in query.conditions.get(leading).into_iter().chain(others).enumerate() {
        // A search may be two in one.
        sql.push(match i {
            0 => "WITH led AS MATERIALIZED (SELECT entry_id FROM (",
            1 => " WHERE entry_id IN (SELECT entry_id FROM (",
            _ => " AND entry_id IN (SELECT entry_id FROM (",
        });
        condition.search(sql, query.kind);
        sql.push(if i == 0 { ") found" } else { ") found)" });
    }
    sql.push(") ");
}

/// Writes the tables in the order they are gone through; SQLite keeps to it in a cross join.
pub(super) fn from(sql: &mut Sql, query: &ListQuery, plan: Plan) {
    let columns = match query.conditions.iter().any(Condition::needs_columns) {
        true => format!(" CROSS JOIN {} p", query.kind.table()),
        false => String::new(),
    };
    sql.push(&match plan {
        // The narrow tables before the wide one.
        Plan::From(..) | Plan::Marked(_) => format!(" FROM led{columns} CROSS JOIN entries e"),
        Plan::Scan => format!(" FROM entries e{columns}"),
    });
}

/// Adds the conditions, but for those that lead.
pub(super) fn restrict(sql: &mut Sql, query: &ListQuery, plan: Plan) {
    sql.push(" WHERE e.kind = ").text(query.kind.name).push(" AND e.status = 'active'");
    if plan != Plan::Scan {
        sql.push(" AND e.id = led.entry_id").test_what_led();
    }
    if query.conditions.iter().any(Condition::needs_columns) {
        sql.push(" AND p.entry_id = ").entry();
    }
    for (i, condition) in query.conditions.iter().enumerate() {
        let is_led = matches!(plan, Plan::From(leading, joined) if leading == i || joined.has(i));
        if !is_led || condition.is_search_wider() {
            sql.push(" AND ");
            if plan == Plan::Scan && sql.is_by_row() {
                // In a form that no planner takes for a way to begin: it is to go along the order and to test.
                sql.push("CASE WHEN ");
                condition.test(sql);
                sql.push(" THEN TRUE ELSE FALSE END");
            } else {
                condition.test(sql);
            }
        }
    }
}
