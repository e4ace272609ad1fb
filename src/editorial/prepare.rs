//! From what an editor proposes to changes that can be published: every body read, every reference looked up,
//! every error collected.

use std::collections::{HashMap, HashSet};

use deserr::Deserr;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::{
    proposed_body::{new_body, old_body},
    references,
};
use crate::{
    model::{
        errors::{FieldCode, FieldErrors},
        kinds::{AcceptedBody, KindDescriptor},
        limits::Limits,
        parts::EntryId,
        precheck::check_line,
        record::record,
        refs::EntryKey,
    },
    store::{ChangeRow, EntryRow, ReadTx},
    usecase::{Error, Result},
};

/// What is to be done with an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserr, ToSchema)]
#[serde(rename_all = "snake_case")]
#[deserr(error = FieldErrors, rename_all = lowercase)]
pub enum Op {
    /// Make a new entry of `kind` with `body`; `id` is optional and lets other changes refer to it.
    Create,
    /// Give the entry `id` another `body`, or apply `patch` to the body of revision `base`.
    Update,
    /// Take the entry from the public record, with a public `reason`. Its history stays.
    Retire,
    /// Bring a retired entry back.
    Restore,
    /// Make the body of revision `to` the current one again.
    Revert,
}

impl Op {
    /// The stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Op::Create => "create",
            Op::Update => "update",
            Op::Retire => "retire",
            Op::Restore => "restore",
            Op::Revert => "revert",
        }
    }

    /// The operation with this name.
    pub fn parse(name: &str) -> Option<Op> {
        [Op::Create, Op::Update, Op::Retire, Op::Restore, Op::Revert].into_iter().find(|o| o.as_str() == name)
    }
}

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
    }
}

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
}

impl PreparedChange {
    /// The row it is stored as.
    pub fn into_row(self, submission_id: &str, version: i64, position: i64) -> ChangeRow {
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
        }
    }
}

/// Reads and checks all changes of a submission. Errors point into `/changes/…`.
pub fn prepare(tx: &mut ReadTx, limits: &Limits, proposed: Vec<ProposedChange>) -> Result<Vec<PreparedChange>> {
    let mut errors = FieldErrors::default();
    if proposed.is_empty() {
        errors.push("/changes", FieldCode::MissingField, "A submission has at least one change.");
    }
    if proposed.len() > limits.changes {
        let detail = format!("{} changes; {} are allowed.", proposed.len(), limits.changes);
        errors.push("/changes", FieldCode::TooMany, detail);
        return Err(Error::Invalid(errors));
    }
    let mut stale = FieldErrors::default();
    let mut prepared = Vec::new();
    let mut seen = HashSet::new();
    for (i, change) in proposed.into_iter().enumerate() {
        let at = format!("/changes/{i}");
        let mut found = Findings { errors: FieldErrors::default(), stale: FieldErrors::default() };
        let ready = prepare_one(tx, limits, change, &mut found)?;
        errors.extend_at(&at, found.errors);
        stale.extend_at(&at, found.stale);
        if let Some(ready) = ready {
            if !seen.insert(ready.entry_id.clone()) {
                errors.push(format!("{at}/id"), FieldCode::Duplicate, "One submission changes an entry once.");
            }
            prepared.push((i, ready));
        }
    }
    references::check(tx, &prepared, &mut errors)?;
    if !errors.is_empty() {
        return Err(Error::Invalid(errors));
    }
    if !stale.is_empty() {
        return Err(Error::Conflict(stale));
    }
    Ok(prepared.into_iter().map(|(_, change)| change).collect())
}

/// What is wrong with one change: by itself, and against the state of the archive.
struct Findings {
    errors: FieldErrors,
    stale: FieldErrors,
}

