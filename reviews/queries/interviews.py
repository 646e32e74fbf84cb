"""Reads of interviews: for the lab its plan and candidates, the schedule at its best; for a candidate her own."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import networkx as nx  # type: ignore[import-untyped]
from django.db.models import Avg, Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from applications.models import Application, CallLab
from applications.states import ApplicationState, CallState
from common.access import scope_of
from people.models import User
from people.states import Role
from reviews.models import Conflict, Interview, InterviewNote, InterviewPlan, InterviewSlot, Review
from reviews.states import InterviewState, ReviewState

LIVE = (InterviewState.ASKED, InterviewState.ANSWERED, InterviewState.PLANNED)
OPEN = (InterviewState.ASKED, InterviewState.ANSWERED)
BUSY = (InterviewState.PLANNED, InterviewState.HELD)


def _places(user: Any) -> Any:
    return user.places(Role.LAB_HEAD, Role.LAB_MEMBER)


@scope_of(InterviewPlan)
def plans_visible_to(user: Any) -> QuerySet[InterviewPlan]:
    """The plans of her own labs: interviews are the lab's alone."""
    rows = InterviewPlan.objects.select_related("call_lab__lab__institute", "call_lab__call")
    return rows.filter(call_lab__lab__place__in=_places(user))


@scope_of(Interview)
def interviews_visible_to(user: Any) -> QuerySet[Interview]:
    """Those of her labs without candidates in whom she declared an interest, and her own as a candidate."""
    conflicted = Conflict.objects.filter(application=OuterRef("application"), person=user.pk)
    rows = Interview.objects.select_related("plan__call_lab__lab__institute", "plan__call_lab__call", "application")
    of_lab = Q(plan__call_lab__lab__place__in=_places(user)) & ~Exists(conflicted)
    return rows.filter(of_lab | Q(application__applicant=user.pk))


def labs_to_interview(user: User) -> QuerySet[CallLab]:
    """Her labs in calls whose applications are in and whose lists are not due, with their plan if there is one."""
    now = timezone.now()
    rows = CallLab.objects.filter(
        lab__place__in=_places(user),
        call__state__in=(CallState.PUBLISHED, CallState.REVIEW),
        call__closes_at__lt=now,
        call__ranks_due_at__gt=now,
    )
    return rows.select_related("lab", "call", "interview_plan").order_by("call__ranks_due_at", "pk")


def candidates_to_ask(plan: InterviewPlan, user: User) -> QuerySet[Application]:
    """Eligible candidates of the lab whom it may still ask, without those in whom `user` has an interest.

    `score` is the mean of their reviews, 0 before there is one.
    """
    held = Interview.objects.filter(plan=plan, state__in=(*LIVE, InterviewState.HELD))
    conflicts = Conflict.objects.filter(application=OuterRef("pk"), person=user.pk)
    means = Review.objects.filter(application=OuterRef("pk"), state=ReviewState.SUBMITTED).order_by()
    mean = Subquery(means.values("application").annotate(mean=Avg("total")).values("mean"))
    rows = eligible_for(plan).exclude(pk__in=held.values("application")).filter(~Exists(conflicts))
    rows = rows.only("key", "call_id", "number", "given_name", "family_name", "native_name", "phd_institution")
    return rows.annotate(score=Coalesce(mean, Decimal(0)))


def eligible_for(plan: InterviewPlan) -> QuerySet[Application]:
    """Eligible applicants who chose the plan's lab (index applications_by_lab)."""
    return Application.objects.filter(
        call=plan.call_lab.call_id, state=ApplicationState.ELIGIBLE, ranked_labs__contains=[plan.call_lab_id]
    )


def interviews_of(plan: InterviewPlan, user: User) -> list[Interview]:
    """The lab's interviews that `user` may know of: the planned ones by time, then the others by number.

    Each has `times`, how many times she named, and `mean` and `notes_written` of the notes. One query.
    """
    rows = interviews_visible_to(user).filter(plan=plan).select_related("application__applicant")
    notes = InterviewNote.objects.filter(interview=OuterRef("pk")).order_by().values("interview")
    times = InterviewSlot.objects.filter(possible_for=OuterRef("pk")).order_by().values("possible_for")
    return list(
        rows.annotate(
            mean=Subquery(notes.annotate(mean=Avg("points")).values("mean")),
            notes_written=Subquery(notes.annotate(number=Count("pk")).values("number")),
            times=Subquery(times.annotate(number=Count("pk")).values("number")),
        ).order_by(F("starts_at").asc(nulls_last=True), "application__number")
    )


