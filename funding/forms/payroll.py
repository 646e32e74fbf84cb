"""Forms of payroll, tax and rates."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.crispy import FieldRow, form_helper
from funding.queries.payroll import institutes_of, next_to_prepare
from funding.states import TaxWay
from labs.models import Institute
from people.models import User


class PrepareForm(forms.Form):
    """Which institute's pay, for which month."""

    institute = forms.ModelChoiceField(label=_("Institute"), queryset=Institute.objects.none())
    month = forms.CharField(label=_("Month"), widget=forms.TextInput({"type": "month"}))

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        institutes = institutes_of(user)
        self.fields["institute"].queryset = institutes  # type: ignore[attr-defined]
        first = institutes.first()
        if first is not None:
            self.initial = {"institute": first, "month": f"{next_to_prepare(first):%Y-%m}", **self.initial}
        self.helper = form_helper(self, _("Prepare the preview"), FieldRow("institute", "month"))

    def clean_month(self) -> date:
        try:
            return date.fromisoformat(f"{self.cleaned_data['month']}-01")
        except ValueError:
            raise forms.ValidationError(_("Enter a month as 2026-07.")) from None


class HoldForm(forms.Form):
    """Why one person's pay is kept back."""

    note = forms.CharField(label=_("Why it is held"), max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = form_helper(self, _("Hold this pay"))


class RatesForm(forms.Form):
    """Against which document the rates were checked."""

    document = forms.CharField(label=_("Document that confirms these rates"), max_length=300)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = form_helper(self, _("Confirm the rates"))


class TaxForm(forms.Form):
    """How she is taxed: both ways are shown beside the form, neither is chosen silently."""

    way = forms.ChoiceField(label=_("Tax"), choices=TaxWay, widget=forms.RadioSelect)
    family_size = forms.IntegerField(label=_("People in the family, yourself included"), min_value=1, max_value=20)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = form_helper(self, _("Keep this"))
