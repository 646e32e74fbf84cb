"""Months of a year, days of a month, and the day of pay."""

from calendar import monthrange
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from funding.payroll.payday import pay_day
from funding.payroll.prorate import days_worked, monthly_krw

unhurried = settings(deadline=None)  # a busy machine is not a wrong slip
SALARIES = st.integers(min_value=1, max_value=10**12)
YEARS = st.integers(min_value=1990, max_value=2100)
MONTHS = st.integers(min_value=1, max_value=12)


def test_ninety_million_is_seven_and_a_half_a_month() -> None:
    assert [monthly_krw(90_000_000, 2025, month) for month in (7, 12)] == [7_500_000, 7_500_000]


def test_december_carries_the_remainder() -> None:
    assert [monthly_krw(100_000_007, 2025, month) for month in (1, 11, 12)] == [8_333_333, 8_333_333, 8_333_344]


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "krw"),
    [
        (date(2025, 7, 15), None, 7_500_000 * 17 // 31),
        (None, date(2025, 7, 14), 7_500_000 * 14 // 31),
        (date(2025, 7, 31), date(2025, 7, 31), 241_935),
        (date(2025, 7, 1), date(2025, 7, 31), 7_500_000),
        (date(2024, 1, 1), date(2026, 1, 1), 7_500_000),
        (date(2025, 8, 1), None, 0),
        (None, date(2025, 6, 30), 0),
        (date(2025, 7, 20), date(2025, 7, 10), 0),
    ],
)
def test_days_of_a_month_are_paid(starts_on: date | None, ends_on: date | None, krw: int) -> None:
    assert monthly_krw(90_000_000, 2025, 7, starts_on, ends_on) == krw


def test_february_has_its_own_days() -> None:
    assert days_worked(date(2028, 2, 1), date(2028, 2, 15)).of == 29
    assert monthly_krw(90_000_000, 2026, 2, date(2026, 2, 15)) == 3_750_000


@unhurried
@given(SALARIES, YEARS)
def test_twelve_months_sum_to_the_year(salary: int, year: int) -> None:
    assert sum(monthly_krw(salary, year, month) for month in range(1, 13)) == salary


@unhurried
@given(SALARIES, YEARS, MONTHS)
def test_any_twelve_months_in_a_row_sum_to_the_year(salary: int, year: int, first: int) -> None:
    months = [(year + (first + ahead - 1) // 12, (first + ahead - 1) % 12 + 1) for ahead in range(12)]
    assert sum(monthly_krw(salary, *month) for month in months) == salary


@unhurried
@given(SALARIES, YEARS, MONTHS, st.data())
def test_complementary_parts_never_exceed_the_month(salary: int, year: int, month: int, data: st.DataObject) -> None:
    last = monthrange(year, month)[1]
    left_on = date(year, month, data.draw(st.integers(min_value=1, max_value=last - 1)))
    whole = monthly_krw(salary, year, month)
    leaver = monthly_krw(salary, year, month, None, left_on)
    joiner = monthly_krw(salary, year, month, left_on + timedelta(days=1))
    assert whole - 1 <= leaver + joiner <= whole


@pytest.mark.parametrize(
    ("year", "month", "holidays", "day"),
    [
        (2025, 7, set(), date(2025, 7, 25)),
        (2025, 10, set(), date(2025, 10, 24)),
        (2026, 1, set(), date(2026, 1, 23)),
        (2025, 12, {date(2025, 12, 25)}, date(2025, 12, 24)),
        (2026, 5, {date(2026, 5, 25)}, date(2026, 5, 22)),
        (2026, 9, {date(2026, 9, 24), date(2026, 9, 25)}, date(2026, 9, 23)),
    ],
)
def test_pay_day_is_the_working_day_before(year: int, month: int, holidays: set[date], day: date) -> None:
    assert pay_day(year, month, holidays) == day


@unhurried
@given(YEARS, MONTHS, st.sets(st.integers(min_value=2, max_value=25)))
def test_pay_day_is_the_last_working_day_up_to_the_25th(year: int, month: int, off: set[int]) -> None:
    holidays = {date(year, month, day) for day in off}
    paid_on = pay_day(year, month, holidays)
    skipped = [paid_on + timedelta(days=ahead) for ahead in range(1, (date(year, month, 25) - paid_on).days + 1)]
    assert paid_on.weekday() < 5
    assert paid_on not in holidays
    assert all(day.weekday() >= 5 or day in holidays for day in skipped)
