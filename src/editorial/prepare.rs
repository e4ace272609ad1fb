//! From what an editor proposes to changes that can be published: every body read, every reference looked up,
//! every error collected.

use std::collections::{HashMap, HashSet};

use rayon::prelude::*;
use serde_json::Value;

pub use super::op::Op;
use super::{
    duplicates,
    proposed_body::{new_body, old_body},
    references::{self, Beside, Proposal},
};
use crate::{
    model::{
        errors::{FieldCode, FieldErrors, quoted},
        kinds::{AcceptedBody, KindDescriptor},
        limits::Limits,
        parts::EntryId,
        precheck::check_line,
        record::record,
        refs::EntryKey,
    },
    store::{ChangeRow, EntryRow, ReadTx, still_wanted},
    usecase::{Error, Result},
};

record! {
    /// One proposed change.
    ProposedChange;
    required {
        op: Op,
    }
    optional {
        /// Kind of the entry; needed for `create`.
        #[schema(example = "person")]
        kind: Option<String>,
        /// Id of the entry, or its ref. For `create` a UUID made by the client, so that other changes can refer to it.
        id: Option<String>,
        /// The revision the change was made on; the current one when absent.
        base: Option<i64>,
        /// The whole new body.
        #[schema(value_type = Option<serde_json::Value>)]
        body: Option<Value>,
        /// Instead of a body: a JSON Patch (an array, RFC 6902) or a merge patch (an object, RFC 7396).
        #[schema(value_type = Option<serde_json::Value>)]
        patch: Option<Value>,
        /// For `revert`: the revision to go back to.
        to: Option<i64>,
        /// For `retire`: the reason that the public sees.
        reason: Option<String>,
        /// For `merge`: id or ref of the entry that stays.
        into: Option<String>,
        /// For `merge`: the revision of the entry that stays on which the change was made; the current one when absent.
        into_base: Option<i64>,
    }
}

/// So many bodies are worth the effort of sharing them out among processors. Requests have fewer.
pub const MANY: usize = 256;
/// Longest public reason, in characters.
const REASON_CHARS: usize = 2_000;

/// A change ready to be stored, reviewed and published.
#[derive(Clone, Debug)]
pub struct PreparedChange {
    pub op: Op,
    pub kind: &'static KindDescriptor,
    pub entry_id: String,
    pub base: Option<i64>,
    pub body: Option<AcceptedBody>,
    pub label: String,
    pub to_revision: Option<i64>,
    pub reason: Option<String>,
    /// The other entry of a merge.
    pub into: Option<PreparedOther>,
}

/// The entry that stays in a merge: its id, the revision the change was made on, and its new body.
#[derive(Clone, Debug)]
pub struct PreparedOther {
    pub id: String,
    pub base: i64,
    pub body: AcceptedBody,
}

impl PreparedChange {
    /// The entries it changes.
    pub fn entry_ids(&self) -> impl Iterator<Item = &String> {
        std::iter::once(&self.entry_id).chain(self.into.as_ref().map(|o| &o.id))
    }

    /// Bytes of the bodies that it proposes: a patch proposes a whole body too.
    fn bytes(&self) -> usize {
        let bodies = self.body.iter().chain(self.into.as_ref().map(|o| &o.body));
        bodies.map(|body| body.canonical.len()).sum()
    }

    /// The row it is stored as.
    pub fn into_row(self, submission_id: &str, version: i64, position: i64) -> ChangeRow {
        let (into_id, into_base, into_body) = match self.into {
            Some(other) => (Some(other.id), Some(other.base), Some(other.body.canonical)),
            None => (None, None, None),
        };
        ChangeRow {
            submission_id: submission_id.to_owned(),
            version,
            position,
            op: self.op.as_str().to_owned(),
            kind: self.kind.name.to_owned(),
            entry_id: self.entry_id,
            base: self.base,
            body: self.body.map(|b| b.canonical),
            label: self.label,
            to_revision: self.to_revision,
            reason: self.reason,
            into_id,
            into_base,
            into_body,
        }
    }
}

