//! Making everything derived anew from the revisions.

use serde_json::Value;

use super::{publish::summary, rebase::kind_of};
use crate::{
    model::{
        canon::sha256_hex,
        kinds::{Field, FieldType, REGISTRY},
        projection::project,
        summary::sort_key,
        text,
    },
    store::{Derived, WriteTx},
    usecase::{Archive, Error, Result},
};

/// Entries in one transaction.
const CHUNK: i64 = 500;

/// By which rules the derived tables were made.
const RULES: &str = "rules";
/// How far they have been made anew: the rules, and the last entry that was done.
const PROGRESS: &str = "progress";

/// Rebuilds heads' labels and summaries, projections, facts, links and search indexes of every entry from its current
/// revision. `progress` is told the number of entries done. The archive can be read and written meanwhile.
pub fn reindex(archive: &Archive, mut progress: impl FnMut(u64)) -> Result<u64> {
    let mut done = 0_u64;
    let mut after = String::new();
    archive.store.write(|tx| -> Result<()> {
        // What was indexed by other rules cannot be found again to be removed.
        if tx.derived_state(RULES)?.is_none_or(|by| by != rules()) {
            tx.clear_documents()?;
        }
        Ok(())
    })?;
    loop {
        let (n, last) = archive.store.write(|tx| chunk(tx, archive, &after))?;
        done += n;
        progress(done);
        match last {
            Some(id) => after = id,
            None => break,
        }
    }
    archive.store.write(|tx| Ok::<_, Error>(tx.set_derived_state(RULES, Some(&rules()))?))?;
    Ok(done)
}

/// Rebuilds all that is derived when it was made by other rules than those of this program: after an upgrade, before
/// anything is served. What was done is kept, so that an interrupted rebuild goes on where it was; several instances share
/// the work. Tells how many entries this one has done.
pub fn bring_up_to_date(archive: &Archive, mut progress: impl FnMut(u64)) -> Result<u64> {
    let rules = rules();
    let mut done = 0;
    loop {
        let (n, is_done) = archive.store.write(|tx| -> Result<_> {
            if tx.derived_state(RULES)?.as_ref() == Some(&rules) {
                return Ok((0, true));
            }
            let stored = tx.derived_state(PROGRESS)?;
            let after = stored.as_ref().and_then(|s| s.strip_prefix(&rules)?.strip_prefix(' ')).map(str::to_owned);
            if after.is_none() {
                tx.clear_documents()?;
            }
            let (n, last) = chunk(tx, archive, &after.unwrap_or_default())?;
            match &last {
                Some(id) => tx.set_derived_state(PROGRESS, Some(&format!("{rules} {id}")))?,
                None => {
                    tx.set_derived_state(RULES, Some(&rules))?;
                    tx.set_derived_state(PROGRESS, None)?;
                }
            }
            Ok((n, last.is_none()))
        })?;
        done += n;
        if n > 0 {
            progress(done);
        }
        if is_done {
            return Ok(done);
        }
    }
}

/// The rules that all derived tables are made by, in short: the fields of all kinds, and how words are made.
fn rules() -> String {
    // Descriptions and labels of codes change nothing.
    let field = |field: &Field| {
        let of_type = match field.field_type {
            FieldType::Coded(_) => "Coded".to_owned(),
            other => format!("{other:?}"),
        };
        format!("{} {} {of_type} {} {}\n", field.name, field.path, field.many, field.in_summary)
    };
    let mut all = format!("{}\n", text::VERSION);
    for kind in REGISTRY {
        all.push_str(&format!("{} {:?}\n", kind.name, kind.references));
        all.extend(kind.fields.iter().map(field));
    }
    sha256_hex(all.as_bytes())
}

/// Rebuilds some entries after the given one; tells how many, and the last of them.
fn chunk(tx: &mut WriteTx, archive: &Archive, after: &str) -> Result<(u64, Option<String>)> {
    let heads = tx.heads_after(after, CHUNK)?;
    let mut done = 0;
    for (mut entry, body) in heads.iter().cloned() {
        let kind = kind_of(&entry.kind)?;
        let body: Value =
            serde_json::from_str(&body).map_err(|e| Error::Internal(format!("body of {}: {e}", entry.id)))?;
        let projection = project(kind, &body);
        // A body that an older program accepted keeps the label it was given.
        if let Ok(accepted) = kind.accept(body.clone(), &archive.limits, None) {
            entry.label = accepted.label;
        }
        entry.sort_key = sort_key(&entry.label);
        entry.summary = summary(&entry, &projection);
        tx.update_entry(&entry)?;
        let document = text::document(kind, &body, &entry.label);
        let derived = Derived { kind, head: &entry, projection: &projection, document: &document, is_new: false };
        tx.write_derived(&[derived])?;
        done += 1;
    }
    // Counts that were made of what stood there before hold no longer.
    tx.mark_derived(&uuid::Uuid::new_v4().to_string(), archive.now())?;
    Ok((done, heads.last().map(|(entry, _)| entry.id.clone())))
}
