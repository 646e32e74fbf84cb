"""What the books say that a lab's money carries. The books are a later room: it hands its reading in when it starts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from applications.models import Call
from matching.models import Opening


@dataclass(frozen=True)
class MoneyOfYear:
    """One fiscal year of a lab, in won: what is free of its allotments and matched money, what a place costs."""

    fiscal_year: int
    allotted_krw: int
    matched_krw: int
    a_place_krw: int

    @property
    def free_krw(self) -> int:
        return self.allotted_krw + self.matched_krw

    @property
    def places(self) -> int:
        """Whole places that the year carries."""
        return max(self.free_krw, 0) // self.a_place_krw


@dataclass(frozen=True)
class Carried:
    """How many places the money of a lab carries for the full term: no more than its tightest year does."""

    years: tuple[MoneyOfYear, ...]

    @property
    def places(self) -> int:
        return min((year.places for year in self.years), default=0)

    @property
    def in_short(self) -> str:
        """The computation on one line."""
        return "; ".join(f"{row.fiscal_year} ₩{row.free_krw:,} / ₩{row.a_place_krw:,}" for row in self.years)

    def as_data(self) -> list[dict[str, int]]:
        return [
            {
                "fiscal_year": row.fiscal_year,
                "allotted_krw": row.allotted_krw,
                "matched_krw": row.matched_krw,
                "a_place_krw": row.a_place_krw,
            }
            for row in self.years
        ]


Books = Callable[[Call], Mapping[int, Carried]]

# a later room appends its reading of a call's books: by primary key of the lab in the call
books: Final[list[Books]] = []


def carried_by_books(call: Call) -> dict[int, Carried]:
    """What each lab's money carries by the books, by primary key of its CallLab, where they say anything."""
    found: dict[int, Carried] = {}
    for reading in books:
        found.update(reading(call))
    return found


def money_to_freeze(call: Call) -> dict[str, Any]:
    """By the lab's code: its seats, the stated figure with its source, and what the books carry at this moment."""
    known = carried_by_books(call)
    rows = Opening.objects.filter(call_lab__call=call).select_related("call_lab__lab").order_by("call_lab_id")
    return {
        row.call_lab.lab.code: {
            "seats": row.seats,
            "stated": row.seats_funded,
            "source": row.funded_source,
            "books": known[row.call_lab_id].as_data() if row.call_lab_id in known else None,
        }
        for row in rows
    }


def without_figure(money: Mapping[str, Any]) -> list[str]:
    """Codes of the labs with seats of which nobody stated what the money carries."""
    return [code for code, row in money.items() if row["seats"] and row["stated"] is None]
