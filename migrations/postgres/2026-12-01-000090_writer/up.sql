-- One row: whoever has locked it may write.
CREATE TABLE writer (
    id BIGINT PRIMARY KEY NOT NULL CHECK (id = 1)
);
INSERT INTO writer (id) VALUES (1);
