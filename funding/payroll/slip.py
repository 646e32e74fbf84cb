"""One person's month: a case and the rate tables in, a slip out, with every line's base, rate, rounding and table.

The rates of a month are those in force on its first day. Who joins after the first day of a month owes pension, health
and long-term care contributions from the next month on, and in full for the month of leaving (National Pension Act,
article 17; National Health Insurance Act, article 69 (2)).
"""

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Any, Final, Self

from funding.payroll.insurance import Bases, Insured, contributions
from funding.payroll.items import Item, percent_words
from funding.payroll.prorate import Days, days_worked, monthly_krw, whole_month_krw
from funding.payroll.reading import Count, Malformed, Percent, SignedWon, Won, plain, read
from funding.payroll.tables import NotCovered, Relief, Tables, relief_in_force
from funding.payroll.tax import ALL_WAYS, FLAT, ORDINARY, TREATY, WAYS, TaxBase, withheld
from funding.payroll.words import (
    AS_GIVEN,
    BY_DAYS,
    DEDUCTION,
    EARNING,
    EMPLOYER,
    ESTIMATED,
    JOINED_LATER,
    NO_RELIEF_WITH_FLAT,
    NOT_PAID,
    ONE_PERSON_TABLE,
    ROUNDINGS,
    TREATY_ON_FILE,
    TWELFTH,
    rule,
)

__all__ = ["Adjustment", "Away", "BadCase", "Case", "Comparison", "Insured", "Item", "ReliefClaim", "Slip", "compute"]

MONTH_WORDS: Final = re.compile(r"[12]\d{3}-(0[1-9]|1[0-2])", re.ASCII)
WHOLE: Final = 100
ADJUSTMENT_SIGNS: Final = {"arrears": (1,), "correction": (1, -1), "recovery": (-1,)}


FULLY_INSURED: Final = Insured()


class BadCase(Malformed):
    """A case that cannot be computed; `problems` holds one sentence for each thing that is wrong."""


@dataclass(frozen=True, kw_only=True)
class Adjustment:
    """A line of its own beside the salary: arrears (positive), a recovery (negative) or a correction (either)."""

    code: str
    amount_krw: SignedWon


@dataclass(frozen=True, kw_only=True)
class Away:
    """Calendar days of the month on which `unpaid_percent` of the salary is not paid: leave, or reduced time."""

    days: Count
    unpaid_percent: Percent


@dataclass(frozen=True, kw_only=True)
class ReliefClaim:
    """A relief from income tax that was granted on evidence, counted from the day it began."""

    code: str
    since: date


