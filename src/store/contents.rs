//! What submissions would change, and what the checks found.

use diesel::{prelude::*, sql_types::BigInt};

use super::{
    Result,
    bulk::{insert_all, on_either},
    pool::{ReadTx, WriteTx},
    prepared::{Bind, Prepared},
    schema::{submission_changes, submission_checks},
    submissions::SubmissionRow,
};

/// One proposed change.
#[derive(Clone, Debug, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = submission_changes, treat_none_as_default_value = false)]
pub struct ChangeRow {
    pub submission_id: String,
    /// The version of the submission in which these contents were written.
    pub version: i64,
    pub position: i64,
    pub op: String,
    pub kind: String,
    pub entry_id: String,
    /// The revision the change was made on.
    pub base: Option<i64>,
    /// Canonical proposed body.
    pub body: Option<String>,
    /// Label of the proposed body, or of the entry.
    pub label: String,
    /// The revision to go back to.
    pub to_revision: Option<i64>,
    /// The public reason of a retirement.
    pub reason: Option<String>,
    /// The other entry of a merge of duplicates: the one that stays.
    pub into_id: Option<String>,
    /// The revision of the other entry that the change was made on.
    pub into_base: Option<i64>,
    /// Canonical proposed body of the other entry.
    pub into_body: Option<String>,
}

impl ChangeRow {
    /// Ids of the entries it changes.
    pub fn entries(&self) -> impl Iterator<Item = &String> {
        std::iter::once(&self.entry_id).chain(&self.into_id)
    }

    /// The entries it changes.
    pub fn touched(&self) -> Vec<TouchedEntry> {
        TouchedEntry::of(&self.kind, self.base, &self.entry_id, self.into_id.as_ref())
    }
}

/// An entry that a change is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TouchedEntry {
    pub kind: String,
    pub id: String,
    /// The change makes it.
    pub is_new: bool,
}

impl TouchedEntry {
    fn of(kind: &str, base: Option<i64>, id: &str, other: Option<&String>) -> Vec<Self> {
        let entry = |id: &str| Self { kind: kind.to_owned(), id: id.to_owned(), is_new: base.is_none() };
        std::iter::once(entry(id)).chain(other.map(|other| entry(other))).collect()
    }
}

/// What a check found.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = submission_checks)]
pub struct CheckRow {
    pub submission_id: String,
    /// Position of the change it is about.
    pub position: i64,
    pub number: i64,
    pub code: String,
    pub severity: i64,
    /// The finding, JSON.
    pub finding: String,
}

impl ReadTx<'_> {
    /// The contents as they are now. The rows of a batch are read by themselves, a few at a time.
    pub fn changes(&mut self, submission: &SubmissionRow) -> Result<Vec<ChangeRow>> {
        use submission_changes as c;
        let query = c::table
            .filter(c::submission_id.eq(&submission.id).and(c::version.eq(submission.contents_version)))
            .order(c::position.asc());
        Ok(query.select(ChangeRow::as_select()).load(self.conn)?)
    }

    /// Those of the given entries that a batch makes, with their kinds and the positions of their rows.
    pub fn entries_of_batch(&mut self, submission_id: &str, ids: &[String]) -> Result<Vec<(String, String, i64)>> {
        use submission_changes as c;
        let mut found = Vec::new();
        for some in ids.chunks(500) {
            // By the entries: a batch is long, and PostgreSQL takes one that it has no statistics of yet for empty.
            let is_of = c::submission_id.concat("").eq(submission_id);
            let query = c::table.filter(c::entry_id.eq_any(some).and(is_of));
            found.extend(query.select((c::entry_id, c::kind, c::position)).load::<(String, String, i64)>(self.conn)?);
        }
        Ok(found)
    }

    /// The kinds of the entries that a submission changes.
    pub fn touched_kinds(&mut self, submission_id: &str) -> Result<Vec<String>> {
        use submission_changes as c;
        let all = c::table.filter(c::submission_id.eq(submission_id));
        Ok(all.select(c::kind).distinct().load(self.conn)?)
    }

    /// The entries that the present contents change.
    pub fn touched_entries(&mut self, submission: &SubmissionRow) -> Result<Vec<TouchedEntry>> {
        use submission_changes as c;
        let query = c::table
            .filter(c::submission_id.eq(&submission.id).and(c::version.eq(submission.contents_version)))
            .select((c::kind, c::base, c::entry_id, c::into_id));
        let found: Vec<(String, Option<i64>, String, Option<String>)> = query.load(self.conn)?;
        let entries = |(kind, base, id, other): (String, Option<i64>, String, Option<String>)| {
            TouchedEntry::of(&kind, base, &id, other.as_ref())
        };
        Ok(found.into_iter().flat_map(entries).collect())
    }

    /// Bytes of the bodies that a submission proposes at present; 0 where there is no such submission.
    pub fn bytes_of_contents(&mut self, submission_id: &str) -> Result<i64> {
        let bytes = Prepared::<BigInt>::new(
            "SELECT CAST(coalesce(sum(octet_length(coalesce(c.body, '')) + octet_length(coalesce(c.into_body, ''))), 0) \
             AS BIGINT) FROM submissions s JOIN submission_changes c \
             ON c.submission_id = s.id AND c.version = s.contents_version WHERE s.id = ? AND s.form = 'changes'",
            vec![Bind::Text(submission_id.to_owned())],
        );
        Ok(on_either!(&mut *self.conn, conn => bytes.get_result(conn)?))
    }

    /// The findings on the present contents, the most severe first.
    pub fn checks(&mut self, submission_id: &str, limit: i64) -> Result<Vec<CheckRow>> {
        use submission_checks as c;
        let query = c::table.filter(c::submission_id.eq(submission_id)).order((
            c::severity.desc(),
            c::position.asc(),
            c::number.asc(),
        ));
        Ok(query.limit(limit).select(CheckRow::as_select()).load(self.conn)?)
    }

    /// How many findings there are: code, severity, number.
    pub fn count_checks(&mut self, submission_id: &str) -> Result<Vec<(String, i64, i64)>> {
        use submission_checks as c;
        let query = c::table
            .group_by((c::code, c::severity))
            .filter(c::submission_id.eq(submission_id))
            .order((c::severity.desc(), c::code.asc()))
            .select((c::code, c::severity, diesel::dsl::count_star()));
        Ok(query.load(self.conn)?)
    }
}

impl WriteTx<'_> {
    pub fn insert_changes(&mut self, changes: &[ChangeRow]) -> Result<()> {
        insert_all!(&mut *self.conn, submission_changes::table, changes)
    }

    /// Puts new findings in place of those on older contents.
    pub fn replace_checks(&mut self, submission_id: &str, checks: &[CheckRow]) -> Result<()> {
        let old = submission_checks::table.filter(submission_checks::submission_id.eq(submission_id));
        diesel::delete(old).execute(self.conn)?;
        self.append_checks(checks)
    }

    pub fn append_checks(&mut self, checks: &[CheckRow]) -> Result<()> {
        insert_all!(&mut *self.conn, submission_checks::table, checks)
    }
}
