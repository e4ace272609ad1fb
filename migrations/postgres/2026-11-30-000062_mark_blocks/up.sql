-- Marks that very many entries have are looked for block by block too, in the order of entries; see the blocks of words.
DROP INDEX entry_marks_by_mark;
ALTER TABLE entry_marks
    ADD COLUMN block BIGINT[] NOT NULL GENERATED ALWAYS AS (ARRAY[doc >> 11]) STORED;
CREATE INDEX entry_marks_by_mark ON entry_marks USING gin (marks, block) WITH (fastupdate = off);
