-- More to filter by. The projections are made anew after this migration.
-- Open ends were the extremes of 64 bits, whose differences overflow.
UPDATE person_projection SET "birth_lo" = -1099511627776 WHERE "birth_lo" < -1099511627776;
UPDATE person_projection SET "birth_hi" = 1099511627776 WHERE "birth_hi" > 1099511627776;
UPDATE person_projection SET "death_lo" = -1099511627776 WHERE "death_lo" < -1099511627776;
UPDATE person_projection SET "death_hi" = 1099511627776 WHERE "death_hi" > 1099511627776;
UPDATE trial_projection SET "opened_lo" = -1099511627776 WHERE "opened_lo" < -1099511627776;
UPDATE trial_projection SET "opened_hi" = 1099511627776 WHERE "opened_hi" > 1099511627776;
UPDATE trial_projection SET "closed_lo" = -1099511627776 WHERE "closed_lo" < -1099511627776;
UPDATE trial_projection SET "closed_hi" = 1099511627776 WHERE "closed_hi" > 1099511627776;
UPDATE victim_projection SET "birth_lo" = -1099511627776 WHERE "birth_lo" < -1099511627776;
UPDATE victim_projection SET "birth_hi" = 1099511627776 WHERE "birth_hi" > 1099511627776;
UPDATE victim_projection SET "death_lo" = -1099511627776 WHERE "death_lo" < -1099511627776;
UPDATE victim_projection SET "death_hi" = 1099511627776 WHERE "death_hi" > 1099511627776;
UPDATE victim_projection SET "arrested_lo" = -1099511627776 WHERE "arrested_lo" < -1099511627776;
UPDATE victim_projection SET "arrested_hi" = 1099511627776 WHERE "arrested_hi" > 1099511627776;
UPDATE victim_projection SET "sentenced_lo" = -1099511627776 WHERE "sentenced_lo" < -1099511627776;
UPDATE victim_projection SET "sentenced_hi" = 1099511627776 WHERE "sentenced_hi" > 1099511627776;
UPDATE victim_projection SET "executed_lo" = -1099511627776 WHERE "executed_lo" < -1099511627776;
UPDATE victim_projection SET "executed_hi" = 1099511627776 WHERE "executed_hi" > 1099511627776;
UPDATE victim_projection SET "released_lo" = -1099511627776 WHERE "released_lo" < -1099511627776;
UPDATE victim_projection SET "released_hi" = 1099511627776 WHERE "released_hi" > 1099511627776;
UPDATE victim_projection SET "rehabilitated_lo" = -1099511627776 WHERE "rehabilitated_lo" < -1099511627776;
UPDATE victim_projection SET "rehabilitated_hi" = 1099511627776 WHERE "rehabilitated_hi" > 1099511627776;
UPDATE source_projection SET "date_lo" = -1099511627776 WHERE "date_lo" < -1099511627776;
UPDATE source_projection SET "date_hi" = 1099511627776 WHERE "date_hi" > 1099511627776;

ALTER TABLE person_projection ADD COLUMN "source_count" INTEGER;
CREATE INDEX person_by_source_count ON person_projection ("source_count", entry_id);
CREATE INDEX person_by_wide_birth ON person_projection ("birth_lo", "birth_hi", entry_id) WHERE "birth_hi" - "birth_lo" > 366;
CREATE INDEX person_by_wide_death ON person_projection ("death_lo", "death_hi", entry_id) WHERE "death_hi" - "death_lo" > 366;

ALTER TABLE trial_projection ADD COLUMN "source_count" INTEGER;
CREATE INDEX trial_by_source_count ON trial_projection ("source_count", entry_id);
CREATE INDEX trial_by_wide_opened ON trial_projection ("opened_lo", "opened_hi", entry_id) WHERE "opened_hi" - "opened_lo" > 366;
CREATE INDEX trial_by_wide_closed ON trial_projection ("closed_lo", "closed_hi", entry_id) WHERE "closed_hi" - "closed_lo" > 366;

