//! The second factor: time-based one-time codes (RFC 6238) and recovery codes.

use serde::Serialize;
use serde_json::json;
use totp_rs::{Builder, Totp};
use utoipa::ToSchema;

use super::{
    Access, OPERATOR,
    audit::{Act, note, note_by, user_subject},
    secret::{Secret, random_letters},
    sessions::Client,
};
use crate::{
    store::{ReadTx, TotpRow, UserRow, WriteTx},
    usecase::{Actor, Archive, Authority, Error, Result},
};

/// Bytes of a secret: as many as SHA-1 gives (RFC 4226 section 4).
const SECRET: usize = 20;
const RECOVERY_CODES: usize = 10;
/// Letters of a recovery code, five bits each, in groups of four.
const LETTERS: usize = 24;
/// Wrong codes in a row that are looked at without waiting. Only who knows the password can send any.
const FREE_FAILURES: i64 = 10;
/// The wait after that, in seconds: it doubles, up to an hour.
const WAIT: i64 = 30;
const LONGEST_WAIT: i64 = 3600;

/// What an authenticator is set up with.
#[derive(Debug, Serialize, ToSchema)]
pub struct Enrolment {
    /// Base32, to type in by hand. Shown this once.
    #[serde(serialize_with = "Secret::shown")]
    #[schema(value_type = String)]
    pub secret: Secret,
    /// The same for a QR code.
    #[serde(serialize_with = "Secret::shown")]
    #[schema(value_type = String)]
    pub otpauth_uri: Secret,
}

/// Codes for the day on which the authenticator is lost.
#[derive(Debug, ToSchema, Serialize)]
pub struct RecoveryCodes {
    /// Each works once, in place of a code. Shown this once.
    #[serde(serialize_with = "shown")]
    #[schema(value_type = Vec<String>)]
    pub recovery_codes: Vec<Secret>,
}

fn shown<S: serde::Serializer>(codes: &[Secret], serializer: S) -> std::result::Result<S::Ok, S::Error> {
    serializer.collect_seq(codes.iter().map(Secret::reveal))
}

/// Whether the caller has a second factor.
#[derive(Debug, Serialize, ToSchema)]
pub struct TotpView {
    pub enabled: bool,
    #[schema(example = 10)]
    pub recovery_codes_left: i64,
}

/// SHA-1, six digits, thirty seconds, one step of grace on both sides.
fn generator(secret: &str, account: &str, issuer: &str) -> Result<Totp> {
    let broken = |what: String| Error::Internal(format!("a second factor: {what}"));
    let secret = totp_rs::Secret::try_from_base32(secret).map_err(|e| broken(e.to_string()))?;
    let builder = Builder::new().with_secret(secret).with_digits(6).with_skew(1).with_step_duration(30);
    let builder = builder.with_account_name(account).with_issuer(Some(issuer.replace(':', " ")));
    builder.build().map_err(|e| broken(e.to_string()))
}

/// The time step of a code that is right at a time and comes after `last_step`.
fn step_of(totp: &Totp, code: &str, last_step: i64, now: i64) -> Option<i64> {
    let seconds = u64::try_from(now / 1_000_000).ok()?;
    let step = i64::try_from(totp.check(code, seconds)?).ok()?;
    (step > last_step).then_some(step)
}

/// A recovery code without what people put between its letters.
fn plain(code: &Secret) -> Secret {
    let letters = code.reveal().chars().filter(|c| c.is_ascii_alphanumeric());
    Secret::new(letters.collect::<String>().to_ascii_lowercase())
}

/// Microseconds until the next code is looked at. Three codes of a million are right at a time: an hour between guesses keeps
/// the chance of hitting one below three in a hundred for a year.
fn wait(factor: &TotpRow, now: i64) -> i64 {
    let Ok(doublings) = u32::try_from(factor.failures - FREE_FAILURES) else { return 0 };
    let seconds = WAIT.saturating_mul(2_i64.saturating_pow(doublings)).min(LONGEST_WAIT);
    factor.failed_at.saturating_add(seconds * 1_000_000).saturating_sub(now).max(0)
}

/// Whether the account has a second factor that counts.
pub fn is_enabled(tx: &mut ReadTx, user_id: &str) -> Result<bool> {
    Ok(tx.totp(user_id)?.is_some_and(|factor| factor.confirmed_at.is_some()))
}

