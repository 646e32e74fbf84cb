"""Reading a pasted list: numbers or names, a line each, those on one line level; what is wrong stands by its line."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from applications.models import Application, latin_and_own
from matching.models import Opening
from matching.queries.ranking import NAMES, candidates_of
from reviews.queries import conflicted_applications

NUMBER = re.compile(r"(?:[\w.-]+-)?(\d{1,9})")


@dataclass
class Line:
    """A pasted line: whom it names (primary keys with words), and what is wrong with it."""

    number: int
    text: str
    keys: list[int] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    errors: list[str | Promise] = field(default_factory=list)


@dataclass(frozen=True)
class Pasted:
    """All lines; `ranked` and `class_sizes` as a rank list holds them."""

    lines: list[Line]

    @property
    def is_clean(self) -> bool:
        return not any(line.errors for line in self.lines)

    @property
    def ranked(self) -> list[int]:
        return [pk for line in self.lines for pk in line.keys]

    @property
    def tied(self) -> set[int]:
        """Those who stand level with the one above them."""
        return {pk for line in self.lines for pk in line.keys[1:]}

    @property
    def class_sizes(self) -> list[int]:
        sizes = [len(line.keys) for line in self.lines if line.keys]
        return sizes if any(size > 1 for size in sizes) else []


def read_pasted(opening: Opening, text: str, user: Any = None) -> Pasted:
    """Each line of `text` against the candidates of the lab whom `user` may see (all, without one). One query or two.

    A line holds one candidate, or several who stand level with a comma, semicolon or tab between them: a number (12 or
    CALL-12) or a name in either script. Empty lines are skipped.
    """
    rows = candidates_of(opening)
    if user is not None:
        rows = rows.exclude(pk__in=conflicted_applications(user))
    known = _Known(rows.only("pk", "number", *NAMES))
    lines = [Line(number, raw.strip()) for number, raw in enumerate(text.splitlines(), start=1) if raw.strip()]
    seen: dict[int, int] = {}
    for line in lines:
        for word in filter(None, (part.strip() for part in re.split(r"[,;\t]", line.text))):
            _read(line, word, known, seen)
    return Pasted(lines)


def _read(line: Line, word: str, known: "_Known", seen: dict[int, int]) -> None:
    found = known.find(word)
    if not found:
        line.errors.append(_("“%(word)s” is no candidate of this lab.") % {"word": word[:80]})
    elif len(found) > 1:
        line.errors.append(_("“%(word)s” is the name of several candidates: give the number.") % {"word": word[:80]})
    elif found[0].pk in seen:
        words = {"word": word[:80], "line": seen[found[0].pk]}
        line.errors.append(_("“%(word)s” stands on line %(line)s already.") % words)
    else:
        seen[found[0].pk] = line.number
        line.keys.append(found[0].pk)
        line.names.append(f"{found[0].number} · {found[0].name}")


class _Known:
    """Candidates by number and by each way of writing their names."""

    def __init__(self, rows: Iterable[Application]) -> None:
        self.numbers: dict[str, Application] = {}
        self.names: dict[str, list[Application]] = {}
        for row in rows:
            self.numbers[str(row.number)] = row
            ways = {
                f"{row.given_name} {row.family_name}",
                f"{row.family_name} {row.given_name}",
                row.native_name,
                latin_and_own(row.given_name, row.family_name, row.native_name),
            }
            for way in {_folded(way) for way in ways if way}:
                self.names.setdefault(way, []).append(row)

    def find(self, word: str) -> list[Application]:
        number = NUMBER.fullmatch(word)
        if number is not None and number[1].lstrip("0") in self.numbers:
            return [self.numbers[number[1].lstrip("0")]]
        return self.names.get(_folded(word), [])


def _folded(name: str) -> str:
    return " ".join(name.casefold().split())
