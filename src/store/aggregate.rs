//! Counts of the entries of a list by dimensions: one statement that groups, on either database.

use diesel::{
    prelude::*,
    sql_types::{BigInt, Nullable, Text},
};

use super::{
    Result,
    blocks::Part,
    bulk::on_either,
    conn::{Backend, DbConn},
    pool::{ReadTx, WriteTx},
    query::{ListQuery, from, lead, range, restrict},
    schema::{feed, secrets},
    sql::Sql,
};
use crate::model::{
    dimensions::{Dimension, Grain, Reading, days_told_apart},
    edtf::gregorian_to_day,
    kinds::FieldType,
};

/// How many dimensions one statement groups by.
pub const MOST_DIMENSIONS: usize = 3;

/// Entries that are alike on all dimensions: on each, the two ends between which the value lies.
#[derive(Clone, Debug, QueryableByName)]
pub struct Group {
    #[diesel(sql_type = Nullable<Text>)]
    first0: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    last0: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    first1: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    last1: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    first2: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    last2: Option<String>,
    #[diesel(sql_type = BigInt)]
    pub n: i64,
}

impl Group {
    /// The ends on every dimension there can be, in the order they were asked for.
    pub fn ends(&self) -> [(Option<&str>, Option<&str>); MOST_DIMENSIONS] {
        [
            (self.first0.as_deref(), self.last0.as_deref()),
            (self.first1.as_deref(), self.last1.as_deref()),
            (self.first2.as_deref(), self.last2.as_deref()),
        ]
    }
}

/// Name of the mark that changes whenever something is derived anew.
const DERIVED_MARK: &str = "derived";

impl ReadTx<'_> {
    /// Groups of the entries of a list, at most `cap`. With `each`, an entry is counted for each of its values on a
    /// dimension of many values; without, once, and that dimension only tells whether it has any.
    pub fn groups(&mut self, query: &ListQuery, by: &[Dimension], each: bool, cap: i64) -> Result<Vec<Group>> {
        let backend = match &self.conn {
            DbConn::Sqlite(_) => Backend::Sqlite,
            DbConn::Postgres(_) => Backend::Postgres,
        };
        let plan = self.plan(query.kind, &query.conditions, i64::MAX, None)?;
        let mut sql = Sql::new("");
        lead(&mut sql, query, plan, &Part::whole(range(query), i64::MAX));
        sql.push("SELECT ");
        for at in 0..MOST_DIMENSIONS {
            let (first, last) = match by.get(at) {
                Some(dimension) if dimension.is_many() => {
                    if each {
                        sql.push(&format!("f{at}.value"));
                    } else {
                        sql.push("CASE WHEN EXISTS (SELECT 1 FROM facts f WHERE f.entry_id = m.id AND f.name = ");
                        sql.text(dimension.field.name).push(") THEN '1' END");
                    }
                    (String::new(), None)
                }
                Some(dimension) => ends(backend, dimension),
                None => (nothing(), None),
            };
            sql.push(&format!("{first} AS first{at}, {} AS last{at}, ", last.unwrap_or_else(nothing)));
        }
        sql.push("count(*) AS n FROM (SELECT e.id");
        from(&mut sql, query, plan);
        restrict(&mut sql, query, plan);
        sql.push(") m");
        if by.iter().any(|d| !d.is_many()) {
            sql.push(&format!(" JOIN {} d ON d.entry_id = m.id", query.kind.table()));
        }
        for (at, dimension) in by.iter().enumerate().filter(|(_, d)| each && d.is_many()) {
            sql.push(&format!(" LEFT JOIN facts f{at} ON f{at}.entry_id = m.id AND f{at}.name = "));
            sql.text(dimension.field.name);
        }
        let positions: Vec<String> = (1..=2 * by.len()).map(|position| position.to_string()).collect();
        sql.push(&format!(" GROUP BY {} LIMIT ", positions.join(", "))).integer(cap);
        Ok(sql.into_query().load(self.conn)?)
    }

    /// What the answers to counting queries depend on: the last event of the feed, and the mark of what is derived.
    pub fn counting_state(&mut self) -> Result<(i64, String)> {
        let mark = secrets::table.find(DERIVED_MARK).select(secrets::value);
        let last = feed::table.select(feed::seq).order(feed::seq.desc());
        let (seq, derived): (Option<i64>, Option<String>) = on_either!(&mut *self.conn, conn => {
            (last.first(conn).optional()?, mark.first(conn).optional()?)
        });
        Ok((seq.unwrap_or(0), derived.unwrap_or_default()))
    }
}

