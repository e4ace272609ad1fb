//! Making everything derived anew from the revisions.

use serde_json::Value;

use super::{publish::summary, rebase::kind_of};
use crate::{
    model::{projection::project, summary::sort_key},
    store::Derived,
    usecase::{Archive, Error, Result},
};

/// Entries in one transaction.
const CHUNK: i64 = 500;

/// Rebuilds heads' labels and summaries, projections, facts and links of every entry from its current revision.
/// `progress` is told the number of entries done. The archive can be read and written meanwhile.
pub fn reindex(archive: &Archive, mut progress: impl FnMut(u64)) -> Result<u64> {
    let mut done = 0_u64;
    let mut after = String::new();
    loop {
        let last = archive.store.write(|tx| -> Result<Option<String>> {
            let heads = tx.heads_after(&after, CHUNK)?;
            for (mut entry, body) in heads.iter().cloned() {
                let kind = kind_of(&entry.kind)?;
                let body: Value =
                    serde_json::from_str(&body).map_err(|e| Error::Internal(format!("body of {}: {e}", entry.id)))?;
                let projection = project(kind, &body);
                // A body that an older program accepted keeps the label it was given.
                if let Ok(accepted) = kind.accept(body, &archive.limits, None) {
                    entry.label = accepted.label;
                }
                entry.sort_key = sort_key(&entry.label);
                entry.summary = summary(&entry, &projection);
                tx.update_entry(&entry)?;
                let derived = Derived { kind, id: &entry.id, projection: &projection, is_new: false };
                tx.write_projections(&[derived])?;
                done += 1;
            }
            // Counts that were made of what stood there before hold no longer.
            tx.mark_derived(&uuid::Uuid::new_v4().to_string(), archive.now())?;
            Ok(heads.last().map(|(entry, _)| entry.id.clone()))
        })?;
        progress(done);
        match last {
            Some(id) => after = id,
            None => return Ok(done),
        }
    }
}
