//! The archive as it stood: entries that have changed since a time, as they were then.

use diesel::{
    prelude::*,
    sql_types::{BigInt, Nullable, Text},
};

use super::{Result, pool::ReadTx, schema::revisions, sql::Sql};
use crate::model::{kinds::KindDescriptor, projection::Cell};

/// An entry as it stood at a time.
#[derive(Clone, Debug, QueryableByName)]
pub struct PastRow {
    #[diesel(sql_type = Text)]
    pub id: String,
    #[diesel(sql_type = Text)]
    pub kind: String,
    #[diesel(sql_type = BigInt)]
    pub ref_number: i64,
    #[diesel(sql_type = Text)]
    pub reference: String,
    #[diesel(sql_type = BigInt)]
    pub created_at: i64,
    #[diesel(sql_type = BigInt)]
    pub number: i64,
    #[diesel(sql_type = Text)]
    pub hash: String,
    #[diesel(sql_type = Text)]
    pub status: String,
    #[diesel(sql_type = Text)]
    pub label: String,
    /// When this state was accepted.
    #[diesel(sql_type = BigInt)]
    pub updated_at: i64,
    /// Body, JSON.
    #[diesel(sql_type = Text)]
    pub body: String,
    /// The other entry of a merge.
    #[diesel(sql_type = Nullable<Text>)]
    pub counterpart_id: Option<String>,
}

impl PastRow {
    /// The entry that this one was merged into.
    pub fn merged_into(&self) -> Option<&String> {
        self.counterpart_id.as_ref().filter(|_| self.status == "merged")
    }
}

#[derive(QueryableByName)]
struct IdRow {
    #[diesel(sql_type = Text)]
    id: String,
}

fn texts(values: &[String]) -> impl Iterator<Item = Cell> {
    values.iter().map(|v| Cell::Text(Some(v.clone())))
}

impl ReadTx<'_> {
    /// Entries of a kind that existed at a time and have changed since, in the order of their ids.
    pub fn changed_since(&mut self, kind: &KindDescriptor, at: i64, limit: i64) -> Result<Vec<String>> {
        let mut sql = Sql::new("SELECT e.id AS id FROM entries e WHERE e.head > 1 AND e.kind = ");
        sql.text(kind.name).push(" AND e.updated_at > ").integer(at).push(" AND e.created_at <= ").integer(at);
        sql.push(" ORDER BY e.id LIMIT ").integer(limit);
        Ok(sql.into_query().load::<IdRow>(self.conn)?.into_iter().map(|row| row.id).collect())
    }

    /// Those of the given entries that existed at a time, as they stood then.
    pub fn states_at(&mut self, ids: &[String], at: i64) -> Result<Vec<PastRow>> {
        let mut found = Vec::new();
        for some in ids.chunks(500) {
            let mut sql = Sql::new(
                "SELECT e.id, e.kind, e.ref_number, e.ref AS reference, e.created_at, r.number, r.hash, r.status, r.label, \
                 r.at AS updated_at, r.body, r.counterpart_id FROM entries e JOIN revisions r ON r.entry_id = e.id \
                 WHERE e.id IN ",
            );
            sql.list(texts(some));
            sql.push(" AND r.number = (SELECT max(q.number) FROM revisions q WHERE q.entry_id = e.id AND q.at <= ");
            sql.integer(at).push(")");
            found.extend(sql.into_query().load::<PastRow>(self.conn)?);
        }
        Ok(found)
    }

    /// Numbers and times of the revisions of an entry from a number on, in order.
    pub fn revision_times(&mut self, entry_id: &str, from: i64, limit: i64) -> Result<Vec<(i64, i64)>> {
        let query = revisions::table
            .filter(revisions::entry_id.eq(entry_id).and(revisions::number.ge(from)))
            .order(revisions::number.asc())
            .limit(limit);
        Ok(query.select((revisions::number, revisions::at)).load(self.conn)?)
    }

    /// Entries that were merged into one of the given ones at a time, directly.
    pub fn merged_into_at(&mut self, ids: &[String], at: i64) -> Result<Vec<String>> {
        let mut found = Vec::new();
        for some in ids.chunks(500) {
            let mut sql = Sql::new("SELECT r.entry_id AS id FROM revisions r WHERE r.counterpart_id IN ");
            sql.list(texts(some)).push(" AND r.status = 'merged' AND r.number = ");
            sql.push("(SELECT max(q.number) FROM revisions q WHERE q.entry_id = r.entry_id AND q.at <= ");
            sql.integer(at).push(")");
            found.extend(sql.into_query().load::<IdRow>(self.conn)?.into_iter().map(|row| row.id));
        }
        Ok(found)
    }
}
