//! Who may propose changes of an entry, and how many must approve them.

use actix_web::{
    HttpResponse, get,
    http::{StatusCode, header},
    put,
};

use crate::{
    editorial::{self, ProtectionView},
    http::{
        call::{Call, EntryPath},
        problem::ApiError,
        received::JsonBody,
        reply::{self, Caching, Reply},
    },
    model::{
        desk::Protection,
        errors::{FieldCode, FieldErrors},
        precheck::check_line,
        record::record,
    },
    store::WriteTx,
    usecase::Error,
};

record! {
    /// How an entry is to be guarded, and why.
    NewProtection;
    required {
        /// `none`, `protected` or `locked`.
        #[schema(value_type = Protection)]
        level: String,
        /// For everybody to read.
        #[schema(example = "Vandalised several times in May")]
        reason: String,
    }
}

/// Longest reason, in characters.
const REASON_CHARS: usize = 2_000;

/// Read the protection of an entry
#[utoipa::path(
    tag = "{kind}",
    params(("id" = String, Path, description = "Id or ref", example = "P1")),
    responses((status = 200, description = "How it is guarded", body = ProtectionView))
)]
#[get("/v1/{kind}/{id}/protection")]
pub async fn get_entry_protection(call: Call, path: EntryPath) -> Result<HttpResponse, ApiError> {
    let EntryPath { kind, key } = path;
    let view = call.state.snapshot(move |tx| editorial::protection(tx, kind, &key)).await?;
    reply::json(&call, &view, Some(&view.etag.clone()), Caching::Public)
}

/// Set the protection of an entry
///
/// `protected` raises the number of approvals, `locked` also leaves proposing to moderators. It is audited.
#[utoipa::path(
    tag = "{kind}",
    params(("id" = String, Path, description = "Id or ref", example = "P1")),
    request_body(content = NewProtection, example = json!({"level": "protected", "reason": "Often contested"})),
    responses((status = 200, description = "How it is guarded now", body = ProtectionView))
)]
#[put("/v1/{kind}/{id}/protection")]
pub async fn protect_entry(call: Call, path: EntryPath, mut body: JsonBody) -> Result<HttpResponse, ApiError> {
    let NewProtection { level, reason } = body.read().await?;
    let mut errors = FieldErrors::default();
    let level = Protection::parse(&level);
    if level.is_none() {
        errors.push("/level", FieldCode::UnknownCode, "level is none, protected or locked.");
    }
    if reason.trim().is_empty() {
        errors.push("/reason", FieldCode::MissingField, "Say why, for everybody to read.");
    }
    check_line("/reason", &reason, REASON_CHARS, &mut errors);
    errors.into_result(()).map_err(Error::Invalid)?;
    let level = level.unwrap_or_default();
    let (actor, condition, EntryPath { kind, key }) = (call.actor()?, call.if_match.clone(), path);
    let effect = move |tx: &mut WriteTx, now| {
        editorial::protect(tx, &actor, (kind, &key), condition.as_ref(), (level, reason), now)
    };
    let answer = |view: &ProtectionView| Ok(Reply::new(StatusCode::OK, view)?.header(header::ETAG, view.etag.clone()));
    reply::perform(&call, body.received, effect, answer).await
}
