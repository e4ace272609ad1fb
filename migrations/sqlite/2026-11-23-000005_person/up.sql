-- Projection of the kind person: derived from the current revisions.
CREATE TABLE person_projection (
    entry_id TEXT PRIMARY KEY NOT NULL REFERENCES entries (id),
    "sex" TEXT,
    "birth_lo" INTEGER,
    "birth_hi" INTEGER,
    "death_lo" INTEGER,
    "death_hi" INTEGER,
    "death_kind" TEXT,
    "living" INTEGER
) STRICT;
CREATE INDEX person_by_sex ON person_projection ("sex", entry_id);
CREATE INDEX person_by_birth ON person_projection ("birth_lo", "birth_hi", entry_id);
CREATE INDEX person_by_death ON person_projection ("death_lo", "death_hi", entry_id);
CREATE INDEX person_by_death_kind ON person_projection ("death_kind", entry_id);
CREATE INDEX person_by_living ON person_projection ("living", entry_id);
