"""Dated rate tables: which rate is in force on a date, and which version of the tables said so."""

import hashlib
import json
import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from decimal import Decimal
from functools import cached_property
from itertools import pairwise
from typing import Any, Final, Protocol, Self, TypeVar

from funding.payroll.reading import Count, Malformed, Percent, Won, plain, read

ROUNDING_WORDS: Final = re.compile(r"down to (1|10|100|1,000) won")
NOTHING: Final = Decimal(0)
LESS_OVER_KRW: Final = 30_000_000  # the threshold that the key `less_rate_over_30m` names


class NotCovered(LookupError):
    """No table says what to do: `what` is missing, on the date `on` if it is a matter of dates."""

    def __init__(self, what: str, on: date | None, words: str) -> None:
        self.what = what
        self.on = on
        super().__init__(words)


class BadTables(Malformed):
    """Tables that cannot be used; `problems` holds one sentence for each thing that is wrong."""


class Dated(Protocol):
    @property
    def from_on(self) -> date | None: ...
    @property
    def until_on(self) -> date | None: ...


Row = TypeVar("Row", bound=Dated)


@dataclass(frozen=True, kw_only=True)
class Period:
    """What every table has: the days it is in force (both included, open where absent) and how sure its source is."""

    from_on: date | None = field(default=None, metadata={"key": "from"})
    until_on: date | None = field(default=None, metadata={"key": "until"})
    sure: str = ""


@dataclass(frozen=True, kw_only=True)
class Rounding:
    contributions: str
    taxes: str
    pension_base: str

    def unit(self, what: str) -> int:
        """The won to which `what` (contributions, taxes, pension_base) is rounded down."""
        return int(getattr(self, what).split()[2].replace(",", ""))


@dataclass(frozen=True, kw_only=True)
class NationalPension(Period):
    employee: Percent
    employer: Percent
    floor_krw: Won
    ceiling_krw: Won


@dataclass(frozen=True, kw_only=True)
class HealthInsurance(Period):
    employee: Percent
    employer: Percent


@dataclass(frozen=True, kw_only=True)
class LongTermCare(Period):
    of_health: Percent


@dataclass(frozen=True, kw_only=True)
class EmploymentInsurance(Period):
    employee: Percent
    employer: Percent
    employer_stabilisation: Percent


@dataclass(frozen=True, kw_only=True)
class IndustrialAccident(Period):
    employer: Percent


@dataclass(frozen=True, kw_only=True)
class Severance(Period):
    accrues: str


@dataclass(frozen=True, kw_only=True)
class DeductionBand:
    """On pay above `over`: `base` and `rate` of what lies above."""

    over: Won
    base: Won
    rate: Percent


@dataclass(frozen=True, kw_only=True)
class SpecialDeduction:
    """On a yearly pay of at most `up_to`: `base` and `rate` of the pay, less a rate of what exceeds 30 million."""

    up_to: Won
    base: Won
    rate: Percent
    less_rate_over_30m: Percent = NOTHING


@dataclass(frozen=True, kw_only=True)
class Bracket:
    over: Won
    rate: Percent
    less_krw: Won


@dataclass(frozen=True, kw_only=True)
class CreditLimit:
    """On a yearly pay of at most `up_to`: `limit_krw` less a rate of what exceeds `over`, at least `at_least_krw`."""

    up_to: Won
    limit_krw: Won
    less_rate: Percent = NOTHING
    over: Won = 0
    at_least_krw: Won = 0


@dataclass(frozen=True, kw_only=True)
class Credit:
    share_low: Percent
    share_high: Percent
    tax_split_krw: Won
    limit: tuple[CreditLimit, ...]


@dataclass(frozen=True, kw_only=True)
class IncomeTax(Period):
    """The statutory monthly withholding. `deducts_pension`: a year of pension contributions is deducted as well."""

    personal_deduction_krw_a_person: Won
    earned_income_deduction: tuple[DeductionBand, ...]
    special_deduction: tuple[SpecialDeduction, ...]
    bracket: tuple[Bracket, ...]
    credit: Credit
    deducts_pension: bool = False


@dataclass(frozen=True, kw_only=True)
class LocalIncomeTax(Period):
    of_income_tax: Percent


@dataclass(frozen=True, kw_only=True)
class FlatRate(Period):
    rate: Percent


@dataclass(frozen=True, kw_only=True)
class Relief(Period):
    """A share of the income tax that `code` takes off for `years` years from the day it began."""

    code: str
    share: Percent
    years: Count


