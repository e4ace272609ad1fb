//! What people did and said about submissions: reviews, the audit trail, comments, notifications.

use diesel::{OptionalExtension, dsl::max, prelude::*, sql_types::Text};

use super::{
    Result,
    bulk::on_either,
    pool::{ReadTx, WriteTx},
    prepared::{Bind, Prepared},
    schema::{audit, comment_texts, comments, notifications, reviews, submission_events},
};

/// A reviewer's decision on one version.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = reviews, treat_none_as_default_value = false)]
pub struct ReviewRow {
    pub submission_id: String,
    pub number: i64,
    pub version: i64,
    pub reviewer_id: String,
    pub reviewer: String,
    pub decision: String,
    pub comment: Option<String>,
    pub at: i64,
}

/// A line of the audit trail of a submission.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = submission_events, treat_none_as_default_value = false)]
pub struct EventRow {
    pub submission_id: String,
    pub number: i64,
    pub at: i64,
    pub actor: String,
    pub action: String,
    pub from_state: Option<String>,
    pub to_state: String,
    pub version: i64,
    pub comment: Option<String>,
    /// By which session or key, as in [`AuditRow::via`].
    pub via: Option<String>,
}

/// A comment without its words.
#[derive(Clone, Debug, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = comments, treat_none_as_default_value = false)]
pub struct CommentRow {
    pub id: String,
    pub submission_id: String,
    pub number: i64,
    /// The comment it answers.
    pub parent_id: Option<String>,
    pub author_id: String,
    pub author: String,
    /// The version of the submission it was written on.
    pub version: i64,
    /// The place of the submission it is about.
    pub pointer: Option<String>,
    /// JSON Patch that it suggests.
    pub suggestion: Option<String>,
    pub at: i64,
}

/// One wording of a comment.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = comment_texts)]
pub struct CommentTextRow {
    pub comment_id: String,
    pub number: i64,
    pub text: String,
    pub at: i64,
}

/// Something that concerns an account.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = notifications, treat_none_as_default_value = false)]
pub struct NotificationRow {
    pub user_id: String,
    pub number: i64,
    pub at: i64,
    pub action: String,
    pub actor: String,
    pub submission_id: String,
    pub summary: String,
    pub read_at: Option<i64>,
}

/// A line of the archive's audit trail: what was done outside of submissions.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = audit, treat_none_as_default_value = false)]
pub struct AuditRow {
    pub seq: i64,
    pub at: i64,
    pub actor: String,
    pub action: String,
    /// What it was done to: `entry <id>`, `user <name>`.
    pub subject: String,
    /// JSON.
    pub detail: String,
    /// By which session or key it was done: `session <id>`, `api_key <id>`; nothing for what no caller did.
    pub via: Option<String>,
}

impl ReadTx<'_> {
    pub fn reviews(&mut self, submission_id: &str) -> Result<Vec<ReviewRow>> {
        let query = reviews::table.filter(reviews::submission_id.eq(submission_id)).order(reviews::number.asc());
        Ok(query.select(ReviewRow::as_select()).load(self.conn)?)
    }

    pub fn submission_events(&mut self, submission_id: &str, after: i64, limit: i64) -> Result<Vec<EventRow>> {
        use submission_events as t;
        let query = t::table.filter(t::submission_id.eq(submission_id).and(t::number.gt(after)));
        Ok(query.order(t::number.asc()).limit(limit).select(EventRow::as_select()).load(self.conn)?)
    }

    /// Lines of the audit trail of a submission.
    pub fn count_submission_events(&mut self, submission_id: &str) -> Result<i64> {
        let all = submission_events::table.filter(submission_events::submission_id.eq(submission_id));
        Ok(all.count().get_result(self.conn)?)
    }

    pub fn comment(&mut self, id: &str) -> Result<Option<CommentRow>> {
        Ok(comments::table.find(id).select(CommentRow::as_select()).first(self.conn).optional()?)
    }

    /// Comments on a submission in the order they were made, after the given number.
    pub fn comments(&mut self, submission_id: &str, after: i64, limit: i64) -> Result<Vec<CommentRow>> {
        use comments as c;
        let query = c::table.filter(c::submission_id.eq(submission_id).and(c::number.gt(after))).order(c::number.asc());
        Ok(query.limit(limit).select(CommentRow::as_select()).load(self.conn)?)
    }

    pub fn count_comments(&mut self, submission_id: &str) -> Result<i64> {
        Ok(comments::table.filter(comments::submission_id.eq(submission_id)).count().get_result(self.conn)?)
    }

    /// Every wording of the given comments, oldest first.
    pub fn comment_texts(&mut self, comment_ids: &[String]) -> Result<Vec<CommentTextRow>> {
        use comment_texts as t;
        let query = t::table.filter(t::comment_id.eq_any(comment_ids)).order((t::comment_id.asc(), t::number.asc()));
        Ok(query.select(CommentTextRow::as_select()).load(self.conn)?)
    }

    /// Whether anybody but the author has reviewed or commented on a submission.
    pub fn others_have_spoken(&mut self, submission_id: &str, author_id: &str) -> Result<bool> {
        Ok(self.participants(submission_id)?.iter().any(|id| id != author_id))
    }

    /// Accounts that have reviewed or commented on a submission.
    pub fn participants(&mut self, submission_id: &str) -> Result<Vec<String>> {
        let id = || Bind::Text(submission_id.to_owned());
        let all = Prepared::<Text>::new(
            "SELECT reviewer_id FROM reviews WHERE submission_id = ? \
             UNION SELECT author_id FROM comments WHERE submission_id = ?",
            vec![id(), id()],
        );
        Ok(on_either!(&mut *self.conn, conn => all.load(conn)?))
    }

    /// Notifications of an account, newest first, below the given number.
    pub fn notifications(
        &mut self,
        user_id: &str,
        unread: bool,
        before: i64,
        limit: i64,
    ) -> Result<Vec<NotificationRow>> {
        use notifications as n;
        let mut query = n::table
            .filter(n::user_id.eq(user_id.to_owned()).and(n::number.lt(before)))
            .order(n::number.desc())
            .limit(limit)
            .select(NotificationRow::as_select())
            .into_boxed();
        if unread {
            query = query.filter(n::read_at.is_null());
        }
        Ok(query.load(self.conn)?)
    }

    /// How many notifications an account has, and how many of them are not read.
    pub fn count_notifications(&mut self, user_id: &str) -> Result<(i64, i64)> {
        use notifications as n;
        let own = n::table.filter(n::user_id.eq(user_id));
        Ok((own.count().get_result(self.conn)?, own.filter(n::read_at.is_null()).count().get_result(self.conn)?))
    }
}

