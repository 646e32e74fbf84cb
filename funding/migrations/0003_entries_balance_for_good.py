"""An entry has lines that sum to zero when its transaction ends: triggers that nothing can switch off in passing.

Not triggers of django-pgtrigger, whose way of being ignored costs a subtransaction for each line (56,000
lines in one transaction took 73 s to check).
"""

from django.db import migrations

FORWARD = """
CREATE FUNCTION funding_entry_has_lines() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM funding_line WHERE entry_id = NEW.id) THEN
        RAISE EXCEPTION 'entry % has no lines', NEW.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER funding_entry_has_lines AFTER INSERT ON funding_entry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION funding_entry_has_lines();
CREATE FUNCTION funding_entry_balances() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT sum(amount_krw) FROM funding_line WHERE entry_id = NEW.entry_id) <> 0 THEN
        RAISE EXCEPTION 'entry % does not balance', NEW.entry_id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER funding_entry_balances AFTER INSERT ON funding_line
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION funding_entry_balances();
"""
BACKWARD = """
DROP TRIGGER funding_entry_balances ON funding_line;
DROP FUNCTION funding_entry_balances();
DROP TRIGGER funding_entry_has_lines ON funding_entry;
DROP FUNCTION funding_entry_has_lines();
"""


class Migration(migrations.Migration):
    dependencies = [("funding", "0002_no_offer_without_commitment")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
