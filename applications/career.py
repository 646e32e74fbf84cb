"""Degrees, positions and career breaks as rows: what each row holds, how it is read, what breaks add up to. Pure.

A row is a dictionary of texts: days and months as `YYYY-MM-DD`, `YYYY-MM` or `YYYY`, countries as ISO alpha-2 codes.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Row = dict[str, str]
LONGEST: Final = 200
DAYS_A_MONTH: Final = 365.25 / 12
MONTH: Final = re.compile(r"(?P<year>(?:19|20)\d\d)(?:[-./](?P<month>\d{1,2}))?")
MONTH_FIRST: Final = re.compile(r"(?P<month>\d{1,2})[-./](?P<year>(?:19|20)\d\d)")
DAY: Final = re.compile(r"((?:19|20)\d\d)[-./](\d{1,2})[-./](\d{1,2})")
REASONS: Final = (
    ("parental", _("Parental leave")),
    ("military", _("Military service")),
    ("illness", _("Illness")),
    ("care", _("Care for relatives")),
    ("other", _("Other")),
)


class Unreadable(Exception):
    """A cell, or a row, does not fit; `words` say why."""

    def __init__(self, words: str | Promise) -> None:
        super().__init__(str(words))
        self.words = words


@dataclass(frozen=True)
class Column:
    """A cell of each row: its name, its label, and what it takes: text, month, day, country or reason."""

    name: str
    label: str | Promise
    kind: str = "text"


PERIOD: Final = (Column("from", _("From"), "month"), Column("until", _("Until"), "month"))
COLUMNS: Final[dict[str, tuple[Column, ...]]] = {
    "degrees": (
        Column("degree", _("Degree")),
        Column("institution", _("University")),
        Column("country", _("Country"), "country"),
        Column("field", _("Field")),
        *PERIOD,
    ),
    "employment": (
        Column("role", _("Position")),
        Column("institution", _("Institution")),
        Column("country", _("Country"), "country"),
        *PERIOD,
    ),
    "career_breaks": (
        Column("reason", _("Reason"), "reason"),
        Column("from", _("From"), "day"),
        Column("until", _("Until"), "day"),
    ),
}
MOST: Final = {"degrees": 8, "employment": 15, "career_breaks": 10}
NEEDED: Final = {
    "degrees": ("degree", "institution"),
    "employment": ("role", "institution"),
    "career_breaks": ("reason", "from", "until"),
}


def month_of(typed: str) -> str:
    """`2021-09` of `2021.9`, `09/2021` or `2021-09`; `2021` of a year alone."""
    match = MONTH.fullmatch(typed) or MONTH_FIRST.fullmatch(typed)
    month = int(match["month"] or 0) if match else 13
    if match is None or month > 12 or (match["month"] and not month):
        raise Unreadable(_("Write year and month, such as 2021-09."))
    return f"{match['year']}-{month:02}" if month else match["year"]


def day_of(typed: str) -> str:
    """`2021-09-01` of `2021.9.1` or `2021-09-01`."""
    match = DAY.fullmatch(typed)
    try:
        return date(*map(int, match.groups())).isoformat() if match else date.fromisoformat(typed).isoformat()
    except ValueError:
        raise Unreadable(_("Write a day, such as 2021-09-01.")) from None


def reason_of(typed: str) -> str:
    if typed not in dict(REASONS):
        raise Unreadable(_("Choose a reason of the list."))
    return typed


def cleaned(name: str, row: Mapping[str, str], country_of: Callable[[str], str]) -> Row:
    """`row` of `name` as it is kept. `country_of` gives the code of a country's name, or nothing.

    Raises `Unreadable` with the cell that does not fit, or with what is missing.
    """
    read: dict[str, Callable[[str], str]] = {
        "month": month_of,
        "day": day_of,
        "reason": reason_of,
        "country": lambda typed: _country(typed, country_of),
        "text": lambda typed: typed[:LONGEST],
    }
    labels = {column.name: column.label for column in COLUMNS[name]}
    kept = {column.name: str(row.get(column.name, "")).strip() for column in COLUMNS[name]}
    missing = [str(labels[each]) for each in NEEDED[name] if not kept[each]]
    if missing:
        raise Unreadable(_("Missing: %(field)s") % {"field": ", ".join(missing)})
    kept = {column.name: read[column.kind](kept[column.name]) if kept[column.name] else "" for column in COLUMNS[name]}
    if kept["until"] and kept["from"] and kept["until"][: len(kept["from"])] < kept["from"][: len(kept["until"])]:
        raise Unreadable(_("It ends before it begins."))
    return kept


def _country(typed: str, country_of: Callable[[str], str]) -> str:
    code = country_of(typed)
    if not code:
        raise Unreadable(_("This country is not known. Choose one of the list."))
    return code


def months_of(breaks: Iterable[Mapping[str, str]], since: date | None) -> int:
    """Whole months of `breaks`, each day once, that fall after `since` (all of them without it), rounded."""
    spans = sorted((date.fromisoformat(row["from"]), date.fromisoformat(row["until"])) for row in breaks)
    days, reached = 0, since or date.min
    for begins, ends in spans:
        begins = max(begins, reached)
        days += max(0, (ends - begins).days + 1)
        reached = max(reached, date.fromordinal(min(ends.toordinal() + 1, date.max.toordinal())))
    return round(days / DAYS_A_MONTH)


def merged(present: Iterable[Mapping[str, str]], more: Iterable[Mapping[str, Any]], most: int) -> list[Row]:
    """`present` rows and those of `more` that none of them says already, at most `most`."""
    rows = [dict(row) for row in present]
    known = {_gist(row) for row in rows}
    for row in more:
        if _gist(row) not in known and len(rows) < most:
            known.add(_gist(row))
            rows.append({key: str(value)[:LONGEST] for key, value in row.items()})
    return rows


def _gist(row: Mapping[str, Any]) -> tuple[str, ...]:
    """What makes two rows the same: what and where, whatever their capitals and spaces."""
    words = (str(row.get(name, "")) for name in ("degree", "role", "institution"))
    return (*("".join(word.casefold().split()) for word in words), str(row.get("from", ""))[:4])
