//! API keys: for programs, with scopes, and never more than their owner may.

use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::{
    Access,
    accounts::role_of,
    audit::{Act, note, note_by},
    refusals::{KeyOwner, KeyRefusal},
    secret::{self, Secret, random_letters},
    sessions::{Client, MINUTE, Touch},
};
use crate::{
    model::{
        errors::{FieldCode, FieldErrors},
        permissions::Scope,
        precheck::check_line,
        time::{julian_day, to_rfc3339},
    },
    store::{ApiKeyRow, ReadTx, WriteTx},
    usecase::{Actor, Archive, Authority, Credential, Error, Listing, Result, key_fault},
};

/// How every key begins, so that it is known when it turns up where it should not.
pub const MARK: &str = "krt_";
const PREFIX: usize = 8;
/// How long a key is good for when nothing is said, and at most.
const DAYS: i64 = 365;
const MAX_DAYS: i64 = 3650;
/// Keys of one account.
const MAX_KEYS: i64 = 50;

/// A key to make.
#[derive(Debug)]
pub struct NewApiKey {
    pub name: String,
    pub scopes: Vec<Scope>,
    pub expires_in_days: Option<i64>,
}

/// A key as its owner sees it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ApiKeyView {
    #[schema(format = "uuid")]
    pub id: String,
    #[schema(example = "Import of the memorial book")]
    pub name: String,
    /// What follows `krt_` in the key: to know it by.
    #[schema(example = "k7m2q9xa")]
    pub prefix: String,
    pub scopes: Vec<Scope>,
    #[schema(format = "date-time")]
    pub created_at: String,
    #[schema(format = "date-time")]
    pub expires_at: Option<String>,
    /// Known to the minute; null when it was never used.
    #[schema(format = "date-time")]
    pub last_used_at: Option<String>,
}

/// The one answer that shows a key.
#[derive(Debug, Serialize, ToSchema)]
pub struct NewApiKeyView {
    #[serde(flatten)]
    pub api_key: ApiKeyView,
    /// The key. Shown this once.
    #[serde(serialize_with = "Secret::shown")]
    #[schema(value_type = String)]
    pub key: Secret,
}

/// Whether a bearer token is meant as a key.
pub fn is_key(token: &Secret) -> bool {
    token.reveal().starts_with(MARK)
}

fn scopes_of(row: &ApiKeyRow) -> Vec<Scope> {
    row.scopes.split(' ').filter_map(Scope::parse).collect()
}

fn view(row: ApiKeyRow) -> ApiKeyView {
    ApiKeyView {
        scopes: scopes_of(&row),
        id: row.id,
        name: row.name,
        prefix: row.prefix,
        created_at: to_rfc3339(row.created_at),
        expires_at: row.expires_at.map(to_rfc3339),
        last_used_at: row.last_used_at.map(to_rfc3339),
    }
}

pub fn subject(id: &str) -> String {
    format!("api_key {id}")
}

impl Access {
    /// Makes a key for the caller, who gives the password once more.
    pub fn create_api_key(
        &self,
        archive: &Archive,
        actor: &Actor,
        new: NewApiKey,
        password: &Secret,
        client: &Client,
    ) -> Result<NewApiKeyView> {
        let confirmed = self.confirm_password(archive, actor, password, client)?;
        let now = archive.now();
        archive.write(Authority::Caller(actor), |tx| {
            confirmed.still_holds(tx, actor)?;
            create(tx, actor, new, now)
        })
    }
}

fn create(tx: &mut WriteTx, actor: &Actor, new: NewApiKey, now: i64) -> Result<NewApiKeyView> {
    let mut errors = FieldErrors::default();
    check_line("/name", &new.name, 100, &mut errors);
    if new.name.trim().is_empty() {
        errors.push("/name", FieldCode::InvalidValue, "A key has a name.");
    }
    if new.scopes.is_empty() {
        errors.push("/scopes", FieldCode::InvalidValue, "A key has at least one scope.");
    }
    for (i, scope) in new.scopes.iter().enumerate() {
        if new.scopes[..i].contains(scope) {
            errors.push(format!("/scopes/{i}"), FieldCode::Duplicate, "The scope is named twice.");
        }
        if actor.role < scope.least_role() {
            let detail = format!("The scope {} needs the role {}.", scope.as_str(), scope.least_role().as_str());
            errors.push(format!("/scopes/{i}"), FieldCode::InvalidValue, detail);
        }
    }
    let days = new.expires_in_days.unwrap_or(DAYS);
    if !(1..=MAX_DAYS).contains(&days) {
        let detail = format!("A key is good for 1 to {MAX_DAYS} days.");
        errors.push("/expires_in_days", FieldCode::InvalidValue, detail);
    }
    if tx.count_api_keys(&actor.user_id)? >= MAX_KEYS {
        errors.push("", FieldCode::TooMany, format!("An account has at most {MAX_KEYS} keys; revoke one."));
    }
    errors.into_result(()).map_err(Error::Invalid)?;
    let prefix = random_letters(PREFIX);
    let key = Secret::new(format!("{MARK}{prefix}_{}", secret::random().reveal()));
    let names: Vec<&str> = new.scopes.iter().map(|scope| scope.as_str()).collect();
    let row = ApiKeyRow {
        id: uuid::Uuid::now_v7().to_string(),
        user_id: actor.user_id.clone(),
        name: new.name,
        prefix,
        hash: key.digest(),
        scopes: names.join(" "),
        created_at: now,
        expires_at: Some(now.saturating_add(days.saturating_mul(24 * 3600 * 1_000_000))),
        last_used_at: None,
        revoked_at: None,
    };
    tx.insert_api_key(&row)?;
    let detail = json!({"prefix": row.prefix, "scopes": names});
    note_by(tx, now, actor, Act::KeyCreated, subject(&row.id), detail)?;
    Ok(NewApiKeyView { api_key: view(row), key })
}

