-- The archive as it stood: entries with more than one revision by when they last changed, and what was merged into what.
CREATE INDEX entries_changed ON entries (kind, updated_at, created_at) WHERE head > 1;
CREATE INDEX revisions_by_counterpart ON revisions (counterpart_id) WHERE counterpart_id IS NOT NULL;
