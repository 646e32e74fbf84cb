"""What waits: a reviewer's queue, an officer's view of a call's reviewing."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from applications.models import Application, Call
from applications.queries import has_applied
from applications.states import ApplicationState, CallState
from common.desk import DeskItem
from common.settled import settled
from people.models import User
from reviews.models import Conflict, Interview, Review
from reviews.queries.interviews import OPEN, plans_visible_to
from reviews.queries.visibility import reviews_visible_to
from reviews.rules import LIVE
from reviews.states import InterviewState, ReviewState

TO_WRITE = (ReviewState.ASSIGNED, ReviewState.OPEN)
# what is counted of an application's reviews
COUNTED = {
    "live": Q(state__in=LIVE),
    "submitted": Q(state=ReviewState.SUBMITTED),
    "conflicted": Q(state=ReviewState.CONFLICTED),
}
IN_REVIEW = (CallState.PUBLISHED, CallState.REVIEW)


@dataclass(frozen=True)
class Load:
    """One reviewer of a call, and how many of its reviews are hers, submitted, given up for a conflict."""

    person: User
    live: int
    submitted: int
    conflicted: int


@dataclass(frozen=True)
class Progress:
    """How far the reviewing of one call is."""

    eligible: int
    needed: int
    assigned: int
    submitted: int
    overdue: int
    conflicts: int
    short: int

    @property
    def percent(self) -> int:
        return 100 * self.submitted // self.needed if self.needed else 0


def queue_of(user: User) -> QuerySet[Review]:
    """Her reviews by due date (index reviews_of_reviewer); those with a declared conflict are gone."""
    conflicted = Conflict.objects.filter(application=OuterRef("application"), person=user.pk)
    rows = Review.objects.select_related("application__call").filter(~Exists(conflicted), reviewer=user)
    return rows.filter(state__in=LIVE)


def applications_of(call: Call, *numbers: str) -> QuerySet[Application]:
    """The call's eligible applications; `numbers` of `COUNTED` are counted for each, to sort or narrow by."""
    rows: QuerySet[Application] = call.applications.filter(state=ApplicationState.ELIGIBLE)
    rows = rows.only("key", "call_id", "number", "given_name", "family_name", "native_name")
    return rows.annotate(**{name: _number_of(COUNTED[name]) for name in numbers})


def count_reviews(rows: list[Application]) -> None:
    """Give each of a page's rows its numbers of `COUNTED`. One query."""
    reviews = Review.objects.filter(application__in=[row.pk for row in rows]).order_by().values_list("application_id")
    counts = {name: Count("pk", filter=which) for name, which in COUNTED.items()}
    found = {pk: numbers for pk, *numbers in reviews.annotate(**counts)}
    for row in rows:
        for name, number in zip(COUNTED, found.get(row.pk, [0] * len(COUNTED)), strict=True):
            setattr(row, name, number)


def _number_of(which: Q) -> Coalesce:
    """How many reviews of the application at hand are so."""
    rows = Review.objects.filter(which, application=OuterRef("pk")).order_by().values("application")
    return Coalesce(Subquery(rows.annotate(number=Count("pk")).values("number")), 0)


def progress_of(call: Call) -> Progress:
    """The figures of the officer's page. Two queries."""
    eligible = call.applications.filter(state=ApplicationState.ELIGIBLE).order_by()
    live = Count("reviews", filter=Q(reviews__state__in=LIVE))
    figures = eligible.annotate(live=live).aggregate(
        eligible=Count("pk"), short=Count("pk", filter=Q(live__lt=call.reviews_needed))
    )
    late = Q(state__in=TO_WRITE, due_at__lt=timezone.now())
    reviews = Review.objects.filter(application__call=call, application__state=ApplicationState.ELIGIBLE).aggregate(
        assigned=Count("pk", filter=Q(state__in=LIVE)),
        submitted=Count("pk", filter=Q(state=ReviewState.SUBMITTED)),
        overdue=Count("pk", filter=late),
        conflicts=Count("pk", filter=Q(state=ReviewState.CONFLICTED)),
    )
    return Progress(needed=figures["eligible"] * call.reviews_needed, **figures, **reviews)


def load_of(call: Call) -> list[Load]:
    """The call's reviewers by name, each with what she holds. Two queries: the counts, then their people."""
    counted = (
        Review.objects.filter(application__call=call)
        .order_by()
        .values_list("reviewer_id")
        .annotate(
            live=Count("pk", filter=Q(state__in=LIVE)),
            submitted=Count("pk", filter=Q(state=ReviewState.SUBMITTED)),
            conflicted=Count("pk", filter=Q(state=ReviewState.CONFLICTED)),
        )
    )
    rows = {pk: figures for pk, *figures in counted if figures[0] or figures[2]}
    people = User.objects.filter(pk__in=rows).order_by("family_name", "pk")
    return [Load(person, *rows[person.pk]) for person in people]


