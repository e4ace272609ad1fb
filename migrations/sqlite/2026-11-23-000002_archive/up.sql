-- Entries, their revisions, and the feed of acceptances.
CREATE TABLE entries (
    id TEXT PRIMARY KEY NOT NULL,
    kind TEXT NOT NULL,
    ref_number INTEGER NOT NULL,
    ref TEXT NOT NULL UNIQUE,
    status TEXT NOT NULL CHECK (status IN ('active', 'retired', 'merged')),
    head INTEGER NOT NULL,
    hash TEXT NOT NULL,
    label TEXT NOT NULL,
    sort_key TEXT NOT NULL,
    summary TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    reason TEXT,
    merged_into TEXT REFERENCES entries (id)
) STRICT;
CREATE UNIQUE INDEX entries_by_number ON entries (kind, ref_number);
CREATE INDEX entries_by_label ON entries (kind, status, sort_key, id);
CREATE INDEX entries_by_update ON entries (kind, status, updated_at, id);
CREATE INDEX entries_by_status ON entries (kind, status, ref_number, id);

CREATE TABLE revisions (
    entry_id TEXT NOT NULL REFERENCES entries (id),
    number INTEGER NOT NULL,
    op TEXT NOT NULL,
    status TEXT NOT NULL,
    body TEXT NOT NULL,
    hash TEXT NOT NULL,
    parent_hash TEXT,
    label TEXT NOT NULL,
    reason TEXT,
    submission_id TEXT NOT NULL,
    submission_version INTEGER NOT NULL,
    author TEXT NOT NULL,
    reviewers TEXT NOT NULL,
    summary TEXT NOT NULL,
    at INTEGER NOT NULL,
    seq INTEGER NOT NULL UNIQUE,
    PRIMARY KEY (entry_id, number)
) STRICT;
CREATE INDEX revisions_by_submission ON revisions (submission_id);
CREATE INDEX revisions_by_time ON revisions (entry_id, at);

CREATE TABLE feed (
    seq INTEGER PRIMARY KEY NOT NULL,
    at INTEGER NOT NULL,
    event_type TEXT NOT NULL,
    entry_id TEXT NOT NULL REFERENCES entries (id),
    revision INTEGER NOT NULL,
    submission_id TEXT NOT NULL,
    summary TEXT NOT NULL
) STRICT;

-- Derived from the current revisions; `kartoteka reindex` makes them anew.
CREATE TABLE links (
    from_id TEXT NOT NULL REFERENCES entries (id),
    position INTEGER NOT NULL,
    rel TEXT NOT NULL,
    pointer TEXT NOT NULL,
    to_id TEXT NOT NULL REFERENCES entries (id),
    PRIMARY KEY (from_id, position)
) STRICT;
CREATE INDEX links_by_target ON links (to_id, rel, from_id, position);
CREATE INDEX links_by_rel ON links (from_id, rel, to_id);

CREATE TABLE facts (
    entry_id TEXT NOT NULL REFERENCES entries (id),
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (entry_id, name, value)
) STRICT;
CREATE INDEX facts_by_value ON facts (kind, name, value, entry_id);
