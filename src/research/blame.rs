//! Who last set each claim of an entry.

use std::collections::HashMap;

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::entries::head_of;
use crate::{
    model::{blame::Tracer, kinds::KindDescriptor, refs::EntryKey, stored::StoredJson, time::to_rfc3339},
    store::{ReadTx, RevisionMeta, still_wanted},
    usecase::{Error, Result},
};

/// Where everything in a body comes from.
#[derive(Debug, Serialize, ToSchema)]
pub struct BlameView {
    /// The revision whose body is explained.
    pub revision: i64,
    pub items: Vec<BlameItem>,
}

/// A claim, or what else stands in a body, and the revision that last changed it.
#[derive(Debug, Serialize, ToSchema)]
pub struct BlameItem {
    /// JSON Pointer of the place in the body.
    #[schema(example = "/life/death/date/0")]
    pub pointer: String,
    /// Id of the claim.
    #[schema(example = "3f2a9c01de")]
    pub claim: Option<String>,
    /// The revision that last changed it.
    pub revision: i64,
    #[schema(format = "date-time")]
    pub at: String,
    pub author: String,
    /// Who wrote of the revision beside the author.
    #[schema(value_type = Vec<String>)]
    pub contributors: StoredJson,
    #[schema(value_type = Vec<String>)]
    pub reviewers: StoredJson,
    #[schema(format = "uuid")]
    pub submission: String,
    /// Why: the summary of the submission.
    pub summary: String,
}

/// Revisions that are read at once.
const CHUNK: i64 = 20;

/// For each claim of a revision the one that last set it.
pub fn blame(tx: &mut ReadTx, kind: &KindDescriptor, key: &EntryKey, revision: Option<i64>) -> Result<BlameView> {
    let head = head_of(tx, kind, key)?;
    let number = revision.unwrap_or(head.head);
    let parse =
        |body: &str| serde_json::from_str::<Value>(body).map_err(|e| Error::Internal(format!("stored body: {e}")));
    let last = tx.revision(&head.id, number)?.ok_or(Error::NotFound("revision"))?;
    let mut tracer = Tracer::new(kind, number, &parse(&last.body)?);
    let mut before = number;
    // A few at a time, and no further back than anything is left to explain.
    while before > 1 && !tracer.is_done() {
        still_wanted()?;
        for row in tx.bodies_before(&head.id, before, CHUNK)? {
            tracer.step(row.0, &parse(&row.1)?);
            before = row.0;
        }
    }
    let found = tracer.finish();
    let mut numbers: Vec<i64> = found.iter().map(|f| f.revision).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let by_number: HashMap<i64, RevisionMeta> =
        tx.revisions_of(&head.id, &numbers)?.into_iter().map(|row| (row.number, row)).collect();
    let mut items = Vec::new();
    for found in found {
        let row = by_number.get(&found.revision).ok_or(Error::NotFound("revision"))?;
        items.push(BlameItem {
            pointer: found.pointer,
            claim: found.claim,
            revision: row.number,
            at: to_rfc3339(row.at),
            author: row.author.clone(),
            contributors: StoredJson::new(row.contributors.clone()),
            reviewers: StoredJson::new(row.reviewers.clone()),
            submission: row.submission_id.clone(),
            summary: row.summary.clone(),
        });
    }
    Ok(BlameView { revision: number, items })
}
