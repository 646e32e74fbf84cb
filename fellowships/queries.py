"""Reads of offers and appointments, for a person."""

from typing import Any

from django.db.models import Q, QuerySet

from common.access import scope_of
from fellowships.models import Appointment
from people.states import Role


@scope_of(Appointment)
def appointments_visible_to(user: Any) -> QuerySet[Appointment]:
    """Her own; those of her institute (officers); those of her lab (head and members)."""
    return (
        Appointment.objects.filter(
            Q(fellow=user.pk)
            | Q(institute__place__in=user.places(Role.PROGRAMME_OFFICER, Role.FINANCE_OFFICER))
            | Q(lab__place__in=user.places(Role.LAB_HEAD, Role.LAB_MEMBER))
        )
        .select_related("fellow", "lab", "institute")
        .distinct()
    )
