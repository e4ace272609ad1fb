//! Accounts, invitations and the audit trail: what administrators see and do.

use actix_web::{
    HttpResponse, delete, get,
    http::{StatusCode, header},
    patch, post, web,
};

use super::{
    auth::once,
    paging::{Paging, take_bool, take_time},
};
use crate::{
    access::{self, AuditView, InvitationView, NewInvitation, NewInvitationView, ResetView, UserChange, UserView},
    http::{
        call::{Call, Query},
        problem::ApiError,
        received::JsonBody,
        reply::{self, Caching, Page, Reply},
    },
    model::{
        errors::{FieldCode, FieldErrors},
        permissions::Role,
        precheck::check_line,
        record::record,
    },
    store::{AuditFilter, UserFilter, WriteTx},
    usecase::{Archive, Authority},
};

record! {
    /// What is to be different about an account; what is absent stays.
    UserPatch;
    optional {
        role: Option<Role>,
        /// It cannot come in.
        #[schema(example = false)]
        disabled: Option<bool>,
        /// Its additive changes are accepted at once, where the archive allows it.
        #[schema(example = true)]
        trusted: Option<bool>,
    }
}

record! {
    /// Whom to invite.
    InvitationRequest;
    required {
        role: Role,
    }
    optional {
        /// Who it is for; at most 200 characters.
        #[schema(example = "For Anna of the memorial book")]
        note: Option<String>,
        /// 1 to 2160; 168, a week, when absent.
        #[schema(example = 72)]
        expires_in_hours: Option<i64>,
    }
}

/// List accounts
///
/// By name.
#[utoipa::path(
    tag = "access",
    params(
        ("role" = Option<Role>, Query, description = "Only of this role", example = "moderator"),
        ("disabled" = Option<bool>, Query, description = "Only those that cannot, or that can come in", example = false),
        ("q" = Option<String>, Query, description = "Only with this in the name", example = "ann"),
        ("limit" = Option<i64>, Query, description = "Accounts in the answer, 1 to 200", example = 50),
        ("cursor" = Option<String>, Query, description = "Where to go on: `next` of the page before, with the same filters")
    ),
    responses((status = 200, description = "A page of accounts", body = Page<UserView>))
)]
#[get("/v1/users")]
pub async fn list_users(call: Call, mut query: Query) -> Result<HttpResponse, ApiError> {
    let mut errors = FieldErrors::default();
    let paging = Paging::take("/v1/users", "", &mut query, &mut errors);
    let role = query.take("role", &mut errors);
    if role.as_deref().is_some_and(|role| Role::parse(role).is_none()) {
        errors.push("role", FieldCode::UnknownCode, "role is editor, moderator or admin.");
    }
    let disabled = take_bool(&mut query, "disabled", &mut errors);
    let part = query.take("q", &mut errors);
    if let Some(part) = &part {
        check_line("q", part, 40, &mut errors);
    }
    query.finish(errors)?;
    let filter = UserFilter { role, disabled, part };
    let (after, limit) = (paging.position::<String>(&call)?, paging.limit);
    let page = call.state.snapshot(move |tx| access::list_users(tx, &filter, after.as_deref(), limit)).await?;
    paging.answer(&call, page)
}

/// Read an account
#[utoipa::path(
    tag = "access",
    params(("id" = String, Path, description = "Id of the account, or its name")),
    responses((status = 200, description = "The account", body = UserView))
)]
#[get("/v1/users/{id}")]
pub async fn get_user(call: Call, id: web::Path<String>, query: Query) -> Result<HttpResponse, ApiError> {
    query.finish(FieldErrors::default())?;
    let view = call.state.snapshot(move |tx| access::get_user(tx, &id)).await?;
    reply::json(&call, &view, Some(&view.etag.clone()), Caching::Private)
}

/// Change the role or the switches of an account
///
/// When it is disabled or its role changes, its sessions end: the next request fails. Somebody who manages accounts must
/// always be left.
#[utoipa::path(
    tag = "access",
    params(("id" = String, Path, description = "Id of the account, or its name")),
    request_body = UserPatch,
    responses((status = 200, description = "The account", body = UserView))
)]
#[patch("/v1/users/{id}")]
pub async fn change_user(call: Call, id: web::Path<String>, mut body: JsonBody) -> Result<HttpResponse, ApiError> {
    let UserPatch { role, disabled, trusted } = body.read().await?;
    let change = UserChange { role, disabled, trusted };
    let (actor, condition) = (call.actor()?, call.if_match.clone());
    let effect = move |tx: &mut WriteTx, now| access::change_user(tx, &actor, &id, condition.as_ref(), change, now);
    let answer = |view: &UserView| Ok(Reply::new(StatusCode::OK, view)?.header(header::ETAG, view.etag.clone()));
    reply::perform(&call, body.received, effect, answer).await
}

