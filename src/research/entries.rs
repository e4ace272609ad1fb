//! Reading one entry: now, as it was, its revisions, what changed, and what it is linked with.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::{
    model::{diff as compare, kinds::KindDescriptor, refs::EntryKey, stored::StoredJson, time::to_rfc3339},
    store::{HeadRow, ReadTx, RevisionMeta},
    usecase::{Error, Result, entry_etag},
};

/// An entry in one of its states.
#[derive(Debug, Serialize, ToSchema)]
pub struct EntryView<B> {
    pub id: String,
    /// The short permanent number to cite it by.
    #[serde(rename = "ref")]
    #[schema(example = "P12")]
    pub reference: String,
    pub kind: String,
    /// `active`, `retired` or `merged`.
    #[schema(example = "active")]
    pub status: String,
    pub revision: i64,
    /// SHA-256 of the canonical body (RFC 8785).
    #[schema(example = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a")]
    pub hash: String,
    pub label: String,
    /// When the first revision was accepted.
    #[schema(format = "date-time")]
    pub created_at: String,
    /// When this revision was accepted.
    #[schema(format = "date-time")]
    pub updated_at: String,
    pub body: B,
    pub links: EntryLinks,
    #[serde(skip)]
    pub etag: String,
}

/// Addresses of what belongs to an entry.
#[derive(Debug, Serialize, ToSchema)]
pub struct EntryLinks {
    #[serde(rename = "self")]
    #[schema(example = "/v1/people/P12")]
    pub this: String,
    #[schema(example = "/v1/people/P12/revisions")]
    pub revisions: String,
    #[schema(example = "/v1/people/P12/links")]
    pub links: String,
    #[schema(example = "/v1/people/P12/diff")]
    pub diff: String,
    #[schema(example = "/v1/people/P12/blame")]
    pub blame: String,
    /// The revision of a time (RFC 7089).
    #[schema(example = "/v1/people/P12/timegate")]
    pub timegate: String,
    /// All revisions with their times (RFC 7089).
    #[schema(example = "/v1/people/P12/timemap")]
    pub timemap: String,
    #[schema(example = "/v1/people/P12/cite")]
    pub cite: String,
    #[schema(example = "/v1/people/P12/protection")]
    pub protection: String,
    #[schema(example = "/v1/people")]
    pub collection: String,
}

impl EntryLinks {
    pub fn new(kind: &KindDescriptor, reference: &str) -> Self {
        let this = format!("/v1/{}/{reference}", kind.path);
        Self {
            revisions: format!("{this}/revisions"),
            links: format!("{this}/links"),
            diff: format!("{this}/diff"),
            blame: format!("{this}/blame"),
            timegate: format!("{this}/timegate"),
            timemap: format!("{this}/timemap"),
            cite: format!("{this}/cite"),
            protection: format!("{this}/protection"),
            collection: format!("/v1/{}", kind.path),
            this,
        }
    }
}

/// Which state of an entry is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    Now,
    Revision(i64),
    /// As it stood at this time, in microseconds.
    At(i64),
}

/// An entry as it is now, or as it was. Retired and merged entries are gone, but their revisions stay readable.
pub fn entry(tx: &mut ReadTx, kind: &KindDescriptor, key: &EntryKey, moment: Moment) -> Result<EntryView<StoredJson>> {
    if moment == Moment::Now {
        let (head, body) = tx.head_with_body(kind.name, key)?.ok_or(Error::NotFound("entry"))?;
        refuse_gone(tx, &head, "")?;
        return Ok(view(kind, head, body));
    }
    let head = tx.head(kind.name, key)?.ok_or(Error::NotFound("entry"))?;
    let revision = match moment {
        Moment::Revision(number) => tx.revision(&head.id, number)?,
        Moment::At(time) => tx.revision_at(&head.id, time)?,
        Moment::Now => None,
    };
    let revision = revision.ok_or(Error::NotFound("revision"))?;
    if let Moment::At(time) = moment {
        // What it was merged into then is what its readers were led to then.
        let survivor = revision.counterpart_id.clone().filter(|_| revision.status == "merged");
        let then = HeadRow { status: revision.status.clone(), reason: revision.reason.clone(), ..head.clone() };
        refuse_gone(tx, &HeadRow { merged_into: survivor, ..then }, &format!("?at={}", to_rfc3339(time)))?;
    }
    let then = HeadRow {
        status: revision.status,
        head: revision.number,
        hash: revision.hash,
        label: revision.label,
        updated_at: revision.at,
        ..head
    };
    Ok(view(kind, then, revision.body))
}

