//! Passwords: argon2id, with bounded concurrency and equal work for unknown users.

use std::{
    borrow::Cow,
    collections::HashSet,
    sync::{Condvar, Mutex, OnceLock, PoisonError},
    time::{Duration, Instant},
};

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, phc::PasswordHash},
};
use unicode_normalization::UnicodeNormalization;

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
/// Different characters of a password, at least.
const DIFFERENT: usize = 4;
/// Shorter names are parts of too many words to be forbidden in passwords.
const NAME_COUNTS_FROM: usize = 3;

/// Passwords long enough to be allowed that are tried first all the same; in small letters, one a line.
static COMMON: &str = include_str!("common_passwords.txt");

fn is_common(folded: &str) -> bool {
    static SET: OnceLock<HashSet<&'static str>> = OnceLock::new();
    SET.get_or_init(|| COMMON.lines().collect()).contains(folded)
}

/// A password in its one form, as OpaqueString of RFC 8265 (section 4.2.2) prepares it: other spaces become the ordinary
/// one, and letters are composed (NFC). So it is the same from every keyboard and system.
fn prepare(text: &str) -> Cow<'_, str> {
    let is_space =
        |c: char| matches!(c, '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}');
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(|c| if is_space(c) { ' ' } else { c }).nfc().collect())
}

/// Whether two passwords are the same, however they were typed.
pub fn is_same(a: &Secret, b: &Secret) -> bool {
    prepare(a.reveal()) == prepare(b.reveal())
}

/// Finds what is wrong with a password that somebody wants to have.
pub fn check(password: &Secret, username: &str, pointer: &str, errors: &mut FieldErrors) {
    let text = prepare(password.reveal());
    if text.chars().any(char::is_control) {
        let detail = "A password contains no control characters, such as tabs and line breaks.";
        errors.push(pointer, FieldCode::InvalidValue, detail);
    }
    // Spaces in a row count as one, and a letter over and over is no password (ASVS 2.1.1; NIST SP 800-63B 5.1.1.2).
    let counted = text.split_whitespace().map(|word| word.chars().count() + 1).sum::<usize>().saturating_sub(1);
    if counted < *LENGTH.start() || text.chars().count() > *LENGTH.end() {
        let detail = format!("A password has {} to {} characters.", LENGTH.start(), LENGTH.end());
        errors.push(pointer, FieldCode::InvalidValue, detail);
    }
    let folded = text.to_lowercase();
    let letters = folded.chars().collect::<HashSet<char>>().len();
    if is_common(&folded) || (counted >= *LENGTH.start() && letters < DIFFERENT) {
        errors.push(pointer, FieldCode::CommonPassword, "This password is one of those that are tried first.");
    }
    if username.len() >= NAME_COUNTS_FROM && folded.contains(&username.to_lowercase()) {
        errors.push(pointer, FieldCode::CommonPassword, "The password holds the user name.");
    }
}

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

    /// The hash of a password, as a PHC string. Whether it is a good one is for [`check`] to say.
    pub fn hash(&self, password: &Secret) -> Result<String> {
        let _turn = self.gate.enter()?;
        hash_with(&self.argon, password)
    }

    /// The hash of a password that somebody wants to have; refused when it is not a good one.
    pub fn hash_new(&self, password: &Secret, username: &str, pointer: &str) -> Result<String> {
        let mut errors = FieldErrors::default();
        check(password, username, pointer, &mut errors);
        errors.into_result(()).map_err(Error::Invalid)?;
        self.hash(password)
    }

    /// Whether the hash of a password, which is the right one, was made with other parameters than those of today, or of
    /// another form of the password.
    pub fn is_outdated(&self, password: &Secret, hash: &str) -> Result<bool> {
        if parameters(hash) != parameters(&self.decoy) {
            return Ok(true);
        }
        let (raw, prepared) = (password.reveal(), prepare(password.reveal()));
        if prepared == raw {
            return Ok(false);
        }
        let _turn = self.gate.enter()?;
        Ok(!self.blocks.verify(prepared.as_bytes(), &parse(hash)?))
    }

    /// What all hashes of today begin with: algorithm, version and costs.
    pub fn costs(&self) -> String {
        parameters(&self.decoy).join("$")
    }

    /// Whether the password belongs to the hash. Without a hash the work is done all the same, and the answer is no. What
    /// is typed in another than the one form is tried as it is too: hashes of earlier versions are of that. How much work
    /// this is, is told by the password alone.
    pub fn verify(&self, password: &Secret, hash: Option<&str>) -> Result<bool> {
        let _turn = self.gate.enter()?;
        let parsed = parse(hash.unwrap_or(&self.decoy))?;
        let (raw, prepared) = (password.reveal(), prepare(password.reveal()));
        let mut matches = self.blocks.verify(prepared.as_bytes(), &parsed);
        if prepared != raw {
            matches |= self.blocks.verify(raw.as_bytes(), &parsed);
        }
        Ok(matches && hash.is_some())
    }
}

