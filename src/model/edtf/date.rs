//! A single date of any level: year, month or part of the year, day, and their qualifiers.

use super::{
    Calendar, EdtfError,
    year::{Year, bound, fits, parse_year},
};

/// The smallest component a date names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Precision {
    Year,
    /// A season, quarter, quadrimester or semester.
    PartOfYear,
    Month,
    Day,
}

/// A date and the days it may fall on.
#[derive(Clone, Debug)]
pub(super) struct Date {
    pub precision: Precision,
    pub level: u8,
    pub uncertain: bool,
    pub approximate: bool,
    /// Whether a digit is X.
    pub unspecified: bool,
    /// Whether the year is written with the letter Y.
    pub lettered: bool,
    span: Span,
    /// False for `XXXX`, `XXXX-XX` and `XXXX-XX-XX`, which bound nothing.
    bounded: bool,
}

/// The days a date covers under all fillings of its unspecified digits.
#[derive(Clone, Copy, Debug)]
struct Span {
    first: i64,
    last: i64,
    /// The first day under the latest filling.
    last_start: i64,
}

impl Date {
    /// The first possible day.
    pub fn earliest(&self) -> Option<i64> {
        self.bounded.then_some(self.span.first)
    }

    /// The last possible day.
    pub fn latest(&self) -> Option<i64> {
        self.bounded.then_some(self.span.last)
    }

    /// Whether some filling of this date begins no later than some filling of `end`.
    pub fn may_precede(&self, end: &Self) -> bool {
        self.span.first <= end.span.last_start
    }
}

/// One component with the qualifiers beside it.
struct Component<'a> {
    left: Option<char>,
    text: &'a str,
    right: Option<char>,
}

/// Reads a date without a time of day.
pub(super) fn parse_date(text: &str, calendar: Calendar) -> Result<Date, EdtfError> {
    let (negative, components) = split(text)?;
    let (year_text, month, day) = match components.as_slice() {
        [year] => (year.text, None, None),
        [year, month] => (year.text, Some(month.text), None),
        [year, month, day] => (year.text, Some(month.text), Some(day.text)),
        _ => {
            return Err(EdtfError::new("A date has a year, a month and a day at most."));
        }
    };
    let year = parse_year(year_text, negative)?;
    if month.is_some() && year.pattern.is_none() {
        return Err(EdtfError::new("A year with Y or with significant digits takes no month."));
    }
    for (name, text) in [("month", month), ("day", day)] {
        if let Some(text) = text.filter(|t| !two_digits(t)) {
            return Err(EdtfError::new(format!(
                "The {name} {text:?} is not two digits, with a capital X for an unspecified one."
            )));
        }
    }
    let (precision, span, part_level) = match (month, day) {
        (None, _) => (Precision::Year, months(calendar, (year.low, 1), (year.high, 1), 12), 0),
        (Some(month), None) => month_span(&year, month, calendar)?,
        (Some(month), Some(day)) => (Precision::Day, day_span(&year, month, day, calendar)?, 0),
    };
    let masked: Vec<&str> = if year.pattern.is_some() { components.iter().map(|c| c.text).collect() } else { vec![] };
    let blank = |text: &&str| text.bytes().all(|b| b == b'X');
    Ok(Date {
        precision,
        level: [year.level, part_level, qualifier_level(&components), unspecified_level(&masked)]
            .into_iter()
            .fold(0, u8::max),
        uncertain: any_mark(&components, ['?', '%']),
        approximate: any_mark(&components, ['~', '%']),
        unspecified: masked.iter().any(|text| text.contains('X')),
        lettered: year.lettered,
        span,
        bounded: masked.is_empty() || negative || !masked.iter().all(blank),
    })
}

/// Cuts a date at its hyphens and takes off the minus of the year and the qualifiers.
fn split(text: &str) -> Result<(bool, Vec<Component<'_>>), EdtfError> {
    let mut rest = text;
    let mut negative = false;
    let mut components = Vec::new();
    loop {
        let left = take_qualifier(&mut rest);
        let mut sign = 0;
        if components.is_empty() {
            if let Some(after) = rest.strip_prefix('-') {
                (negative, rest) = (true, after);
            }
            // The minus of a year with Y is part of it.
            sign = if rest.starts_with("Y-") { 2 } else { 0 };
        }
        let end = rest.get(sign..).and_then(|r| r.find(['-', '?', '~', '%'])).map_or(rest.len(), |n| n + sign);
        let (token, after) = rest.split_at(end);
        rest = after;
        let right = take_qualifier(&mut rest);
        components.push(Component { left, text: token, right });
        if rest.is_empty() {
            return Ok((negative, components));
        }
        rest = rest
            .strip_prefix('-')
            .ok_or_else(|| EdtfError::new(format!("A hyphen or the end should follow {token:?} and its qualifier.")))?;
    }
}

fn take_qualifier(rest: &mut &str) -> Option<char> {
    let qualifier = rest.chars().next().filter(|c| matches!(c, '?' | '~' | '%'))?;
    *rest = rest.get(1..).unwrap_or_default();
    Some(qualifier)
}

