//! SQL that is put together at run time: text with numbered placeholders and the values that belong to them.
//! `$1`, `$2`, … in ascending order are understood by both databases.

use diesel::{
    query_builder::BoxedSqlQuery,
    sql_query,
    sql_types::{BigInt, Bool, Nullable, Text},
};

use super::conn::MultiBackend;
use crate::model::projection::Cell;

/// A statement under construction.
#[derive(Debug, Default)]
pub struct Sql {
    text: String,
    binds: Vec<Cell>,
}

impl Sql {
    pub fn new(text: &str) -> Self {
        Self { text: text.to_owned(), binds: Vec::new() }
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
