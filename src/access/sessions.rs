//! Sessions: sign in, refresh, sign out, and who a token belongs to.

use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::{
    ANONYMOUS, Access,
    accounts::role_of,
    api_keys::{self, is_key},
    audit::{Act, note, note_by, user_subject},
    recognise::Recognised,
    refusals::KeyRefusal,
    secret::{self, Secret},
    tokens::AccessClaims,
    totp,
};
use crate::{
    model::{permissions::Role, time::to_rfc3339, usernames},
    store::{ReadTx, RunningAt, SessionRow, UserRow, WriteTx},
    usecase::{Actor, Archive, Authority, Credential, Error, Listing, Result, micros},
};

/// The use of sessions and keys is known to the minute.
pub const MINUTE: i64 = 60 * 1_000_000;
/// Characters that are kept of what a client says it is.
const USER_AGENT: usize = 200;

/// What is known of the program that calls.
#[derive(Clone, Debug, Default)]
pub struct Client {
    pub address: Option<String>,
    pub user_agent: Option<String>,
}

/// What somebody signs in with.
#[derive(Debug)]
pub struct SignIn {
    pub username: String,
    pub password: Secret,
    /// A code of the second factor, or a recovery code.
    pub otp: Option<Secret>,
}

/// What signing in gives.
#[derive(Debug, Serialize, ToSchema)]
pub struct TokenPair {
    /// Goes into the header `Authorization: Bearer …`.
    #[serde(serialize_with = "Secret::shown")]
    #[schema(value_type = String)]
    pub access_token: Secret,
    /// Always `Bearer`.
    #[schema(example = "Bearer")]
    pub token_type: &'static str,
    /// Seconds until the access token expires.
    #[schema(example = 900)]
    pub expires_in: u64,
    /// Gives a new pair, once. Using it a second time ends the session.
    #[serde(serialize_with = "Secret::shown")]
    #[schema(value_type = String)]
    pub refresh_token: Secret,
}

/// A session as its owner sees it.
#[derive(Debug, Serialize, ToSchema)]
pub struct SessionView {
    #[schema(format = "uuid")]
    pub id: String,
    /// It is the one that asks.
    pub current: bool,
    #[schema(format = "date-time")]
    pub created_at: String,
    /// Known to the minute.
    #[schema(format = "date-time")]
    pub last_used_at: String,
    /// It ends before that when it is not used for long, as the archive has set.
    #[schema(format = "date-time")]
    pub expires_at: String,
    /// Where it was opened from.
    #[schema(example = "192.0.2.7")]
    pub address: Option<String>,
    /// What the client said it is; at most 200 characters.
    #[schema(example = "Mozilla/5.0")]
    pub user_agent: Option<String>,
}

/// What became of a token.
#[derive(Debug)]
pub enum Admission {
    In(Admitted),
    /// An API key of the right form that does not open.
    Refused(KeyRefusal),
}

/// Who came in, and what is to be remembered of it.
#[derive(Debug)]
pub struct Admitted {
    pub actor: Actor,
    /// The account has to have a second factor, and has none.
    pub lacks_totp: bool,
    /// Its use is to be noted, with [`Access::touch`].
    pub touch: Option<Touch>,
}

/// The use of a session or key.
#[derive(Clone, Debug)]
pub enum Touch {
    Session { id: String },
    Key { id: String },
}

