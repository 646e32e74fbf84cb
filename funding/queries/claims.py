"""Reads of research-fund claims: a fellow's own, the desk of an institute, and what is left of a fund."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from common.access import scope_of
from common.refusals import NotConfigured
from fellowships.models import Appointment
from funding.models import (
    Account,
    AdvanceSettlement,
    CategoryRule,
    Claim,
    ClaimCategory,
    Evidence,
    ExchangeRate,
    FundPlan,
    PurchaseRequest,
)
from funding.queries.rules import value_of
from funding.spending import Rule, Wanted, broken
from funding.states import (
    CLAIM_GONE,
    AccountKind,
    ClaimKind,
    ClaimState,
    PurchaseState,
    Purpose,
    RuleCode,
    SpendingRule,
)
from labs.models import Institute
from people.states import Role

# claims that wait for somebody count against the fund
WAITING = (ClaimState.SUBMITTED, ClaimState.CHECKED, ClaimState.RETURNED)
# what a list of claims shows of each
LISTED_WITH = ("appointment__fellow", "category")
LISTED = (
    *("key", "amount_krw", "approved_krw", "spent_on", "state", "purpose", "submitted_at"),
    *("category__name_en", "category__name_ko", "appointment__fellow__email"),
    *(f"appointment__fellow__{name}" for name in ("given_name", "family_name", "native_name")),
)


@dataclass(frozen=True)
class Fund:
    """A fellow's research fund for a year, in won: promised, spent, asked for, set aside for purchases, left."""

    fiscal_year: int
    promised_krw: int
    spent_krw: int
    asked_krw: int
    reserved_krw: int = 0

    @property
    def left_krw(self) -> int:
        return self.promised_krw - self.spent_krw - self.asked_krw - self.reserved_krw


@scope_of(Claim)
def claims_visible_to(user: Any) -> QuerySet[Claim]:
    """Her own; those at the institutes whose finances she keeps."""
    return Claim.objects.filter(
        Q(appointment__fellow=user.pk) | Q(appointment__institute__place__in=user.places(Role.FINANCE_OFFICER))
    ).select_related("appointment__fellow", "appointment__lab", "appointment__institute", "category")


@scope_of(Evidence)
def evidence_visible_to(user: Any) -> QuerySet[Evidence]:
    """The evidence of the claims that she may see."""
    return Evidence.objects.filter(claim__in=claims_visible_to(user).values("pk")).select_related(
        "claim__appointment__fellow"
    )


def fund_of(appointment: Appointment, fiscal_year: int) -> Fund:
    """What is left of the fellow's research fund in `fiscal_year`; three queries."""
    kinds = dict.fromkeys((AccountKind.COMMITTED, AccountKind.SPENT), 0)
    accounts = Account.objects.filter(
        offer=appointment.offer_id, purpose=Purpose.RESEARCH_FUND, fiscal_year=fiscal_year, kind__in=kinds
    )
    kinds.update({AccountKind(kind): balance for kind, balance in accounts.values_list("kind", "balance_krw")})
    waiting = appointment.claims.filter(fiscal_year=fiscal_year, state__in=WAITING)
    asked = waiting.aggregate(total=Sum("amount_krw", default=0))["total"]
    spent = kinds[AccountKind.SPENT]
    open_requests = requests_open(appointment).filter(fiscal_year=fiscal_year).order_by()
    reserved = open_requests.aggregate(total=Sum("estimate_krw", default=0))["total"]
    return Fund(fiscal_year, kinds[AccountKind.COMMITTED] + spent, spent, asked, reserved)


@scope_of(PurchaseRequest)
def purchases_visible_to(user: Any) -> QuerySet[PurchaseRequest]:
    """Her own; those at the institutes whose finances she keeps."""
    places = user.places(Role.FINANCE_OFFICER)
    rows = PurchaseRequest.objects.filter(Q(appointment__fellow=user.pk) | Q(appointment__institute__place__in=places))
    return rows.select_related("appointment__fellow", "appointment__lab", "appointment__institute", "category")


def requests_open(appointment: Appointment) -> QuerySet[PurchaseRequest]:
    """Requests that wait or were approved, and that no standing claim has used: their money is set aside."""
    used = Claim.objects.filter(request=OuterRef("pk")).exclude(state__in=CLAIM_GONE)
    states = (PurchaseState.ASKED, PurchaseState.APPROVED)
    rows = PurchaseRequest.objects.filter(~Exists(used), appointment=appointment, state__in=states)
    return rows.select_related("category").order_by("pk")


def requests_to_claim(appointment: Appointment) -> QuerySet[PurchaseRequest]:
    """Those on which she may claim now."""
    return requests_open(appointment).filter(state=PurchaseState.APPROVED)


def years_of(appointment: Appointment) -> list[int]:
    """The fiscal years in which the appointment has research funds."""
    rows = appointment.offer.commitments.filter(purpose=Purpose.RESEARCH_FUND)
    return sorted(rows.values_list("fiscal_year", flat=True))


