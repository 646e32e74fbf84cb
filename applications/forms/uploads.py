"""Files that people send: a PDF that was looked into, or words about what is wrong with it."""

from typing import Any

from django import forms
from django.conf import settings
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _

from applications.actions import CheckedFile
from applications.pdfs import clean_name, look_into, sha256_of
from applications.states import DocumentKind
from common.crispy import fields_only, file_attrs

TOO_LARGE = _("This file is larger than %(limit)s. A PDF can often be saved again in a smaller size.")
COMPLAINTS = {
    "not_pdf": _("This is not a PDF, whatever its name says. Save your document as a PDF and choose that."),
    "encrypted": _("This PDF is protected by a password, so nobody could read it. Save it without one."),
    "active": _("This PDF holds a script, a form that sends data, or another file. Print it to PDF and choose that."),
    "heavy": _("This PDF unpacks to far more than it shows. Print it to PDF and choose that."),
    "long": _("This PDF has more than 200 pages. Choose a shorter one."),
    "unreadable": _("This PDF is damaged and cannot be opened. Save it again and choose that."),
}


class PdfField(forms.FileField):
    """A PDF; its clean value is a `CheckedFile`."""

    def __init__(self, **options: Any) -> None:
        widget = forms.FileInput(file_attrs(".pdf,application/pdf", settings.UPLOAD_LIMIT_BYTES))
        super().__init__(widget=widget, **options)

    def clean(self, data: Any, initial: Any = None) -> Any:
        upload = super().clean(data, initial)
        if not upload:
            return None
        if upload.size > settings.UPLOAD_LIMIT_BYTES:
            raise too_large()
        found = look_into(upload)
        if found.verdict != "fine":
            raise forms.ValidationError(COMPLAINTS[found.verdict], code=found.verdict)
        return CheckedFile(upload, clean_name(upload.name), upload.size, found.pages, sha256_of(upload))


def too_large() -> forms.ValidationError:
    limit = filesizeformat(settings.UPLOAD_LIMIT_BYTES)
    return forms.ValidationError(TOO_LARGE, code="too_large", params={"limit": limit})


class UploadForm(forms.Form):
    """A form with a field `file` of which what was too large never arrived."""

    def __init__(self, *args: Any, was_too_large: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.was_too_large = was_too_large

    def clean(self) -> dict[str, Any]:
        if self.was_too_large:
            self.errors.pop("file", None)
            self.add_error("file", too_large())
        return self.cleaned_data


class DocumentForm(UploadForm):
    """One document of an application. Three of these stand on one page, each with its own ids."""

    kind = forms.ChoiceField(choices=DocumentKind, widget=forms.HiddenInput)
    file = PdfField(label=_("Choose a PDF"))

    def __init__(self, *args: Any, for_kind: str, **kwargs: Any) -> None:
        super().__init__(*args, initial={"kind": for_kind}, auto_id=f"id_{for_kind}_%s", **kwargs)
        self.helper = fields_only(self)
        self.helper.form_show_errors = True
