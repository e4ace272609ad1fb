//! SQL that is put together at run time: text with numbered placeholders and the values that belong to them.
//! `$1`, `$2`, … in ascending order are understood by both databases.

use std::fmt::Display;

use diesel::{
    query_builder::BoxedSqlQuery,
    sql_query,
    sql_types::{BigInt, Bool, Nullable, Text},
};

use super::conn::MultiBackend;
use crate::model::projection::Cell;

/// Numbers as the text of an array of PostgreSQL.
pub fn array_of(numbers: &[impl Display]) -> String {
    format!("{{{}}}", numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(","))
}

/// A statement under construction.
#[derive(Debug, Default)]
pub struct Sql {
    text: String,
    binds: Vec<Cell>,
    /// Rows are looked at one by one, until there are enough.
    is_by_row: bool,
    /// Conditions are tested before the entry itself is read.
    is_led: bool,
}

impl Sql {
    pub fn new(text: &str) -> Self {
        Self { text: text.to_owned(), binds: Vec::new(), is_by_row: false, is_led: false }
    }

    /// The same for a statement that wants the first few rows of many.
    pub fn by_row(text: &str) -> Self {
        Self { is_by_row: true, ..Self::new(text) }
    }

    /// Whether rows are looked at one by one.
    pub fn is_by_row(&self) -> bool {
        self.is_by_row
    }

    /// From here on conditions are tested on what has led to an entry, before the entry itself is read: most of those that
    /// fail need not be.
    pub fn test_what_led(&mut self) -> &mut Self {
        self.is_led = true;
        self
    }

    /// Adds the id of the entry that is tested.
    pub fn entry(&mut self) -> &mut Self {
        self.push(if self.is_led { "led.entry_id" } else { "e.id" })
    }

    /// Ends `EXISTS (SELECT …`. Where rows are looked at one by one, PostgreSQL must not collect all rows of the inner
    /// statement first, as it likes to; the words at the end keep it from that, and mean nothing to SQLite.
    pub fn end_exists(&mut self) -> &mut Self {
        self.push(if self.is_by_row { " LIMIT 1 OFFSET 0)" } else { ")" })
    }

    /// Adds SQL. Never pass words of a request here: they go to [`Sql::bind`].
    pub fn push(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// Adds a placeholder and its value.
    pub fn bind(&mut self, value: Cell) -> &mut Self {
        self.binds.push(value);
        self.text.push('$');
        self.text.push_str(&self.binds.len().to_string());
        self
    }

    pub fn text(&mut self, value: &str) -> &mut Self {
        self.bind(Cell::Text(Some(value.to_owned())))
    }

    pub fn integer(&mut self, value: i64) -> &mut Self {
        self.bind(Cell::Integer(Some(value)))
    }

    /// Adds `($1, $2, …)`.
    pub fn list(&mut self, values: impl IntoIterator<Item = Cell>) -> &mut Self {
        self.push("(");
        for (i, value) in values.into_iter().enumerate() {
            if i > 0 {
                self.push(", ");
            }
            self.bind(value);
        }
        self.push(")")
    }

    /// The text and its values.
    pub fn into_parts(self) -> (String, Vec<Cell>) {
        (self.text, self.binds)
    }

    /// The statement, ready to run on either database.
    pub fn into_query(self) -> BoxedSqlQuery<'static, MultiBackend, diesel::query_builder::SqlQuery> {
        let mut query = sql_query(self.text).into_boxed::<MultiBackend>();
        for value in self.binds {
            query = match value {
                Cell::Text(v) => query.bind::<Nullable<Text>, _>(v),
                Cell::Integer(v) => query.bind::<Nullable<BigInt>, _>(v),
                Cell::Boolean(v) => query.bind::<Nullable<Bool>, _>(v),
            };
        }
        query
    }
}
