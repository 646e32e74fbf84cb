"""Reads of payroll: runs, lines, differences from last month, slips, and what waits."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum
from django.utils import timezone

from common.access import scope_of
from common.refusals import NotConfigured
from fellowships.models import Appointment
from fellowships.states import AppointmentState
from funding.models import Account, PayLine, PaymentBatch, PayrollRun, RateTable, TaxProfile
from funding.states import AccountKind, PaymentState, PayrollState, Purpose
from labs.models import Institute
from people.models import User
from people.states import Role

# what a list of pay lines shows of each
LISTED = (
    *(
        "key",
        "run_id",
        "gross_krw",
        "deductions_krw",
        "net_krw",
        "is_held",
        "held_note",
        "appointment__key",
        "appointment__lab__code",
    ),
    *(f"appointment__fellow__{name}" for name in ("email", "given_name", "family_name", "native_name")),
)


@dataclass(frozen=True)
class Totals:
    """Sums of a run in won, and how many are paid and held."""

    people: int
    held: int
    gross_krw: int
    deductions_krw: int
    net_krw: int
    employer_krw: int
    held_net_krw: int = 0

    @property
    def to_pay_krw(self) -> int:
        """What goes to the bank: the net of all who are not held."""
        return self.net_krw - self.held_net_krw

    @property
    def paid_people(self) -> int:
        return self.people - self.held


@scope_of(PayrollRun)
def runs_visible_to(user: Any) -> QuerySet[PayrollRun]:
    """The runs of the institutes whose finances she keeps."""
    rows = PayrollRun.objects.filter(institute__place__in=user.places(Role.FINANCE_OFFICER))
    return rows.select_related("institute", "prepared_by", "approved_by", "released_by")


@scope_of(PayLine)
def slips_visible_to(user: Any) -> QuerySet[PayLine]:
    """A person's own slips, once they are released; nobody else's."""
    shown = (PayrollState.RELEASED, PayrollState.PAID)
    return PayLine.objects.filter(appointment__fellow=user.pk, run__state__in=shown, is_held=False).select_related(
        "run__institute", "run__rate_table", "appointment__lab", "appointment__fellow"
    )


def institutes_of(user: Any) -> QuerySet[Institute]:
    """The institutes whose finances she keeps."""
    return Institute.objects.filter(place__in=user.places(Role.FINANCE_OFFICER))


def to_pay(institute: Institute, month: date) -> QuerySet[Appointment]:
    """Appointments at `institute` that stand on some day of `month` and have no pay line for it yet."""
    last = next_month(month) - timedelta(days=1)
    standing = Appointment.objects.filter(institute=institute, starts_on__lte=last, ends_on__gte=month)
    ended_before = Q(state=AppointmentState.TERMINATED, ends_on__lt=month)
    return (
        standing.exclude(ended_before)
        .exclude(pay_lines__month=month)
        .select_related("fellow", "lab")
        .annotate(citizenship=F("offer__application__citizenship"))
        .prefetch_related("amendments")
        .order_by("pk")
    )


def next_month(month: date) -> date:
    """The first day of the month after."""
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1)


def month_before(month: date) -> date:
    """The first day of the month before."""
    return (month - timedelta(days=1)).replace(day=1)


def next_to_prepare(institute: Institute) -> date:
    """The month whose payroll comes next: after the last one there is, else that of the first appointment."""
    last = (
        PayrollRun.objects.filter(institute=institute).exclude(state=PayrollState.DISCARDED).order_by("-month").first()
    )
    if last is not None:
        return next_month(last.month)
    first = Appointment.objects.filter(institute=institute).order_by("starts_on").values_list("starts_on", flat=True)
    return (first.first() or timezone.localdate()).replace(day=1)


def confirmed_table() -> RateTable:
    """The newest rate table that a person confirmed; refuses when there is none."""
    table = RateTable.objects.filter(confirmed_at__isnull=False).order_by("-loaded_at", "-pk").first()
    if table is None:
        raise NotConfigured(what="payroll rates confirmed by a finance officer")
    return table


def profiles_of(users: list[int]) -> dict[int, TaxProfile]:
    """The tax profiles of people, by their primary keys."""
    return {profile.user_id: profile for profile in TaxProfile.objects.filter(user__in=users)}


def totals(run: PayrollRun) -> Totals:
    """The sums of `run`, in one query."""
    sums = run.lines.aggregate(
        people=Count("pk"),
        held=Count("pk", filter=Q(is_held=True)),
        gross=Sum("gross_krw", default=0),
        deductions=Sum("deductions_krw", default=0),
        net=Sum("net_krw", default=0),
        employer=Sum("employer_krw", default=0),
        held_net=Sum("net_krw", filter=Q(is_held=True), default=0),
    )
    names = ("people", "held", "gross", "deductions", "net", "employer", "held_net")
    return Totals(*(sums[name] for name in names))


def payable_lines(run: PayrollRun) -> QuerySet[PayLine]:
    """The lines of `run` that are not held and have no payment; one that came back is made again by itself.

    Those of a month without pay are among them, and are booked alone.
    """
    return (
        run.lines.filter(is_held=False, payments=None)
        .select_related("appointment__fellow", "appointment__offer__call_lab__lab")
        .order_by("pk")
    )


def released_without_payments() -> QuerySet[PayrollRun]:
    """Released runs whose bank file has not been made yet, though somebody in them is not held; for the sweep."""
    released = PayrollRun.objects.filter(state=PayrollState.RELEASED, lines__is_held=False)
    return released.exclude(lines__payments__isnull=False).distinct()


def held_in(year: int) -> QuerySet[PayLine]:
    """Pay that released payrolls hold in the books of `year`; not what could not be computed, which is nothing."""
    its_year = Q(books_year=year) | Q(books_year=None, month__year=year)
    released = (PayrollState.RELEASED, PayrollState.PAID)
    return PayLine.objects.filter(its_year, is_held=True, gross_krw__gt=0, run__state__in=released)


def not_paid(year: int) -> QuerySet[PayrollRun]:
    """The payrolls of `year` that are not settled, held pay aside: that is counted by itself."""
    runs = PayrollRun.objects.filter(month__year=year).exclude(state__in=(PayrollState.PAID, PayrollState.DISCARDED))
    unpaid = PayLine.objects.filter(run=OuterRef("pk"), is_held=False, net_krw__gt=0)
    unpaid = unpaid.exclude(payments__state=PaymentState.PAID)
    return runs.filter(~Q(state=PayrollState.RELEASED) | Exists(unpaid))


def desk_counts(user: User) -> dict[str, int]:
    """How many runs of her institutes stand in each state, in one query."""
    rows = runs_visible_to(user).order_by().values_list("state").annotate(number=Count("pk"))
    return {str(state): number for state, number in rows}


def batch_of(run: PayrollRun) -> PaymentBatch | None:
    """The newest file for the bank that pays lines of `run`."""
    batches = PaymentBatch.objects.filter(payments__pay_line__run=run).order_by("-pk")
    return batches.first()


def appointment_paid(user: Any) -> Appointment | None:
    """The appointment for which `user` is paid now, else her last."""
    rows = Appointment.objects.filter(fellow=user.pk).order_by("-starts_on")
    rows = rows.select_related("institute", "lab", "offer__application")
    return rows.filter(state=AppointmentState.STANDING).first() or rows.first()


def committed_for_salary(offers: list[int], fiscal_year: int) -> dict[int, int]:
    """What is still committed for the salaries of `offers` in a year, by offer, in won."""
    rows = Account.objects.filter(
        kind=AccountKind.COMMITTED, purpose=Purpose.SALARY, fiscal_year=fiscal_year, offer__in=offers
    )
    return {int(offer): balance for offer, balance in rows.values_list("offer", "balance_krw") if offer is not None}


def slips_of_year(user: Any, year: int) -> QuerySet[PayLine]:
    """Her own released slips of a year, with their items."""
    return slips_visible_to(user).filter(month__year=year).prefetch_related("items").order_by("month")


def years_paid(user: Any) -> list[int]:
    """The years in which she has released slips, the latest first."""
    days = slips_visible_to(user).select_related(None).dates("month", "year", order="DESC")
    return [day.year for day in days]


def severance_of(user: Any) -> int:
    """What has accrued as severance for her appointments that stand, in won; released slips only."""
    rows = slips_visible_to(user).filter(appointment__state=AppointmentState.STANDING).order_by()
    return int(rows.select_related(None).aggregate(total=Sum("severance_krw", default=0))["total"])
