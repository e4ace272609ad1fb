-- The editors' desk.
CREATE TABLE submissions (
    id TEXT PRIMARY KEY NOT NULL,
    state TEXT NOT NULL,
    version INTEGER NOT NULL,
    summary TEXT NOT NULL,
    author_id TEXT NOT NULL REFERENCES users (id),
    author TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    submitted_at INTEGER,
    decided_at INTEGER
) STRICT;
CREATE INDEX submissions_by_state ON submissions (state, created_at, id);
CREATE INDEX submissions_by_author ON submissions (author_id, created_at, id);

-- Every version of the contents stays: a review names the version it saw.
CREATE TABLE submission_changes (
    submission_id TEXT NOT NULL REFERENCES submissions (id),
    version INTEGER NOT NULL,
    position INTEGER NOT NULL,
    op TEXT NOT NULL,
    kind TEXT NOT NULL,
    entry_id TEXT NOT NULL,
    base INTEGER,
    body TEXT,
    label TEXT NOT NULL,
    to_revision INTEGER,
    reason TEXT,
    PRIMARY KEY (submission_id, version, position)
) STRICT;
CREATE INDEX submission_changes_by_entry ON submission_changes (entry_id);

CREATE TABLE reviews (
    submission_id TEXT NOT NULL REFERENCES submissions (id),
    number INTEGER NOT NULL,
    version INTEGER NOT NULL,
    reviewer_id TEXT NOT NULL REFERENCES users (id),
    reviewer TEXT NOT NULL,
    decision TEXT NOT NULL,
    comment TEXT,
    at INTEGER NOT NULL,
    PRIMARY KEY (submission_id, number)
) STRICT;

CREATE TABLE submission_events (
    submission_id TEXT NOT NULL REFERENCES submissions (id),
    number INTEGER NOT NULL,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    from_state TEXT,
    to_state TEXT NOT NULL,
    version INTEGER NOT NULL,
    comment TEXT,
    PRIMARY KEY (submission_id, number)
) STRICT;
