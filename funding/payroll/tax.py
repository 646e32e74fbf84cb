"""Withholding of one month: the statutory method, the flat rate that foreign workers may elect, and local income tax.

Statutory method (Income Tax Act, articles 47, 55 and 59, and the computation of its decree's simplified table): twelve
times the month's salary, less earned income deduction, personal and special deduction, by brackets, less credit,
divided by twelve.
Pay that comes once is not multiplied by twelve: it is taxed by what it adds to that year's tax.
Every step is rounded down to 1 won, the month's tax as the table set says.
"""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Final, TypeVar

from funding.payroll.items import Item, Step, down, part, percent_words
from funding.payroll.reading import exact
from funding.payroll.tables import (
    LESS_OVER_KRW,
    Bracket,
    Credit,
    CreditLimit,
    IncomeTax,
    NotCovered,
    Relief,
    SpecialDeduction,
    Tables,
    in_force,
)
from funding.payroll.words import (
    BY_BRACKETS,
    DEDUCTION,
    EXEMPT_BY_TREATY,
    FLAT_RATE,
    NOT_NEGATIVE,
    OF_INCOME_TAX,
    ONCE_ADDED,
    ROUNDINGS,
    STEPS,
    WITH_RELIEF,
    rule,
)

ORDINARY: Final = "ordinary"
FLAT: Final = "flat"
TREATY: Final = "treaty"
# what a person may choose between; the treaty is granted to her on paper
WAYS: Final = (ORDINARY, FLAT)
ALL_WAYS: Final = (*WAYS, TREATY)
MONTHS: Final = 12

Reaching = TypeVar("Reaching", SpecialDeduction, CreditLimit)


@dataclass(frozen=True, kw_only=True)
class TaxBase:
    """What a month's tax depends on. Pay that comes once may have either sign."""

    salary_krw: int
    one_off_krw: int
    pension_krw: int
    family_size: int
    relief: Relief | None


@dataclass(frozen=True, kw_only=True)
class YearTax:
    """A year's tax, step by step, in whole won."""

    pay: int
    earned_income_deduction: int
    personal_deduction: int
    special_deduction: int
    pension_deduction: int
    taxable: int
    bracket: Bracket
    computed_tax: int
    credit: int

    @property
    def tax(self) -> int:
        return self.computed_tax - self.credit


def withheld(way: str, base: TaxBase, tables: Tables, on: date) -> list[Item]:
    """Income tax and local income tax of the month by `way` (ordinary, flat, treaty). Refuses with `NotCovered`."""
    if way == TREATY:
        return [_exempt(code) for code in ("income_tax", "local_income_tax")]
    income_tax = _flat(base, tables, on) if way == FLAT else _ordinary(base, tables, on)
    return [income_tax, _local(income_tax.amount_krw, tables, on)]


def _exempt(code: str) -> Item:
    """Nothing is withheld: a tax treaty's article on researchers, granted on evidence."""
    return Item(code=code, kind=DEDUCTION, base_krw=None, rate="", amount_krw=0, rule=EXEMPT_BY_TREATY)


def year_tax(rates: IncomeTax, pay: int, family_size: int, pension_krw: int) -> YearTax:
    """The tax on a yearly `pay`, with a year's pension contributions deducted where the table says so."""
    earned = _earned_income_deduction(rates, pay)
    personal = rates.personal_deduction_krw_a_person * family_size
    special = _special_deduction(rates, pay)
    pension = pension_krw if rates.deducts_pension else 0
    taxable = max(0, pay - earned - personal - special - pension)
    bracket = [row for row in rates.bracket if row.over < taxable or row.over == 0][-1]
    computed = max(0, down(part(taxable, bracket.rate), 1) - bracket.less_krw)
    return YearTax(
        pay=pay,
        earned_income_deduction=earned,
        personal_deduction=personal,
        special_deduction=special,
        pension_deduction=pension,
        taxable=taxable,
        bracket=bracket,
        computed_tax=computed,
        credit=min(computed, _credit(rates.credit, computed, pay)),
    )


def _earned_income_deduction(rates: IncomeTax, pay: int) -> int:
    band = [row for row in rates.earned_income_deduction if row.over < pay or row.over == 0][-1]
    return band.base + down(part(pay - band.over, band.rate), 1)


def _special_deduction(rates: IncomeTax, pay: int) -> int:
    row = _reaching(rates.special_deduction, pay, "special deduction")
    less = part(max(0, pay - LESS_OVER_KRW), row.less_rate_over_30m)
    return max(0, row.base + down(part(pay, row.rate) - less, 1))


