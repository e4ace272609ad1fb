DROP INDEX entry_marks_by_mark;
ALTER TABLE entry_marks DROP COLUMN block;
CREATE INDEX entry_marks_by_mark ON entry_marks USING gin (marks) WITH (fastupdate = off);
