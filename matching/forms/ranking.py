"""What a lab sends: an order, an interest."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.crispy import form_helper
from reviews.states import ConflictKind


class OrderForm(forms.Form):
    """The lab's order as the page carried it; `version` is that of the list it was shown."""

    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)


class InterestForm(forms.Form):
    """Somebody of the lab has an interest in a candidate, so she neither sees nor ranks her."""

    number = forms.IntegerField(label=_("Number of the application"), min_value=1)
    kind = forms.ChoiceField(label=_("What connects you"), choices=ConflictKind)
    note = forms.CharField(label=_("In your words"), max_length=300, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = form_helper(self, "")
        self.helper.form_tag = False
