-- Projection of the kind person: derived from the current revisions.
CREATE TABLE person_projection (
    entry_id TEXT COLLATE "C" PRIMARY KEY NOT NULL REFERENCES entries (id),
    "sex" TEXT,
    "birth_lo" BIGINT,
    "birth_hi" BIGINT,
    "death_lo" BIGINT,
    "death_hi" BIGINT,
    "death_kind" TEXT,
    "living" BOOLEAN
);
CREATE INDEX person_by_sex ON person_projection ("sex", entry_id);
CREATE INDEX person_by_birth ON person_projection ("birth_lo", "birth_hi", entry_id);
CREATE INDEX person_by_death ON person_projection ("death_lo", "death_hi", entry_id);
CREATE INDEX person_by_death_kind ON person_projection ("death_kind", entry_id);
CREATE INDEX person_by_living ON person_projection ("living", entry_id);
