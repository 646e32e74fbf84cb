"""A lab's interviews: offering times, asking candidates, the schedule published at once, what was thought."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from applications.models import Application, Call, CallLab
from applications.states import CallState
from common.audit import record
from common.gestures import action
from common.later import later, name_later
from common.refusals import OutOfDate, Refusal
from common.states import lock, move
from common.when import instant_words
from notifications.actions import draft, language_of, notify_many
from notifications.models import Notification
from people.models import User
from people.queries import holders_of
from people.states import Role
from reviews.models import Conflict, Interview, InterviewNote, InterviewPlan, InterviewSlot
from reviews.queries.interviews import LIVE, OPEN, busy_times, eligible_for, schedule_of
from reviews.states import InterviewState

MOST_SLOTS = 200
SHORTEST, LONGEST = 10, 240
NO_TIME: Final[dict[str, Any]] = {"slot": None, "starts_at": None, "ends_at": None}


class InterviewsClosed(Refusal):
    words = _("Interviews are held after the applications are in and before the labs' lists are due.")


class WrongTimes(Refusal):
    words = _("Times lie in the future, after the candidates' deadline, and end before the labs' lists are due.")


class NotAskable(Refusal):
    words = _("Only eligible candidates of the lab can be asked, each once, and not by whoever declared an interest.")


class AnswerOver(Refusal):
    words = _("The time to answer is over, or the interview is planned already.")


class NotAnswered(Refusal):
    words = _("Some candidates have not answered yet: wait until they did, or until their deadline.")


class NothingToPlan(Refusal):
    words = _("Nobody who named times is without an interview and fits a free one.")


class NotHeld(Refusal):
    words = _("Notes are written once the interview was held.")


@dataclass(frozen=True)
class PlanTerms:
    """Minutes of one interview, where it is held, words to the candidates, until when they name times."""

    minutes: int
    place: str
    words: str
    answers_due_at: datetime


@action
def save_plan(call_lab: CallLab, terms: PlanTerms, *, by: User) -> InterviewPlan:
    """Say how the lab interviews, or change it. The length stays once times are offered."""
    call = _check_open(call_lab)
    if not SHORTEST <= terms.minutes <= LONGEST:
        raise WrongTimes(_("An interview takes between 10 and 240 minutes."), field="minutes")
    if not timezone.now() < terms.answers_due_at < call.ranks_due_at:
        raise WrongTimes(_("Candidates answer in the future, before the labs' lists are due."), field="answers_due_at")
    values = vars(terms)
    made, is_new = InterviewPlan.objects.get_or_create(call_lab=call_lab, defaults={**values, "made_by": by})
    if not is_new:
        lock(made)
        if terms.minutes != made.minutes and made.slots.exists():
            raise WrongTimes(_("Times of another length are offered already: remove them first."), field="minutes")
        if made.slots.filter(starts_at__lte=terms.answers_due_at, interview=None).exists():
            raise WrongTimes(_("A time that is offered begins before this deadline."), field="answers_due_at")
    before = {name: getattr(made, name) for name in values}
    InterviewPlan.objects.filter(pk=made.pk).update(**values)
    record("reviews.interviews.planned", made, by=by, before={} if is_new else before, after=values)
    made.refresh_from_db()
    return made


def _check_open(call_lab: CallLab) -> Call:
    call = call_lab.call
    is_open = call.state in (CallState.PUBLISHED, CallState.REVIEW)
    if not is_open or not call.closes_at < timezone.now() < call.ranks_due_at:
        raise InterviewsClosed
    return call


@action
def offer_times(plan: InterviewPlan, since: datetime, until: datetime, *, by: User) -> int:
    """Offer times one after the other from `since` on, as many as end by `until`; those that overlap an offered one are
    left out. Returns how many were added.
    """
    lock(plan)
    call, now, length = _check_open(plan.call_lab), timezone.now(), timedelta(minutes=plan.minutes)
    if since <= max(now, plan.answers_due_at) or until > call.ranks_due_at:
        raise WrongTimes(field="day")
    known = list(plan.slots.values_list("starts_at", "ends_at"))
    made: list[InterviewSlot] = []
    while since + length <= until:
        if not any(since < end and start < since + length for start, end in known):
            made.append(InterviewSlot(plan=plan, starts_at=since, ends_at=since + length))
        since += length
    if not made or len(made) + len(known) > MOST_SLOTS:
        raise WrongTimes(_("No time fits between these hours, or there would be more than 200."), field="until")
    InterviewSlot.objects.bulk_create(made)
    record("reviews.interviews.offered", plan, by=by, after={"times": [row.starts_at for row in made]})
    return len(made)


@action
def remove_time(plan: InterviewPlan, slot: InterviewSlot, *, by: User) -> None:
    """Take back a time in which nobody is interviewed."""
    lock(plan)
    if slot.plan_id != plan.pk or Interview.objects.filter(slot=slot).exists():
        raise WrongTimes(_("Somebody is interviewed then: call that interview off first."))
    record("reviews.interviews.time_removed", plan, by=by, before={"starts_at": slot.starts_at})
    slot.delete()


@action
def ask_for_times(plan: InterviewPlan, applications: Collection[int], *, by: User) -> int:
    """Ask candidates, by primary keys of applications, for the times they can come; each is told. Returns how many.

    Who declined, missed hers or was called off can be asked again.
    """
    lock(plan)
    _check_open(plan.call_lab)
    if plan.answers_due_at <= timezone.now() or not plan.slots.filter(interview=None).exists():
        raise WrongTimes(_("Offer times first, with a deadline for the candidates that is still to come."))
    wanted = set(applications)
    closed = Conflict.objects.filter(person=by, application__in=wanted).exists()
    found = list(eligible_for(plan).filter(pk__in=wanted).select_related("applicant"))
    if not wanted or closed or {row.pk for row in found} != wanted:
        raise NotAskable
    asked = [_asked(plan, row, by=by) for row in found]
    notify_many([_mail("interview_asked", row, at=plan.answers_due_at) for row in asked])
    return len(asked)


def _asked(plan: InterviewPlan, application: Application, *, by: User) -> Interview:
    row, is_new = Interview.objects.get_or_create(plan=plan, application=application, defaults={"asked_by": by})
    if is_new:
        record("reviews.interview.asked", row, by=by, after={"application": application})
        return row
    lock(row)
    if row.state in (*LIVE, InterviewState.HELD):
        raise NotAskable
    row.possible.clear()
    return move(row, InterviewState.ASKED, by=by, answer="", asked_at=timezone.now(), asked_by=by, **NO_TIME)


def _mail(kind: str, row: Interview, at: datetime | None, why: str = "") -> Notification:
    person = row.application.applicant
    zone = person.timezone or None
    with translation.override(language_of(person)):
        return draft(
            kind,
            to=person,
            about=row,
            dedupe=f"{row.pk}:{timezone.now().isoformat()}",
            lab=name_later(row.plan.call_lab.lab),
            at=later(instant_words, at, zone) if at else "",
            place=row.plan.place,
            why=why,
            path=reverse("reviews:own_interview", args=[row.key]),
        )


@action
def name_times(interview: Interview, slots: Collection[int], words: str, *, by: User) -> Interview:
    """The candidate says when she can come, by primary keys of slots; it takes the place of what she said before.

    None at all needs her words. A time in which another lab interviews her is refused.
    """
    lock(interview.plan)
    lock(interview)
    if interview.state not in OPEN or interview.plan.answers_due_at <= timezone.now():
        raise AnswerOver
    free = {row.pk: row for row in interview.plan.slots.filter(interview=None, starts_at__gt=timezone.now())}
    if not set(slots) <= free.keys():
        raise OutOfDate(_("One of these times is no longer offered. Look at those that are."))
    if not slots and not words.strip():
        raise AnswerOver(_("Tick every time at which you can come, or say in words why none suits."), field="words")
    taken = busy_times(interview)
    if any(free[pk].starts_at < until and since < free[pk].ends_at for pk in slots for since, until in taken):
        raise AnswerOver(_("You have another interview at one of these times."))
    interview.possible.set(slots)
    given: dict[str, Any] = {"answer": words.strip(), "answered_at": timezone.now()}
    if interview.state == InterviewState.ASKED:
        return move(interview, InterviewState.ANSWERED, by=by, **given)
    record("reviews.interview.answered_again", interview, by=by, after={"times": sorted(slots), **given})
    interview.answer, interview.answered_at = given["answer"], given["answered_at"]
    interview.save(update_fields=list(given))
    return interview


@action
def decline_interview(interview: Interview, words: str, *, by: User) -> Interview:
    """The candidate does not come: her time is free again and the lab's heads are told. Her application stands."""
    lock(interview.plan)
    lock(interview)
    was_planned = interview.state == InterviewState.PLANNED
    if was_planned and interview.starts_at is not None and interview.starts_at <= timezone.now():
        raise AnswerOver(_("The interview has begun."))
    move(interview, InterviewState.DECLINED, by=by, answer=words.strip(), **NO_TIME)
    interview.possible.clear()
    if was_planned:
        notify_many(_to_heads(interview))
    return interview


