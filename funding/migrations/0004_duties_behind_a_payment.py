"""Nobody holds two duties behind one payment: asked, approved, released, reconciled, confirmed the bank details.

The actions refuse it with words; these triggers refuse it whatever writes the rows.
"""

from django.db import migrations

FORWARD = """
CREATE FUNCTION funding_payment_duties() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM fresh p
        JOIN funding_paymentbatch b ON b.id = p.batch_id
        JOIN funding_bankdetail d ON d.id = p.bank_detail_id
        LEFT JOIN funding_payline l ON l.id = p.pay_line_id
        LEFT JOIN funding_payrollrun r ON r.id = l.run_id
        LEFT JOIN funding_claim c ON c.id = p.claim_id
        WHERE d.confirmed_by_id IN (b.sealed_by_id, r.prepared_by_id, r.approved_by_id, r.released_by_id,
                                    c.submitted_by_id, c.checked_by_id, c.approved_by_id)
           OR b.sealed_by_id IN (r.prepared_by_id, r.approved_by_id,
                                 c.submitted_by_id, c.checked_by_id, c.approved_by_id)
    ) THEN
        RAISE EXCEPTION 'one person holds two duties behind a payment' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER funding_payment_duties AFTER INSERT ON funding_payment
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION funding_payment_duties();
CREATE FUNCTION funding_batch_duties() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.confirmed_by_id IS NOT NULL AND (NEW.confirmed_by_id = NEW.sealed_by_id OR EXISTS (
        SELECT 1 FROM funding_payment p
        JOIN funding_bankdetail d ON d.id = p.bank_detail_id
        LEFT JOIN funding_payline l ON l.id = p.pay_line_id
        LEFT JOIN funding_payrollrun r ON r.id = l.run_id
        LEFT JOIN funding_claim c ON c.id = p.claim_id
        WHERE p.batch_id = NEW.id AND NEW.confirmed_by_id IN (
            d.confirmed_by_id, r.prepared_by_id, r.approved_by_id, r.released_by_id,
            c.submitted_by_id, c.checked_by_id, c.approved_by_id)
    )) THEN
        RAISE EXCEPTION 'one person holds two duties behind a batch' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER funding_batch_duties AFTER UPDATE OF confirmed_by_id ON funding_paymentbatch
    FOR EACH ROW EXECUTE FUNCTION funding_batch_duties();
"""
BACKWARD = """
DROP TRIGGER funding_batch_duties ON funding_paymentbatch;
DROP FUNCTION funding_batch_duties();
DROP TRIGGER funding_payment_duties ON funding_payment;
DROP FUNCTION funding_payment_duties();
"""


class Migration(migrations.Migration):
    dependencies = [("funding", "0003_entries_balance_for_good")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
