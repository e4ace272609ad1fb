DROP TABLE facts;
DROP TABLE links;
DROP TABLE feed;
DROP TABLE revisions;
DROP TABLE entries;
