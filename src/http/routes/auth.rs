//! Signing in and out, coming in for the first time, and the public keys of the archive.

use actix_web::{HttpResponse, get, http::StatusCode, post};
use serde::Serialize;

use crate::{
    access::{Access, AccountView, Jwks, Registration, Secret, SignIn, TokenPair},
    http::{
        call::Call,
        problem::ApiError,
        received::JsonBody,
        reply::{self, Caching, to_json},
    },
    model::record::record,
    usecase::Archive,
};

record! {
    /// Name and password, and a code where the account has a second factor.
    LoginRequest;
    required {
        /// Capitals, letters of full width and spaces around it make no difference.
        #[schema(example = "editor")]
        username: String,
        #[schema(value_type = String, example = "four words nobody would guess", format = "password")]
        password: Secret,
    }
    optional {
        /// A code of the second factor, or a recovery code.
        #[schema(value_type = Option<String>, example = "287082")]
        otp: Option<Secret>,
    }
}

record! {
    /// A refresh token.
    RefreshRequest;
    required {
        #[schema(value_type = String, example = "m3yJ0n4yqLxQ7b8c")]
        refresh_token: Secret,
    }
}

record! {
    /// An invitation, and the account that is to be made with it.
    RegisterRequest;
    required {
        #[schema(value_type = String, example = "Y0n4yqLxQ7b8cm3yJ")]
        invitation_token: Secret,
        /// 2 to 40 letters from a to z, digits, dots, underscores and hyphens. It is kept in small letters.
        #[schema(example = "anna")]
        username: String,
        /// 12 to 128 characters, no control characters. Kept in one form (RFC 8265), so that every keyboard sends the same.
        #[schema(value_type = String, example = "four words nobody would guess", format = "password")]
        password: Secret,
    }
}

record! {
    /// A reset token, and the password that is to be.
    ResetRequest;
    required {
        #[schema(value_type = String, example = "qLxQ7b8cm3yJY0n4y")]
        reset_token: Secret,
        /// 12 to 128 characters, no control characters.
        #[schema(value_type = String, example = "four words nobody would guess", format = "password")]
        new_password: Secret,
    }
}

/// An answer that holds a secret: no cache keeps it, and neither does the archive.
pub fn once(status: StatusCode, value: &impl Serialize) -> Result<HttpResponse, ApiError> {
    let body = to_json(value)?;
    Ok(HttpResponse::build(status)
        .insert_header(("cache-control", "no-store"))
        .content_type("application/json")
        .body(body))
}

/// Sign in
///
/// Gives an access token for the header `Authorization: Bearer …` and a refresh token for the next one. An account with a
/// second factor is answered `otp_required` until `otp` has a code of it, or a recovery code. A code is taken once.
/// After some failed attempts the next one has to wait, longer and longer: 429 with `Retry-After`.
#[utoipa::path(tag = "access", request_body = LoginRequest, responses((status = 200, description = "Signed in", body = TokenPair)))]
#[post("/v1/auth/login")]
pub async fn login(call: Call, mut body: JsonBody) -> Result<HttpResponse, ApiError> {
    let LoginRequest { username, password, otp } = body.read().await?;
    let name = username.clone();
    let (sign_in, client) = (SignIn { username, password, otp }, call.client.clone());
    let work = move |access: &Access, archive: &Archive| access.login(archive, &sign_in, &client);
    let pair = call.state.attempt(&name, call.address, work).await?;
    once(StatusCode::OK, &pair)
}

/// Get a new pair of tokens
///
/// A refresh token works once. Using one a second time ends the session: it may have been stolen.
#[utoipa::path(tag = "access", request_body = RefreshRequest, responses((status = 200, description = "The next pair", body = TokenPair)))]
#[post("/v1/auth/refresh")]
pub async fn refresh(call: Call, mut body: JsonBody) -> Result<HttpResponse, ApiError> {
    let RefreshRequest { refresh_token } = body.read().await?;
    let client = call.client.clone();
    let pair = call.state.session(move |access, archive| access.refresh(archive, &refresh_token, &client)).await?;
    once(StatusCode::OK, &pair)
}

/// Sign out
///
/// Ends the session of the refresh token. Its access tokens stop working at once.
#[utoipa::path(tag = "access", request_body = RefreshRequest, responses((status = 204, description = "The session is over")))]
#[post("/v1/auth/logout")]
pub async fn logout(call: Call, mut body: JsonBody) -> Result<HttpResponse, ApiError> {
    let RefreshRequest { refresh_token } = body.read().await?;
    let client = call.client.clone();
    call.state.session(move |access, archive| access.logout(archive, &refresh_token, &client)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Make an account with an invitation
///
/// The role is that of the invitation, which is used up. The token that `serve` prints at the first start makes the first
/// administrator.
#[utoipa::path(tag = "access", request_body = RegisterRequest, responses((status = 201, description = "The account", body = AccountView)))]
#[post("/v1/auth/register")]
pub async fn register(call: Call, mut body: JsonBody) -> Result<HttpResponse, ApiError> {
    let RegisterRequest { invitation_token, username, password } = body.read().await?;
    let (new, client) = (Registration { invitation_token, username, password }, call.client.clone());
    let view = call.state.account(move |access, archive| access.register(archive, &new, &client)).await?;
    once(StatusCode::CREATED, &view)
}

/// Set a new password with a reset token
///
/// Once, within 24 hours of its making. All sessions of the account end; a second factor stays.
#[utoipa::path(tag = "access", request_body = ResetRequest, responses((status = 204, description = "The password is set")))]
#[post("/v1/auth/reset-password")]
pub async fn reset_password(call: Call, mut body: JsonBody) -> Result<HttpResponse, ApiError> {
    let ResetRequest { reset_token, new_password } = body.read().await?;
    let client = call.client.clone();
    let work =
        move |access: &Access, archive: &Archive| access.use_reset(archive, &reset_token, &new_password, &client);
    call.state.account(work).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Show the keys that access tokens are signed with
///
/// A JSON Web Key Set (RFC 7517): the public half of each key whose tokens are valid now. Ask again when a token names an
/// unknown `kid`.
#[utoipa::path(tag = "access", responses((status = 200, description = "The key set", body = Jwks)))]
#[get("/.well-known/jwks.json")]
pub async fn get_jwks(call: Call) -> Result<HttpResponse, ApiError> {
    let work = |access: &Access, archive: &Archive| Ok(access.tokens.jwks(&archive.store, archive.now()));
    let keys = call.state.session(work).await?;
    reply::json(&call, &keys, None, Caching::Minute)
}

/// Show the account that calls
#[utoipa::path(tag = "access", responses((status = 200, description = "The account", body = AccountView)))]
#[get("/v1/me")]
pub async fn get_me(call: Call) -> Result<HttpResponse, ApiError> {
    let actor = call.actor()?;
    let view = call.state.session(move |access, archive| access.account(archive, &actor)).await?;
    reply::json(&call, &view, None, Caching::Private)
}
