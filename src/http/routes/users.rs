//! Accounts, invitations and the audit trail: what administrators see and do.

use actix_web::{
    HttpResponse, delete, get,
    http::{StatusCode, header},
    patch, post, web,
};

use super::{auth::once, paging::Paging};
use crate::{
    access::{
        self, AuditFilter, AuditView, InvitationView, NewInvitation, NewInvitationView, ResetView, UserChange,
        UserFilter, UserView,
    },
    http::{
        call::Call,
        problem::ApiError,
        query::{Cursor, Limit, Line, Time, parameters},
        received::JsonBody,
        reply::{self, Caching, Page, Reply},
    },
    model::{permissions::Role, record::record},
    store::WriteTx,
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

parameters! {
    /// Which accounts are listed.
    pub struct UsersQuery {
        /// Only of this role
        #[example = "moderator"]
        role: Option<Role>,
        /// Only those that cannot, or that can come in
        #[example = false]
        disabled: Option<bool>,
        /// Only with this in the name
        #[example = "ann"]
        q: Option<Line<40>>,
        /// Accounts in the answer, 1 to 200
        limit: Limit,
        /// Where to go on: `next` of the page before, with the same filters
        cursor: Cursor,
    }
}

/// List accounts
///
/// By name.
#[utoipa::path(
    tag = "access",
    params(UsersQuery),
    responses((status = 200, description = "A page of accounts", body = Page<UserView>))
)]
#[get("/v1/users")]
pub async fn list_users(call: Call, query: UsersQuery) -> Result<HttpResponse, ApiError> {
    let paging = Paging::of(&call, "", (query.limit, query.cursor));
    let filter = UserFilter {
        role: query.role.map(|role| role.as_str().to_owned()),
        disabled: query.disabled,
        part: query.q.map(|part| part.0),
    };
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
pub async fn get_user(call: Call, id: web::Path<String>) -> Result<HttpResponse, ApiError> {
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

parameters! {
    /// Which page of invitations is asked for.
    pub struct InvitationsQuery {
        /// Invitations in the answer, 1 to 200
        limit: Limit,
        cursor: Cursor,
    }
}

/// List invitations
///
/// Newest first, with what became of them.
#[utoipa::path(
    tag = "access",
    params(InvitationsQuery),
    responses((status = 200, description = "A page of invitations", body = Page<InvitationView>))
)]
#[get("/v1/invitations")]
pub async fn list_invitations(call: Call, query: InvitationsQuery) -> Result<HttpResponse, ApiError> {
    let paging = Paging::of(&call, "", (query.limit, query.cursor));
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

parameters! {
    /// Which lines of the audit trail are listed.
    pub struct AuditQuery {
        /// Only by this account; `(operator)` and `(anonymous)` stand there too
        #[example = "admin"]
        actor: Option<Line<200>>,
        /// Only of this kind
        #[example = "sign_in_failed"]
        action: Option<Line<200>>,
        /// Only about this: `user anna`, `api_key <id>`, `entry <id>`
        #[example = "user anna"]
        subject: Option<Line<200>>,
        /// Only at or after this time (RFC 3339)
        #[example = "2020-01-01T00:00:00Z"]
        since: Option<Time>,
        /// Only before this time (RFC 3339)
        #[example = "2030-01-01T00:00:00Z"]
        until: Option<Time>,
        /// Lines in the answer, 1 to 200
        limit: Limit,
        /// Where to go on: `next` of the page before, with the same filters
        cursor: Cursor,
    }
}

/// Read the audit trail
///
/// What was done outside of submissions: sign-ins and failures, changes of accounts, keys, protection. Newest first.
#[utoipa::path(
    tag = "access",
    params(AuditQuery),
    responses((status = 200, description = "A page of the trail", body = Page<AuditView>))
)]
#[get("/v1/audit")]
pub async fn list_audit(call: Call, query: AuditQuery) -> Result<HttpResponse, ApiError> {
    let paging = Paging::of(&call, "", (query.limit, query.cursor));
    let line = |text: Option<Line<200>>| text.map(|text| text.0);
    let filter = AuditFilter {
        actor: line(query.actor),
        action: line(query.action),
        subject: line(query.subject),
        since: query.since.map(|time| time.micros),
        until: query.until.map(|time| time.micros),
    };
    let (before, limit) = (paging.position::<i64>(&call)?.unwrap_or(i64::MAX), paging.limit);
    let page = call.state.snapshot(move |tx| access::audit_trail(tx, &filter, before, limit)).await?;
    paging.answer(&call, page)
}