impl WriteTx<'_> {
    /// Tells all that remember counts that something was derived anew, with a mark that was never used.
    pub fn mark_derived(&mut self, mark: &str, now: i64) -> Result<()> {
        self.delete_secret(DERIVED_MARK)?;
        self.insert_secret(DERIVED_MARK, mark, now)
    }
}

fn nothing() -> String {
    "CAST(NULL AS TEXT)".to_owned()
}

/// The ends of a dimension with one value, in SQL. The second is left out where one says all.
fn ends(backend: Backend, dimension: &Dimension) -> (String, Option<String>) {
    let column = |end: &str| format!("d.\"{}{end}\"", dimension.field.name);
    match dimension.reading {
        Reading::Value => {
            let column = column("");
            let text = match dimension.field.field_type {
                FieldType::Boolean | FieldType::Present => {
                    format!("CASE WHEN {column} THEN 'true' WHEN NOT {column} THEN 'false' END")
                }
                FieldType::Count | FieldType::CitedSources => format!("CAST({column} AS TEXT)"),
                _ => column,
            };
            (text, None)
        }
        Reading::Date(grain) => {
            let bucket = |end| day_bucket(backend, &column(end), grain);
            (bucket("_lo"), Some(bucket("_hi")))
        }
        Reading::Age(birth) => {
            let birth = |end: &str| format!("d.\"{}{end}\"", birth.name);
            (age(backend, &birth("_hi"), &column("_lo")), Some(age(backend, &birth("_lo"), &column("_hi"))))
        }
    }
}

/// A day number as `1937-08-05`. The day has to be one of [`days_told_apart`].
fn day_text(backend: Backend, day: &str) -> String {
    match backend {
        // A number is a Julian Day Number to SQLite.
        Backend::Sqlite => format!("date({day})"),
        Backend::Postgres => {
            let epoch = gregorian_to_day(2000, 1, 1).unwrap_or_default();
            format!("to_char(DATE '2000-01-01' + ({day} - {epoch})::integer, 'YYYY-MM-DD')")
        }
    }
}

fn is_told_apart(day: &str) -> String {
    let (first, last) = days_told_apart();
    format!("{day} BETWEEN {first} AND {last}")
}

/// The bucket of a day; empty for an open end and for years beyond four digits.
fn day_bucket(backend: Backend, day: &str, grain: Grain) -> String {
    let letters = grain.letters();
    let zero = if grain == Grain::Decade { " || '0'" } else { "" };
    let text = day_text(backend, day);
    format!(
        "CASE WHEN {day} IS NULL THEN NULL WHEN {} THEN substr({text}, 1, {letters}){zero} ELSE '' END",
        is_told_apart(day)
    )
}

/// Whole years from one day to another, fewer than none when the second comes first; empty as above.
fn age(backend: Backend, birth: &str, day: &str) -> String {
    let digits = |day: &str| format!("CAST(replace({}, '-', '') AS BIGINT)", day_text(backend, day));
    // Both databases divide towards zero: the offset keeps the number positive.
    let years = format!("({} - {} + 100000000) / 10000 - 10000", digits(day), digits(birth));
    format!(
        "CASE WHEN {birth} IS NULL OR {day} IS NULL THEN NULL WHEN {} AND {} THEN CAST({years} AS TEXT) ELSE '' END",
        is_told_apart(birth),
        is_told_apart(day)
    )
}
