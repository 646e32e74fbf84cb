"""Publications read from BibTeX, RIS or a list of DOIs, and the same one known again. Pure.

A publication is a dictionary of texts: kind, title, authors, venue, year, doi, url; `key` names it within one list.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

import rispy
from django.utils.translation import gettext_lazy as _
from latexcodec.codec import register as register_latex
from pybtex import errors as bibtex_errors
from pybtex.database import BibliographyData, Entry, parse_string
from pybtex.exceptions import PybtexError

Row = dict[str, Any]
MOST: Final = 300
MOST_TEXT: Final = 1_000_000
LONGEST: Final = {"title": 500, "authors": 1000, "venue": 300, "year": 4, "doi": 200, "url": 300}
DOI: Final = re.compile(r"\b(10\.\d{4,9}/[^\s\"<>{}|\\^`\[\]]+)", re.IGNORECASE)
YEAR: Final = re.compile(r"(?:19|20)\d\d")
RIS_LINE: Final = re.compile(r"^TY\s{1,2}-\s", re.MULTILINE)
BIBTEX_ENTRY: Final = re.compile(r"^[ \t]*@\s*\w+\s*[{(]", re.MULTILINE)
STRING: Final = re.compile(r"\s*@\s*string\b", re.IGNORECASE)
UNCOUNTED: Final = re.compile(r"\s*@\s*(?:string|comment|preamble)\b", re.IGNORECASE)
KINDS: Final = (
    ("article", _("Article")),
    ("conference", _("Conference paper")),
    ("chapter", _("Chapter")),
    ("book", _("Book")),
    ("preprint", _("Preprint")),
    ("other", _("Other work")),
)
KIND_OF_BIBTEX: Final = {
    "article": "article",
    "inproceedings": "conference",
    "conference": "conference",
    "incollection": "chapter",
    "inbook": "chapter",
    "book": "book",
    "unpublished": "preprint",
}
KIND_OF_RIS: Final = {
    "JOUR": "article",
    "CONF": "conference",
    "CPAPER": "conference",
    "CHAP": "chapter",
    "BOOK": "book",
    "UNPB": "preprint",
}
register_latex()  # type: ignore[no-untyped-call]


@dataclass
class Read:
    """What a text held: publications, and what could not be read, a line each."""

    rows: list[Row] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)


def read(text: str) -> Read:
    """The publications in `text`: BibTeX, RIS or DOIs, found by how it looks."""
    text = text[:MOST_TEXT].lstrip("\ufeff")
    if BIBTEX_ENTRY.search(text):
        return _bibtex(text)
    if RIS_LINE.search(text):
        return _ris(text)
    return _dois(text)


def _bibtex(text: str) -> Read:
    found = Read()
    parts = _entries(text)
    words = "".join(part for part in parts if STRING.match(part))
    for number, part in enumerate((part for part in parts if not UNCOUNTED.match(part)), start=1):
        try:
            with bibtex_errors.capture() as complaints:
                data: BibliographyData = parse_string(f"{words}{part}", "bibtex")
        except (PybtexError, UnicodeError, RecursionError) as error:
            complaints = [error]
            data = BibliographyData()
        rows = [row for entry in data.entries.values() if (row := _of_bibtex(entry))]
        found.rows += rows
        if not rows:
            why = str(complaints[0]).splitlines()[0] if complaints else ""
            found.unread.append(f"{number}: {_first_line(part)} {why}".strip())
    return found


def _entries(text: str) -> list[str]:
    """The entries of a BibTeX text apart, so that one that is broken spoils no other."""
    starts = [match.start() for match in BIBTEX_ENTRY.finditer(text)]
    return [text[begin:end] for begin, end in zip(starts, [*starts[1:], len(text)], strict=True)][: MOST * 2]


def _first_line(text: str) -> str:
    return " ".join(text.split())[:60]


def _of_bibtex(entry: Entry) -> Row | None:
    said = {name.lower(): _plain(value) for name, value in entry.fields.items()}
    authors = entry.persons.get("author", []) or entry.persons.get("editor", [])
    names = [_plain(" ".join([*one.first_names, *one.middle_names, *one.prelast_names, *one.last_names]))
             for one in authors]  # fmt: skip
    kind = KIND_OF_BIBTEX.get(entry.type.lower(), "other")
    if said.get("archiveprefix", "").lower() == "arxiv" or "arxiv" in said.get("journal", "").lower():
        kind = "preprint"
    venue = said.get("journal") or said.get("booktitle") or said.get("publisher") or said.get("howpublished") or ""
    return publication(
        kind=kind,
        title=said.get("title", ""),
        authors="; ".join(names),
        venue=venue,
        year=said.get("year") or said.get("date", ""),
        doi=said.get("doi", ""),
        url=said.get("url", ""),
    )


def _plain(text: str) -> str:
    """LaTeX's accents as letters, without its braces."""
    with suppress(ValueError, UnicodeError):
        text = _from_latex(text) if "\\" in text else text
    return " ".join(text.replace("{", "").replace("}", "").replace("~", " ").split())


