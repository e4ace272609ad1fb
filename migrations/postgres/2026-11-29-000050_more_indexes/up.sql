-- Who is named by what: `named_by=trial.judge`. Citations are most of all links, and nobody asks for what is cited at all.
CREATE INDEX links_by_role ON links (rel, to_id) WHERE rel <> 'cites';
CREATE INDEX trial_by_defendant_count ON trial_projection ("defendant_count", entry_id);
