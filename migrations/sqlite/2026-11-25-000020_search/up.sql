-- Search: names, full text and suggestions. The projections are made anew after this migration: words of names, places
-- and the like move from facts to search_text. Keys are hashes, entries are numbered by kind and ref.
CREATE TABLE search_documents (
    doc INTEGER PRIMARY KEY NOT NULL,
    entry_id TEXT NOT NULL UNIQUE REFERENCES entries (id),
    names TEXT NOT NULL,
    titles TEXT NOT NULL,
    label TEXT NOT NULL
) STRICT;

-- Words come ready made: everything but blanks belongs to one.
CREATE VIRTUAL TABLE search_text USING fts5 (
    words, content = '', contentless_delete = 1, tokenize = "ascii tokenchars '=~^.'"
);

CREATE TABLE search_names (
    key INTEGER NOT NULL,
    doc INTEGER NOT NULL,
    PRIMARY KEY (key, doc)
) STRICT, WITHOUT ROWID;

CREATE TABLE search_words (
    key INTEGER NOT NULL,
    word TEXT NOT NULL,
    PRIMARY KEY (key, word)
) STRICT, WITHOUT ROWID;

CREATE TABLE search_forms (
    form TEXT NOT NULL,
    doc INTEGER NOT NULL,
    PRIMARY KEY (form, doc)
) STRICT, WITHOUT ROWID;

-- By which rules the derived tables were made, and how far they have been made anew.
CREATE TABLE derived_state (
    name TEXT PRIMARY KEY NOT NULL,
    value TEXT NOT NULL
) STRICT;
