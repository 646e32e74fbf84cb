"""One line of a slip, and the exact arithmetic that every line uses."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from funding.payroll.reading import exact
from funding.payroll.words import LABELS


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step inside a line's computation, in whole won."""

    code: str
    label_key: str
    amount_krw: int


@dataclass(frozen=True, kw_only=True)
class Item:
    """One line: `amount_krw` is `rate` of `base_krw` by `rule`, the rate from `table` as of `table_from`.

    `kind` is earning, deduction or employer. `rate` is exact text (`4.5 %`, `17/31`, or a formula), never rounded.
    `rule` is one or more message ids joined by `words.CLAUSE_JOINT`.
    """

    code: str
    kind: str
    base_krw: int | None
    rate: str
    amount_krw: int
    rule: str
    table: str = ""
    table_from: date | None = None
    steps: tuple[Step, ...] = ()

    @property
    def label_key(self) -> str:
        """The line's words as a message id."""
        return LABELS[self.code]


def part(base_krw: int, percent: Decimal) -> Fraction:
    """`percent` of `base_krw`, exactly."""
    return base_krw * Fraction(percent) / 100


def down(amount: Fraction | int, unit: int) -> int:
    """`amount` rounded down to a whole multiple of `unit` won."""
    return int(amount // unit) * unit


def percent_words(percent: Decimal) -> str:
    return f"{exact(percent)} %"
