import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("funding", "0022_schemes_that_stood_go_on")]

    operations = [
        migrations.RemoveField(
            model_name="matchscheme",
            name="ceiling_krw",
        ),
        migrations.RemoveField(
            model_name="matchscheme",
            name="in_kind_counts_percent",
        ),
        migrations.RemoveField(
            model_name="matchscheme",
            name="pays",
        ),
        migrations.RemoveField(
            model_name="matchscheme",
            name="ratio_percent",
        ),
        migrations.RemoveField(
            model_name="matchscheme",
            name="source",
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="schemeterms",
            trigger=pgtrigger.compiler.Trigger(
                name="confirmed_stands",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."confirmed_at" IS NOT NULL)',
                    func="\n            RAISE EXCEPTION 'what is confirmed stands: % refuses %', TG_TABLE_NAME, TG_OP\n                USING ERRCODE = 'restrict_violation';\n        ",
                    hash="01371d8c6d02d9fc60be1c1b94efeff9c538e38e",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_confirmed_stands_e3801",
                    table="funding_schemeterms",
                    when="BEFORE",
                ),
            ),
        ),
    ]
