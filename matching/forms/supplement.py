"""When a supplementary round goes on."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.crispy import fields_only
from matching.actions import Timetable


def _instant() -> forms.DateTimeInput:
    return forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")


class SupplementForm(forms.Form):
    wishes_due_at = forms.DateTimeField(label=_("Candidates name labs until (Korean time)"), widget=_instant())
    first_wave_at = forms.DateTimeField(label=_("First wave of offers (Korean time)"), widget=_instant())
    wave_hours = forms.IntegerField(label=_("Hours to answer"), min_value=1, max_value=336, initial=48)
    waves = forms.IntegerField(label=_("Waves"), min_value=1, max_value=20, initial=3)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = fields_only(self)

    def timetable(self) -> Timetable:
        return Timetable(**self.cleaned_data)
