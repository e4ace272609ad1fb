//! The feed: what became public, in order, without gaps.

use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    model::{stored::StoredJson, time::to_rfc3339},
    store::ReadTx,
    usecase::Result,
};

/// One acceptance.
#[derive(Debug, Serialize, ToSchema)]
pub struct FeedEvent {
    /// Numbered from 1 without gaps.
    pub seq: i64,
    #[schema(format = "date-time")]
    pub at: String,
    /// `created`, `updated`, `retired` or `restored`.
    #[serde(rename = "type")]
    #[schema(example = "created")]
    pub event_type: String,
    /// The entry as it became.
    #[schema(value_type = crate::research::lists::SummaryView)]
    pub entry: StoredJson,
    pub revision: i64,
    #[schema(format = "uuid")]
    pub submission: String,
}

/// Events after a number.
#[derive(Debug)]
pub struct FeedPage {
    pub items: Vec<FeedEvent>,
    /// Number of the last event there is.
    pub last_seq: i64,
}

/// The events after `after`, oldest first.
pub fn feed(tx: &mut ReadTx, after: i64, limit: i64) -> Result<FeedPage> {
    let last_seq = tx.last_seq()?;
    let items = tx
        .feed_after(after, limit)?
        .into_iter()
        .map(|row| {
            Ok(FeedEvent {
                seq: row.seq,
                at: to_rfc3339(row.at),
                event_type: row.event_type,
                entry: StoredJson::new(row.summary),
                revision: row.revision,
                submission: row.submission_id,
            })
        })
        .collect::<Result<Vec<_>>>()?;
    Ok(FeedPage { items, last_seq })
}
