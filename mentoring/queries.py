"""Reads of mentoring: who mentors whom, meetings, loads, and what waits for a mentor."""

from datetime import datetime, time, timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Count, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from common.access import scope_of
from common.desk import DeskItem
from fellowships.models import Amendment, Appointment
from fellowships.states import AmendmentKind, AmendmentState, AppointmentState
from mentoring.models import Meeting, Mentor, MentorAssignment
from mentoring.rules import leads_or_employs
from people.rules import is_mentor
from people.states import Role

SILENT_FOR = timedelta(days=45)
# what a list of mentees shows of each appointment
SHOWN = (
    *("key", "state", "fellow__email", "lab__code", "lab__name_en", "lab__name_ko"),
    *(f"fellow__{name}" for name in ("given_name", "family_name", "native_name")),
)


def _with_people() -> QuerySet[MentorAssignment]:
    return MentorAssignment.objects.select_related(
        "mentor__user",
        "mentor__institute",
        "mentor__organisation",
        "appointment__fellow",
        "appointment__lab",
        "appointment__institute",
    )


@scope_of(MentorAssignment)
def assignments_visible_to(user: Any) -> QuerySet[MentorAssignment]:
    """Hers as mentor or fellow; those of fellows at her institute or in her lab."""
    return _with_people().filter(
        Q(mentor__user=user.pk)
        | Q(appointment__fellow=user.pk)
        | Q(appointment__institute__place__in=user.places(Role.PROGRAMME_OFFICER))
        | Q(appointment__lab__place__in=user.places(Role.LAB_HEAD))
    )


def guiding(user: Any) -> QuerySet[MentorAssignment]:
    """Who guides `user` as a fellow now."""
    return _with_people().filter(appointment__fellow=user.pk, ends_on=None)


@scope_of(Mentor)
def mentors_visible_to(user: Any) -> QuerySet[Mentor]:
    """Officers and lab heads choose among all mentors, who cross institutes; a mentor knows herself."""
    mentors = Mentor.objects.select_related("user", "institute", "organisation")
    return mentors if leads_or_employs(user) else mentors.filter(user=user.pk)


def with_load(mentors: QuerySet[Mentor]) -> QuerySet[Mentor]:
    """Each mentor with `load`, the number of fellows whom she guides now."""
    standing = Q(assignments__ends_on=None)
    return mentors.annotate(load=Count("assignments__appointment", filter=standing, distinct=True))


SEARCHED = (
    "user__family_name",
    "user__given_name",
    "user__native_name",
    "expertise",
    "institute__code",
    "institute__name_en",
    "institute__name_ko",
    "organisation__name_en",
    "organisation__name_ko",
)


def mentors_found(mentors: QuerySet[Mentor], word: str, kind: str) -> QuerySet[Mentor]:
    """Those of `mentors` whose name, home or expertise holds `word`, and who are of `kind`; empty says nothing."""
    if word:
        mentors = mentors.filter(reduce(or_, (Q((f"{field}__icontains", word)) for field in SEARCHED)))
    return mentors.filter(kinds__contains=[kind]) if kind else mentors


def _latest(day: str) -> Subquery:
    """The latest `day` of the meetings of the assignment at hand."""
    rows = Meeting.objects.filter(assignment=OuterRef("pk")).order_by().values("assignment")
    return Subquery(rows.annotate(latest=Max(day)).values("latest"))


def mentees_of(user: Any) -> QuerySet[MentorAssignment]:
    """The fellows whom `user` guides now, with the day of the last meeting and of the next."""
    return (
        MentorAssignment.objects.select_related("appointment__fellow", "appointment__lab")
        .filter(mentor__user=user.pk, ends_on=None)
        .only("key", "starts_on", *(f"appointment__{name}" for name in SHOWN))
        .annotate(last_met_on=_latest("held_on"), next_met_on=_latest("next_on"))
        .order_by("next_met_on", "pk")
    )


def mentors_of(appointment: Appointment) -> QuerySet[MentorAssignment]:
    """Who guides the fellow of `appointment` now."""
    return (
        MentorAssignment.objects.filter(appointment=appointment, ends_on=None)
        .select_related("mentor__user", "mentor__institute", "mentor__organisation")
        .order_by("kind", "pk")
    )


def leaving_early() -> list[MentorAssignment]:
    """Who guides a fellow whose appointment is to end before its term, as was approved in the last sixty days."""
    early = Amendment.objects.filter(
        kind=AmendmentKind.END_EARLY,
        state=AmendmentState.APPROVED,
        decided_at__gte=timezone.now() - timedelta(days=60),
    )
    rows = _with_people().filter(ends_on=None, appointment__in=early.values("appointment"))
    return list(rows.order_by("pk"))


def guiding_the_gone() -> list[MentorAssignment]:
    """Guidance that goes on although the appointment is over."""
    rows = _with_people().filter(ends_on=None).exclude(appointment__state=AppointmentState.STANDING)
    return list(rows.order_by("pk"))


def fellows_with_mentors(appointments: QuerySet[Appointment]) -> QuerySet[Appointment]:
    """Standing appointments with `mentors`, how many guide the fellow now."""
    standing = MentorAssignment.objects.filter(appointment=OuterRef("pk"), ends_on=None).order_by()
    number = Subquery(standing.values("appointment").annotate(number=Count("pk")).values("number"))
    rows = appointments.filter(state=AppointmentState.STANDING).annotate(mentors=Coalesce(number, 0))
    return rows.select_related("fellow", "lab", "institute")


def _due(day: Any) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(9)))


def desk_items(user: Any) -> list[DeskItem]:
    """A mentor's next meetings and the fellows whom she has not met for long."""
    if not is_mentor(user):
        return []
    today, items = timezone.localdate(), []
    row: Any
    for row in mentees_of(user):
        url = reverse("mentoring:assignment", kwargs={"key": row.key})
        fellow = row.appointment.fellow.full_name
        if row.next_met_on and row.next_met_on >= today:
            items.append(
                DeskItem(_("Meeting with %(fellow)s") % {"fellow": fellow}, url, "todo", _due(row.next_met_on))
            )
            continue
        last = row.last_met_on or row.starts_on
        if today - last > SILENT_FOR:
            days = (today - last).days
            words = ngettext("%(days)d day since you last met", "%(days)d days since you last met", days) % {
                "days": days
            }
            items.append(DeskItem(_("Arrange a meeting with %(fellow)s") % {"fellow": fellow}, url, detail=words))
    return items
