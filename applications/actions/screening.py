"""Deciding on eligibility. An officer decides, after the deadline, with a reason where the answer is no."""

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from applications.models import Application
from applications.states import ApplicationState, CallState
from common.gestures import action
from common.refusals import Refusal, SamePersonTwice
from common.states import lock, move
from common.when import day_words, instant_words
from notifications.actions import language_of, notify
from people.models import User


class StillOpen(Refusal):
    words = _("The call is open until %(at)s, and until then she may change her application. Screen it afterwards.")


class CallFinished(Refusal):
    words = _("The call is finished; its decisions stand.")


class ReasonNeeded(Refusal):
    words = _("Give a reason; the applicant reads it.")


def _refuse_unless_decidable(application: Application, by: User) -> None:
    call = application.call
    if by.pk == application.applicant_id:
        raise SamePersonTwice
    if call.state == CallState.FINISHED:
        raise CallFinished
    if call.state == CallState.PUBLISHED and timezone.now() <= call.last_moment:
        raise StillOpen(at=instant_words(call.last_moment))


@action
def screen_in(application: Application, *, by: User, note: str = "") -> Application:
    """Find the application eligible: reviewers and the labs that it ranks may see it, and the applicant is told.

    Changing an earlier no needs a reason. Deciding the same twice changes nothing.
    """
    lock(application)
    if application.state == ApplicationState.ELIGIBLE:
        return application
    if application.state == ApplicationState.INELIGIBLE and not note.strip():
        raise ReasonNeeded(field="reason")
    return _decide(application, ApplicationState.ELIGIBLE, by=by, reason=note.strip())


@action
def screen_out(application: Application, *, by: User, reason: str) -> Application:
    """Find the application not eligible, with a reason that the applicant reads. Deciding twice changes nothing."""
    lock(application)
    if application.state == ApplicationState.INELIGIBLE:
        return application
    if not reason.strip():
        raise ReasonNeeded(field="reason")
    return _decide(application, ApplicationState.INELIGIBLE, by=by, reason=reason.strip())


def _decide(application: Application, state: str, *, by: User, reason: str) -> Application:
    _refuse_unless_decidable(application, by)
    at = timezone.now()
    move(application, state, by=by, note=reason, screened_at=at, screened_by=by, screening_note=reason)
    korean = language_of(application.applicant) == "ko"
    notify(
        f"application_{state}",
        to=application.applicant,
        about=application,
        dedupe=f"{application.pk}:{at.isoformat()}",
        call=application.call.name_ko if korean else application.call.name_en,
        number=str(application),
        reason=reason,
        decisions_on=day_words(application.call.decisions_on),
        path=reverse("applications:application", kwargs={"key": application.key}),
    )
    return application
