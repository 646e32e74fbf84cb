"""Deciding on eligibility. An officer decides, after the deadline, with a reason where the answer is no."""

from collections.abc import Mapping

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from applications.actions.submitting import close_corrections
from applications.models import Application
from applications.states import ApplicationState, CallState
from common.gestures import action
from common.later import later
from common.refusals import OutOfDate, Refusal, SamePersonTwice
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


class SomeRefuse(Refusal):
    words = _("Nothing is decided. %(number)s: %(why)s")


@action
def decide_together(
    seen: Mapping[Application, str], *, is_eligible: bool, by: User, reason: str = ""
) -> list[Application]:
    """Decide on several applications at once, all or none; `seen` holds the state that the officer saw of each."""
    decided = []
    for application, state in sorted(seen.items(), key=lambda pair: pair[0].pk):
        try:
            decided.append(_decide_seen(application, state, is_eligible=is_eligible, by=by, reason=reason))
        except Refusal as refusal:
            raise SomeRefuse(number=str(application), why=str(refusal), field=refusal.field) from refusal
    return decided


def _decide_seen(application: Application, state: str, *, is_eligible: bool, by: User, reason: str) -> Application:
    lock(application)
    if application.state != state:
        raise OutOfDate
    if is_eligible:
        return screen_in(application, by=by, note=reason)
    return screen_out(application, by=by, reason=reason)


def _decide(application: Application, state: str, *, by: User, reason: str) -> Application:
    _refuse_unless_decidable(application, by)
    at = timezone.now()
    move(application, state, by=by, note=reason, screened_at=at, screened_by=by, screening_note=reason)
    close_corrections(application, by=by)
    korean = language_of(application.applicant) == "ko"
    notify(
        f"application_{state}",
        to=application.applicant,
        about=application,
        dedupe=f"{application.pk}:{at.isoformat()}",
        call=application.call.name_ko if korean else application.call.name_en,
        number=str(application),
        reason=reason,
        decisions_on=later(day_words, application.call.decisions_on),
        path=reverse("applications:application", kwargs={"key": application.key}),
    )
    return application
