"""Reminding applicants who have not submitted and referees who have not written, each at most once a stage."""

from datetime import datetime, timedelta
from typing import Final

from django.urls import reverse
from django.utils import timezone

from applications.actions.letters import mail_link, new_link
from applications.models import Application, ReferenceLetter
from applications.queries import drafts_to_remind, gaps, letters_to_remind
from applications.states import ApplicationState
from common.gestures import action
from common.later import later
from common.states import lock
from common.when import instant_words
from notifications.actions import language_of, notify
from people.models import User

BEFORE_DEADLINE: Final = (timedelta(hours=2), timedelta(hours=12), timedelta(days=2), timedelta(days=7))
LETTERS_LOOK_AHEAD: Final = timedelta(days=60)


def remind() -> int:
    """Remind everybody whose stage has come; how many were looked at. Running it again tells nobody twice."""
    now = timezone.now()
    drafts = list(drafts_to_remind(now + BEFORE_DEADLINE[-1], now, now))
    letters = list(letters_to_remind(now + LETTERS_LOOK_AHEAD, now, now))
    for application in drafts:
        remind_applicant(application, by=None)
    for letter in letters:
        remind_referee(letter, by=None)
    return len(drafts) + len(letters)


def _stage(due_at: datetime, begun_at: datetime, stages: tuple[timedelta, ...]) -> timedelta | None:
    """The stage that has come: the closest to the deadline; None when the matter began after its moment."""
    left = due_at - timezone.now()
    stage = next((stage for stage in stages if left <= stage), None)
    return stage if stage is not None and begun_at < due_at - stage else None


def _hours(stage: timedelta) -> int:
    return int(stage.total_seconds() // 3600)


@action
def remind_applicant(application: Application, *, by: User | None) -> None:
    """Say by mail how long the call still takes the draft; once a stage and deadline."""
    call = application.call
    stage = _stage(call.closes_at, application.started_at, BEFORE_DEADLINE)
    if stage is None or application.state != ApplicationState.DRAFT:
        return
    user = application.applicant
    notify(
        "application_reminder",
        to=user,
        about=application,
        dedupe=f"{application.pk}:{_hours(stage)}:{call.closes_at:%Y%m%d%H%M}",
        call=call.name_ko if language_of(user) == "ko" else call.name_en,
        at=later(instant_words, call.closes_at),
        at_hers=later(instant_words, call.closes_at, user.timezone),
        was_submitted=application.number is not None,
        is_complete=not gaps(application),
        path=reverse("applications:application", kwargs={"key": application.key}),
    )


@action
def remind_referee(letter: ReferenceLetter, *, by: User | None) -> None:
    """Remind a referee with a link of its own; earlier links go on working. Once a stage; the call says which."""
    lock(letter)
    call = letter.application.call
    due_at = call.letters_due_at
    stage = _stage(due_at, letter.asked_at, tuple(timedelta(hours=hours) for hours in sorted(call.letter_reminders)))
    if stage is None or not letter.is_awaited:
        return
    if letter.reminded_at is not None and letter.reminded_at >= due_at - stage:
        return
    letter.reminded_at = timezone.now()
    letter.save(update_fields=["reminded_at"])
    mail_link("letter_reminder", letter, new_link(letter, keeps_old=True))
