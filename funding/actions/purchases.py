"""Verbs of purchase requests: asked before something is bought, decided by another, taken back."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from common.audit import record
from common.gestures import action
from common.refusals import Refusal, SamePersonTwice
from common.states import lock, move
from fellowships.models import Appointment
from funding.actions.claims import FundTooSmall
from funding.models import ClaimCategory, PurchaseRequest
from funding.queries.claims import fund_of, reasons_against
from funding.states import CLAIM_GONE, PurchaseState
from notifications.actions import notify
from people.models import User


class PurchaseRefused(Refusal):
    words = _("This purchase cannot be asked for so.")


@dataclass(frozen=True)
class Wish:
    """What a fellow wants to buy: category, won at most, the day it is needed, what and what for, from whom."""

    category: ClaimCategory
    estimate_krw: int
    needed_on: date
    what: str
    supplier: str = ""


@action
def ask_purchase(appointment: Appointment, wish: Wish, *, by: User) -> PurchaseRequest:
    """Ask before buying; the money is set aside in the fund of the year until it is claimed, refused or taken back.

    Refuses a day outside the appointment, what the rules of spending forbid, and more than is left.
    """
    lock(appointment)
    if not appointment.starts_on <= wish.needed_on <= appointment.ends_on:
        raise PurchaseRefused(_("The day must lie within your appointment."), field="needed_on")
    if wish.estimate_krw <= 0:
        raise PurchaseRefused(_("The amount comes to less than one won."), field="estimate_krw")
    against = reasons_against(
        appointment, wish.category, wish.estimate_krw, wish.needed_on, wish.what, None, is_requested=True
    )
    if against:
        raise PurchaseRefused(" ".join(against), field="what")
    fund = fund_of(appointment, wish.needed_on.year)
    if wish.estimate_krw > fund.left_krw:
        raise FundTooSmall(field="estimate_krw", left=f"{max(fund.left_krw, 0):,}", year=fund.fiscal_year)
    made = PurchaseRequest.objects.create(
        appointment=appointment, fiscal_year=wish.needed_on.year, asked_by=by, **vars(wish)
    )
    record("funding.purchase.asked", made, by=by, after={"estimate_krw": made.estimate_krw})
    return made


@action
def approve_purchase(request: PurchaseRequest, *, by: User) -> PurchaseRequest:
    """Another person approves; she may buy, and claims with the bill."""
    lock(request)
    _refuse_herself(request, by)
    move(request, PurchaseState.APPROVED, by=by)
    _tell(request)
    return request


@action
def refuse_purchase(request: PurchaseRequest, *, by: User, reason: str) -> PurchaseRequest:
    """Refuse with a reason that she reads; what was set aside is free again."""
    lock(request)
    _refuse_herself(request, by)
    if not reason.strip():
        raise PurchaseRefused(_("Say why, so that it can be put right."), field="reason")
    move(request, PurchaseState.REFUSED, by=by, note=reason, refusal=reason[:300])
    _tell(request)
    return request


@action
def take_back_purchase(request: PurchaseRequest, *, by: User) -> PurchaseRequest:
    """She does not buy it after all. Refuses what is claimed already."""
    lock(request)
    if request.claims.exclude(state__in=CLAIM_GONE).exists():
        raise PurchaseRefused(_("It is claimed already."))
    return move(request, PurchaseState.TAKEN_BACK, by=by)


def _refuse_herself(request: PurchaseRequest, by: User) -> None:
    if by.pk in {request.asked_by_id, request.appointment.fellow_id}:
        raise SamePersonTwice


def _tell(request: PurchaseRequest) -> None:
    facts: dict[str, Any] = {
        "amount_krw": f"{request.estimate_krw:,}",
        "what": request.what[:200],
        "is_approved": request.state == PurchaseState.APPROVED,
        "reason": request.refusal,
        "path": reverse("funding:purchase", kwargs={"key": request.key}),
    }
    notify("purchase_decided", to=request.appointment.fellow, about=request, dedupe=str(request.pk), **facts)
