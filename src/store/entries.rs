//! Tables of entries and their revisions.

use std::collections::HashMap;

use diesel::{OptionalExtension, dsl::max, prelude::*};

use super::{
    Result,
    bulk::{insert_all, on_either},
    pool::{ReadTx, WriteTx},
    schema::{entries, revisions},
};
use crate::model::refs::EntryKey;

/// The head of an entry: its identity, its status and what is derived of its current revision.
#[derive(Clone, Debug, PartialEq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = entries, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct EntryRow {
    pub id: String,
    pub kind: String,
    pub ref_number: i64,
    pub reference: String,
    /// `active`, `retired` or `merged`.
    pub status: String,
    /// Number of the current revision.
    pub head: i64,
    /// Hash of the current revision.
    pub hash: String,
    pub label: String,
    /// What lists sort labels by, the same on both databases.
    pub sort_key: String,
    /// The summary, JSON.
    pub summary: String,
    pub created_at: i64,
    pub updated_at: i64,
    /// Why it was retired.
    pub reason: Option<String>,
    pub merged_into: Option<String>,
}

/// The little that reading an entry needs beside its body.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = entries)]
pub struct HeadRow {
    pub id: String,
    pub kind: String,
    pub reference: String,
    pub status: String,
    pub head: i64,
    pub hash: String,
    pub label: String,
    pub created_at: i64,
    pub updated_at: i64,
    pub reason: Option<String>,
    pub merged_into: Option<String>,
}

impl From<EntryRow> for HeadRow {
    fn from(row: EntryRow) -> Self {
        Self {
            id: row.id,
            kind: row.kind,
            reference: row.reference,
            status: row.status,
            head: row.head,
            hash: row.hash,
            label: row.label,
            created_at: row.created_at,
            updated_at: row.updated_at,
            reason: row.reason,
            merged_into: row.merged_into,
        }
    }
}

/// One accepted state of an entry.
#[derive(Clone, Debug, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = revisions, treat_none_as_default_value = false)]
pub struct RevisionRow {
    pub entry_id: String,
    pub number: i64,
    /// `create`, `update`, `retire`, `restore`, `revert`, `merge`, `unmerge`.
    pub op: String,
    /// Status of the entry from this revision on.
    pub status: String,
    /// Canonical body.
    pub body: String,
    /// SHA-256 of the body.
    pub hash: String,
    /// Hash of the revision before.
    pub parent_hash: Option<String>,
    pub label: String,
    pub reason: Option<String>,
    pub submission_id: String,
    pub submission_version: i64,
    pub author: String,
    /// JSON array of usernames.
    pub reviewers: String,
    /// Summary of the submission: why.
    pub summary: String,
    pub at: i64,
    /// Number of the feed event that made it public.
    pub seq: i64,
    /// Where two edits were merged: the revision that the proposed body was made on, its other parent.
    pub merged_base: Option<i64>,
    /// Where two edits were merged: hash of the body as it was proposed.
    pub proposed_hash: Option<String>,
    /// The other entry of a merge of duplicates, or of its undoing.
    pub counterpart_id: Option<String>,
    /// Who wrote of it beside the author: JSON array of user names.
    pub contributors: String,
}

/// A revision without its body.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = revisions)]
pub struct RevisionMeta {
    pub entry_id: String,
    pub number: i64,
    pub op: String,
    pub status: String,
    pub hash: String,
    pub parent_hash: Option<String>,
    pub label: String,
    pub reason: Option<String>,
    pub submission_id: String,
    pub author: String,
    pub reviewers: String,
    pub summary: String,
    pub at: i64,
    pub merged_base: Option<i64>,
    pub proposed_hash: Option<String>,
    pub counterpart_id: Option<String>,
    pub contributors: String,
}

impl From<RevisionRow> for RevisionMeta {
    fn from(row: RevisionRow) -> Self {
        Self {
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
            merged_base: row.merged_base,
            proposed_hash: row.proposed_hash,
            counterpart_id: row.counterpart_id,
            contributors: row.contributors,
        }
    }
}

