"""The forms of an application's sections. Nothing is demanded while it is written; submitting asks for everything."""

import json
import re
from collections.abc import Collection
from typing import Any, ClassVar, Final, cast

from django import forms
from django.http import QueryDict
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from applications.actions.drafts import WAIVER_WORDS, current_values
from applications.career import months_of
from applications.forms.rows import CareerRowsField
from applications.merging import normal, shown_in, version_of
from applications.models import Application, CallLab
from applications.queries.gaps import NEEDED
from applications.states import Section
from common.asking import keep_limits
from common.crispy import Actions, FieldRow, SaveState, fields_only, form_helper

ORCID: Final = re.compile(r"(?:https?://orcid\.org/)?(\d{4})-?(\d{4})-?(\d{4})-?(\d{3}[\dX])", re.IGNORECASE)
REASON: Final = 300
NEXT: Final = _("Save and go on")


class PlainTextarea(forms.Textarea):
    """Line ends as one sign, whichever way a browser sends them."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        value = super().value_from_datadict(data, files, name)
        return value.replace("\r\n", "\n") if isinstance(value, str) else value


class ReasonsInput(forms.Widget):
    """One sentence a lab, each in an input of its own that the page draws: `lab_reasons-KEY`."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> str:
        keys = [key for key in data if key.startswith(f"{name}-") and key.removeprefix(f"{name}-").isdecimal()]
        said = {key.removeprefix(f"{name}-"): str(data[key]).strip() for key in keys[:50]}
        return json.dumps({key: text for key, text in said.items() if text})

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return not any(str(key).startswith(f"{name}-") for key in data)


class SectionForm(forms.ModelForm[Application]):
    """A section of a draft: `values()` are those to write, `version` tells what the window was shown."""

    section: ClassVar[Section]
    version = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, instance: Application, **kwargs: Any) -> None:
        super().__init__(data, instance=instance, **kwargs)
        self.fields.update(self.more_fields())
        keep_limits(self)
        needed = {name for section, name in NEEDED if section == self.section}
        for name, field in self.fields.items():
            field.required = False
            # said beside it; a draft is kept without it
            field.is_needed = name in needed or getattr(field, "is_needed", False)  # type: ignore[attr-defined]
        if not self.is_bound:
            self.initial["version"] = version_of(current_values(instance, dict.fromkeys(self.own())))
        keys = {"key": instance.key, "section": self.section}
        self.autosave_url = reverse("applications:autosave", kwargs=keys)
        self.helper = self.arranged()

    def more_fields(self) -> dict[str, forms.Field]:
        """Fields that only a call's data tell of."""
        return {}

    def own(self) -> list[str]:
        """The names of the application's fields that this form writes."""
        return [name for name in self.fields if name != "version"]

    def arranged(self) -> Any:
        return form_helper(self, "", *self.layout(), "version", SaveState(), Actions(NEXT), **self.attrs())

    def attrs(self) -> dict[str, str]:
        return {"data_autosave_url": self.autosave_url}

    def layout(self) -> tuple[Any, ...]:
        return tuple(self.own())

    def values(self, named: Collection[str] = ()) -> dict[str, Any]:
        """The clean values of `named` fields; else of those that the request carried, or its window was shown."""
        sent = set(self.data) | {str(name).partition("-")[0] for name in self.data}
        carried = set(named) or sent | set(shown_in(self.data.get("version", "")))
        return {
            name: normal(value) if name == "sectors" else value
            for name, value in self.cleaned_data.items()
            if name in self.own() and name in carried
        }

    def show_version(self, version: str) -> None:
        """Let the bound form carry `version` when it is shown again."""
        data = QueryDict(mutable=True)
        data.update(cast("dict[str, str]", self.data))
        data["version"] = version
        self.data = data

    def label_of(self, name: str) -> str | Promise:
        return self.fields[name].label or name

    def _post_clean(self) -> None:
        """The row is written by the action, which reads it afresh."""


