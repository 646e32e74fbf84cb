"""Appropriated, agreed, allotted, committed, spent, available: by year, institute and lab, from the kept balances."""

from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q, QuerySet, Sum

from common.access import scope_of
from funding.models import Account, Agreement, Appropriation
from funding.states import AccountKind
from labs.models import Institute, Lab
from people.rules import is_auditor, is_ministry
from people.states import Role


@dataclass
class Figures:
    """Sums of one owner in one fiscal year, in won. Available plus committed plus spent is what was allotted."""

    owner: str
    available_krw: int = 0
    committed_krw: int = 0
    spent_krw: int = 0
    unallotted_krw: int = 0
    key: str = ""
    parts: "list[Figures]" = field(default_factory=list)

    @property
    def allotted_krw(self) -> int:
        return self.available_krw + self.committed_krw + self.spent_krw

    @property
    def agreed_krw(self) -> int:
        return self.allotted_krw + self.unallotted_krw

    def add(self, other: "Figures") -> None:
        self.available_krw += other.available_krw
        self.committed_krw += other.committed_krw
        self.spent_krw += other.spent_krw


KINDS = {
    AccountKind.LAB: "available_krw",
    AccountKind.COMMITTED: "committed_krw",
    AccountKind.SPENT: "spent_krw",
}


def institutes_budgeted(user: Any) -> QuerySet[Institute]:
    """The institutes whose budgets `user` may see: all for ministry and auditors, else her own."""
    if is_ministry(user) or is_auditor(user):
        return Institute.objects.all()
    return Institute.objects.filter(place__in=user.places(Role.FINANCE_OFFICER, Role.PROGRAMME_OFFICER))


@scope_of(Agreement)
def agreements_visible_to(user: Any) -> QuerySet[Agreement]:
    """Agreements of the institutes whose budgets she sees."""
    rows = Agreement.objects.standing().filter(institute__in=institutes_budgeted(user))
    return rows.select_related("institute", "appropriation").order_by("-fiscal_year", "institute__code", "pk")


@scope_of(Appropriation)
def appropriations_visible_to(user: Any) -> QuerySet[Appropriation]:
    """Appropriations are public law; those who see a budget see them."""
    rows = Appropriation.objects.standing().order_by("-fiscal_year", "source")
    return rows if user.has_perm("funding.view_budget") else rows.none()


def fiscal_years() -> list[int]:
    """Years in which the books have accounts, the latest first."""
    return list(Account.objects.order_by("-fiscal_year").values_list("fiscal_year", flat=True).distinct())


def budget_of(user: Any, fiscal_year: int) -> list[Figures]:
    """Each institute with its labs; three queries whatever the number of fellows."""
    institutes = {row.pk: Figures(row.name) for row in institutes_budgeted(user)}
    labs = {
        row.pk: (row.institute_id, Figures(row.name, key=row.code))
        for row in Lab.objects.filter(institute__in=institutes)
    }
    rows = (
        Account.objects.filter(fiscal_year=fiscal_year, institute__in=institutes)
        .filter(Q(kind__in=KINDS) | Q(kind=AccountKind.INSTITUTE))
        .order_by()
        .values_list("kind", "institute_id", "lab_id")
        .annotate(total=Sum("balance_krw"))
    )
    for kind, institute_id, lab_id, total in rows:
        if kind == AccountKind.INSTITUTE:
            institutes[institute_id].unallotted_krw += total
        else:
            setattr(labs[lab_id][1], KINDS[AccountKind(kind)], total)
    for institute_id, figures in labs.values():
        institutes[institute_id].parts.append(figures)
        institutes[institute_id].add(figures)
    return list(institutes.values())


def unagreed_krw(fiscal_year: int) -> int:
    """Appropriated for `fiscal_year` and not agreed with any institute yet, in won."""
    rows = Account.objects.filter(kind=AccountKind.PROGRAMME, fiscal_year=fiscal_year)
    return int(rows.aggregate(total=Sum("balance_krw", default=0))["total"])


def appropriated_krw(fiscal_year: int) -> int:
    """Appropriated for `fiscal_year`, in won."""
    rows = Appropriation.objects.standing().filter(fiscal_year=fiscal_year)
    return int(rows.aggregate(total=Sum("amount_krw", default=0))["total"])
