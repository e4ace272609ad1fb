//! Days by Julian Day Number, in the proleptic Gregorian and the proleptic Julian calendar.
//!
//! Years are astronomical: year 0 is 1 BC. The count of days within a cycle of years that begin in March is the
//! one of Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", set on Julian Day Numbers (E. G. Richards,
//! "Calendars", in Explanatory Supplement to the Astronomical Almanac, 3rd ed., 2013, section 15.11). All division
//! is floor division, so years before 0 need no case of their own.

/// The calendar the components of a date are reckoned in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Calendar {
    /// New style, extended backwards before 1582.
    Gregorian,
    /// Old style; in Russia until 31 January 1918.
    Julian,
}

/// Years beyond this magnitude are brought down to it.
pub(super) const MAX_YEAR: i64 = 1_000_000_000;

/// A cycle after which the calendar repeats, and the Julian Day Number of 1 March of its year 0.
struct Cycle {
    years: i64,
    days: i64,
    origin: i64,
}

const GREGORIAN: Cycle = Cycle { years: 400, days: 146_097, origin: 1_721_120 };
const JULIAN: Cycle = Cycle { years: 4, days: 1_461, origin: 1_721_118 };

impl Calendar {
    fn cycle(self) -> Cycle {
        match self {
            Self::Gregorian => GREGORIAN,
            Self::Julian => JULIAN,
        }
    }

    /// The name for a message.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Gregorian => "Gregorian",
            Self::Julian => "Julian",
        }
    }

    /// The Julian Day Number of a day whose month is 1 to 12 and whose year is near `MAX_YEAR` at most.
    pub(super) fn day_number(self, year: i64, month: i64, day: i64) -> i64 {
        let Cycle { years, days, origin } = self.cycle();
        // Counted from March, the leap day is the last of its year.
        let year = if month <= 2 { year - 1 } else { year };
        let in_cycle = year.rem_euclid(years);
        let in_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
        let leap_days = in_cycle / 4 - in_cycle / 100;
        origin + year.div_euclid(years) * days + in_cycle * 365 + leap_days + in_year
    }

    /// Year, month and day of a Julian Day Number; any number will do.
    fn date_of(self, number: i64) -> (i64, i64, i64) {
        let Cycle { years, days, origin } = self.cycle();
        // The origin is taken off after the first division, so that no number overflows.
        let rest = number.rem_euclid(days) - origin;
        let cycles = number.div_euclid(days) + rest.div_euclid(days);
        let in_cycle = rest.rem_euclid(days);
        let leap_days = in_cycle / 1_460 - in_cycle / 36_524 + in_cycle / 146_096;
        let year = (in_cycle - leap_days) / 365;
        let in_year = in_cycle - (year * 365 + year / 4 - year / 100);
        let march_month = (5 * in_year + 2) / 153;
        let day = in_year - (153 * march_month + 2) / 5 + 1;
        let month = (march_month + 2) % 12 + 1;
        let year = year + cycles * years;
        (if month <= 2 { year + 1 } else { year }, month, day)
    }

    /// How many days a month (1 to 12) has.
    pub(super) fn month_length(self, year: i64, month: i64) -> i64 {
        self.month_start(year, month + 1) - self.month_start(year, month)
    }

    /// The first day of a month counted from January of `year`: 13 is January of the year after.
    pub(super) fn month_start(self, year: i64, month: i64) -> i64 {
        self.day_number(year + (month - 1).div_euclid(12), (month - 1).rem_euclid(12) + 1, 1)
    }

    fn checked_day(self, year: i64, month: u32, day: u32) -> Option<i64> {
        let (month, day) = (i64::from(month), i64::from(day));
        let exists = (-MAX_YEAR..=MAX_YEAR).contains(&year)
            && (1..=12).contains(&month)
            && (1..=self.month_length(year, month)).contains(&day);
        exists.then(|| self.day_number(year, month, day))
    }

    fn checked_date(self, number: i64) -> (i64, u32, u32) {
        let (year, month, day) = self.date_of(number);
        // Months and days are small, so neither fallback is ever taken.
        (year, u32::try_from(month).unwrap_or(1), u32::try_from(day).unwrap_or(1))
    }
}

/// The Julian Day Number of a day of the proleptic Gregorian calendar; `None` when there is no such day or the year
/// lies beyond a thousand million.
pub fn gregorian_to_day(year: i64, month: u32, day: u32) -> Option<i64> {
    Calendar::Gregorian.checked_day(year, month, day)
}

/// The Julian Day Number of a day of the proleptic Julian calendar; `None` when there is no such day or the year
/// lies beyond a thousand million.
pub fn julian_to_day(year: i64, month: u32, day: u32) -> Option<i64> {
    Calendar::Julian.checked_day(year, month, day)
}

/// Year, month and day of a Julian Day Number in the proleptic Gregorian calendar.
pub fn day_to_gregorian(day: i64) -> (i64, u32, u32) {
    Calendar::Gregorian.checked_date(day)
}

/// Year, month and day of a Julian Day Number in the proleptic Julian calendar.
pub fn day_to_julian(day: i64) -> (i64, u32, u32) {
    Calendar::Julian.checked_date(day)
}

/// A day as EDTF writes it in the Gregorian calendar: `1888-10-09`, `-0044-03-15`.
///
/// A year of more than four digits is written alone (`Y170000002`), for EDTF gives such a year no month and day.
pub fn day_to_iso(day: i64) -> String {
    let (year, month, day) = day_to_gregorian(day);
    let sign = if year < 0 { "-" } else { "" };
    match year.unsigned_abs() {
        magnitude @ 0..=9_999 => format!("{sign}{magnitude:04}-{month:02}-{day:02}"),
        magnitude => format!("Y{sign}{magnitude}"),
    }
}

/// The Julian Day Number of a Gregorian day written strictly `YYYY-MM-DD`, years 0000 to 9999.
pub fn iso_to_day(text: &str) -> Option<i64> {
    let &[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = text.as_bytes() else {
        return None;
    };
    let year = digits(&[y1, y2, y3, y4])?;
    gregorian_to_day(i64::from(year), digits(&[m1, m2])?, digits(&[d1, d2])?)
}

fn digits(bytes: &[u8]) -> Option<u32> {
    bytes.iter().try_fold(0, |n, byte| Some(n * 10 + char::from(*byte).to_digit(10)?))
}
