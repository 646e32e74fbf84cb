"""An appointment as it stands on paper, and what a change makes of it. Pure: rows in, rows out, nothing written.

Whatever counts from these days (pay, commitments, checklists, reviews) is computed from a `Standing`, never retyped.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Final

from fellowships.dates import moved_end

START, EXTENSION, LAB, END_EARLY = "start", "extension", "lab", "end_early"
LEAVE, PARENTAL, REDUCED, SECONDMENT = "leave", "parental", "reduced", "secondment"
UNPAID: Final = (LEAVE, PARENTAL)
MATERNITY = "maternity"
LESS_PAID: Final = (LEAVE, MATERNITY, PARENTAL, REDUCED)
PERIODS: Final = (*LESS_PAID, SECONDMENT)
FULL_PAY: Final = 100
# what the employer pays in full of maternity leave, and how long it lasts at most (Labour Standards Act, article 74);
# beyond the paid days employment insurance pays, not the programme
MATERNITY_PAID: Final = timedelta(days=60)
MATERNITY_LONGEST: Final = timedelta(days=120)


@dataclass(frozen=True)
class Period:
    """Days inside the term on which something is otherwise: who is away, or elsewhere, and what is paid of 100."""

    kind: str
    from_on: date
    until_on: date
    percent: int = FULL_PAY

    def overlaps(self, other: "Period") -> bool:
        return self.from_on <= other.until_on and other.from_on <= self.until_on


@dataclass(frozen=True)
class Standing:
    """The term, the lab's code, won a year, and the periods that are otherwise."""

    starts_on: date
    ends_on: date
    lab: str
    salary_krw_a_year: int
    research_fund_krw_a_year: int
    periods: tuple[Period, ...] = ()

    @property
    def less_paid(self) -> tuple[Period, ...]:
        """Periods with less than full pay."""
        return tuple(each for each in self.periods if each.percent < FULL_PAY)

    def as_dict(self) -> dict[str, Any]:
        """Plain data, for the row of a version."""
        plain = {name: value for name, value in vars(self).items() if name != "periods"}
        return {**plain, "periods": [vars(each) for each in self.periods]}


@dataclass(frozen=True)
class Change:
    """One change, as it is asked for. `from_on` is also the new first day, `until_on` also the new last day."""

    kind: str
    from_on: date | None = None
    until_on: date | None = None
    lab: str = ""
    percent: int | None = None

    def period(self) -> Period | None:
        """The days that are otherwise by this change; None where it is no such change."""
        if self.kind not in PERIODS or self.from_on is None or self.until_on is None:
            return None
        percent = 0 if self.kind in UNPAID else self.percent if self.kind == REDUCED else FULL_PAY
        return Period(self.kind, self.from_on, self.until_on, FULL_PAY if percent is None else percent)

    def periods(self) -> tuple[Period, ...]:
        """The same by what is paid: maternity leave is paid in full for its first days and not for the rest."""
        whole = self.period()
        if whole is None:
            return ()
        paid_until = whole.from_on + MATERNITY_PAID - timedelta(days=1)
        if self.kind != MATERNITY or whole.until_on <= paid_until:
            return (whole,)
        rest = replace(whole, from_on=paid_until + timedelta(days=1), percent=0)
        return replace(whole, until_on=paid_until), rest


def changed(now: Standing, change: Change) -> Standing:
    """What `change` makes of the appointment as it stands."""
    if change.kind == START and change.from_on:
        ends_on = moved_end(now.starts_on, now.ends_on, change.from_on)
        return replace(now, starts_on=change.from_on, ends_on=ends_on)
    if change.kind in {EXTENSION, END_EARLY} and change.until_on:
        return replace(now, ends_on=change.until_on)
    if change.kind == LAB:
        return replace(now, lab=change.lab)
    periods = change.periods()
    if not periods:
        raise ValueError(f"a change that says too little: {change}")
    return replace(now, periods=tuple(sorted((*now.periods, *periods), key=lambda each: each.from_on)))
