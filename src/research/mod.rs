//! The reading room: entries, their history, lists and the feed. Everything here is public.

mod blame;
mod cite;
mod cursor;
mod entries;
mod export;
mod feed;
mod filters;
mod links;
mod lists;

pub use blame::{BlameItem, BlameView, blame};
pub use cite::{Citation, citation};
pub use cursor::CursorSeal;
pub use entries::{
    DiffView, EntryLinks, EntryView, MergedEdits, Moment, RevisionPage, RevisionView, RevisionViewWithBody, diff,
    entry, entry_etag, revision, revisions,
};
pub use export::{Deliver, ExportRequest, Manifest, Opened, Wanted, export};
pub use feed::{FeedEvent, FeedPage, feed};
pub use filters::{FilterParameter, all_rels, parameters};
pub use links::{Direction, LinkFilter, LinkPage, LinkPosition, LinkView, links};
pub use lists::{List, ListPage, SummaryView, Total, list};