@dataclass(frozen=True, kw_only=True)
class Tables:
    """A set of tables, made by `from_toml` or `from_dict`. Keep `data` in a row and `version` beside what used it."""

    rounding: Rounding
    national_pension: tuple[NationalPension, ...]
    health_insurance: tuple[HealthInsurance, ...]
    long_term_care: tuple[LongTermCare, ...]
    employment_insurance: tuple[EmploymentInsurance, ...]
    industrial_accident: tuple[IndustrialAccident, ...]
    severance: tuple[Severance, ...]
    income_tax: tuple[IncomeTax, ...]
    local_income_tax: tuple[LocalIncomeTax, ...]
    flat_rate_election: tuple[FlatRate, ...]
    relief: tuple[Relief, ...]

    @classmethod
    def from_toml(cls, text: str) -> Self:
        """Tables of a TOML text. Refuses with `BadTables`."""
        try:
            raw = tomllib.loads(text, parse_float=Decimal)
        except (ValueError, RecursionError) as error:
            raise BadTables([f"The tables are not TOML: {error}."]) from error
        return cls.from_dict(raw)

    @classmethod
    def from_dict(cls, data: object) -> Self:
        """Tables of plain data of the same shape: rates as text, whole numbers or `Decimal`, days as ISO text.

        Refuses with `BadTables`, floats included.
        """
        try:
            tables = read(cls, data)
        except Malformed as malformed:
            raise BadTables(malformed.problems) from malformed
        problems = list(_problems(tables))
        if problems:
            raise BadTables(problems)
        return tables

    @cached_property
    def data(self) -> dict[str, Any]:
        """The set as plain JSON data without a float; `from_dict` reads it back to the same version."""
        written: dict[str, Any] = plain(self)
        return written

    @cached_property
    def version(self) -> str:
        """SHA-256 of the canonical JSON of `data`, in hexadecimal."""
        canonical = json.dumps(self.data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()


def in_force(rows: Iterable[Row], on: date, what: str) -> Row:
    """The one row in force on `on`; refuses with `NotCovered` when there is none."""
    for row in rows:
        if (row.from_on or date.min) <= on <= (row.until_on or date.max):
            return row
    raise NotCovered(what, on, f"No table of {what} covers {on.isoformat()}.")


def relief_in_force(tables: Tables, code: str, on: date) -> Relief:
    """The relief of that code in force on `on`; refuses with `NotCovered`."""
    return in_force((row for row in tables.relief if row.code == code), on, f"relief {code!r}")


def _problems(tables: Tables) -> Iterable[str]:
    """What reading cannot see: roundings, periods that overlap, bands out of order."""
    for what in ("contributions", "taxes", "pension_base"):
        if not ROUNDING_WORDS.fullmatch(getattr(tables.rounding, what)):
            yield f'rounding.{what} must read "down to 1 won", 10, 100 or 1,000.'
    for name in (one.name for one in fields(tables) if one.name not in {"rounding", "relief"}):
        yield from _overlaps(name, getattr(tables, name))
    for code in sorted({row.code for row in tables.relief}):
        yield from _overlaps(f"relief {code!r}", [row for row in tables.relief if row.code == code])
    for row in tables.national_pension:
        if row.floor_krw > row.ceiling_krw:
            yield "national_pension has a floor above its ceiling."
    for tax in tables.income_tax:
        yield from _unordered(tax)


def _overlaps(name: str, rows: Sequence[Dated]) -> Iterable[str]:
    for row in rows:
        if (row.from_on or date.min) > (row.until_on or date.max):
            yield f"{name} has a table that ends before it begins."
    ordered = sorted(rows, key=lambda row: row.from_on or date.min)
    for earlier, later in pairwise(ordered):
        if (earlier.until_on or date.max) >= (later.from_on or date.min):
            yield f"{name} has two tables for {later.from_on or later.until_on or 'any day'}."


def _unordered(tax: IncomeTax) -> Iterable[str]:
    lower = {
        "earned_income_deduction": [row.over for row in tax.earned_income_deduction],
        "bracket": [row.over for row in tax.bracket],
    }
    upper = {
        "special_deduction": [row.up_to for row in tax.special_deduction],
        "credit.limit": [row.up_to for row in tax.credit.limit],
    }
    for name, edges in {**lower, **upper}.items():
        if not edges or any(left >= right for left, right in pairwise(edges)):
            yield f"income_tax.{name} must rise from row to row and have at least one."
    for name, edges in lower.items():
        if edges and edges[0] != 0:
            yield f"income_tax.{name} must begin at 0."
