//! Bringing a change that was made on an older revision up to the current state of the archive.

use std::collections::HashMap;

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::{
    approvals::touched,
    prepare::Op,
    proposed_body::{parse, stored_body},
};
use crate::{
    model::{
        errors::FieldCode,
        kinds::{AcceptedBody, KindDescriptor},
        merge::{self, Resolution, combine},
    },
    store::{ChangeRow, EntryRow, ReadTx},
    usecase::{Archive, Result, kind_of},
};

/// A place where a proposed change and what was accepted since do not go together.
#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct Conflict {
    /// Position of the change in the submission.
    pub change: usize,
    /// JSON Pointer of the place in the body; items of lists are named by their ids. Empty for the entry as a whole.
    #[schema(example = "/life/death/date/3f2a9c01de/value")]
    pub pointer: String,
    /// `overlapping_edits`, or why the change as a whole is not possible any more.
    #[schema(example = "overlapping_edits")]
    pub code: &'static str,
    pub detail: String,
    /// A value can be chosen for the place. Where not, other contents or a withdrawal help.
    pub is_resolvable: bool,
    /// What stood there when the change was made; null for nothing.
    #[schema(value_type = Option<serde_json::Value>)]
    pub base: Option<Value>,
    /// What stands there now.
    #[schema(value_type = Option<serde_json::Value>)]
    pub current: Option<Value>,
    /// What the change would put there.
    #[schema(value_type = Option<serde_json::Value>)]
    pub proposed: Option<Value>,
}

/// A change on the current revisions, or the places where that is not possible.
#[derive(Clone, Debug)]
pub struct Rebased {
    pub change: ChangeRow,
    /// The entry as it is; `None` for one that is not there yet.
    pub current: Option<EntryRow>,
    /// The entry that stays in a merge.
    pub survivor: Option<EntryRow>,
    /// Both edits were merged.
    pub was_merged: bool,
    pub conflicts: Vec<Conflict>,
    /// Resolutions that belong to no conflict.
    pub unused: Vec<String>,
}

/// Brings a change up to the current state. `position` is that of the change in its submission.
pub fn rebase(
    tx: &mut ReadTx,
    archive: &Archive,
    position: usize,
    change: &ChangeRow,
    resolutions: &[Resolution],
) -> Result<Rebased> {
    let known = tx.entries_by_id(&touched(std::slice::from_ref(change)))?;
    rebase_onto(tx, archive, position, change, resolutions, &known)
}

/// The same where the entries that changes are about have been looked up already.
pub fn rebase_onto(
    tx: &mut ReadTx,
    archive: &Archive,
    position: usize,
    change: &ChangeRow,
    resolutions: &[Resolution],
    known: &HashMap<String, EntryRow>,
) -> Result<Rebased> {
    let op = Op::stored(&change.op)?;
    let current = known.get(&change.entry_id).cloned();
    let survivor = change.into_id.as_ref().and_then(|id| known.get(id)).cloned();
    let mut rebased = Rebased {
        change: change.clone(),
        current,
        survivor,
        was_merged: false,
        conflicts: Vec::new(),
        unused: Vec::new(),
    };
    let work = Work { archive, kind: kind_of(&change.kind)?, position, op, resolutions };
    work.run(tx, &mut rebased)?;
    Ok(rebased)
}

struct Work<'a> {
    archive: &'a Archive,
    kind: &'static KindDescriptor,
    position: usize,
    op: Op,
    resolutions: &'a [Resolution],
}