/// What became of an attempt to sign in, once the password was looked at.
enum Attempt {
    In(Box<(UserRow, SessionRow)>),
    OtpRequired,
    Wrong(&'static str),
}

impl Access {
    /// Signs in. A wrong name, a wrong password and a disabled account give the same answer after the same work;
    /// each failure leaves one line in the audit trail.
    pub fn login(&self, archive: &Archive, sign_in: &SignIn, client: &Client) -> Result<TokenPair> {
        let (user, hash) = self.account_and_hash(archive, &sign_in.username)?;
        let right = self.passwords.verify(&sign_in.password, Some(&hash))?;
        let known = user.clone().filter(|_| right);
        let refresh = secret::random();
        let now = archive.now();
        // A failure must stay recorded: it is an outcome of the transaction, not an error that undoes it.
        let attempt = archive.write(Authority::Secret, |tx| -> Result<Attempt> {
            let attempt = match &known {
                Some(user) => self.admit(tx, user, sign_in.otp.as_ref(), client, now)?,
                None => Attempt::Wrong("password"),
            };
            match &attempt {
                Attempt::In(found) => {
                    let (user, session) = found.as_ref();
                    tx.insert_session(session)?;
                    tx.insert_refresh_token(&refresh.digest(), &session.id, now)?;
                    let detail = json!({"session": session.id, "address": client.address});
                    note(tx, now, &user.username, Act::SignIn, user_subject(&user.username), detail)?;
                }
                Attempt::Wrong(reason) => {
                    // A name that nobody has may be a password in the wrong field.
                    let name = user.as_ref().map_or(ANONYMOUS, |u| u.username.as_str());
                    let detail = json!({"reason": reason, "address": client.address});
                    note(tx, now, ANONYMOUS, Act::SignInFailed, user_subject(name), detail)?;
                }
                Attempt::OtpRequired => {
                    // Often no more than the first of two steps; sometimes a stolen password.
                    let name = user.as_ref().map_or(ANONYMOUS, |u| u.username.as_str());
                    note(tx, now, ANONYMOUS, Act::OtpAsked, user_subject(name), json!({"address": client.address}))?;
                }
            }
            Ok(attempt)
        })?;
        match attempt {
            Attempt::In(found) => {
                self.make_hash_anew(archive, &found.0, &sign_in.password);
                self.pair(archive, &found.0.id, &found.1.id, refresh, now)
            }
            Attempt::OtpRequired => Err(Error::OtpRequired),
            Attempt::Wrong(_) => Err(Error::WrongCredentials),
        }
    }

    /// The account with this name, and the hash that a password is verified against: its own, or for a name that no
    /// account has one that costs what one might have.
    pub fn account_and_hash(&self, archive: &Archive, username: &str) -> Result<(Option<UserRow>, String)> {
        let user = match usernames::is_username(&usernames::fold(username)) {
            true => archive.store.read_fresh(|tx| -> Result<_> { Ok(tx.user_by_name(username)?) })?,
            false => None,
        };
        // Made in any case: its making takes time as well.
        let decoy = self.decoys.hash_for(&archive.store, username);
        let hash = user.as_ref().map_or(decoy, |user| user.password_hash.clone());
        Ok((user, hash))
    }

    /// Makes a hash of earlier parameters, or of a password as it was typed, anew once somebody is in: who is not in cannot tell by the time it takes.
    fn make_hash_anew(&self, archive: &Archive, user: &UserRow, password: &Secret) {
        match self.passwords.is_outdated(password, &user.password_hash) {
            Ok(false) => return,
            Ok(true) => {}
            Err(error) => {
                tracing::warn!(%error, user = %user.username, "a password hash could not be looked at");
                return;
            }
        }
        let made = self.passwords.hash(password).and_then(|hash| {
            archive.write(Authority::Secret, |tx| match tx.user(&user.id)? {
                Some(now) if now.password_hash == user.password_hash => {
                    Ok(tx.set_password(&user.id, &hash, archive.now())?)
                }
                _ => Ok(()),
            })
        });
        // The next sign-in tries again.
        if let Err(error) = made {
            tracing::warn!(%error, user = %user.username, "a password hash could not be made anew");
        }
    }

