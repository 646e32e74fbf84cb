"""Reads of severance: to whom it is owed, until when, what was asked and paid."""

from datetime import date, timedelta
from typing import Any, Final

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce, TruncMonth
from django.utils import timezone

from common.access import scope_of
from fellowships.models import Appointment
from funding.models import PayLine, Severance
from funding.states import PayrollState, SeveranceState
from labs.models import Institute
from people.states import Role

# Employee Retirement Benefit Security Act, article 9 (1)
DUE_WITHIN: Final = timedelta(days=14)
BOOKED: Final = (PayrollState.RELEASED, PayrollState.PAID)


@scope_of(Severance)
def severances_visible_to(user: Any) -> QuerySet[Severance]:
    """Her own; those at the institutes whose finances she keeps."""
    places = user.places(Role.FINANCE_OFFICER)
    rows = Severance.objects.filter(Q(appointment__fellow=user.pk) | Q(appointment__institute__place__in=places))
    return rows.select_related("appointment__fellow", "appointment__institute", "appointment__lab", "asked_by")


def owed_at(user: Any, today: date | None = None) -> QuerySet[Appointment]:
    """Terms at her institutes that are over, with severance (`owed_krw`) that nobody asked to pay; longest over first.

    The last slip must be booked: it settles severance to what is due; and so must every slip that it counts.
    """
    every = PayLine.objects.filter(appointment=OuterRef("pk")).order_by()
    slips = _booked(every)
    sums = slips.values("appointment").annotate(total=Sum("severance_krw")).values("total")
    last = slips.filter(month=OuterRef("last_month"))
    asked = Severance.objects.filter(appointment=OuterRef("pk")).exclude(state=SeveranceState.REFUSED)
    rows = Appointment.objects.annotate(last_month=TruncMonth("ends_on")).filter(
        Exists(last),
        ~Exists(_waiting(every)),
        ~Exists(asked),
        institute__place__in=user.places(Role.FINANCE_OFFICER),
        ends_on__lt=today or timezone.localdate(),
    )
    rows = rows.annotate(owed_krw=Coalesce(Subquery(sums), 0)).filter(owed_krw__gt=0)
    return rows.exclude(fellow=user.pk).select_related("fellow", "institute", "lab").order_by("ends_on", "pk")


def accrued_of(appointment: Appointment) -> int:
    """What accrued on the slips of a term, in won; 0 while the last of them, or one that counts, is not booked."""
    every = PayLine.objects.filter(appointment=appointment)
    slips = _booked(every)
    if _waiting(every).exists() or not slips.filter(month=appointment.ends_on.replace(day=1)).exists():
        return 0
    return int(slips.aggregate(total=Sum("severance_krw", default=0))["total"])


def _booked(rows: QuerySet[PayLine]) -> QuerySet[PayLine]:
    return rows.filter(run__state__in=BOOKED, is_held=False)


def _waiting(rows: QuerySet[PayLine]) -> QuerySet[PayLine]:
    """Slips with severance that are held, or whose payroll is not released."""
    return rows.exclude(severance_krw=0).filter(~Q(run__state__in=BOOKED) | Q(is_held=True))


def to_release(institute: Institute) -> QuerySet[Severance]:
    """Approved severances of `institute` that no file for the bank holds yet."""
    rows = Severance.objects.filter(appointment__institute=institute, state=SeveranceState.APPROVED)
    rows = rows.exclude(payments__state__in=["pending", "paid", "returned"])
    return rows.select_related("appointment__fellow", "appointment__institute").order_by("pk")


def releases_waiting(user: Any) -> list[tuple[Institute, int]]:
    """Her institutes with how many approved severances wait for their file."""
    institutes = Institute.objects.filter(place__in=user.places(Role.FINANCE_OFFICER)).order_by("code")
    found = [(institute, to_release(institute).count()) for institute in institutes]
    return [(institute, number) for institute, number in found if number]
