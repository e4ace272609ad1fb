//! Intervals and sets: two dates with all between them, or several dates.

use super::{
    Calendar, DayInterval, Edtf, EdtfError,
    date::{Date, parse_date},
};

/// Reads `a/b`: from the first possible day of `a` to the last possible day of `b`.
///
/// An empty side is unknown and `..` is open (level 1); neither bounds the interval.
pub(super) fn parse_interval(start: &str, end: &str, calendar: Calendar) -> Result<Edtf, EdtfError> {
    let start = interval_side(start, calendar)?;
    let end = interval_side(end, calendar)?;
    check_order(start.as_ref(), end.as_ref())?;
    let floor = if start.is_some() && end.is_some() { 0 } else { 1 };
    Ok(joined(start.as_ref(), end.as_ref(), floor))
}

/// Reads `[..]`-like and `{..}`-like sets (level 2): from the first possible day of any member to the last of any.
pub(super) fn parse_set(text: &str, calendar: Calendar) -> Result<Edtf, EdtfError> {
    let inner = text
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .or_else(|| text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')))
        .ok_or_else(|| EdtfError::new("A set that begins with [ ends with ], and one with { ends with }."))?;
    let last = inner.split(',').count().saturating_sub(1);
    inner
        .split(',')
        .enumerate()
        .map(|(index, member)| set_member(member, (index == 0, index == last), calendar))
        .reduce(|set, member| Ok(union(&set?, &member?)))
        .unwrap_or_else(|| Err(EdtfError::new("The set has no member.")))
}

/// `None` for an unknown or open side.
fn interval_side(text: &str, calendar: Calendar) -> Result<Option<Date>, EdtfError> {
    if text.is_empty() || text == ".." {
        return Ok(None);
    }
    if text.contains('/') {
        return Err(EdtfError::new("An interval has one slash."));
    }
    if text.contains('T') {
        return Err(EdtfError::new("An interval takes dates without a time of day."));
    }
    let mut date = parse_date(text, calendar)?;
    // In line with other validators: the profile shows no year with Y in an interval.
    if date.lettered {
        return Err(EdtfError::new("An interval takes no year with Y."));
    }
    // X inside an interval belongs to level 2, even where it stands on the right.
    if date.unspecified {
        date.level = 2;
    }
    Ok(Some(date))
}

/// A member is a date or, with two dots, all dates between two; open only at the ends of the set.
fn set_member(text: &str, (is_first, is_last): (bool, bool), calendar: Calendar) -> Result<Edtf, EdtfError> {
    if text.is_empty() {
        return Err(EdtfError::new("A member of the set is empty."));
    }
    let Some((start, end)) = text.split_once("..") else {
        let date = parse_date(text, calendar)?;
        return Ok(joined(Some(&date), Some(&date), 2));
    };
    if start.is_empty() && end.is_empty() {
        return Err(EdtfError::new("Two dots in a set stand beside a date."));
    }
    if (start.is_empty() && !is_first) || (end.is_empty() && !is_last) {
        return Err(EdtfError::new("Only the ends of a set may be open."));
    }
    let side = |text: &str| (!text.is_empty()).then(|| parse_date(text, calendar)).transpose();
    let (start, end) = (side(start)?, side(end)?);
    if let (Some(start), Some(end)) = (&start, &end)
        && start.precision != end.precision
    {
        return Err(EdtfError::new("The dates beside the two dots of a set have the same precision."));
    }
    check_order(start.as_ref(), end.as_ref())?;
    Ok(joined(start.as_ref(), end.as_ref(), 2))
}

fn check_order(start: Option<&Date>, end: Option<&Date>) -> Result<(), EdtfError> {
    match (start, end) {
        (Some(start), Some(end)) if !start.may_precede(end) => {
            Err(EdtfError::new("The end begins before the start, when both are taken at their first day."))
        }
        _ => Ok(()),
    }
}

fn joined(start: Option<&Date>, end: Option<&Date>, floor: u8) -> Edtf {
    let sides = || start.into_iter().chain(end);
    Edtf {
        level: sides().map(|date| date.level).fold(floor, u8::max),
        interval: DayInterval { earliest: start.and_then(Date::earliest), latest: end.and_then(Date::latest) },
        uncertain: sides().any(|date| date.uncertain),
        approximate: sides().any(|date| date.approximate),
    }
}

fn union(set: &Edtf, member: &Edtf) -> Edtf {
    Edtf {
        level: set.level.max(member.level),
        interval: DayInterval {
            earliest: set.interval.earliest.zip(member.interval.earliest).map(|(a, b)| a.min(b)),
            latest: set.interval.latest.zip(member.interval.latest).map(|(a, b)| a.max(b)),
        },
        uncertain: set.uncertain || member.uncertain,
        approximate: set.approximate || member.approximate,
    }
}
