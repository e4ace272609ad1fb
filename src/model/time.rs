//! Points in time: microseconds since 1970-01-01T00:00:00Z, as the databases store them.

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
    }
}
