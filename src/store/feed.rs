//! The feed: the gapless, ordered sequence of acceptances.

use diesel::{OptionalExtension, dsl::max, prelude::*};

use super::{
    Result,
    bulk::insert_all,
    pool::{ReadTx, WriteTx},
    schema::feed,
};

/// One event.
#[derive(Clone, Debug, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = feed, treat_none_as_default_value = false)]
pub struct FeedRow {
    pub seq: i64,
    pub at: i64,
    pub event_type: String,
    pub entry_id: String,
    pub revision: i64,
    pub submission_id: String,
    /// The summary of the entry as it became with this event, JSON.
    pub summary: String,
}

/// The number and the time of the last event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LastEvent {
    pub seq: i64,
    pub at: i64,
}

impl ReadTx<'_> {
    /// Events after the given number, in order.
    pub fn feed_after(&mut self, after: i64, limit: i64) -> Result<Vec<FeedRow>> {
        let query = feed::table.filter(feed::seq.gt(after)).order(feed::seq.asc()).limit(limit);
        Ok(query.select(FeedRow::as_select()).load(self.conn)?)
    }

    /// Ids of the entries that events after the given number are about.
    pub fn entries_published_after(&mut self, after: i64, limit: i64) -> Result<Vec<String>> {
        let query = feed::table.filter(feed::seq.gt(after)).order(feed::seq.asc()).limit(limit);
        Ok(query.select(feed::entry_id).load(self.conn)?)
    }

    /// The last event; zeros before the first.
    pub fn last_event(&mut self) -> Result<LastEvent> {
        let last = feed::table.order(feed::seq.desc()).select((feed::seq, feed::at)).first(self.conn).optional()?;
        let (seq, at) = last.unwrap_or((0, 0));
        Ok(LastEvent { seq, at })
    }

    /// The number of the last event; 0 before the first.
    pub fn last_seq(&mut self) -> Result<i64> {
        Ok(feed::table.select(max(feed::seq)).first::<Option<i64>>(self.conn)?.unwrap_or(0))
    }
}

impl WriteTx<'_> {
    pub fn append_events(&mut self, events: &[FeedRow]) -> Result<()> {
        insert_all!(&mut *self.conn, feed::table, events)
    }
}
