//! The one way in: what turns an approved submission into the public record, inside the transaction it is given.

use serde_json::{Map, Value};

use super::prepare::Op;
use crate::{
    model::{
        canon,
        errors::{FieldCode, FieldErrors},
        kinds::KindDescriptor,
        names::fold_words,
        projection::{Projection, project},
        refs::make_ref,
        time::to_rfc3339,
    },
    store::{ChangeRow, EntryRow, FeedRow, RevisionRow, SubmissionRow, WriteTx},
    usecase::{Error, Result},
};

/// Publishes all changes of a submission: appends the revisions, moves the heads, writes projections, links and facts,
/// and appends the feed events. The changes are published as they were reviewed, all of them or none: when the archive
/// has moved on since, the answer is a conflict and the transaction is to be given up.
pub fn publish(
    tx: &mut WriteTx,
    submission: &SubmissionRow,
    changes: &[ChangeRow],
    reviewers: &[String],
    now: i64,
) -> Result<()> {
    // Times of acceptance never run backwards, whatever the clock does: "as of" has one meaning.
    let at = now.max(tx.last_acceptance()?);
    let reviewers = Value::from(reviewers).to_string();
    let mut conflicts = FieldErrors::default();
    let mut written = Vec::new();
    for (i, change) in changes.iter().enumerate() {
        let kind = kind_of(&change.kind)?;
        match next_state(tx, change)? {
            Err(found) => conflicts.extend_at(&format!("/changes/{i}"), found),
            Ok(next) if conflicts.is_empty() => {
                let body: Value = serde_json::from_str(&next.body)
                    .map_err(|e| Error::Internal(format!("body of change {i} of {}: {e}", submission.id)))?;
                let projection = project(kind, &body);
                let seq = tx.last_seq()? + 1;
                let head = write_head(tx, kind, change, &next, &projection, at)?;
                tx.append_revision(&RevisionRow {
                    entry_id: head.id.clone(),
                    number: head.head,
                    op: change.op.clone(),
                    status: head.status.clone(),
                    hash: head.hash.clone(),
                    parent_hash: next.current.as_ref().map(|c| c.hash.clone()),
                    label: head.label.clone(),
                    reason: head.reason.clone(),
                    submission_id: submission.id.clone(),
                    submission_version: submission.version,
                    author: submission.author.clone(),
                    reviewers: reviewers.clone(),
                    summary: submission.summary.clone(),
                    body: next.body,
                    at,
                    seq,
                })?;
                tx.append_event(&FeedRow {
                    seq,
                    at,
                    event_type: next.event.to_owned(),
                    entry_id: head.id.clone(),
                    revision: head.head,
                    submission_id: submission.id.clone(),
                    summary: head.summary,
                })?;
                written.push((kind, head.id, projection));
            }
            Ok(_) => {}
        }
    }
    if !conflicts.is_empty() {
        return Err(Error::Conflict(conflicts));
    }
    // Links may lead to any entry of the submission: they are written when all of them are there.
    for (kind, id, projection) in &written {
        tx.write_projection(kind, id, projection)?;
    }
    Ok(())
}

/// The kind with this name; entries of other kinds cannot be stored.
pub fn kind_of(name: &str) -> Result<&'static KindDescriptor> {
    KindDescriptor::by_name(name).ok_or_else(|| Error::Internal(format!("unknown kind {name}")))
}

/// What an entry becomes by a change.
struct NextState {
    current: Option<EntryRow>,
    status: &'static str,
    body: String,
    label: String,
    event: &'static str,
}

fn next_state(tx: &mut WriteTx, change: &ChangeRow) -> Result<std::result::Result<NextState, FieldErrors>> {
    let current = tx.entry(&change.entry_id)?;
    let op = Op::parse(&change.op).ok_or_else(|| Error::Internal(format!("unknown operation {}", change.op)))?;
    let Some(entry) = current else {
        let next = || NextState {
            current: None,
            status: "active",
            body: change.body.clone().unwrap_or_default(),
            label: change.label.clone(),
            event: "created",
        };
        let missing = || FieldErrors::one("/id", FieldCode::NotFound, "The entry does not exist.");
        return Ok(if op == Op::Create { Ok(next()) } else { Err(missing()) });
    };
    if op == Op::Create {
        let detail = "An entry with this id has been accepted in the meantime.";
        return Ok(Err(FieldErrors::one("/id", FieldCode::AlreadyExists, detail)));
    }
    if change.base != Some(entry.head) {
        let detail = format!(
            "The change was made on revision {}; the current one is {}.",
            change.base.unwrap_or_default(),
            entry.head
        );
        return Ok(Err(FieldErrors::one("/base", FieldCode::StaleBase, detail)));
    }
    let (needed, status, event) = match op {
        Op::Retire => ("active", "retired", "retired"),
        Op::Restore => ("retired", "active", "restored"),
        Op::Create | Op::Update | Op::Revert => ("active", "active", "updated"),
    };
    if entry.status != needed {
        let detail = format!("The entry is {}; {} does not apply.", entry.status, change.op);
        return Ok(Err(FieldErrors::one("/id", FieldCode::WrongStatus, detail)));
    }
    let body = match &change.body {
        Some(body) => body.clone(),
        None => tx.revision(&entry.id, entry.head)?.map(|r| r.body).ok_or(Error::NotFound("revision"))?,
    };
    Ok(Ok(NextState { current: Some(entry), status, body, label: change.label.clone(), event }))
}

fn write_head(
    tx: &mut WriteTx,
    kind: &KindDescriptor,
    change: &ChangeRow,
    next: &NextState,
    projection: &Projection,
    at: i64,
) -> Result<EntryRow> {
    let (ref_number, created_at, number) = match &next.current {
        Some(entry) => (entry.ref_number, entry.created_at, entry.head + 1),
        None => (tx.next_ref_number(kind.name)?, at, 1),
    };
    let mut head = EntryRow {
        id: change.entry_id.clone(),
        kind: kind.name.to_owned(),
        ref_number,
        reference: make_ref(kind, ref_number),
        status: next.status.to_owned(),
        head: number,
        hash: canon::sha256_hex(next.body.as_bytes()),
        label: next.label.clone(),
        sort_key: sort_key(&next.label),
        summary: String::new(),
        created_at,
        updated_at: at,
        reason: change.reason.clone(),
        merged_into: None,
    };
    head.summary = summary(&head, projection);
    match &next.current {
        Some(_) => tx.update_entry(&head)?,
        None => tx.insert_entry(&head)?,
    }
    Ok(head)
}

/// What labels are sorted by: folded words, so that both databases agree.
pub fn sort_key(label: &str) -> String {
    fold_words(label).join(" ")
}

/// The summary of an entry, JSON: `{id, ref, kind, label, revision, updated_at, …}` with the fields of its kind.
pub fn summary(head: &EntryRow, projection: &Projection) -> String {
    let mut fields = Map::new();
    fields.insert("id".into(), head.id.clone().into());
    fields.insert("ref".into(), head.reference.clone().into());
    fields.insert("kind".into(), head.kind.clone().into());
    fields.insert("status".into(), head.status.clone().into());
    fields.insert("label".into(), head.label.clone().into());
    fields.insert("revision".into(), head.head.into());
    fields.insert("updated_at".into(), to_rfc3339(head.updated_at).into());
    for (name, value) in &projection.summary {
        fields.insert(name.clone(), value.clone());
    }
    Value::Object(fields).to_string()
}
