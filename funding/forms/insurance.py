"""Forms of what is otherwise with a person's insurance."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.crispy import FieldRow, form_helper
from funding.models.insurance import InsuranceKind


class ExceptionForm(forms.Form):
    """Which insurance or base, from when, on what paper."""

    kind = forms.ChoiceField(label=_("What is otherwise"), choices=InsuranceKind, widget=forms.RadioSelect)
    base_krw = forms.IntegerField(
        label=_("Declared base a month, in won"),
        min_value=1,
        max_value=10**9,
        required=False,
        help_text=_("Only where a base was declared that is not a twelfth of the salary."),
    )
    from_on = forms.DateField(label=_("From"), widget=forms.DateInput({"type": "date"}))
    until_on = forms.DateField(label=_("Until"), required=False, widget=forms.DateInput({"type": "date"}))
    paper = forms.CharField(
        label=_("Paper"),
        max_length=300,
        help_text=_("For example: certificate of coverage of 2 July under the agreement with Germany, number 4711."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = form_helper(self, _("Enter it"), "kind", "base_krw", FieldRow("from_on", "until_on"), "paper")


class WithdrawalForm(forms.Form):
    """Why something is withdrawn."""

    reason = forms.CharField(label=_("Reason"), max_length=300)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = form_helper(self, _("Withdraw"), "reason")
