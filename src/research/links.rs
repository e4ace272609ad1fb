//! What an entry names, and what names it.

use serde::Serialize;
use utoipa::ToSchema;

use super::entries::{head_of, refuse_gone};
use crate::{
    model::{kinds::KindDescriptor, refs::EntryKey, stored::StoredJson},
    store::{LinkRow, ReadTx},
    usecase::Result,
};

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
    pub entry: StoredJson,
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

impl Direction {
    pub const ALL: &'static [Direction] = &[Direction::Outgoing, Direction::Incoming];

    /// The stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Direction::Outgoing => "outgoing",
            Direction::Incoming => "incoming",
        }
    }
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
    refuse_gone(tx, &head, "/links")?;
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
    Ok(LinkView { rel: row.rel, pointer: row.pointer, entry: StoredJson::new(row.summary) })
}
