"""The form of a claim, and the check of what is uploaded as a receipt."""

from typing import Any, Final

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.crispy import FieldRow, file_attrs, form_helper
from funding.actions.claims import Draft, Receipt
from funding.models import ClaimCategory

KINDS: Final = {b"%PDF-": "application/pdf", b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}


class ClaimForm(forms.Form):
    """What she claims, with a receipt."""

    category = forms.ModelChoiceField(label=_("Category"), queryset=ClaimCategory.objects.filter(is_active=True))
    amount_krw = forms.IntegerField(
        label=_("Amount in won"), min_value=1, max_value=10**12, widget=forms.NumberInput({"inputmode": "numeric"})
    )
    spent_on = forms.DateField(label=_("Day of the expense"), widget=forms.DateInput({"type": "date"}))
    purpose = forms.CharField(label=_("What for"), widget=forms.Textarea({"rows": 3}), max_length=2000)
    receipts = forms.FileField(label=_("Receipt (PDF or photo)"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("spent_on", timezone.localdate())
        attrs = file_attrs(".pdf,.jpg,.jpeg,.png", settings.UPLOAD_LIMIT_BYTES)
        self.fields["receipts"].widget = forms.FileInput(attrs)
        self.helper = form_helper(
            self, _("Claim"), "category", FieldRow("amount_krw", "spent_on"), "purpose", "receipts"
        )

    def clean_receipts(self) -> list[Receipt]:
        """The upload as evidence: what it is by its first bytes, not by its name."""
        upload: UploadedFile[Any] = self.cleaned_data["receipts"]
        if (upload.size or 0) > settings.UPLOAD_LIMIT_BYTES:
            limit = settings.UPLOAD_LIMIT_BYTES // 2**20
            raise forms.ValidationError(_("The file is larger than %(limit)s MB."), params={"limit": limit})
        content = upload.read()
        kind = next((kind for magic, kind in KINDS.items() if content.startswith(magic)), None)
        if kind is None:
            raise forms.ValidationError(_("The file is neither a PDF nor a photo (JPEG, PNG)."))
        return [Receipt(upload.name or "receipt", content, kind)]

    def draft(self) -> Draft:
        """The claim as its action takes it."""
        data = self.cleaned_data
        return Draft(data["category"], data["amount_krw"], data["spent_on"], data["purpose"])


class RefuseForm(forms.Form):
    """Why a claim is refused."""

    reason = forms.CharField(label=_("Reason"), widget=forms.Textarea({"rows": 3}), max_length=2000)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = form_helper(self, _("Refuse"))
