//! Invitations: the only way to an account that does not lead over the machine itself.

use std::time::Duration;

use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::{
    Access, OPERATOR,
    accounts::{AccountView, account_view, insert_account, prepare_new},
    audit::{Act, note, note_by, user_subject},
    secret::{self, Secret},
    sessions::Client,
};
use crate::{
    model::{
        errors::{FieldCode, FieldErrors},
        permissions::Role,
        precheck::check_line,
        time::to_rfc3339,
    },
    store::{InvitationRow, ReadTx, WriteTx},
    usecase::{Actor, Archive, Authority, Error, Listing, Result, micros},
};

/// How long an invitation is good for when nothing is said, and at most: a week, and ninety days.
const HOURS: i64 = 7 * 24;
const MAX_HOURS: i64 = 90 * 24;
/// How long the first administrator has.
const SETUP_LIFETIME: Duration = Duration::from_secs(24 * 3600);
const INVALID: Error = Error::InvalidToken("the invitation token is not valid");

/// Whom to invite.
#[derive(Debug)]
pub struct NewInvitation {
    pub role: Role,
    pub note: Option<String>,
    pub expires_in_hours: Option<i64>,
}

/// An invitation as administrators see it.
#[derive(Debug, Serialize, ToSchema)]
pub struct InvitationView {
    #[schema(format = "uuid")]
    pub id: String,
    pub role: Role,
    #[schema(example = "For Anna of the memorial book")]
    pub note: Option<String>,
    /// `open`, `used`, `expired` or `revoked`.
    #[schema(example = "open")]
    pub state: &'static str,
    #[schema(example = "admin")]
    pub created_by: String,
    #[schema(format = "date-time")]
    pub created_at: String,
    #[schema(format = "date-time")]
    pub expires_at: String,
    /// Name of the account that was made with it.
    #[schema(example = "anna")]
    pub used_by: Option<String>,
}

/// The one answer that shows the token of an invitation.
#[derive(Debug, Serialize, ToSchema)]
pub struct NewInvitationView {
    #[serde(flatten)]
    pub invitation: InvitationView,
    /// Shown this once. It makes one account.
    #[serde(serialize_with = "Secret::shown")]
    #[schema(value_type = String)]
    pub invitation_token: Secret,
}

/// What an account is made with.
#[derive(Debug)]
pub struct Registration {
    pub invitation_token: Secret,
    pub username: String,
    pub password: Secret,
}

fn view(row: InvitationRow, now: i64) -> Result<InvitationView> {
    let state = match &row {
        row if row.used_at.is_some() => "used",
        row if row.revoked_at.is_some() => "revoked",
        row if row.expires_at <= now => "expired",
        _ => "open",
    };
    Ok(InvitationView {
        role: Role::parse(&row.role).ok_or_else(|| Error::Internal(format!("unknown role {}", row.role)))?,
        id: row.id,
        note: row.note,
        state,
        created_by: row.created_by,
        created_at: to_rfc3339(row.created_at),
        expires_at: to_rfc3339(row.expires_at),
        used_by: row.used_by,
    })
}

fn subject(id: &str) -> String {
    format!("invitation {id}")
}

/// Invites somebody.
pub fn create_invitation(tx: &mut WriteTx, actor: &Actor, new: NewInvitation, now: i64) -> Result<NewInvitationView> {
    let mut errors = FieldErrors::default();
    if let Some(note) = &new.note {
        check_line("/note", note, 200, &mut errors);
    }
    let hours = new.expires_in_hours.unwrap_or(HOURS);
    if !(1..=MAX_HOURS).contains(&hours) {
        let detail = format!("An invitation is good for 1 to {MAX_HOURS} hours.");
        errors.push("/expires_in_hours", FieldCode::InvalidValue, detail);
    }
    errors.into_result(()).map_err(Error::Invalid)?;
    let token = secret::random();
    let row = InvitationRow {
        id: uuid::Uuid::now_v7().to_string(),
        token_hash: token.digest(),
        role: new.role.as_str().to_owned(),
        note: new.note,
        is_setup: false,
        created_by: actor.username.clone(),
        created_at: now,
        expires_at: now.saturating_add(hours.saturating_mul(3600 * 1_000_000)),
        used_at: None,
        used_by: None,
        revoked_at: None,
    };
    tx.insert_invitation(&row)?;
    note_by(tx, now, actor, Act::InvitationCreated, subject(&row.id), json!({"role": new.role}))?;
    Ok(NewInvitationView { invitation: view(row, now)?, invitation_token: token })
}

