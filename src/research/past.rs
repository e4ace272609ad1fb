//! Lists as they stood at a time. What has not changed since is found by SQL as always; what has is read as it was,
//! projected anew, held against the same conditions and sorted in.

use std::collections::{BTreeSet, HashMap};

use serde_json::Value;

use crate::{
    model::{
        errors::{FieldCode, FieldErrors},
        kinds::KindDescriptor,
        projection::{Projection, project},
        summary::{self, Identity},
        text::document,
    },
    store::{Candidate, Condition, HeadRow, ListQuery, ListRow, PastRow, ReadTx, SortValue, holds},
    usecase::{Error, Result, kind_of},
};

/// Entries of a kind that may have changed since the time that is asked for: all of them are read.
pub const MOST_CHANGED: i64 = 20_000;
/// Entries read at a time.
const CHUNK: usize = 200;

/// An entry that was active at a time and has changed since, as it was.
#[derive(Clone, Debug)]
pub struct PastEntry {
    pub row: PastRow,
    pub projection: Projection,
}

/// Visits the entries of a kind that were active at a time, kept to the conditions and have changed since, as they were.
/// With the entries that keep to [`Condition::UnchangedSince`] these are all that were active then.
///
/// # Errors
/// More than [`MOST_CHANGED`] entries have changed since.
pub fn overlay(
    tx: &mut ReadTx,
    kind: &KindDescriptor,
    at: i64,
    conditions: &[Condition],
    mut visit: impl FnMut(PastEntry) -> Result<()>,
) -> Result<()> {
    let changed = tx.changed_since(kind, at, MOST_CHANGED + 1)?;
    if i64::try_from(changed.len()).unwrap_or(i64::MAX) > MOST_CHANGED {
        let detail = format!("More than {MOST_CHANGED} entries of this kind have changed since; ask for a later time.");
        return Err(Error::InvalidQuery(FieldErrors::one("at", FieldCode::TooMany, detail)));
    }
    let needs_words = conditions.iter().any(Condition::needs_words);
    for some in changed.chunks(CHUNK) {
        for row in tx.states_at(some, at)? {
            if row.status != "active" {
                continue;
            }
            let body = parsed(&row.body)?;
            let projection = project(kind, &body);
            let document = needs_words.then(|| document(kind, &body, &row.label));
            let (document, updated_at) = (document.as_ref(), row.updated_at);
            let candidate = Candidate { projection: &projection, document, updated_at };
            if conditions.iter().all(|condition| holds(condition, candidate)) {
                visit(PastEntry { row, projection })?;
            }
        }
    }
    Ok(())
}

fn parsed(body: &str) -> Result<Value> {
    serde_json::from_str(body).map_err(|e| Error::Internal(format!("stored body: {e}")))
}

/// One page as it stood: its rows, one more than asked for when there are more, and how many the whole list has.
/// Whatever else wants those that have changed since visits them here: they are read once.
pub fn page(
    tx: &mut ReadTx,
    query: &ListQuery,
    at: i64,
    cap: i64,
    mut visit: impl FnMut(&PastEntry),
) -> Result<(Vec<ListRow>, i64)> {
    let mut changed = Vec::new();
    overlay(tx, query.kind, at, &query.conditions, |entry| {
        visit(&entry);
        changed.push(light(entry.row));
        Ok(())
    })?;
    let mut unchanged = query.clone();
    unchanged.conditions.push(Condition::UnchangedSince(at));
    let mut rows = tx.list(&unchanged)?;
    unchanged.after = None;
    let total = tx.count(&unchanged, cap)?.saturating_add(i64::try_from(changed.len()).unwrap_or(i64::MAX));
    let place = |row: &ListRow| (rank(row.sort_value(query.order)), row.id.clone());
    if let Some((value, id)) = &query.after {
        let last = (rank(value.clone()), id.clone());
        changed.retain(|row| if query.descending { place(row) < last } else { place(row) > last });
    }
    rows.append(&mut changed);
    rows.sort_by_cached_key(place);
    if query.descending {
        rows.reverse();
    }
    rows.truncate(usize::try_from(query.limit).unwrap_or(usize::MAX));
    fill(tx, at, &mut rows)?;
    Ok((rows, total))
}

/// One column sorts a list: the other half of the pair is always the same.
fn rank(value: SortValue) -> (i64, String) {
    match value {
        SortValue::Integer(number) => (number, String::new()),
        SortValue::Text(text) => (0, text),
    }
}

/// What sorting needs; the rest is read for the rows of the page alone.
fn light(row: PastRow) -> ListRow {
    ListRow {
        sort_key: summary::sort_key(&row.label),
        id: row.id,
        ref_number: row.ref_number,
        updated_at: row.updated_at,
        created_at: row.created_at,
        reference: row.reference,
        head: row.number,
        hash: row.hash,
        label: row.label,
        summary: String::new(),
        body: String::new(),
    }
}

