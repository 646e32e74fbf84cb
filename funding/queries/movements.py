"""Reads of movements, tranches and settlements; the figures of a settlement; plan against forecast."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet, Sum
from django.utils import timezone

from common.access import scope_of
from fellowships.models import Appointment
from fellowships.states import AppointmentState
from funding.forecast import Term, to_come
from funding.models import Account, Agreement, Appropriation, Claim, Movement, PayLine, Settlement, Tranche
from funding.queries.budget import institutes_budgeted
from funding.states import CLAIM_GONE, AccountKind, MovementKind, MovementState, PayrollState, Purpose
from labs.models import Institute, Programme
from people.states import Role


@scope_of(Movement)
def movements_visible_to(user: Any) -> QuerySet[Movement]:
    """Those of the institutes whose budgets she sees."""
    rows = Movement.objects.filter(institute__in=institutes_budgeted(user))
    return rows.select_related("institute", "from_lab", "to_lab", "asked_by", "entry")


@scope_of(Tranche)
def tranches_visible_to(user: Any) -> QuerySet[Tranche]:
    """Those of the institutes whose budgets she sees."""
    rows = Tranche.objects.filter(agreement__institute__in=institutes_budgeted(user))
    return rows.select_related("agreement__institute", "agreement__appropriation")


@scope_of(Settlement)
def settlements_visible_to(user: Any) -> QuerySet[Settlement]:
    """Those of the institutes whose budgets she sees, for those who see the books."""
    if not user.has_perm("funding.view_books"):
        return Settlement.objects.none()
    return Settlement.objects.filter(institute__in=institutes_budgeted(user)).select_related(
        "institute", "submitted_by"
    )


def settling(user: Any) -> QuerySet[Institute]:
    """The institutes whose money `user` may move or settle."""
    return Institute.objects.filter(place__in=user.places(Role.FINANCE_OFFICER))


def settlement_figures(institute: Institute, year: int) -> dict[str, int]:
    """What an institute had, spent, carried and gave back in `year`, by name, in won; from the books as they stand."""
    rows = Account.objects.filter(institute=institute, fiscal_year=year).order_by()
    sums = {
        (kind, purpose): int(total)
        for kind, purpose, total in rows.values_list("kind", "purpose").annotate(total=Sum("balance_krw"))
    }

    def of(kind: str) -> int:
        return sum(total for (found, _purpose), total in sums.items() if found == kind)

    moved = Movement.objects.filter(institute=institute, fiscal_year=year, state=MovementState.APPROVED)
    by_kind = dict(moved.order_by().values_list("kind").annotate(total=Sum("amount_krw")))
    agreed = (
        Agreement.objects.standing()
        .filter(institute=institute, fiscal_year=year)
        .aggregate(total=Sum("amount_krw", default=0))
    )
    figures = {
        "agreed": int(agreed["total"]),
        "not_allotted": of(AccountKind.INSTITUTE),
        "available": of(AccountKind.LAB),
        "committed": of(AccountKind.COMMITTED),
        "spent_salary": sums.get((AccountKind.SPENT, Purpose.SALARY), 0),
        "spent_research_fund": sums.get((AccountKind.SPENT, Purpose.RESEARCH_FUND), 0),
        "employer": sums.get((AccountKind.EXPENSE, Purpose.EMPLOYER), 0),
        "severance": sums.get((AccountKind.EXPENSE, Purpose.SEVERANCE), 0),
        "interest": -sums.get((AccountKind.INCOME, Purpose.INTEREST), 0),
        "carried_over": int(by_kind.get(MovementKind.CARRY_OVER, 0)),
        "given_back": int(by_kind.get(MovementKind.GIVE_BACK, 0)),
        "interest_back": int(by_kind.get(MovementKind.INTEREST_BACK, 0)),
        "receivable": of(AccountKind.RECEIVABLE),
        "payable": -of(AccountKind.PAYABLE),
        "withheld": -of(AccountKind.WITHHELD),
        "card": -of(AccountKind.CARD),
        "bank": of(AccountKind.BANK),
    }
    lines = PayLine.objects.filter(run__institute=institute, month__year=year)
    paid = lines.filter(run__state__in=[PayrollState.RELEASED, PayrollState.PAID], is_held=False)
    figures["people_paid"] = paid.values("appointment").distinct().count()
    claims = Claim.objects.filter(appointment__institute=institute, fiscal_year=year).exclude(state__in=CLAIM_GONE)
    figures["claims"] = claims.count()
    return figures


@dataclass(frozen=True)
class YearAhead:
    """One fiscal year: plan, commitments, spending, and what the appointments that stand will cost, in won."""

    year: int
    appropriated_krw: int
    available_krw: int
    committed_krw: int
    spent_krw: int
    ahead_krw: int
    renewed_krw: int

    @property
    def left_krw(self) -> int:
        """What the plan leaves when the appointments run to their ends."""
        return self.appropriated_krw - self.spent_krw - self.ahead_krw

    @property
    def left_renewed_krw(self) -> int:
        return self.appropriated_krw - self.spent_krw - self.renewed_krw


def programme_end() -> date | None:
    """The last day of the programme: so many years after its first appointment began."""
    programme = Programme.objects.first()
    first = Appointment.objects.order_by("starts_on").values_list("starts_on", flat=True).first()
    if programme is None or first is None:
        return None
    return first.replace(year=first.year + programme.years) - timedelta(days=1)


def forecast(user: Any) -> list[YearAhead]:
    """Plan against committed, spent and to come, by year to the programme's end; for her institutes; five queries."""
    institutes = institutes_budgeted(user)
    until = programme_end()
    standing = Appointment.objects.filter(institute__in=institutes, state=AppointmentState.STANDING)
    terms = [
        Term(salary + fund, starts_on, ends_on)
        for salary, fund, starts_on, ends_on in standing.values_list(
            "salary_krw_a_year", "research_fund_krw_a_year", "starts_on", "ends_on"
        )
    ]
    today = timezone.localdate()
    ahead, renewed = to_come(terms, today), to_come(terms, today, until)
    kinds = (AccountKind.LAB, AccountKind.COMMITTED, AccountKind.SPENT)
    rows = Account.objects.filter(institute__in=institutes, kind__in=kinds).order_by()
    sums = {
        (kind, year): int(total)
        for kind, year, total in rows.values_list("kind", "fiscal_year").annotate(total=Sum("balance_krw"))
    }
    planned: QuerySet[Any] = (
        Appropriation.objects.standing()
        if user.has_perm("funding.appropriate")
        else Agreement.objects.standing().filter(institute__in=institutes)
    )
    plan = dict(planned.order_by().values_list("fiscal_year").annotate(total=Sum("amount_krw")))
    years = sorted({*plan, *ahead, *renewed, *(year for _kind, year in sums)})
    return [
        YearAhead(
            year,
            int(plan.get(year, 0)),
            sums.get((AccountKind.LAB, year), 0),
            sums.get((AccountKind.COMMITTED, year), 0),
            sums.get((AccountKind.SPENT, year), 0),
            ahead.get(year, 0),
            renewed.get(year, 0),
        )
        for year in years
    ]


def leftovers(user: Any, year: int) -> QuerySet[Account]:
    """Commitments and allotments of a past year at her institutes on which something is left."""
    kinds = (AccountKind.COMMITTED, AccountKind.LAB, AccountKind.INSTITUTE)
    rows = Account.objects.filter(institute__in=settling(user), fiscal_year=year, kind__in=kinds, balance_krw__gt=0)
    return rows.select_related("lab", "institute", "offer__application").order_by("kind", "code")
