//! How an entry is cited, now or in one of its revisions, and the work that it describes.

use serde_json::Value;

use super::{
    entries::refuse_gone,
    export::named::{makers, people},
};
use crate::{
    model::{
        cite::{Archive, Cited, Record, Work},
        kinds::KindDescriptor,
        refs::EntryKey,
        time::julian_day,
    },
    store::ReadTx,
    usecase::{Error, Result},
};

/// What a citation is made of.
#[derive(Clone, Debug)]
pub struct Citation {
    pub record: Record,
    /// The work, where it was asked for.
    pub work: Option<Work>,
}

impl Citation {
    pub fn cited(&self) -> Cited<'_> {
        match &self.work {
            Some(work) => Cited::Work(work, &self.record),
            None => Cited::Record(&self.record),
        }
    }
}

/// The citation of an entry. Without a revision it is that of the current one; `rest` is what follows the entry in the
/// address, for entries that were merged.
pub fn citation(
    tx: &mut ReadTx,
    archive: Archive,
    kind: &'static KindDescriptor,
    key: &EntryKey,
    revision: Option<i64>,
    of_work: bool,
    rest: &str,
) -> Result<Citation> {
    let (mut head, mut body) = tx.head_with_body(kind.name, key)?.ok_or(Error::NotFound("entry"))?;
    match revision {
        None => refuse_gone(tx, &head, rest)?,
        Some(number) => {
            let row = tx.revision(&head.id, number)?.ok_or(Error::NotFound("revision"))?;
            (head.head, head.hash, head.label, head.updated_at, body) =
                (row.number, row.hash, row.label, row.at, row.body);
        }
    }
    let record = Record {
        archive,
        kind,
        reference: head.reference,
        revision: head.head,
        hash: head.hash,
        label: head.label,
        day: julian_day(head.updated_at),
    };
    if !of_work {
        return Ok(Citation { record, work: None });
    }
    let body: Value = serde_json::from_str(&body).map_err(|e| Error::Internal(format!("stored body: {e}")))?;
    let mut work = kind.work_of(&body).ok_or_else(|| Error::Internal("a work without a description".into()))?;
    let names = people(tx, &makers(kind, &body))?;
    for maker in &mut work.makers {
        maker.name = maker.entry.as_ref().and_then(|id| names.get(id.as_str()).cloned());
    }
    Ok(Citation { record, work: Some(work) })
}
