//! How long the next attempt at a password has to wait: a rule from what failed and the time to a delay.

/// Microseconds of a second.
const SECOND: i64 = 1_000_000;
const MINUTE: i64 = 60 * SECOND;

/// The attempts that failed: how many, and when the last one did (microseconds).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Failures {
    pub count: u32,
    pub last: i64,
}

/// From which failure on one has to wait, and how long. All times are in microseconds.
#[derive(Clone, Copy, Debug)]
pub struct DelayRule {
    /// Failures that cost nothing.
    pub free: u32,
    /// The delay after the failure that is no longer free; it doubles with each further one.
    pub first: i64,
    /// No delay is longer.
    pub longest: i64,
    /// After so long without a failure all is forgotten. Longer than the longest delay.
    pub memory: i64,
}

/// Attempts at one account from one address.
pub const PAIR: DelayRule = DelayRule { free: 5, first: SECOND, longest: 15 * MINUTE, memory: 60 * MINUTE };

/// The same where the account has signed in before. Whoever else is at that address can make the owner wait, but not for long.
pub const HOME: DelayRule = DelayRule { longest: MINUTE, ..PAIR };

/// Attempts from one address, whatever the account.
pub const ADDRESS: DelayRule = DelayRule { free: 30, first: SECOND, longest: 15 * MINUTE, memory: 30 * MINUTE };

/// Attempts at one account, from wherever. The delay stays short, for the owner may be among those who wait.
pub const ACCOUNT: DelayRule = DelayRule { free: 20, first: SECOND, longest: 10 * SECOND, memory: 15 * MINUTE };

impl DelayRule {
    /// How long the next attempt has to wait from now on; 0 when it need not.
    pub fn wait(&self, failures: Failures, now: i64) -> i64 {
        let elapsed = now.saturating_sub(failures.last);
        // A clock that was set back must lock nobody out until it has caught up.
        if failures.count < self.free || elapsed >= self.memory || elapsed < -self.longest {
            return 0;
        }
        let doublings = failures.count - self.free;
        let factor = 1i64.checked_shl(doublings).filter(|f| *f > 0).unwrap_or(i64::MAX);
        let delay = self.first.saturating_mul(factor).min(self.longest);
        (delay - elapsed.max(0)).max(0)
    }

    /// The failures with one more.
    pub fn failed(&self, failures: Failures, now: i64) -> Failures {
        let is_forgotten = now.saturating_sub(failures.last) >= self.memory;
        let count = if is_forgotten { 0 } else { failures.count };
        Failures { count: count.saturating_add(1), last: now }
    }

    /// Whether these failures no longer matter.
    pub fn is_over(&self, failures: Failures, now: i64) -> bool {
        now.saturating_sub(failures.last) >= self.memory
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn after(rule: &DelayRule, failures: u32) -> Failures {
        (0..failures).fold(Failures::default(), |f, _| rule.failed(f, 1))
    }

    #[test]
    fn delays_double_from_a_second_to_the_longest() {
        let waits: Vec<i64> = (4..18).map(|n| PAIR.wait(after(&PAIR, n), 1) / SECOND).collect();
        assert_eq!(waits, [0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]);
        assert_eq!(HOME.wait(after(&HOME, 1_000), 1), MINUTE);
        assert_eq!(ACCOUNT.wait(after(&ACCOUNT, 1_000_000), 1), 10 * SECOND);
        assert_eq!(ADDRESS.wait(after(&ADDRESS, 29), 1), 0);
        assert_eq!(ADDRESS.wait(after(&ADDRESS, 30), 1), SECOND);
    }

    fn rules() -> impl Strategy<Value = DelayRule> {
        prop::sample::select(vec![PAIR, HOME, ADDRESS, ACCOUNT])
    }

    proptest! {
        #[test]
        fn nobody_waits_longer_than_the_longest(
            rule in rules(), count: u32, last in -1_000_000_000_000i64..1_000_000_000_000, now in -1_000_000_000_000i64..1_000_000_000_000
        ) {
            let wait = rule.wait(Failures { count, last }, now);
            prop_assert!((0..=rule.longest).contains(&wait));
        }

        #[test]
        fn who_waits_as_told_is_let_in(rule in rules(), count in 0u32..100, last in 0i64..1_000_000_000, later in 0i64..10_000_000_000) {
            let failures = Failures { count, last };
            let wait = rule.wait(failures, last + later);
            prop_assert_eq!(rule.wait(failures, last + later + wait), 0);
        }

        #[test]
        fn another_failure_never_shortens_the_wait(rule in rules(), count in 0u32..100, now in 0i64..1_000_000_000) {
            let failures = Failures { count, last: now };
            let more = rule.failed(failures, now);
            prop_assert_eq!(more.count, count + 1);
            prop_assert!(rule.wait(more, now) >= rule.wait(failures, now));
        }

        #[test]
        fn all_is_forgotten_after_the_memory(rule in rules(), count: u32, last in 0i64..1_000_000_000) {
            let failures = Failures { count, last };
            prop_assert_eq!(rule.wait(failures, last + rule.memory), 0);
            prop_assert!(rule.is_over(failures, last + rule.memory));
            prop_assert_eq!(rule.failed(failures, last + rule.memory).count, 1);
        }

        #[test]
        fn a_clock_set_back_locks_nobody_out(rule in rules(), count: u32, back in 0i64..1_000_000_000_000) {
            let failures = Failures { count, last: back };
            // Whatever the clock says, two of the longest delays later the way is free.
            let waits = rule.wait(failures, 0) > 0;
            prop_assert!(!waits || back <= rule.longest);
        }
    }
}
