"""A closed fiscal year takes no line on any of its accounts, whatever writes it."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION funding_year_is_open() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE shut integer;
BEGIN
    SELECT y.year INTO shut FROM funding_fiscalyear y
        WHERE y.state = 'closed' AND EXISTS (
            SELECT 1 FROM fresh l JOIN funding_account a ON a.id = l.account_id WHERE a.fiscal_year = y.year)
        LIMIT 1;
    IF shut IS NOT NULL THEN
        RAISE EXCEPTION 'fiscal year % is closed', shut USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER funding_year_is_open AFTER INSERT ON funding_line
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION funding_year_is_open();
"""
BACKWARD = """
DROP TRIGGER funding_year_is_open ON funding_line;
DROP FUNCTION funding_year_is_open();
"""


class Migration(migrations.Migration):
    dependencies = [("funding", "0004_duties_behind_a_payment")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
