"""Letting one applicant in after the deadline, and moving the deadline for everybody when the fault was ours."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from applications.actions.submitting import restore_last_version
from applications.models import Application, Call, LateAccess
from applications.states import ApplicationState, CallState
from common.audit import record
from common.gestures import action
from common.health import minutes_lost
from common.later import later
from common.refusals import Refusal
from common.states import lock
from common.when import instant_words
from notifications.actions import draft as drafted
from notifications.actions import language_of, notify, notify_many
from people.models import User

ALPHABET: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
LENGTH: Final = 10
DAY: Final = timedelta(days=1)
STEP: Final = timedelta(minutes=30)


class ReasonWanted(Refusal):
    words = _("Give a reason; it is kept with the record.")


class NotLaterThanNow(Refusal):
    words = _("Give a time that is still to come.")


class CallNotLate(Refusal):
    words = _("Late access is for a call that is published or under review.")


class WrongCode(Refusal):
    words = _("This code does not open the call for you. It is personal, and may have run out.")


class NothingLost(Refusal):
    words = _("Our own record shows no fault that a later deadline would make good.")


def hash_of_code(code: str) -> str:
    """What is kept of a code; spaces, dashes and small letters do not matter."""
    return hashlib.sha256("".join(sign for sign in code.upper() if sign.isalnum()).encode()).hexdigest()


@action
def give_late_access(call: Call, email: str, *, by: User, until: datetime, reason: str) -> LateAccess:
    """Mail one applicant a code that lets her write until `until`; audited with its reason."""
    lock(call)
    if call.state not in {CallState.PUBLISHED, CallState.REVIEW}:
        raise CallNotLate
    if not reason.strip():
        raise ReasonWanted(field="reason")
    if until <= timezone.now():
        raise NotLaterThanNow(field="until")
    code = "".join(secrets.choice(ALPHABET) for _n in range(LENGTH))
    row = LateAccess.objects.create(
        call=call, email=email.lower(), code_sha256=hash_of_code(code), until=until, reason=reason.strip(), made_by=by
    )
    record("applications.late.given", row, by=by, after={"email": row.email, "until": until}, note=row.reason)
    user = User.objects.filter(email__iexact=email).first()
    notify(
        "late_access",
        to=user or email.lower(),
        about=row,
        dedupe=str(row.pk),
        is_secret=True,
        language=language_of(user),
        call=call.name_ko if language_of(user) == "ko" else call.name_en,
        code=f"{code[:5]}-{code[5:]}",
        at=later(instant_words, until),
        path=reverse("applications:late", args=[call.key]),
    )
    return row


@action
def use_late_access(call: Call, code: str, *, by: User) -> LateAccess:
    """The applicant's code opens the call for her alone, from now until it ends; using it twice changes nothing."""
    row = LateAccess.objects.select_for_update().filter(call=call, code_sha256=hash_of_code(code)).first()
    if row is None or row.email.lower() != by.email.lower() or row.until <= timezone.now():
        raise WrongCode(field="code")
    if row.used_at is None:
        row.used_by, row.used_at = by, timezone.now()
        row.save(update_fields=["used_by", "used_at"])
        record("applications.late.used", row, by=by)
    own = Application.objects.filter(call=call, applicant=by).exclude(state=ApplicationState.WITHDRAWN)
    own.update(late_until=row.until)
    return row


@action
def end_late_access(row: LateAccess, *, by: User) -> LateAccess:
    """Take late access back from now on; what she reopened and did not submit goes back to its last version."""
    lock(row)
    now = timezone.now()
    if row.until <= now:
        return row
    before = {"until": row.until}
    row.until = now
    row.save(update_fields=["until"])
    if row.used_by_id is not None:
        Application.objects.filter(call=row.call_id, applicant=row.used_by_id).update(late_until=now)
    record("applications.late.ended", row, by=by, before=before, after={"until": now})
    return row


def restore_after_late_access() -> int:
    """What was reopened by late access and not submitted again in its time goes back to its last version; how many."""
    over = Application.objects.filter(
        state=ApplicationState.DRAFT,
        number__isnull=False,
        late_until__lt=timezone.now(),
        call__state=CallState.REVIEW,
    )
    return len([restore_last_version(row, by=None) for row in over])


def minutes_to_make_good(call: Call, at: datetime) -> int:
    """How many minutes of the call's last day (or of the day until now) were lost by our fault; 0 when too few.

    What an earlier extension made good counts no more.
    """
    ends = min(at, call.last_moment)
    lost = minutes_lost(max(ends - DAY, call.made_good_until or ends - DAY), ends)
    return lost if lost >= settings.FAIR_EXTENSION_AFTER_MINUTES else 0


def fair_deadline(call: Call, at: datetime) -> datetime | None:
    """The deadline that would make our fault good, in half hours, for everybody; None when there was none.

    Offered while the call is published, in its last day and the day after it.
    """
    is_near = call.closes_at - DAY <= at <= call.last_moment + DAY
    if call.state != CallState.PUBLISHED or not is_near:
        return None
    lost = minutes_to_make_good(call, at)
    halves = -(-timedelta(minutes=lost) // STEP)
    return max(call.closes_at, at) + halves * STEP if lost else None


@action
def extend_fairly(call: Call, *, by: User) -> Call:
    """Move the deadline for everybody by what was lost, letters' by as much; tell everybody.

    What is made good is not made good again: a second click is refused.
    """
    at = timezone.now()
    lock(call)
    moved = fair_deadline(call, at)
    if moved is None:
        raise NothingLost
    before = {"closes_at": call.closes_at, "letters_due_at": call.letters_due_at}
    lost = minutes_to_make_good(call, at)
    call.letters_due_at += moved - call.closes_at
    call.closes_at, call.made_good_until = moved, at
    call.save(update_fields=["closes_at", "letters_due_at", "made_good_until"])
    after = {"closes_at": call.closes_at, "letters_due_at": call.letters_due_at, "minutes_lost": lost}
    record("applications.call.extended", call, by=by, before=before, after=after)
    _tell_everybody(call)
    return call


def _tell_everybody(call: Call) -> None:
    rows = call.applications.exclude(state=ApplicationState.WITHDRAWN).select_related("applicant")
    notify_many(
        drafted(
            "deadline_moved",
            to=row.applicant,
            about=row,
            dedupe=f"{row.pk}:{call.closes_at.isoformat()}",
            call=call.name_ko if language_of(row.applicant) == "ko" else call.name_en,
            at=later(instant_words, call.closes_at),
            at_hers=later(instant_words, call.closes_at, row.applicant.timezone),
            path=reverse("applications:application", args=[row.key]),
        )
        for row in rows
    )
