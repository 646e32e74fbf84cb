"""No place of a published match is held twice, and no lab is in two agreements on seats that go over.

Places are counted when the transaction ends, because a filling moves people one after the other. The run is locked
for it, so two transactions cannot each count without the other's.
"""

from django.db import migrations, models

FORWARD = """
CREATE FUNCTION matching_places_within_seats() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    run_state text;
    room integer;
    cap_of_institute integer;
    home bigint;
    call_of_run bigint;
BEGIN
    SELECT state, call_id INTO run_state, call_of_run FROM matching_matchrun WHERE id = NEW.run_id;
    IF run_state <> 'published' THEN
        RETURN NULL;
    END IF;
    PERFORM 1 FROM matching_matchrun WHERE id = NEW.run_id FOR NO KEY UPDATE;
    SELECT o.seats + coalesce(sum(r.seats), 0) INTO room FROM matching_opening o
        LEFT JOIN matching_reversion r ON r.taker_id = o.id AND r.state = 'agreed'
        WHERE o.call_lab_id = NEW.call_lab_id GROUP BY o.id;
    IF (SELECT count(*) FROM matching_matchresult WHERE run_id = NEW.run_id AND call_lab_id = NEW.call_lab_id) > room
    THEN
        RAISE EXCEPTION 'lab % has % seats, and more hold one', NEW.call_lab_id, room USING ERRCODE = 'check_violation';
    END IF;
    SELECT sum(g.seats + t.seats) INTO room FROM matching_reversion r
        JOIN matching_opening g ON g.id = r.giver_id JOIN matching_opening t ON t.id = r.taker_id
        WHERE r.state = 'agreed' AND NEW.call_lab_id IN (g.call_lab_id, t.call_lab_id);
    IF room < (
        SELECT count(*) FROM matching_matchresult m WHERE m.run_id = NEW.run_id AND m.call_lab_id IN (
            SELECT unnest(ARRAY[g.call_lab_id, t.call_lab_id]) FROM matching_reversion r
            JOIN matching_opening g ON g.id = r.giver_id JOIN matching_opening t ON t.id = r.taker_id
            WHERE r.state = 'agreed' AND NEW.call_lab_id IN (g.call_lab_id, t.call_lab_id)
        )
    ) THEN
        RAISE EXCEPTION 'two labs have % seats together, and more hold one', room USING ERRCODE = 'check_violation';
    END IF;
    SELECT l.institute_id INTO home FROM applications_calllab c JOIN labs_lab l ON l.id = c.lab_id
        WHERE c.id = NEW.call_lab_id;
    SELECT cap INTO cap_of_institute FROM matching_institutecap WHERE call_id = call_of_run AND institute_id = home;
    IF cap_of_institute < (
        SELECT count(*) FROM matching_matchresult m JOIN applications_calllab c ON c.id = m.call_lab_id
        JOIN labs_lab l ON l.id = c.lab_id WHERE m.run_id = NEW.run_id AND l.institute_id = home
    ) THEN
        RAISE EXCEPTION 'institute % has a cap of %, and more hold a place', home, cap_of_institute
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER matching_places_within_seats AFTER UPDATE OF call_lab_id ON matching_matchresult
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.call_lab_id IS NOT NULL AND OLD.call_lab_id IS DISTINCT FROM NEW.call_lab_id)
    EXECUTE FUNCTION matching_places_within_seats();

CREATE FUNCTION matching_one_agreement_of_a_lab() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM matching_reversion WHERE id <> NEW.id AND state = 'agreed'
        AND (giver_id IN (NEW.giver_id, NEW.taker_id) OR taker_id IN (NEW.giver_id, NEW.taker_id))
    ) THEN
        RAISE EXCEPTION 'a lab has another agreement on seats that go over' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER matching_one_agreement_of_a_lab BEFORE INSERT OR UPDATE ON matching_reversion
    FOR EACH ROW WHEN (NEW.state = 'agreed') EXECUTE FUNCTION matching_one_agreement_of_a_lab();
"""
BACKWARD = """
DROP TRIGGER matching_one_agreement_of_a_lab ON matching_reversion;
DROP FUNCTION matching_one_agreement_of_a_lab();
DROP TRIGGER matching_places_within_seats ON matching_matchresult;
DROP FUNCTION matching_places_within_seats();
"""


class Migration(migrations.Migration):
    dependencies = [("matching", "0003_groups_money_and_ties")]
    operations = [
        migrations.AddConstraint(
            model_name="reversion",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "agreed")), fields=("giver",), name="one_agreement_of_a_giver"
            ),
        ),
        migrations.AddConstraint(
            model_name="reversion",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "agreed")), fields=("taker",), name="one_agreement_of_a_taker"
            ),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