fn fill(tx: &mut ReadTx, at: i64, rows: &mut [ListRow]) -> Result<()> {
    let wanted: Vec<String> = rows.iter().filter(|r| r.summary.is_empty()).map(|r| r.id.clone()).collect();
    let states = tx.states_at(&wanted, at)?;
    for row in rows.iter_mut().filter(|r| r.summary.is_empty()) {
        let state = states.iter().find(|s| s.id == row.id).ok_or(Error::NotFound("revision"))?;
        row.summary = summary_of(state)?;
        row.body.clone_from(&state.body);
    }
    Ok(())
}

/// The summary of an entry as it stood, JSON.
pub fn summary_of(state: &PastRow) -> Result<String> {
    let identity = Identity {
        id: &state.id,
        reference: &state.reference,
        kind: &state.kind,
        status: &state.status,
        label: &state.label,
        revision: state.number,
        updated_at: state.updated_at,
    };
    Ok(summary::summary(&identity, &project(kind_of(&state.kind)?, &parsed(&state.body)?)))
}

/// An entry as it stood, without its body.
pub fn head_of(state: &PastRow) -> HeadRow {
    HeadRow {
        id: state.id.clone(),
        kind: state.kind.clone(),
        reference: state.reference.clone(),
        status: state.status.clone(),
        head: state.number,
        hash: state.hash.clone(),
        label: state.label.clone(),
        created_at: state.created_at,
        updated_at: state.updated_at,
        reason: None,
        merged_into: state.merged_into().cloned(),
    }
}

/// The links of the given names from the given entries as they stood at a time: from, name, to, each once and in this order,
/// and whether they are all. They lead where merges of then led, to entries that were active. `limit` bounds what is followed.
pub fn links_at(tx: &mut ReadTx, ids: &[String], rels: &[&str], at: i64, limit: usize) -> Result<(Vec<Led>, bool)> {
    let mut links = BTreeSet::new();
    for state in tx.states_at(ids, at)? {
        let projection = project(kind_of(&state.kind)?, &parsed(&state.body)?);
        let named = projection.links.iter().filter(|link| rels.contains(&link.rel));
        links.extend(named.map(|link| (state.id.clone(), link.rel.to_owned(), link.target.as_str().to_owned())));
    }
    let is_all = links.len() <= limit;
    let links: Vec<Led> = links.into_iter().take(limit).collect();
    let targets: BTreeSet<&String> = links.iter().map(|(.., to)| to).collect();
    let survivors = survivors_at(tx, &targets.into_iter().cloned().collect::<Vec<_>>(), at)?;
    let active = |to: &String| survivors.get(to).filter(|survivor| survivor.is_active);
    let led = links.into_iter().filter_map(|(from, rel, to)| Some((from, rel, active(&to)?.id.clone())));
    Ok((led.collect::<BTreeSet<_>>().into_iter().collect(), is_all))
}

/// A link as it led: from, its name, to.
type Led = (String, String, String);

/// Where an entry stood at a time.
#[derive(Clone)]
struct Standing {
    id: String,
    is_active: bool,
    merged_into: Option<String>,
}

/// Where the given entries led at a time: those that existed, each with the one that stays after all merges.
fn survivors_at(tx: &mut ReadTx, ids: &[String], at: i64) -> Result<HashMap<String, Standing>> {
    let mut known: HashMap<String, Standing> = HashMap::new();
    let mut ahead = ids.to_vec();
    while !ahead.is_empty() {
        // Their bodies are let go a few at a time.
        for some in ahead.chunks(CHUNK) {
            for state in tx.states_at(some, at)? {
                let (is_active, merged_into) = (state.status == "active", state.merged_into().cloned());
                known.insert(state.id.clone(), Standing { id: state.id, is_active, merged_into });
            }
        }
        ahead = ahead.iter().filter_map(|id| known.get(id)?.merged_into.clone()).collect();
        ahead.retain(|id| !known.contains_key(id));
        ahead.sort_unstable();
        ahead.dedup();
    }
    let survivor = |id: &String| {
        // Of merges in a circle, which cannot be, the last one would stay.
        let next = |standing: &&Standing| known.get(standing.merged_into.as_ref()?);
        let last = std::iter::successors(known.get(id), next).take(known.len()).last()?;
        Some((id.clone(), last.clone()))
    };
    Ok(ids.iter().filter_map(survivor).collect())
}

/// All entries that led, at a time, to where one of the given ones led: what a link has to name to lead there.
pub fn named_at(tx: &mut ReadTx, ids: &[String], at: i64) -> Result<Vec<String>> {
    let survivors = survivors_at(tx, ids, at)?;
    let mut family: Vec<String> = survivors.into_values().map(|survivor| survivor.id).collect();
    let mut ahead = family.clone();
    while !ahead.is_empty() {
        ahead = tx.merged_into_at(&ahead, at)?;
        ahead.retain(|id| !family.contains(id));
        family.extend(ahead.iter().cloned());
    }
    family.sort();
    family.dedup();
    Ok(family)
}
