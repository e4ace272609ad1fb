-- Projection of the kind trial: derived from the current revisions.
CREATE TABLE trial_projection (
    entry_id TEXT COLLATE "C" PRIMARY KEY NOT NULL REFERENCES entries (id),
    "trial_kind" TEXT,
    "court" TEXT,
    "opened_lo" BIGINT,
    "opened_hi" BIGINT,
    "closed_lo" BIGINT,
    "closed_hi" BIGINT,
    "publicity" TEXT,
    "defendant_count" BIGINT
);
CREATE INDEX trial_by_trial_kind ON trial_projection ("trial_kind", entry_id);
CREATE INDEX trial_by_court ON trial_projection ("court", entry_id);
CREATE INDEX trial_by_opened ON trial_projection ("opened_lo", "opened_hi", entry_id);
CREATE INDEX trial_by_closed ON trial_projection ("closed_lo", "closed_hi", entry_id);
CREATE INDEX trial_by_publicity ON trial_projection ("publicity", entry_id);
