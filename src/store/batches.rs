//! Batches: which rows a reviewer has opened, and what became of each row.

use diesel::{
    dsl::{exists, max, not},
    prelude::*,
};

use super::{
    Result,
    bulk::insert_all,
    contents::ChangeRow,
    pool::{ReadTx, WriteTx},
    schema::{batch_rows, batch_sample, submission_changes, submission_checks},
};

/// What became of one row.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = batch_rows, treat_none_as_default_value = false)]
pub struct OutcomeRow {
    pub submission_id: String,
    pub position: i64,
    /// `published` or `set_aside`.
    pub outcome: String,
    /// Why it was set aside, JSON.
    pub detail: Option<String>,
}

/// Which rows of a batch to list.
#[derive(Clone, Debug, Default)]
pub struct RowFilter {
    /// With a finding of this code.
    pub check: Option<String>,
    pub outcome: Option<String>,
    /// From this position on.
    pub first: i64,
    pub limit: i64,
}

/// Adds the conditions of a filter to a query of rows; a macro, since every selection has a type of its own.
macro_rules! filtered {
    ($query:expr, $submission_id:expr, $filter:expr) => {{
        use {batch_rows as r, submission_changes as c, submission_checks as k};
        let (id, filter) = ($submission_id.to_owned(), $filter);
        let mut query = $query.filter(c::submission_id.eq(id.clone())).into_boxed();
        if let Some(code) = filter.check.clone() {
            let found = k::table.filter(k::submission_id.eq(id.clone()).and(k::code.eq(code)));
            query = query.filter(c::position.eq_any(found.select(k::position)));
        }
        if let Some(outcome) = filter.outcome.clone() {
            let found = r::table.filter(r::submission_id.eq(id).and(r::outcome.eq(outcome)));
            query = query.filter(c::position.eq_any(found.select(r::position)));
        }
        query
    }};
}

