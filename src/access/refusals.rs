//! What was refused: API keys that do not open, and rights that do not reach. It goes into the audit trail, but a flood of
//! refusals must not fill the database.

use std::{
    net::IpAddr,
    sync::{Mutex, PoisonError},
};

use serde_json::{Value, json};

use super::{
    ANONYMOUS, Access,
    audit::{Act, note, note_by, user_subject},
    sessions::MINUTE,
};
use crate::{
    model::bounded::Bounded,
    usecase::{Actor, Archive, Authority, Result},
};

/// Refusals that are told apart, by who, why and what.
const BOUND: usize = 10_000;
/// Lines a minute in all: of accounts, and apart from them of those who have none.
const LINES: u32 = 60;
/// After so long nobody asks how many were left out.
const REMEMBERED: i64 = 24 * 60 * MINUTE;

/// An API key of the right form that does not open.
#[derive(Clone, Debug)]
pub struct KeyRefusal {
    /// `unknown`, `wrong`, `revoked`, `expired` or `disabled`.
    pub reason: &'static str,
    /// Whose it is, where its prefix is one that was given out.
    pub owner: Option<KeyOwner>,
}

#[derive(Clone, Debug)]
pub struct KeyOwner {
    pub user_id: String,
    pub username: String,
    pub key_id: String,
    pub prefix: String,
}

/// Who was refused.
#[derive(Clone, Debug)]
pub enum Refused {
    /// Somebody with a key.
    Key(KeyRefusal),
    /// An account whose rights do not reach.
    Rights(Actor),
}

/// A refusal.
#[derive(Clone, Debug)]
pub struct Refusal {
    pub refused: Refused,
    /// Code of the problem.
    pub code: &'static str,
    /// Method and pattern of the address.
    pub route: String,
    pub address: IpAddr,
    /// What is counted as one client.
    pub group: IpAddr,
}

/// How many refusals have no line of their own since the last one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// Of the same account or address, for the same reason, at the same route.
    pub same: u64,
    /// Others, because there were too many lines.
    pub others: u64,
}

#[derive(Clone, PartialEq, Eq, Hash)]
enum Whom {
    Account(String),
    Address(IpAddr),
}

