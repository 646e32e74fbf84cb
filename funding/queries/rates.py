"""Reads of the rates of insurance and tax."""

from typing import Any

from django.db.models import QuerySet

from common.access import scope_of
from funding.models import RateTable


@scope_of(RateTable)
def rates_visible_to(user: Any) -> QuerySet[RateTable]:
    """All, for whoever runs payrolls: rates are the same everywhere."""
    rows = RateTable.objects.order_by("-loaded_at", "-pk").select_related("confirmed_by", "loaded_by")
    return rows if user.has_perm("funding.run_payroll") else rows.none()


def rates_in_force() -> RateTable | None:
    """The newest set that a person confirmed: what a payroll prepared now would use."""
    rows = RateTable.objects.filter(confirmed_at__isnull=False).order_by("-loaded_at", "-pk")
    return rows.select_related("confirmed_by", "loaded_by").first()
