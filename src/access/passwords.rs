//! Passwords: argon2id, with bounded concurrency and equal work for unknown users.

use std::{
    sync::{Condvar, Mutex, PoisonError},
    time::{Duration, Instant},
};

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, phc::PasswordHash},
};

use super::{
    blocks::Blocks,
    secret::{self, Secret},
};
use crate::{
    model::errors::{FieldCode, FieldErrors},
    usecase::{Error, Result},
};

/// How passwords are hashed.
#[derive(Clone, Copy, Debug)]
pub struct PasswordPolicy {
    /// Memory of one hash in KiB (OWASP Password Storage Cheat Sheet: 19 MiB with two passes).
    pub memory_kib: u32,
    pub passes: u32,
    /// Hashes worked on at once: memory in use is this times `memory_kib`.
    pub at_once: usize,
    /// How long a request waits for its turn.
    pub wait: Duration,
}

impl Default for PasswordPolicy {
    fn default() -> Self {
        Self { memory_kib: 19 * 1024, passes: 2, at_once: 4, wait: Duration::from_secs(5) }
    }
}

/// Length of a password, in characters.
const LENGTH: std::ops::RangeInclusive<usize> = 12..=128;

/// Makes and checks password hashes.
pub struct Passwords {
    argon: Argon2<'static>,
    gate: Gate,
    blocks: Blocks,
    /// Checked when the user is unknown, so that the answer takes as long.
    decoy: String,
}

impl Passwords {
    pub fn new(policy: PasswordPolicy) -> Result<Self> {
        let params = Params::new(policy.memory_kib, policy.passes, 1, None)
            .map_err(|e| Error::Internal(format!("argon2 parameters: {e}")))?;
        let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let gate = Gate { free: Mutex::new(policy.at_once.max(1)), freed: Condvar::new(), wait: policy.wait };
        let decoy = hash_with(&argon, &secret::random())?;
        Ok(Self { argon, gate, blocks: Blocks::default(), decoy })
    }

    /// The hash of a new password, as a PHC string; refused when it is too short or too long.
    pub fn hash(&self, password: &Secret) -> Result<String> {
        let length = password.reveal().chars().count();
        if !LENGTH.contains(&length) {
            let detail = format!("A password has {} to {} characters.", LENGTH.start(), LENGTH.end());
            return Err(Error::Invalid(FieldErrors::one("/password", FieldCode::InvalidValue, detail)));
        }
        let _turn = self.gate.enter()?;
        hash_with(&self.argon, password)
    }

    /// Whether the password belongs to the hash. Without a hash the work is done all the same, and the answer is no.
    pub fn verify(&self, password: &Secret, hash: Option<&str>) -> Result<bool> {
        let _turn = self.gate.enter()?;
        let parsed = PasswordHash::new(hash.unwrap_or(&self.decoy))
            .map_err(|e| Error::Internal(format!("a stored password hash: {e}")))?;
        let matches = self.blocks.verify(password.reveal().as_bytes(), &parsed);
        Ok(matches && hash.is_some())
    }
}

fn hash_with(argon: &Argon2, password: &Secret) -> Result<String> {
    let hash = argon
        .hash_password(password.reveal().as_bytes())
        .map_err(|e| Error::Internal(format!("hashing a password: {e}")))?;
    Ok(hash.to_string())
}

/// Lets a bounded number of hashes be worked on at once, so that logins cannot exhaust the memory.
struct Gate {
    free: Mutex<usize>,
    freed: Condvar,
    wait: Duration,
}

struct Turn<'a>(&'a Gate);

impl Gate {
    fn enter(&self) -> Result<Turn<'_>> {
        let until = Instant::now() + self.wait;
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        while *free == 0 {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(Error::Busy);
            }
            free = self.freed.wait_timeout(free, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        *free -= 1;
        Ok(Turn(self))
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        *self.0.free.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.0.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quick() -> Passwords {
        Passwords::new(PasswordPolicy { memory_kib: 64, passes: 1, at_once: 1, wait: Duration::from_millis(20) })
            .unwrap()
    }

    #[test]
    fn a_hash_belongs_to_its_password_alone() {
        let passwords = quick();
        let hash = passwords.hash(&Secret::new("correct horse battery")).unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=64,t=1,p=1$"));
        assert!(passwords.verify(&Secret::new("correct horse battery"), Some(&hash)).unwrap());
        assert!(!passwords.verify(&Secret::new("correct horse batterz"), Some(&hash)).unwrap());
        assert!(!passwords.verify(&Secret::new("anything at all"), None).unwrap());
    }

    #[test]
    fn length_is_bounded_both_ways() {
        assert!(quick().hash(&Secret::new("short")).is_err());
        assert!(quick().hash(&Secret::new("x".repeat(129))).is_err());
        assert!(quick().hash(&Secret::new("ё".repeat(12))).is_ok());
    }

    #[test]
    fn who_waits_too_long_for_a_turn_is_told_to_come_back() {
        let passwords = quick();
        let _turn = passwords.gate.enter().unwrap();
        assert!(matches!(passwords.verify(&Secret::new("x"), None), Err(Error::Busy)));
    }
}
