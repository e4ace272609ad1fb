//! Statements whose text is always the same: read and planned once on each connection. What diesel runs as SQL is read and
//! planned each time, which for a small one takes longer than to answer it.

use std::marker::PhantomData;

use diesel::{
    QueryResult, RunQueryDsl,
    backend::Backend,
    pg::{Pg, PgConnection},
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    result::Error,
    sql_types::{Array, BigInt, Nullable, Text},
    sqlite::{Sqlite, SqliteConnection},
};

/// A value of a statement.
#[derive(Debug)]
pub enum Bind {
    Integer(i64),
    Text(String),
    Optional(Option<String>),
    /// An array; PostgreSQL only.
    Integers(Vec<i64>),
}

/// A statement that gives rows of the type `R`.
#[derive(Debug)]
pub struct Prepared<R> {
    text: &'static str,
    binds: Vec<Bind>,
    rows: PhantomData<R>,
}

impl<R> Prepared<R> {
    /// Each `?` of the text stands for a value.
    pub fn new(text: &'static str, binds: Vec<Bind>) -> Self {
        Self { text, binds, rows: PhantomData }
    }

    /// Writes the text, and each value by `bind`.
    fn write<'b, DB: Backend>(
        &'b self,
        mut out: AstPass<'_, 'b, DB>,
        bind: impl Fn(&mut AstPass<'_, 'b, DB>, &'b Bind) -> QueryResult<()>,
    ) -> QueryResult<()> {
        let mut parts = self.text.split('?');
        out.push_sql(parts.next().unwrap_or_default());
        for (value, part) in self.binds.iter().zip(parts) {
            bind(&mut out, value)?;
            out.push_sql(part);
        }
        Ok(())
    }
}

impl<R> QueryFragment<Pg> for Prepared<R> {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.write(out, |out, bind| match bind {
            Bind::Integer(number) => out.push_bind_param::<BigInt, _>(number),
            Bind::Text(text) => out.push_bind_param::<Text, _>(text),
            Bind::Optional(text) => out.push_bind_param::<Nullable<Text>, _>(text),
            Bind::Integers(numbers) => out.push_bind_param::<Array<BigInt>, _>(numbers),
        })
    }
}

impl<R> QueryFragment<Sqlite> for Prepared<R> {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        self.write(out, |out, bind| match bind {
            Bind::Integer(number) => out.push_bind_param::<BigInt, _>(number),
            Bind::Text(text) => out.push_bind_param::<Text, _>(text),
            Bind::Optional(text) => out.push_bind_param::<Nullable<Text>, _>(text),
            Bind::Integers(_) => Err(Error::QueryBuilderError("SQLite knows no arrays".into())),
        })
    }
}

impl<R> QueryId for Prepared<R> {
    type QueryId = ();
    // Statements are told apart by their text.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<R> Query for Prepared<R> {
    type SqlType = R;
}

impl<R> RunQueryDsl<PgConnection> for Prepared<R> {}
impl<R> RunQueryDsl<SqliteConnection> for Prepared<R> {}
