"""Reads of research-fund claims: a fellow's own, the desk of an institute, and what is left of a fund."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from common.access import scope_of
from fellowships.models import Appointment
from funding.models import Account, Claim, Evidence
from funding.states import AccountKind, ClaimState, Purpose
from labs.models import Institute
from people.states import Role

PAID_OR_PENDING = Q(payments__state__in=["pending", "paid"])
# what a list of claims shows of each
LISTED_WITH = ("appointment__fellow", "category")
LISTED = (
    *("key", "amount_krw", "spent_on", "state", "purpose", "submitted_at"),
    *("category__name_en", "category__name_ko", "appointment__fellow__email"),
    *(f"appointment__fellow__{name}" for name in ("given_name", "family_name", "native_name")),
)


@dataclass(frozen=True)
class Fund:
    """A fellow's research fund for a year, in won: promised, spent, asked for, and what may still be claimed."""

    fiscal_year: int
    promised_krw: int
    spent_krw: int
    asked_krw: int

    @property
    def left_krw(self) -> int:
        return self.promised_krw - self.spent_krw - self.asked_krw


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
    """What is left of the fellow's research fund in `fiscal_year`; two queries."""
    kinds = dict.fromkeys((AccountKind.COMMITTED, AccountKind.SPENT), 0)
    accounts = Account.objects.filter(
        offer=appointment.offer_id, purpose=Purpose.RESEARCH_FUND, fiscal_year=fiscal_year, kind__in=kinds
    )
    kinds.update({AccountKind(kind): balance for kind, balance in accounts.values_list("kind", "balance_krw")})
    waiting = appointment.claims.filter(fiscal_year=fiscal_year, state__in=[ClaimState.SUBMITTED, ClaimState.CHECKED])
    asked = waiting.aggregate(total=Sum("amount_krw", default=0))["total"]
    spent = kinds[AccountKind.SPENT]
    return Fund(fiscal_year, kinds[AccountKind.COMMITTED] + spent, spent, asked)


def years_of(appointment: Appointment) -> list[int]:
    """The fiscal years in which the appointment has research funds."""
    rows = appointment.offer.commitments.filter(purpose=Purpose.RESEARCH_FUND)
    return sorted(rows.values_list("fiscal_year", flat=True))


def to_release(institute: Any) -> QuerySet[Claim]:
    """Approved claims of `institute` that no payment stands for."""
    return (
        Claim.objects.filter(appointment__institute=institute, state=ClaimState.APPROVED)
        .exclude(PAID_OR_PENDING)
        .select_related("appointment__fellow", "appointment__offer__call_lab__lab")
        .order_by("pk")
    )


def numbers_to_release(institutes: Iterable[Institute]) -> list[tuple[Institute, int]]:
    """Each of `institutes` with how many of its claims `to_release` has; one query and theirs."""
    listed = list(institutes)
    rows = Claim.objects.filter(appointment__institute__in=listed, state=ClaimState.APPROVED).exclude(PAID_OR_PENDING)
    numbers = dict(rows.order_by().values_list("appointment__institute").annotate(number=Count("pk")))
    return [(institute, numbers.get(institute.pk, 0)) for institute in listed]