def _date() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class AboutForm(SectionForm):
    section = Section.ABOUT
    orcid = forms.CharField(
        label="ORCID iD",
        max_length=100,
        widget=forms.TextInput({"autocomplete": "off", "placeholder": "0000-0000-0000-0000"}),
        help_text=_("Sixteen digits that identify you as a researcher. Leave it empty if you have none."),
    )

    class Meta:
        model = Application
        fields = (
            "given_name",
            "family_name",
            "native_name",
            "citizenship",
            "residence",
            "orcid",
            "current_position",
            "partner_email",
        )
        widgets = {
            "given_name": forms.TextInput({"autocomplete": "given-name"}),
            "family_name": forms.TextInput({"autocomplete": "family-name"}),
            "native_name": forms.TextInput({"autocomplete": "name"}),
        }
        help_texts = {
            "given_name": _("In Latin letters. If you have one name only, leave the other field empty."),
            "current_position": _("For example: doctoral candidate, Example University."),
            "partner_email": _(
                "If you and your partner both apply, each names the other here. Officers and the match know of you as "
                "two who come together; reviewers do not."
            ),
        }

    def layout(self) -> tuple[Any, ...]:
        names = FieldRow("given_name", "family_name")
        return (
            names,
            "native_name",
            FieldRow("citizenship", "residence"),
            "orcid",
            "current_position",
            "partner_email",
        )

    def clean_partner_email(self) -> str:
        typed: str = self.cleaned_data["partner_email"]
        if typed and typed.lower() == self.instance.applicant.email.lower():
            raise forms.ValidationError(_("This is your own address; your partner's goes here."))
        return typed

    def clean_orcid(self) -> str:
        typed = self.cleaned_data["orcid"].strip()
        if not typed:
            return ""
        match = ORCID.fullmatch(typed)
        if match is None:
            raise forms.ValidationError(_("This is not an ORCID iD: it has sixteen digits, the last one may be an X."))
        if not _checks("".join(match.groups()).upper()):
            words = _("This is not an ORCID iD: one of its digits is wrong, for the last one does not fit the others.")
            raise forms.ValidationError(words)
        return "-".join(match.groups()).upper()


def _checks(digits: str) -> bool:
    """ISO 7064 mod 11-2: the last sign follows from the fifteen before it."""
    total = 0
    for digit in digits[:-1]:
        total = (total + int(digit)) * 2
    return "0123456789X"[(12 - total % 11) % 11] == digits[-1]


class DoctorateForm(SectionForm):
    """The doctorate, and the career breaks since, whose months are counted."""

    section = Section.DOCTORATE
    career_breaks = CareerRowsField(
        "career_breaks",
        label=_("Career breaks since your doctorate"),
        help_text=_("They extend the years. Officers read the reasons; reviewers and labs do not."),
    )

    class Meta:
        model = Application
        fields = (
            "phd_institution",
            "phd_country",
            "phd_field",
            "phd_awarded_on",
            "is_phd_expected",
            "career_breaks",
            "career_break_months",
        )
        widgets = {"phd_awarded_on": _date(), "career_break_months": forms.NumberInput({"inputmode": "numeric"})}
        help_texts = {
            "career_break_months": _("Whole months. Where you name breaks above, they are counted from those."),
        }

    def layout(self) -> tuple[Any, ...]:
        where = FieldRow("phd_institution", "phd_country")
        return (where, "phd_field", "phd_awarded_on", "is_phd_expected", "career_breaks", "career_break_months")

    def clean_career_break_months(self) -> int:
        return self.cleaned_data["career_break_months"] or 0

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("career_breaks"):
            since = None if data.get("is_phd_expected") else data.get("phd_awarded_on")
            data["career_break_months"] = months_of(data["career_breaks"], since)
        return data


class CareerForm(SectionForm):
    """Degrees and positions."""

    section = Section.CAREER
    degrees = CareerRowsField("degrees", label=_("Degrees, the latest first"))
    employment = CareerRowsField("employment", label=_("Positions, the latest first"))

    class Meta:
        model = Application
        fields = ("degrees", "employment")


