"""Files that people send: a PDF that was looked into, or words about what is wrong with it."""

import logging
from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _

from applications.actions import CheckedFile
from applications.pdfs import clean_name, image_again, is_image, look_into, sha256_of
from applications.scanning import scan
from applications.states import DocumentKind, ScanState
from common.crispy import fields_only, file_attrs

NEITHER = _("This is neither a PDF nor a picture (PNG or JPEG), whatever its name says.")
NO_IMAGE = _("This picture is damaged, or larger than 50 million points. Save it again as PNG or JPEG.")
INFECTED = _("The malware scanner found something in this file. Choose another one, and check your device.")
log = logging.getLogger(__name__)
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
    """A PDF, or an image where it `takes_images`; its clean value is a `CheckedFile`."""

    def __init__(self, *, takes_images: bool = False, **options: Any) -> None:
        self.takes_images = takes_images
        kinds = ".pdf,.png,.jpg,.jpeg" if takes_images else ".pdf,application/pdf"
        super().__init__(widget=forms.FileInput(file_attrs(kinds, settings.UPLOAD_LIMIT_BYTES)), **options)

    def clean(self, data: Any, initial: Any = None) -> Any:
        upload = super().clean(data, initial)
        if not upload:
            return None
        if upload.size > settings.UPLOAD_LIMIT_BYTES:
            raise too_large()
        if self.takes_images and is_image(upload):
            return _checked(*_image(upload))
        found = look_into(upload)
        if found.verdict == "not_pdf" and self.takes_images:
            raise forms.ValidationError(NEITHER, code="not_pdf")
        if found.verdict != "fine":
            raise forms.ValidationError(COMPLAINTS[found.verdict], code=found.verdict)
        return _checked(upload, clean_name(upload.name), found.pages)


def _image(upload: Any) -> tuple[Any, str, int]:
    kind, content = image_again(upload)
    if not content:
        raise forms.ValidationError(NO_IMAGE, code="no_image")
    name = clean_name(upload.name, kind)
    return SimpleUploadedFile(name, content), name, 1


def _checked(upload: Any, name: str, pages: int) -> CheckedFile:
    """The file with what the scanner says of it, where there is one; refused when that finds something."""
    said = scan(upload.chunks(), settings.CLAMAV_ADDRESS) if settings.CLAMAV_ADDRESS else None
    upload.seek(0)
    if said is not None and said.said == "infected":
        log.warning("malware was refused: %s", said.signature)
        raise forms.ValidationError(INFECTED, code="infected")
    state = ScanState.NONE if said is None else ScanState.CLEAN if said.said == "clean" else ScanState.WAITING
    return CheckedFile(upload, name, upload.size, pages, sha256_of(upload), state)


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
    question = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, for_kind: str, question: str = "", takes_images: bool = False, **kwargs: Any
    ) -> None:
        initial = {"kind": for_kind, "question": question}
        super().__init__(*args, initial=initial, auto_id=f"id_{for_kind}{question}_%s", **kwargs)
        label = _("Choose a PDF or a picture") if takes_images else _("Choose a PDF")
        self.fields["file"] = PdfField(label=label, takes_images=takes_images)
        self.helper = fields_only(self)
        self.helper.form_show_errors = True
