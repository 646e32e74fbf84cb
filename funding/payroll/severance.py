"""Severance that accrues month by month: a twelfth of what a year pays, a year (Employee Retirement Benefit Security
Act, article 8: 30 days' average wage a year of service, from one year of service on). Pure.
"""

from datetime import date
from typing import Final

SHARE: Final = 12
DAYS_OF_SERVICE: Final = 365


def accrued_krw(salary_krw: int) -> int:
    """What the salary of one month adds to severance: a twelfth of it, rounded down to 1 won."""
    return max(0, salary_krw) // SHARE


def is_due(starts_on: date, ends_on: date) -> bool:
    """Whether who served from the first to the second day, both included, has severance coming."""
    return (ends_on - starts_on).days + 1 >= DAYS_OF_SERVICE
