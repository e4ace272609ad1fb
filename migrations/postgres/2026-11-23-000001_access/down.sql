DROP TABLE idempotency;
DROP TABLE secrets;
DROP TABLE refresh_tokens;
DROP TABLE sessions;
DROP TABLE users;
