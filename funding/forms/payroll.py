"""Forms of payroll, tax and rates."""

from datetime import date
from typing import Any, Final

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from common.crispy import FieldRow, file_attrs, form_helper
from funding.payroll.tables import BadTables, Tables
from funding.queries.payroll import institutes_of, next_to_prepare
from funding.states import TaxWay
from labs.models import Institute
from people.models import User

RATES_LIMIT: Final = 1_000_000
# of a wrong file, so many things are said at once
WORST: Final = 10


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


class UploadRatesForm(forms.Form):
    """A newer set of rate tables and where it comes from."""

    file = forms.FileField(label=_("Rates (TOML)"), widget=forms.FileInput(file_attrs(".toml", RATES_LIMIT)))
    source = forms.CharField(label=_("Source"), max_length=300, help_text=_("For example: Gazette of 27 December."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].help_text = _("The whole set, in the form of the file that comes with the application.")
        self.helper = form_helper(self, _("Upload and compare"))

    def clean_file(self) -> Tables:
        """The tables, read; else each thing that is wrong with them."""
        upload: UploadedFile[Any] = self.cleaned_data["file"]
        if (upload.size or 0) > RATES_LIMIT:
            raise forms.ValidationError(_("The file is larger than 1 MB."))
        try:
            return Tables.from_toml(upload.read().decode())
        except UnicodeDecodeError:
            raise forms.ValidationError(_("The file is not text (UTF-8).")) from None
        except BadTables as bad:
            raise forms.ValidationError(list(bad.problems[:WORST])) from None


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