/// Reads and checks all changes of a submission. Errors point into `/changes/…`. `earlier` names the entries that
/// the submission makes already, with their kinds: these changes may refer to them.
pub fn prepare(
    tx: &mut ReadTx,
    limits: &Limits,
    proposed: Vec<ProposedChange>,
    earlier: &HashMap<String, String>,
) -> Result<Vec<PreparedChange>> {
    let mut errors = FieldErrors::default();
    let changes = prepare_all(tx, limits, proposed, earlier, Together::AsOne, &mut errors)?;
    errors.into_result(changes).map_err(Error::Invalid)
}

/// How changes that are sent together belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Together {
    /// They are published together: each may refer to any other.
    AsOne,
    /// They are published in their order: each may refer to those before it.
    InOrder,
}

/// The same, with the errors that were found before.
pub fn prepare_all(
    tx: &mut ReadTx,
    limits: &Limits,
    proposed: Vec<ProposedChange>,
    earlier: &HashMap<String, String>,
    together: Together,
    errors: &mut FieldErrors,
) -> Result<Vec<PreparedChange>> {
    if proposed.is_empty() {
        errors.push("/changes", FieldCode::MissingField, "A submission has at least one change.");
    }
    if proposed.len() > limits.changes {
        let detail = format!("{} changes; {} are allowed.", proposed.len(), limits.changes);
        errors.push("/changes", FieldCode::TooMany, detail);
        return Ok(Vec::new());
    }
    let mut proposed = proposed;
    let bodies = accept_new(limits, &mut proposed);
    let taken = taken(tx, &proposed)?;
    let mut prepared = Vec::new();
    let mut seen: HashSet<String> = HashSet::new();
    for (i, (change, body)) in proposed.into_iter().zip(bodies).enumerate() {
        still_wanted()?;
        let at = format!("/changes/{i}");
        let mut found = FieldErrors::default();
        let ready = match change.op {
            Op::Create => {
                refuse_needless_fields(&change, &mut found);
                prepare_create(change, body, &taken, &mut found)
            }
            _ => prepare_one(tx, limits, change, &mut found)?,
        };
        errors.extend_at(&at, found);
        if let Some(ready) = ready {
            for id in ready.entry_ids() {
                if earlier.contains_key(id) || !seen.insert(id.clone()) {
                    errors.push(format!("{at}/id"), FieldCode::Duplicate, "One submission changes an entry once.");
                }
            }
            prepared.push((i, ready));
        }
    }
    let bytes: usize = prepared.iter().map(|(_, change)| change.bytes()).sum();
    if together == Together::AsOne && bytes > limits.request_bytes {
        let detail = format!(
            "The bodies of a submission have at most {} bytes together; these have {bytes}.",
            limits.request_bytes
        );
        errors.push("/changes", FieldCode::TooLong, detail);
        return Ok(Vec::new());
    }
    let bodies: Vec<Proposal> = prepared.iter().flat_map(|(i, change)| proposals(*i, change)).collect();
    let merged = prepared.iter().filter(|(_, c)| c.op == Op::Merge);
    let beside = Beside {
        made: earlier.iter().map(|(id, kind)| (id.as_str(), kind.as_str())).collect(),
        merged: merged.filter_map(|(_, c)| Some((c.entry_id.as_str(), c.into.as_ref()?.id.as_str()))).collect(),
        in_order: together == Together::InOrder,
    };
    references::check(tx, &bodies, &beside, errors)?;
    Ok(prepared.into_iter().map(|(_, change)| change).collect())
}

/// A body as it was read, or what is wrong with it; nothing where none was read.
type Read = Option<std::result::Result<AcceptedBody, FieldErrors>>;

