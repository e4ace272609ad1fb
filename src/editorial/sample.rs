//! The sample of a batch: the rows that its reviewer has to open.

use std::collections::HashSet;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use serde::Serialize;
use sha2::Sha256;
use utoipa::ToSchema;

use super::{batches::require_batch, submissions::get_row};
use crate::{
    model::errors::{FieldCode, FieldErrors},
    store::{ReadTx, SubmissionRow, WriteTx},
    usecase::{Actor, Archive, Error, Result},
};

/// The rows that a reviewer has to open before deciding.
#[derive(Debug, Serialize, ToSchema)]
pub struct Sample {
    pub rows: Vec<SampleRow>,
}

/// One row of a sample.
#[derive(Debug, Serialize, ToSchema)]
pub struct SampleRow {
    pub position: i64,
    pub is_open: bool,
}

/// Name of the secret by which samples are drawn.
const SAMPLE_SECRET: &str = "batch-sample";

/// Makes the secret by which samples are drawn, unless there is one.
pub fn ensure_sample_secret(tx: &mut WriteTx, now: i64) -> Result<()> {
    if tx.secret(SAMPLE_SECRET)?.is_none() {
        tx.insert_secret(SAMPLE_SECRET, &URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>()), now)?;
    }
    Ok(())
}

/// The sample for this reviewer, of the rows that nothing has become of yet: those with the smallest hashes by a secret of
/// the archive. It is the same each time, nobody can foresee it, and a row that is set aside makes room for another one.
fn sample_of(tx: &mut ReadTx, archive: &Archive, submission: &SubmissionRow, actor: &Actor) -> Result<Vec<i64>> {
    let secret = tx.secret(SAMPLE_SECRET)?.ok_or_else(|| Error::Internal("the secret of samples is missing".into()))?;
    let mut key = Hmac::<Sha256>::new_from_slice(secret.as_bytes())
        .map_err(|e| Error::Internal(format!("the secret of samples: {e}")))?;
    key.update(format!("{}/{}/{}/", submission.id, submission.contents_version, actor.user_id).as_bytes());
    let hash = |position: &i64| {
        let mut key = key.clone();
        key.update(&position.to_be_bytes());
        key.finalize().into_bytes()
    };
    let mut open = tx.open_positions(&submission.id)?;
    open.sort_by_cached_key(hash);
    open.truncate(archive.desk.sample);
    open.sort_unstable();
    Ok(open)
}

/// The rows that the caller has to open before deciding on a batch.
pub fn sample(tx: &mut ReadTx, archive: &Archive, actor: &Actor, id: &str, now: i64) -> Result<Sample> {
    let submission = get_row(tx, archive, actor, id, now)?;
    require_batch(&submission)?;
    let open: HashSet<i64> = tx.opened_rows(&submission.id, &actor.user_id)?.into_iter().collect();
    let sample = sample_of(tx, archive, &submission, actor)?;
    let rows = sample.into_iter().map(|position| SampleRow { position, is_open: open.contains(&position) });
    Ok(Sample { rows: rows.collect() })
}

/// Refuses a decision as long as rows of the sample are unread.
pub fn require_sample(tx: &mut ReadTx, archive: &Archive, actor: &Actor, submission: &SubmissionRow) -> Result<()> {
    let open: HashSet<i64> = tx.opened_rows(&submission.id, &actor.user_id)?.into_iter().collect();
    let mut errors = FieldErrors::default();
    let sample = sample_of(tx, archive, submission, actor)?;
    for position in sample.iter().filter(|p| !open.contains(p)) {
        errors.push(format!("/rows/{position}"), FieldCode::Unread, "This row of the sample has not been opened.");
    }
    if errors.is_empty() { Ok(()) } else { Err(Error::Unread(errors)) }
}
