-- Projection of the kind victim: derived from the current revisions.
CREATE TABLE victim_projection (
    entry_id TEXT COLLATE "C" PRIMARY KEY NOT NULL REFERENCES entries (id),
    "group" BOOLEAN,
    "sex" TEXT,
    "birth_lo" BIGINT,
    "birth_hi" BIGINT,
    "death_lo" BIGINT,
    "death_hi" BIGINT,
    "arrested_lo" BIGINT,
    "arrested_hi" BIGINT,
    "arrested_by" TEXT,
    "sentenced_lo" BIGINT,
    "sentenced_hi" BIGINT,
    "sentenced_by" TEXT,
    "executed_lo" BIGINT,
    "executed_hi" BIGINT,
    "released_lo" BIGINT,
    "released_hi" BIGINT,
    "rehabilitated_lo" BIGINT,
    "rehabilitated_hi" BIGINT
);
CREATE INDEX victim_by_group ON victim_projection ("group", entry_id);
CREATE INDEX victim_by_sex ON victim_projection ("sex", entry_id);
CREATE INDEX victim_by_birth ON victim_projection ("birth_lo", "birth_hi", entry_id);
CREATE INDEX victim_by_death ON victim_projection ("death_lo", "death_hi", entry_id);
CREATE INDEX victim_by_arrested ON victim_projection ("arrested_lo", "arrested_hi", entry_id);
CREATE INDEX victim_by_arrested_by ON victim_projection ("arrested_by", entry_id);
CREATE INDEX victim_by_sentenced ON victim_projection ("sentenced_lo", "sentenced_hi", entry_id);
CREATE INDEX victim_by_sentenced_by ON victim_projection ("sentenced_by", entry_id);
CREATE INDEX victim_by_executed ON victim_projection ("executed_lo", "executed_hi", entry_id);
CREATE INDEX victim_by_released ON victim_projection ("released_lo", "released_hi", entry_id);
CREATE INDEX victim_by_rehabilitated ON victim_projection ("rehabilitated_lo", "rehabilitated_hi", entry_id);
