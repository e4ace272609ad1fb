//! The values that query parameters have: numbers, times, names between commas, closed sets, places in a list.

use serde_json::{Value as Json, json};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ArrayBuilder, Ref, RefOr, Schema},
};

use super::{Parameter, Query, whole_number};
use crate::{
    model::{
        asked::refuse_repeated,
        checks::{CheckCode, Severity},
        cite::Lang,
        errors::{FieldCode, FieldErrors},
        export::{Format, Rows},
        jobs::{JobKind, JobState},
        kinds::{KindDescriptor, REGISTRY},
        permissions::Role,
        precheck::check_line,
        time::{StatedTime, from_rfc3339},
        workflow::State,
    },
    research::{Direction, ListOrder},
};

pub use crate::store::QueueOrder;

/// A value of a parameter.
pub trait Value: Sized {
    /// Reads it; what is wrong with it is a finding.
    fn read(name: &str, text: &str, errors: &mut FieldErrors) -> Option<Self>;

    /// Reads it from all that was given for it. Most parameters can be given once.
    fn gather(name: &str, given: &[String], errors: &mut FieldErrors) -> Option<Self> {
        if given.len() > 1 {
            refuse_repeated(name, errors);
        }
        Self::read(name, given.first()?, errors)
    }

    fn schema() -> RefOr<Schema> {
        text_schema()
    }
}

fn text_schema() -> RefOr<Schema> {
    <String as PartialSchema>::schema()
}

/// A parameter that may be absent.
impl<T: Value> Parameter for Option<T> {
    fn schema() -> RefOr<Schema> {
        T::schema()
    }

    fn take(name: &'static str, query: &mut Query, errors: &mut FieldErrors) -> Self {
        T::gather(name, &query.take(name), errors)
    }
}

/// A parameter that must be there. Where it is not, or is at fault, there is a finding.
#[derive(Clone, Debug)]
pub struct Needed<T>(pub Option<T>);

impl<T: Value> Parameter for Needed<T> {
    const IS_REQUIRED: bool = true;

    fn schema() -> RefOr<Schema> {
        T::schema()
    }

    fn take(name: &'static str, query: &mut Query, errors: &mut FieldErrors) -> Self {
        let given = query.take(name);
        if given.is_empty() {
            missing(name, errors);
        }
        Self(T::gather(name, &given, errors))
    }
}

fn missing(name: &str, errors: &mut FieldErrors) {
    errors.push(name, FieldCode::MissingField, format!("The parameter {name} is required."));
}

/// How many items an answer has at most: so many where nothing is asked for, and no more than the other number.
#[derive(Clone, Copy, Debug)]
pub struct Limit<const USUAL: i64 = 50, const MOST: i64 = 200>(pub i64);

impl<const USUAL: i64, const MOST: i64> Parameter for Limit<USUAL, MOST> {
    fn example() -> Option<Json> {
        Some(json!(USUAL))
    }

    fn schema() -> RefOr<Schema> {
        <i64 as PartialSchema>::schema()
    }

    fn take(name: &'static str, query: &mut Query, errors: &mut FieldErrors) -> Self {
        let given = query.take(name);
        if given.len() > 1 {
            refuse_repeated(name, errors);
        }
        let number = given.first().and_then(|text| whole_number(name, text, 1..=MOST, errors));
        Self(number.unwrap_or(USUAL))
    }
}

/// Where a list goes on; sealed.
#[derive(Clone, Debug)]
pub struct Cursor(pub Option<String>);

impl Parameter for Cursor {
    const DESCRIPTION: &'static str = "Where to go on: `next` of the page before";

    fn schema() -> RefOr<Schema> {
        text_schema()
    }

    fn take(name: &'static str, query: &mut Query, errors: &mut FieldErrors) -> Self {
        Self(<Option<String> as Parameter>::take(name, query, errors))
    }
}

/// Any text.
impl Value for String {
    fn read(_: &str, text: &str, _: &mut FieldErrors) -> Option<Self> {
        Some(text.to_owned())
    }
}

