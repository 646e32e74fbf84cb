"""Retirement income tax on severance that is paid to the person herself. Pure; the rates are data.

Source: Income Tax Act, article 48 (deductions by service and by converted pay), article 55 (2) (computation). Service
counts in years, a begun year as a whole one. Tax is rounded down to 10 won (Treasury Funds Management Act, article 47).
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

MONTHS: Final = 12
UNIT: Final = 10

Row = Mapping[str, int]


@dataclass(frozen=True)
class RetirementRates:
    """The rows in force from a day on, lowest first, and where they come from."""

    from_on: date
    source: str
    local_percent: int
    service: Sequence[Row]
    converted: Sequence[Row]
    bracket: Sequence[Row]


@dataclass(frozen=True)
class RetirementTax:
    """Each step, in won: pay, years of service, deductions, the year's pay that it comes to, income and local tax."""

    pay_krw: int
    years: int
    service_krw: int
    converted_krw: int
    deducted_krw: int
    taxable_krw: int
    income_tax_krw: int
    local_tax_krw: int
    source: str

    @property
    def tax_krw(self) -> int:
        return self.income_tax_krw + self.local_tax_krw


def rates_in(text: str, on: date) -> RetirementRates:
    """The rates of a TOML text that are in force on a day. Refuses with `LookupError` a day before all of them."""
    rows: list[dict[str, Any]] = [row for row in tomllib.loads(text)["table"] if row["from"] <= on]
    if not rows:
        raise LookupError(f"no rates of retirement income tax are in force on {on}")
    row = max(rows, key=lambda each: each["from"])
    parts = {
        name: tuple(sorted(row[name], key=lambda each: each["over"])) for name in ("service", "converted", "bracket")
    }
    return RetirementRates(row["from"], row["source"], row["local_percent"], **parts)


def years_of_service(starts_on: date, ends_on: date) -> int:
    """Years from the first day to the last, both included; a begun year counts as a whole one."""
    months = (ends_on.year - starts_on.year) * MONTHS + ends_on.month - starts_on.month + (ends_on.day >= starts_on.day)
    return max(1, -(-months // MONTHS))


def retirement_tax(pay_krw: int, years: int, rates: RetirementRates) -> RetirementTax:
    """What is withheld from `pay_krw` of severance for so many years of service."""
    if pay_krw < 0 or years < 1:
        raise ValueError("severance is never below 0, and service never under a year")
    service = min(pay_krw, _of(rates.service, years, "a_year", 1))
    converted = (pay_krw - service) * MONTHS // years
    deducted = _of(rates.converted, converted, "percent", 100)
    taxable = converted - deducted
    income_tax = _of(rates.bracket, taxable, "percent", 100) * years // MONTHS // UNIT * UNIT
    local_tax = income_tax * rates.local_percent // 100 // UNIT * UNIT
    return RetirementTax(pay_krw, years, service, converted, deducted, taxable, income_tax, local_tax, rates.source)


def _of(rows: Sequence[Row], amount: int, rate: str, whole: int) -> int:
    """By the row that `amount` reaches: its base, and its rate of what lies over; rounded down to 1 won."""
    row = next((row for row in reversed(rows) if amount > row["over"]), rows[0])
    return row["base"] + max(0, amount - row["over"]) * row[rate] // whole
