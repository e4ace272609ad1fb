//! The archive's audit trail: what was done outside of submissions, by whom, and to what. It holds no secrets.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::{
    model::{time::to_rfc3339, usernames::fold},
    store::{AuditFilter, AuditRow, ReadTx, WriteTx},
    usecase::{Actor, Error, Listing, Result},
};

/// Declares the actions of this room once: name in the program and in the trail.
macro_rules! acts {
    ($($variant:ident = $wire:literal;)+) => {
        /// What the door writes into the trail. The names are stable.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Act { $($variant,)+ }

        impl Act {
            pub fn as_str(self) -> &'static str {
                match self { $(Act::$variant => $wire,)+ }
            }
        }
    };
}

acts! {
    SignIn = "sign_in";
    SignInFailed = "sign_in_failed";
    OtpAsked = "otp_asked";
    TokenReuse = "token_reuse";
    SignOut = "sign_out";
    SessionEnded = "session_ended";
    SessionsEnded = "sessions_ended";
    PasswordChanged = "password_changed";
    PasswordSet = "password_set";
    ResetIssued = "password_reset_issued";
    ResetUsed = "password_reset_used";
    UserCreated = "user_created";
    UserRenamed = "user_renamed";
    RoleChanged = "role_changed";
    Disabled = "disabled";
    Enabled = "enabled";
    Trust = "trust";
    Distrust = "distrust";
    InvitationCreated = "invitation_created";
    InvitationRevoked = "invitation_revoked";
    SetupTokenIssued = "setup_token_issued";
    Registered = "registered";
    KeyCreated = "api_key_created";
    KeyRevoked = "api_key_revoked";
    KeyUsed = "api_key_used";
    KeyRefused = "api_key_refused";
    AccessRefused = "access_refused";
    TotpEnabled = "totp_enabled";
    TotpDisabled = "totp_disabled";
    RecoveryCodeUsed = "recovery_code_used";
    SigningKeyRotated = "signing_key_rotated";
}

/// A line of the trail.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditView {
    #[schema(example = 12)]
    pub seq: i64,
    #[schema(format = "date-time")]
    pub at: String,
    /// Name of an account; `(operator)` for commands at the machine, `(anonymous)` for who did not sign in.
    #[schema(example = "admin")]
    pub actor: String,
    #[schema(example = "role_changed")]
    pub action: String,
    #[schema(example = "user anna")]
    pub subject: String,
    /// More about it, by the action.
    #[schema(value_type = Object)]
    pub detail: Value,
    /// The session or API key by which it was done; null for commands at the machine and for who did not sign in.
    #[schema(example = "session 0199b2c4-7d1e-7c3a-9f52-3f0a8c1d2e4b")]
    pub via: Option<String>,
}

/// Appends a line about what no account did by a session or key.
pub fn note(tx: &mut WriteTx, now: i64, actor: &str, act: Act, subject: String, detail: Value) -> Result<()> {
    append(tx, now, (actor, None), act, subject, detail)
}

/// Appends a line about what the caller did.
pub fn note_by(tx: &mut WriteTx, now: i64, actor: &Actor, act: Act, subject: String, detail: Value) -> Result<()> {
    append(tx, now, (&actor.username, actor.via()), act, subject, detail)
}

fn append(
    tx: &mut WriteTx,
    now: i64,
    (actor, via): (&str, Option<String>),
    act: Act,
    subject: String,
    detail: Value,
) -> Result<()> {
    Ok(tx.append_audit(AuditRow {
        seq: 0,
        at: now,
        actor: actor.to_owned(),
        action: act.as_str().to_owned(),
        subject,
        detail: detail.to_string(),
        via,
    })?)
}

/// How accounts stand in the trail.
pub fn user_subject(username: &str) -> String {
    format!("user {username}")
}

/// Lines of the trail, newest first, below the given number.
pub fn audit_trail(tx: &mut ReadTx, filter: &AuditFilter, before: i64, limit: i64) -> Result<Listing<AuditView, i64>> {
    // Names of accounts are asked for in any spelling.
    let user = |subject: &String| match subject.strip_prefix("user ") {
        Some(name) => user_subject(&fold(name)),
        None => subject.clone(),
    };
    let (actor, subject) = (filter.actor.as_deref().map(fold), filter.subject.as_ref().map(user));
    let filter = &AuditFilter { actor, subject, ..filter.clone() };
    let rows = tx.list_audit(filter, before, limit + 1)?;
    let total = tx.count_audit(filter)?;
    let show = |row: AuditRow| {
        let detail = serde_json::from_str(&row.detail);
        Ok(AuditView {
            seq: row.seq,
            at: to_rfc3339(row.at),
            actor: row.actor,
            action: row.action,
            subject: row.subject,
            detail: detail.map_err(|e| Error::Internal(format!("a line of the audit trail: {e}")))?,
            via: row.via,
        })
    };
    Listing::of(rows, limit, total, |row| row.seq).shown(|rows| rows.into_iter().map(show).collect())
}