/// A text that says something.
#[derive(Clone, Debug)]
pub struct Sentence(pub String);

impl Value for Sentence {
    fn read(name: &str, text: &str, errors: &mut FieldErrors) -> Option<Self> {
        if text.trim().is_empty() {
            missing(name, errors);
        }
        Some(Self(text.to_owned()))
    }
}

/// A short text without control characters.
#[derive(Clone, Debug)]
pub struct Line<const MOST: usize>(pub String);

impl<const MOST: usize> Value for Line<MOST> {
    fn read(name: &str, text: &str, errors: &mut FieldErrors) -> Option<Self> {
        check_line(name, text, MOST, errors);
        Some(Self(text.to_owned()))
    }
}

/// A whole number that is not smaller than another.
#[derive(Clone, Copy, Debug)]
pub struct Whole<const LEAST: i64>(pub i64);

impl<const LEAST: i64> Value for Whole<LEAST> {
    fn read(name: &str, text: &str, errors: &mut FieldErrors) -> Option<Self> {
        whole_number(name, text, LEAST..=i64::MAX, errors).map(Self)
    }

    fn schema() -> RefOr<Schema> {
        <i64 as PartialSchema>::schema()
    }
}

impl Value for bool {
    fn read(name: &str, text: &str, errors: &mut FieldErrors) -> Option<Self> {
        let value = text.parse().ok();
        if value.is_none() {
            errors.push(name, FieldCode::InvalidValue, format!("{name} is true or false."));
        }
        value
    }

    fn schema() -> RefOr<Schema> {
        <bool as PartialSchema>::schema()
    }
}

/// A point in time.
pub type Time = StatedTime;

impl Value for StatedTime {
    fn read(name: &str, text: &str, errors: &mut FieldErrors) -> Option<Self> {
        let micros = from_rfc3339(text);
        if micros.is_none() {
            let detail = format!("{name} is an RFC 3339 time such as 2026-01-01T00:00:00Z.");
            errors.push(name, FieldCode::InvalidValue, detail);
        }
        micros.map(|micros| Self { micros, text: text.to_owned() })
    }
}

/// Names between commas. They may be given in several parts.
#[derive(Clone, Debug)]
pub struct Names(pub String);

impl Value for Names {
    fn read(_: &str, text: &str, _: &mut FieldErrors) -> Option<Self> {
        Some(Self(text.to_owned()))
    }

    fn gather(_: &str, given: &[String], _: &mut FieldErrors) -> Option<Self> {
        (!given.is_empty()).then(|| Self(given.join(",")))
    }
}

/// A value of a closed set, by its stable name.
pub trait Choice: Copy + 'static {
    fn all() -> Vec<Self>;

    fn name(self) -> &'static str;

    fn described() -> RefOr<Schema> {
        text_schema()
    }

    fn names() -> Vec<&'static str> {
        Self::all().into_iter().map(Self::name).collect()
    }
}

impl<T: Choice> Value for T {
    fn read(name: &str, text: &str, errors: &mut FieldErrors) -> Option<Self> {
        let found = T::all().into_iter().find(|choice| choice.name() == text);
        if found.is_none() {
            errors.push(name, FieldCode::UnknownCode, format!("{name} is {}.", alternatives(&T::names())));
        }
        found
    }

    fn schema() -> RefOr<Schema> {
        T::described()
    }
}

/// `a, b or c`.
fn alternatives(names: &[&str]) -> String {
    match names {
        [others @ .., before, last] => {
            let others: String = others.iter().map(|name| format!("{name}, ")).collect();
            format!("{others}{before} or {last}")
        }
        few => few.concat(),
    }
}

/// Several values of a closed set, each given for itself.
impl<T: Choice> Value for Vec<T> {
    fn read(name: &str, text: &str, errors: &mut FieldErrors) -> Option<Self> {
        T::read(name, text, errors).map(|one| vec![one])
    }

