"""Interviews of one lab of the call under review: held, planned, with times named, asked."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from django.utils import timezone

from applications.models import Application, CallLab
from people.models import User
from reviews import actions
from reviews.models import Interview, InterviewNote, InterviewPlan, InterviewSlot
from reviews.states import InterviewState

PLACE = "https://meet.innocore.example/llm"
WORDS = "Ten minutes on your plan, then our questions.\n연구 계획을 10분 말씀해 주시고, 이어서 질문드립니다."
NOTES = (
    (5, "Knows why her method fails where it fails. Would bring two tools that we lack."),
    (3, "Sound, but the plan leans on data that nobody has yet."),
)


def _at(days: int, hour: int) -> datetime:
    """That hour in Korea, so many days from today."""
    return timezone.make_aware(datetime.combine(timezone.localdate() + timedelta(days=days), time(hour)))


def interview(call_lab: CallLab, people: Sequence[Application], star: Application, head: User) -> None:
    """Fill the plan of `call_lab`: `people` are eligible candidates of it, at least five; `star` is asked and waits."""
    terms = actions.PlanTerms(30, PLACE, WORDS, _at(4, 18))
    plan = actions.save_plan(call_lab, terms, by=head)
    actions.offer_times(plan, _at(7, 10), _at(7, 12), by=head)
    actions.offer_times(plan, _at(8, 16), _at(8, 18), by=head)
    others = [row for row in people if row.pk != star.pk][:5]
    for place, (row, note) in enumerate(zip(others[:2], NOTES, strict=True)):
        _held(plan, row, _at(-1, 10 + place), note, head)
    _planned(plan, others[2], _at(2, 10), head)
    actions.ask_for_times(plan, [row.pk for row in [*others[3:], star]], by=head)
    slots = [slot.pk for slot in plan.slots.filter(starts_at__gt=_at(6, 0))]
    for row in others[3:]:
        talk = Interview.objects.get(plan=plan, application=row)
        actions.name_times(talk, slots[:3], "", by=row.applicant)


def _in_a_slot(plan: InterviewPlan, row: Application, at: datetime, state: str, head: User) -> Interview:
    until = at + timedelta(minutes=plan.minutes)
    slot = InterviewSlot.objects.create(plan=plan, starts_at=at, ends_at=until)
    return Interview.objects.create(
        plan=plan, application=row, state=state, slot=slot, starts_at=at, ends_at=until, asked_by=head
    )


def _held(plan: InterviewPlan, row: Application, at: datetime, note: tuple[int, str], head: User) -> None:
    talk = _in_a_slot(plan, row, at, InterviewState.HELD, head)
    InterviewNote.objects.create(interview=talk, author=head, points=note[0], text=note[1])


def _planned(plan: InterviewPlan, row: Application, at: datetime, head: User) -> None:
    _in_a_slot(plan, row, at, InterviewState.PLANNED, head)
