"""Forms of bank details and the bank's answer."""

from typing import Any, Final

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from common.crispy import FieldRow, file_attrs, form_helper
from common.when import day_words
from funding.bankanswers import Message, Unreadable, read
from funding.models import BankLine, Entry
from funding.queries.payments import entries_like
from funding.states import Purpose
from labs.models import Institute

BANKS: Final = (
    ("002", "KDB"),
    ("003", "IBK"),
    ("004", "KB"),
    ("011", "NH"),
    ("020", "Woori"),
    ("081", "Hana"),
    ("088", "Shinhan"),
    ("090", "KakaoBank"),
    ("092", "Toss Bank"),
)
ANSWER_LIMIT: Final = 5 * 1024 * 1024


class BankForm(forms.Form):
    """Where she is paid."""

    holder = forms.CharField(label=_("Account holder, as the bank writes it"), max_length=150)
    bank_code = forms.ChoiceField(label=_("Bank"), choices=BANKS)
    number = forms.RegexField(
        label=_("Account number"),
        regex=r"^[0-9 -]{6,34}$",
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"invalid": _("Digits, spaces and hyphens only, 6 at least.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = form_helper(self, _("Use this account"), "holder", FieldRow("bank_code", "number"))

    def clean_number(self) -> str:
        number: str = self.cleaned_data["number"].replace(" ", "").replace("-", "")
        if len(number) < 6:
            raise forms.ValidationError(_("Digits, spaces and hyphens only, 6 at least."))
        return number


class PayerForm(BankForm):
    """From which account an institute pays."""

    holder = None  # type: ignore[assignment]
    institute = forms.ModelChoiceField(label=_("Institute"), queryset=Institute.objects.none())

    def __init__(self, *args: Any, institutes: QuerySet[Institute], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["institute"].queryset = institutes  # type: ignore[attr-defined]
        self.helper = form_helper(self, _("Pay from this account"), "institute", FieldRow("bank_code", "number"))


class AnswerForm(forms.Form):
    """The bank's answer: CSV (reference, state, reason), pain.002 or a statement (camt.053)."""

    file = forms.FileField(
        label=_("The bank's answer (CSV or XML)"), widget=forms.FileInput(file_attrs(".csv,.xml", ANSWER_LIMIT))
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].help_text = _(
            "pain.002, or a CSV with the columns reference, state (paid or returned), reason, amount_krw."
        )
        self.helper = form_helper(self, _("Enter the answer"))

    def clean_file(self) -> Message:
        """The message, read; else what is wrong with it, and nothing is changed."""
        upload: UploadedFile[Any] = self.cleaned_data["file"]
        if (upload.size or 0) > ANSWER_LIMIT:
            raise forms.ValidationError(_("The file is larger than 5 MB."))
        try:
            return read(upload.read())
        except Unreadable as refusal:
            raise forms.ValidationError(str(refusal)) from None


class StatementForm(AnswerForm):
    """The statement of the account from which an institute pays."""

    institute = forms.ModelChoiceField(label=_("Institute"), queryset=Institute.objects.none())

    def __init__(self, *args: Any, institutes: QuerySet[Institute], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["institute"].queryset = institutes  # type: ignore[attr-defined]
        self.fields["file"].label = _("The bank's statement (camt.053)")
        self.fields["file"].help_text = _("XML as the bank gives it; the same file is entered once.")
        self.helper = form_helper(self, _("Enter the statement"), "institute", "file")


class SettleForm(forms.Form):
    """What a movement is that no payment explains."""

    purpose = forms.ChoiceField(
        label=_("What it is"),
        choices=[
            (Purpose.INTEREST, Purpose.INTEREST.label),
            (Purpose.BANK_FEE, Purpose.BANK_FEE.label),
            (Purpose.SALARY, _("Pay that was paid back")),
            (Purpose.RESEARCH_FUND, _("Rest of an advance, or a card charge, that was paid back")),
            (Purpose.CARD, Purpose.CARD.label),
            (Purpose.AUTHORITIES, Purpose.AUTHORITIES.label),
            (Purpose.MATCHED, _("What was owed out of matched money")),
            (Purpose.BOOKED, _("In the books already: a tranche, money given back, a receipt")),
            (Purpose.OTHER, Purpose.OTHER.label),
        ],
    )
    entry = forms.ModelChoiceField(
        label=_("Which entry"), queryset=Entry.objects.none(), required=False,
        help_text=_("Only for what is in the books already: entries for as much, about this day."),
    )  # fmt: skip
    note = forms.CharField(label=_("In words"), max_length=200)

    def __init__(self, *args: Any, line: BankLine, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["entry"]
        field.queryset = entries_like(line)
        field.label_from_instance = lambda row: f"{day_words(row.booked_on)} · {row.words}"
        self.helper = form_helper(self, _("Ask another person to confirm"), "purpose", "entry", "note")


class CodeForm(forms.Form):
    """The number that came with the one won."""

    code = forms.RegexField(
        label=_("Number beside the one won"),
        regex=r"^\s*[0-9]{4}\s*$", widget=forms.TextInput({"inputmode": "numeric"}),
        error_messages={"invalid": _("Four digits.")},
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = form_helper(self, _("Answer the test transfer"))


class AgainForm(forms.Form):
    """A returned payment is made again; to the same account only where something is otherwise now."""

    why = forms.CharField(
        label=_("What is otherwise now"),
        max_length=300,
        help_text=_("For example: the bank says that the account is open again, told by telephone on 3 July."),
    )

    def __init__(self, *args: Any, needs_reason: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not needs_reason:
            del self.fields["why"]
        self.helper = form_helper(self, _("Pay again"), *self.fields)
