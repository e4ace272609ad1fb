//! Signing in and out.

use actix_web::{HttpResponse, get, post};
use deserr::Deserr;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    access::{Access, AccountView, Secret, TokenPair},
    http::{
        call::{Call, JsonBody, Query},
        problem::ApiError,
        reply::{self, Caching, to_json},
    },
    model::errors::FieldErrors,
    usecase::Archive,
};

/// Name and password.
#[derive(Deserr, ToSchema, Serialize)]
#[deserr(error = FieldErrors, deny_unknown_fields)]
#[serde(deny_unknown_fields)]
struct LoginRequest {
    #[schema(example = "editor")]
    username: String,
    #[schema(example = "correct horse battery staple", format = "password")]
    password: String,
}

/// A refresh token.
#[derive(Deserr, ToSchema, Serialize)]
#[deserr(error = FieldErrors, deny_unknown_fields)]
#[serde(deny_unknown_fields)]
struct RefreshRequest {
    #[schema(example = "m3yJ0n4yqLxQ7b8c")]
    refresh_token: String,
}

fn tokens(pair: &TokenPair) -> Result<HttpResponse, ApiError> {
    let body = to_json(pair)?;
    Ok(HttpResponse::Ok().insert_header(("cache-control", "no-store")).content_type("application/json").body(body))
}

/// Sign in
///
/// Gives an access token for the header `Authorization: Bearer …` and a refresh token for the next one.
/// After some failed attempts the next one has to wait, longer and longer: 429 with `Retry-After`.
#[utoipa::path(tag = "access", request_body = LoginRequest, responses((status = 200, description = "Signed in", body = TokenPair)))]
#[post("/v1/auth/login")]
pub async fn login(call: Call, body: JsonBody) -> Result<HttpResponse, ApiError> {
    let LoginRequest { username, password } = body.read()?;
    let password = Secret::new(password);
    let name = username.clone();
    let login = move |access: &Access, archive: &Archive| access.login(archive, &name, &password);
    let pair = call.state.attempt(&username, call.address, login).await?;
    tokens(&pair)
}

/// Get a new pair of tokens
///
/// A refresh token works once. Using one a second time ends the session: it may have been stolen.
#[utoipa::path(tag = "access", request_body = RefreshRequest, responses((status = 200, description = "The next pair", body = TokenPair)))]
#[post("/v1/auth/refresh")]
pub async fn refresh(call: Call, body: JsonBody) -> Result<HttpResponse, ApiError> {
    let RefreshRequest { refresh_token } = body.read()?;
    let token = Secret::new(refresh_token);
    let pair = call.state.account(move |access, archive| access.refresh(archive, &token)).await?;
    tokens(&pair)
}

/// Sign out
///
/// Ends the session of the refresh token. Its access tokens stop working at once.
#[utoipa::path(tag = "access", request_body = RefreshRequest, responses((status = 204, description = "The session is over")))]
#[post("/v1/auth/logout")]
pub async fn logout(call: Call, body: JsonBody) -> Result<HttpResponse, ApiError> {
    let RefreshRequest { refresh_token } = body.read()?;
    let token = Secret::new(refresh_token);
    call.state.account(move |access, archive| access.logout(archive, &token)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Show the account that calls
#[utoipa::path(tag = "access", responses((status = 200, description = "The account", body = AccountView)))]
#[get("/v1/me")]
pub async fn get_me(call: Call, query: Query) -> Result<HttpResponse, ApiError> {
    query.finish(FieldErrors::default())?;
    let actor = call.actor()?;
    let view = call.state.account(move |access, archive| access.account(archive, &actor)).await?;
    reply::json(&call, &view, None, Caching::Private)
}
