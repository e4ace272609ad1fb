//! Who may come in: accounts, passwords, second factors, sessions, keys and tokens, and the trail of what they did.

mod accounts;
mod api_keys;
mod audit;
mod blocks;
mod decoys;
mod invitations;
mod passwords;
mod recognise;
mod refusals;
mod rename;
mod resets;
mod retention;
mod secret;
mod sessions;
mod taking_away;
mod throttle;
mod tokens;
mod totp;
mod users;

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

pub use accounts::{AccountView, create_user, reset_password};
pub use api_keys::{ApiKeyView, INVALID as INVALID_KEY, NewApiKey, NewApiKeyView, api_keys, revoke_api_key};
pub use audit::{AuditView, audit_trail};
pub use invitations::{
    InvitationView, NewInvitation, NewInvitationView, Registration, create_invitation, invitations, issue_setup_token,
    revoke_invitation,
};
pub use passwords::{PasswordPolicy, Passwords};
pub use recognise::Recognised;
pub use refusals::{KeyOwner, KeyRefusal, LeftOut, Refusal, Refusals, Refused};
pub use rename::{check_usernames, rename_as_operator};
pub use resets::{ResetView, issue_reset, issue_reset_as_operator};
pub use retention::{Forgotten, forget_what_is_over};
pub use secret::{Secret, random as random_secret};
pub use sessions::{
    Admission, Admitted, Client, SessionView, SignIn, TokenPair, Touch, end_other_sessions, end_session, sessions,
};
pub use taking_away::{
    end_user_sessions, keys_as_operator, revoke_keys_as_operator, revoke_user_api_key, user_api_keys, user_sessions,
};
pub use throttle::Throttle;
pub use tokens::{Jwk, Jwks, KeyView, TokenSettings, Tokens, list_keys, rotate_keys, secret_bytes};
pub use totp::{Enrolment, RecoveryCodes, TotpView, remove_totp_as_operator, totp_state};
pub use users::{UserChange, UserView, change_user, change_user_as_operator, get_user, list_users};

pub use crate::store::{AuditFilter, UserFilter};

use crate::{
    model::permissions::Role,
    usecase::{Archive, Result},
};

/// How the operator at the machine stands in the audit trail; no account can have this name.
pub const OPERATOR: &str = "(operator)";
/// How those stand there who did not sign in.
pub const ANONYMOUS: &str = "(anonymous)";

/// The door: everything that coming in needs.
pub struct Access {
    pub passwords: Passwords,
    /// What is verified for names that no account has.
    pub decoys: decoys::Decoys,
    pub tokens: Tokens,
    /// What was refused lately.
    pub refusals: Refusals,
    /// Roles whose accounts must have a second factor.
    pub require_totp_for: Vec<Role>,
    /// When the use of sessions and keys was last noted, so that it is noted once a minute.
    touched: Mutex<HashMap<String, i64>>,
    remembered: recognise::Remembered,
}

impl Access {
    pub fn open(
        archive: &Archive,
        policy: PasswordPolicy,
        settings: TokenSettings,
        require_totp_for: Vec<Role>,
    ) -> Result<Self> {
        let passwords = Passwords::new(policy)?;
        Ok(Self {
            decoys: decoys::Decoys::open(archive, &passwords)?,
            passwords,
            refusals: Refusals::default(),
            tokens: Tokens::open(archive, settings)?,
            require_totp_for,
            touched: Mutex::default(),
            remembered: recognise::Remembered::default(),
        })
    }

    /// Whether the use of a session or key is to be noted now; says so once a minute.
    fn is_due(&self, id: &str, last_used_at: i64, now: i64) -> bool {
        let since = now.saturating_sub(sessions::MINUTE);
        if last_used_at > since {
            return false;
        }
        let mut touched = self.touched.lock().unwrap_or_else(PoisonError::into_inner);
        if touched.get(id).is_some_and(|at| *at > since) {
            return false;
        }
        if touched.len() > 10_000 {
            touched.retain(|_, at| *at > since);
        }
        touched.insert(id.to_owned(), now);
        true
    }
}
