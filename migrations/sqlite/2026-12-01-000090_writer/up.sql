-- SQLite lets one transaction write at a time by itself; the table is here because both databases have the same ones.
CREATE TABLE writer (
    id BIGINT PRIMARY KEY NOT NULL CHECK (id = 1)
);
INSERT INTO writer (id) VALUES (1);