def _to_heads(interview: Interview) -> Iterable[Notification]:
    lab = interview.plan.call_lab.lab
    closed = set(Conflict.objects.filter(application=interview.application_id).values_list("person_id", flat=True))
    for person in holders_of(Role.LAB_HEAD, lab.place):
        if person.pk not in closed:
            with translation.override(language_of(person)):
                yield draft(
                    "interview_declined",
                    to=person,
                    about=interview,
                    dedupe=f"{interview.pk}:{person.pk}:{timezone.now().isoformat()}",
                    lab=name_later(lab),
                    candidate=interview.application.number,
                    path=reverse("reviews:interviews_of_lab", args=[interview.plan.key]),
                )


@action
def publish_schedule(plan: InterviewPlan, *, version: str, by: User) -> int:
    """Give everybody who named times her interview, and tell them all at once; returns how many.

    Refuses before all answered or their deadline passed, and with `OutOfDate` where the schedule is no longer the one
    of `version` that was looked at. Times that she now holds are no longer hers to give to other labs.
    """
    lock(plan)
    _check_open(plan.call_lab)
    found = schedule_of(plan)
    if found.unanswered and plan.answers_due_at > timezone.now():
        raise NotAnswered
    if not found.pairs:
        raise NothingToPlan
    if found.version != version:
        raise OutOfDate
    # in the order of primary keys, so that two labs that plan the same candidates wait for each other in turn
    for row, slot in sorted(found.pairs, key=lambda pair: pair[0].application_id):
        lock(row.application)
        if any(slot.starts_at < until and since < slot.ends_at for since, until in busy_times(row)):
            raise OutOfDate
        times: dict[str, Any] = {"slot": slot, "starts_at": slot.starts_at, "ends_at": slot.ends_at}
        move(row, InterviewState.PLANNED, by=by, **times)
        _untick(row)
    notify_many([_mail("interview_planned", row, at=slot.starts_at) for row, slot in found.pairs])
    return len(found.pairs)


