-- Words that very many entries have are looked for block by block, in the order of entries: the index gives all that have
-- a word, or those of a few blocks. Entries of one block have numbers that differ in their last eleven bits only.
DROP INDEX search_documents_by_word;
ALTER TABLE search_documents
    ADD COLUMN block BIGINT[] NOT NULL GENERATED ALWAYS AS (ARRAY[doc >> 11]) STORED;
CREATE INDEX search_documents_by_word ON search_documents USING gin (words, block) WITH (fastupdate = off);
