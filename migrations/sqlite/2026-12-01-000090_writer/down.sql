DROP TABLE writer;