def desk_items(user: Any) -> list[DeskItem]:
    """Reviews to write; interviews of candidates and of labs; for officers, calls that lack reviewers."""
    items = _of_reviewer(user) if user.has_perm("reviews.view_queue") else []
    items += _of_candidate(user) if has_applied(user) else []
    items += _of_lab(user) if user.has_perm("reviews.hold_interviews") else []
    return [*items, *(_of_officer() if user.has_perm("reviews.assign") else [])]


def _of_candidate(user: Any) -> list[DeskItem]:
    """Interviews for which she is asked to name times, and those that are to come. One query."""
    now = timezone.now()
    asked = Q(state__in=OPEN, plan__answers_due_at__gt=now)
    rows = Interview.objects.filter(asked | Q(state=InterviewState.PLANNED, ends_at__gt=now))
    rows = rows.filter(application__applicant=user.pk).select_related("plan__call_lab__lab").order_by("starts_at", "pk")
    return [_own_interview(row) for row in rows]


def _own_interview(row: Interview) -> DeskItem:
    url, lab = reverse("reviews:own_interview", args=[row.key]), row.plan.call_lab.lab.name
    if row.state == InterviewState.PLANNED:
        return DeskItem(_("Come to your interview"), url, kind="info", due_at=row.starts_at, detail=lab)
    if row.state == InterviewState.ANSWERED:
        words = _("The lab plans your interview")
        return DeskItem(words, url, kind="waiting", due_at=row.plan.answers_due_at, detail=lab)
    words = _("Say when you can come to an interview")
    return DeskItem(words, url, due_at=row.plan.answers_due_at, detail=lab)


def _of_lab(user: Any) -> list[DeskItem]:
    """Schedules to publish, and interviews that were to be held and of which nobody said how they went. One query."""
    now = timezone.now()
    plans = plans_visible_to(user).filter(call_lab__call__ranks_due_at__gt=now)
    answered = Count("interviews", filter=Q(interviews__state=InterviewState.ANSWERED))
    asked = Count("interviews", filter=Q(interviews__state=InterviewState.ASKED))
    past = Count("interviews", filter=Q(interviews__state=InterviewState.PLANNED, interviews__ends_at__lt=now))
    items = []
    for plan in plans.annotate(answered=answered, asked=asked, past=past):
        url, lab = reverse("reviews:interviews_of_lab", args=[plan.key]), plan.call_lab.lab.name
        if plan.answered and (not plan.asked or plan.answers_due_at < now):
            words = _("Publish the schedule of interviews")
            items.append(DeskItem(words, url, due_at=plan.call_lab.call.ranks_due_at, count=plan.answered, detail=lab))
        if plan.past:
            items.append(DeskItem(_("Say how interviews went"), url, count=plan.past, detail=lab))
    return items


def _of_reviewer(user: Any) -> list[DeskItem]:
    figures = reviews_visible_to(user).filter(reviewer=user.pk, state__in=TO_WRITE).order_by()
    waiting = figures.aggregate(number=Count("pk"), due=Min("due_at"))
    if not waiting["number"]:
        return []
    words = ngettext("Write %(n)s review", "Write %(n)s reviews", waiting["number"]) % {"n": waiting["number"]}
    return [DeskItem(words, reverse("reviews:queue"), due_at=waiting["due"], count=waiting["number"])]


def _of_officer() -> list[DeskItem]:
    calls = Call.objects.filter(state__in=IN_REVIEW).defer("text_en", "text_ko")
    return [_to_assign(call, number) for call in calls if (number := _short_of(call))]


def _short_of(call: Call) -> int:
    """How many eligible applications of the call have too few reviewers."""
    rows = call.applications.filter(state=ApplicationState.ELIGIBLE).order_by()
    live = rows.annotate(live=Count("reviews", filter=Q(reviews__state__in=LIVE)))
    return settled(f"reviews:short:{call.pk}", live.filter(live__lt=call.reviews_needed).count)


def _to_assign(call: Call, number: int) -> DeskItem:
    url = reverse("reviews:assignment", args=[call.key])
    return DeskItem(_("Assign reviewers"), url, due_at=call.reviews_due_at, count=number, detail=call.name)
