//! The operations of the public record: entries of each kind, their history, search, statistics, exports and the feed;
//! and the proposals that are made at the address of an entry.

use super::{Operation, Tag, delete, get, patch, post, put};
use crate::model::{
    budgets::{Budget, Dear},
    limits::BodySize::Entry,
    permissions::Scope::{Read, Submit},
};

/// An entry that was merged leads to the one that stays; one that was retired says so.
const WHERE_IT_WENT: &[u16] = &[308, 410];

/// Up to 500 entries more.
const INCLUDED: Dear = Dear::each("include", 1);

const OF_ENTRIES: &[Dear] = &[INCLUDED];

const OF_LISTS: &[Dear] = &[
    // Each facet counts the whole list once more.
    Dear::each("facets", 1).on(Budget::Search),
    // All that has changed since is read as it was.
    Dear::each("at", 4).on(Budget::Search),
    // All that names an entry is looked at, once for each naming.
    Dear::each("named_by", 1).free(1).on(Budget::Search),
    Dear::each("not.named_by", 1).free(1).on(Budget::Search),
    Dear::each("named_in_turn", 1).free(1).on(Budget::Search),
    Dear::each("not.named_in_turn", 1).free(1).on(Budget::Search),
    INCLUDED,
];

const OF_STATISTICS: &[Dear] = &[
    Dear::each("at", 4),
    // Every dimension multiplies the groups.
    Dear::each("by", 1).free(1),
];

/// What they are, one declaration each.
pub(super) const OPERATIONS: &[Operation] = &[
    get("list_entries", "/v1/{kind}").anyone().scope(Read).filtered().dear(OF_LISTS),
    get("stats_entries", "/v1/stats/{kind}").anyone().scope(Read).filtered().budget(Budget::Search).dear(OF_STATISTICS),
    get("get_entry", "/v1/{kind}/{id}").anyone().scope(Read).dear(OF_ENTRIES).problems_too(WHERE_IT_WENT),
    get("list_entry_revisions", "/v1/{kind}/{id}/revisions").anyone().scope(Read).heavy(),
    get("get_entry_revision", "/v1/{kind}/{id}/revisions/{number}").anyone().scope(Read),
    get("get_entry_diff", "/v1/{kind}/{id}/diff").anyone().scope(Read).heavy(),
    get("get_entry_blame", "/v1/{kind}/{id}/blame").anyone().scope(Read).heavy(),
    get("list_entry_links", "/v1/{kind}/{id}/links").anyone().scope(Read).problems_too(WHERE_IT_WENT),
    // What leads elsewhere has no tag.
    get("get_entry_timegate", "/v1/{kind}/{id}/timegate").anyone().scope(Read).tag(Tag::None).problems_too(&[308]),
    get("get_entry_timemap", "/v1/{kind}/{id}/timemap").anyone().scope(Read).heavy(),
    get("get_entry_citation", "/v1/{kind}/{id}/cite").anyone().scope(Read).problems_too(&[308, 406, 410]),
    get("get_entry_revision_citation", "/v1/{kind}/{id}/revisions/{number}/cite")
        .anyone()
        .scope(Read)
        .problems_too(&[406]),
    // 409: the archive is in another state than the one that is asked for.
    get("export_entries", "/v1/export/{kind}")
        .anyone()
        .scope(Read)
        .filtered()
        .file()
        .budget(Budget::Export)
        .problems_too(&[406, 409]),
    get("get_entries_export_manifest", "/v1/export/{kind}/manifest")
        .anyone()
        .scope(Read)
        .filtered()
        .budget(Budget::Export)
        .problems_too(&[409]),
    post("create_entry", "/v1/{kind}").editors().scope(Submit).body(Entry).location("submission"),
    put("replace_entry", "/v1/{kind}/{id}").editors().scope(Submit).body(Entry).if_match().location("submission"),
    patch("patch_entry", "/v1/{kind}/{id}").editors().scope(Submit).body(Entry).if_match().location("submission"),
    delete("retire_entry", "/v1/{kind}/{id}").editors().scope(Submit).if_match().location("submission"),
    get("list_changes", "/v1/changes").anyone().scope(Read),
    // What never ends has no tag.
    get("stream_changes", "/v1/changes/stream").anyone().scope(Read).tag(Tag::None),
    get("search", "/v1/search").anyone().scope(Read).budget(Budget::Search),
    get("suggest", "/v1/suggest").anyone().scope(Read).budget(Budget::Search),
];
