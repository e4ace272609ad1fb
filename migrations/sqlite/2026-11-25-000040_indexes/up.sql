-- Links of an entry are few: the primary key leads to them well enough, and this index took as much room as the links.
DROP INDEX links_by_rel;
-- Whether a batch proposes certain entries is asked with each of its calls.
DROP INDEX submission_changes_by_entry;
CREATE INDEX submission_changes_by_entry ON submission_changes (entry_id, submission_id);