impl ReadTx<'_> {
    pub fn entry(&mut self, id: &str) -> Result<Option<EntryRow>> {
        Ok(entries::table.find(id).select(EntryRow::as_select()).first(self.conn).optional()?)
    }

    /// Those of the given entries that exist, by their ids.
    pub fn entries_by_id(&mut self, ids: &[String]) -> Result<HashMap<String, EntryRow>> {
        let mut found = HashMap::new();
        // Databases bound the number of values in one statement.
        for some in ids.chunks(500) {
            let query = entries::table.filter(entries::id.eq_any(some)).select(EntryRow::as_select());
            found.extend(query.load::<EntryRow>(self.conn)?.into_iter().map(|entry| (entry.id.clone(), entry)));
        }
        Ok(found)
    }

    /// The head of an entry of the given kind.
    pub fn head(&mut self, kind: &str, key: &EntryKey) -> Result<Option<HeadRow>> {
        let heads = entries::table.filter(entries::kind.eq(kind)).select(HeadRow::as_select());
        Ok(match key {
            EntryKey::Id(id) => heads.filter(entries::id.eq(id.as_str())).first(self.conn),
            EntryKey::Ref(reference) => heads.filter(entries::reference.eq(reference)).first(self.conn),
        }
        .optional()?)
    }

    /// The head of an entry of the given kind and its current body, in one statement.
    pub fn head_with_body(&mut self, kind: &str, key: &EntryKey) -> Result<Option<(HeadRow, String)>> {
        let on_head = revisions::entry_id.eq(entries::id).and(revisions::number.eq(entries::head));
        let heads = entries::table.inner_join(revisions::table.on(on_head)).filter(entries::kind.eq(kind));
        Ok(on_either!(&mut *self.conn, conn => {
            let heads = heads.select((HeadRow::as_select(), revisions::body));
            match key {
                EntryKey::Id(id) => heads.filter(entries::id.eq(id.as_str())).first(conn),
                EntryKey::Ref(reference) => heads.filter(entries::reference.eq(reference)).first(conn),
            }
        })
        .optional()?)
    }

    /// The id of an entry of any kind.
    pub fn entry_id(&mut self, key: &EntryKey) -> Result<Option<String>> {
        let ids = entries::table.select(entries::id);
        Ok(match key {
            EntryKey::Id(id) => ids.filter(entries::id.eq(id.as_str())).first(self.conn),
            EntryKey::Ref(reference) => ids.filter(entries::reference.eq(reference)).first(self.conn),
        }
        .optional()?)
    }

    /// Id, kind and ref of those of the given entries that exist, whatever their status.
    pub fn entry_refs(&mut self, ids: &[String]) -> Result<Vec<(String, String, String)>> {
        let mut found = Vec::new();
        for some in ids.chunks(500) {
            let query = entries::table.filter(entries::id.eq_any(some));
            found.extend(query.select((entries::id, entries::kind, entries::reference)).load(self.conn)?);
        }
        Ok(found)
    }

    /// Id, kind and status of those of the given entries that exist.
    pub fn entry_kinds(&mut self, ids: &[String]) -> Result<Vec<(String, String, String)>> {
        let columns = (entries::id, entries::kind, entries::status);
        Ok(entries::table.filter(entries::id.eq_any(ids)).select(columns).load(self.conn)?)
    }

    pub fn revision(&mut self, entry_id: &str, number: i64) -> Result<Option<RevisionRow>> {
        let query = revisions::table.find((entry_id, number)).select(RevisionRow::as_select());
        Ok(query.first(self.conn).optional()?)
    }

    /// The revision by which an entry last took in another one.
    pub fn merge_of(&mut self, survivor: &str, loser: &str) -> Result<Option<RevisionRow>> {
        let query = revisions::table
            .filter(revisions::entry_id.eq(survivor).and(revisions::op.eq("merge")))
            .filter(revisions::counterpart_id.eq(loser).assume_not_null())
            .order(revisions::number.desc())
            .select(RevisionRow::as_select());
        Ok(query.first(self.conn).optional()?)
    }

    /// Numbers and bodies of revisions below the given number, newest first.
    pub fn bodies_before(&mut self, entry_id: &str, number: i64, limit: i64) -> Result<Vec<(i64, String)>> {
        let query = revisions::table
            .filter(revisions::entry_id.eq(entry_id).and(revisions::number.lt(number)))
            .order(revisions::number.desc())
            .limit(limit);
        Ok(query.select((revisions::number, revisions::body)).load(self.conn)?)
    }

    /// The revisions of an entry with the given numbers.
    pub fn revisions_of(&mut self, entry_id: &str, numbers: &[i64]) -> Result<Vec<RevisionMeta>> {
        let mut found = Vec::new();
        for some in numbers.chunks(500) {
            let query = revisions::table.filter(revisions::entry_id.eq(entry_id).and(revisions::number.eq_any(some)));
            found.extend(query.select(RevisionMeta::as_select()).load::<RevisionMeta>(self.conn)?);
        }
        Ok(found)
    }

    /// Heads and current bodies of those of the given entries that exist.
    pub fn heads_with_bodies(&mut self, ids: &[String]) -> Result<Vec<(EntryRow, String)>> {
        let on_head = revisions::entry_id.eq(entries::id).and(revisions::number.eq(entries::head));
        let query = entries::table
            .inner_join(revisions::table.on(on_head))
            .filter(entries::id.eq_any(ids))
            .order(entries::id.asc())
            .select((EntryRow::as_select(), revisions::body));
        Ok(query.load(self.conn)?)
    }

    /// Entries that were merged into one of the given entries, directly.
    pub fn merged_into(&mut self, ids: &[String]) -> Result<Vec<String>> {
        let query = entries::table.filter(entries::merged_into.eq_any(ids.to_vec()).assume_not_null());
        Ok(query.select(entries::id).load(self.conn)?)
    }

    /// The last revision accepted at or before the given time.
    pub fn revision_at(&mut self, entry_id: &str, at: i64) -> Result<Option<RevisionRow>> {
        let query = revisions::table
            .filter(revisions::entry_id.eq(entry_id).and(revisions::at.le(at)))
            .order(revisions::number.desc())
            .select(RevisionRow::as_select());
        Ok(query.first(self.conn).optional()?)
    }

    /// Revisions with a number below the given one, newest first.
    pub fn revisions_before(&mut self, entry_id: &str, before: i64, limit: i64) -> Result<Vec<RevisionMeta>> {
        let query = revisions::table
            .filter(revisions::entry_id.eq(entry_id).and(revisions::number.lt(before)))
            .order(revisions::number.desc())
            .limit(limit);
        Ok(query.select(RevisionMeta::as_select()).load(self.conn)?)
    }

    /// Whether the entry has a revision after this one by any of these operations.
    pub fn has_later(&mut self, entry_id: &str, number: i64, ops: &[&str]) -> Result<bool> {
        let later = revisions::table.filter(revisions::entry_id.eq(entry_id).and(revisions::number.gt(number)));
        Ok(diesel::select(diesel::dsl::exists(later.filter(revisions::op.eq_any(ops)))).get_result(self.conn)?)
    }

    /// What a submission published: entry id, ref, kind and revision.
    pub fn published_by(&mut self, submission_id: &str) -> Result<Vec<(String, String, String, i64)>> {
        let query = revisions::table
            .inner_join(entries::table.on(entries::id.eq(revisions::entry_id)))
            .filter(revisions::submission_id.eq(submission_id))
            .order(revisions::seq.asc())
            .select((entries::id, entries::reference, entries::kind, revisions::number));
        Ok(query.load(self.conn)?)
    }

    /// Entries in the order of their ids, with their current bodies; for work on the whole archive.
    pub fn heads_after(&mut self, after: &str, limit: i64) -> Result<Vec<(EntryRow, String)>> {
        let on_head = revisions::entry_id.eq(entries::id).and(revisions::number.eq(entries::head));
        let query = entries::table
            .inner_join(revisions::table.on(on_head))
            .filter(entries::id.gt(after))
            .order(entries::id.asc())
            .limit(limit)
            .select((EntryRow::as_select(), revisions::body));
        Ok(query.load(self.conn)?)
    }
}

impl WriteTx<'_> {
    /// The next number for a ref of this kind. Entries are never deleted, so no number is given twice.
    pub fn next_ref_number(&mut self, kind: &str) -> Result<i64> {
        let last = entries::table.filter(entries::kind.eq(kind)).select(max(entries::ref_number));
        Ok(last.first::<Option<i64>>(self.conn)?.unwrap_or(0) + 1)
    }

    pub fn insert_entries(&mut self, entries: &[EntryRow]) -> Result<()> {
        insert_all!(&mut *self.conn, entries::table, entries)
    }

    pub fn update_entry(&mut self, entry: &EntryRow) -> Result<()> {
        diesel::update(entries::table.find(&entry.id)).set(entry).execute(self.conn)?;
        Ok(())
    }

    pub fn append_revisions(&mut self, revisions: &[RevisionRow]) -> Result<()> {
        insert_all!(&mut *self.conn, revisions::table, revisions)
    }
}