def _from_latex(text: str) -> str:
    return str(text.encode("ascii", "ignore").decode("latex")) if text.isascii() else _mixed(text)


def _mixed(text: str) -> str:
    """Decode the parts that LaTeX wrote, and leave other letters as they are."""
    parts = re.split(r"([^\x00-\x7f]+)", text)
    return "".join(part if not part.isascii() else str(part.encode().decode("latex")) for part in parts)


def _ris(text: str) -> Read:
    found = Read()
    parts = re.split(r"^ER\s{1,2}-.*$", text, flags=re.MULTILINE)
    for number, part in enumerate(parts[: MOST * 2], start=1):
        if not part.strip():
            continue
        begun = part[match.start() :] if (match := RIS_LINE.search(part)) else part
        try:
            entries = rispy.loads(f"{begun.rstrip()}\nER  - \n", skip_unknown_tags=True)
        except (OSError, ValueError, KeyError, IndexError) as error:
            found.unread.append(f"{number}: {_first_line(part)} {error}")
            continue
        rows = [row for entry in entries if (row := _of_ris(entry))]
        found.rows += rows
        if not rows:
            found.unread.append(f"{number}: {_first_line(part)}")
    return found


def _of_ris(entry: Mapping[str, Any]) -> Row | None:
    titles = (entry.get(name) for name in ("primary_title", "title", "short_title"))
    venues = (entry.get(name) for name in ("journal_name", "secondary_title", "alternate_title3", "publisher"))
    authors = entry.get("authors") or entry.get("first_authors") or []
    return publication(
        kind=KIND_OF_RIS.get(str(entry.get("type_of_reference", "")), "other"),
        title=str(next((one for one in titles if one), "")),
        authors="; ".join(" ".join(reversed([part.strip() for part in name.split(",", 1)])) for name in authors),
        venue=str(next((one for one in venues if one), "")),
        year=str(entry.get("year") or entry.get("publication_year") or entry.get("date") or ""),
        doi=str(entry.get("doi") or ""),
        url=str((entry.get("urls") or [""])[0]),
    )


def _dois(text: str) -> Read:
    found = Read()
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        row = publication(doi=line) if DOI.search(line) else None
        if row:
            found.rows.append(row)
        else:
            found.unread.append(f"{number}: {_first_line(line)}")
    return found


def doi_of(text: str) -> str:
    """The DOI in `text`, in small letters, without address and closing points; empty when there is none."""
    match = DOI.search(text)
    return match[1].rstrip(".,;)").lower()[: LONGEST["doi"]] if match else ""


def publication(**said: str) -> Row | None:
    """A publication as it is kept, or nothing when it has neither title nor DOI."""
    row: Row = {name: " ".join(str(said.get(name, "")).split())[:most] for name, most in LONGEST.items()}
    year = YEAR.search(str(said.get("year", "")))
    row["year"] = year[0] if year else ""
    row["doi"] = doi_of(str(said.get("doi", ""))) or doi_of(row["url"])
    row["url"] = row["url"] if row["url"].startswith(("https://", "http://")) else ""
    row["kind"] = said.get("kind") if said.get("kind") in dict(KINDS) else "other"
    row["is_starred"] = False
    row["key"] = _key(row)
    return row if row["title"] or row["doi"] else None


def _key(row: Mapping[str, Any]) -> str:
    text = row["doi"] or f"{_folded(row['title'])}|{row['year']}"
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _folded(title: str) -> str:
    """A title without accents, capitals, signs and spaces."""
    plain = unicodedata.normalize("NFKD", title).casefold()
    return "".join(sign for sign in plain if sign.isalnum())


def joined(present: Iterable[Row], more: Iterable[Row]) -> tuple[list[Row], int, int]:
    """`present` with the publications of `more` that are not among them; how many were new, how many known.

    The same one: the same DOI, or the same title of the same year (of any year where one of the two has none).
    """
    rows = [dict(row) for row in present]
    new = known = 0
    for row in more:
        same = next((each for each in rows if _is_same(each, row)), None)
        if same is not None:
            known += 1
            same.update({name: row[name] for name in LONGEST if not same.get(name) and row.get(name)})
        elif len(rows) < MOST:
            new += 1
            rows.append(dict(row))
    return rows, new, known


def _is_same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    if one["doi"] and other["doi"]:
        return bool(one["doi"] == other["doi"])
    if not one["title"] or _folded(one["title"]) != _folded(other["title"]):
        return False
    return not one["year"] or not other["year"] or bool(one["year"] == other["year"])


def shown(rows: Iterable[Row]) -> list[Row]:
    """The starred first, then the newest."""
    return sorted(rows, key=lambda row: (not row.get("is_starred"), -int(row.get("year") or 0)))
