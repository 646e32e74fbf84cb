"""Appropriating, agreeing, allotting."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.crispy import FieldRow, form_helper
from funding.models import Agreement, Appropriation
from labs.models import Institute, Lab


class AppropriationForm(forms.Form):
    source = forms.CharField(label=_("Source"), max_length=200, help_text=_("For example: supplementary budget"))
    fiscal_year = forms.IntegerField(label=_("Fiscal year"), min_value=2020, max_value=2100)
    amount_krw = forms.IntegerField(label=_("Amount in won"), min_value=1)
    note = forms.CharField(label=_("Note"), max_length=200, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = form_helper(self, _("Appropriate"), "source", FieldRow("fiscal_year", "amount_krw"), "note")


class AgreementForm(forms.Form):
    appropriation = forms.ModelChoiceField(
        Appropriation.objects.order_by("-fiscal_year", "source"), label=_("Out of which appropriation")
    )
    institute = forms.ModelChoiceField(Institute.objects.all(), label=_("Institute"))
    amount_krw = forms.IntegerField(label=_("Amount in won"), min_value=1)
    note = forms.CharField(label=_("Note"), max_length=200, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = form_helper(self, _("Agree"), "appropriation", FieldRow("institute", "amount_krw"), "note")


class AllotmentForm(forms.Form):
    """Out of one agreement, to one of the institute's labs."""

    lab = forms.ModelChoiceField(Lab.objects.none(), label=_("Lab"))
    amount_krw = forms.IntegerField(label=_("Amount in won"), min_value=1)
    note = forms.CharField(label=_("Note"), max_length=200, required=False)

    def __init__(self, *args: Any, agreement: Agreement, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["lab"].queryset = Lab.objects.filter(institute=agreement.institute_id)  # type: ignore[attr-defined]
        self.helper = form_helper(self, _("Allot"), FieldRow("lab", "amount_krw"), "note")
