"""Seats go over only where neither institute has a cap, whichever of the two came first."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION matching_no_cap_where_seats_go_over() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_TABLE_NAME = 'matching_reversion' THEN
        PERFORM 1 FROM matching_institutecap c
            JOIN applications_calllab l ON l.call_id = c.call_id
            JOIN labs_lab b ON b.id = l.lab_id AND b.institute_id = c.institute_id
            JOIN matching_opening o ON o.call_lab_id = l.id WHERE o.id IN (NEW.giver_id, NEW.taker_id);
    ELSE
        PERFORM 1 FROM matching_reversion r
            JOIN matching_opening o ON o.id IN (r.giver_id, r.taker_id)
            JOIN applications_calllab l ON l.id = o.call_lab_id
            JOIN labs_lab b ON b.id = l.lab_id
            WHERE r.state = 'agreed' AND l.call_id = NEW.call_id AND b.institute_id = NEW.institute_id;
    END IF;
    IF FOUND THEN
        RAISE EXCEPTION 'seats go over only where no institute has a cap' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER matching_no_cap_where_seats_go_over BEFORE INSERT OR UPDATE ON matching_reversion
    FOR EACH ROW WHEN (NEW.state = 'agreed') EXECUTE FUNCTION matching_no_cap_where_seats_go_over();
CREATE TRIGGER matching_no_seats_over_under_a_cap BEFORE INSERT OR UPDATE ON matching_institutecap
    FOR EACH ROW EXECUTE FUNCTION matching_no_cap_where_seats_go_over();
"""
BACKWARD = """
DROP TRIGGER matching_no_seats_over_under_a_cap ON matching_institutecap;
DROP TRIGGER matching_no_cap_where_seats_go_over ON matching_reversion;
DROP FUNCTION matching_no_cap_where_seats_go_over();
"""


class Migration(migrations.Migration):
    dependencies = [("matching", "0004_places_within_seats")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
