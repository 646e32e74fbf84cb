"""Composing a call's own questions, and answering them."""

from collections.abc import Callable, Collection
from datetime import date
from typing import Any, ClassVar

from django import forms
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext_lazy as _
from django_countries import countries

from applications.actions.drafts import ANSWER
from applications.asked import Asked, AskedSection, number_of_words, questions_of
from applications.forms.sections import NEXT, PlainTextarea, SectionForm
from applications.merging import normal
from applications.models import Application, Call, EligibilityRule, FormSection, Question
from applications.states import Audience, QuestionKind, RuleKind, Section
from common.crispy import Actions, FieldRow, SaveState, form_helper
from common.crispy import Section as Heading

LONGEST = 100_000
BLANK_ROWS = 2
NONE = ("", "–")
YES_NO = [NONE, ("yes", _("Yes")), ("no", _("No"))]
WITH_OPTIONS = frozenset({QuestionKind.CHOICE, QuestionKind.CHOICES, QuestionKind.TABLE})


class FormSectionForm(forms.ModelForm[FormSection]):
    """A heading in both languages."""

    class Meta:
        model = FormSection
        fields = ("name_en", "name_ko", "position")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = form_helper(self, _("Save"), FieldRow("name_en", "name_ko"), "position")


class OptionsField(forms.CharField):
    """One choice a line: `value | English | Korean`."""

    widget = PlainTextarea

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, list):
            return value
        return "\n".join(f"{row['value']} | {row.get('en', '')} | {row.get('ko', '')}" for row in value)

    def to_python(self, value: Any) -> Any:
        lines = [line.strip() for line in str(value or "").splitlines() if line.strip()]
        rows = [self._row(line) for line in lines[:200]]
        values = [row["value"] for row in rows]
        if len(set(values)) < len(values):
            raise forms.ValidationError(_("Two lines have the same value."))
        return rows

    def _row(self, line: str) -> dict[str, str]:
        parts = [part.strip() for part in line.split("|")]
        if len(parts) != 3 or not all(parts):
            raise forms.ValidationError(
                _("Write each line as: value | English | Korean. Not so: %(line)s"), params={"line": line[:60]}
            )
        return {"value": parts[0], "en": parts[1], "ko": parts[2]}

    def validate(self, value: Any) -> None:
        if self.required and not value:
            raise forms.ValidationError(self.error_messages["required"], code="required")

    def run_validators(self, value: Any) -> None:
        """A list of rows; checked while it was read."""


