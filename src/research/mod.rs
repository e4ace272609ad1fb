//! The reading room: entries, their history, lists and the feed. Everything here is public.

mod cursor;
mod entries;
mod feed;
mod filters;
mod lists;

pub use cursor::CursorSeal;
pub use entries::{
    DiffView, Direction, EntryLinks, EntryView, LinkFilter, LinkPage, LinkPosition, LinkView, Moment, RevisionPage,
    RevisionView, RevisionViewWithBody, diff, entry, entry_etag, links, revision, revisions,
};
pub use feed::{FeedEvent, FeedPage, feed};
pub use filters::{FilterParameter, all_rels, parameters};
pub use lists::{List, ListPage, SummaryView, Total, list};
