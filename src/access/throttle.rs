//! The throttle before the passwords: who has failed too often waits, and nobody is kept out for long by others.

use std::{
    hash::{BuildHasher, RandomState},
    net::IpAddr,
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::{
    model::{
        bounded::Bounded,
        throttle::{ACCOUNT, ADDRESS, Failures, HOME, PAIR},
        usernames,
    },
    usecase::{Error, Result},
};

/// Keys of each kind that are remembered.
const BOUND: usize = 100_000;

/// How long after its time a turn can be taken, in microseconds.
const TURN: i64 = 60 * 1_000_000;

/// An account name as a number: names can be long, and come from anybody.
type Name = u64;

/// What one process knows about failed attempts. It is in memory only: a restart forgets it, and so it can be bounded.
pub struct Throttle {
    known: Mutex<Known>,
    /// Seeded at random, so that nobody can make names that collide.
    hasher: RandomState,
}

struct Known {
    pairs: Bounded<(Name, IpAddr), Failures>,
    addresses: Bounded<IpAddr, Failures>,
    accounts: Bounded<Name, Failures>,
    /// When an address that was told to wait for an account may try it, whatever others do meanwhile.
    turns: Bounded<(Name, IpAddr), i64>,
    /// Addresses from which the password of the account was known before.
    homes: Bounded<(Name, IpAddr), ()>,
}

impl Default for Throttle {
    fn default() -> Self {
        Self::new(BOUND)
    }
}

impl Throttle {
    /// A throttle that remembers at most `bound` keys of each kind.
    pub fn new(bound: usize) -> Self {
        let known = Known {
            pairs: Bounded::new(bound),
            addresses: Bounded::new(bound),
            accounts: Bounded::new(bound),
            turns: Bounded::new(bound),
            homes: Bounded::new(bound),
        };
        Self { known: Mutex::new(known), hasher: RandomState::new() }
    }

    /// Lets an attempt pass or says how long it has to wait. Whether the account exists makes no difference.
    ///
    /// # Errors
    /// [`Error::TooManyAttempts`] with the seconds to wait.
    pub fn admit(&self, name: &str, address: IpAddr, now: i64) -> Result<()> {
        let name = self.name(name);
        let wait = self.lock().wait(name, address, now);
        match wait {
            0 => Ok(()),
            wait => Err(Error::wait(wait)),
        }
    }

    /// Counts a failed attempt.
    pub fn failed(&self, name: &str, address: IpAddr, now: i64) {
        let name = self.name(name);
        let mut known = self.lock();
        known.turns.remove(&(name, address));
        let failures = |found: Option<&Failures>| found.copied().unwrap_or_default();
        let pair = PAIR.failed(failures(known.pairs.get(&(name, address))), now);
        let of_address = ADDRESS.failed(failures(known.addresses.get(&address)), now);
        let of_account = ACCOUNT.failed(failures(known.accounts.get(&name)), now);
        known.pairs.put((name, address), pair);
        known.addresses.put(address, of_address);
        known.accounts.put(name, of_account);
        known.pairs.forget_idle(|f| PAIR.is_over(*f, now));
        known.addresses.forget_idle(|f| ADDRESS.is_over(*f, now));
        known.accounts.forget_idle(|f| ACCOUNT.is_over(*f, now));
        known.turns.forget_idle(|turn| now > turn.saturating_add(TURN));
    }

    /// Forgets the failures of the account at this address. Those of the address stay: an account of one's own is no pass.
    pub fn succeeded(&self, name: &str, address: IpAddr) {
        let name = self.name(name);
        let mut known = self.lock();
        known.pairs.remove(&(name, address));
        known.turns.remove(&(name, address));
        known.homes.put((name, address), ());
    }

    /// Whether the account has signed in from this address before.
    pub fn is_home(&self, name: &str, address: IpAddr) -> bool {
        let name = self.name(name);
        self.lock().homes.get(&(name, address)).is_some()
    }

    /// How many keys are remembered in all.
    pub fn len(&self) -> usize {
        let known = self.lock();
        known.pairs.len() + known.addresses.len() + known.accounts.len() + known.turns.len() + known.homes.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn name(&self, name: &str) -> Name {
        self.hasher.hash_one(usernames::fold(name))
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        // What is inside is whole after every statement.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn wait(&mut self, name: Name, address: IpAddr, now: i64) -> i64 {
        let pair = (name, address);
        // Where the account is at home, what others do to the same account, or to others at this address, does not count.
        let is_home = self.homes.get(&pair).is_some();
        let rule = if is_home { &HOME } else { &PAIR };
        let own = self.pairs.get(&pair).map_or(0, |f| rule.wait(*f, now));
        if is_home {
            return own;
        }
        let here = self.addresses.get(&address).map_or(0, |f| ADDRESS.wait(*f, now));
        own.max(here).max(self.wait_for_account(pair, now))
    }

    /// Everybody waits for their own turn, which others cannot take: otherwise who asks most often would keep the owner out.
    fn wait_for_account(&mut self, pair: (Name, IpAddr), now: i64) -> i64 {
        let wait = self.accounts.get(&pair.0).map_or(0, |f| ACCOUNT.wait(*f, now));
        if wait == 0 {
            return 0;
        }
        match self.turns.get(&pair) {
            Some(turn) if now < *turn && turn - now <= ACCOUNT.longest => turn - now,
            Some(turn) if now >= *turn && now - turn <= TURN => 0,
            _ => {
                self.turns.put(pair, now.saturating_add(wait));
                wait
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use proptest::prelude::*;

    use super::*;

    const SECOND: i64 = 1_000_000;

    fn address(n: u32) -> IpAddr {
        Ipv4Addr::from(n).into()
    }

    fn wait(throttle: &Throttle, name: &str, from: u32, now: i64) -> u64 {
        match throttle.admit(name, address(from), now) {
            Err(Error::TooManyAttempts { seconds }) => seconds,
            _ => 0,
        }
    }

    /// Attempts with a wrong password, as a client that heeds nothing makes them; how many were looked at.
    fn guess(throttle: &Throttle, name: &str, from: u32, now: i64) -> bool {
        let is_looked_at = wait(throttle, name, from, now) == 0;
        if is_looked_at {
            throttle.failed(name, address(from), now);
        }
        is_looked_at
    }

    #[test]
    fn a_pair_waits_longer_and_longer_and_a_success_resets_it() {
        let throttle = Throttle::default();
        for _ in 0..5 {
            assert!(guess(&throttle, "anna", 1, 0));
        }
        assert_eq!(wait(&throttle, "anna", 1, 0), 1);
        assert_eq!(wait(&throttle, "ANNA", 1, 0), 1);
        assert_eq!(wait(&throttle, "boris", 1, 0), 0);
        assert_eq!(wait(&throttle, "anna", 2, 0), 0);
        assert!(guess(&throttle, "anna", 1, SECOND));
        assert_eq!(wait(&throttle, "anna", 1, SECOND), 2);
        throttle.succeeded("anna", address(1));
        assert_eq!(wait(&throttle, "anna", 1, SECOND), 0);
    }

    #[test]
    fn an_address_waits_over_all_names() {
        let throttle = Throttle::default();
        for n in 0..30 {
            assert!(guess(&throttle, &format!("name{n}"), 1, 0));
        }
        assert_eq!(wait(&throttle, "another", 1, 0), 1);
        // An account of one's own does not wipe the slate.
        throttle.succeeded("own", address(1));
        assert_eq!(wait(&throttle, "another", 1, 0), 1);
        assert_eq!(wait(&throttle, "own", 1, 0), 0);
        assert_eq!(wait(&throttle, "another", 2, 0), 0);
    }

    #[test]
    fn the_owner_is_never_kept_out_by_others() {
        let throttle = Throttle::default();
        throttle.succeeded("anna", address(1));
        let mut looked_at = 0;
        // A thousand addresses guess ten times a second for a hundred seconds.
        for tick in 0..1000 {
            let now = tick * SECOND / 10;
            looked_at +=
                (0..10).filter(|n| guess(&throttle, "anna", 1000 + (tick as u32 * 10 + n) % 1000, now)).count();
            assert_eq!(wait(&throttle, "anna", 1, now), 0, "the owner at home");
        }
        assert!(looked_at > 20, "{looked_at}");
        // From an address that nobody knows the owner waits once, and not for long.
        let now = 100 * SECOND;
        let told = wait(&throttle, "anna", 2, now);
        assert!((1..=10).contains(&told), "{told}");
        for n in 0..50 {
            guess(&throttle, "anna", 5000 + n, now + SECOND);
        }
        assert_eq!(wait(&throttle, "anna", 2, now + i64::try_from(told).unwrap() * SECOND), 0);
    }

    #[test]
    fn a_neighbour_keeps_nobody_out_for_long() {
        let throttle = Throttle::default();
        (0..20).for_each(|_| throttle.failed("anna", address(1), 0));
        assert_eq!(wait(&throttle, "anna", 1, 0), 900);
        // The owner has been seen there.
        throttle.succeeded("anna", address(1));
        (0..20).for_each(|_| throttle.failed("anna", address(1), 0));
        assert_eq!(wait(&throttle, "anna", 1, 0), 60);
        assert_eq!(wait(&throttle, "anna", 1, 60 * SECOND), 0);
    }

    #[test]
    fn its_memory_is_bounded() {
        let throttle = Throttle::new(100);
        for n in 0..10_000 {
            guess(&throttle, &format!("name{n}"), n, 0);
            throttle.succeeded(&format!("good{n}"), address(n));
        }
        assert!(throttle.len() <= 500, "{}", throttle.len());
        throttle.failed("x", address(1), 24 * 3600 * SECOND);
        assert!(throttle.len() <= 103, "what is over is forgotten: {}", throttle.len());
    }

    proptest! {
        /// Whatever anybody does, who waits as told is let in, unless they failed themselves meanwhile.
        #[test]
        fn who_waits_as_told_is_let_in(steps in prop::collection::vec((0u32..4, 0u32..3, 0i64..20), 0..200)) {
            let throttle = Throttle::default();
            let mut now = 0;
            for (from, name, pause) in steps {
                now += pause * SECOND / 10;
                guess(&throttle, &format!("name{name}"), from, now);
            }
            let told = wait(&throttle, "name0", 9, now);
            prop_assert!(told <= 10);
            let later = now + i64::try_from(told).unwrap() * SECOND;
            guess(&throttle, "name0", 3, later);
            prop_assert!(told == 0 || wait(&throttle, "name0", 9, later) == 0);
        }
    }
}
