DROP TABLE source_projection;
