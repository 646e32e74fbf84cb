"""Terms that move: the last day that a new first day brings, counted in whole months where the term was. Pure."""

from datetime import date, timedelta

from applications.eligibility import months_after

LONGEST_MONTHS = 60  # one-year contracts, renewed by evaluation up to five years (programme notice of 2026)


def months_of(starts_on: date, ends_on: date) -> int | None:
    """How many whole months the term has; None when it is not whole months."""
    day_after = ends_on + timedelta(days=1)
    months = (day_after.year - starts_on.year) * 12 + day_after.month - starts_on.month
    return months if months > 0 and months_after(starts_on, months) == day_after else None


def moved_end(starts_on: date, ends_on: date, new_start: date) -> date:
    """The last day of the same term begun on `new_start`: as many months where it had whole months, else days."""
    months = months_of(starts_on, ends_on)
    if months is None:
        return new_start + (ends_on - starts_on)
    return months_after(new_start, months) - timedelta(days=1)


def longest_end(starts_on: date) -> date:
    """The last day that a fellowship begun on `starts_on` may reach by renewals."""
    return months_after(starts_on, LONGEST_MONTHS) - timedelta(days=1)
