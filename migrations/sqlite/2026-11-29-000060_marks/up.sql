-- What active entries have, as numbers in hexadecimal: by them a list finds those that have several things at once. Rows
-- are numbered as in search_documents. The marks are made at the next start.
CREATE VIRTUAL TABLE entry_marks USING fts5 (
    marks, content = '', contentless_delete = 1, detail = none, tokenize = 'ascii'
);
