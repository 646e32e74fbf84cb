"""What a scheme said before its terms were dated goes on to stand as its first terms."""

from datetime import date
from typing import Any

from django.db import migrations
from django.utils import timezone

BEGAN = date(2025, 1, 1)
NUMBERS = ("ratio_percent", "ceiling_krw", "in_kind_counts_percent", "pays", "source")


def keep(apps: Any, _editor: Any) -> None:
    for row in apps.get_model("funding", "MatchScheme").objects.all():
        values = {name: getattr(row, name) for name in NUMBERS}
        apps.get_model("funding", "SchemeTerms").objects.create(
            scheme=row, from_on=BEGAN, confirmed_at=timezone.now(), **values
        )


def give_back(apps: Any, _editor: Any) -> None:
    """A scheme has again its newest terms, the confirmed before others."""
    rows = apps.get_model("funding", "SchemeTerms").objects.all()
    for row in sorted(rows, key=lambda row: (row.confirmed_at is not None, row.from_on)):
        values = {name: getattr(row, name) for name in NUMBERS}
        apps.get_model("funding", "MatchScheme").objects.filter(pk=row.scheme_id).update(**values)
    rows.delete()


class Migration(migrations.Migration):
    dependencies = [("funding", "0021_terms_of_schemes")]

    operations = [migrations.RunPython(keep, give_back)]
