"""What stood before two people confirmed a rule goes on to stand; a category's limit becomes a dated rule."""

from datetime import date
from typing import Any

from django.db import migrations
from django.utils import timezone

BEGAN = date(2025, 1, 1)


def keep(apps: Any, _editor: Any) -> None:
    """Rules count as before; those that forbid no word said nothing."""
    rule, category = apps.get_model("funding", "CategoryRule"), apps.get_model("funding", "ClaimCategory")
    rule.objects.filter(kind="forbidden", words="").delete()
    rule.objects.update(confirmed_at=timezone.now())
    for row in category.objects.exclude(single_approval_limit_krw=None):
        rule.objects.create(
            category=row, kind="one_approval", value=row.single_approval_limit_krw, from_on=BEGAN,
            reason_en="Above this a second person approves.", reason_ko="이 금액을 넘으면 두 번째 사람이 승인합니다.",
            source="Stood before rules of spending were confirmed by two people", confirmed_at=timezone.now(),
        )  # fmt: skip


def give_back(apps: Any, _editor: Any) -> None:
    """The newest confirmed limit is the category's again."""
    rows = apps.get_model("funding", "CategoryRule").objects.filter(kind="one_approval")
    for row in rows.exclude(category=None).exclude(confirmed_at=None).order_by("from_on"):
        apps.get_model("funding", "ClaimCategory").objects.filter(pk=row.category_id).update(
            single_approval_limit_krw=row.value
        )
    rows.delete()


class Migration(migrations.Migration):
    dependencies = [("funding", "0018_spending_rules_confirmed_by_two")]

    operations = [migrations.RunPython(keep, give_back)]