fn prepare_one(
    tx: &mut ReadTx,
    limits: &Limits,
    change: ProposedChange,
    found: &mut Findings,
) -> Result<Option<PreparedChange>> {
    refuse_needless_fields(&change, &mut found.errors);
    if change.op == Op::Create {
        return prepare_create(tx, limits, change, &mut found.errors);
    }
    let Some((entry, kind)) = find_entry(tx, &change, &mut found.errors)? else { return Ok(None) };
    let right_status = match change.op {
        Op::Restore => entry.status == "retired",
        _ => entry.status == "active",
    };
    if !right_status {
        let detail = format!("The entry is {}; {} does not apply.", entry.status, change.op.as_str());
        found.errors.push("/id", FieldCode::WrongStatus, detail);
    }
    let base = change.base.unwrap_or(entry.head);
    if !(1..=entry.head).contains(&base) {
        found.errors.push("/base", FieldCode::InvalidValue, format!("There is no revision {base}."));
        return Ok(None);
    }
    if base != entry.head {
        let detail = format!("The change was made on revision {base}; the current one is {}.", entry.head);
        found.stale.push("/base", FieldCode::StaleBase, detail);
    }
    let mut label = entry.label.clone();
    let body = match change.op {
        Op::Update => new_body(tx, limits, kind, &entry, base, &change, &mut found.errors)?,
        Op::Revert => old_body(tx, limits, kind, &entry, change.to, &mut found.errors)?,
        _ => None,
    };
    if let Some(body) = &body {
        label.clone_from(&body.label);
    }
    match &change.reason {
        Some(reason) if !reason.trim().is_empty() => check_line("/reason", reason, REASON_CHARS, &mut found.errors),
        _ if change.op == Op::Retire => {
            let detail = "Retiring an entry needs a reason that the public sees.";
            found.errors.push("/reason", FieldCode::MissingField, detail);
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
    }))
}

/// Fields that mean nothing for the operation are refused, not passed over.
fn refuse_needless_fields(change: &ProposedChange, errors: &mut FieldErrors) {
    let op = change.op;
    let needless = [
        ("body", change.body.is_some() && !matches!(op, Op::Create | Op::Update)),
        ("patch", change.patch.is_some() && op != Op::Update),
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
    tx: &mut ReadTx,
    limits: &Limits,
    change: ProposedChange,
    errors: &mut FieldErrors,
) -> Result<Option<PreparedChange>> {
    let kind = change.kind.as_deref().and_then(KindDescriptor::by_name);
    if kind.is_none() {
        let (code, detail) = match &change.kind {
            None => (FieldCode::MissingField, "create needs a kind.".to_owned()),
            Some(kind) => {
                (FieldCode::UnknownCode, format!("{kind:?} is not one of: {}.", KindDescriptor::names().join(", ")))
            }
        };
        errors.push("/kind", code, detail);
    }
    let id = match &change.id {
        None => Some(EntryId::new()),
        Some(text) => EntryId::parse(text),
    };
    match &id {
        None => errors.push("/id", FieldCode::InvalidId, "The id of a new entry is a UUID."),
        Some(id) if tx.entry(id.as_str())?.is_some() => {
            errors.push("/id", FieldCode::AlreadyExists, "An entry with this id exists already.");
        }
        Some(_) => {}
    }
    let Some(body) = change.body else {
        errors.push("/body", FieldCode::MissingField, "create needs a body.");
        return Ok(None);
    };
    let (Some(kind), Some(id)) = (kind, id) else { return Ok(None) };
    match kind.accept(body, limits, None) {
        Err(found) => {
            errors.extend_at("/body", found);
            Ok(None)
        }
        Ok(body) => Ok(Some(PreparedChange {
            op: Op::Create,
            kind,
            entry_id: id.as_str().to_owned(),
            base: None,
            label: body.label.clone(),
            body: Some(body),
            to_revision: None,
            reason: None,
        })),
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
    let Some(key) = EntryKey::parse_any(text) else {
        errors.push("/id", FieldCode::InvalidId, format!("{text:?} is neither a UUID nor a ref."));
        return Ok(None);
    };
    let entry = match tx.entry_id(&key)? {
        Some(id) => tx.entry(&id)?,
        None => None,
    };
    let Some(entry) = entry else {
        errors.push("/id", FieldCode::NotFound, format!("There is no entry {text}."));
        return Ok(None);
    };
    if change.kind.as_ref().is_some_and(|kind| *kind != entry.kind) {
        errors.push("/kind", FieldCode::WrongKind, format!("The entry is a {}.", entry.kind));
    }
    Ok(KindDescriptor::by_name(&entry.kind).map(|kind| (entry, kind)))
}

/// The bodies proposed in a submission, by entry id.
pub fn bodies(prepared: &[(usize, PreparedChange)]) -> HashMap<&str, (&PreparedChange, &Value)> {
    prepared
        .iter()
        .filter_map(|(_, change)| Some((change.entry_id.as_str(), (change, &change.body.as_ref()?.value))))
        .collect()
}
