DROP TABLE person_projection;
