-- One row, changed to find out whether the archive can be written to.
CREATE TABLE writability (
    id BIGINT PRIMARY KEY NOT NULL CHECK (id = 1),
    probes BIGINT NOT NULL
);
INSERT INTO writability (id, probes) VALUES (1, 0);