impl ReadTx<'_> {
    /// How many rows a batch has.
    pub fn count_rows(&mut self, submission_id: &str) -> Result<i64> {
        use submission_changes as c;
        let last = c::table.filter(c::submission_id.eq(submission_id)).select(max(c::position));
        Ok(last.first::<Option<i64>>(self.conn)?.map_or(0, |last| last + 1))
    }

    /// How many rows came to each outcome.
    pub fn count_outcomes(&mut self, submission_id: &str) -> Result<Vec<(String, i64)>> {
        use batch_rows as r;
        let counts = r::table.group_by(r::outcome).filter(r::submission_id.eq(submission_id));
        Ok(counts.select((r::outcome, diesel::dsl::count_star())).load(self.conn)?)
    }

    /// The next rows that nothing has become of yet, in order.
    pub fn open_rows(&mut self, submission_id: &str, limit: i64) -> Result<Vec<ChangeRow>> {
        use {batch_rows as r, submission_changes as c};
        // A count, not NOT EXISTS: of a batch that PostgreSQL has no statistics of yet, it would compare each row with every
        // one that is done.
        let done = r::table.filter(r::submission_id.eq(c::submission_id).and(r::position.eq(c::position)));
        let query = c::table.filter(c::submission_id.eq(submission_id).and(done.count().single_value().eq(0)));
        Ok(query.order(c::position.asc()).limit(limit).select(ChangeRow::as_select()).load(self.conn)?)
    }

    /// Positions of all rows that nothing has become of yet, in order.
    pub fn open_positions(&mut self, submission_id: &str) -> Result<Vec<i64>> {
        use {batch_rows as r, submission_changes as c};
        let done = r::table.filter(r::submission_id.eq(c::submission_id).and(r::position.eq(c::position)));
        let query = c::table.filter(c::submission_id.eq(submission_id).and(done.count().single_value().eq(0)));
        Ok(query.order(c::position.asc()).select(c::position).load(self.conn)?)
    }

    /// The rows at the given positions, in order.
    pub fn rows_at(&mut self, submission_id: &str, positions: &[i64]) -> Result<Vec<ChangeRow>> {
        use submission_changes as c;
        let query = c::table.filter(c::submission_id.eq(submission_id).and(c::position.eq_any(positions)));
        Ok(query.order(c::position.asc()).select(ChangeRow::as_select()).load(self.conn)?)
    }

    /// Outcomes of the given rows.
    pub fn outcomes(&mut self, submission_id: &str, positions: &[i64]) -> Result<Vec<OutcomeRow>> {
        use batch_rows as r;
        let query = r::table.filter(r::submission_id.eq(submission_id).and(r::position.eq_any(positions)));
        Ok(query.select(OutcomeRow::as_select()).load(self.conn)?)
    }

    /// Positions of rows, in order.
    pub fn row_positions(&mut self, submission_id: &str, filter: &RowFilter) -> Result<Vec<i64>> {
        use submission_changes as c;
        let query = filtered!(c::table.select(c::position), submission_id, filter);
        Ok(query.filter(c::position.ge(filter.first)).order(c::position.asc()).limit(filter.limit).load(self.conn)?)
    }

    /// How many rows a filter lets through, wherever the page begins.
    pub fn count_filtered_rows(&mut self, submission_id: &str, filter: &RowFilter) -> Result<i64> {
        Ok(filtered!(submission_changes::table.select(diesel::dsl::count_star()), submission_id, filter)
            .first(self.conn)?)
    }

    /// The severity of the most severe finding on rows that nothing has become of yet; 0 for none.
    pub fn worst_open_check(&mut self, submission_id: &str) -> Result<i64> {
        use {batch_rows as r, submission_checks as k};
        let done = r::table.filter(r::submission_id.eq(submission_id).and(r::position.eq(k::position)));
        let open = k::table.filter(k::submission_id.eq(submission_id).and(not(exists(done))));
        Ok(open.select(max(k::severity)).first::<Option<i64>>(self.conn)?.unwrap_or(0))
    }

    /// Findings on the given rows: position and finding, JSON.
    pub fn row_checks(&mut self, submission_id: &str, positions: &[i64]) -> Result<Vec<(i64, String)>> {
        use submission_checks as k;
        let query = k::table
            .filter(k::submission_id.eq(submission_id).and(k::position.eq_any(positions)))
            .order((k::position.asc(), k::number.asc()));
        Ok(query.select((k::position, k::finding)).load(self.conn)?)
    }

    /// The rows that a reviewer has opened.
    pub fn opened_rows(&mut self, submission_id: &str, reviewer_id: &str) -> Result<Vec<i64>> {
        use batch_sample as s;
        let query = s::table.filter(s::submission_id.eq(submission_id).and(s::reviewer_id.eq(reviewer_id)));
        Ok(query.order(s::position.asc()).select(s::position).load(self.conn)?)
    }
}

impl WriteTx<'_> {
    /// Notes that a reviewer has opened a row; once is enough.
    pub fn open_row(&mut self, submission_id: &str, reviewer_id: &str, position: i64, now: i64) -> Result<()> {
        use batch_sample as s;
        if self.opened_rows(submission_id, reviewer_id)?.contains(&position) {
            return Ok(());
        }
        diesel::insert_into(s::table)
            .values((
                s::submission_id.eq(submission_id),
                s::reviewer_id.eq(reviewer_id),
                s::position.eq(position),
                s::at.eq(now),
            ))
            .execute(self.conn)?;
        Ok(())
    }

    pub fn append_outcome(&mut self, outcome: &OutcomeRow) -> Result<()> {
        self.append_outcomes(std::slice::from_ref(outcome))
    }

    pub fn append_outcomes(&mut self, outcomes: &[OutcomeRow]) -> Result<()> {
        insert_all!(&mut *self.conn, batch_rows::table, outcomes)
    }
}
