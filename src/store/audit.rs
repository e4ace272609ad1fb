//! The archive's audit trail, read by filters.

use diesel::prelude::*;

use super::{AuditRow, Result, pool::ReadTx, schema::audit};

/// Which lines to list; all conditions hold.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    pub actor: Option<String>,
    pub action: Option<String>,
    pub subject: Option<String>,
    /// At or after this time.
    pub since: Option<i64>,
    /// Before this time.
    pub until: Option<i64>,
}

/// Adds the conditions of a filter; a macro, since every selection has a type of its own.
macro_rules! restricted {
    ($query:expr, $filter:expr) => {{
        let (mut query, filter) = ($query.into_boxed(), $filter);
        if let Some(actor) = &filter.actor {
            query = query.filter(audit::actor.eq(actor.clone()));
        }
        if let Some(action) = &filter.action {
            query = query.filter(audit::action.eq(action.clone()));
        }
        if let Some(subject) = &filter.subject {
            query = query.filter(audit::subject.eq(subject.clone()));
        }
        if let Some(since) = filter.since {
            query = query.filter(audit::at.ge(since));
        }
        if let Some(until) = filter.until {
            query = query.filter(audit::at.lt(until));
        }
        query
    }};
}

impl ReadTx<'_> {
    /// Lines, newest first, below the given number.
    pub fn list_audit(&mut self, filter: &AuditFilter, before: i64, limit: i64) -> Result<Vec<AuditRow>> {
        let query = restricted!(audit::table.select(AuditRow::as_select()), filter).filter(audit::seq.lt(before));
        Ok(query.order(audit::seq.desc()).limit(limit).load(self.conn)?)
    }

    /// How many lines the whole list has.
    pub fn count_audit(&mut self, filter: &AuditFilter) -> Result<i64> {
        Ok(restricted!(audit::table.select(diesel::dsl::count_star()), filter).first(self.conn)?)
    }
}