/// Takes a code or a recovery code, and makes sure that neither is taken again. Wrong ones are counted.
///
/// # Errors
/// [`Error::TooManyAttempts`] after too many wrong ones in a row; nothing is looked at then.
pub fn accept(tx: &mut WriteTx, user: &UserRow, mut factor: TotpRow, otp: &Secret, now: i64) -> Result<bool> {
    let wait = wait(&factor, now);
    if wait > 0 {
        return Err(Error::wait(wait));
    }
    let totp = generator(&factor.secret, &user.username, "")?;
    if let Some(step) = step_of(&totp, otp.reveal(), factor.last_step, now) {
        (factor.last_step, factor.failures) = (step, 0);
        tx.update_totp(&factor)?;
        return Ok(true);
    }
    if tx.use_recovery_code(&user.id, &plain(otp).digest(), now)? {
        let left = tx.count_recovery_codes(&user.id)?;
        let detail = json!({"recovery_codes_left": left});
        note(tx, now, &user.username, Act::RecoveryCodeUsed, user_subject(&user.username), detail)?;
        factor.failures = 0;
        tx.update_totp(&factor)?;
        return Ok(true);
    }
    factor.failures = factor.failures.saturating_add(1);
    factor.failed_at = now;
    tx.update_totp(&factor)?;
    Ok(false)
}

/// Whether the caller has a second factor, and how many recovery codes are left.
pub fn totp_state(tx: &mut ReadTx, actor: &Actor) -> Result<TotpView> {
    let enabled = is_enabled(tx, &actor.user_id)?;
    let recovery_codes_left = if enabled { tx.count_recovery_codes(&actor.user_id)? } else { 0 };
    Ok(TotpView { enabled, recovery_codes_left })
}

fn enrol(tx: &mut WriteTx, actor: &Actor, issuer: &str, now: i64) -> Result<Enrolment> {
    if is_enabled(tx, &actor.user_id)? {
        return Err(Error::TotpState("the account has a second factor already; remove it first"));
    }
    let secret = totp_rs::Secret::from(rand::random::<[u8; SECRET]>()).to_base32();
    let totp = generator(&secret, &actor.username, issuer)?;
    let uri = totp.to_url().map_err(|e| Error::Internal(format!("the address of a second factor: {e}")))?;
    tx.put_totp(&TotpRow {
        user_id: actor.user_id.clone(),
        secret: secret.clone(),
        created_at: now,
        confirmed_at: None,
        last_step: 0,
        failures: 0,
        failed_at: 0,
    })?;
    Ok(Enrolment { secret: Secret::new(secret), otpauth_uri: Secret::new(uri) })
}

/// Takes the second factor of an account away from the machine itself: for who has lost both it and the recovery codes.
pub fn remove_totp_as_operator(archive: &Archive, username: &str) -> Result<()> {
    let now = archive.now();
    archive.write(Authority::Operator, |tx| {
        let user = tx.user_by_name(username)?.ok_or(Error::NotFound("account"))?;
        if !tx.delete_totp(&user.id)? {
            return Err(Error::TotpState("the account has no second factor"));
        }
        note(tx, now, OPERATOR, Act::TotpDisabled, user_subject(&user.username), json!({}))
    })
}

impl Access {
    /// Makes a secret for the caller, who gives the password once more; it counts when a code of it has been shown.
    pub fn enrol_totp(
        &self,
        archive: &Archive,
        actor: &Actor,
        password: &Secret,
        client: &Client,
    ) -> Result<Enrolment> {
        let confirmed = self.confirm_password(archive, actor, password, client)?;
        let now = archive.now();
        archive.write(Authority::Caller(actor), |tx| {
            confirmed.still_holds(tx, actor)?;
            enrol(tx, actor, &self.tokens.settings.issuer, now)
        })
    }

