"""Forms of bank details and the bank's answer."""

import csv
import io
from typing import Any, Final

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from common.crispy import FieldRow, file_attrs, form_helper
from funding.actions.payments import Answer
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
STATES: Final = {"paid": True, "returned": False}


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
    """The bank's answer as CSV: reference, state (paid or returned), reason."""

    file = forms.FileField(label=_("The bank's answer (CSV)"), widget=forms.FileInput(file_attrs(".csv", ANSWER_LIMIT)))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].help_text = _("Columns: reference, state (paid or returned), reason.")
        self.helper = form_helper(self, _("Enter the answer"))

    def clean_file(self) -> list[Answer]:
        """The answers; else every wrong line with its number, and nothing is changed."""
        upload: UploadedFile[Any] = self.cleaned_data["file"]
        if (upload.size or 0) > ANSWER_LIMIT:
            raise forms.ValidationError(_("The file is larger than 5 MB."))
        try:
            text = upload.read().decode("utf-8-sig")
        except UnicodeDecodeError:
            raise forms.ValidationError(_("The file is not UTF-8 text.")) from None
        answers, wrong = _read(text)
        if wrong:
            lines = ", ".join(map(str, wrong[:10]))
            words = ngettext("Line %(lines)s is wrong", "Lines %(lines)s are wrong", len(wrong)) % {"lines": lines}
            raise forms.ValidationError(words)
        if not answers:
            raise forms.ValidationError(_("The file holds no answers."))
        return answers


def _read(text: str) -> tuple[list[Answer], list[int]]:
    answers: list[Answer] = []
    wrong: list[int] = []
    for number, row in enumerate(csv.DictReader(io.StringIO(text)), start=2):
        state = (row.get("state") or "").strip().lower()
        reference = (row.get("reference") or "").strip().lstrip("'")
        if not reference or state not in STATES:
            wrong.append(number)
            continue
        answers.append(Answer(reference, STATES[state], (row.get("reason") or "").strip()))
    return answers, wrong
