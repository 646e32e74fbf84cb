"""Forms of matched money."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.crispy import FieldRow, fields_only, file_attrs, form_helper
from funding.actions.matched import Paper
from funding.forms.claims import KINDS
from funding.models import BankLine, MatchedUse, Pledge
from funding.queries.budget import institutes_budgeted
from funding.queries.matched import bank_lines_for
from labs.models import Lab
from people.models import User

DAY = forms.DateInput({"type": "date"})


class PledgeForm(forms.ModelForm[Pledge]):
    """What a partner promises."""

    class Meta:
        model = Pledge
        fields = ("partner", "lab", "scheme", "kind", "amount_krw", "what_for", "starts_on", "ends_on")
        widgets = {"starts_on": DAY, "ends_on": DAY}
        labels = {"partner": _("Partner"), "lab": _("Lab"), "scheme": _("Scheme")}

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labs = Lab.objects.filter(institute__in=institutes_budgeted(user))
        self.fields["lab"].queryset = labs  # type: ignore[attr-defined]
        self.fields["amount_krw"].validators = [*self.fields["amount_krw"].validators]
        self.fields["amount_krw"].widget.attrs["inputmode"] = "numeric"
        self.helper = form_helper(
            self, _("Enter the pledge"), "partner", FieldRow("lab", "scheme"), FieldRow("kind", "amount_krw"),
            "what_for", FieldRow("starts_on", "ends_on"),
        )  # fmt: skip

    def clean_amount_krw(self) -> int:
        amount: int = self.cleaned_data["amount_krw"]
        if not 0 < amount <= 10**13:
            raise forms.ValidationError(_("Enter an amount above 0."))
        return amount

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("starts_on") and data.get("ends_on") and data["ends_on"] < data["starts_on"]:
            self.add_error("ends_on", _("The last day lies before the first."))
        return data


class PaperForm(forms.Form):
    """Which signed agreement."""

    paper = forms.CharField(label=_("Signed agreement"), max_length=300)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = fields_only(self)


class NoForm(forms.Form):
    """Why something is refused, or ends."""

    reason = forms.CharField(label=_("Reason"), max_length=300)

    def __init__(self, *args: Any, submit: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = form_helper(self, submit, "reason")


class ReceiptForm(forms.Form):
    """What came in, with its paper."""

    received_on = forms.DateField(label=_("Day"), widget=DAY)
    amount_krw = forms.IntegerField(label=_("Amount in won"), min_value=1, max_value=10**13)
    basis = forms.CharField(label=_("How the value was found (in kind)"), max_length=300, required=False)
    line = forms.ModelChoiceField(label=_("Bank movement (cash)"), queryset=BankLine.objects.none(), required=False)
    paper = forms.FileField(label=_("Evidence (PDF or photo)"))

    def __init__(self, *args: Any, pledge: Pledge, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("received_on", timezone.localdate())
        self.fields["line"].queryset = bank_lines_for(pledge)  # type: ignore[attr-defined]
        attrs = file_attrs(".pdf,.jpg,.jpeg,.png", settings.UPLOAD_LIMIT_BYTES)
        self.fields["paper"].widget = forms.FileInput(attrs)
        self.helper = fields_only(self, FieldRow("received_on", "amount_krw"), "line", "basis", "paper")

    def clean_paper(self) -> Paper:
        upload: UploadedFile[Any] = self.cleaned_data["paper"]
        if (upload.size or 0) > settings.UPLOAD_LIMIT_BYTES:
            raise forms.ValidationError(_("The file is too large."))
        content = upload.read()
        if not any(content.startswith(magic) for magic in KINDS):
            raise forms.ValidationError(_("The file is neither a PDF nor a photo (JPEG, PNG)."))
        return Paper(upload.name or "paper", content)


class UseForm(forms.ModelForm[MatchedUse]):
    """What is to be paid out of it."""

    class Meta:
        model = MatchedUse
        fields = ("pays", "appointment", "used_on", "amount_krw", "reason")
        widgets = {"used_on": DAY}
        labels = {"appointment": _("Appointment")}

    def __init__(self, *args: Any, pledge: Pledge, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.pledge = pledge
        self.fields["appointment"].required = False
        lab = pledge.lab.appointments.select_related("fellow", "lab")
        self.fields["appointment"].queryset = lab  # type: ignore[attr-defined]
        self.helper = fields_only(self, FieldRow("pays", "appointment"), FieldRow("used_on", "amount_krw"), "reason")

    def clean_amount_krw(self) -> int:
        amount: int = self.cleaned_data["amount_krw"]
        if not 0 < amount <= 10**13:
            raise forms.ValidationError(_("Enter an amount above 0."))
        return amount
