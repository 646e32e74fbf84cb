import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("funding", "0019_rules_that_stood_go_on")]

    operations = [
        migrations.RemoveField(
            model_name="claimcategory",
            name="single_approval_limit_krw",
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="categoryrule",
            trigger=pgtrigger.compiler.Trigger(
                name="confirmed_stands",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."confirmed_at" IS NOT NULL)',
                    func="\n            RAISE EXCEPTION 'what is confirmed stands: % refuses %', TG_TABLE_NAME, TG_OP\n                USING ERRCODE = 'restrict_violation';\n        ",
                    hash="e841867e3a6adb8ead83881cd2e8a72237e474f5",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_confirmed_stands_ca55b",
                    table="funding_categoryrule",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="categoryrule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("confirmed_by", None),
                    ("entered_by", None),
                    models.Q(("confirmed_by", models.F("entered_by")), _negated=True),
                    _connector="OR",
                ),
                name="category_rule_needs_another",
            ),
        ),
        migrations.AddConstraint(
            model_name="categoryrule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("value__gte", 0),
                    models.Q(models.Q(("kind", "max_percent"), _negated=True), ("value__lte", 100), _connector="OR"),
                ),
                name="category_rule_has_a_sane_number",
            ),
        ),
        migrations.AddConstraint(
            model_name="categoryrule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "forbidden"), ("words__gt", "")),
                    models.Q(("kind", "forbidden"), _negated=True),
                    _connector="OR",
                ),
                name="forbidden_names_its_words",
            ),
        ),
    ]
