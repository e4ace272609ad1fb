CREATE INDEX links_by_rel ON links (from_id, rel, to_id);
DROP INDEX submission_changes_by_entry;
CREATE INDEX submission_changes_by_entry ON submission_changes (entry_id);
