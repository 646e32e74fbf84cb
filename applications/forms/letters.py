"""Asking a referee, and what a referee writes."""

from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from applications.actions import Referee, Written
from applications.actions.letters import COMPARISON
from applications.forms.sections import PlainTextarea
from applications.forms.uploads import PdfField, UploadForm
from applications.models import ReferenceLetter
from common.crispy import FieldRow, fields_only, form_helper

LONGEST = 20_000


class RefereeForm(forms.ModelForm[ReferenceLetter]):
    """Whom to ask."""

    class Meta:
        model = ReferenceLetter
        fields = ("referee_name", "email", "institution", "relation", "language")
        widgets = {
            "referee_name": forms.TextInput({"autocomplete": "off"}),
            "email": forms.EmailInput({"autocomplete": "off", "inputmode": "email"}),
        }
        help_texts = {
            "email": _("Her address at the institution, if she has one: a personal link goes there at once."),
            "relation": _("For example: supervisor of my doctorate, 2021 to 2025."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = (FieldRow("referee_name", "email"), FieldRow("institution", "relation"), "language")
        self.helper = form_helper(self, _("Ask for a letter"), *rows)

    def _post_clean(self) -> None:
        """The action makes the row."""

    def referee(self) -> Referee:
        data = dict(self.cleaned_data)
        return Referee(name=data.pop("referee_name"), **data)


class LetterForm(forms.Form):
    """What the referee has written so far: anything will do."""

    text = forms.CharField(required=False, max_length=LONGEST, strip=False, widget=PlainTextarea)
    best_percent = forms.CharField(required=False, max_length=20)
    of_people = forms.CharField(required=False, max_length=20)
    in_years = forms.CharField(required=False, max_length=20)

    def figures(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in COMPARISON}


class LetterSubmitForm(UploadForm):
    """The letter: words here, a PDF, or both."""

    text = forms.CharField(
        label=_("Your letter"),
        required=False,
        max_length=LONGEST,
        widget=PlainTextarea({"rows": 16, "maxlength": LONGEST}),
        help_text=_("How you know her work, what she is able to do, and how she compares with others at her stage."),
    )
    file = PdfField(label=_("Or choose your letter as a PDF"), required=False)
    best_percent = forms.IntegerField(label=_("Among the best … percent"), min_value=1, max_value=100, required=False)
    of_people = forms.IntegerField(label=_("of … people at her stage"), min_value=1, max_value=100_000, required=False)
    in_years = forms.IntegerField(label=_("whom I knew in … years"), min_value=1, max_value=80, required=False)
    drops_file = forms.BooleanField(label=_("Take away the PDF that I sent before"), required=False)

    def __init__(self, *args: Any, letter: ReferenceLetter, **kwargs: Any) -> None:
        is_drafted = bool(letter.draft_text or letter.draft_figures)
        kept = {name: letter.draft_figures.get(name) if is_drafted else getattr(letter, name) for name in COMPARISON}
        super().__init__(*args, initial={"text": letter.draft_text or letter.text, **kept}, **kwargs)
        if not letter.file:
            del self.fields["drops_file"]
        rest = ["drops_file"] if "drops_file" in self.fields else []
        self.helper = fields_only(self, "text", "file", *rest, FieldRow(*COMPARISON))
        self.helper.form_show_errors = True

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        given = [name for name in COMPARISON if data.get(name) is not None]
        if given and len(given) < len(COMPARISON) and not any(name in self.errors for name in COMPARISON):
            missing = next(name for name in COMPARISON if name not in given)
            self.add_error(missing, _("Give all three figures of the comparison, or none."))
        return data

    def written(self) -> Written:
        """What the referee says."""
        data = self.cleaned_data
        figures = [data[name] for name in COMPARISON]
        comparison = (figures[0], figures[1], figures[2]) if all(figures) else None
        return Written(data["text"], data["file"], comparison, keeps_file=not data.get("drops_file", False))


class DeclineForm(forms.Form):
    note = forms.CharField(label=_("A word on why (the applicant does not see it)"), max_length=500, required=False)
    suggestion = forms.CharField(
        label=_("Who could write instead (the applicant sees it)"), max_length=300, required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = fields_only(self)


class FindLinkForm(forms.Form):
    """A referee whose link is lost says where to send another one."""

    email = forms.EmailField(
        label=_("Your e-mail address"), widget=forms.EmailInput({"autocomplete": "email", "inputmode": "email"})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = form_helper(self, _("Mail me a new link"), "email", action=reverse("applications:find_link"))


class HandInForm(UploadForm):
    """An assistant's PDF of the letter."""

    file = PdfField(label=_("The letter as a PDF"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = fields_only(self)
        self.helper.form_show_errors = True


class ByHandForm(HandInForm):
    """A letter that reached an officer another way."""

    reason = forms.CharField(
        label=_("How it reached you"),
        max_length=500,
        help_text=_("For example: by post on 3 June, from her institute."),
    )
