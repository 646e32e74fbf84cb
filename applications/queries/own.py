"""What an applicant sees of herself: what happened to her application, and all that is kept, as a ZIP."""

import json
import tempfile
import zipfile
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any

from django.utils.translation import gettext as _

from applications.merging import normal
from applications.models import Application
from applications.states import LetterState
from people.models import User
from people.queries import consents_of, looks_at

KEPT_FROM_HER = frozenset({"id", "search_words", "screened_by", "submitted_from"})


@dataclass(frozen=True)
class Event:
    """Something that happened, in her words."""

    at: datetime
    what: str
    note: str = ""
    tone: str = ""


def timeline_of(application: Application) -> list[Event]:
    """What happened to `application`, the newest first; three queries. Never what letters say."""
    events = [Event(application.started_at, _("You began your application."))]
    for sent in application.submissions.defer("content"):
        words = _("You submitted version %(n)s.") % {"n": sent.version}
        events.append(Event(sent.submitted_at, words, note=sent.sha256, tone="success"))
    for letter in application.letters.only("referee_name", "state", "asked_at", "received_at", "declined_at"):
        events += _of_letter(letter)
    for row in application.corrections.all():
        events.append(Event(row.asked_at, _("An officer asked you to put something right."), row.note, "warning"))
        if row.answered_at:
            events.append(Event(row.answered_at, _("You put it right."), tone="success"))
    if application.screened_at:
        words = _("An officer decided: %(state)s.") % {"state": application.get_state_display()}
        events.append(Event(application.screened_at, words, application.screening_note))
    if application.withdrawn_at:
        events.append(Event(application.withdrawn_at, _("You withdrew your application.")))
    return sorted(events, key=lambda event: event.at, reverse=True)


def _of_letter(letter: Any) -> list[Event]:
    named = {"name": letter.referee_name}
    events = [Event(letter.asked_at, _("%(name)s was asked for a letter.") % named)]
    if letter.received_at and letter.state == LetterState.RECEIVED:
        events.append(Event(letter.received_at, _("The letter of %(name)s arrived.") % named, tone="success"))
    if letter.declined_at and letter.state == LetterState.DECLINED:
        events.append(Event(letter.declined_at, _("%(name)s declined.") % named, tone="warning"))
    return events


def everything_of(user: User) -> IO[bytes]:
    """A ZIP of what is kept about `user` here: details, consents, who looked, and her applications with their files.

    Not in it: what referees and reviewers wrote about her, which is theirs.
    """
    made = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        _put(archive, "you.json", _plain(user, {"password", "id"}))
        _put(archive, "consents.json", [_consent(row) for row in consents_of(user)])
        looks = [{"at": row.at, "by": str(row.by), "what": row.what} for row in looks_at(user)]
        _put(archive, "who-looked.json", looks)
        for application in Application.objects.filter(applicant=user).select_related("call").order_by("pk"):
            _put_application(archive, application)
    made.seek(0)
    return made


def _put(archive: zipfile.ZipFile, name: str, content: Any) -> None:
    archive.writestr(name, json.dumps(content, ensure_ascii=False, indent=1, default=str))


def _plain(row: Any, without: set[str] | frozenset[str]) -> dict[str, Any]:
    fields = [field for field in row._meta.concrete_fields if field.name not in without]
    return {field.name: normal(field.value_from_object(row)) for field in fields}


def _consent(row: Any) -> dict[str, Any]:
    said = {"purpose": row.text.purpose, "version": row.text.version, "text": row.text.text_en}
    return {**said, "given_at": row.given_at, "withdrawn_at": row.withdrawn_at}


def _put_application(archive: zipfile.ZipFile, application: Application) -> None:
    folder = f"{application.call.code}-{application.key}"
    _put(archive, f"{folder}/application.json", _plain(application, KEPT_FROM_HER))
    for sent in application.submissions.all():
        _put(archive, f"{folder}/version-{sent.version}.json", {"sha256": sent.sha256, "content": sent.content})
    letters = application.letters.order_by("pk")
    asked = [{"referee": row.referee_name, "email": row.email, "state": row.state} for row in letters]
    _put(archive, f"{folder}/referees.json", asked)
    waivers = [{"at": row.said_at, "has_waived": row.has_waived, "text": row.text} for row in application.waivers.all()]
    _put(archive, f"{folder}/waivers.json", waivers)
    for document in application.documents.order_by("pk"):
        with document.file.open("rb") as file:
            archive.writestr(f"{folder}/{document.pk}-{document.name}", file.read())
