-- What `REPLACE` puts another row in the place of is deleted without a trigger for deletions: a row whose key is taken is
-- refused before. The rowid is a key too, of every table here.
CREATE TRIGGER revisions_are_not_replaced BEFORE INSERT ON revisions
WHEN EXISTS (SELECT 1 FROM revisions WHERE entry_id = NEW.entry_id AND number = NEW.number)
    OR EXISTS (SELECT 1 FROM revisions WHERE seq = NEW.seq)
    OR EXISTS (SELECT 1 FROM revisions WHERE rowid = NEW.rowid)
BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
CREATE TRIGGER feed_are_not_replaced BEFORE INSERT ON feed
WHEN EXISTS (SELECT 1 FROM feed WHERE seq = NEW.seq)
BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
CREATE TRIGGER submission_changes_are_not_replaced BEFORE INSERT ON submission_changes
WHEN EXISTS (SELECT 1 FROM submission_changes WHERE submission_id = NEW.submission_id AND version = NEW.version AND position = NEW.position)
    OR EXISTS (SELECT 1 FROM submission_changes WHERE rowid = NEW.rowid)
BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
CREATE TRIGGER reviews_are_not_replaced BEFORE INSERT ON reviews
WHEN EXISTS (SELECT 1 FROM reviews WHERE submission_id = NEW.submission_id AND number = NEW.number)
    OR EXISTS (SELECT 1 FROM reviews WHERE rowid = NEW.rowid)
BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
CREATE TRIGGER submission_events_are_not_replaced BEFORE INSERT ON submission_events
WHEN EXISTS (SELECT 1 FROM submission_events WHERE submission_id = NEW.submission_id AND number = NEW.number)
    OR EXISTS (SELECT 1 FROM submission_events WHERE rowid = NEW.rowid)
BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
CREATE TRIGGER comments_are_not_replaced BEFORE INSERT ON comments
WHEN EXISTS (SELECT 1 FROM comments WHERE id = NEW.id)
    OR EXISTS (SELECT 1 FROM comments WHERE submission_id = NEW.submission_id AND number = NEW.number)
    OR EXISTS (SELECT 1 FROM comments WHERE rowid = NEW.rowid)
BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
CREATE TRIGGER comment_texts_are_not_replaced BEFORE INSERT ON comment_texts
WHEN EXISTS (SELECT 1 FROM comment_texts WHERE comment_id = NEW.comment_id AND number = NEW.number)
    OR EXISTS (SELECT 1 FROM comment_texts WHERE rowid = NEW.rowid)
BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
CREATE TRIGGER audit_are_not_replaced BEFORE INSERT ON audit
WHEN EXISTS (SELECT 1 FROM audit WHERE seq = NEW.seq)
BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
CREATE TRIGGER batch_rows_are_not_replaced BEFORE INSERT ON batch_rows
WHEN EXISTS (SELECT 1 FROM batch_rows WHERE submission_id = NEW.submission_id AND position = NEW.position)
    OR EXISTS (SELECT 1 FROM batch_rows WHERE rowid = NEW.rowid)
BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
