DROP INDEX links_by_role;
DROP INDEX trial_by_defendant_count;
