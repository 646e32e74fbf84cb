"""Forms of purchase requests."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.crispy import FieldRow, form_helper
from funding.actions.purchases import Wish
from funding.models import ClaimCategory


class PurchaseForm(forms.Form):
    """What is to be bought."""

    category = forms.ModelChoiceField(label=_("Category"), queryset=ClaimCategory.objects.filter(is_active=True))
    what = forms.CharField(
        label=_("What is to be bought, and what for"), widget=forms.Textarea({"rows": 3}), max_length=2000
    )
    supplier = forms.CharField(label=_("Supplier, if you know one"), max_length=200, required=False)
    estimate_krw = forms.IntegerField(
        label=_("Won at most"), min_value=1, max_value=10**12, widget=forms.NumberInput({"inputmode": "numeric"})
    )
    needed_on = forms.DateField(label=_("Needed on"), widget=forms.DateInput({"type": "date"}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = ("category", "what", "supplier", FieldRow("estimate_krw", "needed_on"))
        self.helper = form_helper(self, _("Ask before buying"), *rows)

    def wish(self) -> Wish:
        return Wish(**self.cleaned_data)