impl Work<'_> {
    fn run(&self, tx: &mut ReadTx, rebased: &mut Rebased) -> Result<()> {
        let entry = match (&rebased.current, self.op) {
            (None, Op::Create) => return Ok(()),
            (Some(_), Op::Create) => {
                let detail = "An entry with this id has been accepted in the meantime.";
                return self.whole(rebased, FieldCode::AlreadyExists, detail);
            }
            (None, _) => return self.whole(rebased, FieldCode::NotFound, "The entry does not exist."),
            (Some(entry), _) => entry.clone(),
        };
        if entry.status != self.op.needs_status() {
            let detail = format!("The entry is {}; {} does not apply.", entry.status, self.op.as_str());
            return self.whole(rebased, FieldCode::WrongStatus, &detail);
        }
        match self.op {
            Op::Create | Op::Update | Op::Revert => self.edit(tx, rebased, &entry),
            Op::Retire | Op::Restore => self.status(tx, rebased, &entry),
            Op::Merge | Op::Unmerge => self.duplicate(tx, rebased, &entry),
        }
    }

    /// The change as a whole is not possible.
    fn whole(&self, rebased: &mut Rebased, code: FieldCode, detail: &str) -> Result<()> {
        rebased.conflicts.push(Conflict {
            change: self.position,
            code: code.as_str(),
            detail: detail.to_owned(),
            ..Conflict::default()
        });
        Ok(())
    }

    /// A new body: merged with what was accepted since.
    fn edit(&self, tx: &mut ReadTx, rebased: &mut Rebased, entry: &EntryRow) -> Result<()> {
        let change = &rebased.change;
        let base = change.base.unwrap_or(entry.head);
        if base == entry.head {
            return Ok(());
        }
        let proposed = parse(change.body.as_deref().unwrap_or("{}"))?;
        let (base, current) = (stored_body(tx, &entry.id, base)?, stored_body(tx, &entry.id, entry.head)?);
        if let Some(body) = self.three_way(rebased, base, current, proposed) {
            rebased.change.label = body.label;
            rebased.change.body = Some(body.canonical);
            rebased.change.base = Some(entry.head);
            rebased.was_merged = true;
        }
        Ok(())
    }

    /// A new status: what it was decided on must still be there, or somebody says that it does not matter.
    fn status(&self, tx: &mut ReadTx, rebased: &mut Rebased, entry: &EntryRow) -> Result<()> {
        let base = rebased.change.base.unwrap_or(entry.head);
        if base == entry.head {
            return Ok(());
        }
        let (before, now) = (stored_body(tx, &entry.id, base)?, stored_body(tx, &entry.id, entry.head)?);
        if self.is_meant() || (before == now && !tx.has_later(&entry.id, base, &Op::decisions())?) {
            rebased.change.base = Some(entry.head);
        } else {
            self.stale(rebased, (base, before), (entry.head, now));
        }
        Ok(())
    }

    /// Whether somebody has said that the change is made whatever has happened since.
    fn is_meant(&self) -> bool {
        self.resolutions.iter().any(|r| r.pointer.is_empty() && r.choice == merge::Choice::Proposed)
    }

    /// The change was decided on something else than what is there now.
    fn stale(&self, rebased: &mut Rebased, base: (i64, Value), current: (i64, Value)) {
        rebased.conflicts.push(Conflict {
            change: self.position,
            is_resolvable: true,
            code: FieldCode::StaleBase.as_str(),
            detail: format!("The change was made on revision {}; the current one is {}.", base.0, current.0),
            base: Some(base.1),
            current: Some(current.1),
            ..Conflict::default()
        });
    }

    /// A merge of duplicates or its undoing: the body of the entry that stays is merged with what was accepted since.
    fn duplicate(&self, tx: &mut ReadTx, rebased: &mut Rebased, loser: &EntryRow) -> Result<()> {
        let Some(survivor) = rebased.survivor.clone() else {
            return self.whole(rebased, FieldCode::NotFound, "The entry that stays does not exist.");
        };
        if survivor.status != "active" {
            let detail = format!("The entry {} is {} by now.", survivor.reference, survivor.status);
            return self.whole(rebased, FieldCode::WrongStatus, &detail);
        }
        if self.op == Op::Unmerge && loser.merged_into.as_deref() != Some(survivor.id.as_str()) {
            return self.whole(rebased, FieldCode::WrongStatus, "The entry has been merged into another one since.");
        }
        let change = &rebased.change;
        let (base, into_base) = (change.base.unwrap_or(loser.head), change.into_base.unwrap_or(survivor.head));
        if base == loser.head && into_base == survivor.head {
            return Ok(());
        }
        // Merged and taken apart again, both may look as they did, but somebody has decided otherwise.
        if !self.is_meant() && tx.has_later(&loser.id, base, &Op::decisions())? {
            let (before, now) = (stored_body(tx, &loser.id, base)?, stored_body(tx, &loser.id, loser.head)?);
            self.stale(rebased, (base, before), (loser.head, now));
            return Ok(());
        }
        let proposed = parse(change.into_body.as_deref().unwrap_or("{}"))?;
        let mut before = stored_body(tx, &survivor.id, into_base)?;
        let mut now = stored_body(tx, &survivor.id, survivor.head)?;
        if self.op == Op::Merge {
            before = combine(self.kind, &before, &stored_body(tx, &loser.id, base)?);
            now = combine(self.kind, &now, &stored_body(tx, &loser.id, loser.head)?);
        }
        if let Some(body) = self.three_way(rebased, before, now, proposed) {
            rebased.change.into_body = Some(body.canonical);
            rebased.change.into_base = Some(survivor.head);
            rebased.change.base = Some(loser.head);
            rebased.was_merged = true;
        }
        Ok(())
    }

    /// Merges three bodies; `None` where that is not possible, with the conflicts noted.
    fn three_way(&self, rebased: &mut Rebased, base: Value, current: Value, proposed: Value) -> Option<AcceptedBody> {
        let merged = merge::three_way(self.kind, &base, &current, &proposed, self.resolutions);
        // That the change is meant as a whole belongs to no place of the body.
        let is_status = matches!(self.op, Op::Merge | Op::Unmerge);
        rebased.unused.extend(merged.unused.into_iter().filter(|pointer| !(is_status && pointer.is_empty())));
        if !merged.conflicts.is_empty() {
            rebased.conflicts.extend(merged.conflicts.into_iter().map(|c| Conflict {
                change: self.position,
                pointer: c.pointer,
                is_resolvable: true,
                code: "overlapping_edits",
                detail: "Both edits touch this place.".to_owned(),
                base: c.base,
                current: c.current,
                proposed: c.proposed,
            }));
            return None;
        }
        match self.kind.accept(merged.body, &self.archive.limits, Some(&current)) {
            Ok(body) => Some(body),
            Err(errors) => {
                // Each edit is valid, both together are not: only a new body helps.
                rebased.conflicts.extend(errors.0.into_iter().map(|e| Conflict {
                    change: self.position,
                    code: e.code,
                    detail: e.detail,
                    pointer: e.pointer,
                    ..Conflict::default()
                }));
                None
            }
        }
    }
}
