-- What active entries have, as numbers: by them a list finds those that have several things at once. Rows are numbered as
-- in search_documents. The marks are made at the next start.
CREATE TABLE entry_marks (
    doc BIGINT PRIMARY KEY NOT NULL,
    entry_id TEXT COLLATE "C" NOT NULL,
    marks INTEGER[] NOT NULL
);
-- Without the list of pending rows, whose length would decide how long a list takes.
CREATE INDEX entry_marks_by_mark ON entry_marks USING gin (marks) WITH (fastupdate = off);