    /// Looks again, inside the transaction, at the account whose password was right, and at its second factor.
    fn admit(
        &self,
        tx: &mut WriteTx,
        seen: &UserRow,
        otp: Option<&Secret>,
        client: &Client,
        now: i64,
    ) -> Result<Attempt> {
        let Some(user) = tx.user(&seen.id)? else { return Ok(Attempt::Wrong("password")) };
        if user.disabled {
            return Ok(Attempt::Wrong("disabled"));
        }
        if user.password_hash != seen.password_hash {
            return Ok(Attempt::Wrong("password"));
        }
        if let Some(factor) = tx.totp(&user.id)?.filter(|factor| factor.confirmed_at.is_some()) {
            match otp {
                None => return Ok(Attempt::OtpRequired),
                Some(otp) if totp::accept(tx, &user, factor, otp, now)? => {}
                Some(_) => return Ok(Attempt::Wrong("otp")),
            }
        }
        let session = SessionRow {
            id: uuid::Uuid::now_v7().to_string(),
            user_id: user.id.clone(),
            created_at: now,
            expires_at: now.saturating_add(micros(self.tokens.settings.session_lifetime)),
            ended_at: None,
            last_used_at: now,
            address: client.address.clone(),
            user_agent: client.user_agent.as_ref().map(|text| text.chars().take(USER_AGENT).collect()),
        };
        Ok(Attempt::In(Box::new((user, session))))
    }

    /// Gives a new pair for a refresh token that was not used before. One that was is a sign of theft: its session ends.
    pub fn refresh(&self, archive: &Archive, token: &Secret, client: &Client) -> Result<TokenPair> {
        let hash = token.digest();
        let now = archive.now();
        let next = secret::random();
        let invalid = Error::InvalidToken("the refresh token is not valid");
        // The theft must stay recorded: it is an outcome of the transaction, not an error that undoes it.
        let owner = archive.write(Authority::Secret, |tx| -> Result<Option<(String, String)>> {
            let Some((session_id, _)) = tx.refresh_token(&hash)? else { return Ok(None) };
            let Some((session, user)) = tx.session(&session_id)? else { return Ok(None) };
            if !tx.use_refresh_token(&hash, now)? {
                tracing::warn!(session = %session_id, user = %user.username, "a refresh token was used twice; the session ends");
                let was_open = tx.end_session(&session_id, now)?;
                let detail = json!({"session": session_id, "was_open": was_open, "address": client.address});
                note(tx, now, ANONYMOUS, Act::TokenReuse, user_subject(&user.username), detail)?;
                return Ok(None);
            }
            if !is_open(&session, &user, self.tokens.settings.running(now)) {
                return Ok(None);
            }
            tx.touch_session(&session_id, now.saturating_sub(MINUTE), now)?;
            tx.insert_refresh_token(&next.digest(), &session_id, now)?;
            Ok(Some((user.id, session_id)))
        })?;
        let (user_id, session_id) = owner.ok_or(invalid)?;
        self.pair(archive, &user_id, &session_id, next, now)
    }

    /// Ends the session of a refresh token. An unknown token is no error: the session is over either way.
    pub fn logout(&self, archive: &Archive, token: &Secret, client: &Client) -> Result<()> {
        let hash = token.digest();
        let now = archive.now();
        archive.write(Authority::Secret, |tx| -> Result<()> {
            let Some((session_id, used_at)) = tx.refresh_token(&hash)? else { return Ok(()) };
            let Some((_, user)) = tx.session(&session_id)? else { return Ok(()) };
            if !tx.end_session(&session_id, now)? {
                return Ok(());
            }
            // Whoever sends a token that was used before need not be the owner.
            let (actor, act) = match used_at {
                None => (user.username.as_str(), Act::SignOut),
                Some(_) => (ANONYMOUS, Act::TokenReuse),
            };
            let detail = json!({"session": session_id, "address": client.address});
            note(tx, now, actor, act, user_subject(&user.username), detail)
        })
    }

    /// Who a token or API key belongs to. The session or key and the account are looked up at every request, so that
    /// ending one, and changing the other, takes effect at once. What was recognised before is not checked again.
    pub fn authenticate(&self, archive: &Archive, token: &Secret, recognised: Option<Recognised>) -> Result<Admission> {
        let now = archive.now();
        let (actor, touch) = match is_key(token) {
            true => match api_keys::authenticate(self, archive, token, now)? {
                Ok(found) => found,
                Err(refused) => return Ok(Admission::Refused(refused)),
            },
            false => self.by_session(archive, token, recognised.and_then(|r| r.claims), now)?,
        };
        let lacks_totp = self.require_totp_for.contains(&actor.role)
            && !archive.store.read_fresh(|tx| totp::is_enabled(tx, &actor.user_id))?;
        Ok(Admission::In(Admitted { actor, lacks_totp, touch }))
    }