/// Invitations, newest first, below the given id.
pub fn invitations(
    tx: &mut ReadTx,
    before: Option<&str>,
    limit: i64,
    now: i64,
) -> Result<Listing<InvitationView, String>> {
    let rows = tx.list_invitations(before, limit + 1)?;
    let total = tx.count_invitations()?;
    let page = Listing::of(rows, limit, total, |row| row.id.clone());
    page.shown(|rows| rows.into_iter().map(|row| view(row, now)).collect())
}

/// Takes an invitation back. One that is used or taken back already stays as it is.
pub fn revoke_invitation(tx: &mut WriteTx, actor: &Actor, id: &str, now: i64) -> Result<()> {
    tx.invitation(id)?.ok_or(Error::NotFound("invitation"))?;
    if tx.revoke_invitation(id, now)? {
        note_by(tx, now, actor, Act::InvitationRevoked, subject(id), json!({}))?;
    }
    Ok(())
}

/// A token for the first administrator, in place of the one before; `None` when there is an administrator.
pub fn issue_setup_token(archive: &Archive) -> Result<Option<Secret>> {
    let now = archive.now();
    archive.write(Authority::Operator, |tx| {
        tx.revoke_setup(now)?;
        if tx.count_active_admins()? > 0 {
            return Ok(None);
        }
        let token = secret::random();
        let row = InvitationRow {
            id: uuid::Uuid::now_v7().to_string(),
            token_hash: token.digest(),
            role: Role::Admin.as_str().to_owned(),
            note: None,
            is_setup: true,
            created_by: OPERATOR.to_owned(),
            created_at: now,
            expires_at: now.saturating_add(micros(SETUP_LIFETIME)),
            used_at: None,
            used_by: None,
            revoked_at: None,
        };
        tx.insert_invitation(&row)?;
        note(tx, now, OPERATOR, Act::SetupTokenIssued, subject(&row.id), json!({}))?;
        Ok(Some(token))
    })
}

fn open_invitation(tx: &mut ReadTx, hash: &str, now: i64) -> Result<InvitationRow> {
    let row = tx.invitation_by_token(hash)?.ok_or(INVALID)?;
    let is_open = row.used_at.is_none() && row.revoked_at.is_none() && row.expires_at > now;
    // The set-up token makes the first administrator, never a second one.
    if !is_open || (row.is_setup && tx.count_active_admins()? > 0) { Err(INVALID) } else { Ok(row) }
}

impl Access {
    /// Makes an account with an invitation, once.
    pub fn register(&self, archive: &Archive, new: &Registration, client: &Client) -> Result<AccountView> {
        let token_hash = new.invitation_token.digest();
        archive.store.read_fresh(|tx| open_invitation(tx, &token_hash, archive.now()))?;
        let prepared = prepare_new(&self.passwords, &new.username, &new.password)?;
        let now = archive.now();
        archive.write(Authority::Secret, |tx| {
            // Somebody else may have been faster.
            let invitation = open_invitation(tx, &token_hash, now)?;
            let role = Role::parse(&invitation.role).ok_or(INVALID)?;
            let user = insert_account(tx, prepared, role, now)?;
            tx.use_invitation(&invitation.id, &user.username, now)?;
            let detail = json!({"invitation": invitation.id, "role": role, "address": client.address});
            note(tx, now, &user.username, Act::Registered, user_subject(&user.username), detail)?;
            account_view(&user)
        })
    }
}
