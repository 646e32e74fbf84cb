"""What is handed in for an item of the checklist, and what an officer says to it."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from applications.forms.uploads import PdfField, UploadForm
from common.crispy import fields_only
from fellowships.models import OnboardingItem
from fellowships.states import VisaKind


class HandInForm(UploadForm):
    """A paper, a day, or a yes to a text: whatever the item asks for. Several stand on one page."""

    def __init__(self, *args: Any, item: OnboardingItem, has_paper: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, auto_id=f"id_{item.key}_%s", **kwargs)
        demand = item.demand
        if demand.takes_paper:
            self.fields["file"] = PdfField(label=_("Choose a PDF or a picture"), takes_images=True, required=False)
        if demand.asks_day:
            self.fields["expected_on"] = forms.DateField(
                label=_("Expected on, or done on"), required=False, initial=item.expected_on,
                widget=forms.DateInput({"type": "date"}),
            )  # fmt: skip
        if demand.text_en:
            self.fields["agrees"] = forms.BooleanField(label=_("I have read this and agree."), required=False)
        self.helper = fields_only(self)


class OfficerForm(UploadForm):
    """An officer's words on an item, and the paper of an item that is the officers' own."""

    note = forms.CharField(label=_("Note"), required=False, max_length=500)

    def __init__(self, *args: Any, item: OnboardingItem, **kwargs: Any) -> None:
        super().__init__(*args, auto_id=f"id_{item.key}_officer_%s", **kwargs)
        if item.owner == "officer" and item.demand.takes_paper:
            self.fields["file"] = PdfField(label=_("Choose a PDF or a picture"), takes_images=True, required=False)
        self.helper = fields_only(self)


class VisaForm(forms.Form):
    visa_kind = forms.ChoiceField(label=_("Visa"), choices=VisaKind)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = fields_only(self)
