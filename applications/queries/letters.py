"""Reads of reference letters: behind a link, of an application, due for a reminder."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from applications.models import Application, AssistantLink, PastLink, ReferenceLetter
from applications.states import ApplicationState, CallState, LetterState

ALIVE = (ApplicationState.DRAFT, ApplicationState.SUBMITTED, ApplicationState.ELIGIBLE)


@dataclass(frozen=True)
class Behind:
    """What a link leads to: the letter, and whether the link still opens it."""

    letter: ReferenceLetter | None
    is_valid: bool


def hash_of(token: str) -> str:
    """What is kept of a link's token."""
    return hashlib.sha256(token.encode()).hexdigest()


def letter_behind(token: str) -> Behind:
    """The letter that `token` opens; an old token still says which letter it once opened. At most two queries."""
    sha256 = hash_of(token)
    letters = ReferenceLetter.objects.select_related("application__call", "application__applicant")
    letter = letters.filter(link_sha256=sha256).first()
    if letter is not None:
        return Behind(letter, letter.state != LetterState.CANCELLED)
    past = PastLink.objects.filter(sha256=sha256).select_related(
        "letter__application__call", "letter__application__applicant"
    )
    link = past.first()
    if link is None:
        return Behind(None, is_valid=False)
    return Behind(link.letter, link.is_valid and link.letter.state != LetterState.CANCELLED)


def letters_of(application: Application) -> QuerySet[ReferenceLetter]:
    """The letters asked for, without those no longer asked for, and without what they say."""
    rows = application.letters.exclude(state=LetterState.CANCELLED).order_by("asked_at", "pk")
    return rows.defer("text", "draft_text", "file", "file_name")


def awaited_from(email: str, at: datetime) -> QuerySet[ReferenceLetter]:
    """Letters that the owner of address `email` may still write or replace at instant `at`."""
    return ReferenceLetter.objects.filter(
        email__iexact=email, application__state__in=ALIVE, application__call__letters_due_at__gte=at
    ).exclude(state=LetterState.CANCELLED)


def letters_to_remind(due_by: datetime, asked_before: datetime, now: datetime) -> QuerySet[ReferenceLetter]:
    """Letters asked for before `asked_before`, not there, due between `now` and `due_by`.

    A draft whose call has closed is dead: its referees are left in peace.
    """
    is_dead = Q(application__state=ApplicationState.DRAFT) & (
        Q(application__call__closes_at__lt=now) | ~Q(application__call__state=CallState.PUBLISHED)
    )
    return (
        ReferenceLetter.objects.filter(
            state__in=[LetterState.ASKED, LetterState.OPENED],
            application__state__in=ALIVE,
            application__call__letters_due_at__gt=now,
            application__call__letters_due_at__lte=due_by,
            asked_at__lt=asked_before,
        )
        .exclude(is_dead)
        .select_related("application__call", "application__applicant")
    )


def assistant_link(token: str) -> AssistantLink | None:
    """The assistant's link that `token` opens, with its letter; one query."""
    links = AssistantLink.objects.select_related("letter__application__call", "letter__application__applicant")
    return links.filter(sha256=hash_of(token)).first()
