DROP INDEX revisions_by_counterpart;
DROP INDEX entries_changed;
