"""Filters of the outbox; sending again."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.crispy import form_helper
from notifications.states import NotificationState


class OutboxSearch(forms.Form):
    q = forms.CharField(label=_("Address or kind"), max_length=100, required=False)
    state = forms.ChoiceField(label=_("State"), choices=[("", _("All")), *NotificationState.choices], required=False)

    def asked(self) -> dict[str, Any]:
        return dict(self.cleaned_data) if self.is_valid() else {}


class ResendForm(forms.Form):
    address = forms.EmailField(label=_("To this address"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = form_helper(self, _("Send once more"))
