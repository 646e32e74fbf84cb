"""Reads of adjustments and exemptions, and what a month of pay has beside the salary."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet, Sum

from common.access import scope_of
from fellowships.models import Appointment
from funding.models import Adjustment, PayLine, PayrollRun, TaxGrant
from funding.queries.insurance import in_force_by_appointment
from funding.slips import Beside
from funding.states import GrantState, PayrollState
from people.states import Role


@scope_of(Adjustment)
def adjustments_visible_to(user: Any) -> QuerySet[Adjustment]:
    """Those at the institutes whose finances she keeps."""
    rows = Adjustment.objects.filter(appointment__institute__place__in=user.places(Role.FINANCE_OFFICER))
    return rows.select_related("appointment__fellow", "appointment__institute", "appointment__lab", "entered_by")


@scope_of(TaxGrant)
def grants_visible_to(user: Any) -> QuerySet[TaxGrant]:
    """Her own; those of people appointed at the institutes whose finances she keeps."""
    places = user.places(Role.FINANCE_OFFICER)
    employed = Appointment.objects.filter(institute__place__in=places).values("fellow")
    return TaxGrant.objects.filter(Q(user=user.pk) | Q(user__in=employed)).select_related("user")


def is_settled(appointment: Appointment, month: date) -> bool:
    """Whether the payroll of `month` at her institute is beyond its preview: no adjustment gets into it any more.

    Locks the run, so that nobody approves it meanwhile.
    """
    runs = PayrollRun.objects.filter(Q(institute=appointment.institute_id) | Q(lines__appointment=appointment))
    at = runs.filter(month=month).exclude(state=PayrollState.DISCARDED).values("pk")
    found = PayrollRun.objects.select_for_update().filter(pk__in=at).order_by("pk")
    return any(run.state != PayrollState.PREVIEW for run in found)


def left_out(run: PayrollRun) -> QuerySet[Adjustment]:
    """Approved adjustments for people and month of `run` that its preview was prepared without."""
    computed = run.lines.exclude(is_held=True, gross_krw=0).values("appointment")
    return Adjustment.objects.filter(
        appointment__in=computed, month=run.month, approved_at__isnull=False, withdrawn_at=None, pay_line=None
    )


def besides_of(appointments: Sequence[Appointment], month: date) -> dict[int, Beside]:
    """By appointment: approved adjustments of `month` that no slip carries, grants in force, and the severance that
    accrued before for those whose last month it is, and what is otherwise with insurance; four queries.
    """
    waiting = Adjustment.objects.filter(
        appointment__in=appointments, month=month, approved_at__isnull=False, withdrawn_at=None, pay_line=None
    ).order_by("pk")
    by_appointment: dict[int, list[Adjustment]] = {}
    for row in waiting:
        by_appointment.setdefault(row.appointment_id, []).append(row)
    in_force = TaxGrant.objects.filter(
        Q(until_on=None) | Q(until_on__gte=month),
        user__in=[row.fellow_id for row in appointments],
        state=GrantState.GRANTED,
        from_on__lte=month,
    ).order_by("pk")
    by_user: dict[int, list[TaxGrant]] = {}
    for grant in in_force:
        by_user.setdefault(grant.user_id, []).append(grant)
    accrued = _accrued_before(appointments, month)
    exceptions = in_force_by_appointment(appointments, month)
    return {
        row.pk: Beside(
            tuple(by_appointment.get(row.pk, ())),
            tuple(by_user.get(row.fellow_id, ())),
            accrued.get(row.pk),
            exceptions.get(row.pk, ()),
        )
        for row in appointments
    }


def _accrued_before(appointments: Sequence[Appointment], month: date) -> dict[int, int]:
    """What accrued as severance before `month`, of each whose term ends in it."""
    ending = [row.pk for row in appointments if row.ends_on.replace(day=1) == month]
    lines = PayLine.objects.filter(appointment__in=ending, month__lt=month).order_by()
    sums = dict(lines.values_list("appointment").annotate(Sum("severance_krw")))
    return {pk: sums.get(pk, 0) for pk in ending}
