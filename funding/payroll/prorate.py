"""From a salary a year to the pay of one month.

A month is a twelfth of the year's salary, rounded down to 1 won; December carries what eleven such months leave over,
so that twelve months sum exactly to the year. Who joins or leaves inside a month is paid by its calendar days, rounded
down to 1 won.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from typing import Final

LAST_MONTH: Final = 12


@dataclass(frozen=True)
class Days:
    """Calendar days of one month: how many of them are worked, of how many."""

    worked: int
    of: int

    @property
    def is_whole(self) -> bool:
        return self.worked == self.of


def days_worked(first: date, starts_on: date | None = None, ends_on: date | None = None) -> Days:
    """The days of the month that begins on `first` from `starts_on` to `ends_on`, both included; open where absent."""
    of = monthrange(first.year, first.month)[1]
    begin = max(first, starts_on or first)
    last = first.replace(day=of)
    end = min(last, ends_on or last)
    return Days(worked=max(0, (end - begin).days + 1), of=of)


def whole_month_krw(salary_krw_a_year: int, month: int) -> int:
    """What a whole month (1 to 12) pays; December carries the remainder of the year."""
    twelfth = salary_krw_a_year // LAST_MONTH
    return twelfth if month != LAST_MONTH else salary_krw_a_year - (LAST_MONTH - 1) * twelfth


def monthly_krw(
    salary_krw_a_year: int, year: int, month: int, starts_on: date | None = None, ends_on: date | None = None
) -> int:
    """The gross salary of one month, by calendar days from `starts_on` to `ends_on`; 0 when no day of it is worked."""
    days = days_worked(date(year, month, 1), starts_on, ends_on)
    return whole_month_krw(salary_krw_a_year, month) * days.worked // days.of
