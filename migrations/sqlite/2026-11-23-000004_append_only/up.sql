-- History is only ever appended to.
CREATE TRIGGER revisions_are_not_changed BEFORE UPDATE ON revisions BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
CREATE TRIGGER revisions_are_not_deleted BEFORE DELETE ON revisions BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
CREATE TRIGGER feed_are_not_changed BEFORE UPDATE ON feed BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
CREATE TRIGGER feed_are_not_deleted BEFORE DELETE ON feed BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
CREATE TRIGGER submission_changes_are_not_changed BEFORE UPDATE ON submission_changes BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
CREATE TRIGGER submission_changes_are_not_deleted BEFORE DELETE ON submission_changes BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
CREATE TRIGGER reviews_are_not_changed BEFORE UPDATE ON reviews BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
CREATE TRIGGER reviews_are_not_deleted BEFORE DELETE ON reviews BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
CREATE TRIGGER submission_events_are_not_changed BEFORE UPDATE ON submission_events BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
CREATE TRIGGER submission_events_are_not_deleted BEFORE DELETE ON submission_events BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
