-- `TRUNCATE` deletes without a trigger for rows.
CREATE TRIGGER revisions_are_not_truncated BEFORE TRUNCATE ON revisions EXECUTE FUNCTION refuse_history_change();
CREATE TRIGGER feed_are_not_truncated BEFORE TRUNCATE ON feed EXECUTE FUNCTION refuse_history_change();
CREATE TRIGGER submission_changes_are_not_truncated BEFORE TRUNCATE ON submission_changes EXECUTE FUNCTION refuse_history_change();
CREATE TRIGGER reviews_are_not_truncated BEFORE TRUNCATE ON reviews EXECUTE FUNCTION refuse_history_change();
CREATE TRIGGER submission_events_are_not_truncated BEFORE TRUNCATE ON submission_events EXECUTE FUNCTION refuse_history_change();
CREATE TRIGGER comments_are_not_truncated BEFORE TRUNCATE ON comments EXECUTE FUNCTION refuse_history_change();
CREATE TRIGGER comment_texts_are_not_truncated BEFORE TRUNCATE ON comment_texts EXECUTE FUNCTION refuse_history_change();
CREATE TRIGGER audit_are_not_truncated BEFORE TRUNCATE ON audit EXECUTE FUNCTION refuse_history_change();
CREATE TRIGGER batch_rows_are_not_truncated BEFORE TRUNCATE ON batch_rows EXECUTE FUNCTION refuse_history_change();
