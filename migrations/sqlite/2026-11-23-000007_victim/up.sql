-- Projection of the kind victim: derived from the current revisions.
CREATE TABLE victim_projection (
    entry_id TEXT PRIMARY KEY NOT NULL REFERENCES entries (id),
    "group" INTEGER,
    "sex" TEXT,
    "birth_lo" INTEGER,
    "birth_hi" INTEGER,
    "death_lo" INTEGER,
    "death_hi" INTEGER,
    "arrested_lo" INTEGER,
    "arrested_hi" INTEGER,
    "arrested_by" TEXT,
    "sentenced_lo" INTEGER,
    "sentenced_hi" INTEGER,
    "sentenced_by" TEXT,
    "executed_lo" INTEGER,
    "executed_hi" INTEGER,
    "released_lo" INTEGER,
    "released_hi" INTEGER,
    "rehabilitated_lo" INTEGER,
    "rehabilitated_hi" INTEGER
) STRICT;
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