def _untick(planned: Interview) -> None:
    """Take the times that overlap a planned interview out of what the candidate named to other labs."""
    ticks = Interview.possible.through.objects.filter(
        interview__application=planned.application_id,
        interviewslot__starts_at__lt=planned.ends_at,
        interviewslot__ends_at__gt=planned.starts_at,
    )
    ticks.exclude(interview=planned.pk).delete()


@action
def call_off(interview: Interview, reason: str, *, by: User) -> Interview:
    """The lab does not hold the interview after all; the candidate is told why."""
    lock(interview.plan)
    if not reason.strip():
        raise NotAskable(_("Say why: the candidate reads it."), field="reason")
    move(interview, InterviewState.CANCELLED, by=by, note=reason, **NO_TIME)
    interview.possible.clear()
    notify_many([_mail("interview_off", interview, at=None, why=reason.strip())])
    return interview


@action
def say_held(interview: Interview, *, was_held: bool, by: User) -> Interview:
    """Say whether the candidate came. Refuses before the interview began, and once there are notes of it."""
    lock(interview)
    if interview.starts_at is None or interview.starts_at > timezone.now():
        raise NotHeld(_("The interview has not begun yet."))
    if not was_held and interview.notes.exists():
        raise NotHeld(_("There are notes of this interview, so it was held."))
    return move(interview, InterviewState.HELD if was_held else InterviewState.MISSED, by=by)


@action
def write_note(interview: Interview, points: int, text: str, *, reason: str = "", by: User) -> InterviewNote:
    """Write what she thought of an interview, or change it with a reason: both versions stay in the audit.

    Refuses before it was held and once the labs' lists are due. The same again changes nothing.
    """
    lock(interview)
    _check_open(interview.plan.call_lab)
    if interview.state != InterviewState.HELD:
        raise NotHeld
    if not InterviewNote.LEAST <= points <= InterviewNote.MOST:
        raise NotHeld(_("Points lie between 1 and 5."), field="points")
    now, text = timezone.now(), text.strip()
    kept = InterviewNote.objects.filter(interview=interview, author=by).first()
    if kept is None:
        kept = InterviewNote.objects.create(interview=interview, author=by, points=points, text=text, written_at=now)
        record("reviews.interview.noted", interview, by=by, after={"points": points, "text": text})
        return kept
    if (kept.points, kept.text) == (points, text):
        return kept
    if not reason.strip():
        raise NotHeld(_("Say why: a change after submission is kept with its reason."), field="reason")
    before = {"points": kept.points, "text": kept.text}
    kept.points, kept.text, kept.written_at = points, text, now
    kept.save(update_fields=["points", "text", "written_at"])
    after = {"points": points, "text": text}
    record("reviews.interview.noted_again", interview, by=by, before=before, after=after, note=reason)
    return kept