/// Retired and merged entries are not read as they are; `rest` is what follows the entry in the address asked for.
pub(super) fn refuse_gone(tx: &mut ReadTx, head: &HeadRow, rest: &str) -> Result<()> {
    match (head.status.as_str(), &head.merged_into) {
        ("retired", _) => Err(Error::Retired { reason: head.reason.clone().unwrap_or_default() }),
        ("merged", Some(survivor)) => {
            let survivor = tx.entry(survivor)?.ok_or(Error::NotFound("entry"))?;
            let path = KindDescriptor::by_name(&survivor.kind).map(|k| k.path).unwrap_or_default();
            let location = format!("/v1/{path}/{}{rest}", survivor.reference);
            Err(Error::Merged { reference: survivor.reference, location })
        }
        _ => Ok(()),
    }
}

/// An entry as it is shown.
pub(super) fn view(kind: &KindDescriptor, head: HeadRow, body: String) -> EntryView<StoredJson> {
    EntryView {
        etag: entry_etag(head.head, &head.hash),
        links: EntryLinks::new(kind, &head.reference),
        body: StoredJson::new(body),
        id: head.id,
        reference: head.reference,
        kind: head.kind,
        status: head.status,
        revision: head.head,
        hash: head.hash,
        label: head.label,
        created_at: to_rfc3339(head.created_at),
        updated_at: to_rfc3339(head.updated_at),
    }
}

/// One accepted revision, without its body.
#[derive(Debug, Serialize, ToSchema)]
pub struct RevisionView {
    pub revision: i64,
    /// `create`, `update`, `retire`, `restore`, `revert`, `merge` or `unmerge`.
    #[schema(example = "update")]
    pub op: String,
    pub status: String,
    pub label: String,
    pub hash: String,
    /// Hash of the revision before; null for the first.
    pub parent: Option<String>,
    #[schema(format = "date-time")]
    pub at: String,
    pub author: String,
    /// Who wrote of it beside the author: moderators who resolved a conflict. They did not approve it.
    #[schema(value_type = Vec<String>)]
    pub contributors: StoredJson,
    /// Who approved it.
    #[schema(value_type = Vec<String>)]
    pub reviewers: StoredJson,
    /// Why: the summary of the submission.
    pub summary: String,
    /// Id of the submission.
    #[schema(format = "uuid")]
    pub submission: String,
    /// The public reason of a retirement.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Present where the archive had moved on since the change was made, and both edits were merged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub merged: Option<MergedEdits>,
    /// Id of the other entry of a merge of duplicates, or of its undoing.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = "uuid")]
    pub counterpart: Option<String>,
}

/// The second parent of a revision: the first one is the revision before it.
#[derive(Debug, Serialize, ToSchema)]
pub struct MergedEdits {
    /// The revision that the change was made on.
    pub base: i64,
    /// Hash of the body as it was proposed and reviewed.
    pub proposed_hash: String,
}

impl RevisionView {
    fn new(row: RevisionMeta) -> Result<Self> {
        Ok(Self {
            revision: row.number,
            op: row.op,
            status: row.status,
            label: row.label,
            hash: row.hash,
            parent: row.parent_hash,
            at: to_rfc3339(row.at),
            author: row.author,
            contributors: StoredJson::new(row.contributors),
            reviewers: StoredJson::new(row.reviewers),
            summary: row.summary,
            submission: row.submission_id,
            reason: row.reason,
            merged: row
                .merged_base
                .zip(row.proposed_hash)
                .map(|(base, proposed_hash)| MergedEdits { base, proposed_hash }),
            counterpart: row.counterpart_id,
        })
    }
}

