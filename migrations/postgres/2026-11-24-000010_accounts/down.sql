-- The key that signs goes back to where it was kept before.
INSERT INTO secrets (name, value, created_at)
    SELECT 'token-signing-key', seed, created_at FROM signing_keys ORDER BY created_at DESC LIMIT 1;
DROP INDEX audit_by_subject;
DROP INDEX audit_by_action;
DROP INDEX audit_by_actor;
DROP TABLE api_keys;
DROP TABLE recovery_codes;
DROP TABLE totp;
DROP TABLE password_resets;
DROP TABLE invitations;
ALTER TABLE sessions DROP COLUMN user_agent;
ALTER TABLE sessions DROP COLUMN address;
ALTER TABLE sessions DROP COLUMN last_used_at;
DROP TABLE signing_keys;
