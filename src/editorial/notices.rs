//! What concerns an account: its notifications, and which of them it has read.

use serde::Serialize;
use utoipa::ToSchema;

use super::submissions::find;
use crate::{
    model::time::to_rfc3339,
    store::{NotificationRow, ReadTx, WriteTx},
    usecase::{Actor, Listing, Result},
};

/// Something that was done with a submission of one's own, or one that one has reviewed or commented on.
#[derive(Debug, Serialize, ToSchema)]
pub struct NotificationView {
    /// Numbered from 1 for every account.
    pub number: i64,
    #[schema(format = "date-time")]
    pub at: String,
    /// As in the audit trail: `comment`, `request_changes`, `approve`, …
    #[schema(example = "request_changes")]
    pub action: String,
    pub actor: String,
    #[schema(format = "uuid")]
    pub submission: String,
    /// The summary of the submission; empty for those who may not read it any more.
    pub summary: String,
    #[schema(format = "date-time")]
    pub read_at: Option<String>,
}

impl From<NotificationRow> for NotificationView {
    fn from(row: NotificationRow) -> Self {
        Self {
            number: row.number,
            at: to_rfc3339(row.at),
            action: row.action,
            actor: row.actor,
            submission: row.submission_id,
            summary: row.summary,
            read_at: row.read_at.map(to_rfc3339),
        }
    }
}

/// The notifications of the caller, newest first; the total is that of the unread ones where those are asked for.
pub fn notifications(
    tx: &mut ReadTx,
    actor: &Actor,
    unread: bool,
    before: i64,
    limit: i64,
) -> Result<Listing<NotificationView, i64>> {
    let (all, not_read) = tx.count_notifications(&actor.user_id)?;
    let rows = tx.notifications(&actor.user_id, unread, before, limit + 1)?;
    let total = if unread { not_read } else { all };
    Listing::of(rows, limit, total, |row| row.number).shown(|rows| {
        let mut items = Vec::new();
        for mut row in rows {
            // Whoever may not read the submission any more does not read its summary here either.
            if find(tx, actor, &row.submission_id).is_err() {
                row.summary = String::new();
            }
            items.push(NotificationView::from(row));
        }
        Ok(items)
    })
}

/// How many notifications are left unread.
#[derive(Debug, Serialize, ToSchema)]
pub struct Unread {
    pub unread: i64,
}

/// Marks the caller's notifications up to a number as read.
pub fn mark_read(tx: &mut WriteTx, actor: &Actor, up_to: i64, now: i64) -> Result<Unread> {
    tx.mark_read(&actor.user_id, up_to, now)?;
    Ok(Unread { unread: tx.count_notifications(&actor.user_id)?.1 })
}