/// Reads the bodies of new entries, on all processors where there are very many of them.
fn accept_new(limits: &Limits, proposed: &mut [ProposedChange]) -> Vec<Read> {
    let accept = |change: &mut ProposedChange| {
        let kind = change.kind.as_deref().filter(|_| change.op == Op::Create).and_then(KindDescriptor::by_name)?;
        Some(kind.accept(change.body.take()?, limits, None))
    };
    match proposed.len() < MANY {
        true => proposed.iter_mut().map(accept).collect(),
        false => proposed.par_iter_mut().map(accept).collect(),
    }
}

/// Ids of new entries that are those of entries already.
fn taken(tx: &mut ReadTx, proposed: &[ProposedChange]) -> Result<HashSet<String>> {
    let wanted = proposed.iter().filter(|change| change.op == Op::Create);
    let wanted = wanted.filter_map(|change| EntryId::parse(change.id.as_deref()?));
    let wanted: Vec<String> = wanted.map(|id| id.as_str().to_owned()).collect();
    let mut taken = HashSet::new();
    // Databases bound the number of values in one statement.
    for some in wanted.chunks(500) {
        taken.extend(tx.entry_kinds(some)?.into_iter().map(|(id, _, _)| id));
    }
    Ok(taken)
}

/// The bodies that a change proposes. An unmerge proposes none: what it brings back was public before.
fn proposals(i: usize, change: &PreparedChange) -> impl Iterator<Item = Proposal<'_>> {
    let at = format!("/changes/{i}/body");
    let other = change.into.as_ref().filter(|_| change.op == Op::Merge).map(|o| (o.id.as_str(), &o.body));
    let own = change.body.as_ref().filter(|_| change.op != Op::Unmerge).map(|b| (change.entry_id.as_str(), b));
    own.into_iter().chain(other).map(move |(entry_id, body)| Proposal {
        at: at.clone(),
        kind: change.kind,
        entry_id,
        body: &body.value,
    })
}

fn prepare_one(
    tx: &mut ReadTx,
    limits: &Limits,
    change: ProposedChange,
    errors: &mut FieldErrors,
) -> Result<Option<PreparedChange>> {
    refuse_needless_fields(&change, errors);
    let Some((entry, kind)) = find_entry(tx, &change, errors)? else { return Ok(None) };
    if entry.status != change.op.needs_status() {
        let detail = format!("The entry is {}; {} does not apply.", entry.status, change.op.as_str());
        errors.push("/id", FieldCode::WrongStatus, detail);
        return Ok(None);
    }
    let base = change.base.unwrap_or(entry.head);
    if !(1..=entry.head).contains(&base) {
        errors.push("/base", FieldCode::InvalidValue, format!("There is no revision {base}."));
        return Ok(None);
    }
    if change.op == Op::Revert && base != entry.head {
        let detail = "A revert is made on the current revision. Leave base out.";
        errors.push("/base", FieldCode::StaleBase, detail);
        return Ok(None);
    }
    let mut into = None;
    let body = match change.op {
        Op::Update => new_body(tx, limits, kind, &entry, base, &change, errors)?,
        Op::Revert => old_body(tx, limits, kind, &entry, change.to, errors)?,
        Op::Merge => {
            into = duplicates::merged(tx, limits, kind, &entry, base, &change, errors)?;
            None
        }
        Op::Unmerge => match duplicates::unmerged(tx, limits, kind, &entry, errors)? {
            Some((back, survivor)) => {
                into = Some(survivor);
                Some(back)
            }
            None => None,
        },
        _ => None,
    };
    let label = body.as_ref().map_or(&entry.label, |b| &b.label).clone();
    match &change.reason {
        Some(reason) if !reason.trim().is_empty() => check_line("/reason", reason, REASON_CHARS, errors),
        _ if change.op == Op::Retire => {
            let detail = "Retiring an entry needs a reason that the public sees.";
            errors.push("/reason", FieldCode::MissingField, detail);
        }
        _ => {}
    }
    Ok(Some(PreparedChange {
        op: change.op,
        kind,
        entry_id: entry.id,
        base: Some(base),
        body,
        label,
        to_revision: change.to.filter(|_| change.op == Op::Revert),
        reason: change.reason,
        into,
    }))
}

