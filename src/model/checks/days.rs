//! The days a date may fall on, and what can be said of two dates with certainty.

use serde_json::Value;

use super::walk::{Found, Which, find};
use crate::model::edtf::{Calendar, DayInterval, Edtf};

const YEAR: i64 = 366;

/// A date in a body.
pub struct Dated<'a> {
    pub pointer: String,
    pub value: &'a Value,
    pub days: Days,
}

/// First and last day a date may fall on. Dates that the source gives as uncertain or approximate get a year on both
/// sides, so that only what exceeds any doubt is reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Days {
    pub earliest: Option<i64>,
    pub latest: Option<i64>,
}

impl Days {
    /// The days of a date in a body.
    pub fn of(date: &Value) -> Option<Self> {
        let edtf = Edtf::parse(date.get("edtf")?.as_str()?, calendar(date)).ok()?;
        let DayInterval { earliest, latest } = edtf.interval();
        let doubt = if edtf.is_approximate() || edtf.is_uncertain() { YEAR } else { 0 };
        Some(Self {
            earliest: earliest.map(|d| d.saturating_sub(doubt)),
            latest: latest.map(|d| d.saturating_add(doubt)),
        })
    }

    /// All days of this one come before all of the other.
    pub fn before(self, other: Self) -> bool {
        matches!((self.latest, other.earliest), (Some(last), Some(first)) if last < first)
    }

    /// No day is common to both.
    pub fn apart(self, other: Self) -> bool {
        self.before(other) || other.before(self)
    }

    /// Both ends are known and at most so many days apart.
    pub fn within(self, days: i64) -> bool {
        matches!((self.earliest, self.latest), (Some(first), Some(last)) if last.saturating_sub(first) <= days)
    }

    /// The single day it is.
    pub fn day(self) -> Option<i64> {
        self.earliest.filter(|_| self.earliest == self.latest)
    }
}

/// The least and the greatest number of full years from one date to another; `None` is unbounded.
pub fn years_between(from: Days, to: Days) -> (Option<i64>, Option<i64>) {
    let years = |first: i64, last: i64| last.saturating_sub(first).saturating_mul(400).div_euclid(146_097);
    (from.latest.zip(to.earliest).map(|(f, t)| years(f, t)), from.earliest.zip(to.latest).map(|(f, t)| years(f, t)))
}

/// The calendar a date is written in.
pub fn calendar(date: &Value) -> Calendar {
    match date.get("calendar").and_then(Value::as_str) {
        Some("julian") => Calendar::Julian,
        _ => Calendar::Gregorian,
    }
}

/// The dates at a path below a value.
pub fn dates<'a>(value: &'a Value, pointer: &str, path: &str, which: Which) -> Vec<Dated<'a>> {
    let dated = |f: Found<'a>| Some(Dated { days: Days::of(f.value)?, pointer: f.pointer, value: f.value });
    find(value, pointer, path, which).into_iter().filter_map(dated).collect()
}

/// The best date at a path of the whole body.
pub fn best_date<'a>(body: &'a Value, path: &str) -> Option<Dated<'a>> {
    dates(body, "", path, Which::Best).into_iter().next()
}

/// A date for a sentence: `11.08.1938`, `08.1938`, else as EDTF writes it.
pub fn shown(date: &Value) -> String {
    let edtf = date.get("edtf").and_then(Value::as_str).unwrap_or_default();
    let parts: Vec<&str> = edtf.split('-').collect();
    let plain = parts.iter().all(|p| matches!(p.len(), 2 | 4) && p.bytes().all(|b| b.is_ascii_digit()));
    let text = match parts.as_slice() {
        [year, month, day] if plain => format!("{day}.{month}.{year}"),
        [year, month] if plain && *month <= "12" => format!("{month}.{year}"),
        _ => edtf.to_owned(),
    };
    if calendar(date) == Calendar::Julian { format!("{text} O.S.") } else { text }
}
