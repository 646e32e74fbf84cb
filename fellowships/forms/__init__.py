"""Filters of the list of appointments."""

from django import forms
from django.utils.translation import gettext_lazy as _

from fellowships.states import AppointmentState


class AppointmentSearch(forms.Form):
    q = forms.CharField(label=_("Name"), required=False, max_length=100)
    state = forms.ChoiceField(label=_("State"), required=False, choices=[("", _("All")), *AppointmentState.choices])
