"""Asking for a correction, and answering it: a form of the named fields alone."""

from datetime import timedelta
from typing import Any, Final

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from applications.actions import CheckedFile
from applications.asked import AskedSection
from applications.forms.questions import QuestionsForm
from applications.forms.sections import AboutForm, CareerForm, DoctorateForm, ResearchForm, SectionForm
from applications.forms.uploads import PdfField, too_large
from applications.models import Application, Correction
from applications.states import FIXED_KINDS
from common.crispy import form_helper

DOCUMENT: Final = "document_"
FIXED: Final[tuple[type[SectionForm], ...]] = (AboutForm, DoctorateForm, CareerForm, ResearchForm)
DAYS: Final = 7


def section_forms(application: Application, asked: list[AskedSection], data: Any = None) -> list[SectionForm]:
    """Every form that holds fields which may be put right."""
    forms_of = [form(data, instance=application) for form in FIXED]
    return [*forms_of, *([QuestionsForm(data, instance=application, asked=asked)] if asked else [])]


def correctable(application: Application, asked: list[AskedSection]) -> list[tuple[str, str]]:
    """What may be asked for: the fields with their labels, and the documents."""
    fields = [(name, str(form.label_of(name))) for form in section_forms(application, asked) for name in form.own()]
    return [*fields, *((f"{DOCUMENT}{kind.value}", str(kind.label)) for kind in FIXED_KINDS)]


class AskCorrectionForm(forms.Form):
    """Which fields, what is wrong, until when."""

    fields_asked = forms.MultipleChoiceField(label=_("What to put right"), widget=forms.CheckboxSelectMultiple)
    note = forms.CharField(
        label=_("What is wrong"),
        max_length=2000,
        widget=forms.Textarea({"rows": 4}),
        help_text=_("The applicant reads it."),
    )
    until = forms.DateTimeField(
        label=_("Until (Korea Standard Time)"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )

    def __init__(self, *args: Any, choices: list[tuple[str, str]], **kwargs: Any) -> None:
        evening = (timezone.localtime() + timedelta(days=DAYS)).replace(hour=18, minute=0, second=0, microsecond=0)
        super().__init__(*args, **kwargs)
        self.initial.setdefault("until", evening)
        self.fields["fields_asked"].choices = choices  # type: ignore[attr-defined]
        self.helper = form_helper(self, _("Ask for the correction"))


class CorrectionForm(forms.Form):
    """The named fields as the sections have them, and a file for each named document."""

    def __init__(
        self,
        data: Any = None,
        files: Any = None,
        *,
        correction: Correction,
        asked: list[AskedSection],
        was_too_large: bool = False,
    ) -> None:
        super().__init__(data, files)
        self.was_too_large = was_too_large
        self.correction, self.named = correction, set(correction.fields)
        self.parts = section_forms(correction.application, asked, data)
        for part in self.parts:
            for name in part.own():
                if name in self.named:
                    self.fields[name] = part.fields[name]
                    self.initial[name] = part.initial.get(name)
        takes_images = correction.application.call.allows_images
        for kind in FIXED_KINDS:
            if f"{DOCUMENT}{kind.value}" in self.named:
                self.fields[f"{DOCUMENT}{kind.value}"] = PdfField(label=kind.label, takes_images=takes_images)
        self.helper = form_helper(self, _("Send the correction"))
        self.helper.form_tag = False
        self.helper.disable_csrf = True

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        for part in self.parts:
            for name, errors in part.errors.items():
                if name in self.fields and name not in self.errors:
                    self.add_error(name, errors)
        if self.was_too_large:
            self._say_too_large()
        return data

    def _say_too_large(self) -> None:
        """Which file it was, nobody knows: it was dropped while it arrived. Each one that is missing may be it."""
        for name in self.named:
            if name.startswith(DOCUMENT) and not self.cleaned_data.get(name):
                self.errors.pop(name, None)
                self.add_error(name, too_large())

    def values(self) -> dict[str, Any]:
        """The clean values of the named fields, documents aside."""
        return {name: value for part in self.parts for name, value in part.values(self.named).items()}

    def uploads(self) -> dict[str, CheckedFile]:
        """The files that came, by kind of document."""
        names = [name for name in self.named if name.startswith(DOCUMENT) and self.cleaned_data.get(name)]
        return {name.removeprefix(DOCUMENT): self.cleaned_data[name] for name in names}
