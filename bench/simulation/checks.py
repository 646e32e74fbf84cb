"""What must hold after every month, and when the programme is over."""

from collections import Counter
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Sum

from fellowships.models import Appointment
from fellowships.queries.changes import standing_of
from fellowships.states import AppointmentState
from funding.models import Account, Adjustment, Claim, FiscalYear, PayLine, Severance
from funding.queries.books import faults
from funding.queries.years import OPEN_BUDGETS
from funding.states import GUARDED, AccountKind, ClaimState, PayrollState, Purpose, YearState
from funding.terms import cost_of_standing

GROWING = (
    "funding_line", "funding_entry", "funding_account", "funding_commitment", "funding_payline", "funding_payment",
    "fellowships_appointment", "fellowships_offer", "fellowships_amendment",
)  # fmt: skip
OWED = (AccountKind.PAYABLE, AccountKind.WITHHELD, AccountKind.SEVERANCE, AccountKind.RECEIVABLE)


class Broken(AssertionError):
    """An invariant does not hold."""


def books(month: date) -> None:
    """No fault in the books, each year sums to zero, nothing is overdrawn, a closed year holds no budget."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
        if month.month % 3 == 0 or not Account.objects.filter(kind=AccountKind.SPENT).exists():
            cursor.execute(f"ANALYZE {', '.join(GROWING)}")  # as autovacuum does in time
    wrong: dict[str, Any] = dict(faults())
    years = Account.objects.order_by().values_list("fiscal_year").annotate(total=Sum("balance_krw"))
    wrong |= {f"sum of {year}": total for year, total in years if total}
    overdrawn = Account.objects.filter(kind__in=GUARDED, balance_krw__lt=0).order_by("pk")
    wrong |= {f"overdrawn {row.code}": row.balance_krw for row in overdrawn}
    closed = FiscalYear.objects.filter(state=YearState.CLOSED).values("year")
    left = Account.objects.filter(fiscal_year__in=closed, kind__in=OPEN_BUDGETS).exclude(balance_krw=0)
    wrong |= {f"left on {row.code}": row.balance_krw for row in left}
    if wrong:
        raise Broken(f"{month}: {wrong}")


def commitments(year: int) -> None:
    """At the beginning of a year: whoever stands has what her appointment promises of this year and later ones."""
    rows = Account.objects.filter(kind=AccountKind.COMMITTED, fiscal_year__gte=year).order_by()
    held = {(row.offer_id, row.fiscal_year, row.purpose): row.balance_krw for row in rows}
    standing = Appointment.objects.filter(state=AppointmentState.STANDING).prefetch_related("amendments__lab")
    for appointment in standing.select_related("lab").order_by("pk"):
        carried = PayLine.objects.filter(appointment=appointment, books_year=year, is_held=True)
        besides = int(carried.aggregate(total=Sum("gross_krw", default=0))["total"])
        kept = appointment.adjustments.filter(month__year__gte=year, withdrawn_at=None).exists()
        for of_year, purpose, amount in cost_of_standing(standing_of(appointment)):
            if of_year < year:
                continue
            there = held.get((appointment.offer_id, of_year, purpose), 0)
            is_salary = purpose == Purpose.SALARY
            due = amount + (besides if is_salary and of_year == year else 0)
            if (there < due and not kept) or (is_salary and there > due):
                raise Broken(f"{appointment.pk}: {there:,} held for {purpose} of {of_year}, {due:,} are promised")


def _sum(kind: str, *purposes: str) -> int:
    rows = Account.objects.filter(kind=kind)
    rows = rows.filter(purpose__in=purposes) if purposes else rows
    return int(rows.aggregate(total=Sum("balance_krw", default=0))["total"])


def _severance_left() -> list[tuple[int, int, int]]:
    """Appointments whose severance that accrued is not what was paid."""
    rows = Appointment.objects.order_by("pk")
    accrued = dict(PayLine.objects.order_by().values_list("appointment").annotate(Sum("severance_krw")))
    paid = dict(Severance.objects.order_by().values_list("appointment").annotate(Sum("amount_krw")))
    sums = [(pk, accrued.get(pk, 0), paid.get(pk, 0)) for pk in rows.values_list("pk", flat=True)]
    return [row for row in sums if row[1] != row[2]]


def closing(counts: Counter[str]) -> dict[str, int]:
    """What was given was spent or returned, to the won; no budget, no commitment and no debt is left."""
    left = Account.objects.filter(kind__in=OPEN_BUDGETS).exclude(balance_krw=0).order_by("pk")
    owed = {kind: _sum(kind) for kind in OWED}
    lines = PayLine.objects.filter(is_held=False, run__state__in=(PayrollState.RELEASED, PayrollState.PAID))
    salaries = int(lines.aggregate(total=Sum("gross_krw", default=0))["total"]) - counts["overpaid_krw"]
    claimed = Claim.objects.filter(state=ClaimState.PAID).aggregate(total=Sum("amount_krw", default=0))["total"]
    spent = {"salaries_krw": _sum("spent", Purpose.SALARY), "research_funds_krw": _sum("spent", Purpose.RESEARCH_FUND)}
    given, back = counts["appropriated_krw"], counts["returned_krw"]
    own = _sum(AccountKind.EXPENSE, Purpose.EMPLOYER, Purpose.SEVERANCE)
    holds = {
        "commitments and budgets are spent or released": not left.exists(),
        "nothing is owed": not any(owed.values()),
        "salaries are what the slips say": spent["salaries_krw"] == salaries,
        "research funds are what was claimed": spent["research_funds_krw"] == claimed,
        "what was given was spent or returned": given == sum(spent.values()) + back,
        "the source gave what was spent": -_sum(AccountKind.SOURCE) == sum(spent.values()),
        "severance paid is severance that accrued": counts["severance_krw"] == _sum("expense", Purpose.SEVERANCE),
        "the bank lacks the employer's own part alone": _sum(AccountKind.BANK) == -own,
        "everybody's severance is paid": not _severance_left(),
        "what was to be kept from pay was kept": not Adjustment.objects.filter(
            pay_line=None, withdrawn_at=None
        ).exists(),
        "everybody is paid, nothing is held": not PayLine.objects.filter(is_held=True).exists(),
    }
    if not all(holds.values()):
        wrong = [words for words, is_so in holds.items() if not is_so]
        raise Broken(f"{wrong}: given {given:,}, returned {back:,}, {spent}, owed {owed}, left {list(left)[:5]}")
    return {"spent_krw": sum(spent.values()), **spent}
