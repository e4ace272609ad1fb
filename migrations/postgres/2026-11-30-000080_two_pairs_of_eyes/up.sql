-- By which session or API key something was done: `session <id>`, `api_key <id>`.
ALTER TABLE submission_events ADD COLUMN via TEXT;
ALTER TABLE audit ADD COLUMN via TEXT;

-- Every change of the protection of an entry: a submission keeps the highest level its entries have had since it was submitted.
CREATE TABLE protection_changes (
    entry_id TEXT NOT NULL REFERENCES entries (id),
    version BIGINT NOT NULL,
    old_level TEXT NOT NULL CHECK (old_level IN ('none', 'protected', 'locked')),
    new_level TEXT NOT NULL CHECK (new_level IN ('none', 'protected', 'locked')),
    -- Nobody where a merge did it, or an older version did not keep it.
    by_id TEXT REFERENCES users (id),
    at BIGINT NOT NULL,
    PRIMARY KEY (entry_id, version)
);
-- What was protected before.
INSERT INTO protection_changes (entry_id, version, old_level, new_level, by_id, at)
SELECT entry_id, version, 'none', level, NULL, at FROM protections WHERE level <> 'none';
CREATE TRIGGER protection_changes_are_not_changed BEFORE UPDATE OR DELETE ON protection_changes FOR EACH ROW EXECUTE FUNCTION refuse_history_change();
CREATE TRIGGER protection_changes_are_not_truncated BEFORE TRUNCATE ON protection_changes FOR EACH STATEMENT EXECUTE FUNCTION refuse_history_change();