class ResearchForm(SectionForm):
    section = Section.RESEARCH

    class Meta:
        model = Application
        fields = ("title", "summary", "sectors", "earliest_start_on")
        widgets = {
            "summary": PlainTextarea({"rows": 10, "maxlength": 6000}),
            "sectors": forms.CheckboxSelectMultiple,
            "earliest_start_on": _date(),
        }
        help_texts = {
            "summary": _("What you want to find out, how, and why now. At most 6,000 letters."),
            "sectors": _("Fields of industry that your work may serve."),
        }

    def clean_summary(self) -> str:
        return _at_most(self.cleaned_data["summary"], 6000)


def _at_most(text: str, most: int) -> str:
    if len(text) > most:
        words = _("This is %(length)s letters long; at most %(most)s fit.")
        raise forms.ValidationError(words, params={"length": len(text), "most": most})
    return text


class LabsForm(SectionForm):
    """The labs that she ranks, best first, and why."""

    section = Section.LABS
    ranked_labs = forms.TypedMultipleChoiceField(label=_("Your labs, best first"), coerce=int)

    class Meta:
        model = Application
        fields = ("motivation", "lab_reasons")
        widgets = {"lab_reasons": ReasonsInput, "motivation": PlainTextarea({"rows": 8, "maxlength": 6000})}
        help_texts = {"motivation": _("What draws you to these labs, and what you would bring. At most 6,000 letters.")}

    def __init__(self, data: Any = None, *, offered: list[CallLab], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.offered = {row.pk: row for row in offered}
        self.fields["ranked_labs"].choices = [(pk, row.lab.name) for pk, row in self.offered.items()]  # type: ignore[attr-defined]

    def arranged(self) -> Any:
        """The page draws the list; crispy draws the words."""
        return fields_only(self, "motivation", "version", SaveState())

    def clean_lab_reasons(self) -> dict[str, str]:
        """A sentence by the key of a ranked lab; others are left out."""
        given: dict[str, str] = self.cleaned_data["lab_reasons"] or {}
        ranked = {str(pk) for pk in self.cleaned_data.get("ranked_labs") or self.instance.ranked_labs}
        for text in given.values():
            _at_most(text, REASON)
        return {key: text for key, text in given.items() if key in ranked}

    def clean_motivation(self) -> str:
        return _at_most(self.cleaned_data["motivation"], 6000)

    def clean_ranked_labs(self) -> list[int]:
        ranked: list[int] = self.cleaned_data["ranked_labs"]
        most = self.instance.call.max_choices
        if len(set(ranked)) < len(ranked):
            raise forms.ValidationError(_("A lab stands in your list twice."))
        if len(ranked) > most:
            raise forms.ValidationError(_("You may rank at most %(most)s labs."), params={"most": most})
        return ranked

    def reason_for(self, row: CallLab) -> str:
        """Her sentence on a lab, as typed or as kept."""
        typed = self.data.get(f"lab_reasons-{row.pk}") if self.is_bound else None
        kept = self.instance.lab_reasons.get(str(row.pk), "")
        return str(kept if typed is None else typed)

    def order(self) -> list[CallLab]:
        """The labs in the order to show."""
        keys = self.data.getlist("ranked_labs") if self.is_bound else self.instance.ranked_labs  # type: ignore[attr-defined]
        return [self.offered[int(key)] for key in keys if str(key).isdecimal() and int(key) in self.offered]


def rearranged(order: list[str], gesture: dict[str, str]) -> list[str]:
    """`order` after a button was pressed: add=ID, remove=ID, move=up:ID, move=down:ID."""
    result = list(dict.fromkeys(order))
    if (added := gesture.get("add")) and added not in result:
        result.append(added)
    if (removed := gesture.get("remove")) in result:
        result.remove(removed)
    way, _colon, key = gesture.get("move", "").partition(":")
    if key in result:
        place = result.index(key)
        other = place - 1 if way == "up" else place + 1
        if 0 <= other < len(result):
            result[place], result[other] = result[other], result[place]
    return result


class WaiverForm(SectionForm):
    """Whether she gives up the right to read her letters."""

    section = Section.REFEREES

    class Meta:
        model = Application
        fields = ("has_waived_access",)
        help_texts = {"has_waived_access": WAIVER_WORDS}


SECTION_FORMS: Final[dict[str, type[SectionForm]]] = {
    form.section: form for form in (AboutForm, DoctorateForm, CareerForm, ResearchForm, LabsForm, WaiverForm)
}
