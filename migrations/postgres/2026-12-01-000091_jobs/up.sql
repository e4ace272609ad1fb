-- Work that takes long.
CREATE TABLE jobs (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    -- What it is done to: the id of a submission.
    subject TEXT COLLATE "C" NOT NULL,
    owner_id TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    owner TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('waiting', 'running', 'done', 'failed', 'cancelled')),
    done BIGINT NOT NULL,
    total BIGINT,
    result TEXT,
    failure TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    ended_at BIGINT,
    -- The instance that runs it, and until when nobody else may take it over.
    leased_by TEXT,
    lease_until BIGINT
);
CREATE INDEX jobs_by_owner ON jobs (owner_id, id);
CREATE INDEX jobs_by_state ON jobs (state, id);
-- At most one that has not ended is at work on a thing.
CREATE UNIQUE INDEX jobs_under_way ON jobs (kind, subject) WHERE state IN ('waiting', 'running');