    fn gather(name: &str, given: &[String], errors: &mut FieldErrors) -> Option<Self> {
        (!given.is_empty()).then(|| given.iter().filter_map(|text| T::read(name, text, errors)).collect())
    }

    fn schema() -> RefOr<Schema> {
        ArrayBuilder::new().items(T::described()).into()
    }
}

/// What a list is sorted by.
#[derive(Clone, Copy, Debug)]
pub struct Sort<T> {
    pub by: T,
    pub descending: bool,
}

impl<T: Choice> Value for Sort<T> {
    fn read(name: &str, text: &str, errors: &mut FieldErrors) -> Option<Self> {
        let (column, descending) = text.strip_prefix('-').map_or((text, false), |column| (column, true));
        let by = T::all().into_iter().find(|by| by.name() == column);
        if by.is_none() {
            let columns = alternatives(&T::names());
            let detail = format!("{name} is {columns}, with - before it for descending.");
            errors.push(name, FieldCode::InvalidValue, detail);
        }
        by.map(|by| Self { by, descending })
    }
}

/// A kind by its name.
pub type KindName = &'static KindDescriptor;

impl Choice for KindName {
    fn all() -> Vec<Self> {
        REGISTRY.to_vec()
    }

    fn name(self) -> &'static str {
        self.name
    }
}

/// Declares a closed set of values that only one operation has.
macro_rules! choices {
    ($(#[$meta:meta])* $vis:vis enum $name:ident { $($variant:ident = $wire:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        $vis enum $name { $($variant,)+ }

        impl $crate::http::query::Choice for $name {
            fn all() -> Vec<Self> {
                vec![$(Self::$variant,)+]
            }

            fn name(self) -> &'static str {
                match self { $(Self::$variant => $wire,)+ }
            }
        }
    };
}

pub(crate) use choices;

/// Sets that other floors declare; `described` ones have a schema of their own in the documentation.
macro_rules! choices_of {
    ($($type:ty: $all:expr, $name:expr $(, $described:ident)?;)+) => {
        $(impl Choice for $type {
            fn all() -> Vec<Self> {
                $all
            }

            fn name(self) -> &'static str {
                $name(self)
            }

            $(fn $described() -> RefOr<Schema> {
                Ref::from_schema_name(<$type as ToSchema>::name()).into()
            })?
        })+
    };
}

choices_of! {
    Role: Role::ALL.to_vec(), Role::as_str, described;
    State: State::ALL.to_vec(), State::as_str, described;
    JobState: JobState::ALL.to_vec(), JobState::as_str, described;
    JobKind: JobKind::ALL.to_vec(), JobKind::as_str, described;
    Severity: Severity::ALL.to_vec(), Severity::as_str, described;
    CheckCode: CheckCode::ALL.iter().map(|(code, ..)| *code).collect(), CheckCode::as_str, described;
    Direction: Direction::ALL.to_vec(), Direction::as_str, described;
    Lang: Lang::ALL.to_vec(), Lang::as_str;
    Format: Format::ALL.to_vec(), Format::as_str;
    Rows: Rows::ALL.to_vec(), Rows::as_str;
}

impl Choice for ListOrder {
    fn all() -> Vec<Self> {
        vec![Self::Ref, Self::Label, Self::Updated]
    }

    fn name(self) -> &'static str {
        match self {
            Self::Ref => "ref",
            Self::Label => "label",
            Self::Updated => "updated",
        }
    }
}

impl Choice for QueueOrder {
    fn all() -> Vec<Self> {
        vec![Self::Created, Self::Updated, Self::Submitted]
    }

    fn name(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Submitted => "submitted",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::alternatives;

    #[test]
    fn alternatives_are_a_part_of_a_sentence() {
        assert_eq!(alternatives(&["a"]), "a");
        assert_eq!(alternatives(&["a", "b"]), "a or b");
        assert_eq!(alternatives(&["a", "b", "c"]), "a, b or c");
    }
}
