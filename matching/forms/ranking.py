"""What a lab sends: an order, an interest; whom an applicant asks to rank together."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.crispy import fields_only, form_helper
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


class PasteForm(forms.Form):
    """A whole order, best first."""

    lines = forms.CharField(
        label=_("The order, best first"),
        max_length=100_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 14}),
        help_text=_("A number or a name on each line. Several on one line, with a comma between them, stand level."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = form_helper(self, _("Use this order"))


class AmendForm(forms.Form):
    """What a sealed list shall be, and why."""

    lines = forms.CharField(
        label=_("The whole list as it shall be, best first"),
        max_length=100_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 14}),
        help_text=_("A number or a name on each line. Several on one line, with a comma between them, stand level."),
    )
    reason = forms.CharField(label=_("Reason, shown publicly"), max_length=500)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = form_helper(self, _("Ask for this change"))


class CoupleForm(forms.Form):
    """With whom an applicant wishes to rank together."""

    email = forms.EmailField(label=_("The e-mail address with which she or he applied to the same call"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = fields_only(self)
