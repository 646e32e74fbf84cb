"""What officers and labs send about seats: reserves, caps, groups, money, seats that go over."""

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.crispy import FieldRow, Section, fields_only, form_helper
from common.money import NOTHING
from matching.actions import Cap, GroupWanted, Seats
from matching.models import Group, Opening
from matching.queries import Carried
from matching.states import Fact, ReserveOrder

CONDITIONS = (1, 2)


class SeatsForm(forms.Form):
    """What an opening shall offer, a field for each group of the call, and why."""

    seats = forms.IntegerField(label=_("Seats"), min_value=0, max_value=1000)
    minimum = forms.IntegerField(
        label=_("Seats wished to be filled, at least"),
        min_value=0,
        max_value=1000,
        required=False,
        help_text=_("A wish: the report says what it would cost to keep it; nothing enforces it."),
    )
    reserve_order = forms.ChoiceField(
        label=_("Which seats are filled first"),
        choices=ReserveOrder,
        help_text=_("Open first: a reserve adds to the group. Reserved first: a reserve is a guarantee of a minimum."),
    )
    reason = forms.CharField(label=_("Reason"), max_length=300)

    def __init__(self, *args: Any, groups: list[Group], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.groups = groups
        for group in groups:
            label = _("Reserved for: %(group)s") % {"group": group.name}
            self.fields[f"reserve_{group.code}"] = forms.IntegerField(
                label=label, min_value=0, max_value=1000, required=False
            )
        reserves = [f"reserve_{group.code}" for group in groups]
        if not groups:
            del self.fields["reserve_order"]
        order = ["reserve_order", *reserves] if groups else []
        self.helper = form_helper(self, _("Ask for this change"), "seats", "minimum", *order, "reason")

    def wanted(self) -> Seats:
        data = self.cleaned_data
        reserves = [(group.code, data.get(f"reserve_{group.code}") or 0) for group in self.groups]
        return Seats(
            data["seats"],
            data["minimum"],
            data.get("reserve_order") or ReserveOrder.OPEN_FIRST,
            tuple((code, seats) for code, seats in reserves if seats),
        )


class CapForm(forms.Form):
    """An institute's cap, with the targets of its labs and their order."""

    cap = forms.IntegerField(
        label=_("Places of the institute, at most"),
        min_value=0,
        max_value=5000,
        required=False,
        help_text=_("Empty: no cap; each lab fills its own seats."),
    )
    reason = forms.CharField(label=_("Reason"), max_length=300)

    def __init__(self, *args: Any, openings: list[Opening], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.codes = [row.call_lab.lab.code for row in openings]
        rows = []
        for row in openings:
            code = row.call_lab.lab.code
            target, turn = f"target_{code}", f"turn_{code}"
            words = {"lab": row.call_lab.lab.name, "seats": row.seats}
            self.fields[target] = forms.IntegerField(
                label=_("Target of %(lab)s (of %(seats)s seats)") % words, min_value=0, max_value=1000, required=False
            )
            self.fields[turn] = forms.IntegerField(
                label=_("Turn beyond the target"), min_value=1, max_value=99, required=False
            )
            rows.append(FieldRow(target, turn))
        self.helper = form_helper(self, _("Ask for this change"), "cap", *rows, "reason")

    def wanted(self) -> Cap:
        data = self.cleaned_data
        if data["cap"] is None:
            return Cap(None, (), {})
        order = sorted(self.codes, key=lambda code: (data.get(f"turn_{code}") or 99, self.codes.index(code)))
        return Cap(data["cap"], tuple(order), {code: data.get(f"target_{code}") or 0 for code in self.codes})


class GroupForm(forms.ModelForm[Group]):
    """A group and up to two conditions that must both hold; once seats are reserved for it, the reason of a change."""

    class Meta:
        model = Group
        fields = ("code", "name_en", "name_ko")

    def __init__(self, *args: Any, is_reserved: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].disabled = self.instance.pk is not None
        rows: list[Any] = []
        given = list(self.instance.conditions or [])
        for number in CONDITIONS:
            condition = given[number - 1] if len(given) >= number else {}
            self._add(number, condition)
            names = [f"{name}_{number}" for name in ("fact", "among", "values", "question")]
            rows.append(Section(_("Condition %(number)s") % {"number": number}, *names))
        if is_reserved:
            self.fields["reason"] = forms.CharField(label=_("Reason"), max_length=300)
            rows.append("reason")
        word = _("Ask for this change") if is_reserved else _("Save")
        self.helper = form_helper(self, word, FieldRow("code", "name_en", "name_ko"), *rows)

    def wanted(self) -> GroupWanted:
        data = self.cleaned_data
        return GroupWanted(data["name_en"], data["name_ko"], self.conditions())

    def _add(self, number: int, condition: dict[str, Any]) -> None:
        is_needed = number == 1
        facts = [*Fact.choices] if is_needed else [("", _("none")), *Fact.choices]
        self.fields[f"fact_{number}"] = forms.ChoiceField(
            label=_("What it looks at"), choices=facts, required=is_needed, initial=condition.get("fact", "")
        )
        self.fields[f"among_{number}"] = forms.ChoiceField(
            label=_("It"),
            choices=[("yes", _("is one of these")), ("no", _("is none of these"))],
            initial="yes" if condition.get("is_among", True) else "no",
        )
        self.fields[f"values_{number}"] = forms.CharField(
            label=_("Values, with a comma between them"),
            max_length=500,
            required=is_needed,
            initial=", ".join(condition.get("values", [])),
            help_text=_("Countries by their two letters (KR, US), sectors by their codes, answers as they are stored."),
        )
        self.fields[f"question_{number}"] = forms.SlugField(
            label=_("Code of the question, for an answer"), required=False, initial=condition.get("question", "")
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for number in CONDITIONS:
            if data.get(f"fact_{number}") == Fact.ANSWER and not data.get(f"question_{number}"):
                self.add_error(f"question_{number}", _("Which question?"))
            if data.get(f"fact_{number}") and not _values(data.get(f"values_{number}", "")):
                self.add_error(f"values_{number}", _("Name at least one value."))
        return data

    def conditions(self) -> list[dict[str, Any]]:
        data = self.cleaned_data
        return [
            {
                "fact": data[f"fact_{number}"],
                "is_among": data[f"among_{number}"] == "yes",
                "values": _values(data[f"values_{number}"]),
                "question": data[f"question_{number}"],
            }
            for number in CONDITIONS
            if data.get(f"fact_{number}")
        ]


def _values(text: str) -> list[str]:
    return [word for word in re.split(r"\s*,\s*", text.strip()) if word]


class MoneyForm(forms.Form):
    """How many seats of each lab the money carries: what the books say, or another figure with its reason."""

    reason = forms.CharField(
        label=_("Reason, where a figure is not what the books carry"),
        max_length=300,
        required=False,
        help_text=_("Name the paper: such a figure stands once another officer approves it."),
    )

    def __init__(self, *args: Any, openings: list[Opening], books: Mapping[int, Carried], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for row in openings:
            found, stated = books.get(row.call_lab_id), row.seats_funded
            self.fields[f"lab_{row.call_lab_id}"] = forms.IntegerField(
                label=row.call_lab.lab.name,
                min_value=0,
                max_value=5000,
                required=False,
                initial=found.places if stated is None and found else stated,
                help_text=_("The books carry %(places)s; the lab has %(seats)s seats.")
                % {"places": NOTHING if found is None else found.places, "seats": row.seats},
            )
        names = [f"lab_{row.call_lab_id}" for row in openings]
        self.helper = form_helper(self, _("State these figures"), *names, "reason")

    def carried(self) -> dict[int, int | None]:
        return {int(name[4:]): value for name, value in self.cleaned_data.items() if name.startswith("lab_")}


class ReversionForm(forms.Form):
    """To which lab how many seats go over if they stay empty."""

    taker = forms.ChoiceField(label=_("To the lab"))
    seats = forms.IntegerField(label=_("Seats, at most"), min_value=1, max_value=1000)

    def __init__(self, *args: Any, labs: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["taker"].choices = labs  # type: ignore[attr-defined]
        self.helper = fields_only(self)


class GiveOverForm(forms.Form):
    """Seats of a lab of one's own institute for a lab of another institute, if they stay empty."""

    giver = forms.ChoiceField(label=_("From the lab"))
    taker = forms.ChoiceField(label=_("To the lab of another institute"))
    seats = forms.IntegerField(label=_("Seats, at most"), min_value=1, max_value=1000)

    def __init__(self, *args: Any, own: list[Opening], others: list[Opening], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows = {row.key: row for row in [*own, *others]}
        for name, rows in (("giver", own), ("taker", others)):
            labels = [(row.key, f"{row.call_lab.lab.name} ({row.call_lab.lab.institute.code})") for row in rows]
            self.fields[name].choices = labels  # type: ignore[attr-defined]
        self.helper = form_helper(self, _("Offer them"))

    def offered(self) -> tuple[Opening, Opening, int]:
        data = self.cleaned_data
        return self.rows[data["giver"]], self.rows[data["taker"]], data["seats"]
