"""Input of the match: an order, seats, an interest, a reason."""

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


class SeatsForm(forms.Form):
    """How many seats a lab can fill, and why that changed."""

    seats = forms.IntegerField(label=_("Seats"), min_value=0, max_value=1000)
    reason = forms.CharField(label=_("Reason"), max_length=300)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = form_helper(self, _("Change the seats"))


class DiscardForm(forms.Form):
    reason = forms.CharField(label=_("Why is this run given up?"), max_length=500, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = form_helper(self, "")
        self.helper.form_tag = False