type Key = (Whom, &'static str, String);

/// What one process has written down lately.
pub struct Refusals(Mutex<Known>);

struct Known {
    /// When the last line was written, and how many were left out since.
    lines: Bounded<Key, (i64, u64)>,
    of_accounts: Total,
    of_addresses: Total,
}

/// The lines of the present minute.
#[derive(Default)]
struct Total {
    since: i64,
    lines: u32,
    left_out: u64,
}

impl Total {
    /// Takes one of the lines of this minute and gives how many were left out before; `None` when there is none left.
    fn take(&mut self, now: i64) -> Option<u64> {
        if !is_within_a_minute(self.since, now) {
            (self.since, self.lines) = (now, 0);
        }
        if self.lines >= LINES {
            self.left_out += 1;
            return None;
        }
        self.lines += 1;
        Some(std::mem::take(&mut self.left_out))
    }
}

/// Of two times; a clock that was set back by more begins anew.
fn is_within_a_minute(then: i64, now: i64) -> bool {
    (-MINUTE..MINUTE).contains(&now.saturating_sub(then))
}

impl Default for Refusals {
    fn default() -> Self {
        Self::new(BOUND)
    }
}

impl Refusals {
    fn new(bound: usize) -> Self {
        let lines = Bounded::new(bound);
        Self(Mutex::new(Known { lines, of_accounts: Total::default(), of_addresses: Total::default() }))
    }

    /// Whether the refusal gets a line, and how many got none before it: one a minute for each account or address, reason
    /// and route.
    pub fn admit(&self, refusal: &Refusal, now: i64) -> Option<LeftOut> {
        let (account, reason) = match &refusal.refused {
            Refused::Rights(actor) => (Some(&actor.user_id), refusal.code),
            Refused::Key(key) => (key.owner.as_ref().map(|owner| &owner.user_id), key.reason),
        };
        let whom = account.map_or(Whom::Address(refusal.group), |id| Whom::Account(id.clone()));
        let key = (whom, reason, refusal.route.clone());
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let last = known.lines.get(&key).copied();
        if let Some((at, left_out)) = last.filter(|(at, _)| is_within_a_minute(*at, now)) {
            known.lines.put(key, (at, left_out + 1));
            return None;
        }
        let total = if account.is_some() { &mut known.of_accounts } else { &mut known.of_addresses };
        let others = total.take(now)?;
        known.lines.put(key, (now, 0));
        known.lines.forget_idle(|(at, _)| now.saturating_sub(*at) > REMEMBERED);
        Some(LeftOut { same: last.map_or(0, |(_, left_out)| left_out), others })
    }
}

impl Access {
    /// Writes a refusal into the trail.
    pub fn note_refusal(&self, archive: &Archive, refusal: &Refusal, left_out: LeftOut) -> Result<()> {
        let now = archive.now();
        let mut detail = json!({"code": refusal.code, "route": refusal.route, "address": refusal.address.to_string()});
        for (name, count) in [("left_out", left_out.same), ("others_left_out", left_out.others)] {
            if count > 0 {
                detail[name] = json!(count);
            }
        }
        archive.write(Authority::Archive, |tx| match &refusal.refused {
            Refused::Rights(actor) => {
                note_by(tx, now, actor, Act::AccessRefused, format!("route {}", refusal.route), detail)
            }
            Refused::Key(key) => {
                detail["reason"] = json!(key.reason);
                if let Some(owner) = &key.owner {
                    detail["api_key"] = Value::from(owner.key_id.as_str());
                    detail["prefix"] = Value::from(owner.prefix.as_str());
                }
                let name = key.owner.as_ref().map_or(ANONYMOUS, |owner| owner.username.as_str());
                note(tx, now, ANONYMOUS, Act::KeyRefused, user_subject(name), detail)
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unknown(address: u32, route: &str) -> Refusal {
        let address = IpAddr::from(std::net::Ipv4Addr::from(address));
        let refused = Refused::Key(KeyRefusal { reason: "unknown", owner: None });
        Refusal { refused, code: "invalid_token", route: route.into(), address, group: address }
    }

    fn of_account(id: &str) -> Refusal {
        let owner = KeyOwner { user_id: id.into(), username: id.into(), key_id: "k".into(), prefix: "p".into() };
        Refusal { refused: Refused::Key(KeyRefusal { reason: "wrong", owner: Some(owner) }), ..unknown(1, "GET /") }
    }

    #[test]
    fn one_line_a_minute_tells_how_many_were_left_out() {
        let refusals = Refusals::default();
        let line = |same| Some(LeftOut { same, others: 0 });
        assert_eq!(refusals.admit(&unknown(1, "GET /a"), 0), line(0));
        for second in 0..59 {
            assert_eq!(refusals.admit(&unknown(1, "GET /a"), second * MINUTE / 60), None);
        }
        // Another route, another address, another reason.
        assert_eq!(refusals.admit(&unknown(1, "GET /b"), 1), line(0));
        assert_eq!(refusals.admit(&unknown(2, "GET /a"), 1), line(0));
        assert_eq!(refusals.admit(&of_account("anna"), 1), line(0));
        assert_eq!(refusals.admit(&of_account("anna"), 2), None);
        assert_eq!(refusals.admit(&unknown(1, "GET /a"), MINUTE), line(59));
        assert_eq!(refusals.admit(&unknown(1, "GET /a"), 2 * MINUTE), line(0));
    }

    #[test]
    fn a_flood_from_everywhere_is_bounded_and_hides_no_account() {
        let refusals = Refusals::new(1000);
        let written = (0..100_000).filter(|n| refusals.admit(&unknown(*n, "GET /"), 5).is_some()).count();
        assert_eq!(written, 60);
        assert!(refusals.admit(&of_account("anna"), 6).is_some());
        let next = refusals.admit(&unknown(200_000, "GET /"), 5 + MINUTE).unwrap();
        assert_eq!(next, LeftOut { same: 0, others: 99_940 });
        for n in 0..5000 {
            refusals.admit(&unknown(n, "GET /"), i64::from(n) * MINUTE);
        }
        assert!(refusals.0.lock().unwrap().lines.len() <= 1000);
    }

    #[test]
    fn a_clock_set_back_silences_nothing_for_long() {
        let refusals = Refusals::default();
        assert!(refusals.admit(&unknown(1, "GET /"), 100 * MINUTE).is_some());
        assert!(refusals.admit(&unknown(1, "GET /"), 0).is_some());
    }
}
