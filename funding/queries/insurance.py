"""Reads of what is otherwise with people's insurance."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from common.access import scope_of
from fellowships.models import Appointment
from funding.models import InsuranceException
from people.states import Role


@scope_of(InsuranceException)
def exceptions_visible_to(user: Any) -> QuerySet[InsuranceException]:
    """Those at the institutes whose finances she keeps."""
    rows = InsuranceException.objects.filter(appointment__institute__place__in=user.places(Role.FINANCE_OFFICER))
    return rows.select_related("appointment__fellow", "appointment__institute", "entered_by", "confirmed_by")


def in_force_by_appointment(
    appointments: Sequence[Appointment], month: date
) -> dict[int, tuple[InsuranceException, ...]]:
    """By appointment: what is confirmed and in force on the first day of `month` on which she is employed; one query.

    Contributions of a month follow the first of its days.
    """
    rows = InsuranceException.objects.filter(
        Q(until_on=None) | Q(until_on__gte=month),
        appointment__in=appointments,
        confirmed_at__isnull=False,
        withdrawn_at=None,
    ).order_by("kind")
    first = {row.pk: max(row.starts_on, month) for row in appointments}
    found: dict[int, tuple[InsuranceException, ...]] = {}
    for row in rows:
        on = first[row.appointment_id]
        if row.from_on <= on and (row.until_on is None or on <= row.until_on):
            found[row.appointment_id] = (*found.get(row.appointment_id, ()), row)
    return found
