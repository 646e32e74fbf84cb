"""Composing a call, with the labs on offer and their seats."""

from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo, available_timezones

from django import forms
from django.utils.timezone import get_current_timezone_name, make_naive
from django.utils.translation import gettext_lazy as _

from applications.models import Call
from common.asking import keep_limits
from common.crispy import FieldRow, Section, form_helper
from labs.models import Lab

INSTANTS = ("opens_at", "closes_at", "letters_due_at", "reviews_due_at", "ranks_due_at")
DAYS = ("decisions_on", "starts_on")
# as far ahead as reminders are looked for
LONGEST_REMINDER: Final = 1440
PLACES: Final = frozenset(
    {"Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"}
)


def _is_a_place(zone: str) -> bool:
    """A zone named by a city, as people know them; not the tables' aliases."""
    return ("/" in zone and zone.split("/")[0] in PLACES) or zone == "UTC"


class CallForm(forms.ModelForm[Call]):
    """A call; one number of seats for each active lab, empty where the lab does not take part."""

    class Meta:
        model = Call
        fields = (
            "programme",
            "code",
            "name_en",
            "name_ko",
            "text_en",
            "text_ko",
            "timezone",
            *INSTANTS,
            "grace_minutes",
            *DAYS,
            "term_months",
            "salary_krw_a_year",
            "research_fund_krw_a_year",
            "phd_within_years",
            "max_choices",
            "letters_needed",
            "letters_most",
            "letter_reminders",
            "publications_starred",
            "allows_images",
            "reads_texts",
            "needs_letters_first",
            "reviews_needed",
        )
        widgets = {
            **{
                name: forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
                for name in INSTANTS
            },
            **{name: forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d") for name in DAYS},
            "text_en": forms.Textarea({"rows": 8}),
            "text_ko": forms.Textarea({"rows": 8}),
        }
        labels = {"programme": _("Programme")}
        help_texts = {
            "timezone": _("All instants here are by the clock of this place; people also read them by their own."),
            "letter_reminders": _("Separated by commas, for example 168, 48, 12. Empty: nobody is reminded."),
        }

    # the last change of the call that whoever edits it has seen
    seen_change = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        keep_limits(self)
        self.fields["seen_change"].initial = self.initial.get("seen")
        zones = [(name, name) for name in sorted(available_timezones()) if _is_a_place(name)]
        self.fields["timezone"] = forms.ChoiceField(label=self.fields["timezone"].label, choices=zones)
        self.fields["timezone"].help_text = self.Meta.help_texts["timezone"]
        for name in INSTANTS:
            if moment := self.initial.get(name):
                self.initial[name] = moment.astimezone(ZoneInfo(self.instance.timezone)).replace(tzinfo=None)
        self.labs = {f"seats_{lab.pk}": lab for lab in Lab.objects.filter(is_active=True).select_related("institute")}
        offered = dict(self.instance.call_labs.values_list("lab_id", "seats_announced")) if self.instance.pk else {}
        for name, lab in self.labs.items():
            label = f"{lab.name} · {lab.institute.code}"
            self.fields[name] = forms.IntegerField(label=label, min_value=1, max_value=1000, required=False)
            self.fields[name].initial = offered.get(lab.pk)
        self.helper = form_helper(self, _("Save the call"), *self._layout())

    def _layout(self) -> tuple[Any, ...]:
        return (
            "seen_change",
            Section(_("What it is"), FieldRow("programme", "code"), FieldRow("name_en", "name_ko"),
                    "text_en", "text_ko"),
            Section(_("When"), "timezone", FieldRow("opens_at", "closes_at"),
                    FieldRow("grace_minutes", "letters_due_at"),
                    FieldRow("reviews_due_at", "ranks_due_at"), FieldRow(*DAYS)),
            Section(_("What fellows get"), FieldRow("salary_krw_a_year", "research_fund_krw_a_year"), "term_months"),
            Section(_("What is asked"), FieldRow("phd_within_years", "max_choices"),
                    FieldRow("letters_needed", "letters_most"), "letter_reminders", "needs_letters_first",
                    FieldRow("reviews_needed", "publications_starred"), "allows_images", "reads_texts"),
            Section(_("Labs on offer, with their seats"), *self.labs),
        )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        self._read_by_its_clock(data)
        opens, closes = data.get("opens_at"), data.get("closes_at")
        if isinstance(opens, datetime) and isinstance(closes, datetime) and closes <= opens:
            self.add_error("closes_at", _("The call must close after it opens."))
        needed, most = data.get("letters_needed"), data.get("letters_most")
        if needed is not None and most is not None and most < needed:
            self.add_error("letters_most", _("At least as many as are asked for."))
        if data.get("salary_krw_a_year") is not None and data["salary_krw_a_year"] <= 0:
            self.add_error("salary_krw_a_year", _("A salary is more than nothing."))
        return data

    @staticmethod
    def _read_by_its_clock(data: dict[str, Any]) -> None:
        """What was typed is an instant by the clock of the call's own place."""
        zone = ZoneInfo(data.get("timezone") or get_current_timezone_name())
        for name in INSTANTS:
            if isinstance(moment := data.get(name), datetime):
                data[name] = make_naive(moment).replace(tzinfo=zone)

    def clean_letter_reminders(self) -> list[int]:
        """Hours, the earliest reminder first, each once."""
        hours: list[int] = self.cleaned_data["letter_reminders"]
        if any(not 1 <= hour <= LONGEST_REMINDER for hour in hours):
            raise forms.ValidationError(_("Between 1 and %(most)s hours each.") % {"most": LONGEST_REMINDER})
        return sorted(set(hours), reverse=True)

    def _post_clean(self) -> None:
        """The action writes the row; only a code that is taken is found here."""
        code = self.cleaned_data.get("code")
        if code and Call.objects.filter(code=code).exclude(pk=self.instance.pk).exists():
            self.add_error("code", _("Another call has this code."))

    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.Meta.fields}

    def seen(self) -> int | None:
        seen: int | None = self.cleaned_data.get("seen_change")
        return seen

    def look_again(self, stamp: int) -> None:
        """What was typed stays; from now on she knows of the change `stamp`."""
        self.data = {**self.data.dict(), "seen_change": str(stamp)}  # type: ignore[attr-defined]

    def seats(self) -> dict[Lab, int]:
        return {lab: number for name, lab in self.labs.items() if (number := self.cleaned_data.get(name))}


class LateAccessForm(forms.Form):
    """Whom to let in late, until when, and why."""

    email = forms.EmailField(label=_("Applicant's e-mail address"))
    until = forms.DateTimeField(
        label=_("Until (Korea Standard Time)"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    reason = forms.CharField(label=_("Reason"), max_length=1000, widget=forms.Textarea({"rows": 3}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = form_helper(self, _("Mail the code"), FieldRow("email", "until"), "reason")


class LateCodeForm(forms.Form):
    """The code that an applicant got by mail."""

    code = forms.CharField(label=_("Your code"), max_length=40, widget=forms.TextInput({"autocomplete": "off"}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = form_helper(self, _("Open the call for me"), "code")
