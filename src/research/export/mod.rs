//! Exports: all entries of one kind that pass the filters, from one snapshot, as a stream of chunks.

pub(super) mod named;
mod request;

use serde::Serialize;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use crate::{
    model::{
        canon::hex,
        export::{Row, renderer},
        time::to_rfc3339,
    },
    store::{Condition, ListQuery, ListRow, Order, ReadTx, SortValue, still_wanted},
    usecase::{Error, Result},
};

pub use request::ExportRequest;

/// Bytes of a chunk, about: a chunk ends with the entry that fills it.
const CHUNK: usize = 64 * 1024;
/// Bytes of the bodies that are read at once, about.
const PAGE: usize = 4 * 1024 * 1024;

/// The state of the archive that a file is made from.
#[derive(Clone, Debug)]
pub struct Opened {
    /// Number of the last event in the feed.
    pub seq: i64,
    /// Time of that event.
    pub at: i64,
    /// Stands for the bytes of the file: state, format and filters.
    pub tag: String,
}

/// Whether a file goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    More,
    Nothing,
}

/// Takes a file, piece by piece.
pub trait Deliver {
    /// The state is known, and nothing has been written.
    fn opened(&mut self, opened: &Opened) -> Wanted;
    fn chunk(&mut self, bytes: Vec<u8>) -> Wanted;
}

/// What tells whether a file is whole, and which state of the archive it shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Manifest {
    #[schema(example = "person")]
    pub kind: String,
    #[schema(example = "ndjson")]
    pub format: String,
    /// What a row of a CSV file stands for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows: Option<String>,
    /// The filters, as name and value.
    #[schema(value_type = Vec<Vec<String>>)]
    pub filters: Vec<(String, String)>,
    /// Entries in the file.
    pub entries: i64,
    /// Records in the file: lines, rows, nodes, references.
    pub count: i64,
    /// The state of the archive: number of the last event in the feed.
    pub snapshot: i64,
    /// Time of that event.
    #[schema(format = "date-time")]
    pub at: String,
    /// SHA-256 of the file, uncompressed.
    pub sha256: String,
    /// Bytes of the file, uncompressed.
    pub bytes: u64,
    /// Where the file is got, as long as the archive stays in this state.
    pub address: String,
}

/// Writes the file. `None` when whoever takes it does not want all of it.
pub fn export(tx: &mut ReadTx, request: &ExportRequest, to: &mut dyn Deliver) -> Result<Option<Manifest>> {
    let seq = tx.last_seq()?;
    if let Some(asked) = request.snapshot.filter(|asked| *asked != seq) {
        return Err(Error::SnapshotMoved { asked, now: seq });
    }
    let conditions = request.conditions(tx)?;
    let at = tx.feed_after(seq.saturating_sub(1), 1)?.first().map(|event| event.at).unwrap_or_default();
    let opened = Opened { seq, at, tag: request.tag(seq) };
    if to.opened(&opened) == Wanted::Nothing {
        return Ok(None);
    }
    let mut file = File { to, hash: Sha256::new(), bytes: 0 };
    let Some((entries, count)) = write(tx, request, conditions, &mut file)? else { return Ok(None) };
    Ok(Some(Manifest {
        kind: request.kind.name.to_owned(),
        format: request.format.as_str().to_owned(),
        rows: request.rows().map(str::to_owned),
        filters: request.chosen(),
        entries,
        count,
        snapshot: seq,
        at: to_rfc3339(at),
        sha256: hex(&file.hash.finalize()),
        bytes: file.bytes,
        address: request.address(seq),
    }))
}

/// What has been written so far.
struct File<'a> {
    to: &'a mut dyn Deliver,
    hash: Sha256,
    bytes: u64,
}

impl File<'_> {
    fn pass(&mut self, bytes: Vec<u8>) -> Wanted {
        if bytes.is_empty() {
            return Wanted::More;
        }
        self.hash.update(&bytes);
        self.bytes = self.bytes.saturating_add(u64::try_from(bytes.len()).unwrap_or(0));
        self.to.chunk(bytes)
    }
}

/// Writes entry by entry, and gives the numbers of entries and of records.
fn write(
    tx: &mut ReadTx,
    request: &ExportRequest,
    conditions: Vec<Condition>,
    file: &mut File,
) -> Result<Option<(i64, i64)>> {
    let mut renderer = renderer(request.kind, request.format, request.rows, request.archive.clone());
    let mut query = ListQuery {
        kind: request.kind,
        conditions,
        order: Order::Ref,
        descending: false,
        after: None,
        limit: 50,
        with_bodies: true,
    };
    let (mut entries, mut count) = (0, 0);
    let mut out = Vec::with_capacity(2 * CHUNK);
    renderer.head(&mut out).map_err(Error::Internal)?;
    loop {
        still_wanted()?;
        let page = tx.list(&query)?;
        let Some(last) = page.last() else { break };
        query.after = Some((SortValue::Integer(last.ref_number), last.id.clone()));
        let is_last = i64::try_from(page.len()).unwrap_or(0) < query.limit;
        query.limit = limit_after(&page);
        let known = named::known(tx, request.kind, renderer.needs(), &page)?;
        for row in &page {
            count += renderer.row(&shown(row), &known, &mut out).map_err(Error::Internal)?;
            entries += 1;
            if out.len() >= CHUNK
                && file.pass(std::mem::replace(&mut out, Vec::with_capacity(2 * CHUNK))) == Wanted::Nothing
            {
                return Ok(None);
            }
        }
        if is_last {
            break;
        }
    }
    renderer.tail(&mut out).map_err(Error::Internal)?;
    Ok((file.pass(out) == Wanted::More).then_some((entries, count)))
}

/// As many entries as fill a page, if the next ones are as large as these.
fn limit_after(page: &[ListRow]) -> i64 {
    let bytes: usize = page.iter().map(|row| row.body.len()).sum();
    let each = (bytes / page.len().max(1)).max(1);
    i64::try_from((PAGE / each).clamp(10, 1_000)).unwrap_or(10)
}

fn shown(row: &ListRow) -> Row<'_> {
    Row {
        id: &row.id,
        reference: &row.reference,
        revision: row.head,
        hash: &row.hash,
        label: &row.label,
        created_at: to_rfc3339(row.created_at),
        updated_at: to_rfc3339(row.updated_at),
        body: &row.body,
    }
}
