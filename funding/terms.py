"""What a term of employment costs, by fiscal year and purpose: the sums that an offer commits. Pure.

Salary and research funds are both counted month by month as payroll pays them (`funding.payroll.prorate`): a twelfth
a month, December carrying the remainder, days pro rata. So half a year of 400 x (90 + 60) million is 30 billion.
"""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from applications.eligibility import months_after
from fellowships.versions import FULL_PAY, Period, Standing
from funding.payroll.prorate import days_worked, monthly_krw
from funding.states import Purpose

DAYS_OF_A_YEAR = 365


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


def months_between(first: date, last: date) -> Iterator[tuple[int, int]]:
    """(year, month) of every month that has a day from `first` to `last`."""
    for number in range(first.year * 12 + first.month - 1, last.year * 12 + last.month):
        year, month = divmod(number, 12)
        yield year, month + 1


def unpaid_krw(standing: Standing, year: int, month: int, within: tuple[date, date] | None = None) -> int:
    """What the days away with less than full pay take from the month's gross, rounded down to 1 won each period."""
    first, last = within or (standing.starts_on, standing.ends_on)
    return sum(_unpaid(standing.salary_krw_a_year, each, (year, month), first, last) for each in standing.less_paid)


def days_away(standing: Standing, first: date) -> list[tuple[int, int]]:
    """For the month that begins on `first`: days with less than full pay and the percent not paid, each period."""
    found = [
        (days_worked(first, max(each.from_on, standing.starts_on), min(each.until_on, standing.ends_on)), each.percent)
        for each in standing.less_paid
    ]
    return [(days.worked, FULL_PAY - percent) for days, percent in found if days.worked]


def _unpaid(a_year_krw: int, away: Period, at: tuple[int, int], first: date, last: date) -> int:
    begin, end = max(first, away.from_on), min(last, away.until_on)
    if begin > end:
        return 0
    return monthly_krw(a_year_krw, *at, begin, end) * (FULL_PAY - away.percent) // FULL_PAY


def pay_of_month(standing: Standing, year: int, month: int) -> int:
    """The gross of one month as the appointment stands: its days, less what is unpaid of them."""
    full = monthly_krw(standing.salary_krw_a_year, year, month, standing.starts_on, standing.ends_on)
    return full - unpaid_krw(standing, year, month)


def pay_between(standing: Standing, first: date, last: date) -> int:
    """The gross from `first` to `last`, by the same days and rounding."""
    begin, end = max(first, standing.starts_on), min(last, standing.ends_on)
    if begin > end:
        return 0
    return sum(
        monthly_krw(standing.salary_krw_a_year, year, month, begin, end)
        - unpaid_krw(standing, year, month, (begin, end))
        for year, month in months_between(begin, end)
    )


def spread_recovery(owed_krw: int, months: Iterable[tuple[date, int]]) -> list[tuple[date, int]]:
    """(month, won) of what is kept from the pay of each month until `owed_krw` is recovered, the earliest first.

    `months` are first days with the gross of each. At most half of a month's pay is kept: the other half can be set off
    against nothing (Civil Act, article 497; Civil Execution Act, article 246 (1) 4). What is left over she pays back.
    """
    plan = []
    for month, gross_krw in months:
        part = min(owed_krw, max(gross_krw, 0) // 2)
        if part:
            plan.append((month, part))
            owed_krw -= part
    return plan


def cost_of_standing(standing: Standing) -> list[tuple[int, str, int]]:
    """(fiscal year, purpose, won) for the whole term as the appointment stands; research funds go on during leave."""
    salary: dict[int, int] = {}
    for year, month in months_between(standing.starts_on, standing.ends_on):
        salary[year] = salary.get(year, 0) + pay_of_month(standing, year, month)
    fund = cost_by_year(standing.research_fund_krw_a_year, standing.starts_on, standing.ends_on)
    rows = [(year, str(Purpose.SALARY), amount) for year, amount in salary.items() if amount]
    return sorted([*rows, *((year, str(Purpose.RESEARCH_FUND), amount) for year, amount in fund.items())])


def severance_krw(standing: Standing) -> int:
    """The severance that is due at the end of the term, in won, before tax; 0 below a year.

    Thirty days' average wage for each year of service, by days (Employee Retirement Benefit Security Act, articles 4
    and 8); the average wage is that of the three months before the end (Labour Standards Act, article 2 (1) 6).
    """
    served = (standing.ends_on - standing.starts_on).days + 1
    if served < DAYS_OF_A_YEAR:
        return 0
    first = months_after(standing.ends_on + timedelta(days=1), -3)
    days = (standing.ends_on - first).days + 1
    wages = pay_between(standing, first, standing.ends_on)
    return wages * 30 * served // (days * DAYS_OF_A_YEAR)
