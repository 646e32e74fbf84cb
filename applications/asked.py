"""What a call asks besides the fixed fields: sections and questions as data, and answers held against them. Pure.

A form is a list of sections: `{"en": .., "ko": .., "questions": [{"code", "kind", "en", "ko", "help_en", "help_ko",
"options": [{"value", "en", "ko"}], "words", "least", "most", "rows", "required", "if": [code, value], "seen_by": [..],
"personal", "blind", "frozen_on"}]}`. Answers are kept by code as JSON; one whose question went or changed is kept too.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Final

Json = dict[str, Any]
ROWS_MOST: Final = 10
CHOSEN: Final = frozenset({"choice", "choices"})


@dataclass(frozen=True)
class Option:
    """One answer of a list, or one column of a table."""

    value: str
    en: str
    ko: str

    def words(self, language: str) -> str:
        return (self.ko if language.startswith("ko") else self.en) or self.value


@dataclass(frozen=True)
class Asked:
    """One question as it was asked."""

    code: str
    kind: str
    en: str
    ko: str
    help_en: str = ""
    help_ko: str = ""
    options: tuple[Option, ...] = ()
    words: int | None = None
    least: Decimal | None = None
    most: Decimal | None = None
    rows: int = ROWS_MOST
    required: bool = False
    condition: tuple[str, str] | None = None
    seen_by: frozenset[str] = frozenset()
    is_personal: bool = False
    is_blind: bool = False
    frozen_on: date | None = None

    def label(self, language: str) -> str:
        return self.ko if language.startswith("ko") else self.en

    def help(self, language: str) -> str:
        return self.help_ko if language.startswith("ko") else self.help_en

    def is_asked(self, answers: Mapping[str, Any]) -> bool:
        """Whether its condition on an earlier answer holds."""
        if self.condition is None:
            return True
        given = answers.get(self.condition[0])
        wanted = self.condition[1]
        return wanted in given if isinstance(given, list) else _plain(given) == wanted

    def is_blank(self, value: Any) -> bool:
        return value is None or value == "" or value == []

    def fits(self, value: Any) -> bool:
        """Whether `value`, answered at another time perhaps, is an answer to the question as it stands."""
        if self.is_blank(value):
            return True
        known = {option.value for option in self.options}
        if self.kind == "choice":
            return value in known
        if self.kind == "choices":
            return isinstance(value, list) and all(each in known for each in value)
        if self.kind == "number":
            return _fits_number(self, value)
        if self.kind == "table":
            return isinstance(value, list) and all(isinstance(row, list) for row in value)
        return isinstance(value, bool) if self.kind == "yes_no" else isinstance(value, str)

    def said(self, value: Any, language: str) -> list[str]:
        """The answer in words, a line each; nothing when there is none."""
        if self.is_blank(value):
            return []
        names = {option.value: option.words(language) for option in self.options}
        if self.kind == "table" and isinstance(value, list):
            return [" · ".join(str(cell) for cell in row if cell) for row in value]
        if isinstance(value, list):
            return [names.get(str(each), str(each)) for each in value]
        return [names.get(_plain(value), _plain(value))]


@dataclass(frozen=True)
class AskedSection:
    """Questions under one heading."""

    en: str
    ko: str
    questions: tuple[Asked, ...]

    def title(self, language: str) -> str:
        return self.ko if language.startswith("ko") else self.en


def _plain(value: Any) -> str:
    return {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value)


def _fits_number(asked: Asked, value: Any) -> bool:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return False
    return (asked.least is None or number >= asked.least) and (asked.most is None or number <= asked.most)


def number_of_words(text: str) -> int:
    """Words as people count them: what stands between spaces; of a text without spaces every sign is one."""
    return len(text.split())


def parsed(content: Iterable[Json]) -> list[AskedSection]:
    """The sections of a form kept as JSON."""
    return [
        AskedSection(row["en"], row["ko"], tuple(_question(each) for each in row.get("questions", ())))
        for row in content
    ]


def _question(row: Json) -> Asked:
    condition = row.get("if")
    return Asked(
        code=row["code"],
        kind=row["kind"],
        en=row["en"],
        ko=row["ko"],
        help_en=row.get("help_en", ""),
        help_ko=row.get("help_ko", ""),
        options=tuple(Option(each["value"], each.get("en", ""), each.get("ko", "")) for each in row.get("options", ())),
        words=row.get("words"),
        least=_decimal(row.get("least")),
        most=_decimal(row.get("most")),
        rows=row.get("rows") or ROWS_MOST,
        required=bool(row.get("required")),
        condition=(condition[0], condition[1]) if condition else None,
        seen_by=frozenset(row.get("seen_by", ())),
        is_personal=bool(row.get("personal")),
        is_blind=bool(row.get("blind")),
        frozen_on=date.fromisoformat(row["frozen_on"]) if row.get("frozen_on") else None,
    )


def _decimal(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def questions_of(sections: Iterable[AskedSection]) -> list[Asked]:
    return [question for section in sections for question in section.questions]


def lacking(sections: Iterable[AskedSection], answers: Mapping[str, Any]) -> list[Asked]:
    """The questions that are asked, and that are required without an answer or answered with what does not fit."""
    asked = [question for question in questions_of(sections) if question.is_asked(answers)]
    return [
        question
        for question in asked
        if (question.required and question.is_blank(answers.get(question.code)))
        or not question.fits(answers.get(question.code))
    ]
