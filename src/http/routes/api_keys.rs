//! API keys of an account.

use actix_web::{HttpResponse, delete, get, http::StatusCode, post, web};

use super::{auth::once, paging::Paging};
use crate::{
    access::{self, Access, ApiKeyView, NewApiKey, NewApiKeyView, Secret},
    http::{
        call::Call,
        problem::ApiError,
        query::{Cursor, Limit, parameters},
        received::JsonBody,
        reply::Page,
    },
    model::{permissions::Scope, record::record},
    usecase::{Archive, Authority},
};

record! {
    /// An API key to make.
    ApiKeyRequest;
    required {
        /// What it is for.
        #[schema(example = "Import of the memorial book")]
        name: String,
        /// What it may be used for. Every key reads.
        #[schema(example = json!(["submit"]))]
        scopes: Vec<Scope>,
        /// The password of the account: a key may outlive the session by far.
        #[schema(value_type = String, example = "four words nobody would guess", format = "password")]
        password: Secret,
    }
    optional {
        /// 1 to 3650; 365 when absent.
        #[schema(example = 90)]
        expires_in_days: Option<i64>,
    }
}

parameters! {
    /// Which page of keys is asked for.
    pub struct ApiKeysQuery {
        /// Keys in the answer, 1 to 200
        limit: Limit,
        cursor: Cursor,
    }
}

/// List one's API keys
///
/// Those that were not revoked, newest first. The keys themselves are not shown: the archive does not know them.
#[utoipa::path(
    tag = "access",
    params(ApiKeysQuery),
    responses((status = 200, description = "A page of keys", body = Page<ApiKeyView>))
)]
#[get("/v1/me/api-keys")]
pub async fn list_api_keys(call: Call, query: ApiKeysQuery) -> Result<HttpResponse, ApiError> {
    let actor = call.actor()?;
    let paging = Paging::of(&call, &actor.user_id, (query.limit, query.cursor));
    let (before, limit) = (paging.position::<String>(&call)?, paging.limit);
    let page = call.state.snapshot(move |tx| access::api_keys(tx, &actor.user_id, before.as_deref(), limit)).await?;
    paging.answer(&call, page)
}

/// Make an API key
///
/// For programs: send it as `Authorization: Bearer krt_…`. It is shown this once. It never does more than its owner may at
/// the time of use, and never touches passwords, second factors, sessions and keys.
#[utoipa::path(tag = "access", request_body = ApiKeyRequest, responses((status = 201, description = "The key", body = NewApiKeyView)))]
#[post("/v1/me/api-keys")]
pub async fn create_api_key(call: Call, mut body: JsonBody) -> Result<HttpResponse, ApiError> {
    let ApiKeyRequest { name, scopes, password, expires_in_days } = body.read().await?;
    let (actor, new) = (call.actor()?, NewApiKey { name, scopes, expires_in_days });
    let (owner, client) = (actor.username.clone(), call.client.clone());
    let work =
        move |access: &Access, archive: &Archive| access.create_api_key(archive, &actor, new, &password, &client);
    once(StatusCode::CREATED, &call.state.attempt(&owner, call.address, work).await?)
}

/// Revoke an API key
///
/// The next request with it fails. One that is revoked already is no error.
#[utoipa::path(
    tag = "access",
    params(("id" = String, Path, description = "Id of the key")),
    responses((status = 204, description = "The key is revoked"))
)]
#[delete("/v1/me/api-keys/{id}")]
pub async fn revoke_api_key(call: Call, id: web::Path<String>) -> Result<HttpResponse, ApiError> {
    let actor = call.actor()?;
    let work = move |archive: &Archive| {
        archive.write(Authority::Caller(&actor), |tx| access::revoke_api_key(tx, &actor, &id, archive.now()))
    };
    call.state.write(work).await?;
    Ok(HttpResponse::NoContent().finish())
}