/// Fields that mean nothing for the operation are refused, not passed over.
fn refuse_needless_fields(change: &ProposedChange, errors: &mut FieldErrors) {
    let op = change.op;
    let needless = [
        ("body", change.body.is_some() && !matches!(op, Op::Create | Op::Update | Op::Merge)),
        ("patch", change.patch.is_some() && !matches!(op, Op::Update | Op::Merge)),
        ("into", change.into.is_some() && op != Op::Merge),
        ("into_base", change.into_base.is_some() && op != Op::Merge),
        ("base", change.base.is_some() && op == Op::Create),
        ("to", change.to.is_some() && op != Op::Revert),
        ("reason", change.reason.is_some() && op != Op::Retire),
    ];
    for (field, _) in needless.iter().filter(|(_, needless)| *needless) {
        let detail = format!("{field} does not go with {}.", op.as_str());
        errors.push(format!("/{field}"), FieldCode::UnknownField, detail);
    }
}

fn prepare_create(
    change: ProposedChange,
    body: Read,
    taken: &HashSet<String>,
    errors: &mut FieldErrors,
) -> Option<PreparedChange> {
    let kind = change.kind.as_deref().and_then(KindDescriptor::by_name);
    if kind.is_none() {
        let (code, detail) = match &change.kind {
            None => (FieldCode::MissingField, "create needs a kind.".to_owned()),
            Some(kind) => (
                FieldCode::UnknownCode,
                format!("{} is not one of: {}.", quoted(kind), KindDescriptor::names().join(", ")),
            ),
        };
        errors.push("/kind", code, detail);
    }
    let id = match &change.id {
        None => Some(EntryId::new()),
        Some(text) => EntryId::parse(text),
    };
    match &id {
        None => errors.push("/id", FieldCode::InvalidId, "The id of a new entry is a UUID."),
        Some(id) if taken.contains(id.as_str()) => {
            errors.push("/id", FieldCode::AlreadyExists, "An entry with this id exists already.");
        }
        Some(_) => {}
    }
    if body.is_none() && change.body.is_none() {
        errors.push("/body", FieldCode::MissingField, "create needs a body.");
    }
    let (Some(kind), Some(id)) = (kind, id) else { return None };
    match body? {
        Err(found) => {
            errors.extend_at("/body", found);
            None
        }
        Ok(body) => Some(PreparedChange {
            op: Op::Create,
            kind,
            entry_id: id.as_str().to_owned(),
            base: None,
            label: body.label.clone(),
            body: Some(body),
            to_revision: None,
            reason: None,
            into: None,
        }),
    }
}

fn find_entry(
    tx: &mut ReadTx,
    change: &ProposedChange,
    errors: &mut FieldErrors,
) -> Result<Option<(EntryRow, &'static KindDescriptor)>> {
    let Some(text) = &change.id else {
        errors.push("/id", FieldCode::MissingField, format!("{} needs the id of an entry.", change.op.as_str()));
        return Ok(None);
    };
    let Some(entry) = named_entry(tx, text, "/id", errors)? else { return Ok(None) };
    if change.kind.as_ref().is_some_and(|kind| *kind != entry.kind) {
        errors.push("/kind", FieldCode::WrongKind, format!("The entry is a {}.", entry.kind));
    }
    Ok(KindDescriptor::by_name(&entry.kind).map(|kind| (entry, kind)))
}

/// The entry with this id or ref.
pub fn named_entry(tx: &mut ReadTx, text: &str, at: &str, errors: &mut FieldErrors) -> Result<Option<EntryRow>> {
    let Some(key) = EntryKey::parse_any(text) else {
        errors.push(at, FieldCode::InvalidId, format!("{} is neither a UUID nor a ref.", quoted(text)));
        return Ok(None);
    };
    let entry = match tx.entry_id(&key)? {
        Some(id) => tx.entry(&id)?,
        None => None,
    };
    if entry.is_none() {
        errors.push(at, FieldCode::NotFound, format!("There is no entry {text}."));
    }
    Ok(entry)
}
