"""The programme's figures against plan, each from one aggregate in SQL, and the reports that somebody asked for."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import TruncMonth
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from applications.models import Application, Call
from applications.states import ApplicationState
from common.access import scope_of
from common.desk import DeskItem
from common.job_states import JobState
from fellowships.models import Appointment, Offer
from fellowships.states import AppointmentState, DeclineReason, OfferState
from funding.models import Account, Line
from funding.states import AccountKind
from labs.models import Lab, Programme
from matching.models import MatchResult
from matching.states import RunState
from mentoring.models import MentorAssignment, Transition
from outreach.models import Registration
from people.rules import is_auditor, is_ministry
from reports.models import ReportRun

Row = tuple[str, int]
RECENT = timedelta(days=2)


@dataclass(frozen=True)
class Against:
    """A figure, the plan it is held against (both in the same unit), and its share in whole percent."""

    is_now: int
    plan: int

    @property
    def percent(self) -> int:
        return 100 * self.is_now // self.plan if self.plan else 0


@dataclass(frozen=True)
class Money:
    """Won: appropriated, committed, spent; what is available is the rest."""

    appropriated_krw: int
    committed_krw: int
    spent_krw: int

    @property
    def available_krw(self) -> int:
        return self.appropriated_krw - self.committed_krw - self.spent_krw


@dataclass(frozen=True)
class LabRow:
    """One lab: fellows now, and its money."""

    lab: Lab
    fellows: int
    money: Money


@scope_of(ReportRun)
def reports_visible_to(user: Any) -> QuerySet[ReportRun]:
    """The reports that she asked for herself."""
    return ReportRun.objects.filter(requested_by=user.pk).order_by("-pk")


def programme() -> Programme | None:
    """The programme whose plan is shown."""
    return Programme.objects.order_by("pk").first()


def _name(prefix: str) -> str:
    return f"{prefix}name_{'ko' if (get_language() or 'en').startswith('ko') else 'en'}"


def appointments_made() -> int:
    """Appointments ever made."""
    return Appointment.objects.count()


def money_of(**owner: Any) -> Money:
    """Money of the accounts that match `owner` (nothing: the whole programme), in one query."""
    kinds = dict.fromkeys(AccountKind.values, 0)
    rows = Account.objects.filter(**owner).order_by().values_list("kind").annotate(total=Sum("balance_krw"))
    kinds.update(dict(rows))
    committed, spent = kinds[AccountKind.COMMITTED], kinds[AccountKind.SPENT]
    free = kinds[AccountKind.PROGRAMME] + kinds[AccountKind.INSTITUTE] + kinds[AccountKind.LAB]
    return Money(committed + spent + free, committed, spent)


def labs_with_figures() -> list[LabRow]:
    """Every active lab with its fellows and money, in three queries."""
    standing = Appointment.objects.filter(state=AppointmentState.STANDING).order_by()
    fellows: dict[int, int] = dict(standing.values_list("lab").annotate(number=Count("pk")))
    money: dict[int, dict[str, int]] = {}
    sums = Account.objects.filter(lab__isnull=False).order_by().values_list("lab", "kind").annotate(Sum("balance_krw"))
    for lab_pk, kind, total in sums:
        money.setdefault(lab_pk, {})[kind] = total
    labs = Lab.objects.filter(is_active=True).select_related("institute").order_by("institute__code", "code")
    return [_lab_row(lab, fellows.get(lab.pk, 0), money.get(lab.pk, {})) for lab in labs]


def _lab_row(lab: Lab, fellows: int, kinds: dict[str, int]) -> LabRow:
    committed, spent = kinds.get(AccountKind.COMMITTED, 0), kinds.get(AccountKind.SPENT, 0)
    return LabRow(lab, fellows, Money(kinds.get(AccountKind.LAB, 0) + committed + spent, committed, spent))


def funnel(call: Call | None) -> list[Row]:
    """From registrations for sessions to appointments, for `call` (registrations: all)."""
    if call is None:
        return []
    states = Application.objects.filter(call=call).aggregate(
        started=Count("pk"),
        submitted=Count("pk", filter=Q(submitted_at__isnull=False)),
        eligible=Count("pk", filter=Q(state=ApplicationState.ELIGIBLE)),
    )
    placed = MatchResult.objects.filter(run__call=call, run__state=RunState.PUBLISHED, call_lab__isnull=False).count()
    offers = Offer.objects.filter(application__call=call).aggregate(
        sent=Count("pk"), accepted=Count("pk", filter=Q(state=OfferState.ACCEPTED))
    )
    return [
        (_("Registered for a session"), Registration.objects.count()),
        (_("Started an application"), states["started"]),
        (_("Submitted"), states["submitted"]),
        (_("Eligible"), states["eligible"]),
        (_("Matched"), placed),
        (_("Offered"), offers["sent"]),
        (_("Accepted"), offers["accepted"]),
    ]


def by_channel() -> list[Row]:
    """Submitted applications by the channel that brought the applicant."""
    submitted = Application.objects.filter(submitted_at__isnull=False, channel__isnull=False).order_by()
    rows = submitted.values_list(_name("channel__")).annotate(number=Count("pk")).order_by("-number")
    return [(name, number) for name, number in rows]


def origins() -> list[Row]:
    """Fellows by where they come from: doctorate in Korea, returning from abroad, foreign nationals."""
    fellows = Appointment.objects.aggregate(
        foreign=Count("pk", filter=~Q(offer__application__citizenship="KR")),
        returning=Count("pk", filter=Q(offer__application__citizenship="KR") & ~Q(offer__application__residence="KR")),
        domestic=Count("pk", filter=Q(offer__application__citizenship="KR", offer__application__residence="KR")),
    )
    return [
        (_("Korean, in Korea"), fellows["domestic"]),
        (_("Korean, returning from abroad"), fellows["returning"]),
        (_("Foreign national"), fellows["foreign"]),
    ]


def spent_by_month() -> list[tuple[date, int]]:
    """Won spent in each month, from the lines on the accounts of spending."""
    lines = Line.objects.filter(account__kind=AccountKind.SPENT).order_by()
    months = lines.values_list(TruncMonth("entry__booked_on")).annotate(total=Sum("amount_krw"))
    return sorted((month, total) for month, total in months)


def destinations() -> list[Row]:
    """The job after, by kind."""
    rows = Transition.objects.order_by().values_list("destination").annotate(number=Count("pk")).order_by("-number")
    labels = dict(Transition._meta.get_field("destination").flatchoices)
    return [(str(labels[kind]), number) for kind, number in rows]


def declines() -> list[Row]:
    """Why offers were declined."""
    declined = Offer.objects.filter(state=OfferState.DECLINED).order_by()
    rows = declined.values_list("decline_reason").annotate(number=Count("pk")).order_by("-number")
    return [(str(DeclineReason(reason).label), number) for reason, number in rows if reason]


def mentored() -> Against:
    """Fellows who have at least one mentor now, against all who stand."""
    standing = Appointment.objects.filter(state=AppointmentState.STANDING)
    guided = MentorAssignment.objects.filter(ends_on=None, appointment__in=standing)
    return Against(guided.values("appointment").distinct().count(), standing.count())


def people_rows() -> "QuerySet[Appointment, tuple[Any, ...]]":
    """Every appointment with what the report on people lists; no names."""
    return Appointment.objects.order_by("institute__code", "lab__code", "pk").values_list(
        "institute__code",
        "lab__code",
        "starts_on",
        "ends_on",
        "state",
        "offer__application__citizenship",
    )


def latest_call() -> Call | None:
    """The call with the newest published match, else the newest."""
    matched = Call.objects.filter(match_runs__state=RunState.PUBLISHED).order_by("-opens_at").first()
    return matched or Call.objects.order_by("-opens_at").first()


def desk_items(user: Any) -> list[DeskItem]:
    """The programme at a glance, and reports that have become ready."""
    if not (is_ministry(user) or is_auditor(user)):
        return []
    ready = reports_visible_to(user).filter(job_state=JobState.READY, job_finished_at__gte=timezone.now() - RECENT)
    items = [DeskItem(_("The programme against plan"), reverse("reports:dashboard"), "info")]
    number = ready.count()
    if number:
        items.append(DeskItem(_("Reports are ready to be read"), reverse("reports:list"), count=number))
    return items
