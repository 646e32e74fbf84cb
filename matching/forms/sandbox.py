"""What is tried on the what-if desk: numbers by lab and institute, orders of filling, perhaps one lab's list."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from django import forms
from django.utils.translation import gettext_lazy as _

from matching.queries import Asked, Sandbox
from matching.states import ReserveOrder

Read = Callable[[str, str], list[list[str]]]


class Cell(NamedTuple):
    """A field of the desk as its table writes it: dozens of them stand on one page."""

    name: str
    value: str
    errors: Sequence[str]


class SandboxForm(forms.Form):
    """A field for each seat, reserve, minimum and cap; everything is optional."""

    orders = ReserveOrder.choices

    ranked_lab = forms.ChoiceField(label=_("Another list of the lab"), required=False)
    lines = forms.CharField(
        label=_("That list, best first"),
        required=False,
        max_length=100_000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("A number or a name on each line. Several on one line, with a comma between them, stand level."),
    )

    def __init__(self, *args: Any, sandbox: Sandbox, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sandbox = sandbox
        number = forms.IntegerField
        for row in sandbox.labs:
            self.fields[f"seats_{row.name}"] = number(min_value=0, max_value=5000, required=False, initial=row.seats)
            self.fields[f"minimum_{row.name}"] = number(min_value=0, max_value=5000, required=False)
            for group in sandbox.groups:
                self.fields[f"reserve_{row.name}_{group}"] = number(
                    min_value=0, max_value=5000, required=False, initial=row.reserves.get(group)
                )
            if sandbox.groups:
                self.fields[f"order_{row.name}"] = forms.ChoiceField(
                    choices=self.orders, required=False, initial=row.reserve_order
                )
        for name, (_words, cap) in sandbox.caps.items():
            self.fields[f"cap_{name}"] = number(min_value=0, max_value=50000, required=False, initial=cap)
        chosen = [("", "–"), *((row.name, row.words) for row in sandbox.labs)]
        self.fields["ranked_lab"].choices = chosen  # type: ignore[attr-defined]

    def asked(self, read: Read) -> Asked:
        """What is tried; `read(lab, lines)` turns pasted lines into tie classes of the run's pseudonyms."""
        data, rows = self.cleaned_data, self.sandbox.labs
        given = {row.name: data.get(f"seats_{row.name}") for row in rows}
        wished = {row.name: data.get(f"minimum_{row.name}") for row in rows}
        reserves = {
            row.name: {group: data.get(f"reserve_{row.name}_{group}") or 0 for group in self.sandbox.groups}
            for row in rows
        }
        lab, lines = data.get("ranked_lab", ""), data.get("lines", "")
        return Asked(
            seats={name: seats for name, seats in given.items() if seats is not None},
            minimums={name: minimum for name, minimum in wished.items() if minimum},
            reserves=reserves if self.sandbox.groups else {},
            orders={row.name: order for row in rows if (order := data.get(f"order_{row.name}"))},
            caps={name: data.get(f"cap_{name}") for name in self.sandbox.caps},
            ranks={lab: read(lab, lines)} if lab and lines.strip() else {},
        )

    def rows(self) -> list[tuple[Any, Cell, Cell, list[Cell], Cell | None]]:
        """Each lab with its fields: seats, minimum, reserves by group, and which seats are filled first."""
        return [
            (
                row,
                self._cell(f"seats_{row.name}"),
                self._cell(f"minimum_{row.name}"),
                [self._cell(f"reserve_{row.name}_{group}") for group in self.sandbox.groups],
                self._cell(f"order_{row.name}") if self.sandbox.groups else None,
            )
            for row in self.sandbox.labs
        ]

    def cap_rows(self) -> list[tuple[str, Cell]]:
        return [(words, self._cell(f"cap_{name}")) for name, (words, _cap) in self.sandbox.caps.items()]

    def list_cell(self) -> Cell:
        return self._cell("ranked_lab")

    def lines_cell(self) -> Cell:
        return self._cell("lines")

    def _cell(self, name: str) -> Cell:
        value = self.data.get(name, "") if self.is_bound else self.fields[name].initial
        return Cell(name, "" if value is None else str(value), [str(words) for words in self.errors.get(name, ())])
