//! Dates of citations: as exact as the days they may fall on.

use crate::model::{
    edtf::{day_to_gregorian, gregorian_to_day},
    parts::{HistoricalDate, date::Calendar},
};

/// A date with as many parts as are known: year, month, day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parts(pub Vec<i64>);

/// One date, or the first and the last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct When {
    pub first: Parts,
    pub last: Option<Parts>,
    pub is_circa: bool,
}

impl Parts {
    pub fn of_day(day: i64) -> Self {
        let (year, month, day) = day_to_gregorian(day);
        Self(vec![year, month.into(), day.into()])
    }

    /// `1937-07-30`, `1937-07` or `1937`.
    pub fn iso(&self) -> String {
        let part = |(i, n): (usize, &i64)| if i == 0 { format!("{n:04}") } else { format!("{n:02}") };
        self.0.iter().enumerate().map(part).collect::<Vec<_>>().join("-")
    }

    pub fn year(&self) -> i64 {
        self.0.first().copied().unwrap_or_default()
    }
}

/// When a date is, in the Gregorian calendar; `None` where neither end is known.
pub fn when(date: &HistoricalDate) -> Option<When> {
    let interval = date.interval()?;
    let is_circa = date.edtf.contains(['~', '?', '%', 'X']);
    Some(match (interval.earliest, interval.latest) {
        (Some(first), Some(last)) => match whole(first, last) {
            Some(first) => When { first, last: None, is_circa },
            None => When { first: Parts::of_day(first), last: Some(Parts::of_day(last)), is_circa },
        },
        (Some(day), None) | (None, Some(day)) => When { first: Parts::of_day(day), last: None, is_circa: true },
        (None, None) => return None,
    })
}

/// The day, the month or the year that begins and ends with these days.
fn whole(first: i64, last: i64) -> Option<Parts> {
    let (year, month, day) = day_to_gregorian(first);
    if first == last {
        return Some(Parts::of_day(first));
    }
    if day == 1 && month == 1 && gregorian_to_day(year, 12, 31) == Some(last) {
        return Some(Parts(vec![year]));
    }
    let next = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
    let is_month = day == 1 && gregorian_to_day(next.0, next.1, 1) == last.checked_add(1);
    is_month.then(|| Parts(vec![year, month.into()]))
}

/// Stands behind a date that is not of the Gregorian calendar.
pub fn calendar_mark(date: &HistoricalDate) -> &'static str {
    if date.calendar == Some(Calendar::Julian) { " (Julian)" } else { "" }
}