@dataclass(frozen=True)
class Schedule:
    """Who would be interviewed when: as many as can be, then as early as can be. `without` got no time.

    `version` is the same as long as the schedule is: what a person saw is what she publishes.
    """

    pairs: list[tuple[Interview, InterviewSlot]]
    without: list[Interview]
    unanswered: int

    @property
    def version(self) -> str:
        text = ";".join(f"{interview.pk}:{slot.pk}" for interview, slot in self.pairs)
        return hashlib.sha256(text.encode()).hexdigest()


def schedule_of(plan: InterviewPlan) -> Schedule:
    """The best schedule for those who named their times, in free slots still to come. Three queries.

    A flow of most interviews at least cost, where a slot costs its place in time; the same for the same rows.
    """
    slots = list(plan.slots.filter(interview=None, starts_at__gt=timezone.now()).order_by("starts_at"))
    rows = plan.interviews.filter(state__in=OPEN).order_by("pk")
    waiting = list(rows.select_related("application__applicant", "plan__call_lab__lab").prefetch_related("possible"))
    answered = [row for row in waiting if row.state == InterviewState.ANSWERED]
    found = _seated(answered, slots)
    pairs = [(row, found[row.pk]) for row in answered if row.pk in found]
    pairs.sort(key=lambda pair: pair[1].starts_at)
    without = [row for row in answered if row.pk not in found]
    return Schedule(pairs, without, len(waiting) - len(answered))


def _seated(interviews: Iterable[Interview], slots: list[InterviewSlot]) -> dict[int, InterviewSlot]:
    """The slot of each interview that gets one, by primary key of the interview."""
    place = {slot.pk: number for number, slot in enumerate(slots)}
    net = nx.DiGraph()
    for row in interviews:
        net.add_edge("from", ("interview", row.pk), capacity=1, weight=0)
        for pk in sorted(each.pk for each in row.possible.all() if each.pk in place):
            net.add_edge(("interview", row.pk), ("slot", pk), capacity=1, weight=place[pk])
    for slot in slots:
        net.add_edge(("slot", slot.pk), "to", capacity=1, weight=0)
    if "from" not in net or "to" not in net:
        return {}
    flow = nx.max_flow_min_cost(net, "from", "to")
    return {
        interview[1]: slots[place[node[1]]]
        for interview in net.successors("from")
        for node, units in flow[interview].items()
        if units
    }


def possible_times(interview: Interview) -> list[InterviewSlot]:
    """The lab's free times to come for a candidate, each with `is_ticked` and `is_taken`: she has another interview
    then. Three queries.
    """
    slots = list(interview.plan.slots.filter(interview=None, starts_at__gt=timezone.now()))
    ticked = set(interview.possible.values_list("pk", flat=True))
    taken = busy_times(interview)
    for slot in slots:
        slot.is_ticked = slot.pk in ticked  # type: ignore[attr-defined]
        slot.is_taken = any(slot.starts_at < until and since < slot.ends_at for since, until in taken)  # type: ignore[attr-defined]
    return slots


def busy_times(interview: Interview) -> list[tuple[Any, Any]]:
    """From when until when the candidate has interviews with other labs."""
    rows = Interview.objects.filter(application=interview.application_id, state__in=BUSY).exclude(pk=interview.pk)
    return list(rows.values_list("starts_at", "ends_at"))


@dataclass(frozen=True)
class InterviewSummary:
    """How a lab's interview with one candidate stands; `mean` of 1 to 5, None before a note is written."""

    key: str
    state: str
    label: str
    mean: float | None
    notes: int

    @property
    def words(self) -> str:
        """`4.5 / 5 (2)` once there are notes, the state before."""
        return self.label if self.mean is None else f"{self.mean} / {InterviewNote.MOST} ({self.notes})"


def interview_summaries(call_lab: CallLab, applications: Iterable[int]) -> dict[int, InterviewSummary]:
    """The lab's interviews by primary key of the application; one query."""
    rows = Interview.objects.filter(plan__call_lab=call_lab, application__in=list(applications)).order_by()
    found = rows.values_list("application_id", "key", "state").annotate(mean=Avg("notes__points"), n=Count("notes"))
    return {
        pk: InterviewSummary(key, state, str(InterviewState(state).label), mean and round(mean, 1), number)
        for pk, key, state, mean, number in found
    }
