"""Pay day: the 25th, or the working day before."""

from collections.abc import Collection
from datetime import date, timedelta
from typing import Final

PAY_DAY: Final = 25
SATURDAY: Final = 5


def pay_day(year: int, month: int, holidays: Collection[date]) -> date:
    """The 25th, or the last day before it that is neither a weekend nor in `holidays`, which the caller supplies."""
    day = date(year, month, PAY_DAY)
    while day.weekday() >= SATURDAY or day in holidays:
        day -= timedelta(days=1)
    return day
