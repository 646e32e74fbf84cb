"""Reads of changes of appointments: how one stands, its versions, and what waits for a second person."""

from typing import Any

from django.db.models import Q, QuerySet

from common.access import scope_of
from fellowships.models import Amendment, Appointment
from fellowships.states import AmendmentState
from fellowships.versions import FULL_PAY, PERIODS, Change, Period, Standing
from people.states import Role


@scope_of(Amendment)
def changes_visible_to(user: Any) -> QuerySet[Amendment]:
    """Those of her own appointment; those at the institutes whose officer she is; those that she asked for."""
    return Amendment.objects.filter(
        Q(appointment__fellow=user.pk)
        | Q(appointment__institute__place__in=user.places(Role.PROGRAMME_OFFICER))
        | Q(asked_by=user.pk)
    ).select_related(
        "appointment__fellow", "appointment__lab", "appointment__institute", "lab", "partner", "asked_by", "decided_by"
    )


def change_of(amendment: Amendment) -> Change:
    """The row as plain data."""
    return Change(
        kind=amendment.kind,
        from_on=amendment.from_on,
        until_on=amendment.until_on,
        lab=amendment.lab.code if amendment.lab else "",
        percent=amendment.percent,
    )


def periods_of(appointment: Appointment) -> tuple[Period, ...]:
    """The approved days away or elsewhere; reads what was prefetched as `amendments`, else one query."""
    rows = [row for row in appointment.amendments.all() if row.state == AmendmentState.APPROVED]
    found = [each for row in rows if row.kind in PERIODS for each in change_of(row).periods()]
    return tuple(sorted(found, key=lambda each: each.from_on))


def standing_of(appointment: Appointment) -> Standing:
    """The appointment as it stands now."""
    return Standing(
        starts_on=appointment.starts_on,
        ends_on=appointment.ends_on,
        lab=appointment.lab.code,
        salary_krw_a_year=appointment.salary_krw_a_year,
        research_fund_krw_a_year=appointment.research_fund_krw_a_year,
        periods=periods_of(appointment),
    )


def less_paid_of(appointment: Appointment) -> tuple[Period, ...]:
    """The days with less than full pay."""
    return tuple(each for each in periods_of(appointment) if each.percent < FULL_PAY)


def history_by_version(appointment: Appointment) -> QuerySet[Amendment]:
    """Every approved change with who asked and who approved, newest first."""
    rows = appointment.amendments.filter(state=AmendmentState.APPROVED)
    return rows.select_related("asked_by", "decided_by", "lab", "partner").order_by("-version")


def change_asked(appointment: Appointment) -> Amendment | None:
    """The change that waits for a second person, if any."""
    return appointment.amendments.filter(state=AmendmentState.ASKED).select_related("asked_by").first()
