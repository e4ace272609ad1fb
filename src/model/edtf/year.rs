//! The year of a date: four digits, a letter-prefixed or exponential year, significant digits.

use super::{EdtfError, calendar::MAX_YEAR};

/// Keeps a power of ten in reach of `i64`; far beyond `MAX_YEAR`, so nothing is lost by stopping there.
const CEILING: i64 = 1_000_000_000_000_000_000;

/// The years a year component may stand for.
#[derive(Clone, Debug)]
pub(super) struct Year<'a> {
    /// The first possible year.
    pub low: i64,
    /// The last possible year.
    pub high: i64,
    /// Four digits or X that narrow the years between; `None` when all of them count.
    pub pattern: Option<&'a str>,
    /// Whether it is written with the letter Y.
    pub lettered: bool,
    /// The lowest level that allows it, unspecified digits aside.
    pub level: u8,
}

impl Year<'_> {
    /// The years that match, in order.
    pub fn matching(&self) -> impl DoubleEndedIterator<Item = i64> + '_ {
        (self.low..=self.high).filter(|year| self.pattern.is_none_or(|p| fits(p, year.abs())))
    }
}

/// Reads a year from which a leading minus has been taken off, unless the year begins with Y.
pub(super) fn parse_year(token: &str, negative: bool) -> Result<Year<'_>, EdtfError> {
    if let Some(body) = token.strip_prefix('Y') {
        if negative {
            return Err(EdtfError::new("The minus of a year with Y stands after the Y."));
        }
        return lettered_year(body);
    }
    if let Some((year, significant)) = token.split_once('S') {
        if !four(year, |b| b.is_ascii_digit()) {
            return Err(not_a_year(year));
        }
        return significant_year(bound(year, 0), significant, negative, false);
    }
    if !four(token, |b| b.is_ascii_digit() || b == b'X') {
        return Err(not_a_year(token));
    }
    let (least, most) = (bound(token, 0), bound(token, 9));
    // The year before 0001 is 0000, and has no other name.
    if negative && most == 0 {
        return Err(minus_zero());
    }
    let (low, high) = if negative { (-most, -least.max(1)) } else { (least, most) };
    Ok(Year { low, high, pattern: Some(token), lettered: false, level: u8::from(negative) })
}

/// `Y170000002`, `Y-17E7`, `Y3388E2S3`: only years of more than four digits, and beyond `MAX_YEAR` brought down to it.
fn lettered_year(body: &str) -> Result<Year<'_>, EdtfError> {
    let (negative, body) = match body.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, body),
    };
    let (body, significant) = match body.split_once('S') {
        Some((body, significant)) => (body, Some(significant)),
        None => (body, None),
    };
    let (number, exponent) = match body.split_once('E') {
        Some((number, exponent)) => (number, Some(positive(exponent)?)),
        None => (body, None),
    };
    let magnitude = times_ten_to(positive(number)?, exponent.unwrap_or(0));
    if magnitude < 10_000 {
        return Err(EdtfError::new("A year with Y has more than four digits."));
    }
    if let Some(significant) = significant {
        return significant_year(magnitude, significant, negative, true);
    }
    let level = if exponent.is_some() { 2 } else { 1 };
    Ok(span(magnitude, magnitude, negative, true, level))
}

/// `1950S2`: the years that share the leading digits; no more digits can be significant than the number has.
fn significant_year<'a>(
    magnitude: i64,
    significant: &str,
    negative: bool,
    lettered: bool,
) -> Result<Year<'a>, EdtfError> {
    if negative && magnitude == 0 {
        return Err(minus_zero());
    }
    let digits = magnitude.checked_ilog10().map_or(1, |n| i64::from(n) + 1);
    let unit = times_ten_to(1, digits.saturating_sub(positive(significant)?).max(0));
    let least = magnitude / unit * unit;
    Ok(span(least, least + unit - 1, negative, lettered, 2))
}

fn span<'a>(least: i64, most: i64, negative: bool, lettered: bool, level: u8) -> Year<'a> {
    let (least, most) = (least.min(MAX_YEAR), most.min(MAX_YEAR));
    let (low, high) = if negative { (-most, -least) } else { (least, most) };
    Year { low, high, pattern: None, lettered, level }
}

/// A positive whole number without leading zeros, stopped at `CEILING`.
fn positive(digits: &str) -> Result<i64, EdtfError> {
    if digits.is_empty() || digits.starts_with('0') || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(EdtfError::new(format!(
            "{digits:?} in the year is not a whole number above zero without leading zeros."
        )));
    }
    Ok(digits.parse().map_or(CEILING, |n: i64| n.min(CEILING)))
}

fn times_ten_to(number: i64, exponent: i64) -> i64 {
    u32::try_from(exponent)
        .ok()
        .and_then(|e| 10_i64.checked_pow(e))
        .and_then(|power| number.checked_mul(power))
        .map_or(CEILING, |n| n.min(CEILING))
}

/// The number a pattern of digits and X gives when every X is `filler`.
pub(super) fn bound(pattern: &str, filler: u32) -> i64 {
    pattern.chars().fold(0, |n, c| n * 10 + i64::from(c.to_digit(10).unwrap_or(filler)))
}

/// Whether a number, written with leading zeros, is one of the fillings of a pattern of digits and X.
pub(super) fn fits(pattern: &str, number: i64) -> bool {
    let mut rest = number;
    pattern.bytes().rev().all(|byte| {
        let digit = rest % 10;
        rest /= 10;
        byte == b'X' || i64::from(byte) - i64::from(b'0') == digit
    })
}

fn four(text: &str, allowed: impl Fn(u8) -> bool) -> bool {
    text.len() == 4 && text.bytes().all(allowed)
}

fn minus_zero() -> EdtfError {
    EdtfError::new("There is no year -0000; the year before 0001 is 0000.")
}

fn not_a_year(token: &str) -> EdtfError {
    let hint = if !token.is_empty() && token.bytes().all(|b| b.is_ascii_digit()) {
        match token.len() {
            1..=3 => "; a decade is written 193X and a century 19XX",
            _ => "; a longer year begins with Y",
        }
    } else {
        ", with a capital X for an unspecified digit"
    };
    EdtfError::new(format!("The year {token:?} is not four digits{hint}."))
}
