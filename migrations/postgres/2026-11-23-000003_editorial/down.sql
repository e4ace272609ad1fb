DROP TABLE submission_events;
DROP TABLE reviews;
DROP TABLE submission_changes;
DROP TABLE submissions;