@dataclass(frozen=True, kw_only=True)
class Case:
    """All that a month's slip depends on, beside the rate tables.

    `month` is YYYY-MM. `starts_on` and `ends_on` are the first and last day of employment. `tax_way` is ordinary, or
    flat or treaty for foreign workers only. `declared_base_krw` is the monthly base declared to the insurers where it
    is not a twelfth of the salary.
    """

    month: str
    salary_krw_a_year: Won
    starts_on: date
    ends_on: date | None = None
    family_size: Count = 1
    tax_way: str = ORDINARY
    is_foreign_worker: bool = False
    reliefs: tuple[ReliefClaim, ...] = ()
    insured: Insured = FULLY_INSURED
    adjustments: tuple[Adjustment, ...] = ()
    away: tuple[Away, ...] = ()
    declared_base_krw: Won | None = None

    @classmethod
    def from_dict(cls, data: object) -> Self:
        """A case of plain data. Refuses with `BadCase` what is malformed or contradicts itself."""
        try:
            case = read(cls, data)
        except Malformed as malformed:
            raise BadCase(malformed.problems) from malformed
        problems = list(_contradictions(case))
        if problems:
            raise BadCase(problems)
        return case

    @property
    def first_day(self) -> date:
        return date.fromisoformat(f"{self.month}-01")

    @property
    def one_off_krw(self) -> int:
        """What is paid or kept once: it is not multiplied by twelve for the tax."""
        return sum(one.amount_krw for one in self.adjustments) - sum(self.unpaid_krw(one) for one in self.away)

    def unpaid_krw(self, away: Away) -> int:
        """What days away take from the month's salary, rounded down to 1 won."""
        day = self.first_day
        month = whole_month_krw(self.salary_krw_a_year, day.month)
        return int(month * away.days // days_worked(day).of * Fraction(away.unpaid_percent) / WHOLE)


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What one tax way would withhold and leave; amounts are None and `why_not` says why where no table covers it."""

    way: str
    income_tax_krw: int | None = None
    local_income_tax_krw: int | None = None
    net_krw: int | None = None
    why_not: str = ""


@dataclass(frozen=True, kw_only=True)
class Slip:
    """One month's slip: gross = deductions + net, and the employer's charges beside. `notes` are message ids.

    `compare` holds both tax ways for a foreign worker, and nothing for anybody else.
    """

    month: str
    days: Days
    tax_way: str
    gross_krw: int
    deductions_krw: int
    net_krw: int
    employer_krw: int
    items: tuple[Item, ...]
    notes: tuple[str, ...]
    compare: tuple[Comparison, ...]
    table_version: str

    def as_dict(self) -> dict[str, Any]:
        """The slip as plain JSON data, in the format that `python -m funding.payroll` documents."""
        written = asdict(self)
        for item, line in zip(self.items, written["items"], strict=True):
            line["label_key"] = item.label_key
            line["table_from"] = item.table_from.isoformat() if item.table_from else None
        return written


def compute(case: Case, tables: Tables) -> Slip:
    """The slip of `case` by `tables`. Changes nothing.

    Refuses with `BadCase` what is malformed, contradicts itself or would leave less than nothing to pay, and with
    `NotCovered` what no table covers.
    """
    case = Case.from_dict(plain(case))
    days = days_worked(case.first_day, case.starts_on, case.ends_on)
    earnings = _earnings(case, days)
    gross = sum(item.amount_krw for item in earnings)
    if gross < 0:
        raise BadCase([f"What is recovered exceeds the month's pay by {-gross:,} won; recover it over several months."])
    insurance = contributions(_insured(case, days), _bases(case, gross), tables, case.first_day)
    base = _tax_base(case, tables, earnings, insurance)
    taxes = withheld(case.tax_way, base, tables, case.first_day)
    items = _in_order([*earnings, *insurance, *taxes])
    deductions = _sum(items, DEDUCTION)
    if deductions > gross:
        raise BadCase([f"The deductions of {deductions:,} won exceed the month's pay of {gross:,} won."])
    left = gross - _sum(insurance, DEDUCTION)
    return Slip(
        month=case.month,
        days=days,
        tax_way=case.tax_way,
        gross_krw=gross,
        deductions_krw=deductions,
        net_krw=gross - deductions,
        employer_krw=_sum(items, EMPLOYER),
        items=items,
        notes=tuple(_notes(case, days, insurance)),
        compare=_comparison(case.tax_way, base, left, tables, case.first_day) if case.is_foreign_worker else (),
        table_version=tables.version,
    )


def _contradictions(case: Case) -> Iterable[str]:
    if not MONTH_WORDS.fullmatch(case.month):
        yield f"month must be a month such as 2025-07, not {case.month!r}."
    elif not days_worked(case.first_day, case.starts_on, case.ends_on).worked and not case.adjustments:
        yield f"No day of {case.month} lies between starts_on and ends_on, and no adjustment is given."
    if case.salary_krw_a_year == 0:
        yield "salary_krw_a_year must be more than nothing."
    if case.ends_on and case.ends_on < case.starts_on:
        yield "ends_on must not lie before starts_on."
    if case.tax_way not in ALL_WAYS:
        yield f"tax_way must be one of {', '.join(ALL_WAYS)}, not {case.tax_way!r}."
    if case.tax_way in {FLAT, TREATY} and not case.is_foreign_worker:
        yield f"tax_way {case.tax_way} is open to foreign workers only, and is_foreign_worker is false."
    if len(case.reliefs) > 1:
        yield "reliefs must hold one relief at most: one income has one relief."
    if MONTH_WORDS.fullmatch(case.month):
        of = days_worked(case.first_day).of
        if any(one.days > of or one.unpaid_percent > WHOLE for one in case.away):
            yield f"away must hold at most {of} days and 100 percent."
    for number, one in enumerate(case.adjustments, start=1):
        yield from _wrong_adjustment(f"adjustments[{number}]", one)


def _wrong_adjustment(where: str, one: Adjustment) -> Iterable[str]:
    signs = ADJUSTMENT_SIGNS.get(one.code)
    if signs is None:
        yield f"{where}.code must be one of {', '.join(ADJUSTMENT_SIGNS)}, not {one.code!r}."
    elif one.amount_krw == 0:
        yield f"{where}.amount_krw must not be 0."
    elif (1 if one.amount_krw > 0 else -1) not in signs:
        yield f"{where}.amount_krw must be {'above' if 1 in signs else 'below'} 0 for {one.code}."


def _earnings(case: Case, days: Days) -> list[Item]:
    salary = [_salary(case, days)] if days.worked else []
    away = [_away(case, days, one) for one in case.away]
    return [*salary, *away] + [
        Item(code=one.code, kind=EARNING, base_krw=None, rate="", amount_krw=one.amount_krw, rule=AS_GIVEN)
        for one in case.adjustments
    ]


def _away(case: Case, days: Days, one: Away) -> Item:
    share = "" if one.unpaid_percent == WHOLE else f" × {percent_words(one.unpaid_percent)}"
    return Item(
        code="leave",
        kind=EARNING,
        base_krw=whole_month_krw(case.salary_krw_a_year, case.first_day.month),
        rate=f"{one.days}/{days.of}{share}",
        amount_krw=-case.unpaid_krw(one),
        rule=rule(BY_DAYS, NOT_PAID, ROUNDINGS[1]),
    )


def _salary(case: Case, days: Days) -> Item:
    day = case.first_day
    amount = monthly_krw(case.salary_krw_a_year, day.year, day.month, case.starts_on, case.ends_on)
    whole = days.is_whole
    return Item(
        code="salary",
        kind=EARNING,
        base_krw=case.salary_krw_a_year if whole else whole_month_krw(case.salary_krw_a_year, day.month),
        rate="1/12" if whole else f"{days.worked}/{days.of}",
        amount_krw=amount,
        rule=rule(TWELFTH if whole else BY_DAYS, ROUNDINGS[1]),
    )


def _joined_later(case: Case, days: Days) -> bool:
    """Joined inside the month, after its first day."""
    return bool(days.worked) and case.starts_on > case.first_day


def _insured(case: Case, days: Days) -> Insured:
    if _joined_later(case, days) or not days.worked:
        return replace(case.insured, pension=False, health=False, care=False)
    return case.insured


def _bases(case: Case, gross_krw: int) -> Bases:
    twelfth = whole_month_krw(case.salary_krw_a_year, 1)
    declared = twelfth if case.declared_base_krw is None else case.declared_base_krw
    return Bases(declared_krw=declared, paid_krw=gross_krw)


def _tax_base(case: Case, tables: Tables, earnings: list[Item], insurance: list[Item]) -> TaxBase:
    return TaxBase(
        salary_krw=sum(item.amount_krw for item in earnings) - case.one_off_krw,
        one_off_krw=case.one_off_krw,
        pension_krw=sum(item.amount_krw for item in insurance if item.code == "pension"),
        family_size=case.family_size,
        relief=_relief(case, tables),
    )


def _relief(case: Case, tables: Tables) -> Relief | None:
    for claim in case.reliefs:
        relief = relief_in_force(tables, claim.code, case.first_day)
        if (claim.since.year, claim.since.month) > (case.first_day.year, case.first_day.month):
            raise BadCase([f"The relief {claim.code!r} begins only on {claim.since.isoformat()}."])
        if (claim.since.year + relief.years, claim.since.month) < (case.first_day.year, case.first_day.month):
            raise BadCase([f"The relief {claim.code!r} of {claim.since.isoformat()} ended after {relief.years} years."])
        return relief
    return None


def _comparison(chosen: str, base: TaxBase, left_krw: int, tables: Tables, on: date) -> tuple[Comparison, ...]:
    ways = ALL_WAYS if chosen == TREATY else WAYS
    return tuple(_one_way(way, base, left_krw, tables, on) for way in ways)


def _one_way(way: str, base: TaxBase, left_krw: int, tables: Tables, on: date) -> Comparison:
    try:
        income, local = withheld(way, base, tables, on)
    except NotCovered as refusal:
        return Comparison(way=way, why_not=str(refusal))
    return Comparison(
        way=way,
        income_tax_krw=income.amount_krw,
        local_income_tax_krw=local.amount_krw,
        net_krw=left_krw - income.amount_krw - local.amount_krw,
    )


def _notes(case: Case, days: Days, insurance: list[Item]) -> Iterable[str]:
    if insurance:
        yield ESTIMATED
    if _joined_later(case, days):
        yield JOINED_LATER
    if case.tax_way == ORDINARY and case.family_size > 1:
        yield ONE_PERSON_TABLE
    if case.tax_way == TREATY:
        yield TREATY_ON_FILE
    if case.tax_way == FLAT and case.reliefs:
        yield NO_RELIEF_WITH_FLAT


def _in_order(items: list[Item]) -> tuple[Item, ...]:
    """Earnings, then deductions, then the employer's charges, each in the order computed."""
    return tuple(item for kind in (EARNING, DEDUCTION, EMPLOYER) for item in items if item.kind == kind)


def _sum(items: Iterable[Item], kind: str) -> int:
    return sum(item.amount_krw for item in items if item.kind == kind)
