"""What an offer holds of its lab's allotment by fiscal year, and what another term would hold; nothing is written."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Sum
from django.utils import timezone

from fellowships.models import Amendment, Offer
from fellowships.states import AmendmentKind, AmendmentState
from fellowships.versions import Standing
from funding.models import Account, Line
from funding.states import AccountKind, Purpose
from funding.terms import cost_by_year, pay_between
from labs.models import Lab

Sums = Sequence[tuple[int, str, int]]


@dataclass(frozen=True)
class Move:
    """One fiscal year and purpose of an offer: what is held now and what it would be, in won; spent stays spent."""

    fiscal_year: int
    purpose: str
    now_krw: int
    then_krw: int
    spent_krw: int

    @property
    def change_krw(self) -> int:
        return self.then_krw - self.now_krw


def moves_of(
    offer: Offer,
    was: Sums,
    wanted: Sums,
    *,
    due: Mapping[int, int] | None = None,
    keep: Mapping[int, int] | None = None,
    for_update: bool = False,
) -> list[Move]:
    """What `offer` would hold otherwise whose term cost `was` and is to cost `wanted` (year, purpose, won of the whole
    term); changes nothing.

    What was spent stays so; so does what was carried into a year and, once it is over, given back or carried out of it.
    `due` is the salary that is still to be paid by fiscal year, where pay has begun; `keep` is research funds a year
    that open claims wait for: so much of what is held is not given back. `for_update` locks the accounts until the
    transaction ends.
    """
    rows = Account.objects.filter(offer=offer, kind__in=[AccountKind.COMMITTED, AccountKind.SPENT]).order_by("pk")
    rows = rows.select_for_update() if for_update else rows
    held = {(row.kind, row.fiscal_year, row.purpose): row.balance_krw for row in rows}
    before, after = ({(year, purpose): amount for year, purpose, amount in sums} for sums in (was, wanted))
    carried, this_year, moves = _carried(offer), timezone.localdate().year, []
    for year, purpose in sorted(before.keys() | after.keys()):
        now = held.get((AccountKind.COMMITTED, year, purpose), 0)
        spent = held.get((AccountKind.SPENT, year, purpose), 0)
        whole = after.get((year, purpose), 0)
        more = whole - before.get((year, purpose), 0)
        left, least = whole - spent, 0
        if purpose == Purpose.RESEARCH_FUND:
            left, least = left + carried.get(year, 0), min((keep or {}).get(year, 0), now)
        elif due is not None:
            left = due.get(year, 0)
        left = max(left, least, 0)
        if year < this_year:
            left = now + more if more > 0 else min(now, left)
        moves.append(Move(year, purpose, now, left if more else now, spent))
    return moves


def _carried(offer: Offer) -> dict[int, int]:
    """Research funds that were carried over a year's end, by the year into which they went, in won."""
    lines = Line.objects.filter(
        entry__event__startswith=f"carry:{offer.key}:{Purpose.RESEARCH_FUND}:",
        account__offer=offer,
        account__kind=AccountKind.COMMITTED,
        amount_krw__gt=0,
    ).order_by()
    return dict(lines.values_list("account__fiscal_year").annotate(Sum("amount_krw")))


class Payers:
    """Which lab's allotment gives and takes for an offer: the one that made it, after a transfer the new one.

    A fiscal year belongs to the lab to which she has moved in it or before. One query.
    """

    def __init__(self, offer: Offer) -> None:
        self.first: Lab = offer.call_lab.lab
        rows = Amendment.objects.filter(
            appointment__offer=offer, kind=AmendmentKind.LAB, state=AmendmentState.APPROVED
        ).select_related("lab")
        self.later = [(row.from_on.year, row.lab) for row in rows.order_by("version") if row.from_on and row.lab]

    def of(self, fiscal_year: int) -> Lab:
        return next((lab for year, lab in reversed(self.later) if year <= fiscal_year), self.first)


def recharges_of(offer: Offer, now: Standing, from_on: date) -> dict[int, int]:
    """By fiscal year the won held for `offer` that are for days from `from_on` on: what another lab takes over."""
    rows = Account.objects.filter(offer=offer, kind=AccountKind.COMMITTED)
    held = {(row.fiscal_year, row.purpose): row.balance_krw for row in rows}
    fund = cost_by_year(now.research_fund_krw_a_year, max(from_on, now.starts_on), now.ends_on)
    sums = {}
    for year in range(from_on.year, now.ends_on.year + 1):
        pay = pay_between(now, max(from_on, date(year, 1, 1)), date(year, 12, 31))
        due = ((Purpose.SALARY, pay), (Purpose.RESEARCH_FUND, fund.get(year, 0)))
        sums[year] = sum(min(amount, held.get((year, purpose), 0)) for purpose, amount in due)
    return {year: amount for year, amount in sums.items() if amount}


def by_year(rows: Iterable[tuple[int, int]]) -> dict[int, int]:
    """The sums of (fiscal year, won) by year, those above nothing."""
    sums: dict[int, int] = {}
    for year, amount in rows:
        sums[year] = sums.get(year, 0) + amount
    return {year: amount for year, amount in sums.items() if amount > 0}
