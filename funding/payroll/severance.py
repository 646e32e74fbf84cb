"""Severance as it accrues month by month: a twelfth of what a year pays, a year. Pure.

What is due in the end is `funding.terms.severance_krw` (Employee Retirement Benefit Security Act, article 8: 30 days'
average wage a year of service, from one year of service on); the last slip of a term carries the difference.
"""

from typing import Final

SHARE: Final = 12


def accrued_krw(salary_krw: int) -> int:
    """What the salary of one month adds to severance: a twelfth of it, rounded down to 1 won."""
    return max(0, salary_krw) // SHARE
