//! Extended Date/Time Format: dates as uncertain as the sources leave them, and the days they may fall on.
//!
//! The grammar is the Library of Congress profile of ISO 8601-2:2019, levels 0, 1 and 2
//! (<https://www.loc.gov/standards/datetime/>, 4 February 2019). What goes beyond it, and the rule for the
//! day interval, is in `docs/edtf.md`.

mod calendar;
mod date;
mod range;
mod time;
mod year;

#[cfg(test)]
mod tests;
#[cfg(test)]
mod vectors;

pub use calendar::{
    Calendar, day_to_gregorian, day_to_iso, day_to_julian, gregorian_to_day, iso_to_day, julian_to_day,
};

use std::{error::Error, fmt};

use date::{Date, Precision};

/// Longest text that is read, in characters.
const MAX_CHARS: usize = 200;

/// A parsed EDTF string: its level, its qualifiers and the days it may fall on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edtf {
    level: u8,
    interval: DayInterval,
    uncertain: bool,
    approximate: bool,
}

/// First and last day a date may fall on, as Julian Day Numbers: the number whose noon falls on that civil day.
///
/// `None` is unbounded on that side: an open (`..`) or unknown end, or a date that says nothing (`XXXX-XX-XX`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayInterval {
    /// The first possible day.
    pub earliest: Option<i64>,
    /// The last possible day.
    pub latest: Option<i64>,
}

/// Why a string is no EDTF.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EdtfError {
    /// One plain sentence naming what is wrong.
    pub reason: String,
}

impl EdtfError {
    fn new(reason: impl Into<String>) -> Self {
        Self { reason: reason.into() }
    }
}

impl fmt::Display for EdtfError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl Error for EdtfError {}

impl Edtf {
    /// Reads an EDTF string whose years, months and days are those of `calendar`.
    ///
    /// EDTF itself knows the proleptic Gregorian calendar only; the Julian one is this archive's addition for old
    /// style dates. A day must exist in the calendar named: `1900-02-29` does in the Julian, not in the Gregorian.
    pub fn parse(text: &str, calendar: Calendar) -> Result<Self, EdtfError> {
        if text.is_empty() {
            return Err(EdtfError::new("The date is empty."));
        }
        if text.chars().nth(MAX_CHARS).is_some() {
            return Err(EdtfError::new(format!("The date is longer than {MAX_CHARS} characters.")));
        }
        // Every sign of the grammar is ASCII, so what follows may cut the text anywhere.
        if let Some(odd) = text.chars().find(|c| !c.is_ascii_graphic()) {
            return Err(EdtfError::new(format!("The character {odd:?} has no place in an EDTF date.")));
        }
        if text.starts_with(['[', '{']) {
            range::parse_set(text, calendar)
        } else if let Some((start, end)) = text.split_once('/') {
            range::parse_interval(start, end, calendar)
        } else if let Some((date, time)) = text.split_once('T') {
            parse_date_time(date, time, calendar)
        } else {
            date::parse_date(text, calendar).map(Self::from)
        }
    }

    /// The lowest conformance level that allows the string: 0, 1 or 2.
    pub fn level(&self) -> u8 {
        self.level
    }

    /// The days the date may fall on, as strict bounds: the qualifiers `?`, `~` and `%` never widen them.
    pub fn interval(&self) -> DayInterval {
        self.interval
    }

    /// Whether any component is approximate (`~` or `%`).
    pub fn is_approximate(&self) -> bool {
        self.approximate
    }

    /// Whether any component is uncertain (`?` or `%`).
    pub fn is_uncertain(&self) -> bool {
        self.uncertain
    }
}

impl From<Date> for Edtf {
    fn from(date: Date) -> Self {
        Self {
            level: date.level,
            interval: DayInterval { earliest: date.earliest(), latest: date.latest() },
            uncertain: date.uncertain,
            approximate: date.approximate,
        }
    }
}

/// A date and a time of day, "Date and Time" of level 0: the time is checked, then only the day counts.
fn parse_date_time(date: &str, time: &str, calendar: Calendar) -> Result<Edtf, EdtfError> {
    let date = date::parse_date(date, calendar)?;
    if date.precision != Precision::Day || date.unspecified || date.uncertain || date.approximate {
        return Err(EdtfError::new("A time of day may only follow a full date without X, ?, ~ or %."));
    }
    time::check_time(time)?;
    Ok(date.into())
}
