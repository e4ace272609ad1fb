//! Query parameters. An operation declares those it takes as a struct, with `parameters!`: that reads them, refuses all
//! others, and tells the documentation of them.

mod value;

use std::{future::Future, ops::RangeInclusive, pin::Pin};

use actix_web::{HttpRequest, http::Method};
use serde_json::Value as Json;
use utoipa::openapi::{
    RefOr, Required, Schema,
    path::{ParameterBuilder, ParameterIn},
};

use super::{
    problem::{ApiError, ProblemCode},
    received::Awaited,
};
use crate::{
    model::{
        asked::{MOST_CONDITIONS, conditions, once_each, refuse_unknown},
        errors::{FieldCode, FieldErrors, cut},
        kinds::KindDescriptor,
    },
    research::{Filters, check_texts},
    usecase::Error,
};

pub(crate) use value::choices;
pub use value::{Choice, Cursor, KindName, Limit, Line, Names, Needed, QueueOrder, Sentence, Sort, Time, Whole};

/// The query parameters of a request, in the order they came in; of equal ones the first.
#[derive(Clone, Debug, Default)]
pub struct Query(pub Vec<(String, String)>);

impl Query {
    /// Reads the query string. What is there twice is there once; and of all conditions together there are not too many,
    /// whatever reads them.
    pub fn of(req: &HttpRequest) -> Result<Self, ApiError> {
        let query = req.query_string();
        // The parser replaces what is not UTF-8; here it is refused.
        if percent_encoding::percent_decode_str(query).decode_utf8().is_err() {
            let detail = "The query string is not a list of name=value in UTF-8.";
            return Err(ApiError::new(ProblemCode::InvalidQuery, detail));
        }
        let parameters = once_each(form_urlencoded::parse(query.as_bytes()).into_owned().collect());
        // What changes something has texts in its address, and no conditions.
        if *req.method() == Method::GET
            && let Err(name) = conditions(&parameters)
        {
            let detail = format!(
                "At most {MOST_CONDITIONS} conditions can be asked for at once, each value, name and word being one and \
                 equal ones the same: ask with fewer, or in several requests."
            );
            return Err(Error::InvalidQuery(FieldErrors::one(cut(name), FieldCode::TooMany, detail)).into());
        }
        Ok(Self(parameters))
    }

    /// Takes all values of a parameter.
    pub fn take(&mut self, name: &str) -> Vec<String> {
        let (found, rest): (Vec<_>, Vec<_>) = std::mem::take(&mut self.0).into_iter().partition(|(n, _)| n == name);
        self.0 = rest;
        found.into_iter().map(|(_, value)| value).collect()
    }

    /// For an operation that takes filters beside parameters of its own: what is left when it has taken those goes to the
    /// filters. Texts that no filter can mean are refused before anything else.
    pub fn filters(&self, beside: &'static [&'static str]) -> Result<Filters, ApiError> {
        let mut errors = FieldErrors::default();
        check_texts(self.0.iter().filter(|(name, _)| name != CURSOR), &mut errors);
        checked(errors)?;
        Ok(Filters { beside, ..Filters::default() })
    }

    /// Refuses what is left when an operation has taken the parameters that it knows.
    pub fn refuse_rest(&self, known: &[&str], errors: &mut FieldErrors) {
        for (name, _) in &self.0 {
            refuse_unknown(name, known.iter().copied(), errors);
        }
    }

    /// What leads to another page of the same list: all parameters but the cursor.
    pub fn shown(&self) -> Vec<(String, String)> {
        self.0.iter().filter(|(name, _)| name != CURSOR).cloned().collect()
    }
}

/// Sealed by the archive, of whatever length.
const CURSOR: &str = "cursor";

/// The findings on query parameters as an error, if there are any.
pub fn checked(errors: FieldErrors) -> Result<(), ApiError> {
    if errors.is_empty() { Ok(()) } else { Err(Error::InvalidQuery(errors).into()) }
}

/// Reads a whole number within bounds.
pub fn whole_number(name: &str, text: &str, bounds: RangeInclusive<i64>, errors: &mut FieldErrors) -> Option<i64> {
    let number = text.parse().ok().filter(|n| bounds.contains(n));
    if number.is_none() {
        let detail = format!("{name} is a whole number from {} to {}.", bounds.start(), bounds.end());
        errors.push(name, FieldCode::InvalidValue, detail);
    }
    number
}

/// A parameter: the type of a field in a struct of them.
pub trait Parameter: Sized {
    /// Whether the operation cannot do without it.
    const IS_REQUIRED: bool = false;
    /// What the documentation says of it where the field says nothing.
    const DESCRIPTION: &'static str = "";

    fn example() -> Option<Json> {
        None
    }

    fn schema() -> RefOr<Schema>;