class QuestionForm(forms.ModelForm[Question]):
    """One question of the form being composed."""

    options = OptionsField(
        label=_("Choices, or columns of a table"),
        required=False,
        help_text=_("One a line: value | English | Korean. The value stays when the words change."),
    )
    seen_by = forms.MultipleChoiceField(
        label=_("Who reads the answer besides the applicant"),
        choices=Audience,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = Question
        fields = (
            "section", "code", "kind", "label_en", "label_ko", "help_en", "help_ko", "options", "words", "least",
            "most", "rows", "is_required", "if_code", "if_value", "seen_by", "is_personal", "is_blind", "frozen_on",
            "position",
        )  # fmt: skip
        widgets: ClassVar = {"frozen_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}
        help_texts: ClassVar = {
            "code": _("A short name for exports and conditions. It stays once people answer."),
            "if_value": _("The value of a choice, or yes or no."),
            "is_blind": _("Sex, age, birthplace, family and appearance must be kept from reviewers."),
        }

    def __init__(self, *args: Any, call: Call, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.call = call
        self.fields["section"].queryset = call.form_sections.all()  # type: ignore[attr-defined]
        self.fields["section"].empty_label = None  # type: ignore[attr-defined]
        if not self.instance.pk:
            self.initial.setdefault("seen_by", [Audience.OFFICER, Audience.REVIEWER, Audience.LAB])
        self.helper = form_helper(self, _("Save the question"), *self._layout())

    def _layout(self) -> tuple[Any, ...]:
        return (
            Heading(_("What is asked"), FieldRow("section", "position"), FieldRow("code", "kind"),
                    FieldRow("label_en", "label_ko"), FieldRow("help_en", "help_ko"), "options"),
            Heading(_("Limits"), "is_required", FieldRow("words", "rows"), FieldRow("least", "most"), "frozen_on"),
            Heading(_("Asked only sometimes"), FieldRow("if_code", "if_value")),
            Heading(_("Who reads it"), "seen_by", "is_personal", "is_blind"),
        )  # fmt: skip

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        if self.call.questions.filter(code=code).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("Another question has this code."))
        return code

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("kind") in WITH_OPTIONS and not data.get("options") and "options" not in self.errors:
            self.add_error("options", _("A list of choices, or a table, needs at least one line here."))
        if data.get("is_blind") and Audience.REVIEWER in (data.get("seen_by") or []):
            self.add_error("seen_by", _("What is never before reviewers cannot be read by them."))
        least, most = data.get("least"), data.get("most")
        if least is not None and most is not None and most < least:
            self.add_error("most", _("The greatest number is smaller than the least."))
        if bool(data.get("if_code")) != bool(data.get("if_value")):
            self.add_error("if_value", _("Give both the question and its answer, or neither."))
        return data


class RuleForm(forms.ModelForm[EligibilityRule]):
    """A demand of the call."""

    values = forms.CharField(
        label=_("Values, one a line"),
        required=False,
        widget=PlainTextarea({"rows": 4}),
        help_text=_("Countries as two letters (KR, VN), or values of the question; yes or no."),
    )

    class Meta:
        model = EligibilityRule
        fields = (
            "kind", "label_en", "label_ko", "values", "is_allowed", "until", "question", "needs_officer", "position",
        )  # fmt: skip
        widgets: ClassVar = {"until": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["values"] = "\n".join(self.instance.values)
        rows = (FieldRow("kind", "position"), FieldRow("label_en", "label_ko"), "values", "is_allowed")
        self.helper = form_helper(self, _("Save"), *rows, FieldRow("until", "question"), "needs_officer")

    def clean_values(self) -> list[str]:
        lines = [line.strip() for line in self.cleaned_data["values"].splitlines()]
        return [line[:100] for line in lines if line][:200]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        kind, values = data.get("kind"), data.get("values") or []
        if kind == RuleKind.START and not data.get("until"):
            self.add_error("until", _("Give the day."))
        if kind in {RuleKind.CITIZENSHIP, RuleKind.RESIDENCE}:
            data["values"] = values = [value.upper() for value in values]
            unknown = [value for value in values if value not in dict(countries)]
            if unknown:
                self.add_error("values", _("No such country: %(code)s") % {"code": ", ".join(unknown[:5])})
        if kind != RuleKind.START and not values and "values" not in self.errors:
            self.add_error("values", _("Give at least one value."))
        if kind == RuleKind.ANSWER and not data.get("question"):
            self.add_error("question", _("Name the question."))
        return data


class CopyCallForm(forms.Form):
    """The code of a call like another one."""

    code = forms.SlugField(label=_("Code of the new call"), max_length=20)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = form_helper(self, _("Copy the call"), "code")


class RowsWidget(forms.Widget):
    """Rows of short texts under given columns; a few empty rows more than are filled."""

    template_name = "applications/widgets/rows.html"

    def __init__(self, columns: list[str], most: int) -> None:
        super().__init__()
        self.columns, self.most = columns, most

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        given = value if isinstance(value, list) else []
        filled = [list(row) for row in given if isinstance(row, list)][: self.most]
        number = min(self.most, len(filled) + BLANK_ROWS)
        width = len(self.columns)
        rows = [(filled[n] if n < len(filled) else []) for n in range(number)]
        context["widget"] |= {
            "columns": self.columns,
            "asked_if": self.attrs.get("data-asked-if", ""),
            "rows": [
                [{"name": f"{name}-{r}-{c}", "value": cells[c] if c < len(cells) else "", "label": label}
                 for c, label in enumerate(self.columns)]
                for r, cells in enumerate(row[:width] for row in rows)
            ],
        }  # fmt: skip
        return context

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[list[str]]:
        rows = [
            [str(data.get(f"{name}-{r}-{c}", "")).strip()[:500] for c in range(len(self.columns))]
            for r in range(self.most)
        ]
        return [row for row in rows if any(row)]

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return not any(str(key).startswith(f"{name}-") for key in data)


class RowsField(forms.Field):
    """A list of rows, each a list of texts."""

    def __init__(self, columns: list[str], most: int, **options: Any) -> None:
        super().__init__(widget=RowsWidget(columns, most), **options)


def field_for(asked: Asked, language: str) -> forms.Field:
    """The field that takes the answer to `asked`; it demands nothing, submitting does."""
    words: dict[str, Any] = {"label": asked.label(language), "help_text": _help(asked, language), "required": False}
    options = [(option.value, option.words(language)) for option in asked.options]
    limits: dict[str, Any] = {"min_value": asked.least, "max_value": asked.most, "max_digits": 15}
    made: dict[str, Callable[[], forms.Field]] = {
        QuestionKind.SHORT: lambda: forms.CharField(max_length=500, **words),
        QuestionKind.LONG: lambda: forms.CharField(
            max_length=LONGEST, strip=False, widget=PlainTextarea({"rows": 8}), **words
        ),
        QuestionKind.CHOICE: lambda: forms.ChoiceField(choices=[NONE, *options], **words),
        QuestionKind.CHOICES: lambda: forms.MultipleChoiceField(
            choices=options, widget=forms.CheckboxSelectMultiple, **words
        ),
        QuestionKind.YES_NO: lambda: forms.TypedChoiceField(choices=YES_NO, coerce=_is_yes, empty_value=None, **words),
        QuestionKind.NUMBER: lambda: forms.DecimalField(**limits, **words),
        QuestionKind.DATE: lambda: forms.DateField(widget=_day_input(), **words),
        QuestionKind.COUNTRY: lambda: forms.ChoiceField(choices=[NONE, *countries], **words),
        QuestionKind.TABLE: lambda: RowsField([label for _value, label in options], asked.rows, **words),
    }
    return made[asked.kind]()


def _is_yes(value: str) -> bool:
    return value == "yes"


def _day_input() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def _help(asked: Asked, language: str) -> str:
    said = asked.help(language)
    if asked.words:
        limit = ngettext("At most %(n)s word.", "At most %(n)s words.", asked.words) % {"n": asked.words}
        said = f"{said} {limit}".strip()
    return said


class QuestionsForm(SectionForm):
    """A call's own questions, as they are in force."""

    section = Section.QUESTIONS

    class Meta:
        model = Application
        fields = ()

    def __init__(self, data: Any = None, *, instance: Application, asked: list[AskedSection], **kwargs: Any) -> None:
        self.asked = asked
        self.language = get_language() or "en"
        typed = [question for question in questions_of(asked) if question.kind != QuestionKind.FILE]
        self.by_name = {f"{ANSWER}{question.code}": question for question in typed}
        initial = {
            name: self._shown(instance.answers.get(question.code), question) for name, question in self.by_name.items()
        }
        super().__init__(data, instance=instance, initial=initial, **kwargs)

    def more_fields(self) -> dict[str, forms.Field]:
        return {name: self._adorned(field_for(asked, self.language), asked) for name, asked in self.by_name.items()}

    def _shown(self, value: Any, question: Asked) -> Any:
        if question.kind == QuestionKind.YES_NO and isinstance(value, bool):
            return "yes" if value else "no"
        return value if question.fits(value) else None

    def _adorned(self, field: forms.Field, asked: Asked) -> forms.Field:
        if asked.condition:
            field.widget.attrs["data-asked-if"] = f"{ANSWER}{asked.condition[0]}={asked.condition[1]}"
        # a draft is kept without it; it cannot be submitted without it
        field.is_needed = asked.required  # type: ignore[attr-defined]
        if asked.words:
            field.widget.attrs["data-words"] = asked.words
        if asked.frozen_on and timezone.localdate() >= asked.frozen_on:
            field.disabled = True
            field.help_text = _("This can no longer be changed.")
        return field

    def own(self) -> list[str]:
        return [name for name in self.fields if name != "version" and not self.fields[name].disabled]

    def arranged(self) -> Any:
        parts = [
            Heading(
                section.title(self.language),
                *(
                    f"{ANSWER}{question.code}"
                    for question in section.questions
                    if f"{ANSWER}{question.code}" in self.by_name
                ),
            )
            for section in self.asked
        ]
        return form_helper(self, "", *parts, "version", SaveState(), Actions(NEXT), **self.attrs())

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        for name, question in self.by_name.items():
            number = number_of_words(data[name]) if question.words and isinstance(data.get(name), str) else 0
            if question.words and number > question.words:
                words = _("This is %(number)s words long; at most %(most)s fit.")
                self.add_error(name, forms.ValidationError(words, params={"number": number, "most": question.words}))
        return data

    def values(self, named: Collection[str] = ()) -> dict[str, Any]:
        """The answers to keep; an earlier one that no longer fits stays until there is another."""
        plain = {name: _plain(value) for name, value in super().values(named).items()}
        kept = self.instance.answers
        return {
            name: value
            for name, value in plain.items()
            if not self.by_name[name].is_blank(value) or self.by_name[name].fits(kept.get(self.by_name[name].code))
        }


def _plain(value: Any) -> Any:
    """The answer as JSON keeps it: a day as text, a number as its digits, none as null."""
    if value in ("", []):
        return None
    if isinstance(value, date):
        return value.isoformat()
    kept = normal(value) if not isinstance(value, list) else value
    return str(kept) if not isinstance(kept, bool | int | str | list | type(None)) else kept


class PreviewForm(QuestionsForm):
    """The same for an officer who tries it: nothing is saved by itself."""

    def attrs(self) -> dict[str, str]:
        return {}
