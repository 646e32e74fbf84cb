"""The numbers in force on a day."""

from datetime import date
from typing import Any

from django.db.models import QuerySet

from common.access import scope_of
from common.refusals import NotConfigured
from funding.models import CategoryRule, MoneyRule
from funding.states import RuleCode


def value_of(code: str, on: date) -> int:
    """The confirmed value of rule `code` on a day. Refuses with `NotConfigured` where there is none."""
    rows = MoneyRule.objects.filter(code=code, from_on__lte=on, confirmed_at__isnull=False).order_by("-from_on")
    value = rows.values_list("value", flat=True).first()
    if value is None:
        raise NotConfigured(what=RuleCode(code).label)
    return value


@scope_of(MoneyRule)
def rules_visible_to(user: Any) -> QuerySet[MoneyRule]:
    """All values, for those who keep, give or audit money."""
    rows = MoneyRule.objects.select_related("entered_by", "confirmed_by")
    return rows if user.has_perm("funding.view_rules") else rows.none()


@scope_of(CategoryRule)
def spending_rules_visible_to(user: Any) -> QuerySet[CategoryRule]:
    """All rules of spending, for those who keep, give or audit money."""
    rows = CategoryRule.objects.select_related("category", "entered_by", "confirmed_by")
    return rows if user.has_perm("funding.view_rules") else rows.none()