    /// Takes it from what is asked; what is wrong with it is a finding.
    fn take(name: &'static str, query: &mut Query, errors: &mut FieldErrors) -> Self;
}

/// A struct of parameters: what `parameters!` makes.
pub trait Parameters: Sized {
    /// Reads all of them, and gives all findings at once. The kind is that of the path, where it names one.
    fn read(kind: Option<&'static KindDescriptor>, query: Query) -> Result<Self, ApiError>;
}

/// Parameters on their way to the handler.
pub type Extracted<T> = Pin<Box<dyn Future<Output = Result<T, ApiError>>>>;

/// Reads the parameters of a request when the guard has let its caller in.
pub fn extract<T: Parameters + 'static>(req: &HttpRequest) -> Extracted<T> {
    let (awaited, query) = (Awaited::of(req), Query::of(req));
    let kind = req.match_info().get("kind").and_then(KindDescriptor::by_path);
    Box::pin(async move {
        awaited?.allowed().await?;
        T::read(kind, query?)
    })
}

/// What the documentation says of a parameter.
pub fn describe<T: Parameter>(
    name: &str,
    description: &str,
    example: Option<Json>,
) -> utoipa::openapi::path::Parameter {
    let description = match description.trim() {
        "" => T::DESCRIPTION,
        own => own,
    };
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Query)
        .required(if T::IS_REQUIRED { Required::True } else { Required::False })
        .description(Some(description))
        .schema(Some(T::schema()))
        .example(example.or_else(T::example))
        .build()
}

/// Declares the query parameters of an operation: a struct that is their extractor and their documentation. The comment of
/// a field is its description. `and filters` leaves what has no field to the filters of the kind. `check` names a function
/// `fn(&Self, Option<&'static KindDescriptor>, &mut FieldErrors)` that judges them together.
///
/// ```ignore
/// parameters! {
///     /// Which revision is asked for.
///     pub struct RevisionQuery {
///         /// Number of a revision; the current one when absent
///         #[example = 1]
///         revision: Option<Whole<1>>,
///     }
/// }
/// ```
macro_rules! parameters {
    (@example) => { None };
    (@example $example:expr) => { Some(serde_json::json!($example)) };
    (@done $asked:ident $query:ident $errors:ident) => {{
        $crate::http::query::checked($errors)?;
        Ok($asked)
    }};
    // What is wrong with them is told together with what is wrong with the filters.
    (@done $asked:ident $query:ident $errors:ident $filters:ident) => {{
        let beside = $asked.$filters.beside;
        Ok(Self { $filters: $crate::research::Filters { given: $query.0, beside, faults: $errors }, ..$asked })
    }};
    (@rest $query:ident $errors:ident) => { $query.refuse_rest(Self::NAMES, &mut $errors) };
    (@rest $query:ident $errors:ident $filters:ident) => {};
    (
        $(#[$meta:meta])*
        $vis:vis struct $name:ident {
            $($(#[doc = $doc:literal])* $(#[example = $example:expr])? $field:ident: $type:ty,)+
        }
        $(and $filters:ident)?
        $(check $check:path)?
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug)]
        $vis struct $name {
            $($(#[doc = $doc])* pub $field: $type,)+
            $(pub $filters: $crate::research::Filters,)?
        }

        impl $name {
            const NAMES: &'static [&'static str] = &[$(stringify!($field)),+];
        }

        impl $crate::http::query::Parameters for $name {
            fn read(
                _kind: Option<&'static $crate::model::kinds::KindDescriptor>,
                mut query: $crate::http::query::Query,
            ) -> Result<Self, $crate::http::problem::ApiError> {
                let mut errors = $crate::model::errors::FieldErrors::default();
                $(let $filters = query.filters(Self::NAMES)?;)?
                $(let $field =
                    <$type as $crate::http::query::Parameter>::take(stringify!($field), &mut query, &mut errors);)+
                let asked = Self { $($field,)+ $($filters,)? };
                $($check(&asked, _kind, &mut errors);)?
                parameters!(@rest query errors $($filters)?);
                parameters!(@done asked query errors $($filters)?)
            }
        }

        impl actix_web::FromRequest for $name {
            type Error = $crate::http::problem::ApiError;
            type Future = $crate::http::query::Extracted<Self>;

            fn from_request(req: &actix_web::HttpRequest, _: &mut actix_web::dev::Payload) -> Self::Future {
                $crate::http::query::extract(req)
            }
        }

        impl utoipa::IntoParams for $name {
            fn into_params(
                _: impl Fn() -> Option<utoipa::openapi::path::ParameterIn>,
            ) -> Vec<utoipa::openapi::path::Parameter> {
                vec![$($crate::http::query::describe::<$type>(
                    stringify!($field),
                    concat!($($doc),*),
                    parameters!(@example $($example)?),
                )),+]
            }
        }
    };
}

pub(crate) use parameters;
