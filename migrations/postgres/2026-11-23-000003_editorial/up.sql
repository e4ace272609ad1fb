-- The editors' desk.
CREATE TABLE submissions (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    state TEXT NOT NULL,
    version BIGINT NOT NULL,
    summary TEXT NOT NULL,
    author_id TEXT NOT NULL REFERENCES users (id),
    author TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    submitted_at BIGINT,
    decided_at BIGINT
);
CREATE INDEX submissions_by_state ON submissions (state, created_at, id);
CREATE INDEX submissions_by_author ON submissions (author_id, created_at, id);

-- Every version of the contents stays: a review names the version it saw.
CREATE TABLE submission_changes (
    submission_id TEXT COLLATE "C" NOT NULL REFERENCES submissions (id),
    version BIGINT NOT NULL,
    position BIGINT NOT NULL,
    op TEXT NOT NULL,
    kind TEXT NOT NULL,
    entry_id TEXT NOT NULL,
    base BIGINT,
    body TEXT,
    label TEXT NOT NULL,
    to_revision BIGINT,
    reason TEXT,
    PRIMARY KEY (submission_id, version, position)
);
CREATE INDEX submission_changes_by_entry ON submission_changes (entry_id);

CREATE TABLE reviews (
    submission_id TEXT COLLATE "C" NOT NULL REFERENCES submissions (id),
    number BIGINT NOT NULL,
    version BIGINT NOT NULL,
    reviewer_id TEXT NOT NULL REFERENCES users (id),
    reviewer TEXT NOT NULL,
    decision TEXT NOT NULL,
    comment TEXT,
    at BIGINT NOT NULL,
    PRIMARY KEY (submission_id, number)
);

CREATE TABLE submission_events (
    submission_id TEXT COLLATE "C" NOT NULL REFERENCES submissions (id),
    number BIGINT NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    from_state TEXT,
    to_state TEXT NOT NULL,
    version BIGINT NOT NULL,
    comment TEXT,
    PRIMARY KEY (submission_id, number)
);
