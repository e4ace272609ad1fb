DROP TRIGGER submission_events_are_not_changed ON submission_events;
DROP TRIGGER reviews_are_not_changed ON reviews;
DROP TRIGGER submission_changes_are_not_changed ON submission_changes;
DROP TRIGGER feed_are_not_changed ON feed;
DROP TRIGGER revisions_are_not_changed ON revisions;
DROP FUNCTION refuse_history_change();
