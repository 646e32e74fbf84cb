"""What an offer holds of its lab's allotment by fiscal year, and what another term would hold; nothing is written."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from fellowships.models import Offer
from funding.models import Account
from funding.states import AccountKind, Purpose

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


def moves_of(offer: Offer, wanted: Sums, *, keep: dict[int, int] | None = None, for_update: bool = False) -> list[Move]:
    """What re-encumbering `offer` for `wanted` (year, purpose, won of the whole term) would move; changes nothing.

    What is spent stays: never less than it is held for. `keep` is research funds a year that open claims wait for: so
    much of what is held is not given back. `for_update` locks the accounts until the transaction ends.
    """
    rows = Account.objects.filter(offer=offer, kind__in=[AccountKind.COMMITTED, AccountKind.SPENT]).order_by("pk")
    rows = rows.select_for_update() if for_update else rows
    held = {(row.kind, row.fiscal_year, row.purpose): row.balance_krw for row in rows}
    sums = {(year, purpose): amount for year, purpose, amount in wanted}
    keys = sorted(sums.keys() | {(year, purpose) for kind, year, purpose in held if kind == AccountKind.COMMITTED})
    moves = []
    for year, purpose in keys:
        now = held.get((AccountKind.COMMITTED, year, purpose), 0)
        spent = held.get((AccountKind.SPENT, year, purpose), 0)
        least = min((keep or {}).get(year, 0), now) if purpose == Purpose.RESEARCH_FUND else 0
        then = max(sums.get((year, purpose), 0) - spent, least, 0)
        moves.append(Move(year, purpose, now, then, spent))
    return moves


def by_year(rows: Iterable[tuple[int, int]]) -> dict[int, int]:
    """The sums of (fiscal year, won) by year, those above nothing."""
    sums: dict[int, int] = {}
    for year, amount in rows:
        sums[year] = sums.get(year, 0) + amount
    return {year: amount for year, amount in sums.items() if amount > 0}
