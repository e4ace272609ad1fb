//! The reading room: entries, their history, lists and the feed. Everything here is public.

mod blame;
mod cursor;
mod entries;
mod feed;
mod filters;
mod links;
mod lists;
mod parameters;
mod search;

pub use blame::{BlameItem, BlameView, blame};
pub use cursor::CursorSeal;
pub use entries::{
    DiffView, EntryLinks, EntryView, MergedEdits, Moment, RevisionPage, RevisionView, RevisionViewWithBody, diff,
    entry, entry_etag, revision, revisions,
};
pub use feed::{FeedEvent, FeedPage, feed};
pub use links::{Direction, LinkFilter, LinkPage, LinkPosition, LinkView, links};
pub use lists::{List, ListPage, SummaryView, Total, list};
pub use parameters::{FilterParameter, all_rels, parameters};
pub use search::{FoundView, MatchView, Search, SearchPage, SuggestionView, Suggestions, search, suggest};