/// A revision with its body.
#[derive(Debug, Serialize, ToSchema)]
pub struct RevisionViewWithBody<B> {
    #[serde(flatten)]
    pub revision: RevisionView,
    pub body: B,
    #[serde(skip)]
    pub etag: String,
}

/// A page of revisions, newest first.
#[derive(Debug)]
pub struct RevisionPage {
    pub items: Vec<RevisionView>,
    pub total: i64,
    /// Number of the last one shown, when there are more.
    pub last: Option<i64>,
}

pub(super) fn head_of(tx: &mut ReadTx, kind: &KindDescriptor, key: &EntryKey) -> Result<HeadRow> {
    tx.head(kind.name, key)?.ok_or(Error::NotFound("entry"))
}

/// The history of an entry, retired or not.
pub fn revisions(
    tx: &mut ReadTx,
    kind: &KindDescriptor,
    key: &EntryKey,
    before: Option<i64>,
    limit: i64,
) -> Result<RevisionPage> {
    let head = head_of(tx, kind, key)?;
    let rows = tx.revisions_before(&head.id, before.unwrap_or(i64::MAX), limit)?;
    let last = rows.last().map(|r| r.number).filter(|n| *n > 1);
    Ok(RevisionPage { items: rows.into_iter().map(RevisionView::new).collect::<Result<_>>()?, total: head.head, last })
}

/// One revision.
pub fn revision(
    tx: &mut ReadTx,
    kind: &KindDescriptor,
    key: &EntryKey,
    number: i64,
) -> Result<RevisionViewWithBody<StoredJson>> {
    let head = head_of(tx, kind, key)?;
    let row = tx.revision(&head.id, number)?.ok_or(Error::NotFound("revision"))?;
    let etag = entry_etag(row.number, &row.hash);
    let body = StoredJson::new(row.body.clone());
    Ok(RevisionViewWithBody { revision: RevisionView::new(row.into())?, body, etag })
}

/// What changed from one revision to another.
#[derive(Debug, Serialize, ToSchema)]
pub struct DiffView {
    pub from: i64,
    pub to: i64,
    /// JSON Patch (RFC 6902) that turns the older body into the newer one.
    #[schema(value_type = Vec<serde_json::Value>)]
    pub patch: json_patch::Patch,
    /// The same place by place.
    pub fields: Vec<compare::Change>,
}

/// The older side of a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Older {
    /// The revision before the newer one.
    Previous,
    /// 0 is the emptiness before the first.
    Revision(i64),
    /// What stood at this time, in microseconds.
    At(i64),
}

/// The difference between two revisions.
pub fn diff(tx: &mut ReadTx, kind: &KindDescriptor, key: &EntryKey, from: Older, to: Option<i64>) -> Result<DiffView> {
    let head = head_of(tx, kind, key)?;
    let to = to.unwrap_or(head.head);
    let from = match from {
        Older::Previous => to - 1,
        Older::Revision(number) => number,
        Older::At(time) => tx.revision_at(&head.id, time)?.map_or(0, |revision| revision.number),
    };
    let mut body = |number: i64| -> Result<Value> {
        // Before the first revision there was nothing.
        if number == 0 {
            return Ok(Value::Object(serde_json::Map::new()));
        }
        let row = tx.revision(&head.id, number)?.ok_or(Error::NotFound("revision"))?;
        serde_json::from_str(&row.body).map_err(|e| Error::Internal(format!("stored body: {e}")))
    };
    let (old, new) = (body(from)?, body(to)?);
    Ok(DiffView { from, to, patch: compare::patch(&old, &new), fields: compare::changes(&old, &new) })
}
