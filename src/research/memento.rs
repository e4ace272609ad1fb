//! The states of an entry as mementos (RFC 7089): which there are, and which stood at a time.

use super::entries::{head_of, refuse_gone};
use crate::{
    model::{kinds::KindDescriptor, refs::EntryKey},
    store::{HeadRow, ReadTx},
    usecase::{Error, Result},
};

/// One revision with the time of its acceptance, in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Memento {
    pub revision: i64,
    pub at: i64,
}

/// What a TimeGate leads to.
#[derive(Clone, Debug)]
pub struct Gate {
    pub reference: String,
    pub chosen: i64,
    pub first: Memento,
    pub last: Memento,
}

/// Some of the mementos of an entry, oldest first.
#[derive(Clone, Debug)]
pub struct TimeMap {
    pub reference: String,
    pub mementos: Vec<Memento>,
    /// Revision that the next part begins with.
    pub next: Option<i64>,
}

fn last_of(head: &HeadRow) -> Memento {
    Memento { revision: head.head, at: head.updated_at }
}

/// A revision with its neighbours and the ends of the history, in order, each once; and the ref of the entry.
pub fn mementos(
    tx: &mut ReadTx,
    kind: &KindDescriptor,
    key: &EntryKey,
    revision: i64,
) -> Result<(String, Vec<Memento>)> {
    let head = head_of(tx, kind, key)?;
    let wanted = [1, revision - 1, revision, revision + 1, head.head];
    let mut found: Vec<Memento> = tx
        .revisions_of(&head.id, &wanted)?
        .into_iter()
        .map(|row| Memento { revision: row.number, at: row.at })
        .collect();
    found.sort_unstable();
    Ok((head.reference, found))
}

/// The state that stood at a time: the first one before there was any, the current one without a time. An entry that had
/// been merged by then leads to the one that stays; one that had been retired to the revision that says so.
pub fn timegate(tx: &mut ReadTx, kind: &KindDescriptor, key: &EntryKey, at: Option<i64>) -> Result<Gate> {
    let head = head_of(tx, kind, key)?;
    let first = Memento { revision: 1, at: head.created_at };
    let chosen = tx.revision_at(&head.id, at.unwrap_or(i64::MAX))?;
    if let Some(row) = chosen.as_ref().filter(|row| row.status == "merged") {
        let then = HeadRow { status: row.status.clone(), merged_into: row.counterpart_id.clone(), ..head.clone() };
        refuse_gone(tx, &then, "/timegate")?;
    }
    let last = last_of(&head);
    Ok(Gate { reference: head.reference, chosen: chosen.map_or(1, |row| row.number), first, last })
}

/// The mementos of an entry from a revision on.
pub fn timemap(tx: &mut ReadTx, kind: &KindDescriptor, key: &EntryKey, from: i64, limit: i64) -> Result<TimeMap> {
    let head = head_of(tx, kind, key)?;
    let mementos: Vec<Memento> =
        tx.revision_times(&head.id, from, limit)?.into_iter().map(|(revision, at)| Memento { revision, at }).collect();
    let last = mementos.last().ok_or(Error::NotFound("revision"))?.revision;
    Ok(TimeMap { reference: head.reference, mementos, next: (last < head.head).then_some(last + 1) })
}