/// The keys of an account that were not revoked, newest first, below the given id.
pub fn api_keys(
    tx: &mut ReadTx,
    user_id: &str,
    before: Option<&str>,
    limit: i64,
) -> Result<Listing<ApiKeyView, String>> {
    let rows = tx.list_api_keys(user_id, before, limit + 1)?;
    let total = tx.count_api_keys(user_id)?;
    let page = Listing::of(rows, limit, total, |row| row.id.clone());
    page.shown(|rows| Ok(rows.into_iter().map(view).collect()))
}

/// Revokes a key of the caller; the next request with it fails. One that is revoked already is no error.
pub fn revoke_api_key(tx: &mut WriteTx, actor: &Actor, id: &str, now: i64) -> Result<()> {
    let found = tx.api_key(id)?.filter(|key| key.user_id == actor.user_id);
    let key = found.ok_or(Error::NotFound("API key"))?;
    if tx.revoke_api_key(id, now)? {
        note_by(tx, now, actor, Act::KeyRevoked, subject(id), json!({"prefix": key.prefix}))?;
    }
    Ok(())
}

/// What a caller is told of a key that does not open, whatever the reason.
pub const INVALID: Error = Error::InvalidToken("it is no API key of this archive, or it is expired or revoked");

/// Who a key belongs to, or why it does not open.
pub fn authenticate(access: &Access, archive: &Archive, token: &Secret, now: i64) -> Result<Opened> {
    let rest = token.reveal().strip_prefix(MARK).unwrap_or_default();
    let (prefix, _) = rest.split_once('_').filter(|(prefix, _)| prefix.len() == PREFIX).ok_or(INVALID)?;
    let found = archive.store.read_fresh(|tx| -> Result<_> { Ok(tx.api_key_by_prefix(prefix)?) })?;
    let Some((key, user)) = found else {
        return Ok(Err(KeyRefusal { reason: "unknown", owner: None }));
    };
    let reason = match token.has_digest(&key.hash) {
        true => key_fault(&key, &user, now),
        false => Some("wrong"),
    };
    if let Some(reason) = reason {
        if reason != "wrong" {
            access.remembered.bad_key(&key.hash);
        }
        let owner = KeyOwner { user_id: user.id, username: user.username, key_id: key.id, prefix: key.prefix };
        return Ok(Err(KeyRefusal { reason, owner: Some(owner) }));
    }
    access.remembered.good_key(key.hash.clone(), &user.id);
    let touch = access.is_due(&key.id, key.last_used_at.unwrap_or(0), now).then(|| Touch::Key { id: key.id.clone() });
    let role = role_of(&user)?;
    let credential = Credential::Key { scopes: scopes_of(&key), id: key.id };
    Ok(Ok((Actor { user_id: user.id, username: user.username, role, credential }, touch)))
}

/// Who a key has let in, or why not.
pub type Opened = std::result::Result<(Actor, Option<Touch>), KeyRefusal>;

/// Notes that a key is used; its first use on a day goes into the audit trail.
pub fn touch(tx: &mut WriteTx, id: &str, now: i64) -> Result<()> {
    let Some(key) = tx.api_key(id)? else { return Ok(()) };
    if key.last_used_at.is_some_and(|at| at > now.saturating_sub(MINUTE)) {
        return Ok(());
    }
    tx.touch_api_key(id, now)?;
    if key.last_used_at.map(julian_day) == Some(julian_day(now)) {
        return Ok(());
    }
    let Some(owner) = tx.user(&key.user_id)? else { return Ok(()) };
    note(tx, now, &owner.username, Act::KeyUsed, subject(id), json!({"prefix": key.prefix, "api_key": id}))
}
