-- Search: names, full text and suggestions. The projections are made anew after this migration: words of names, places
-- and the like move from facts to the index of words. Keys are hashes, entries are numbered by kind and ref.
CREATE TABLE search_documents (
    doc BIGINT PRIMARY KEY NOT NULL,
    entry_id TEXT COLLATE "C" NOT NULL UNIQUE REFERENCES entries (id),
    names TEXT NOT NULL,
    titles TEXT NOT NULL,
    label TEXT NOT NULL,
    words TSVECTOR NOT NULL
);
-- Without the list of pending rows, whose length would decide how long a search takes.
CREATE INDEX search_documents_by_word ON search_documents USING gin (words) WITH (fastupdate = off);

CREATE TABLE search_names (
    key BIGINT NOT NULL,
    doc BIGINT NOT NULL,
    PRIMARY KEY (key, doc)
);

CREATE TABLE search_words (
    key BIGINT NOT NULL,
    word TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (key, word)
);

CREATE TABLE search_forms (
    form TEXT COLLATE "C" NOT NULL,
    doc BIGINT NOT NULL,
    PRIMARY KEY (form, doc)
);

-- By which rules the derived tables were made, and how far they have been made anew.
CREATE TABLE derived_state (
    name TEXT PRIMARY KEY NOT NULL,
    value TEXT NOT NULL
);
