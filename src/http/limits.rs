//! Limits on the rate of requests: a budget a minute for each class of operations, by account or else by address.

use std::{
    hash::Hash,
    net::IpAddr,
    num::NonZeroU32,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use governor::{
    Quota, RateLimiter,
    clock::{Clock, MonotonicClock},
    middleware::StateInformationMiddleware,
    nanos::Nanos,
    state::{StateStore, keyed::ShrinkableKeyedStateStore},
};

use super::problem::{ApiError, ProblemCode};
use crate::model::{bounded::Bounded, budgets::Budget};

/// Seconds of the window that budgets are given for.
const WINDOW: u64 = 60;

/// Keys of one budget that are remembered; the oldest is forgotten first.
const KEYS: usize = 50_000;

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const LIMIT: HeaderName = HeaderName::from_static("ratelimit");

/// Requests a minute: without an account, and with one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    pub anonymous: NonZeroU32,
    pub account: NonZeroU32,
}

/// The budgets of all classes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rates {
    pub read: Rate,
    pub search: Rate,
    pub export: Rate,
    pub write: Rate,
    pub auth: Rate,
    pub session: Rate,
}

impl Rates {
    fn of(&self, budget: Budget) -> Rate {
        match budget {
            Budget::Read => self.read,
            Budget::Search => self.search,
            Budget::Export => self.export,
            Budget::Write => self.write,
            Budget::Auth => self.auth,
            Budget::Session => self.session,
        }
    }
}

/// What is left of a budget after a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Charged {
    budget: Budget,
    /// Requests that this one counts for.
    cost: u32,
    quota: u32,
    remaining: u32,
    /// Seconds until the whole budget is there again; for a refused request, until the next one is let through.
    reset: u64,
    pub is_refused: bool,
}

impl Charged {
    /// Adds `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-11).
    pub fn add_to(&self, headers: &mut HeaderMap) {
        let name = self.budget.as_str();
        let policy = format!("\"{name}\";q={};w={WINDOW}", self.quota);
        let limit = format!("\"{name}\";r={};t={}", self.remaining, self.reset);
        for (header, text) in [(POLICY, policy), (LIMIT, limit)] {
            if let Ok(value) = HeaderValue::from_str(&text) {
                headers.insert(header, value);
            }
        }
    }

    /// The refusal.
    pub fn problem(&self) -> ApiError {
        let name = self.budget.as_str();
        let detail = match self.cost {
            1 => format!(
                "The budget {name:?} of {} requests a minute is spent; wait {} seconds.",
                self.quota, self.reset
            ),
            cost => format!(
                "The request counts for {cost}, and of the budget {name:?} of {} a minute {} are left; wait {} seconds, or \
                 ask for less.",
                self.quota, self.remaining, self.reset
            ),
        };
        ApiError {
            violated_policies: vec![name.to_owned()],
            headers: vec![(header::RETRY_AFTER, self.reset.to_string())],
            ..ApiError::new(ProblemCode::RateLimited, detail)
        }
    }
}

/// States of a budget, bounded. In the order of their last use those whose budget is whole again come first.
struct States<K>(Mutex<Bounded<K, Nanos>>);

impl<K: Hash + Eq + Clone> StateStore for States<K> {
    type Key = K;

    fn measure_and_replace<T, F, E>(&self, key: &K, measure: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let mut states = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (outcome, next) = measure(states.get(key).copied())?;
        states.put(key.clone(), next);
        // A state is the time at which the budget is whole again. It lies at most a window ahead of now.
        let now = next.saturating_sub(Nanos::from(Duration::from_secs(WINDOW)));
        states.forget_idle(|whole_at| *whole_at < now);
        Ok(outcome)
    }
}

