"""Reads of onboarding: a fellow's checklist, the cases of an institute, who confirms, whom to remind."""

from datetime import date
from typing import Any

from django.db.models import Count, Min, Q, QuerySet
from django.utils import timezone

from common.access import scope_of
from fellowships.models import Appointment, OnboardingItem, OnboardingPaper
from fellowships.onboarding import FELLOW, VISA
from fellowships.states import AppointmentState, ItemState
from people.models import User
from people.states import Role

WAITING = (ItemState.OPEN, ItemState.RETURNED)


@scope_of(OnboardingItem)
def items_visible_to(user: Any) -> QuerySet[OnboardingItem]:
    """A fellow's own; those at the institutes whose officer she is. Labs and finance see none of it."""
    return OnboardingItem.objects.filter(
        Q(appointment__fellow=user.pk) | Q(appointment__institute__place__in=user.places(Role.PROGRAMME_OFFICER))
    ).select_related("appointment__fellow", "appointment__institute", "appointment__lab")


@scope_of(OnboardingPaper)
def papers_visible_to(user: Any) -> QuerySet[OnboardingPaper]:
    """The papers of the items that she may see."""
    rows = OnboardingPaper.objects.filter(item__in=items_visible_to(user).values("pk"))
    return rows.select_related("item__appointment__fellow", "item__appointment__institute")


def checklist_of(appointment: Appointment) -> list[OnboardingItem]:
    """The items by day, each with its paper in force; two queries."""
    rows = list(appointment.onboarding.select_related("confirmed_by").order_by("due_on", "position"))
    papers = {row.item_id: row for row in OnboardingPaper.objects.filter(item__in=rows, is_current=True)}
    for row in rows:
        row.appointment = appointment
        row.paper = papers.get(row.pk)  # type: ignore[attr-defined]
    return rows


def late_visa_of(appointment: Appointment) -> date | None:
    """The day on which the visa is expected, where that lies after the first day."""
    row = appointment.onboarding.filter(code=VISA, expected_on__gt=appointment.starts_on).first()
    return row.expected_on if row is not None and row.state not in {ItemState.CONFIRMED, ItemState.NOT_NEEDED} else None


def to_do_of(appointment: Appointment) -> int:
    """How many items of the checklist wait to be done, by whoever."""
    return appointment.onboarding.filter(state__in=WAITING).count()


def cases_of(user: Any) -> QuerySet[Appointment]:
    """Appointments at `user`'s institutes whose checklist is not done, with what waits for whom; soonest due first."""
    waiting = Q(onboarding__state__in=WAITING)
    return (
        Appointment.objects.filter(institute__place__in=user.places(Role.PROGRAMME_OFFICER))
        .annotate(
            to_do=Count("onboarding", filter=waiting),
            overdue=Count("onboarding", filter=waiting & Q(onboarding__due_on__lt=timezone.localdate())),
            to_confirm=Count("onboarding", filter=Q(onboarding__state=ItemState.HANDED_IN)),
            next_due_on=Min("onboarding__due_on", filter=Q(onboarding__state__in=[*WAITING, ItemState.HANDED_IN])),
        )
        .filter(next_due_on__isnull=False)
        .select_related("fellow", "lab", "institute")
    )


def officers_of(appointment: Appointment) -> QuerySet[User]:
    """The programme officers of the employing institute."""
    today = timezone.localdate()
    return User.objects.filter(
        Q(role_grants__ends_on=None) | Q(role_grants__ends_on__gte=today),
        role_grants__role=Role.PROGRAMME_OFFICER,
        role_grants__place=appointment.institute.place_id,
        role_grants__starts_on__lte=today,
    ).distinct()


def to_remind(until: date) -> QuerySet[OnboardingItem]:
    """What fellows have to do until that day, of appointments that stand."""
    rows = OnboardingItem.objects.filter(
        owner=FELLOW, state__in=WAITING, due_on__lte=until, appointment__state=AppointmentState.STANDING
    )
    return rows.select_related("appointment__fellow").order_by("appointment", "due_on", "position")
