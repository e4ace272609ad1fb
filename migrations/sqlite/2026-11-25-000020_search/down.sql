DROP TABLE derived_state;
DROP TABLE search_forms;
DROP TABLE search_words;
DROP TABLE search_names;
DROP TABLE search_text;
DROP TABLE search_documents;
