//! The reading room: entries, their history, lists and the feed. Everything here is public.

mod blame;
mod chart;
mod cite;
mod counts;
mod cursor;
mod entries;
mod export;
mod extras;
mod facets;
mod feed;
mod filtered;
mod filters;
mod links;
mod lists;
mod memento;
mod memo;
mod namings;
mod parameters;
mod past;
mod search;
mod stats;

pub use blame::{BlameItem, BlameView, blame};
pub use cite::{Citation, citation};
pub use counts::MOST_STATS;
pub use cursor::CursorSeal;
pub use entries::{
    DiffView, EntryLinks, EntryView, MergedEdits, Moment, Older, RevisionPage, RevisionView, RevisionViewWithBody,
    diff, entry, revision, revisions,
};
pub use export::{Deliver, ExportRequest, Manifest, Opened, Wanted, export};
pub use extras::{Extras, Included, Shown};
pub use facets::{FacetCount, Facets, MOST as MOST_FACETS};
pub use feed::{FeedEvent, FeedPage, feed};
pub use filtered::{Filters, check_texts};
pub use filters::conditions;
pub use links::{Direction, LinkFilter, LinkPage, LinkPosition, LinkView, links};
pub use lists::{List, ListPage, SummaryView, Total, list};
pub use memento::{Gate, Memento, TimeMap, mementos, timegate, timemap};
pub use memo::Memo;
pub use parameters::{FilterParameter, all_rels, parameters};
pub use past::{MOST_CHANGED, PastEntry, overlay};
pub use search::{FoundView, MatchView, Search, SearchPage, SuggestionView, Suggestions, search, suggest};
pub use stats::{StatsQuery, StatsRow, StatsView, stats_chart, stats_csv, stats_json};

pub use crate::store::Order as ListOrder;