    fn by_session(
        &self,
        archive: &Archive,
        token: &Secret,
        verified: Option<AccessClaims>,
        now: i64,
    ) -> Result<(Actor, Option<Touch>)> {
        let claims = match verified {
            Some(claims) => {
                self.tokens.keep_fresh(&archive.store);
                claims
            }
            None => self.tokens.read(&archive.store, token.reveal(), now)?,
        };
        let running = self.tokens.settings.running(now);
        let found = archive.store.read_fresh(|tx| -> Result<_> { Ok(tx.session(&claims.sid)?) })?;
        let open = found.filter(|(session, user)| user.id == claims.sub && is_open(session, user, running));
        let Some((session, user)) = open else {
            self.remembered.ended_session(claims.sid);
            return Err(Error::InvalidToken("its session has ended"));
        };
        let touch =
            self.is_due(&session.id, session.last_used_at, now).then(|| Touch::Session { id: session.id.clone() });
        let role = role_of(&user)?;
        let credential = Credential::Session { id: session.id };
        Ok((Actor { user_id: user.id, username: user.username, role, credential }, touch))
    }

    /// Notes the use of a session or key.
    pub fn touch(&self, archive: &Archive, touch: &Touch) -> Result<()> {
        let now = archive.now();
        archive.write(Authority::Archive, |tx| match touch {
            Touch::Session { id } => Ok(tx.touch_session(id, now.saturating_sub(MINUTE), now)?),
            Touch::Key { id } => api_keys::touch(tx, id, now),
        })
    }

    fn pair(
        &self,
        archive: &Archive,
        user_id: &str,
        session_id: &str,
        refresh_token: Secret,
        now: i64,
    ) -> Result<TokenPair> {
        Ok(TokenPair {
            access_token: self.tokens.issue(&archive.store, user_id, session_id, now)?,
            token_type: "Bearer",
            expires_in: self.tokens.settings.access_lifetime.as_secs(),
            refresh_token,
        })
    }
}

fn is_open(session: &SessionRow, user: &UserRow, at: RunningAt) -> bool {
    session.is_running(at) && !user.disabled && Role::parse(&user.role).is_some()
}

/// The running sessions of an account, newest first, below the given id.
pub fn sessions(
    tx: &mut ReadTx,
    (user_id, actor): (&str, &Actor),
    at: RunningAt,
    before: Option<&str>,
    limit: i64,
) -> Result<Listing<SessionView, String>> {
    let rows = tx.list_sessions(user_id, at, before, limit + 1)?;
    let total = tx.count_sessions(user_id, at)?;
    let current = actor.session_id();
    let show = |row: SessionRow| SessionView {
        current: current == Some(row.id.as_str()),
        id: row.id,
        created_at: to_rfc3339(row.created_at),
        last_used_at: to_rfc3339(row.last_used_at),
        expires_at: to_rfc3339(row.expires_at),
        address: row.address,
        user_agent: row.user_agent,
    };
    let page = Listing::of(rows, limit, total, |row| row.id.clone());
    page.shown(|rows| Ok(rows.into_iter().map(show).collect()))
}

/// Ends a session of the caller. One that is over already is no error.
pub fn end_session(tx: &mut WriteTx, actor: &Actor, id: &str, now: i64) -> Result<()> {
    let found = tx.session(id)?.filter(|(session, _)| session.user_id == actor.user_id);
    found.ok_or(Error::NotFound("session"))?;
    if tx.end_session(id, now)? {
        note_by(tx, now, actor, Act::SessionEnded, user_subject(&actor.username), json!({"session": id}))?;
    }
    Ok(())
}

/// Ends all sessions of the caller but the one that asks.
pub fn end_other_sessions(tx: &mut WriteTx, actor: &Actor, now: i64) -> Result<()> {
    let ended = tx.end_sessions(&actor.user_id, actor.session_id(), now)?;
    if ended > 0 {
        note_by(tx, now, actor, Act::SessionsEnded, user_subject(&actor.username), json!({"count": ended}))?;
    }
    Ok(())
}
