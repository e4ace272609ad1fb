//! The second factor of an account.

use actix_web::{HttpResponse, delete, get, http::StatusCode, post};

use super::auth::once;
use crate::{
    access::{self, Access, Enrolment, RecoveryCodes, Secret, TotpView},
    http::{
        call::Call,
        problem::ApiError,
        received::JsonBody,
        reply::{self, Caching},
    },
    model::record::record,
    usecase::Archive,
};

record! {
    /// What it takes to set a second factor up.
    TotpEnrolment;
    required {
        #[schema(value_type = String, example = "four words nobody would guess", format = "password")]
        password: Secret,
    }
}

record! {
    /// A code of the authenticator.
    TotpCode;
    required {
        #[schema(value_type = String, example = "287082")]
        otp: Secret,
    }
}

record! {
    /// What it takes to remove a second factor.
    TotpRemoval;
    required {
        #[schema(value_type = String, example = "four words nobody would guess", format = "password")]
        password: Secret,
        /// A code of the authenticator, or a recovery code.
        #[schema(value_type = String, example = "287082")]
        otp: Secret,
    }
}

/// Show the state of one's second factor
#[utoipa::path(tag = "access", responses((status = 200, description = "Whether there is one", body = TotpView)))]
#[get("/v1/me/totp")]
pub async fn get_totp(call: Call) -> Result<HttpResponse, ApiError> {
    let actor = call.actor()?;
    let view = call.state.snapshot(move |tx| access::totp_state(tx, &actor)).await?;
    reply::json(&call, &view, None, Caching::Private)
}

/// Begin to set up a second factor
///
/// With the password. Time-based one-time codes (RFC 6238): SHA-1, six digits, thirty seconds. The secret is shown this once and counts when a
/// code of it has been confirmed; beginning again makes a new one.
#[utoipa::path(tag = "access", request_body = TotpEnrolment, responses((status = 201, description = "What to set the authenticator up with", body = Enrolment)))]
#[post("/v1/me/totp")]
pub async fn enrol_totp(call: Call, mut body: JsonBody) -> Result<HttpResponse, ApiError> {
    let TotpEnrolment { password } = body.read().await?;
    let (actor, client) = (call.actor()?, call.client.clone());
    let name = actor.username.clone();
    let work = move |access: &Access, archive: &Archive| access.enrol_totp(archive, &actor, &password, &client);
    once(StatusCode::CREATED, &call.state.attempt(&name, call.address, work).await?)
}

/// Confirm a second factor
///
/// With a code of the authenticator. From now on signing in takes one. The answer has ten recovery codes, shown this once;
/// each works once in place of a code. The other sessions of the account end.
#[utoipa::path(tag = "access", request_body = TotpCode, responses((status = 200, description = "The recovery codes", body = RecoveryCodes)))]
#[post("/v1/me/totp/confirm")]
pub async fn confirm_totp(call: Call, mut body: JsonBody) -> Result<HttpResponse, ApiError> {
    let TotpCode { otp } = body.read().await?;
    let (actor, client) = (call.actor()?, call.client.clone());
    let name = actor.username.clone();
    let work = move |access: &Access, archive: &Archive| access.confirm_totp(archive, &actor, &otp, &client);
    once(StatusCode::OK, &call.state.attempt(&name, call.address, work).await?)
}

/// Remove one's second factor
///
/// With the password and a code, or a recovery code.
#[utoipa::path(tag = "access", request_body = TotpRemoval, responses((status = 204, description = "There is no second factor any more")))]
#[delete("/v1/me/totp")]
pub async fn remove_totp(call: Call, mut body: JsonBody) -> Result<HttpResponse, ApiError> {
    let TotpRemoval { password, otp } = body.read().await?;
    let (actor, client) = (call.actor()?, call.client.clone());
    let name = actor.username.clone();
    let work =
        move |access: &Access, archive: &Archive| access.remove_totp(archive, &actor, (&password, &otp), &client);
    call.state.attempt(&name, call.address, work).await?;
    Ok(HttpResponse::NoContent().finish())
}
