"""Attaching and taking away documents. A new one takes the place of the old, which is kept."""

import shutil
import tempfile
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.core.files import File
from django.core.files.base import ContentFile
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from applications import pdfs
from applications.actions.drafts import ANSWER, refuse_unless_editable, write_values
from applications.asked import questions_of
from applications.models import Application, Document
from applications.queries.questions import asked_now
from applications.scanning import Verdict, scan
from applications.states import DocumentKind, QuestionKind, ScanState
from common.audit import record
from common.gestures import action
from common.queue import after_commit
from common.refusals import Refusal
from common.states import lock
from notifications.actions import language_of, notify
from people.models import User

# in the last hour nothing is drawn at once: the sweep looks into files, a hundred at a time
RUSH = timedelta(hours=1)


class NoSuchQuestion(Refusal):
    words = _("This call does not ask for this file.")


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
    scan: str = ScanState.NONE


@action
def attach_document(
    application: Application, kind: str, upload: CheckedFile, *, by: User, question: str = ""
) -> Document:
    """Make `upload` the document of `kind` (the answer to `question`); the one before is kept but no longer in force.

    The same file once more changes nothing. Refuses like `save_section`.
    """
    lock(application)
    refuse_unless_editable(application, timezone.now())
    if (kind == DocumentKind.ANSWER) != (question in _asking_files(application)):
        raise NoSuchQuestion
    document = put_document(application, kind, upload, by=by, question=question)
    if question:
        _answer(application, question, document.key)
    return document


def _asking_files(application: Application) -> set[str]:
    """The codes of the questions in force that are answered by a file, and may still be."""
    today = timezone.localdate()
    asked = questions_of(asked_now(application.call))
    return {
        each.code
        for each in asked
        if each.kind == QuestionKind.FILE and not (each.frozen_on and today >= each.frozen_on)
    }


def _answer(application: Application, question: str, key: str | None) -> None:
    write_values(application, {f"{ANSWER}{question}": key}, timezone.now())


def put_document(application: Application, kind: str, upload: CheckedFile, *, by: User, question: str = "") -> Document:
    """Make `upload` the document of `kind` of the locked `application`; the same file once more changes nothing."""
    standing = application.documents.filter(kind=kind, question=question, is_current=True)
    present = standing.first()
    if present is not None and present.sha256 == upload.sha256:
        return present
    standing.update(is_current=False)
    document = Document(
        application=application,
        kind=kind,
        question=question,
        scan=upload.scan,
        name=upload.name,
        size=upload.size,
        pages=upload.pages,
        sha256=upload.sha256,
    )
    document.file.save(upload.name, upload.file, save=False)
    document.save(force_insert=True)
    after = {"kind": kind, "sha256": upload.sha256, "bytes": upload.size, "pages": upload.pages}
    record("applications.document.attached", application, by=by, after=after)
    if timezone.now() < application.call.closes_at - RUSH:
        after_commit("applications.look_closer", document.pk)
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
        if document.question:
            _answer(application, document.question, None)
        record("applications.document.removed", application, by=by, before={"kind": document.kind})
    return document


def look_closer(document: Document) -> None:
    """Draw the first page, read the text, and ask the scanner again about a file that waits for it. Not an action:
    nothing that anybody decided; run twice it does the same.
    """
    with document.file.open("rb") as file, tempfile.NamedTemporaryFile(suffix=Path(document.name).suffix) as copy:
        shutil.copyfileobj(file, copy)
        copy.flush()
        if document.scan == ScanState.WAITING:
            copy.seek(0)
            _scan_again(document, scan(iter(lambda: copy.read(65536), b""), settings.CLAMAV_ADDRESS))
        if document.looked_at is None:
            _keep_look(document, pdfs.look_closer(copy.name))


def _keep_look(document: Document, looked: pdfs.Looked) -> None:
    document.text = str(looked.facts.get("text", "")).replace("\0", "")
    document.looked_at = timezone.now()
    if looked.picture:
        document.preview.save("first.png", ContentFile(looked.picture), save=False)
    document.save(update_fields=["text", "looked_at", "preview"])


def _scan_again(document: Document, said: Verdict) -> None:
    if said.said == "clean":
        Document.objects.filter(pk=document.pk).update(scan=ScanState.CLEAN)
    if said.said == "infected":
        take_out_infected(document, said.signature, by=None)


@action
def take_out_infected(document: Document, signature: str, *, by: User | None) -> None:
    """Put a file in which the scanner found something out of force, and tell its owner."""
    application = lock(document.application)
    lock(document)
    if document.scan == ScanState.INFECTED:
        return
    was_current, document.is_current, document.scan = document.is_current, False, ScanState.INFECTED
    document.save(update_fields=["is_current", "scan"])
    if document.question and was_current:
        _answer(application, document.question, None)
    record("applications.document.infected", application, by=by, after={"kind": document.kind, "signature": signature})
    notify(
        "document_infected",
        to=application.applicant,
        about=application,
        dedupe=f"infected:{document.pk}",
        call=application.call.name_ko if language_of(application.applicant) == "ko" else application.call.name_en,
        file=document.name,
        path=reverse("applications:application", kwargs={"key": application.key}),
    )


def look_into_waiting(limit: int = 100) -> int:
    """Look into files whose hint was lost, and ask again about those that wait for the scanner; how many."""
    waiting = Document.objects.filter(Q(looked_at=None) | Q(scan=ScanState.WAITING)).order_by("pk")
    rows = list(waiting.select_related("application__call", "application__applicant")[:limit])
    for row in rows:
        look_closer(row)
    return len(rows)
