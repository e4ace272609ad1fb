//! Closed sets of values of the model as columns: stored by their stable names, read back as what they are.

use diesel::{
    backend::Backend,
    deserialize::{self, FromSql},
    expression::AsExpression,
    internal::derives::as_expression::Bound,
    serialize::{self, Output, ToSql},
    sql_types::{Nullable, Text},
};

use crate::model::jobs::{JobKind, JobState};

/// Makes types with `as_str` and `parse` columns of text.
macro_rules! words {
    ($($type:ty),+ $(,)?) => {$(
        impl<DB: Backend> FromSql<Text, DB> for $type
        where
            String: FromSql<Text, DB>,
        {
            fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
                let word = String::from_sql(bytes)?;
                Self::parse(&word).ok_or_else(|| format!("{word:?} is no {}", stringify!($type)).into())
            }
        }

        impl<DB: Backend> diesel::deserialize::Queryable<Text, DB> for $type
        where
            String: FromSql<Text, DB>,
        {
            type Row = Self;

            fn build(word: Self) -> deserialize::Result<Self> {
                Ok(word)
            }
        }

        impl<DB: Backend> ToSql<Text, DB> for $type
        where
            str: ToSql<Text, DB>,
        {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
                <str as ToSql<Text, DB>>::to_sql(self.as_str(), out)
            }
        }

        impl AsExpression<Text> for $type {
            type Expression = Bound<Text, Self>;

            fn as_expression(self) -> Self::Expression {
                Bound::new(self)
            }
        }

        impl<'a> AsExpression<Text> for &'a $type {
            type Expression = Bound<Text, &'a $type>;

            fn as_expression(self) -> Self::Expression {
                Bound::new(self)
            }
        }

        impl AsExpression<Nullable<Text>> for $type {
            type Expression = Bound<Nullable<Text>, Self>;

            fn as_expression(self) -> Self::Expression {
                Bound::new(self)
            }
        }
    )+};
}

words![JobKind, JobState];
