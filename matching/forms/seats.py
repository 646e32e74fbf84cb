"""What officers send about seats."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.crispy import form_helper


class SeatsForm(forms.Form):
    """How many seats a lab can fill, and why that changed."""

    seats = forms.IntegerField(label=_("Seats"), min_value=0, max_value=1000)
    reason = forms.CharField(label=_("Reason"), max_length=300)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = form_helper(self, _("Change the seats"))
