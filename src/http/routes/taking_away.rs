//! Keys and sessions of others, as administrators see and end them.

use actix_web::{HttpResponse, delete, get, web};

use super::paging::Paging;
use crate::{
    access::{self, ApiKeyView, SessionView},
    http::{
        call::{Call, Query},
        problem::ApiError,
        reply::Page,
    },
    model::errors::FieldErrors,
    store::ReadTx,
    usecase::{Archive, Authority},
};

/// List the API keys of an account
///
/// Those that were not revoked, newest first. The keys themselves are not shown: the archive does not know them.
#[utoipa::path(
    tag = "access",
    params(
        ("id" = String, Path, description = "Id of the account, or its name"),
        ("limit" = Option<i64>, Query, description = "Keys in the answer, 1 to 200", example = 50),
        ("cursor" = Option<String>, Query, description = "Where to go on: `next` of the page before")
    ),
    responses((status = 200, description = "A page of keys", body = Page<ApiKeyView>))
)]
#[get("/v1/users/{id}/api-keys")]
pub async fn list_user_api_keys(call: Call, id: web::Path<String>, mut query: Query) -> Result<HttpResponse, ApiError> {
    let mut errors = FieldErrors::default();
    let paging = Paging::take(format!("/v1/users/{id}/api-keys"), "", &mut query, &mut errors);
    query.finish(errors)?;
    let (before, limit) = (paging.position::<String>(&call)?, paging.limit);
    let page = call.state.snapshot(move |tx| access::user_api_keys(tx, &id, before.as_deref(), limit)).await?;
    paging.answer(&call, page)
}

/// Revoke an API key of an account
///
/// The next request with it fails. One that is revoked already is no error.
#[utoipa::path(
    tag = "access",
    params(
        ("id" = String, Path, description = "Id of the account, or its name"),
        ("key_id" = String, Path, description = "Id of the key")
    ),
    responses((status = 204, description = "The key is revoked"))
)]
#[delete("/v1/users/{id}/api-keys/{key_id}")]
pub async fn revoke_user_api_key(call: Call, path: web::Path<(String, String)>) -> Result<HttpResponse, ApiError> {
    let (actor, (id, key)) = (call.actor()?, path.into_inner());
    let work = move |archive: &Archive| {
        archive.write(Authority::Caller(&actor), |tx| access::revoke_user_api_key(tx, &actor, &id, &key, archive.now()))
    };
    call.state.write(work).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// List the sessions of an account
///
/// Those that run, newest first; `current` marks the one that asks, where it is of this account.
#[utoipa::path(
    tag = "access",
    params(
        ("id" = String, Path, description = "Id of the account, or its name"),
        ("limit" = Option<i64>, Query, description = "Sessions in the answer, 1 to 200", example = 50),
        ("cursor" = Option<String>, Query, description = "Where to go on: `next` of the page before")
    ),
    responses((status = 200, description = "A page of sessions", body = Page<SessionView>))
)]
#[get("/v1/users/{id}/sessions")]
pub async fn list_user_sessions(call: Call, id: web::Path<String>, mut query: Query) -> Result<HttpResponse, ApiError> {
    let actor = call.actor()?;
    let mut errors = FieldErrors::default();
    let paging = Paging::take(format!("/v1/users/{id}/sessions"), "", &mut query, &mut errors);
    query.finish(errors)?;
    let (before, limit, at) = (paging.position::<String>(&call)?, paging.limit, call.state.running());
    let work = move |tx: &mut ReadTx| access::user_sessions(tx, (&id, &actor), at, before.as_deref(), limit);
    let page = call.state.snapshot(work).await?;
    paging.answer(&call, page)
}

/// End all sessions of an account
///
/// The next request in one of them fails. API keys stay.
#[utoipa::path(
    tag = "access",
    params(("id" = String, Path, description = "Id of the account, or its name")),
    responses((status = 204, description = "No session of the account runs any more"))
)]
#[delete("/v1/users/{id}/sessions")]
pub async fn end_user_sessions(call: Call, id: web::Path<String>) -> Result<HttpResponse, ApiError> {
    let actor = call.actor()?;
    let work = move |archive: &Archive| {
        archive.write(Authority::Caller(&actor), |tx| access::end_user_sessions(tx, &actor, &id, archive.now()))
    };
    call.state.write(work).await?;
    Ok(HttpResponse::NoContent().finish())
}
