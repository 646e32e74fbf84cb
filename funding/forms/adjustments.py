"""Forms of adjustments to pay and of exemptions from tax."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django_countries import countries

from common.crispy import FieldRow, form_helper
from funding.states import AdjustmentCode, GrantKind


class AdjustmentForm(forms.Form):
    """A sum for one person's pay of one month."""

    month = forms.CharField(label=_("Month"), widget=forms.TextInput({"type": "month"}))
    code = forms.ChoiceField(label=_("Kind"), choices=AdjustmentCode)
    amount_krw = forms.IntegerField(
        label=_("Amount in won"), min_value=-(10**9), max_value=10**9, help_text=_("A recovery is below 0: -150000.")
    )
    reason = forms.CharField(label=_("Reason"), max_length=300)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = form_helper(self, _("Enter the adjustment"), "month", FieldRow("code", "amount_krw"), "reason")

    def clean_month(self) -> date:
        try:
            return date.fromisoformat(f"{self.cleaned_data['month']}-01")
        except ValueError:
            raise forms.ValidationError(_("Enter a month as 2026-07.")) from None


class GrantForm(forms.Form):
    """Which exemption or relief, from when, on what paper."""

    kind = forms.ChoiceField(label=_("What you ask for"), choices=GrantKind, widget=forms.RadioSelect)
    from_on = forms.DateField(label=_("From"), widget=forms.DateInput({"type": "date"}))
    until_on = forms.DateField(label=_("Until"), required=False, widget=forms.DateInput({"type": "date"}))
    country = forms.ChoiceField(label=_("Country of the treaty"), required=False, choices=())
    article = forms.CharField(label=_("Article of the treaty"), max_length=60, required=False)
    paper = forms.CharField(
        label=_("Paper"), max_length=300, help_text=_("For example: certificate of residence of 3 March, number 4711.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["country"].choices = [("", "–"), *countries]  # type: ignore[attr-defined]
        self.helper = form_helper(
            self, _("Ask for it"), "kind", FieldRow("from_on", "until_on"), FieldRow("country", "article"), "paper"
        )


class DecisionForm(forms.Form):
    """Why it is refused; empty when it is granted."""

    reason = forms.CharField(label=_("Reason, where it is refused"), max_length=300, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = form_helper(self, _("Refuse"), "reason")
