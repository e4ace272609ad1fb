-- The editors' desk in full: leases, quorums, merges, checks, comments, protection, notifications, the audit trail.
ALTER TABLE users ADD COLUMN trusted INTEGER NOT NULL DEFAULT 0;

ALTER TABLE submissions ADD COLUMN form TEXT NOT NULL DEFAULT 'changes' CHECK (form IN ('changes', 'batch'));
ALTER TABLE submissions ADD COLUMN contents_version INTEGER NOT NULL DEFAULT 1;
ALTER TABLE submissions ADD COLUMN writers TEXT NOT NULL DEFAULT '[]';
ALTER TABLE submissions ADD COLUMN assignee_id TEXT REFERENCES users (id);
ALTER TABLE submissions ADD COLUMN assignee TEXT;
ALTER TABLE submissions ADD COLUMN lease_until INTEGER;
ALTER TABLE submissions ADD COLUMN severity INTEGER NOT NULL DEFAULT 0;
UPDATE submissions SET contents_version = coalesce(
    (SELECT max(c.version) FROM submission_changes c WHERE c.submission_id = submissions.id), 1);
CREATE INDEX submissions_by_time ON submissions (created_at, id);
CREATE INDEX submissions_by_change ON submissions (updated_at, id);
CREATE INDEX submissions_by_hand_in ON submissions (submitted_at, id);
CREATE INDEX submissions_by_name ON submissions (author, created_at, id);
CREATE INDEX submissions_by_assignee ON submissions (assignee, lease_until);

-- A merge of duplicates and its undoing change two entries: `entry_id` is the one that goes or comes back.
ALTER TABLE submission_changes ADD COLUMN into_id TEXT;
ALTER TABLE submission_changes ADD COLUMN into_base INTEGER;
ALTER TABLE submission_changes ADD COLUMN into_body TEXT;
CREATE INDEX submission_changes_by_survivor ON submission_changes (into_id);
CREATE INDEX submission_changes_by_position ON submission_changes (submission_id, position);
CREATE INDEX submission_changes_by_kind ON submission_changes (submission_id, kind);
CREATE INDEX submission_changes_of_kind ON submission_changes (kind, submission_id);

-- The other parent of a revision that merged two edits, and the other entry of a merge of duplicates.
ALTER TABLE revisions ADD COLUMN merged_base INTEGER;
ALTER TABLE revisions ADD COLUMN proposed_hash TEXT;
ALTER TABLE revisions ADD COLUMN counterpart_id TEXT;
-- Who else wrote of what it says: moderators who resolved a conflict.
ALTER TABLE revisions ADD COLUMN contributors TEXT NOT NULL DEFAULT '[]';

-- The entry that the body names; `to_id` is the one it leads to after merges.
ALTER TABLE links ADD COLUMN named_id TEXT NOT NULL DEFAULT '';
UPDATE links SET named_id = to_id;
CREATE INDEX links_by_name ON links (named_id);
CREATE INDEX entries_by_survivor ON entries (merged_into);

CREATE TABLE submission_checks (
    submission_id TEXT NOT NULL REFERENCES submissions (id),
    position INTEGER NOT NULL,
    number INTEGER NOT NULL,
    code TEXT NOT NULL,
    severity INTEGER NOT NULL,
    finding TEXT NOT NULL,
    PRIMARY KEY (submission_id, position, number)
) STRICT;
CREATE INDEX submission_checks_by_code ON submission_checks (code, submission_id);

CREATE TABLE comments (
    id TEXT PRIMARY KEY NOT NULL,
    submission_id TEXT NOT NULL REFERENCES submissions (id),
    number INTEGER NOT NULL,
    parent_id TEXT REFERENCES comments (id),
    author_id TEXT NOT NULL REFERENCES users (id),
    author TEXT NOT NULL,
    version INTEGER NOT NULL,
    pointer TEXT,
    suggestion TEXT,
    at INTEGER NOT NULL,
    UNIQUE (submission_id, number)
) STRICT;

-- Every wording of a comment stays; the last one counts.
CREATE TABLE comment_texts (
    comment_id TEXT NOT NULL REFERENCES comments (id),
    number INTEGER NOT NULL,
    text TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (comment_id, number)
) STRICT;

CREATE TABLE protections (
    entry_id TEXT PRIMARY KEY NOT NULL REFERENCES entries (id),
    level TEXT NOT NULL CHECK (level IN ('none', 'protected', 'locked')),
    reason TEXT NOT NULL,
    set_by TEXT NOT NULL,
    at INTEGER NOT NULL,
    version INTEGER NOT NULL
) STRICT;

CREATE TABLE notifications (
    user_id TEXT NOT NULL REFERENCES users (id),
    number INTEGER NOT NULL,
    at INTEGER NOT NULL,
    action TEXT NOT NULL,
    actor TEXT NOT NULL,
    submission_id TEXT NOT NULL REFERENCES submissions (id),
    summary TEXT NOT NULL,
    read_at INTEGER,
    PRIMARY KEY (user_id, number)
) STRICT;

-- What was done outside of submissions.
CREATE TABLE audit (
    seq INTEGER PRIMARY KEY NOT NULL,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT;

-- Batches: which rows the reviewer has to open, and what became of each row.
CREATE TABLE batch_sample (
    submission_id TEXT NOT NULL REFERENCES submissions (id),
    reviewer_id TEXT NOT NULL REFERENCES users (id),
    position INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (submission_id, reviewer_id, position)
) STRICT;

CREATE TABLE batch_rows (
    submission_id TEXT NOT NULL REFERENCES submissions (id),
    position INTEGER NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ('published', 'set_aside')),
    detail TEXT,
    PRIMARY KEY (submission_id, position)
) STRICT;

CREATE TRIGGER comments_are_not_changed BEFORE UPDATE ON comments BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
CREATE TRIGGER comments_are_not_deleted BEFORE DELETE ON comments BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
CREATE TRIGGER comment_texts_are_not_changed BEFORE UPDATE ON comment_texts BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
CREATE TRIGGER comment_texts_are_not_deleted BEFORE DELETE ON comment_texts BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
CREATE TRIGGER audit_are_not_changed BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
CREATE TRIGGER audit_are_not_deleted BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
CREATE TRIGGER batch_rows_are_not_changed BEFORE UPDATE ON batch_rows BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
CREATE TRIGGER batch_rows_are_not_deleted BEFORE DELETE ON batch_rows BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
