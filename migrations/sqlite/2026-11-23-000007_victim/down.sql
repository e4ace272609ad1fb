DROP TABLE victim_projection;
