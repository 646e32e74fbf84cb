"""Attaching and taking away documents. A new one takes the place of the old, which is kept."""

from dataclasses import dataclass

from django.core.files import File
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from applications.actions.drafts import refuse_unless_editable
from applications.models import Application, Document
from applications.states import DocumentKind
from common.audit import record
from common.gestures import action
from common.refusals import Refusal
from common.states import lock
from people.models import User


class NotRemovable(Refusal):
    words = _("A curriculum vitae is needed: put another one in its place instead.")


@dataclass(frozen=True)
class CheckedFile:
    """An uploaded PDF that was looked into: harmless, readable, of so many pages and bytes, with this hash."""

    file: File  # type: ignore[type-arg]
    name: str
    size: int
    pages: int
    sha256: str


@action
def attach_document(application: Application, kind: str, upload: CheckedFile, *, by: User) -> Document:
    """Make `upload` the document of `kind`; the one before is kept but no longer in force.

    The same file once more changes nothing. Refuses like `save_section`.
    """
    lock(application)
    refuse_unless_editable(application, timezone.now())
    return put_document(application, kind, upload, by=by)


def put_document(application: Application, kind: str, upload: CheckedFile, *, by: User) -> Document:
    """Make `upload` the document of `kind` of the locked `application`; the same file once more changes nothing."""
    present = application.documents.filter(kind=kind, is_current=True).first()
    if present is not None and present.sha256 == upload.sha256:
        return present
    application.documents.filter(kind=kind, is_current=True).update(is_current=False)
    document = Document(
        application=application,
        kind=kind,
        name=upload.name,
        size=upload.size,
        pages=upload.pages,
        sha256=upload.sha256,
    )
    document.file.save(upload.name, upload.file, save=False)
    document.save(force_insert=True)
    after = {"kind": kind, "sha256": upload.sha256, "bytes": upload.size, "pages": upload.pages}
    record("applications.document.attached", application, by=by, after=after)
    return document


@action
def remove_document(document: Document, *, by: User) -> Document:
    """Take a document out of the draft; the file is kept with the record. Doing it twice changes nothing."""
    application = lock(document.application)
    refuse_unless_editable(application, timezone.now())
    lock(document)
    if document.kind == DocumentKind.CV:
        raise NotRemovable
    if document.is_current:
        document.is_current = False
        document.save(update_fields=["is_current"])
        record("applications.document.removed", application, by=by, before={"kind": document.kind})
    return document
