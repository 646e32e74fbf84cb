"""The four insurances: the employee's deductions and the employer's charges of one month.

Pension, health and long-term care follow the declared monthly base; employment and industrial accident what is paid.
Long-term care is a share of the health contribution as charged, so it is never due without health insurance.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from funding.payroll.items import Item, down, part, percent_words
from funding.payroll.tables import Period, Tables, in_force
from funding.payroll.words import BASE_ROUNDINGS, CLAMPED, DEDUCTION, EMPLOYER, OF_HEALTH, ROUNDINGS, rule


@dataclass(frozen=True, kw_only=True)
class Insured:
    """Which insurances a person is in. A foreign worker may be outside some, by treaty or by choice."""

    pension: bool = True
    health: bool = True
    care: bool = True
    employment: bool = True
    accident: bool = True


@dataclass(frozen=True, kw_only=True)
class Bases:
    """The declared monthly base and what is paid this month, in won."""

    declared_krw: int
    paid_krw: int


@dataclass(frozen=True)
class _Line:
    """What the lines of one insurance share: their base, table and rule."""

    table: str
    row: Period
    base_krw: int
    unit: int
    clauses: tuple[str, ...] = ()

    def item(self, code: str, kind: str, percent: Decimal) -> Item:
        return Item(
            code=code,
            kind=kind,
            base_krw=self.base_krw,
            rate=percent_words(percent),
            amount_krw=down(part(self.base_krw, percent), self.unit),
            rule=rule(*self.clauses, ROUNDINGS[self.unit]),
            table=self.table,
            table_from=self.row.from_on,
        )


def contributions(insured: Insured, bases: Bases, tables: Tables, on: date) -> list[Item]:
    """Every contribution of the month by the tables in force on `on`. Refuses with `NotCovered` where one is absent."""
    items: list[Item] = []
    if insured.pension:
        items += _pension(bases, tables, on)
    if insured.health:
        health = _health(bases, tables, on)
        items += health
        if insured.care:
            items += _care(health, tables, on)
    if insured.employment:
        items += _employment(bases, tables, on)
    if insured.accident:
        items += _accident(bases, tables, on)
    return items


def _pension(bases: Bases, tables: Tables, on: date) -> list[Item]:
    row = in_force(tables.national_pension, on, "national pension")
    base_unit = tables.rounding.unit("pension_base")
    base = min(max(down(bases.declared_krw, base_unit), row.floor_krw), row.ceiling_krw)
    clauses = (BASE_ROUNDINGS[base_unit], CLAMPED)
    line = _Line("national_pension", row, base, tables.rounding.unit("contributions"), clauses)
    return [
        line.item("pension", DEDUCTION, row.employee),
        line.item("employer_pension", EMPLOYER, row.employer),
    ]


def _health(bases: Bases, tables: Tables, on: date) -> list[Item]:
    row = in_force(tables.health_insurance, on, "health insurance")
    line = _Line("health_insurance", row, bases.declared_krw, tables.rounding.unit("contributions"))
    return [
        line.item("health", DEDUCTION, row.employee),
        line.item("employer_health", EMPLOYER, row.employer),
    ]


def _care(health: list[Item], tables: Tables, on: date) -> list[Item]:
    row = in_force(tables.long_term_care, on, "long-term care insurance")
    unit = tables.rounding.unit("contributions")
    employee, employer = (_Line("long_term_care", row, item.amount_krw, unit, (OF_HEALTH,)) for item in health)
    return [
        employee.item("care", DEDUCTION, row.of_health),
        employer.item("employer_care", EMPLOYER, row.of_health),
    ]


def _employment(bases: Bases, tables: Tables, on: date) -> list[Item]:
    row = in_force(tables.employment_insurance, on, "employment insurance")
    line = _Line("employment_insurance", row, bases.paid_krw, tables.rounding.unit("contributions"))
    return [
        line.item("employment", DEDUCTION, row.employee),
        line.item("employer_employment", EMPLOYER, row.employer),
        line.item("employer_stabilisation", EMPLOYER, row.employer_stabilisation),
    ]


def _accident(bases: Bases, tables: Tables, on: date) -> list[Item]:
    row = in_force(tables.industrial_accident, on, "industrial accident insurance")
    line = _Line("industrial_accident", row, bases.paid_krw, tables.rounding.unit("contributions"))
    return [line.item("employer_accident", EMPLOYER, row.employer)]
