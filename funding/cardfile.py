"""Reading the statement of a card company: CSV as its web site gives it, in UTF-8 or in Korean (CP949); pure.

Columns are found by their heads, English or Korean. A file is read whole or not at all: what is wrong is told by line.
"""

import csv
import hashlib
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.refusals import Refusal

# what a column holds, by its heads
HEADS: Final[dict[str, tuple[str, ...]]] = {
    "card": ("card", "card_number", "카드번호", "이용카드"),
    "approval": ("approval", "approval_number", "승인번호"),
    "used_on": ("used_on", "date", "이용일자", "이용일", "승인일자"),
    "merchant": ("merchant", "가맹점명", "가맹점", "이용가맹점"),
    "amount_krw": ("amount_krw", "amount", "이용금액", "승인금액"),
}
DAY: Final = re.compile(r"(\d{4})[-./]?(\d{2})[-./]?(\d{2})\.?", re.ASCII)
WON: Final = re.compile(r"-?[0-9]{1,12}", re.ASCII)
CARD: Final = re.compile(r"[0-9*xX -]*([0-9]{4})", re.ASCII)
APPROVAL: Final = re.compile(r"[0-9A-Za-z]{4,20}", re.ASCII)
MOST_ROWS: Final = 10_000


class UnreadableStatement(Refusal):
    words = gettext_lazy("This file cannot be read as a statement of cards, so nothing was changed.")


@dataclass(frozen=True)
class Charge:
    """One line: the card's last four digits, approval number, day, merchant, won (negative: it was cancelled)."""

    line: int
    last_four: str
    approval: str
    used_on: date
    merchant: str
    amount_krw: int


@dataclass(frozen=True)
class Problem:
    """What is wrong with one line of the file."""

    line: int
    words: str

    def __str__(self) -> str:
        return _("Line %(line)s: %(words)s") % {"line": self.line, "words": self.words}


@dataclass(frozen=True)
class Statement:
    """A file, read: its charges in their order, what is wrong with it, and its hash."""

    charges: tuple[Charge, ...]
    problems: tuple[Problem, ...]
    sha256: str


def read(content: bytes) -> Statement:
    """The statement in `content`. Refuses with `UnreadableStatement` what is none; tells which lines are wrong."""
    rows = list(_rows(_text(content)))
    if not rows:
        raise UnreadableStatement(gettext_lazy("The file holds no charges."))
    if len(rows) > MOST_ROWS:
        raise UnreadableStatement(gettext_lazy("The file has more than 10,000 lines; divide it by months."))
    charges, problems = [], []
    for line, row in rows:
        found = _charge(line, row)
        if isinstance(found, Charge):
            charges.append(found)
        else:
            problems.append(found)
    return Statement(tuple(charges), (*problems, *_twice(charges)), hashlib.sha256(content).hexdigest())


def _text(content: bytes) -> str:
    for encoding in ("utf-8-sig", "cp949"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise UnreadableStatement(gettext_lazy("The file is no text in UTF-8 or CP949. Save the table as CSV first."))


def _rows(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Each line that is not empty, by what its columns hold."""
    reader = csv.reader(io.StringIO(text, newline=""))
    try:
        heads = [head.strip().lower() for head in next(reader, [])]
        places = {
            name: next((number for number, head in enumerate(heads) if head in known), -1)
            for name, known in HEADS.items()
        }
        if missing := [HEADS[name][0] for name, place in places.items() if place < 0]:
            words = gettext_lazy("These columns are missing in the first line: %(columns)s.")
            raise UnreadableStatement(words, columns=", ".join(missing))
        for cells in reader:
            if any(cell.strip() for cell in cells):
                filled = [*cells, *[""] * len(heads)]
                yield reader.line_num, {name: filled[place].strip() for name, place in places.items()}
    except csv.Error:
        raise UnreadableStatement(gettext_lazy("The file is not a CSV.")) from None


def _charge(line: int, row: dict[str, str]) -> Charge | Problem:
    card = CARD.fullmatch(row["card"])
    if card is None:
        return Problem(line, _("“%(cell)s” does not end with four digits of a card.") % {"cell": row["card"][:30]})
    if not APPROVAL.fullmatch(row["approval"]):
        return Problem(line, _("“%(cell)s” is not an approval number.") % {"cell": row["approval"][:30]})
    used_on = _day(row["used_on"])
    if used_on is None:
        return Problem(line, _("“%(cell)s” is not a day.") % {"cell": row["used_on"][:30]})
    amount = row["amount_krw"].replace(",", "").removesuffix("원").removeprefix("₩").strip()
    if not WON.fullmatch(amount) or not int(amount):
        return Problem(line, _("“%(cell)s” is not an amount in won.") % {"cell": row["amount_krw"][:30]})
    if not row["merchant"]:
        return Problem(line, _("The merchant is missing."))
    return Charge(line, card[1], row["approval"], used_on, row["merchant"][:100], int(amount))


def _day(cell: str) -> date | None:
    found = DAY.fullmatch(cell.split(" ")[0])
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None


def _twice(charges: list[Charge]) -> Iterator[Problem]:
    """Lines that say what an earlier line said; a charge and its cancellation are two things."""
    seen: dict[tuple[str, str, int], int] = {}
    for charge in charges:
        key = (charge.last_four, charge.approval, charge.amount_krw)
        if key in seen:
            yield Problem(charge.line, _("This is line %(line)s once more.") % {"line": seen[key]})
        seen.setdefault(key, charge.line)
