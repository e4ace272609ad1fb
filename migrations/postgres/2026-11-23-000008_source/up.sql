-- Projection of the kind source: derived from the current revisions.
CREATE TABLE source_projection (
    entry_id TEXT COLLATE "C" PRIMARY KEY NOT NULL REFERENCES entries (id),
    "type" TEXT,
    "date_lo" BIGINT,
    "date_hi" BIGINT,
    "repository" TEXT,
    "fond" TEXT,
    "opis" TEXT,
    "delo" TEXT,
    "reliability" TEXT
);
CREATE INDEX source_by_type ON source_projection ("type", entry_id);
CREATE INDEX source_by_date ON source_projection ("date_lo", "date_hi", entry_id);
CREATE INDEX source_by_repository ON source_projection ("repository", entry_id);
CREATE INDEX source_by_fond ON source_projection ("fond", entry_id);
CREATE INDEX source_by_opis ON source_projection ("opis", entry_id);
CREATE INDEX source_by_delo ON source_projection ("delo", entry_id);
CREATE INDEX source_by_reliability ON source_projection ("reliability", entry_id);
