"""Fiscal years, what keeps one from closing, and the chart of accounts."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from common.access import scope_of
from funding.models import Account, BankLine, ChartLine, Claim, FiscalYear, Movement, Payment, YearChange
from funding.queries.cards import unaccounted_in
from funding.queries.payroll import held_in, not_paid
from funding.states import AccountKind, BankLineState, ClaimState, MovementState, PaymentState

OPEN_BUDGETS = (AccountKind.PROGRAMME, AccountKind.INSTITUTE, AccountKind.LAB, AccountKind.COMMITTED)


@dataclass(frozen=True)
class Matter:
    """Something of a year that is not settled: in words, and how often."""

    words: str
    number: int
    route: str


@scope_of(YearChange)
def year_changes_visible_to(user: Any) -> QuerySet[YearChange]:
    """Changes of years, for those who see the books."""
    rows = YearChange.objects.select_related("year", "asked_by", "confirmed_by")
    return rows if user.has_perm("funding.view_books") else rows.none()


def years_with_states() -> list[tuple[int, FiscalYear | None]]:
    """Each year that has accounts, with its row where somebody closed it before; two queries."""
    rows = {row.year: row for row in FiscalYear.objects.all()}
    used = Account.objects.order_by("-fiscal_year").values_list("fiscal_year", flat=True).distinct()
    years = sorted({*rows, *used}, reverse=True)
    return [(year, rows.get(year)) for year in years]


def open_matters(year: int) -> list[Matter]:
    """What of `year` is not settled yet; empty when it may close."""
    left = Account.objects.filter(fiscal_year=year, kind__in=OPEN_BUDGETS, balance_krw__gt=0)
    payments = Payment.objects.filter(batch__pay_on__year=year)
    waiting = (ClaimState.SUBMITTED, ClaimState.CHECKED, ClaimState.APPROVED, ClaimState.RELEASED)
    lines = BankLine.objects.filter(booked_on__year=year, state__in=(BankLineState.UNMATCHED, BankLineState.PROPOSED))
    moving = Movement.objects.filter(fiscal_year=year, state=MovementState.ASKED)
    found: list[tuple[str, QuerySet[Any], str]] = [
        (_("payments by card that nobody accounted for"), unaccounted_in(year), "funding:card_charges"),
        (_("payments at the bank"), payments.filter(state=PaymentState.PENDING), "funding:batches"),
        (
            _("payments that came back and were not made again"),
            payments.filter(state=PaymentState.RETURNED, replaced_by=None),
            "funding:returned",
        ),
        (
            _("claims not settled"),
            Claim.objects.filter(fiscal_year=year, state__in=waiting),
            "funding:claims_desk",
        ),
        (
            _("payrolls not paid"),
            not_paid(year),
            "funding:payroll",
        ),
        (_("pay that is held"), held_in(year), "funding:payroll"),
        (_("bank movements not matched"), lines, "funding:unmatched"),
        (_("movements waiting for approval"), moving, "funding:movements"),
        (_("budgets neither carried over nor returned"), left, "funding:movements"),
    ]
    counted = ((words, rows.count(), route) for words, rows, route in found)
    return [Matter(words, number, route) for words, number, route in counted if number]


def chart() -> dict[str, ChartLine]:
    """The chart of accounts by kind."""
    return {line.kind: line for line in ChartLine.objects.all()}
