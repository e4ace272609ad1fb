//! Statements of PostgreSQL whose text is always the same: read and planned once on each connection. What diesel runs as
//! SQL is planned each time, which takes longer than to answer it.

use std::marker::PhantomData;

use diesel::{
    QueryResult, RunQueryDsl,
    pg::{Pg, PgConnection},
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    sql_types::{Array, BigInt},
};

/// A value of a statement.
#[derive(Debug)]
pub enum Bind {
    Integer(i64),
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
}

impl<R> QueryFragment<Pg> for Prepared<R> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let mut parts = self.text.split('?');
        out.push_sql(parts.next().unwrap_or_default());
        for (bind, part) in self.binds.iter().zip(parts) {
            match bind {
                Bind::Integer(number) => out.push_bind_param::<BigInt, _>(number)?,
                Bind::Integers(numbers) => out.push_bind_param::<Array<BigInt>, _>(numbers)?,
            }
            out.push_sql(part);
        }
        Ok(())
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