    /// Makes the secret of [`Access::enrol_totp`] count, with a code of it, and gives the recovery codes.
    pub fn confirm_totp(
        &self,
        archive: &Archive,
        actor: &Actor,
        otp: &Secret,
        client: &Client,
    ) -> Result<RecoveryCodes> {
        let now = archive.now();
        let confirmed = archive.write(Authority::Caller(actor), |tx| -> Result<Option<RecoveryCodes>> {
            let pending = tx.totp(&actor.user_id)?.filter(|factor| factor.confirmed_at.is_none());
            let mut factor = pending.ok_or(Error::TotpState("there is no second factor to confirm"))?;
            let totp = generator(&factor.secret, &actor.username, "")?;
            let Some(step) = step_of(&totp, otp.reveal(), factor.last_step, now) else {
                let detail = json!({"reason": "otp", "address": client.address});
                note_by(tx, now, actor, Act::SignInFailed, user_subject(&actor.username), detail)?;
                return Ok(None);
            };
            factor.last_step = step;
            factor.confirmed_at = Some(now);
            tx.update_totp(&factor)?;
            let mut codes = Vec::new();
            for _ in 0..RECOVERY_CODES {
                let letters = random_letters(LETTERS);
                tx.insert_recovery_code(&actor.user_id, &Secret::new(letters.as_str()).digest(), now)?;
                let groups: Vec<&str> = (0..LETTERS / 4).map(|i| &letters[4 * i..4 * i + 4]).collect();
                codes.push(Secret::new(groups.join("-")));
            }
            // They were opened without a code.
            let ended = tx.end_sessions(&actor.user_id, actor.session_id(), now)?;
            let detail = json!({"sessions_ended": ended});
            note_by(tx, now, actor, Act::TotpEnabled, user_subject(&actor.username), detail)?;
            Ok(Some(RecoveryCodes { recovery_codes: codes }))
        })?;
        confirmed.ok_or(Error::WrongCredentials)
    }

    /// Takes the second factor of the caller away; it takes the password and a code.
    pub fn remove_totp(
        &self,
        archive: &Archive,
        actor: &Actor,
        (password, otp): (&Secret, &Secret),
        client: &Client,
    ) -> Result<()> {
        let confirmed = self.confirm_password(archive, actor, password, client)?;
        let now = archive.now();
        let removed = archive.write(Authority::Caller(actor), |tx| -> Result<bool> {
            let user = confirmed.still_holds(tx, actor)?;
            let enabled = tx.totp(&user.id)?.filter(|factor| factor.confirmed_at.is_some());
            let factor = enabled.ok_or(Error::TotpState("the account has no second factor"))?;
            if !accept(tx, &user, factor, otp, now)? {
                let detail = json!({"reason": "otp", "address": client.address});
                note_by(tx, now, actor, Act::SignInFailed, user_subject(&actor.username), detail)?;
                return Ok(false);
            }
            tx.delete_totp(&user.id)?;
            note_by(tx, now, actor, Act::TotpDisabled, user_subject(&actor.username), json!({}))?;
            Ok(true)
        })?;
        if removed { Ok(()) } else { Err(Error::WrongCredentials) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The secret of RFC 6238 appendix B: the digits 1 to 9 and 0, twice.
    const RFC_SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
    /// Seconds, and the last six of the eight digits for SHA-1.
    const RFC_CODES: &[(i64, &str)] = &[
        (59, "287082"),
        (1_111_111_109, "081804"),
        (1_111_111_111, "050471"),
        (1_234_567_890, "005924"),
        (2_000_000_000, "279037"),
        (20_000_000_000, "353130"),
    ];

    #[test]
    fn codes_are_those_of_the_rfc() {
        let totp = generator(RFC_SECRET, "anna", "Kartoteka").unwrap();
        for (seconds, code) in RFC_CODES {
            let now = seconds * 1_000_000;
            assert_eq!(step_of(&totp, code, 0, now), Some(seconds / 30), "{code}");
            let wrong = if *code == "287082" { "287083" } else { "287082" };
            assert_eq!(step_of(&totp, wrong, 0, now), None);
        }
    }

    #[test]
    fn a_code_counts_once_and_one_step_on_both_sides() {
        let totp = generator(RFC_SECRET, "anna", "Kartoteka").unwrap();
        let (seconds, code) = RFC_CODES[3];
        let step = seconds / 30;
        let at = |steps: i64| (step + steps) * 30 * 1_000_000;
        for (offset, expected) in [(-2, None), (-1, Some(step)), (0, Some(step)), (1, Some(step)), (2, None)] {
            assert_eq!(step_of(&totp, code, 0, at(offset)), expected, "{offset}");
        }
        assert_eq!(step_of(&totp, code, step, at(0)), None, "a replay");
        assert_eq!(step_of(&totp, code, step - 1, at(0)), Some(step));
        for odd in ["", "28708", "2870822", "abcdef", "２８７０８２", "287082\n "] {
            assert_eq!(step_of(&totp, odd, 0, 59 * 1_000_000).filter(|_| !odd.contains("287082")), None, "{odd:?}");
        }
    }

    #[test]
    fn an_address_names_the_archive_and_the_account() {
        let uri = generator(RFC_SECRET, "anna", "The archive: Riga").unwrap().to_url().unwrap();
        assert!(uri.starts_with("otpauth://totp/") && uri.contains("anna") && uri.contains(RFC_SECRET), "{uri}");
    }
}
