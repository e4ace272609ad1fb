DROP TABLE protection_changes;
ALTER TABLE audit DROP COLUMN via;
ALTER TABLE submission_events DROP COLUMN via;
