//! Making everything derived anew from the revisions.

use rayon::prelude::*;
use serde_json::Value;

use super::{publish::summary, sample::ensure_sample_secret};
use crate::{
    model::{
        canon::sha256_hex,
        kinds::{Field, FieldType, REGISTRY},
        marks,
        projection::project,
        summary::sort_key,
        text,
    },
    store::{Derived, EntryRow, IndexRows, WriteTx},
    usecase::{Archive, Authority, Error, Result, kind_of},
};

/// Entries in one transaction.
const CHUNK: i64 = 500;

/// Rebuilds some entries after the given one; tells how many, and the last of them.
type Chunk = fn(&mut WriteTx, &Archive, &str) -> Result<(u64, Option<String>)>;

/// What is made anew together.
struct Part {
    /// By which rules it was made.
    state: &'static str,
    /// How far it has been made anew: the rules, and the last entry that was done.
    progress: &'static str,
    rules: String,
    clear: fn(&mut WriteTx) -> Result<()>,
    chunk: Chunk,
}

const RULES: &str = "rules";
const MARKS: &str = "marks";

/// Everything, marks among it.
fn everything() -> Part {
    let clear = |tx: &mut WriteTx| Ok(tx.clear_documents()?);
    Part { state: RULES, progress: "progress", rules: rules(), clear, chunk }
}

/// The marks alone, which takes a tenth of the time.
fn only_marks() -> Part {
    let clear = |tx: &mut WriteTx| Ok(tx.clear_marks()?);
    Part { state: MARKS, progress: "marks progress", rules: mark_rules(), clear, chunk: chunk_of_marks }
}

/// Rebuilds heads' labels and summaries, projections, facts, links, search indexes and marks of every entry from its
/// current revision. `progress` is told the number of entries done. The archive can be read and written meanwhile.
pub fn reindex(archive: &Archive, mut progress: impl FnMut(u64)) -> Result<u64> {
    let mut done = 0_u64;
    let mut after = String::new();
    archive.write(Authority::Archive, |tx| -> Result<()> {
        // What was indexed by other rules cannot be found again to be removed.
        if tx.derived_state(RULES)?.is_none_or(|by| by != rules()) {
            tx.clear_documents()?;
        }
        Ok(())
    })?;
    loop {
        let (n, last) = archive.write(Authority::Archive, |tx| chunk(tx, archive, &after))?;
        done += n;
        progress(done);
        match last {
            Some(id) => after = id,
            None => break,
        }
    }
    archive.write(Authority::Archive, finished)?;
    Ok(done)
}

/// Keeps that everything has been made by the rules of this program.
fn finished(tx: &mut WriteTx) -> Result<()> {
    tx.set_derived_state(RULES, Some(&rules()))?;
    Ok(tx.set_derived_state(MARKS, Some(&mark_rules()))?)
}

/// Rebuilds what is derived where it was made by other rules than those of this program: after an upgrade, before
/// anything is served. What was done is kept, so that an interrupted rebuild goes on where it was; several instances share
/// the work. Tells how many entries this one has done.
pub fn bring_up_to_date(archive: &Archive, mut progress: impl FnMut(u64)) -> Result<u64> {
    let now = archive.now();
    archive.write(Authority::Archive, |tx| ensure_sample_secret(tx, now))?;
    let mut done = 0;
    for part in [everything(), only_marks()] {
        loop {
            let (n, is_done) = archive.write(Authority::Archive, |tx| part.go_on(tx, archive))?;
            done += n;
            if n > 0 {
                progress(done);
            }
            if is_done {
                break;
            }
        }
    }
    Ok(done)
}

impl Part {
    /// Rebuilds some more entries, where there are any; tells how many, and whether those were the last.
    fn go_on(&self, tx: &mut WriteTx, archive: &Archive) -> Result<(u64, bool)> {
        let Self { state, progress, rules, clear, chunk } = self;
        if tx.derived_state(state)?.as_ref() == Some(rules) {
            return Ok((0, true));
        }
        let stored = tx.derived_state(progress)?;
        let after = stored.as_ref().and_then(|s| s.strip_prefix(rules)?.strip_prefix(' ')).map(str::to_owned);
        if after.is_none() {
            clear(tx)?;
        }
        let (n, last) = chunk(tx, archive, &after.unwrap_or_default())?;
        if let Some(id) = &last {
            tx.set_derived_state(progress, Some(&format!("{rules} {id}")))?;
        } else {
            tx.set_derived_state(progress, None)?;
            match *state {
                RULES => finished(tx)?,
                _ => tx.set_derived_state(state, Some(rules))?,
            }
        }
        Ok((n, last.is_none()))
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

/// The rules that marks are made by.
fn mark_rules() -> String {
    format!("{} {}", rules(), marks::VERSION)
}

/// Rebuilds the marks of some entries after the given one; tells how many, and the last of them.
fn chunk_of_marks(tx: &mut WriteTx, _: &Archive, after: &str) -> Result<(u64, Option<String>)> {
    let heads = tx.heads_after(after, CHUNK)?;
    let projected = heads
        .par_iter()
        .map(|(entry, body)| {
            let kind = kind_of(&entry.kind)?;
            let projection = project(kind, &read(entry, body)?);
            let index = IndexRows::only_marks(kind, &projection);
            Ok((kind, entry, projection, index))
        })
        .collect::<Result<Vec<_>>>()?;
    let all: Vec<Derived> = projected
        .iter()
        .map(|(kind, head, projection, index)| Derived { kind, head, projection, index, is_new: false })
        .collect();
    tx.write_marks(&all)?;
    Ok((u64::try_from(all.len()).unwrap_or(0), heads.last().map(|(entry, _)| entry.id.clone())))
}

fn read(entry: &EntryRow, body: &str) -> Result<Value> {
    serde_json::from_str(body).map_err(|e| Error::Internal(format!("body of {}: {e}", entry.id)))
}

/// Rebuilds some entries after the given one; tells how many, and the last of them.
fn chunk(tx: &mut WriteTx, archive: &Archive, after: &str) -> Result<(u64, Option<String>)> {
    let heads = tx.heads_after(after, CHUNK)?;
    let mut done = 0;
    for (mut entry, body) in heads.iter().cloned() {
        let kind = kind_of(&entry.kind)?;
        let body = read(&entry, &body)?;
        let projection = project(kind, &body);
        // A body that an older program accepted keeps the label it was given.
        if let Ok(accepted) = kind.accept(body.clone(), &archive.limits, None) {
            entry.label = accepted.label;
        }
        entry.sort_key = sort_key(&entry.label);
        entry.summary = summary(&entry, &projection);
        tx.update_entry(&entry)?;
        let document = text::document(kind, &body, &entry.label);
        let index = IndexRows::of(archive.store.backend(), kind, &projection, &document, &entry.label);
        let derived = Derived { kind, head: &entry, projection: &projection, index: &index, is_new: false };
        tx.write_derived(&[derived])?;
        done += 1;
    }
    // Counts that were made of what stood there before hold no longer.
    tx.mark_derived(&uuid::Uuid::new_v4().to_string(), archive.now())?;
    Ok((done, heads.last().map(|(entry, _)| entry.id.clone())))
}