ALTER TABLE victim_projection ADD COLUMN "death_kind" TEXT;
ALTER TABLE victim_projection ADD COLUMN "collection" TEXT;
ALTER TABLE victim_projection ADD COLUMN "age_at_arrest_lo" INTEGER;
ALTER TABLE victim_projection ADD COLUMN "age_at_arrest_hi" INTEGER;
ALTER TABLE victim_projection ADD COLUMN "age_at_execution_lo" INTEGER;
ALTER TABLE victim_projection ADD COLUMN "age_at_execution_hi" INTEGER;
ALTER TABLE victim_projection ADD COLUMN "days_to_execution_lo" INTEGER;
ALTER TABLE victim_projection ADD COLUMN "days_to_execution_hi" INTEGER;
ALTER TABLE victim_projection ADD COLUMN "source_count" INTEGER;
CREATE INDEX victim_by_death_kind ON victim_projection ("death_kind", entry_id);
CREATE INDEX victim_by_collection ON victim_projection ("collection", entry_id);
CREATE INDEX victim_by_age_at_arrest ON victim_projection ("age_at_arrest_lo", "age_at_arrest_hi", entry_id);
CREATE INDEX victim_by_age_at_execution ON victim_projection ("age_at_execution_lo", "age_at_execution_hi", entry_id);
CREATE INDEX victim_by_days_to_execution ON victim_projection ("days_to_execution_lo", "days_to_execution_hi", entry_id);
CREATE INDEX victim_by_source_count ON victim_projection ("source_count", entry_id);
CREATE INDEX victim_by_wide_birth ON victim_projection ("birth_lo", "birth_hi", entry_id) WHERE "birth_hi" - "birth_lo" > 366;
CREATE INDEX victim_by_wide_death ON victim_projection ("death_lo", "death_hi", entry_id) WHERE "death_hi" - "death_lo" > 366;
CREATE INDEX victim_by_wide_arrested ON victim_projection ("arrested_lo", "arrested_hi", entry_id) WHERE "arrested_hi" - "arrested_lo" > 366;
CREATE INDEX victim_by_wide_sentenced ON victim_projection ("sentenced_lo", "sentenced_hi", entry_id) WHERE "sentenced_hi" - "sentenced_lo" > 366;
CREATE INDEX victim_by_wide_executed ON victim_projection ("executed_lo", "executed_hi", entry_id) WHERE "executed_hi" - "executed_lo" > 366;
CREATE INDEX victim_by_wide_released ON victim_projection ("released_lo", "released_hi", entry_id) WHERE "released_hi" - "released_lo" > 366;
CREATE INDEX victim_by_wide_rehabilitated ON victim_projection ("rehabilitated_lo", "rehabilitated_hi", entry_id) WHERE "rehabilitated_hi" - "rehabilitated_lo" > 366;
CREATE INDEX victim_by_wide_age_at_arrest ON victim_projection ("age_at_arrest_lo", "age_at_arrest_hi", entry_id) WHERE "age_at_arrest_hi" - "age_at_arrest_lo" > 366;
CREATE INDEX victim_by_wide_age_at_execution ON victim_projection ("age_at_execution_lo", "age_at_execution_hi", entry_id) WHERE "age_at_execution_hi" - "age_at_execution_lo" > 366;
CREATE INDEX victim_by_wide_days_to_execution ON victim_projection ("days_to_execution_lo", "days_to_execution_hi", entry_id) WHERE "days_to_execution_hi" - "days_to_execution_lo" > 366;

ALTER TABLE source_projection ADD COLUMN "source_count" INTEGER;
CREATE INDEX source_by_source_count ON source_projection ("source_count", entry_id);
CREATE INDEX source_by_wide_date ON source_projection ("date_lo", "date_hi", entry_id) WHERE "date_hi" - "date_lo" > 366;
