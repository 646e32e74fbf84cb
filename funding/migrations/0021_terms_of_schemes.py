import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("funding", "0020_confirmed_rules_stand"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SchemeTerms",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("from_on", models.DateField(verbose_name="from")),
                ("ratio_percent", models.PositiveSmallIntegerField(verbose_name="public won for 100 won of a partner")),
                ("ceiling_krw", models.BigIntegerField(verbose_name="public match at most, a pledge")),
                (
                    "in_kind_counts_percent",
                    models.PositiveSmallIntegerField(verbose_name="share of in-kind value that is matched"),
                ),
                (
                    "pays",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("top_up", "Top-up of salaries"),
                                ("equipment", "Equipment"),
                                ("secondment", "Secondment"),
                            ],
                            max_length=12,
                        ),
                        size=None,
                        verbose_name="what it may pay",
                    ),
                ),
                ("source", models.CharField(max_length=300, verbose_name="source")),
                ("entered_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("confirmed_at", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name": "terms of a scheme",
                "verbose_name_plural": "terms of schemes",
                "ordering": ("scheme", "-from_on"),
            },
        ),
        migrations.AddField(
            model_name="schemeterms",
            name="confirmed_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="schemeterms",
            name="entered_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="schemeterms",
            name="scheme",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="terms", to="funding.matchscheme"
            ),
        ),
        migrations.AddConstraint(
            model_name="schemeterms",
            constraint=models.UniqueConstraint(fields=("scheme", "from_on"), name="scheme_terms_once_a_day"),
        ),
        migrations.AddConstraint(
            model_name="schemeterms",
            constraint=models.CheckConstraint(
                condition=models.Q(("ceiling_krw__gte", 0), ("in_kind_counts_percent__lte", 100)),
                name="scheme_terms_are_sane",
            ),
        ),
        migrations.AddConstraint(
            model_name="schemeterms",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("confirmed_by", None),
                    ("entered_by", None),
                    models.Q(("confirmed_by", models.F("entered_by")), _negated=True),
                    _connector="OR",
                ),
                name="scheme_terms_need_another",
            ),
        ),
        migrations.RemoveConstraint(
            model_name="matchscheme",
            name="scheme_is_sane",
        ),
        # a way back needs columns that may be empty for a moment
        migrations.AlterField(
            model_name="matchscheme",
            name="ceiling_krw",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AlterField(
            model_name="matchscheme",
            name="in_kind_counts_percent",
            field=models.PositiveSmallIntegerField(null=True),
        ),
        migrations.AlterField(
            model_name="matchscheme",
            name="pays",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=12), null=True, size=None
            ),
        ),
        migrations.AlterField(
            model_name="matchscheme",
            name="ratio_percent",
            field=models.PositiveSmallIntegerField(null=True),
        ),
        migrations.AlterField(
            model_name="matchscheme",
            name="source",
            field=models.CharField(max_length=300, null=True),
        ),
    ]
