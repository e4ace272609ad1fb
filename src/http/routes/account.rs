//! What an account does with itself: its password and its sessions.

use actix_web::{HttpResponse, delete, get, put, web};

use super::paging::Paging;
use crate::{
    access::{self, Access, Secret, SessionView},
    http::{
        call::Call,
        problem::ApiError,
        query::{Cursor, Limit, parameters},
        received::JsonBody,
        reply::Page,
    },
    model::record::record,
    usecase::{Archive, Authority},
};

record! {
    /// The password that is, and the one that is to be.
    PasswordChange;
    required {
        #[schema(value_type = String, example = "four words nobody would guess", format = "password")]
        current_password: Secret,
        /// 12 to 128 characters, none of the common ones, without the user name.
        #[schema(value_type = String, example = "four other words of nobody", format = "password")]
        new_password: Secret,
    }
}

/// Change one's password
///
/// All other sessions of the account end. API keys stay; revoke those that may be known to others.
#[utoipa::path(tag = "access", request_body = PasswordChange, responses((status = 204, description = "The password is changed")))]
#[put("/v1/me/password")]
pub async fn change_password(call: Call, mut body: JsonBody) -> Result<HttpResponse, ApiError> {
    let PasswordChange { current_password, new_password } = body.read().await?;
    let (actor, client) = (call.actor()?, call.client.clone());
    let name = actor.username.clone();
    let work = move |access: &Access, archive: &Archive| {
        access.change_password(archive, &actor, (&current_password, &new_password), &client)
    };
    call.state.attempt(&name, call.address, work).await?;
    Ok(HttpResponse::NoContent().finish())
}

parameters! {
    /// Which page of sessions is asked for.
    pub struct SessionsQuery {
        /// Sessions in the answer, 1 to 200
        limit: Limit,
        cursor: Cursor,
    }
}

/// List one's sessions
///
/// Those that run, newest first; `current` marks the one that asks.
#[utoipa::path(
    tag = "access",
    params(SessionsQuery),
    responses((status = 200, description = "A page of sessions", body = Page<SessionView>))
)]
#[get("/v1/me/sessions")]
pub async fn list_sessions(call: Call, query: SessionsQuery) -> Result<HttpResponse, ApiError> {
    let actor = call.actor()?;
    let paging = Paging::of(&call, &actor.user_id, (query.limit, query.cursor));
    let (before, limit, at) = (paging.position::<String>(&call)?, paging.limit, call.state.running());
    let read = call.state.snapshot(move |tx| {
        let of = (actor.user_id.as_str(), &actor);
        access::sessions(tx, of, at, before.as_deref(), limit)
    });
    let page = read.await?;
    paging.answer(&call, page)
}

/// End all other sessions
///
/// All of the account but the one that asks; the next request in one of them fails.
#[utoipa::path(tag = "access", responses((status = 204, description = "The other sessions are over")))]
#[delete("/v1/me/sessions")]
pub async fn end_other_sessions(call: Call) -> Result<HttpResponse, ApiError> {
    let actor = call.actor()?;
    let work = move |archive: &Archive| {
        archive.write(Authority::Caller(&actor), |tx| access::end_other_sessions(tx, &actor, archive.now()))
    };
    call.state.write(work).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// End a session
///
/// The next request in it fails. One that is over already is no error.
#[utoipa::path(
    tag = "access",
    params(("id" = String, Path, description = "Id of the session")),
    responses((status = 204, description = "The session is over"))
)]
#[delete("/v1/me/sessions/{id}")]
pub async fn end_session(call: Call, id: web::Path<String>) -> Result<HttpResponse, ApiError> {
    let actor = call.actor()?;
    let work = move |archive: &Archive| {
        archive.write(Authority::Caller(&actor), |tx| access::end_session(tx, &actor, &id, archive.now()))
    };
    call.state.write(work).await?;
    Ok(HttpResponse::NoContent().finish())
}
