//! The time of day of a date-time: checked, then forgotten.

use super::EdtfError;

/// Checks `hh:mm:ss`, an optional decimal fraction and an optional zone: `Z`, `±hh`, `±hh:mm` or `±hhmm`.
///
/// The fraction and `±hhmm` lie beyond the Library of Congress text and are taken because other readers take them.
/// `24:00:00` is the end of the day (ISO 8601-1); a leap second (`:60`) is refused; zones run from -12:00 to +14:00.
pub(super) fn check_time(text: &str) -> Result<(), EdtfError> {
    let zone_at = text.find(['Z', '+', '-']).unwrap_or(text.len());
    let (clock, zone) = text.split_at(zone_at);
    check_clock(clock).ok_or_else(|| {
        EdtfError::new(format!("The time of day {clock:?} is not hh:mm:ss from 00:00:00 to 24:00:00."))
    })?;
    check_zone(zone).ok_or_else(|| {
        EdtfError::new(format!("The time zone {zone:?} is neither Z nor an offset ±hh:mm from -12:00 to +14:00."))
    })
}

fn check_clock(text: &str) -> Option<()> {
    let (whole, fraction) = match text.split_once('.') {
        Some((whole, fraction)) => (whole, fraction),
        None => (text, "0"),
    };
    if fraction.is_empty() || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let &[h1, h2, b':', m1, m2, b':', s1, s2] = whole.as_bytes() else {
        return None;
    };
    let (hour, minute, second) = (two(h1, h2)?, two(m1, m2)?, two(s1, s2)?);
    let midnight = minute == 0 && second == 0 && fraction.bytes().all(|b| b == b'0');
    let sound = minute < 60 && second < 60 && (hour < 24 || (hour == 24 && midnight));
    sound.then_some(())
}

fn check_zone(text: &str) -> Option<()> {
    let (sign, hour, minute) = match *text.as_bytes() {
        [] | [b'Z'] => return Some(()),
        [sign, h1, h2] => (sign, two(h1, h2)?, 0),
        [sign, h1, h2, m1, m2] | [sign, h1, h2, b':', m1, m2] => (sign, two(h1, h2)?, two(m1, m2)?),
        _ => return None,
    };
    let offset = hour * 60 + minute;
    let sound = match sign {
        b'+' => offset <= 14 * 60,
        // ISO 8601-1 keeps -00:00 out: no offset is written with a plus.
        b'-' => (1..=12 * 60).contains(&offset),
        _ => false,
    };
    (minute < 60 && sound).then_some(())
}

fn two(tens: u8, units: u8) -> Option<u32> {
    Some(char::from(tens).to_digit(10)? * 10 + char::from(units).to_digit(10)?)
}
