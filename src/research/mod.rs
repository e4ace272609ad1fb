//! The reading room: entries, their history, lists and the feed. Everything here is public.

mod blame;
mod cursor;
mod entries;
mod extras;
mod feed;
mod filters;
mod links;
mod lists;
mod memento;
mod past;

pub use blame::{BlameItem, BlameView, blame};
pub use cursor::CursorSeal;
pub use entries::{
    DiffView, EntryLinks, EntryView, MergedEdits, Moment, RevisionPage, RevisionView, RevisionViewWithBody, diff,
    entry, entry_etag, revision, revisions,
};
pub use extras::{Extras, Included, Shown};
pub use feed::{FeedEvent, FeedPage, feed};
pub use filters::{FilterParameter, all_rels, parameters};
pub use links::{Direction, LinkFilter, LinkPage, LinkPosition, LinkView, links};
pub use lists::{List, ListPage, SummaryView, Total, list};
pub use memento::{Gate, Memento, TimeMap, mementos, timegate, timemap};
pub use past::{MOST_CHANGED, PastEntry, overlay};