impl<K: Hash + Eq + Clone> ShrinkableKeyedStateStore<K> for States<K> {
    fn retain_recent(&self, drop_below: Nanos) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).forget_idle(|whole_at| *whole_at < drop_below);
    }

    fn len(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

type Keyed<K, C> = RateLimiter<K, States<K>, C, StateInformationMiddleware>;

/// All budgets of all clients of this process.
pub struct Limiter<C: Clock = MonotonicClock> {
    classes: Vec<Class<C>>,
    clock: C,
}

struct Class<C: Clock> {
    budget: Budget,
    rate: Rate,
    by_address: Keyed<IpAddr, C>,
    by_account: Keyed<String, C>,
}

fn keyed<K: Hash + Eq + Clone, C: Clock + Clone>(rate: NonZeroU32, keys: usize, clock: &C) -> Keyed<K, C> {
    let states = States(Mutex::new(Bounded::new(keys)));
    RateLimiter::new(Quota::per_minute(rate), states, clock.clone())
}

impl Limiter {
    /// Full budgets for everybody.
    pub fn new(rates: &Rates) -> Self {
        Self::with_clock(rates, KEYS, MonotonicClock)
    }
}

impl<C: Clock + Clone> Limiter<C> {
    fn with_clock(rates: &Rates, keys: usize, clock: C) -> Self {
        let class = |budget| {
            let rate = rates.of(budget);
            let (by_address, by_account) = (keyed(rate.anonymous, keys, &clock), keyed(rate.account, keys, &clock));
            Class { budget, rate, by_address, by_account }
        };
        Self { classes: Budget::ALL.into_iter().map(class).collect(), clock }
    }

    /// Takes a request from the budget of the account, or of the address when there is none or the budget is counted by
    /// address always. It counts for as many as it costs, but for no more than the whole budget.
    pub fn charge(&self, budget: Budget, cost: u32, account: Option<&str>, address: IpAddr) -> Option<Charged> {
        let class = self.classes.iter().find(|c| c.budget == budget)?;
        let account = account.filter(|_| !budget.is_by_address());
        let quota = if account.is_some() { class.rate.account } else { class.rate.anonymous };
        let cost = NonZeroU32::new(cost).unwrap_or(NonZeroU32::MIN).min(quota);
        let outcome = match account {
            Some(id) => class.by_account.check_key_n(&id.to_owned(), cost),
            None => class.by_address.check_key_n(&address, cost),
        };
        // No request costs more than there can be.
        let outcome = outcome.ok()?;
        let (quota, cost) = (quota.get(), cost.get());
        let (remaining, reset, is_refused) = match outcome {
            Ok(state) => {
                let remaining = state.remaining_burst_capacity().min(quota);
                (remaining, (u64::from(quota - remaining) * WINDOW).div_ceil(u64::from(quota)), false)
            }
            Err(until) => {
                let wait = until.wait_time_from(self.clock.now());
                // What is missing comes back while it waits.
                let one = Duration::from_secs(WINDOW).as_nanos() / u128::from(quota);
                let missing = u32::try_from(wait.as_nanos().div_ceil(one)).unwrap_or(cost);
                (cost.saturating_sub(missing), wait.as_secs() + u64::from(wait.subsec_nanos() > 0), true)
            }
        };
        Some(Charged { budget, cost, quota, remaining, reset: reset.max(1), is_refused })
    }
}

#[cfg(test)]
mod tests {
    use governor::clock::FakeRelativeClock;

    use super::*;

    fn rate(anonymous: u32, account: u32) -> Rate {
        Rate { anonymous: anonymous.try_into().unwrap(), account: account.try_into().unwrap() }
    }

    fn limiter(keys: usize) -> Limiter<FakeRelativeClock> {
        let all = rate(6, 12);
        let rates = Rates { read: all, search: all, export: all, write: all, auth: all, session: all };
        Limiter::with_clock(&rates, keys, FakeRelativeClock::default())
    }

    fn address(n: u32) -> IpAddr {
        std::net::Ipv4Addr::from(n).into()
    }

    #[test]
    fn a_budget_is_spent_and_comes_back() {
        let limiter = limiter(10);
        let charge = || limiter.charge(Budget::Read, 1, None, address(1)).unwrap();
        for n in 1..=6 {
            let charged = charge();
            assert_eq!((charged.remaining, charged.reset, charged.is_refused), (6 - n, u64::from(n) * 10, false));
        }
        let refused = charge();
        assert_eq!((refused.remaining, refused.reset, refused.is_refused), (0, 10, true));
        limiter.clock.advance(Duration::from_millis(9_500));
        assert_eq!((charge().reset, charge().is_refused), (1, true));
        limiter.clock.advance(Duration::from_millis(500));
        assert!(!charge().is_refused);
        limiter.clock.advance(Duration::from_secs(60));
        assert_eq!(charge().remaining, 5);
    }

    #[test]
    fn costly_requests_count_for_several() {
        let limiter = limiter(10);
        let charge = |cost| {
            let charged = limiter.charge(Budget::Search, cost, None, address(1)).unwrap();
            (charged.remaining, charged.reset, charged.is_refused)
        };
        assert_eq!(charge(4), (2, 40, false));
        // What is left is left, and does for a smaller one.
        assert_eq!(charge(5), (2, 30, true));
        assert_eq!(charge(2), (0, 60, false));
        limiter.clock.advance(Duration::from_secs(60));
        // Nothing is dearer than a whole budget.
        assert_eq!(charge(1_000), (0, 60, false));
    }

    #[test]
    fn budgets_are_apart() {
        let limiter = limiter(10);
        for _ in 0..6 {
            limiter.charge(Budget::Read, 1, None, address(1));
        }
        let is_refused = |budget, account, n| limiter.charge(budget, 1, account, address(n)).unwrap().is_refused;
        assert!(is_refused(Budget::Read, None, 1));
        assert!(!is_refused(Budget::Read, None, 2));
        assert!(!is_refused(Budget::Search, None, 1));
        assert!(!is_refused(Budget::Read, Some("anna"), 1));
        for _ in 0..6 {
            limiter.charge(Budget::Auth, 1, Some("anna"), address(1));
        }
        assert!(is_refused(Budget::Auth, Some("boris"), 1), "signing in is counted by address");
    }

    #[test]
    fn its_memory_is_bounded_and_idle_keys_are_forgotten() {
        let limiter = limiter(1000);
        let charge = |n| limiter.charge(Budget::Read, 1, None, address(n));
        (0..5000).for_each(|n| assert!(charge(n).is_some()));
        let keys = || limiter.classes[0].by_address.len();
        assert_eq!(keys(), 1000);
        limiter.clock.advance(Duration::from_secs(130));
        charge(1);
        assert_eq!(keys(), 1);
    }
}
