//! Keys and sessions of others, as administrators see and end them.

use actix_web::{HttpResponse, delete, get, web};

use super::{account::SessionsQuery, api_keys::ApiKeysQuery, paging::Paging};
use crate::{
    access::{self, ApiKeyView, SessionView},
    http::{call::Call, problem::ApiError, reply::Page},
    usecase::{Archive, Authority},
};

/// List the API keys of an account
///
/// Those that were not revoked, newest first. The keys themselves are not shown: the archive does not know them.
#[utoipa::path(
    tag = "access",
    params(
        ("id" = String, Path, description = "Id of the account, or its name"),
        ApiKeysQuery
    ),
    responses((status = 200, description = "A page of keys", body = Page<ApiKeyView>))
)]
#[get("/v1/users/{id}/api-keys")]
pub async fn list_user_api_keys(
    call: Call,
    id: web::Path<String>,
    query: ApiKeysQuery,
) -> Result<HttpResponse, ApiError> {
    let paging = Paging::of(&call, "", (query.limit, query.cursor));
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
        SessionsQuery
    ),
    responses((status = 200, description = "A page of sessions", body = Page<SessionView>))
)]
#[get("/v1/users/{id}/sessions")]
pub async fn list_user_sessions(
    call: Call,
    id: web::Path<String>,
    query: SessionsQuery,
) -> Result<HttpResponse, ApiError> {
    let actor = call.actor()?;
    let paging = Paging::of(&call, "", (query.limit, query.cursor));
    let (before, limit, at) = (paging.position::<String>(&call)?, paging.limit, call.state.running());
    let read = call.state.snapshot(move |tx| access::user_sessions(tx, (&id, &actor), at, before.as_deref(), limit));
    let page = read.await?;
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
