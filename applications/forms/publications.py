"""Publications as a text, as a file, or typed in."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from applications.publications import DOI, KINDS, MOST_TEXT, Read, Row, publication, read
from common.crispy import FieldRow, fields_only


class PublicationsForm(forms.Form):
    """Publications as a text or a file: BibTeX, RIS, or a DOI a line."""

    text = forms.CharField(
        label=_("BibTeX, RIS or DOIs"),
        required=False,
        max_length=MOST_TEXT,
        strip=False,
        widget=forms.Textarea({"rows": 8, "spellcheck": "false"}),
        help_text=_("As your reference manager exports it, or one DOI a line."),
    )
    file = forms.FileField(
        label=_("Or a file of them"),
        required=False,
        widget=forms.FileInput({"accept": ".bib,.ris,.txt,.enw", "data-max-bytes": MOST_TEXT}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = fields_only(self)
        self.helper.form_show_errors = True

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors:
            data["read"] = self._read(data)
        return data

    def _read(self, data: Mapping[str, Any]) -> Read:
        text = str(data.get("text") or "")
        if upload := data.get("file"):
            if upload.size > MOST_TEXT:
                self.add_error("file", _("This file is larger than 1 MB. Choose a part of it."))
                return Read()
            text = f"{text}\n{_decoded(upload.read())}" if text.strip() else _decoded(upload.read())
        found = read(text)
        if not found.rows:
            field = "file" if data.get("file") else "text"
            self.add_error(field, _("No publication was found in this: it takes BibTeX, RIS or a DOI a line."))
        return found


def _decoded(raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


class PublicationForm(forms.Form):
    """One publication, typed in."""

    kind = forms.ChoiceField(label=_("Kind"), choices=KINDS)
    title = forms.CharField(label=_("Title"), max_length=500)
    authors = forms.CharField(label=_("Authors"), max_length=1000, required=False, help_text=_("Apart by semicolons."))
    venue = forms.CharField(label=_("Journal, conference or publisher"), max_length=300, required=False)
    year = forms.IntegerField(label=_("Year"), min_value=1950, max_value=2100, required=False)
    doi = forms.CharField(label="DOI", max_length=300, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        pairs = (FieldRow("venue", "kind"), FieldRow("year", "doi"))
        self.helper = fields_only(self, "title", "authors", *pairs)
        self.helper.form_show_errors = True

    def clean_doi(self) -> str:
        typed: str = self.cleaned_data["doi"].strip()
        if typed and not DOI.search(typed):
            raise forms.ValidationError(_("This is not a DOI: it begins with 10. and has a slash."))
        return typed

    def row(self) -> Row:
        made = publication(**{name: str(value or "") for name, value in self.cleaned_data.items()})
        assert made is not None
        return made
