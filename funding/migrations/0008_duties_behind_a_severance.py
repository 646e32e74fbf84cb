"""Nobody holds two duties behind a payment of severance either; the triggers of migration 0004 learn of it."""

from django.db import migrations

JOINS = """
        LEFT JOIN funding_payline l ON l.id = p.pay_line_id
        LEFT JOIN funding_payrollrun r ON r.id = l.run_id
        LEFT JOIN funding_claim c ON c.id = p.claim_id
"""
WITH_SEVERANCE = JOINS + "        LEFT JOIN funding_severance s ON s.id = p.severance_id\n"


# both functions; {asked} names who asked and approved beside payrolls and claims
FUNCTIONS = """
CREATE OR REPLACE FUNCTION funding_payment_duties() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM fresh p
        JOIN funding_paymentbatch b ON b.id = p.batch_id
        JOIN funding_bankdetail d ON d.id = p.bank_detail_id
        {joins}
        WHERE d.confirmed_by_id IN (b.sealed_by_id, r.prepared_by_id, r.approved_by_id, r.released_by_id,
                                    c.submitted_by_id, c.checked_by_id, c.approved_by_id{asked})
           OR b.sealed_by_id IN (r.prepared_by_id, r.approved_by_id,
                                 c.submitted_by_id, c.checked_by_id, c.approved_by_id{asked})
    ) THEN
        RAISE EXCEPTION 'one person holds two duties behind a payment' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION funding_batch_duties() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.confirmed_by_id IS NOT NULL AND (NEW.confirmed_by_id = NEW.sealed_by_id OR EXISTS (
        SELECT 1 FROM funding_payment p
        JOIN funding_bankdetail d ON d.id = p.bank_detail_id
        {joins}
        WHERE p.batch_id = NEW.id AND NEW.confirmed_by_id IN (
            d.confirmed_by_id, r.prepared_by_id, r.approved_by_id, r.released_by_id,
            c.submitted_by_id, c.checked_by_id, c.approved_by_id{asked})
    )) THEN
        RAISE EXCEPTION 'one person holds two duties behind a batch' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
"""
WITHOUT = FUNCTIONS.replace("{joins}", JOINS).replace("{asked}", "")
WITH = FUNCTIONS.replace("{joins}", WITH_SEVERANCE).replace("{asked}", ", s.asked_by_id, s.approved_by_id")


class Migration(migrations.Migration):
    dependencies = [("funding", "0007_severance_is_paid")]
    operations = [migrations.RunSQL(WITH, WITHOUT)]
