//! Reading one entry: now, as it was, its revisions, what changed, and what it is linked with.

use serde::Serialize;
use serde_json::{Value, value::RawValue};
use utoipa::ToSchema;

use crate::{
    model::{diff as compare, kinds::KindDescriptor, refs::EntryKey, time::to_rfc3339},
    store::{HeadRow, LinkRow, ReadTx, RevisionMeta, RevisionRow},
    usecase::{Error, Result},
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
            collection: format!("/v1/{}", kind.path),
            this,
        }
    }
}

/// The strong tag of a state of an entry.
pub fn entry_etag(revision: i64, hash: &str) -> String {
    format!("\"r{revision}-{}\"", hash.get(..16).unwrap_or(hash))
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
pub fn entry(
    tx: &mut ReadTx,
    kind: &KindDescriptor,
    key: &EntryKey,
    moment: Moment,
) -> Result<EntryView<Box<RawValue>>> {
    if moment == Moment::Now {
        let (head, body) = tx.head_with_body(kind.name, key)?.ok_or(Error::NotFound("entry"))?;
        refuse_gone(tx, &head)?;
        return view(kind, head, body);
    }
    let head = tx.head(kind.name, key)?.ok_or(Error::NotFound("entry"))?;
    let revision = match moment {
        Moment::Revision(number) => tx.revision(&head.id, number)?,
        Moment::At(time) => tx.revision_at(&head.id, time)?,
        Moment::Now => None,
    };
    let revision = revision.ok_or(Error::NotFound("revision"))?;
    if matches!(moment, Moment::At(_)) && revision.status == "retired" {
        return Err(Error::Retired { reason: revision.reason.unwrap_or_default() });
    }
    let then = HeadRow {
        status: revision.status,
        head: revision.number,
        hash: revision.hash,
        label: revision.label,
        updated_at: revision.at,
        ..head
    };
    view(kind, then, revision.body)
}

fn refuse_gone(tx: &mut ReadTx, head: &HeadRow) -> Result<()> {
    match (head.status.as_str(), &head.merged_into) {
        ("retired", _) => Err(Error::Retired { reason: head.reason.clone().unwrap_or_default() }),
        ("merged", Some(survivor)) => {
            let survivor = tx.entry(survivor)?.ok_or(Error::NotFound("entry"))?;
            let path = KindDescriptor::by_name(&survivor.kind).map(|k| k.path).unwrap_or_default();
            Err(Error::Merged { path, reference: survivor.reference })
        }
        _ => Ok(()),
    }
}

fn view(kind: &KindDescriptor, head: HeadRow, body: String) -> Result<EntryView<Box<RawValue>>> {
    Ok(EntryView {
        etag: entry_etag(head.head, &head.hash),
        links: EntryLinks::new(kind, &head.reference),
        body: raw(body)?,
        id: head.id,
        reference: head.reference,
        kind: head.kind,
        status: head.status,
        revision: head.head,
        hash: head.hash,
        label: head.label,
        created_at: to_rfc3339(head.created_at),
        updated_at: to_rfc3339(head.updated_at),
    })
}

/// Stored JSON, to be served as it is.
pub fn raw(json: String) -> Result<Box<RawValue>> {
    RawValue::from_string(json).map_err(|e| Error::Internal(format!("stored JSON: {e}")))
}

/// One accepted revision, without its body.
#[derive(Debug, Serialize, ToSchema)]
pub struct RevisionView {
    pub revision: i64,
    /// `create`, `update`, `retire`, `restore` or `revert`.
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
    /// Who approved it.
    #[schema(value_type = Vec<String>)]
    pub reviewers: Box<RawValue>,
    /// Why: the summary of the submission.
    pub summary: String,
    /// Id of the submission.
    #[schema(format = "uuid")]
    pub submission: String,
    /// The public reason of a retirement.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
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
            reviewers: raw(row.reviewers)?,
            summary: row.summary,
            submission: row.submission_id,
            reason: row.reason,
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

fn head_of(tx: &mut ReadTx, kind: &KindDescriptor, key: &EntryKey) -> Result<HeadRow> {
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
) -> Result<RevisionViewWithBody<Box<RawValue>>> {
    let head = head_of(tx, kind, key)?;
    let row = tx.revision(&head.id, number)?.ok_or(Error::NotFound("revision"))?;
    let RevisionRow { body, .. } = row.clone();
    let meta = RevisionMeta {
        entry_id: row.entry_id,
        number: row.number,
        op: row.op,
        status: row.status,
        hash: row.hash,
        parent_hash: row.parent_hash,
        label: row.label,
        reason: row.reason,
        submission_id: row.submission_id,
        author: row.author,
        reviewers: row.reviewers,
        summary: row.summary,
        at: row.at,
    };
    let etag = entry_etag(meta.number, &meta.hash);
    Ok(RevisionViewWithBody { revision: RevisionView::new(meta)?, body: raw(body)?, etag })
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

/// The difference between two revisions: by default what the current one changed.
pub fn diff(
    tx: &mut ReadTx,
    kind: &KindDescriptor,
    key: &EntryKey,
    from: Option<i64>,
    to: Option<i64>,
) -> Result<DiffView> {
    let head = head_of(tx, kind, key)?;
    let to = to.unwrap_or(head.head);
    let from = from.unwrap_or(to - 1);
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

/// A link and the entry at its other end.
#[derive(Debug, Serialize, ToSchema)]
pub struct LinkView {
    /// What the link says, from the entry that names to the one that is named: `defendant`, `cites`.
    #[schema(example = "cites")]
    pub rel: String,
    /// Where it stands in the body of the entry that names.
    #[schema(example = "/names/0/citations/0/source")]
    pub pointer: String,
    /// Summary of the other entry.
    #[schema(value_type = crate::research::lists::SummaryView)]
    pub entry: Box<RawValue>,
}

/// A page of links in both directions.
#[derive(Debug)]
pub struct LinkPage {
    pub outgoing: Vec<LinkView>,
    pub incoming: Vec<LinkView>,
    pub total: i64,
    pub next: Option<LinkPosition>,
}

/// Where a page of links ended: position of the last outgoing one, entry and position of the last incoming one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, serde::Deserialize)]
pub struct LinkPosition {
    outgoing: i64,
    incoming: (String, i64),
}

/// Which way links lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ToSchema, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// What the entry names.
    Outgoing,
    /// What names the entry.
    Incoming,
}

/// Which links are asked for: of one name, in one direction, or all.
#[derive(Clone, Debug, Default)]
pub struct LinkFilter {
    pub rel: Option<String>,
    pub direction: Option<Direction>,
}

/// What an entry links to and what links to it, outgoing first.
pub fn links(
    tx: &mut ReadTx,
    kind: &KindDescriptor,
    key: &EntryKey,
    filter: &LinkFilter,
    after: Option<LinkPosition>,
    limit: i64,
) -> Result<LinkPage> {
    let head = head_of(tx, kind, key)?;
    refuse_gone(tx, &head)?;
    let mut position = after.unwrap_or(LinkPosition { outgoing: -1, incoming: (String::new(), -1) });
    let rel = filter.rel.as_deref();
    let wants = |direction| filter.direction.is_none_or(|d| d == direction);
    let outgoing = match wants(Direction::Outgoing) {
        true => tx.outgoing_links(&head.id, rel, position.outgoing, limit)?,
        false => Vec::new(),
    };
    let left = limit - i64::try_from(outgoing.len()).unwrap_or(limit);
    let incoming = match left {
        left if left == 0 || !wants(Direction::Incoming) => Vec::new(),
        left => tx.incoming_links(&head.id, rel, (&position.incoming.0, position.incoming.1), left)?,
    };
    let is_full = i64::try_from(outgoing.len() + incoming.len()).unwrap_or(limit) >= limit;
    if let Some(last) = outgoing.last() {
        position.outgoing = last.position;
    }
    if let Some(last) = incoming.last() {
        position.incoming = (last.from_id.clone(), last.position);
    }
    let (mut out_total, mut in_total) = tx.count_links(&head.id, rel)?;
    match filter.direction {
        Some(Direction::Outgoing) => in_total = 0,
        Some(Direction::Incoming) => out_total = 0,
        None => {}
    }
    let show = |rows: Vec<LinkRow>| rows.into_iter().map(show_link).collect::<Result<Vec<_>>>();
    Ok(LinkPage {
        outgoing: show(outgoing)?,
        incoming: show(incoming)?,
        total: out_total + in_total,
        next: is_full.then_some(position),
    })
}

fn show_link(row: LinkRow) -> Result<LinkView> {
    Ok(LinkView { rel: row.rel, pointer: row.pointer, entry: raw(row.summary)? })
}
