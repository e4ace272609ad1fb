//! How long answers took.

use std::time::Instant;

/// How long each answer took, in microseconds, the shortest first.
pub struct Times(Vec<u32>);

impl Times {
    pub fn of(mut times: Vec<u32>) -> Self {
        times.sort_unstable();
        Self(times)
    }

    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Three percentiles, as cells of a table.
    pub fn cells(&self) -> String {
        [50, 95, 99].map(|of_hundred| self.percentile(of_hundred)).join(" | ")
    }

    fn percentile(&self, of_hundred: usize) -> String {
        let at = (self.0.len() * of_hundred / 100).min(self.0.len().saturating_sub(1));
        let millis = f64::from(self.0.get(at).copied().unwrap_or(0)) / 1_000.0;
        if millis < 10.0 { format!("{millis:.1} ms") } else { format!("{millis:.0} ms") }
    }
}

pub fn micros(since: Instant) -> u32 {
    u32::try_from(since.elapsed().as_micros()).unwrap_or(u32::MAX)
}

/// So many a second, as a cell of a table.
pub fn rate(per_second: f64) -> String {
    if per_second < 100.0 { format!("{per_second:.1}") } else { format!("{per_second:.0}") }
}
