"""Input of outreach."""

from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.crispy import FieldRow, Section, form_helper
from outreach.models import Campaign, InformationSession, Registration
from outreach.queries import channels_offered
from people.models import User


class RegistrationForm(forms.ModelForm[Registration]):
    """A visitor registers; she consents to what the text beside says."""

    has_consented = forms.BooleanField(
        label=_("I agree that my name and address are kept for this session, as said here."),
        error_messages={"required": _("Without your consent we may not keep your registration.")},
    )

    class Meta:
        model = Registration
        fields = ("name", "email", "institution", "field", "channel")
        labels = {"channel": _("How did you hear of us?")}
        widgets = {
            "name": forms.TextInput({"autocomplete": "name"}),
            "email": forms.EmailInput({"autocomplete": "email"}),
            "institution": forms.TextInput({"autocomplete": "organization"}),
        }

    def __init__(self, *args: Any, by: User | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["channel"].queryset = channels_offered()  # type: ignore[attr-defined]
        self.fields["channel"].required = False
        if by is not None:
            self.fields["email"].disabled = True
        self.helper = form_helper(
            self,
            _("Register"),
            FieldRow("name", "email"),
            FieldRow("institution", "field"),
            "channel",
            "has_consented",
        )


class SessionForm(forms.ModelForm[InformationSession]):
    """A session; its hours are given on the clock of its own city."""

    class Meta:
        model = InformationSession
        fields = (
            "city_en", "city_ko", "country", "timezone", "venue_en", "venue_ko", "starts_at", "ends_at", "capacity",
        )  # fmt: skip
        widgets = {
            "starts_at": forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
            "ends_at": forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        }
        help_texts = {"starts_at": _("On the clock of the session's own city."), "timezone": _("America/New_York")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["timezone"].widget = forms.Select(choices=[(name, name) for name in sorted(available_timezones())])
        if self.instance.pk and self.instance.starts_at:
            zone = ZoneInfo(self.instance.timezone)
            for name in ("starts_at", "ends_at"):
                self.initial[name] = getattr(self.instance, name).astimezone(zone).replace(tzinfo=None)
        self.helper = form_helper(
            self,
            _("Save"),
            Section(
                _("Where"), FieldRow("city_en", "city_ko"), FieldRow("country", "timezone"), "venue_en", "venue_ko"
            ),
            Section(_("When"), FieldRow("starts_at", "ends_at"), "capacity"),
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        zone_name = cleaned.get("timezone")
        if zone_name not in available_timezones():
            self.add_error("timezone", _("Choose a time zone of the list."))
            return cleaned
        for name in ("starts_at", "ends_at"):
            if cleaned.get(name):
                cleaned[name] = timezone.make_naive(cleaned[name]).replace(tzinfo=ZoneInfo(zone_name))
        if bool(cleaned.get("starts_at")) != bool(cleaned.get("ends_at")):
            self.add_error("ends_at", _("Give both hours, or neither."))
        elif cleaned.get("starts_at") and cleaned["ends_at"] <= cleaned["starts_at"]:
            self.add_error("ends_at", _("The end lies before the start."))
        return cleaned


class CampaignForm(forms.ModelForm[Campaign]):
    class Meta:
        model = Campaign
        fields = ("name", "code", "channel", "starts_on", "ends_on", "cost_krw")
        widgets = {"starts_on": forms.DateInput({"type": "date"}), "ends_on": forms.DateInput({"type": "date"})}
        help_texts = {"code": _("Links carry it: ?campaign=code")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = form_helper(
            self, _("Save"), FieldRow("name", "code"), FieldRow("channel", "cost_krw"), FieldRow("starts_on", "ends_on")
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        starts_on, ends_on = cleaned.get("starts_on"), cleaned.get("ends_on")
        if starts_on and ends_on and ends_on < starts_on:
            self.add_error("ends_on", _("The end lies before the start."))
        if (cleaned.get("cost_krw") or 0) < 0:
            self.add_error("cost_krw", _("An amount of won, zero or more."))
        return cleaned