impl WriteTx<'_> {
    pub fn insert_review(&mut self, review: &ReviewRow) -> Result<()> {
        diesel::insert_into(reviews::table).values(review).execute(self.conn)?;
        Ok(())
    }

    /// Appends to the audit trail of a submission; the number of the line is given here.
    pub fn append_submission_event(&mut self, event: EventRow) -> Result<()> {
        let insert = Prepared::<()>::new(
            "INSERT INTO submission_events (submission_id, number, at, actor, action, from_state, to_state, version, \
             comment, via) SELECT ?, coalesce(max(number), 0) + 1, ?, ?, ?, ?, ?, ?, ?, ? \
             FROM submission_events WHERE submission_id = ?",
            vec![
                Bind::Text(event.submission_id.clone()),
                Bind::Integer(event.at),
                Bind::Text(event.actor),
                Bind::Text(event.action),
                Bind::Optional(event.from_state),
                Bind::Text(event.to_state),
                Bind::Integer(event.version),
                Bind::Optional(event.comment),
                Bind::Optional(event.via),
                Bind::Text(event.submission_id),
            ],
        );
        on_either!(&mut *self.conn, conn => insert.execute(conn)?);
        Ok(())
    }

    /// Adds a comment; its number is given here.
    pub fn insert_comment(&mut self, mut comment: CommentRow) -> Result<CommentRow> {
        use comments as c;
        let last = c::table.filter(c::submission_id.eq(&comment.submission_id)).select(max(c::number));
        comment.number = last.first::<Option<i64>>(self.conn)?.unwrap_or(0) + 1;
        diesel::insert_into(c::table).values(&comment).execute(self.conn)?;
        Ok(comment)
    }

    /// Adds a wording to a comment.
    pub fn append_comment_text(&mut self, text: &CommentTextRow) -> Result<()> {
        diesel::insert_into(comment_texts::table).values(text).execute(self.conn)?;
        Ok(())
    }

    /// Tells an account of something; the number is given here.
    pub fn notify(&mut self, notification: NotificationRow) -> Result<()> {
        let insert = Prepared::<()>::new(
            "INSERT INTO notifications (user_id, number, at, action, actor, submission_id, summary) \
             SELECT ?, coalesce(max(number), 0) + 1, ?, ?, ?, ?, ? FROM notifications WHERE user_id = ?",
            vec![
                Bind::Text(notification.user_id.clone()),
                Bind::Integer(notification.at),
                Bind::Text(notification.action),
                Bind::Text(notification.actor),
                Bind::Text(notification.submission_id),
                Bind::Text(notification.summary),
                Bind::Text(notification.user_id),
            ],
        );
        on_either!(&mut *self.conn, conn => insert.execute(conn)?);
        Ok(())
    }

    /// Marks notifications up to a number as read, and tells how many were not.
    pub fn mark_read(&mut self, user_id: &str, up_to: i64, now: i64) -> Result<usize> {
        use notifications as n;
        let unread = n::table.filter(n::user_id.eq(user_id).and(n::number.le(up_to)).and(n::read_at.is_null()));
        Ok(diesel::update(unread).set(n::read_at.eq(Some(now))).execute(self.conn)?)
    }

    /// Appends to the archive's audit trail; the number is given here.
    pub fn append_audit(&mut self, mut line: AuditRow) -> Result<()> {
        line.seq = audit::table.select(max(audit::seq)).first::<Option<i64>>(self.conn)?.unwrap_or(0) + 1;
        diesel::insert_into(audit::table).values(&line).execute(self.conn)?;
        Ok(())
    }
}
