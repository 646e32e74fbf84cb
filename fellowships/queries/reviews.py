"""Reads of yearly reviews: who writes, who decides, which are open, for whom."""

from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from common.access import scope_of
from fellowships.models import Appointment, YearlyReview
from fellowships.queries.onboarding import officers_of
from fellowships.states import AppointmentState
from people.models import User
from people.states import Role


@scope_of(YearlyReview)
def reviews_visible_to(user: Any) -> QuerySet[YearlyReview]:
    """Her own once decided; those of the lab that she heads; those at the institutes whose officer she is."""
    return YearlyReview.objects.filter(
        Q(appointment__fellow=user.pk, is_renewed__isnull=False)
        | Q(appointment__lab__place__in=user.places(Role.LAB_HEAD))
        | Q(appointment__institute__place__in=user.places(Role.PROGRAMME_OFFICER))
    ).select_related(
        "appointment__fellow", "appointment__lab", "appointment__institute", "recommended_by", "decided_by", "extension"
    )


def heads_of(appointment: Appointment) -> QuerySet[User]:
    """The heads of the lab in which the fellow works."""
    today = timezone.localdate()
    return User.objects.filter(
        Q(role_grants__ends_on=None) | Q(role_grants__ends_on__gte=today),
        role_grants__role=Role.LAB_HEAD,
        role_grants__place=appointment.lab.place_id,
        role_grants__starts_on__lte=today,
    ).distinct()


def officers_to_decide(appointment: Appointment) -> QuerySet[User]:
    """The officers of the employing institute."""
    return officers_of(appointment)


def to_open(today: date) -> QuerySet[Appointment]:
    """Appointments that stand and have begun."""
    rows = Appointment.objects.filter(state=AppointmentState.STANDING, starts_on__lte=today)
    return rows.select_related("fellow", "lab", "institute")


def reviews_of(appointment: Appointment, user: Any) -> QuerySet[YearlyReview]:
    """The reviews of one appointment that `user` may read."""
    return reviews_visible_to(user).filter(appointment=appointment).order_by("year")
