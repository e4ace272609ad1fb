DROP TABLE writability;
