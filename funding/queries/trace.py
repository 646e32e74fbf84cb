"""Samples of expenses for auditors, and what they asked."""

from dataclasses import dataclass
from random import Random
from typing import Any

from django.db.models import QuerySet

from common.access import scope_of
from funding.models import (
    AuditQuery,
    Line,
)
from funding.queries.books import accounts_visible_to
from funding.states import AccountKind
from labs.models import Institute


@dataclass(frozen=True)
class Sample:
    """What an auditor asks for: so many expenses of a year from so many won on; the seed makes it repeatable."""

    fiscal_year: int
    institute: Institute | None
    size: int
    at_least_krw: int
    seed: int

    def plain(self) -> dict[str, Any]:
        return {**vars(self), "institute": self.institute.code if self.institute else ""}


def sample_of(asked: Sample, user: Any) -> list[Line]:
    """Expenses drawn in proportion to their won (monetary unit sampling), from accounts that `user` may see.

    Points lie at equal distances in the running sum, the first by the seed; a large expense is drawn once, a seed draws
    the same lines as long as the books are the same.
    """
    accounts = accounts_visible_to(user).filter(kind=AccountKind.EXPENSE, fiscal_year=asked.fiscal_year).order_by()
    if asked.institute is not None:
        accounts = accounts.filter(institute=asked.institute)
    rows = Line.objects.filter(account__in=accounts.values("pk"), amount_krw__gte=max(1, asked.at_least_krw))
    amounts = list(rows.order_by("pk").values_list("pk", "amount_krw"))
    total = sum(amount for _pk, amount in amounts)
    if not total:
        return []
    step = max(1, total // asked.size)
    point = Random(asked.seed).randrange(step)  # noqa: S311  repeatable on purpose
    chosen, passed = [], 0
    for pk, amount in amounts:
        passed += amount
        if point < passed:
            chosen.append(pk)
            point += ((passed - 1 - point) // step + 1) * step
    return list(Line.objects.filter(pk__in=chosen[: asked.size]).select_related("entry__by", "account").order_by("pk"))


@scope_of(AuditQuery)
def audit_queries_visible_to(user: Any) -> QuerySet[AuditQuery]:
    """What auditors asked, for auditors."""
    rows = AuditQuery.objects.select_related("by")
    return rows if user.has_perm("funding.sample") else rows.none()