def to_release(institute: Any) -> QuerySet[Claim]:
    """Approved claims of `institute` that no payment stands for; one that came back is made again by itself."""
    return (
        Claim.objects.filter(appointment__institute=institute, state=ClaimState.APPROVED, payments=None)
        .select_related("appointment__fellow", "appointment__offer__call_lab__lab")
        .order_by("pk")
    )


def numbers_to_release(institutes: Iterable[Institute]) -> list[tuple[Institute, int]]:
    """Each of `institutes` with how many of its claims `to_release` has; one query and theirs."""
    listed = list(institutes)
    rows = Claim.objects.filter(appointment__institute__in=listed, state=ClaimState.APPROVED, payments=None)
    numbers = dict(rows.order_by().values_list("appointment__institute").annotate(number=Count("pk")))
    return [(institute, numbers.get(institute.pk, 0)) for institute in listed]


def rules_of(category: ClaimCategory | None, on: date) -> list[Rule]:
    """The rules of spending in force for `category` on a day, those for all of them first."""
    rows = CategoryRule.objects.in_force(on).filter(Q(category=None) | Q(category=category))
    latest: dict[tuple[int | None, str], CategoryRule] = {}
    for row in rows.exclude(kind=SpendingRule.ONE_APPROVAL).order_by("from_on", "pk"):
        latest[row.category_id, row.kind] = row
    return [
        Rule(row.kind, row.value, tuple(word.strip().casefold() for word in row.words.split(",")), row.reason)
        for row in latest.values()
    ]


def one_approval_limit(category: ClaimCategory, on: date) -> int | None:
    """Up to how many won one approval suffices for an expense of this day: the category's own limit, else that of all.

    None where no confirmed rule says so: then nothing is approved.
    """
    rows = CategoryRule.objects.in_force(on).filter(kind=SpendingRule.ONE_APPROVAL)
    rows = rows.filter(Q(category=None) | Q(category=category))
    return rows.order_by(F("category").asc(nulls_last=True), "-from_on").values_list("value", flat=True).first()


def reasons_against(
    appointment: Appointment,
    category: ClaimCategory,
    amount_krw: int,
    on: date,
    purpose: str,
    papers: int | None,
    *,
    is_requested: bool = False,
) -> list[str]:
    """Why a claim could not be made so, in words; empty when the rules of spending are kept."""
    asked = appointment.claims.filter(fiscal_year=on.year, category=category).exclude(state__in=CLAIM_GONE)
    so_far = asked.aggregate(total=Sum("amount_krw", default=0))["total"]
    fund = fund_of(appointment, on.year)
    wanted = Wanted(amount_krw, purpose, papers, fund.promised_krw, so_far, is_requested)
    return list(broken(rules_of(category, on), wanted))


def rate_on(currency: str, on: date) -> ExchangeRate:
    """The recorded rate of `currency` on a day, or the last before it while it stands. Refuses where there is none."""
    days = value_of(RuleCode.RATE_DAYS, on)
    rows = ExchangeRate.objects.filter(currency=currency, on__lte=on, on__gte=on - timedelta(days=days))
    rate = rows.order_by("-on").first()
    if rate is None:
        raise NotConfigured(field="currency", what=_("the exchange rate of %(what)s") % {"what": f"{currency} {on}"})
    return rate


@dataclass(frozen=True)
class Planned:
    """One category of a year's fund: planned, spent or asked for, and what the plan leaves, in won."""

    category: ClaimCategory
    planned_krw: int
    used_krw: int

    @property
    def left_krw(self) -> int:
        return self.planned_krw - self.used_krw


def plan_of(appointment: Appointment, fiscal_year: int) -> list[Planned]:
    """Every category in use with its plan and what claims took of it; three queries."""
    plans = dict(
        FundPlan.objects.filter(appointment=appointment, fiscal_year=fiscal_year).values_list("category", "amount_krw")
    )
    taken: dict[int, int] = {}
    claims = appointment.claims.filter(fiscal_year=fiscal_year).exclude(state__in=CLAIM_GONE)
    for claim in claims:
        taken[claim.category_id] = taken.get(claim.category_id, 0) + claim.payable_krw
    categories = ClaimCategory.objects.filter(is_active=True)
    return [Planned(row, plans.get(row.pk, 0), taken.get(row.pk, 0)) for row in categories]


@scope_of(AdvanceSettlement)
def advance_settlements_visible_to(user: Any) -> QuerySet[AdvanceSettlement]:
    """Those of the claims that she may see."""
    rows = AdvanceSettlement.objects.filter(claim__in=claims_visible_to(user).values("pk"))
    return rows.select_related("claim__appointment__fellow", "claim__appointment__institute")


def open_advances(appointment: Appointment) -> QuerySet[Claim]:
    """Advances that were paid and are not settled."""
    rows = appointment.claims.filter(kind=ClaimKind.ADVANCE).exclude(state__in=CLAIM_GONE)
    rows = rows.select_related("settlement")
    return rows.filter(Q(settlement=None) | Q(settlement__approved_at=None))
