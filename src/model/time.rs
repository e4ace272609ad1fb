//! Points in time: microseconds since 1970-01-01T00:00:00Z, as the databases store them.

/// A point in time as somebody named it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatedTime {
    pub micros: i64,
    /// How it was written.
    pub text: String,
}

/// RFC 3339 in UTC with six digits of the second, so that equal lengths sort like times.
pub fn to_rfc3339(micros: i64) -> String {
    match jiff::Timestamp::from_microsecond(micros) {
        Ok(time) => format!("{time:.6}"),
        Err(_) => String::from("9999-12-30T22:00:00.000000Z"),
    }
}

/// Reads RFC 3339 with any offset; digits beyond the microsecond are cut.
pub fn from_rfc3339(text: &str) -> Option<i64> {
    text.parse::<jiff::Timestamp>().ok().map(|t| t.as_microsecond())
}

/// A time as HTTP writes it (RFC 9110, IMF-fixdate), in whole seconds.
pub fn to_http_date(micros: i64) -> String {
    let time = jiff::Timestamp::from_second(micros.div_euclid(1_000_000)).unwrap_or(jiff::Timestamp::MAX);
    let text = jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&time);
    text.unwrap_or_else(|_| String::from("Fri, 31 Dec 9999 00:00:00 GMT"))
}

/// Reads a time as HTTP writes it, of any year.
pub fn from_http_date(text: &str) -> Option<i64> {
    let is_fixed = text.len() == 29 && text.ends_with(" GMT");
    let time = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).ok().filter(|_| is_fixed)?;
    Some(time.as_microsecond())
}

/// The Julian Day Number of the day (UTC) of a point in time.
pub fn julian_day(micros: i64) -> i64 {
    // 1970-01-01 has the number 2,440,588.
    micros.div_euclid(24 * 3600 * 1_000_000) + 2_440_588
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_survive_the_round_trip() {
        for text in ["1970-01-01T00:00:00.000000Z", "2026-11-23T12:00:00.123456Z", "1937-08-05T00:00:00.000001Z"] {
            assert_eq!(to_rfc3339(from_rfc3339(text).unwrap()), text);
        }
        assert_eq!(from_rfc3339("2026-01-01T03:00:00+03:00"), from_rfc3339("2026-01-01T00:00:00Z"));
        assert_eq!(from_rfc3339("yesterday"), None);
        for text in ["Thu, 05 Mar 1953 21:50:00 GMT", "Wed, 25 Nov 2026 00:00:00 GMT", "Thu, 01 Jan 1970 00:00:00 GMT"]
        {
            assert_eq!(to_http_date(from_http_date(text).unwrap()), text);
        }
        for bad in [
            "",
            "2026-01-01T00:00:00Z",
            "Fri, 05 Mar 1953 21:50:00 GMT",
            "Thu, 5 Mar 1953 21:50:00 GMT",
            "Thu, 05 Mar 1953 21:50:00 EST",
            "Thu, 31 Feb 1953 21:50:00 GMT",
        ] {
            assert_eq!(from_http_date(bad), None, "{bad}");
        }
        let day = |text| julian_day(from_rfc3339(text).unwrap());
        assert_eq!((day("1969-12-31T23:59:59Z"), day("1970-01-01T00:00:00Z")), (2_440_587, 2_440_588));
    }
}