fn any_mark(components: &[Component<'_>], marks: [char; 2]) -> bool {
    components.iter().flat_map(|c| [c.left, c.right]).flatten().any(|mark| marks.contains(&mark))
}

/// Level 1 qualifies the whole date by a sign at its end, level 2 any component.
fn qualifier_level(components: &[Component<'_>]) -> u8 {
    let inner = components.iter().rev().skip(1).any(|c| c.right.is_some());
    if inner || components.iter().any(|c| c.left.is_some()) {
        return 2;
    }
    u8::from(components.iter().any(|c| c.right.is_some()))
}

/// Level 1 allows X from the right (`201X`, `20XX`, `2004-XX`, `1985-04-XX`, `1985-XX-XX`) and, as in use though not
/// among its examples, a date of X alone; level 2 allows X anywhere.
fn unspecified_level(components: &[&str]) -> u8 {
    if !components.iter().any(|text| text.contains('X')) {
        return 0;
    }
    let from_right = match *components {
        [year] => {
            let stem = year.trim_end_matches('X');
            !stem.contains('X') && stem.len() != 1
        }
        [year, "XX"] => year == "XXXX" || !year.contains('X'),
        [year, month, "XX"] => {
            (year == "XXXX" || !year.contains('X')) && (month == "XX" || !month.contains('X') && year != "XXXX")
        }
        _ => false,
    };
    if from_right { 1 } else { 2 }
}

fn two_digits(text: &str) -> bool {
    text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit() || b == b'X')
}

/// The span from the month `from` to the last of the `length` months that begin with the month `to`.
fn months(calendar: Calendar, from: (i64, i64), to: (i64, i64), length: i64) -> Span {
    Span {
        first: calendar.month_start(from.0, from.1),
        last: calendar.month_start(to.0, to.1 + length) - 1,
        last_start: calendar.month_start(to.0, to.1),
    }
}

fn matching_months(pattern: &str) -> impl DoubleEndedIterator<Item = i64> + '_ {
    (1..=12).filter(move |month| fits(pattern, *month))
}

fn month_span(year: &Year<'_>, month: &str, calendar: Calendar) -> Result<(Precision, Span, u8), EdtfError> {
    if let Some((start, length, level)) = part_of_year(month) {
        let span = months(calendar, (year.low, start), (year.high, start), length);
        return Ok((Precision::PartOfYear, span, level));
    }
    match (matching_months(month).next(), matching_months(month).next_back()) {
        (Some(first), Some(last)) => {
            let span = months(calendar, (year.low, first), (year.high, last), 1);
            Ok((Precision::Month, span, 0))
        }
        _ => Err(EdtfError::new(format!("{month:?} is neither a month 01 to 12 nor a part of the year 21 to 41."))),
    }
}

/// First month, length in months and level of a sub-year grouping, "Seasons" and "Sub-year groupings" of the profile.
///
/// The profile names them without dates; the months are this archive's rule. A winter that begins in December ends
/// in February of the next year.
fn part_of_year(month: &str) -> Option<(i64, i64, u8)> {
    if month.contains('X') {
        return None;
    }
    Some(match bound(month, 0) {
        number @ 21..=24 => (3 + (number - 21) * 3, 3, 1),
        number @ 25..=28 => (3 + (number - 25) * 3, 3, 2),
        number @ 29..=30 => (9 + (number - 29) * 3, 3, 2),
        number @ 31..=32 => (3 + (number - 31) * 3, 3, 2),
        number @ 33..=36 => (1 + (number - 33) * 3, 3, 2),
        number @ 37..=39 => (1 + (number - 37) * 4, 4, 2),
        number @ 40..=41 => (1 + (number - 40) * 6, 6, 2),
        _ => return None,
    })
}

/// The earliest and the latest day that exist in the calendar and match all three components.
fn day_span(year: &Year<'_>, month: &str, day: &str, calendar: Calendar) -> Result<Span, EdtfError> {
    if part_of_year(month).is_some() {
        return Err(EdtfError::new(format!("The part of the year {month} takes no day.")));
    }
    if matching_months(month).next().is_none() {
        return Err(EdtfError::new(format!("There is no month {month}.")));
    }
    let days = |year, month| {
        (1..=calendar.month_length(year, month))
            .filter(|number| fits(day, *number))
            .map(move |number| calendar.day_number(year, month, number))
    };
    let first = year.matching().find_map(|year| matching_months(month).find_map(|month| days(year, month).next()));
    let last = year
        .matching()
        .rev()
        .find_map(|year| matching_months(month).rev().find_map(|month| days(year, month).next_back()));
    match (first, last) {
        (Some(first), Some(last)) => Ok(Span { first, last, last_start: last }),
        _ => Err(EdtfError::new(format!(
            "There is no day {day} in month {month} of that year in the {} calendar.",
            calendar.name()
        ))),
    }
}
