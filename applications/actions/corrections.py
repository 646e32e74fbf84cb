"""Asking an applicant to put something right after the deadline, and her answer as a new version with its receipt."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from applications.actions.documents import CheckedFile, put_document
from applications.actions.drafts import write_values
from applications.actions.submitting import in_her_language, new_version
from applications.models import Application, Correction
from applications.states import ApplicationState, CallState, CorrectionState
from common.audit import record
from common.gestures import action
from common.later import later
from common.refusals import Refusal, SamePersonTwice
from common.states import lock, move
from common.when import instant_words
from notifications.actions import notify
from people.models import User

CORRECTABLE = frozenset({ApplicationState.SUBMITTED, ApplicationState.INELIGIBLE})


class NotCorrectable(Refusal):
    words = _("A correction is asked for after the deadline, of an application that is submitted or was found wanting.")


class AskedAlready(Refusal):
    words = _("A correction is asked for already; it is open until %(at)s.")


class TooLateToCorrect(Refusal):
    words = _("This could be put right until %(at)s. What you submitted stands.")


class NoLongerAsked(Refusal):
    words = _("Nothing is to be put right any more: the application was decided on or withdrawn, or the time ran out.")


class NotLater(Refusal):
    words = _("Give a time that is still to come.")


@action
def ask_correction(
    application: Application, fields: Sequence[str], *, by: User, note: str, until: datetime
) -> Correction:
    """Let the applicant write `fields` again until `until`, and tell her what is wrong. One at a time."""
    lock(application)
    if by.pk == application.applicant_id:
        raise SamePersonTwice
    call = application.call
    is_over = call.state == CallState.REVIEW or timezone.now() > call.last_moment
    if application.state not in CORRECTABLE or not is_over or call.state == CallState.FINISHED:
        raise NotCorrectable
    if until <= timezone.now():
        raise NotLater(field="until")
    _close_what_is_over(application, by)
    standing = application.corrections.filter(state=CorrectionState.ASKED).first()
    if standing is not None:
        raise AskedAlready(at=instant_words(standing.until))
    correction = Correction.objects.create(
        application=application, fields=list(fields), note=note.strip(), until=until, asked_by=by
    )
    record(
        "applications.correction.asked", application, by=by, after={"fields": list(fields), "until": until}, note=note
    )
    _tell(correction)
    return correction


def _close_what_is_over(application: Application, by: User) -> None:
    for old in application.corrections.filter(state=CorrectionState.ASKED, until__lt=timezone.now()):
        move(old, CorrectionState.CLOSED, by=by)


def _tell(correction: Correction) -> None:
    application = correction.application
    notify(
        "correction_asked",
        to=application.applicant,
        about=application,
        dedupe=f"correction:{correction.pk}",
        call=in_her_language(application),
        number=str(application),
        words=correction.note,
        at=later(instant_words, correction.until),
        at_hers=later(instant_words, correction.until, application.applicant.timezone),
        path=reverse("applications:correction", args=[correction.key]),
    )


@action
def answer_correction(
    correction: Correction, values: Mapping[str, Any], files: Mapping[str, CheckedFile], *, by: User
) -> Application:
    """Write what was asked for, and nothing else; a new version with a new receipt stands. Answered once."""
    at = timezone.now()
    application = lock(correction.application)
    lock(correction)
    if correction.state == CorrectionState.ANSWERED:
        return application
    if correction.state == CorrectionState.CLOSED:
        raise NoLongerAsked
    if not correction.is_open:
        raise TooLateToCorrect(at=instant_words(correction.until))
    allowed = set(correction.fields)
    write_values(application, {name: value for name, value in values.items() if name in allowed}, at)
    for kind, upload in files.items():
        if f"document_{kind}" in allowed:
            put_document(application, kind, upload, by=by)
    move(correction, CorrectionState.ANSWERED, by=by)
    if application.state == ApplicationState.INELIGIBLE:
        move(application, ApplicationState.SUBMITTED, by=by, note="corrected")
    new_version(application, at)
    return application
