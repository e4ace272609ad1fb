-- The editors' desk in full: leases, quorums, merges, checks, comments, protection, notifications, the audit trail.
ALTER TABLE users ADD COLUMN trusted BOOLEAN NOT NULL DEFAULT false;

ALTER TABLE submissions ADD COLUMN form TEXT NOT NULL DEFAULT 'changes' CHECK (form IN ('changes', 'batch'));
ALTER TABLE submissions ADD COLUMN contents_version BIGINT NOT NULL DEFAULT 1;
ALTER TABLE submissions ADD COLUMN writers TEXT NOT NULL DEFAULT '[]';
ALTER TABLE submissions ADD COLUMN assignee_id TEXT REFERENCES users (id);
ALTER TABLE submissions ADD COLUMN assignee TEXT;
ALTER TABLE submissions ADD COLUMN lease_until BIGINT;
ALTER TABLE submissions ADD COLUMN severity BIGINT NOT NULL DEFAULT 0;
UPDATE submissions SET contents_version = coalesce(
    (SELECT max(c.version) FROM submission_changes c WHERE c.submission_id = submissions.id), 1);
CREATE INDEX submissions_by_time ON submissions (created_at, id);
CREATE INDEX submissions_by_change ON submissions (updated_at, id);
CREATE INDEX submissions_by_hand_in ON submissions (submitted_at, id);
CREATE INDEX submissions_by_name ON submissions (author, created_at, id);
CREATE INDEX submissions_by_assignee ON submissions (assignee, lease_until);

-- A merge of duplicates and its undoing change two entries: `entry_id` is the one that goes or comes back.
ALTER TABLE submission_changes ADD COLUMN into_id TEXT;
ALTER TABLE submission_changes ADD COLUMN into_base BIGINT;
ALTER TABLE submission_changes ADD COLUMN into_body TEXT;
CREATE INDEX submission_changes_by_survivor ON submission_changes (into_id);
CREATE INDEX submission_changes_by_position ON submission_changes (submission_id, position);
CREATE INDEX submission_changes_by_kind ON submission_changes (submission_id, kind);
CREATE INDEX submission_changes_of_kind ON submission_changes (kind, submission_id);

-- The other parent of a revision that merged two edits, and the other entry of a merge of duplicates.
ALTER TABLE revisions ADD COLUMN merged_base BIGINT;
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
    submission_id TEXT COLLATE "C" NOT NULL REFERENCES submissions (id),
    position BIGINT NOT NULL,
    number BIGINT NOT NULL,
    code TEXT COLLATE "C" NOT NULL,
    severity BIGINT NOT NULL,
    finding TEXT NOT NULL,
    PRIMARY KEY (submission_id, position, number)
);
CREATE INDEX submission_checks_by_code ON submission_checks (code, submission_id);

CREATE TABLE comments (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    submission_id TEXT COLLATE "C" NOT NULL REFERENCES submissions (id),
    number BIGINT NOT NULL,
    parent_id TEXT REFERENCES comments (id),
    author_id TEXT NOT NULL REFERENCES users (id),
    author TEXT NOT NULL,
    version BIGINT NOT NULL,
    pointer TEXT,
    suggestion TEXT,
    at BIGINT NOT NULL,
    UNIQUE (submission_id, number)
);

-- Every wording of a comment stays; the last one counts.
CREATE TABLE comment_texts (
    comment_id TEXT COLLATE "C" NOT NULL REFERENCES comments (id),
    number BIGINT NOT NULL,
    text TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (comment_id, number)
);

CREATE TABLE protections (
    entry_id TEXT COLLATE "C" PRIMARY KEY NOT NULL REFERENCES entries (id),
    level TEXT NOT NULL CHECK (level IN ('none', 'protected', 'locked')),
    reason TEXT NOT NULL,
    set_by TEXT NOT NULL,
    at BIGINT NOT NULL,
    version BIGINT NOT NULL
);

CREATE TABLE notifications (
    user_id TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    number BIGINT NOT NULL,
    at BIGINT NOT NULL,
    action TEXT NOT NULL,
    actor TEXT NOT NULL,
    submission_id TEXT COLLATE "C" NOT NULL REFERENCES submissions (id),
    summary TEXT NOT NULL,
    read_at BIGINT,
    PRIMARY KEY (user_id, number)
);

-- What was done outside of submissions.
CREATE TABLE audit (
    seq BIGINT PRIMARY KEY NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL
);

-- Batches: which rows the reviewer has to open, and what became of each row.
CREATE TABLE batch_sample (
    submission_id TEXT COLLATE "C" NOT NULL REFERENCES submissions (id),
    reviewer_id TEXT NOT NULL REFERENCES users (id),
    position BIGINT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (submission_id, reviewer_id, position)
);

CREATE TABLE batch_rows (
    submission_id TEXT COLLATE "C" NOT NULL REFERENCES submissions (id),
    position BIGINT NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ('published', 'set_aside')),
    detail TEXT,
    PRIMARY KEY (submission_id, position)
);

CREATE TRIGGER comments_are_not_changed BEFORE UPDATE OR DELETE ON comments FOR EACH ROW EXECUTE FUNCTION refuse_history_change();
CREATE TRIGGER comment_texts_are_not_changed BEFORE UPDATE OR DELETE ON comment_texts FOR EACH ROW EXECUTE FUNCTION refuse_history_change();
CREATE TRIGGER audit_are_not_changed BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION refuse_history_change();
CREATE TRIGGER batch_rows_are_not_changed BEFORE UPDATE OR DELETE ON batch_rows FOR EACH ROW EXECUTE FUNCTION refuse_history_change();
