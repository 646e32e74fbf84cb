"""The form of a claim, and the check of what is uploaded as a receipt."""

from typing import Any, Final

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.crispy import FieldRow, file_attrs, form_helper
from funding.actions.claims import Draft, Receipt
from funding.models import CardCharge, ClaimCategory, ExchangeRate, PurchaseRequest
from funding.queries.claims import Planned
from funding.states import ClaimKind

MOST_RECEIPTS: Final = 10
KINDS: Final = {b"%PDF-": "application/pdf", b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}


class ReceiptsInput(forms.FileInput):
    """Several files at once."""

    allow_multiple_selected = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[Any]:
        return list(files.getlist(name)) if hasattr(files, "getlist") else [files[name]] if name in files else []


class ReceiptsField(forms.FileField):
    """Evidence as it was uploaded, one file or several; each is what its first bytes say, not its name."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        attrs = {**file_attrs(".pdf,.jpg,.jpeg,.png", settings.UPLOAD_LIMIT_BYTES), "multiple": True}
        super().__init__(*args, **{"widget": ReceiptsInput(attrs), **kwargs})

    def clean(self, data: Any, initial: Any = None) -> list[Receipt]:
        """What was uploaded; nothing where nothing was. Refuses, with its name, what is neither PDF nor photo."""
        uploads = [each for each in data or () if each]
        if not uploads:
            super().clean(None, initial)
            return []
        if len(uploads) > MOST_RECEIPTS:
            raise forms.ValidationError(_("At most %(most)s files at once."), params={"most": MOST_RECEIPTS})
        return [self._receipt(super(ReceiptsField, self).clean(each, initial)) for each in uploads]

    def _receipt(self, upload: UploadedFile[Any]) -> Receipt:
        facts = {"name": upload.name, "limit": settings.UPLOAD_LIMIT_BYTES // 2**20}
        if (upload.size or 0) > settings.UPLOAD_LIMIT_BYTES:
            raise forms.ValidationError(_("“%(name)s” is larger than %(limit)s MB."), params=facts)
        content = upload.read()
        kind = next((kind for magic, kind in KINDS.items() if content.startswith(magic)), None)
        if kind is None:
            raise forms.ValidationError(_("“%(name)s” is neither a PDF nor a photo (JPEG, PNG)."), params=facts)
        return Receipt(upload.name or "receipt", content, kind)


class ClaimForm(forms.Form):
    """What she claims, with a receipt."""

    kind = forms.ChoiceField(label=_("Kind"), choices=ClaimKind, required=False, widget=forms.RadioSelect)
    category = forms.ModelChoiceField(label=_("Category"), queryset=ClaimCategory.objects.filter(is_active=True))
    amount_krw = forms.IntegerField(
        label=_("Amount in won"), min_value=1, max_value=10**12, required=False,
        widget=forms.NumberInput({"inputmode": "numeric"}), help_text=_("Leave it empty for an amount abroad."),
    )  # fmt: skip
    currency = forms.ChoiceField(label=_("Currency, if paid abroad"), choices=(), required=False)
    foreign = forms.DecimalField(
        label=_("Amount abroad"), min_value=0, max_value=10**9, decimal_places=2, required=False,
        help_text=_("Won are computed by the recorded rate of the day."),
    )  # fmt: skip
    request = forms.ModelChoiceField(
        label=_("Approved purchase request"), queryset=PurchaseRequest.objects.none(), required=False
    )
    spent_on = forms.DateField(label=_("Day of the expense"), widget=forms.DateInput({"type": "date"}))
    purpose = forms.CharField(label=_("What for"), widget=forms.Textarea({"rows": 3}), max_length=2000)
    receipts = ReceiptsField(label=_("Receipts (PDF or photo)"), required=False)

    def __init__(
        self, *args: Any, check_url: str = "", requests: Any = None, charge: CardCharge | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.charge = charge
        has_requests = requests is not None and requests.exists()
        if has_requests:
            self.fields["request"].queryset = requests  # type: ignore[attr-defined]
        else:
            del self.fields["request"]
        self.initial.setdefault("spent_on", timezone.localdate())
        self.initial.setdefault("kind", ClaimKind.EXPENSE)
        known = ExchangeRate.objects.order_by("currency").values_list("currency", flat=True).distinct()
        self.fields["currency"].choices = [("", _("won")), *((code, code) for code in known)]  # type: ignore[attr-defined]
        typing = {"hx_post": check_url, "hx_trigger": "input delay:400ms", "hx_target": "#reasons"} if check_url else {}
        self.helper = form_helper(
            self, _("Claim"), "kind", *(["request"] if has_requests else []), "category",
            FieldRow("amount_krw", "spent_on"), FieldRow("currency", "foreign"), "purpose", "receipts", **typing,
        )  # fmt: skip
        if charge is not None:
            # the card company says how much and when
            for name in ("kind", "amount_krw", "spent_on", "currency", "foreign"):
                del self.fields[name]
            rows = [*(["request"] if has_requests else []), "category", "purpose", "receipts"]
            self.helper = form_helper(self, _("Account for it"), *rows, **typing)

    def clean(self) -> dict[str, Any]:
        """Either won, or a currency with its amount; a receipt unless an advance is asked for."""
        data: dict[str, Any] = super().clean() or {}
        if self.charge is not None:
            data |= {"amount_krw": self.charge.amount_krw, "spent_on": self.charge.used_on, "charge": self.charge}
        if bool(data.get("currency")) != bool(data.get("foreign")):
            self.add_error("foreign", _("An amount abroad needs its currency and its amount."))
        elif data.get("currency") and data.get("amount_krw"):
            self.add_error("amount_krw", _("Leave the won empty for an amount abroad: they follow from the rate."))
        elif not data.get("currency") and not data.get("amount_krw") and "amount_krw" not in self.errors:
            self.add_error("amount_krw", _("Enter the amount."))
        if data.get("kind") != ClaimKind.ADVANCE and not data.get("receipts") and "receipts" not in self.errors:
            self.add_error("receipts", _("A claim needs a receipt."))
        return data


def draft_of(data: dict[str, Any]) -> Draft:
    """The claim of cleaned data as its action takes it."""
    foreign = data.get("foreign")
    return Draft(
        data["category"], data.get("amount_krw") or 0, data["spent_on"], data["purpose"],
        currency=data.get("currency") or "", foreign_minor=int(foreign * 100) if foreign else None,
        kind=data.get("kind") or ClaimKind.EXPENSE, request=data.get("request"), charge=data.get("charge"),
    )  # fmt: skip


class RefuseForm(forms.Form):
    """Why a claim is refused."""

    reason = forms.CharField(label=_("Reason"), widget=forms.Textarea({"rows": 3}), max_length=2000)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = form_helper(self, _("Refuse"))


class ApproveForm(forms.Form):
    """How much is approved, when it is less than was claimed, and why."""

    amount_krw = forms.IntegerField(label=_("Approve only (won)"), min_value=1, max_value=10**12, required=False)
    reason = forms.CharField(label=_("Why less"), max_length=300, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = form_helper(self, _("Approve"), FieldRow("amount_krw", "reason"))


class AskForm(forms.Form):
    """What the finance desk asks."""

    question = forms.CharField(label=_("Question"), widget=forms.Textarea({"rows": 2}), max_length=2000)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = form_helper(self, _("Return with this question"))


class AnswerForm(forms.Form):
    """Her answer, with one paper more where it is asked for."""

    answer = forms.CharField(label=_("Answer"), widget=forms.Textarea({"rows": 3}), max_length=2000)
    receipts = ReceiptsField(label=_("More papers (PDF or photo)"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = form_helper(self, _("Answer"))


class AdvanceForm(AnswerForm):
    """What an advance was spent on."""

    answer = None  # type: ignore[assignment]
    spent_krw = forms.IntegerField(label=_("Spent (won)"), min_value=0, max_value=10**12)
    words = forms.CharField(label=_("What for"), widget=forms.Textarea({"rows": 2}), max_length=2000)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["receipts"].label = _("Receipts (PDF or photo)")
        self.helper = form_helper(self, _("Settle the advance"), "spent_krw", "words", "receipts")


class PlanForm(forms.Form):
    """What she means to spend, by category."""

    def __init__(self, *args: Any, planned: list[Planned], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for row in planned:
            self.fields[f"c{row.category.pk}"] = forms.IntegerField(
                label=row.category.name, min_value=0, max_value=10**12, initial=row.planned_krw
            )
        self.helper = form_helper(self, _("Keep the plan"))

    def amounts(self) -> dict[int, int]:
        """Won by the category's primary key."""
        return {int(name[1:]): amount for name, amount in self.cleaned_data.items()}


class RateForm(forms.Form):
    """A currency's rate of one day."""

    currency = forms.RegexField(
        label=_("Currency"), regex=r"^[A-Za-z]{3}$", error_messages={"invalid": _("Three letters, such as USD.")}
    )
    on = forms.DateField(label=_("Day"), widget=forms.DateInput({"type": "date"}))
    krw = forms.DecimalField(label=_("Won for one unit"), min_value=0, max_value=10**8, decimal_places=4)
    source = forms.CharField(label=_("Basis"), max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = form_helper(self, _("Record the rate"), FieldRow("currency", "on"), FieldRow("krw", "source"))

    def clean_currency(self) -> str:
        return str(self.cleaned_data["currency"]).upper()

    def clean_krw(self) -> int:
        """Ten-thousandths of a won."""
        rate = int(self.cleaned_data["krw"] * 10_000)
        if rate <= 0:
            raise forms.ValidationError(_("Enter an amount above 0."))
        return rate
