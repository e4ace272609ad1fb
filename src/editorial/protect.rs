//! Guarded entries: more approvals, or moderators only.

use std::collections::HashMap;

use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    model::{desk::Protection, kinds::KindDescriptor, refs::EntryKey, time::to_rfc3339},
    store::{AuditRow, ProtectionChangeRow, ProtectionRow, ReadTx, WriteTx},
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
            level: level(&row.level)?,
            reason: row.reason,
            set_by: Some(row.set_by),
            at: Some(to_rfc3339(row.at)),
            etag: format!("\"p{}\"", row.version),
        })
    }
}

fn level(name: &str) -> Result<Protection> {
    Protection::parse(name).ok_or_else(|| Error::Internal(format!("unknown protection {name}")))
}

/// Those of the given entries that are guarded, and how.
pub fn levels(tx: &mut ReadTx, ids: &[String]) -> Result<HashMap<String, Protection>> {
    let mut levels = HashMap::new();
    for some in ids.chunks(500) {
        for row in tx.protections(some)? {
            levels.insert(row.entry_id.clone(), level(&row.level)?);
        }
    }
    Ok(levels)
}

/// How an entry was guarded in the course of time.
#[derive(Debug, Default)]
pub struct History {
    /// The levels it went through, each with the time since when.
    levels: Vec<(i64, Protection)>,
    /// What was taken from it and has not been given back.
    pub lowerings: Vec<Lowering>,
}

/// A protection was lowered, and is lower since.
#[derive(Debug, PartialEq, Eq)]
pub struct Lowering {
    /// The account that did it.
    pub by_id: String,
    pub from: Protection,
}

impl History {
    /// The highest level since a time, that at the time included.
    pub fn highest_since(&self, time: i64) -> Protection {
        let ends = self.levels.iter().skip(1).map(|(since, _)| *since).chain([i64::MAX]);
        let levels = self.levels.iter().zip(ends).filter(|(_, end)| *end >= time);
        levels.map(|((_, level), _)| *level).max().unwrap_or_default()
    }

    fn append(&mut self, change: &ProtectionChangeRow) -> Result<()> {
        let (old, new) = (level(&change.old_level)?, level(&change.new_level)?);
        if self.levels.is_empty() {
            self.levels.push((i64::MIN, old));
        }
        self.levels.push((change.at, new));
        self.lowerings.retain(|lowering| lowering.from > new);
        if let Some(by_id) = change.by_id.clone().filter(|_| new < old) {
            self.lowerings.push(Lowering { by_id, from: old });
        }
        Ok(())
    }
}

/// How the given entries were guarded, those whose protection was ever changed.
pub fn histories(tx: &mut ReadTx, ids: &[String]) -> Result<HashMap<String, History>> {
    let mut histories: HashMap<String, History> = HashMap::new();
    for some in ids.chunks(500) {
        for change in tx.protection_changes(some)? {
            histories.entry(change.entry_id.clone()).or_default().append(&change)?;
        }
    }
    Ok(histories)
}

/// Who the record names where a merge has protected an entry. Not a name an account can have.
const MERGE: &str = "(merge)";

/// Lets the entry that stays in a merge be guarded as well as the one that goes.
pub fn inherit(tx: &mut WriteTx, stays: &str, goes: &str, now: i64) -> Result<()> {
    let levels = levels(tx, &[stays.to_owned(), goes.to_owned()])?;
    let level = |id: &str| levels.get(id).copied().unwrap_or_default();
    if level(goes) <= level(stays) {
        return Ok(());
    }
    let row = ProtectionRow {
        entry_id: stays.to_owned(),
        level: level(goes).as_str().to_owned(),
        reason: "The entry that was merged into it was protected.".to_owned(),
        set_by: MERGE.to_owned(),
        at: now,
        version: tx.protection(stays)?.map_or(0, |row| row.version) + 1,
    };
    let old_level = level(stays).as_str().to_owned();
    let (entry_id, new_level) = (row.entry_id.clone(), row.level.clone());
    let change = ProtectionChangeRow { entry_id, version: row.version, old_level, new_level, by_id: None, at: now };
    Ok(tx.set_protection(&row, &change)?)
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
    let change = ProtectionChangeRow {
        entry_id: row.entry_id.clone(),
        version,
        old_level: before.level.as_str().to_owned(),
        new_level: row.level.clone(),
        by_id: Some(actor.user_id.clone()),
        at: now,
    };
    tx.set_protection(&row, &change)?;
    let detail = serde_json::json!({"from": before.level, "to": level, "reason": reason});
    tx.append_audit(AuditRow {
        seq: 0,
        at: now,
        actor: actor.username.clone(),
        action: "protect".into(),
        subject: format!("entry {}", before.entry),
        detail: detail.to_string(),
        via: actor.via(),
    })?;
    ProtectionView::new(before.entry, Some(row))
}