def _credit(credit: Credit, computed: int, pay: int) -> int:
    low = part(min(computed, credit.tax_split_krw), credit.share_low)
    high = part(max(0, computed - credit.tax_split_krw), credit.share_high)
    row = _reaching(credit.limit, pay, "credit limit")
    limit = max(Fraction(row.at_least_krw), row.limit_krw - part(max(0, pay - row.over), row.less_rate))
    return down(min(low + high, limit), 1)


def _reaching(rows: tuple[Reaching, ...], pay: int, what: str) -> Reaching:
    for row in rows:
        if pay <= row.up_to:
            return row
    raise NotCovered(what, None, f"The income tax table has no {what} for a yearly pay of {pay:,} won.")


def _ordinary(base: TaxBase, tables: Tables, on: date) -> Item:
    rates = in_force(tables.income_tax, on, "income tax")
    salary_year = base.salary_krw * MONTHS
    pension_year = base.pension_krw * MONTHS
    year = year_tax(rates, salary_year, base.family_size, pension_year)
    one_off_tax = 0
    if base.one_off_krw:
        beside = max(0, salary_year + base.one_off_krw)
        one_off_tax = year_tax(rates, beside, base.family_size, pension_year).tax - year.tax
    kept = 1 - Fraction(base.relief.share if base.relief else 0) / 100
    before_relief = max(Fraction(0), Fraction(year.tax, MONTHS) + one_off_tax)
    unit = tables.rounding.unit("taxes")
    return Item(
        code="income_tax",
        kind=DEDUCTION,
        base_krw=base.salary_krw + base.one_off_krw,
        rate=_formula(year, one_off_tax, kept),
        amount_krw=down(before_relief * kept, unit),
        rule=rule(*_clauses(base, before_relief), ROUNDINGS[unit]),
        table="income_tax",
        table_from=rates.from_on,
        steps=_steps(year, base, one_off_tax, before_relief * (1 - kept)),
    )


def _clauses(base: TaxBase, before_relief: Fraction) -> list[str]:
    once = [ONCE_ADDED] if base.one_off_krw else []
    never = [NOT_NEGATIVE] if base.one_off_krw < 0 and not before_relief else []
    return [BY_BRACKETS, *once, *never, *([WITH_RELIEF] if base.relief else [])]


def _formula(year: YearTax, one_off_tax: int, kept: Fraction) -> str:
    """The month's tax as one exact expression of at most 60 characters, which anybody can compute again."""
    words = "0"
    if year.tax:
        less = f"-{year.bracket.less_krw:,}" if year.bracket.less_krw else ""
        credit = f"-{year.credit:,}" if year.credit else ""
        words = f"({year.taxable:,}×{exact(year.bracket.rate)}%{less}{credit})÷12"
    if one_off_tax:
        words = f"{words}{one_off_tax:+,}"
    if kept == 1:
        return words
    share = f"{kept.numerator}/{kept.denominator}"
    return f"({words})×{share}" if one_off_tax else f"{words}×{share}"


def _steps(year: YearTax, base: TaxBase, one_off_tax: int, relieved: Fraction) -> tuple[Step, ...]:
    amounts = {
        "year_pay": year.pay,
        "earned_income_deduction": year.earned_income_deduction,
        "personal_deduction": year.personal_deduction,
        "special_deduction": year.special_deduction,
        "pension_deduction": year.pension_deduction or None,
        "taxable": year.taxable,
        "computed_tax": year.computed_tax,
        "credit": year.credit,
        "year_tax": year.tax,
        "one_off": base.one_off_krw or None,
        "one_off_tax": one_off_tax if base.one_off_krw else None,
        "relief": down(relieved, 1) if base.relief else None,
    }
    return tuple(
        Step(code=code, label_key=STEPS[code], amount_krw=amount)
        for code, amount in amounts.items()
        if amount is not None
    )


def _flat(base: TaxBase, tables: Tables, on: date) -> Item:
    row = in_force(tables.flat_rate_election, on, "the flat-rate election")
    paid, unit = base.salary_krw + base.one_off_krw, tables.rounding.unit("taxes")
    return Item(
        code="income_tax",
        kind=DEDUCTION,
        base_krw=paid,
        rate=percent_words(row.rate),
        amount_krw=down(part(paid, row.rate), unit),
        rule=rule(FLAT_RATE, ROUNDINGS[unit]),
        table="flat_rate_election",
        table_from=row.from_on,
    )


def _local(income_tax_krw: int, tables: Tables, on: date) -> Item:
    row = in_force(tables.local_income_tax, on, "local income tax")
    unit = tables.rounding.unit("taxes")
    return Item(
        code="local_income_tax",
        kind=DEDUCTION,
        base_krw=income_tax_krw,
        rate=percent_words(row.of_income_tax),
        amount_krw=down(part(income_tax_krw, row.of_income_tax), unit),
        rule=rule(OF_INCOME_TAX, ROUNDINGS[unit]),
        table="local_income_tax",
        table_from=row.from_on,
    )
