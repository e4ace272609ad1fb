//! What a page of entries has to know of the entries that it names.

use std::collections::HashMap;

use serde_json::Value;

use crate::{
    model::{
        cite::{PersonName, name_of},
        export::{Known, Named, Needs},
        kinds::KindDescriptor,
        projection::references,
    },
    store::{ListRow, ReadTx},
    usecase::{Error, Result},
};

/// Looks up what the rows name, in a few statements for all of them.
pub fn known(tx: &mut ReadTx, kind: &KindDescriptor, needs: Needs, page: &[ListRow]) -> Result<Known> {
    let mut known = Known::default();
    if needs == Needs::Nothing {
        return Ok(known);
    }
    let mut ids = Vec::new();
    for row in page {
        let body = body(&row.body)?;
        match needs {
            Needs::Names => ids.extend(makers(kind, &body)),
            _ => ids.extend(references(kind, &body).into_iter().map(|r| r.target.as_str().to_owned())),
        }
    }
    ids.sort_unstable();
    ids.dedup();
    if needs == Needs::Names {
        known.people = people(tx, &ids)?;
        return Ok(known);
    }
    for (id, kind, reference) in tx.entry_refs(&ids)? {
        if let Some(kind) = KindDescriptor::by_name(&kind) {
            known.entries.insert(id, Named { kind, reference });
        }
    }
    Ok(known)
}

/// The entries that made the work of a body.
pub fn makers(kind: &KindDescriptor, body: &Value) -> Vec<String> {
    let work = kind.work_of(body);
    work.into_iter().flat_map(|w| w.makers).filter_map(|m| Some(m.entry?.as_str().to_owned())).collect()
}

/// The names of entries, as bibliographies sort them.
pub fn people(tx: &mut ReadTx, ids: &[String]) -> Result<HashMap<String, PersonName>> {
    let mut names = HashMap::new();
    for some in ids.chunks(100) {
        for (entry, text) in tx.heads_with_bodies(some)? {
            let kind = KindDescriptor::by_name(&entry.kind);
            if let Some(name) = kind.zip(body(&text).ok()).and_then(|(kind, body)| name_of(kind, &body)) {
                names.insert(entry.id, name);
            }
        }
    }
    Ok(names)
}

fn body(text: &str) -> Result<Value> {
    serde_json::from_str(text).map_err(|e| Error::Internal(format!("stored body: {e}")))
}
