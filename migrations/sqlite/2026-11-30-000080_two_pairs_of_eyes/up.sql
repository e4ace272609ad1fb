-- By which session or API key something was done: `session <id>`, `api_key <id>`.
ALTER TABLE submission_events ADD COLUMN via TEXT;
ALTER TABLE audit ADD COLUMN via TEXT;

-- Every change of the protection of an entry: a submission keeps the highest level its entries have had since it was submitted.
CREATE TABLE protection_changes (
    entry_id TEXT NOT NULL REFERENCES entries (id),
    version INTEGER NOT NULL,
    old_level TEXT NOT NULL CHECK (old_level IN ('none', 'protected', 'locked')),
    new_level TEXT NOT NULL CHECK (new_level IN ('none', 'protected', 'locked')),
    -- Nobody where a merge did it, or an older version did not keep it.
    by_id TEXT REFERENCES users (id),
    at INTEGER NOT NULL,
    PRIMARY KEY (entry_id, version)
) STRICT;
-- What was protected before.
INSERT INTO protection_changes (entry_id, version, old_level, new_level, by_id, at)
SELECT entry_id, version, 'none', level, NULL, at FROM protections WHERE level <> 'none';
CREATE TRIGGER protection_changes_are_not_changed BEFORE UPDATE ON protection_changes BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
CREATE TRIGGER protection_changes_are_not_deleted BEFORE DELETE ON protection_changes BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
CREATE TRIGGER protection_changes_are_not_replaced BEFORE INSERT ON protection_changes
WHEN EXISTS (SELECT 1 FROM protection_changes WHERE entry_id = NEW.entry_id AND version = NEW.version)
    OR EXISTS (SELECT 1 FROM protection_changes WHERE rowid = NEW.rowid)
BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
