-- History is only ever appended to.
CREATE FUNCTION refuse_history_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'history is append-only';
END $$;
CREATE TRIGGER revisions_are_not_changed BEFORE UPDATE OR DELETE ON revisions FOR EACH ROW EXECUTE FUNCTION refuse_history_change();
CREATE TRIGGER feed_are_not_changed BEFORE UPDATE OR DELETE ON feed FOR EACH ROW EXECUTE FUNCTION refuse_history_change();
CREATE TRIGGER submission_changes_are_not_changed BEFORE UPDATE OR DELETE ON submission_changes FOR EACH ROW EXECUTE FUNCTION refuse_history_change();
CREATE TRIGGER reviews_are_not_changed BEFORE UPDATE OR DELETE ON reviews FOR EACH ROW EXECUTE FUNCTION refuse_history_change();
CREATE TRIGGER submission_events_are_not_changed BEFORE UPDATE OR DELETE ON submission_events FOR EACH ROW EXECUTE FUNCTION refuse_history_change();
