"""What a term of employment costs, by fiscal year and purpose: the sums that an offer commits. Pure.

Salary and research funds are both counted month by month as payroll pays them (`funding.payroll.prorate`): a twelfth
a month, December carrying the remainder, days pro rata. So half a year of 400 x (90 + 60) million is 30 billion.
"""

from datetime import date

from funding.payroll.prorate import monthly_krw
from funding.states import Purpose


def cost_by_year(a_year_krw: int, starts_on: date, ends_on: date) -> dict[int, int]:
    """What `a_year_krw` (won a year) comes to from `starts_on` to `ends_on`, both included, by fiscal year."""
    sums: dict[int, int] = {}
    for number in range(starts_on.year * 12 + starts_on.month - 1, ends_on.year * 12 + ends_on.month):
        year, month = divmod(number, 12)
        amount = monthly_krw(a_year_krw, year, month + 1, starts_on, ends_on)
        sums[year] = sums.get(year, 0) + amount
    return {year: amount for year, amount in sums.items() if amount}


def cost_of_term(
    salary_krw_a_year: int, research_fund_krw_a_year: int, starts_on: date, ends_on: date
) -> list[tuple[int, str, int]]:
    """(fiscal year, purpose, won) for each sum that a term commits, by year."""
    parts = ((Purpose.SALARY, salary_krw_a_year), (Purpose.RESEARCH_FUND, research_fund_krw_a_year))
    rows = [
        (year, str(purpose), amount)
        for purpose, a_year in parts
        for year, amount in cost_by_year(a_year, starts_on, ends_on).items()
    ]
    return sorted(rows)
