//! Guarded entries: more approvals, or moderators only.

use std::collections::HashMap;

use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    model::{desk::Protection, kinds::KindDescriptor, refs::EntryKey, time::to_rfc3339},
    store::{AuditRow, ProtectionRow, ReadTx, WriteTx},
    usecase::{Actor, Error, IfMatch, Result, require_match},
};

/// How an entry is guarded.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProtectionView {
    #[schema(format = "uuid")]
    pub entry: String,
    pub level: Protection,
    /// Why, for everybody to read; empty where it never was protected.
    pub reason: String,
    pub set_by: Option<String>,
    #[schema(format = "date-time")]
    pub at: Option<String>,
    #[serde(skip)]
    pub etag: String,
}

impl ProtectionView {
    fn new(entry: String, row: Option<ProtectionRow>) -> Result<Self> {
        let Some(row) = row else {
            return Ok(Self {
                entry,
                level: Protection::None,
                reason: String::new(),
                set_by: None,
                at: None,
                etag: "\"p0\"".into(),
            });
        };
        Ok(Self {
            entry,
            level: level_of(&row)?,
            reason: row.reason,
            set_by: Some(row.set_by),
            at: Some(to_rfc3339(row.at)),
            etag: format!("\"p{}\"", row.version),
        })
    }
}

fn level_of(row: &ProtectionRow) -> Result<Protection> {
    Protection::parse(&row.level).ok_or_else(|| Error::Internal(format!("unknown protection {}", row.level)))
}

/// Those of the given entries that are guarded, and how.
pub fn levels(tx: &mut ReadTx, ids: &[String]) -> Result<HashMap<String, Protection>> {
    let mut levels = HashMap::new();
    for some in ids.chunks(500) {
        for row in tx.protections(some)? {
            levels.insert(row.entry_id.clone(), level_of(&row)?);
        }
    }
    Ok(levels)
}

/// Refuses changes of locked entries by others than moderators.
pub fn refuse_locked(tx: &mut ReadTx, actor: &Actor, ids: &[String]) -> Result<()> {
    let locked = !actor.is_moderator() && levels(tx, ids)?.values().any(|level| *level == Protection::Locked);
    if locked {
        Err(Error::Forbidden("the entry is locked; only moderators may propose changes of it"))
    } else {
        Ok(())
    }
}

/// How an entry is guarded.
pub fn protection(tx: &mut ReadTx, kind: &KindDescriptor, key: &EntryKey) -> Result<ProtectionView> {
    let head = tx.head(kind.name, key)?.ok_or(Error::NotFound("entry"))?;
    let row = tx.protection(&head.id)?;
    ProtectionView::new(head.id, row)
}

/// Guards an entry, or lets it go.
pub fn protect(
    tx: &mut WriteTx,
    actor: &Actor,
    (kind, key): (&KindDescriptor, &EntryKey),
    condition: Option<&IfMatch>,
    (level, reason): (Protection, String),
    now: i64,
) -> Result<ProtectionView> {
    let before = protection(tx, kind, key)?;
    require_match(condition, &before.etag)?;
    let version = tx.protection(&before.entry)?.map_or(0, |row| row.version) + 1;
    let row = ProtectionRow {
        entry_id: before.entry.clone(),
        level: level.as_str().to_owned(),
        reason: reason.clone(),
        set_by: actor.username.clone(),
        at: now,
        version,
    };
    tx.set_protection(&row)?;
    let detail = serde_json::json!({"from": before.level, "to": level, "reason": reason});
    tx.append_audit(AuditRow {
        seq: 0,
        at: now,
        actor: actor.username.clone(),
        action: "protect".into(),
        subject: format!("entry {}", before.entry),
        detail: detail.to_string(),
    })?;
    ProtectionView::new(before.entry, Some(row))
}
