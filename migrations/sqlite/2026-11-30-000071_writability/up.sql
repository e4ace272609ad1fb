-- One row, changed to find out whether the archive can be written to.
CREATE TABLE writability (
    id INTEGER PRIMARY KEY NOT NULL CHECK (id = 1),
    probes INTEGER NOT NULL
) STRICT;
INSERT INTO writability (id, probes) VALUES (1, 0);
