"""No offer goes out that the budget does not carry: the database asks for its commitments when the transaction ends."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION funding_offer_is_committed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM funding_commitment WHERE offer_id = NEW.id) THEN
        RAISE EXCEPTION 'offer % has no commitment', NEW.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER funding_offer_is_committed AFTER INSERT ON fellowships_offer
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION funding_offer_is_committed();
"""
BACKWARD = """
DROP TRIGGER funding_offer_is_committed ON fellowships_offer;
DROP FUNCTION funding_offer_is_committed();
"""


class Migration(migrations.Migration):
    dependencies = [("funding", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
