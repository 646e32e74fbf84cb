"""Degrees, positions and career breaks: rows in a section's form."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from django import forms
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from django_countries import countries

from applications.career import COLUMNS, LONGEST, MOST, REASONS, Unreadable, cleaned

BLANK_ROWS = 2
NONE_CHOSEN = ("", "")


@cache
def _codes() -> dict[str, str]:
    """The code of each country by its name in either language, and by itself."""
    known: dict[str, str] = {}
    for language in ("en", "ko"):
        with translation.override(language):
            known |= {str(name).casefold(): code for code, name in countries}
    return known | {code.casefold(): code for code, _name in countries}


def code_of(typed: str) -> str:
    """The code of a country typed by name or code; empty when it is not known."""
    return _codes().get(typed.strip().casefold(), "")


class CareerRows(forms.Widget):
    """Rows of cells under columns; two empty rows more than are filled."""

    template_name = "applications/widgets/career.html"

    def __init__(self, name: str) -> None:
        super().__init__()
        self.columns, self.most = COLUMNS[name], MOST[name]

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        given = [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []
        number = min(self.most, len(given) + BLANK_ROWS)
        rows = [self._cells(name, place, given[place] if place < len(given) else {}) for place in range(number)]
        context["widget"] |= {"columns": self.columns, "rows": rows, "longest": LONGEST}
        context["widget"]["countries"] = [str(label) for _code, label in countries] if self._asks("country") else []
        context["widget"]["reasons"] = (NONE_CHOSEN, *REASONS)
        return context

    def _asks(self, kind: str) -> bool:
        return any(column.kind == kind for column in self.columns)

    def _cells(self, name: str, place: int, row: Mapping[str, Any]) -> list[dict[str, Any]]:
        return [
            {
                "name": f"{name}-{place}-{column.name}",
                "label": column.label,
                "kind": column.kind,
                "value": _shown(column.kind, str(row.get(column.name, ""))),
            }
            for column in self.columns
        ]

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[dict[str, str]]:
        rows = [
            {column.name: str(data.get(f"{name}-{place}-{column.name}", "")).strip() for column in self.columns}
            for place in range(self.most)
        ]
        return [row for row in rows if any(row.values())]

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return not any(str(key).startswith(f"{name}-") for key in data)


def _shown(kind: str, value: str) -> str:
    return str(countries.name(value) or value) if kind == "country" else value


class CareerRowsField(forms.Field):
    """A list of rows as `applications.career` keeps them."""

    def __init__(self, name: str, **options: Any) -> None:
        self.rows_of = name
        super().__init__(widget=CareerRows(name), **options)

    def clean(self, value: Any) -> list[dict[str, str]]:
        rows, wrong = [], []
        for place, row in enumerate(value or [], start=1):
            try:
                rows.append(cleaned(self.rows_of, row, code_of))
            except Unreadable as error:
                said = _("Row %(number)s: %(words)s") % {"number": place, "words": error.words}
                wrong.append(forms.ValidationError(said))
        if wrong:
            raise forms.ValidationError(wrong)
        return rows
