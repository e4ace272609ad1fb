DROP INDEX search_documents_by_word;
ALTER TABLE search_documents DROP COLUMN block;
CREATE INDEX search_documents_by_word ON search_documents USING gin (words) WITH (fastupdate = off);
