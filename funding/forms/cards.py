"""Forms of research cards and their statements."""

from typing import Any, Final

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.crispy import FieldRow, file_attrs, form_helper
from fellowships.models import Appointment
from funding.cardfile import Statement, UnreadableStatement, read
from funding.queries.cards import problems_with
from labs.models import Institute

STATEMENT_LIMIT: Final = 5 * 1024 * 1024
MOST_PROBLEMS: Final = 50


class CardStatementForm(forms.Form):
    """The file of the card company; what is wrong with it is told line by line."""

    institute = forms.ModelChoiceField(label=_("Institute"), queryset=Institute.objects.none())
    file = forms.FileField(
        label=_("The card company's statement (CSV)"), widget=forms.FileInput(file_attrs(".csv,.txt", STATEMENT_LIMIT)),
        help_text=_("With the columns card (카드번호), approval (승인번호), used_on (이용일자), merchant (가맹점명), "
                    "amount_krw (이용금액); a cancellation is negative. All lines are entered or none."),
    )  # fmt: skip

    def __init__(self, *args: Any, institutes: QuerySet[Institute], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["institute"].queryset = institutes  # type: ignore[attr-defined]
        self.fields["institute"].initial = institutes.first()
        self.helper = form_helper(self, _("Enter the statement"), "institute", "file")

    def clean_file(self) -> Statement:
        """The statement, read; else what is wrong with the file as a whole."""
        upload: UploadedFile[Any] = self.cleaned_data["file"]
        self.name = upload.name or "statement.csv"
        if (upload.size or 0) > STATEMENT_LIMIT:
            raise forms.ValidationError(_("The file is larger than 5 MB."))
        try:
            return read(upload.read())
        except UnreadableStatement as refusal:
            raise forms.ValidationError(str(refusal)) from None

    def clean(self) -> dict[str, Any]:
        """Every line that is wrong, with its number and why; nothing is changed until they are right."""
        data: dict[str, Any] = super().clean() or {}
        if data.get("institute") and data.get("file"):
            problems = problems_with(data["institute"], data["file"])
            listed: list[Any] = [str(problem) for problem in problems[:MOST_PROBLEMS]]
            if more := len(problems) - len(listed):
                listed.append(_("And %(number)s more lines.") % {"number": more})
            for words in listed:
                self.add_error("file", words)
        return data


class CardForm(forms.Form):
    """A card in a fellow's hands."""

    appointment = forms.ModelChoiceField(label=_("Fellow"), queryset=Appointment.objects.none())
    issuer = forms.CharField(label=_("Card company"), max_length=40)
    last_four = forms.RegexField(
        label=_("Last four digits"), regex=r"^[0-9]{4}$", max_length=4,
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}),
        help_text=_("Never the whole number."), error_messages={"invalid": _("Four digits.")},
    )  # fmt: skip
    given_on = forms.DateField(label=_("Given on"), widget=forms.DateInput({"type": "date"}))

    def __init__(self, *args: Any, appointments: QuerySet[Appointment], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["appointment"]
        field.queryset = appointments
        field.label_from_instance = lambda row: f"{row.fellow.full_name} · {row.lab.code}"
        self.initial.setdefault("given_on", timezone.localdate())
        rows = ("appointment", FieldRow("issuer", "last_four"), "given_on")
        self.helper = form_helper(self, _("Write it down"), *rows)


class ChargeForm(forms.Form):
    """Why a charge is owed, or a cancellation goes back to the fund."""

    words = forms.CharField(label=_("Why"), max_length=300, widget=forms.Textarea({"rows": 2}))

    def __init__(self, *args: Any, submit: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = form_helper(self, submit, "words")
