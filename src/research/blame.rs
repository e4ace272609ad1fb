//! Who last set each claim of an entry.

use std::collections::HashMap;

use serde::Serialize;
use serde_json::{Value, value::RawValue};
use utoipa::ToSchema;

use super::entries::{head_of, raw};
use crate::{
    model::{blame as trace, kinds::KindDescriptor, refs::EntryKey, time::to_rfc3339},
    store::{ReadTx, RevisionRow},
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
    #[schema(value_type = Vec<String>)]
    pub reviewers: Box<RawValue>,
    #[schema(format = "uuid")]
    pub submission: String,
    /// Why: the summary of the submission.
    pub summary: String,
}

/// For each claim of a revision the one that last set it.
pub fn blame(tx: &mut ReadTx, kind: &KindDescriptor, key: &EntryKey, revision: Option<i64>) -> Result<BlameView> {
    let head = head_of(tx, kind, key)?;
    let number = revision.unwrap_or(head.head);
    let rows = tx.revisions_up_to(&head.id, number)?;
    if rows.last().is_none_or(|row| row.number != number) {
        return Err(Error::NotFound("revision"));
    }
    let parse = |row: &RevisionRow| {
        let body = serde_json::from_str(&row.body).map_err(|e| Error::Internal(format!("stored body: {e}")))?;
        Ok((row.number, body))
    };
    let bodies: Vec<(i64, Value)> = rows.iter().map(parse).collect::<Result<_>>()?;
    let bodies: Vec<(i64, &Value)> = bodies.iter().map(|(number, body)| (*number, body)).collect();
    let by_number: HashMap<i64, &RevisionRow> = rows.iter().map(|row| (row.number, row)).collect();
    let mut items = Vec::new();
    for found in trace::blame(kind, &bodies) {
        let row = by_number.get(&found.revision).ok_or(Error::NotFound("revision"))?;
        items.push(BlameItem {
            pointer: found.pointer,
            claim: found.claim,
            revision: row.number,
            at: to_rfc3339(row.at),
            author: row.author.clone(),
            reviewers: raw(row.reviewers.clone())?,
            submission: row.submission_id.clone(),
            summary: row.summary.clone(),
        });
    }
    Ok(BlameView { revision: number, items })
}