fn parse(hash: &str) -> Result<PasswordHash> {
    PasswordHash::new(hash).map_err(|e| Error::Internal(format!("a stored password hash: {e}")))
}

/// Algorithm, version and costs of a PHC string.
fn parameters(hash: &str) -> Vec<&str> {
    hash.split('$').take(4).collect()
}

fn hash_with(argon: &Argon2, password: &Secret) -> Result<String> {
    let hash = argon
        .hash_password(prepare(password.reveal()).as_bytes())
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

    fn faults(password: &str, username: &str) -> usize {
        let mut errors = FieldErrors::default();
        check(&Secret::new(password), username, "/password", &mut errors);
        errors.0.len()
    }

    #[test]
    fn length_is_bounded_both_ways() {
        assert_eq!(faults("short", "anna"), 1);
        assert_eq!(faults(&"ёжик".repeat(32), "vera"), 0);
        assert_eq!(faults(&("ёжик".repeat(32) + "и"), "vera"), 1);
        assert_eq!(faults("ёжикёжикёжик", "vera"), 0);
        for spaced in ["            ", "ёжик        ", "ёж и  к   и ё"] {
            assert_eq!(faults(spaced, "vera"), 1, "{spaced:?}");
        }
        assert_eq!(faults(&"ё".repeat(12), "vera"), 1, "one letter over and over");
    }

    #[test]
    fn a_password_has_one_form_however_it_is_typed() {
        assert_eq!(prepare("й\u{a0}\u{3000}и\u{306} e\u{301}"), "й  й é");
        assert_eq!(prepare("Plain ASCII stays"), "Plain ASCII stays");
        // Nothing else is lost: neither case nor width nor signs.
        assert_eq!(prepare("Ａ ﬁ ₽ 👩\u{200d}🌾"), "Ａ ﬁ ₽ 👩\u{200d}🌾");
        assert_eq!(faults("a password with\ta tab", "vera"), 1);
        assert_eq!(faults("и\u{306}о\u{301}у\u{306}е\u{301}к\u{301}в", "vera"), 1, "counted as it is stored");
        let passwords = quick();
        let hash = passwords.hash(&Secret::new("мой\u{2003}второй пароль")).unwrap();
        assert!(passwords.verify(&Secret::new("мои\u{306} второи\u{306}\u{a0}пароль"), Some(&hash)).unwrap());
        assert!(!passwords.verify(&Secret::new("мои второи пароль"), Some(&hash)).unwrap());
    }

    #[test]
    fn common_passwords_and_the_own_name_are_refused() {
        assert!(COMMON.lines().count() > 300);
        for line in COMMON.lines() {
            assert!(line.chars().count() >= *LENGTH.start() && line == line.to_lowercase(), "{line}");
            assert_eq!(faults(line, "anna"), 1, "{line}");
        }
        assert_eq!(faults("PasswordPassword", "anna"), 1);
        assert_eq!(faults("the garden of Anna in May", "anna"), 1);
        assert_eq!(faults("a garden in an old town", "an"), 0);
        assert_eq!(faults("Anna", "anna"), 2, "all faults at once");
    }

    #[test]
    fn a_hash_of_other_parameters_is_outdated() {
        let hash = quick().hash(&Secret::new("correct horse battery")).unwrap();
        let password = Secret::new("correct horse battery");
        assert!(!quick().is_outdated(&password, &hash).unwrap());
        let policy = PasswordPolicy { memory_kib: 128, passes: 1, at_once: 1, wait: Duration::from_millis(20) };
        assert!(Passwords::new(policy).unwrap().is_outdated(&password, &hash).unwrap());
    }

    #[test]
    fn who_waits_too_long_for_a_turn_is_told_to_come_back() {
        let passwords = quick();
        let _turn = passwords.gate.enter().unwrap();
        assert!(matches!(passwords.verify(&Secret::new("x"), None), Err(Error::Busy)));
    }
}