/// Let somebody set a new password
///
/// Gives a token for `POST /v1/auth/reset-password`, shown this once: hand it over by a way you trust. It works once, for 24
/// hours; earlier ones of the account become useless. The password that is stays until then.
#[utoipa::path(
    tag = "access",
    params(("id" = String, Path, description = "Id of the account, or its name")),
    responses((status = 201, description = "The token", body = ResetView))
)]
#[post("/v1/users/{id}/password-reset")]
pub async fn issue_password_reset(call: Call, id: web::Path<String>) -> Result<HttpResponse, ApiError> {
    let actor = call.actor()?;
    let work = move |archive: &Archive| {
        archive.write(Authority::Caller(&actor), |tx| access::issue_reset(tx, &actor, &id, archive.now()))
    };
    once(StatusCode::CREATED, &call.state.write(work).await?)
}

/// Invite somebody
///
/// Gives a token for `POST /v1/auth/register`, shown this once. It makes one account with the role.
#[utoipa::path(tag = "access", request_body = InvitationRequest, responses((status = 201, description = "The invitation and its token", body = NewInvitationView)))]
#[post("/v1/invitations")]
pub async fn create_invitation(call: Call, mut body: JsonBody) -> Result<HttpResponse, ApiError> {
    let InvitationRequest { role, note, expires_in_hours } = body.read().await?;
    let (actor, new) = (call.actor()?, NewInvitation { role, note, expires_in_hours });
    let work = move |archive: &Archive| {
        archive.write(Authority::Caller(&actor), |tx| access::create_invitation(tx, &actor, new, archive.now()))
    };
    once(StatusCode::CREATED, &call.state.write(work).await?)
}

/// List invitations
///
/// Newest first, with what became of them.
#[utoipa::path(
    tag = "access",
    params(
        ("limit" = Option<i64>, Query, description = "Invitations in the answer, 1 to 200", example = 50),
        ("cursor" = Option<String>, Query, description = "Where to go on: `next` of the page before")
    ),
    responses((status = 200, description = "A page of invitations", body = Page<InvitationView>))
)]
#[get("/v1/invitations")]
pub async fn list_invitations(call: Call, mut query: Query) -> Result<HttpResponse, ApiError> {
    let mut errors = FieldErrors::default();
    let paging = Paging::take("/v1/invitations", "", &mut query, &mut errors);
    query.finish(errors)?;
    let (before, limit, now) = (paging.position::<String>(&call)?, paging.limit, call.state.archive.now());
    let page = call.state.snapshot(move |tx| access::invitations(tx, before.as_deref(), limit, now)).await?;
    paging.answer(&call, page)
}

/// Take an invitation back
///
/// One that is used or taken back already stays as it is.
#[utoipa::path(
    tag = "access",
    params(("id" = String, Path, description = "Id of the invitation")),
    responses((status = 204, description = "Nobody can use it any more"))
)]
#[delete("/v1/invitations/{id}")]
pub async fn revoke_invitation(call: Call, id: web::Path<String>) -> Result<HttpResponse, ApiError> {
    let actor = call.actor()?;
    let work = move |archive: &Archive| {
        archive.write(Authority::Caller(&actor), |tx| access::revoke_invitation(tx, &actor, &id, archive.now()))
    };
    call.state.write(work).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Read the audit trail
///
/// What was done outside of submissions: sign-ins and failures, changes of accounts, keys, protection. Newest first.
#[utoipa::path(
    tag = "access",
    params(
        ("actor" = Option<String>, Query, description = "Only by this account; `(operator)` and `(anonymous)` stand there too", example = "admin"),
        ("action" = Option<String>, Query, description = "Only of this kind", example = "sign_in_failed"),
        ("subject" = Option<String>, Query, description = "Only about this: `user anna`, `api_key <id>`, `entry <id>`", example = "user anna"),
        ("since" = Option<String>, Query, description = "Only at or after this time (RFC 3339)", example = "2020-01-01T00:00:00Z"),
        ("until" = Option<String>, Query, description = "Only before this time (RFC 3339)", example = "2030-01-01T00:00:00Z"),
        ("limit" = Option<i64>, Query, description = "Lines in the answer, 1 to 200", example = 50),
        ("cursor" = Option<String>, Query, description = "Where to go on: `next` of the page before, with the same filters")
    ),
    responses((status = 200, description = "A page of the trail", body = Page<AuditView>))
)]
#[get("/v1/audit")]
pub async fn list_audit(call: Call, mut query: Query) -> Result<HttpResponse, ApiError> {
    let mut errors = FieldErrors::default();
    let paging = Paging::take("/v1/audit", "", &mut query, &mut errors);
    let filter = AuditFilter {
        actor: query.take("actor", &mut errors),
        action: query.take("action", &mut errors),
        subject: query.take("subject", &mut errors),
        since: take_time(&mut query, "since", &mut errors),
        until: take_time(&mut query, "until", &mut errors),
    };
    for (name, value) in [("actor", &filter.actor), ("action", &filter.action), ("subject", &filter.subject)] {
        if let Some(value) = value {
            check_line(name, value, 200, &mut errors);
        }
    }
    query.finish(errors)?;
    let (before, limit) = (paging.position::<i64>(&call)?.unwrap_or(i64::MAX), paging.limit);
    let page = call.state.snapshot(move |tx| access::audit_trail(tx, &filter, before, limit)).await?;
    paging.answer(&call, page)
}
