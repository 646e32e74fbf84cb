"""Retirement income tax, against computations by hand from the statute."""

from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from funding.payroll.retirement import RetirementRates, rates_in, retirement_tax, years_of_service

TEXT = (Path(settings.BASE_DIR) / "funding" / "data" / "retirement-tax.toml").read_text()
RATES = rates_in(TEXT, date(2026, 11, 30))


@pytest.mark.parametrize(
    ("pay", "years", "steps"),
    [
        # one year: 1,000,000 off; 6,500,000 x 12 = 78,000,000; 45,200,000 + 55 % of 8,000,000 off; 28,400,000 at 15 %
        (7_500_000, 1, (1_000_000, 78_000_000, 49_600_000, 28_400_000, 250_000, 25_000)),
        # three years: 3,000,000 off; 19,500,000 x 12 / 3 = 78,000,000; 3,000,000 a year of tax, x 3 / 12
        (22_500_000, 3, (3_000_000, 78_000_000, 49_600_000, 28_400_000, 750_000, 75_000)),
        # five years and a begun sixth: 5,000,000 + 2,000,000 off; 33,000,000 x 12 / 6 = 66,000,000; 6 % of 14,000,000 +
        # 15 % of 9,200,000 = 2,220,000; x 6 / 12
        (40_000_000, 6, (7_000_000, 66_000_000, 42_800_000, 23_200_000, 1_110_000, 111_000)),
        # little: all of it is deducted
        (1_500_000, 1, (1_000_000, 6_000_000, 6_000_000, 0, 0, 0)),
        (900_000, 1, (900_000, 0, 0, 0, 0, 0)),
        (0, 1, (0, 0, 0, 0, 0, 0)),
    ],
)
def test_each_step_is_that_of_the_statute(pay: int, years: int, steps: tuple[int, ...]) -> None:
    found = retirement_tax(pay, years, RATES)
    named = (found.service_krw, found.converted_krw, found.deducted_krw, found.taxable_krw)
    assert (*named, found.income_tax_krw, found.local_tax_krw) == steps
    assert found.tax_krw == steps[-1] + steps[-2]


@pytest.mark.parametrize(
    ("starts", "ends", "years"),
    [
        (date(2025, 11, 1), date(2026, 10, 31), 1),
        (date(2025, 11, 1), date(2026, 11, 1), 2),
        (date(2025, 11, 15), date(2026, 11, 14), 1),
        (date(2025, 11, 1), date(2028, 10, 31), 3),
        (date(2026, 1, 1), date(2026, 3, 1), 1),
    ],
)
def test_a_begun_year_counts_as_a_whole_one(starts: date, ends: date, years: int) -> None:
    assert years_of_service(starts, ends) == years


@given(st.integers(0, 10**10), st.integers(0, 10**7), st.integers(1, 30))
def test_more_severance_is_never_taxed_less_and_never_all_of_it(pay: int, more: int, years: int) -> None:
    less, great = retirement_tax(pay, years, RATES), retirement_tax(pay + more, years, RATES)
    assert 0 <= less.tax_krw <= great.tax_krw <= max(0, pay + more) // 2
    assert great.tax_krw - less.tax_krw <= more // 2 + 20


def test_every_row_goes_on_where_the_one_before_ends() -> None:
    for rows, rate, whole in (
        (RATES.service, "a_year", 1),
        (RATES.converted, "percent", 100),
        (RATES.bracket, "percent", 100),
    ):
        for row, later in pairwise(rows):
            assert row["base"] + (later["over"] - row["over"]) * row[rate] // whole == later["base"]


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(LookupError):
        rates_in(TEXT, date(2022, 12, 31))
    for pay, years in ((-1, 1), (1, 0)):
        with pytest.raises(ValueError, match="never"):
            retirement_tax(pay, years, RATES)
    assert isinstance(RATES, RetirementRates)
