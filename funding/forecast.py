"""What the appointments that stand will still cost, by fiscal year, if they run to their ends, or are renewed. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from funding.terms import cost_by_year


@dataclass(frozen=True)
class Term:
    """One appointment that stands: won a year (salary and research funds), first and last day."""

    a_year_krw: int
    starts_on: date
    ends_on: date


def to_come(terms: Iterable[Term], after: date, until: date | None = None) -> dict[int, int]:
    """By fiscal year, what `terms` cost after the day `after`: to their ends, or each renewed to `until`, in won."""
    sums: dict[int, int] = {}
    for term in terms:
        begins = max(term.starts_on, after + timedelta(days=1))
        ends = term.ends_on if until is None else max(term.ends_on, until)
        if begins > ends:
            continue
        for year, amount in cost_by_year(term.a_year_krw, begins, ends).items():
            sums[year] = sums.get(year, 0) + amount
    return sums
