"""Verbs of research-fund claims: claim, check, approve, refuse, release."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.audit import record
from common.gestures import action
from common.refusals import NotConfigured, Refusal, SamePersonTwice
from common.states import lock, move
from fellowships.models import Appointment
from funding import ledger
from funding.actions.payments import Due, NothingToPay, seal_batch
from funding.models import Claim, ClaimCategory, Evidence, PaymentBatch
from funding.postings import Books, claim_posting
from funding.queries.claims import fund_of, to_release
from funding.states import ClaimState, Purpose
from labs.models import Institute
from notifications.actions import notify
from people.models import User


class ClaimRefused(Refusal):
    words = _("This claim cannot be made so.")


class FundTooSmall(Refusal):
    words = _("Only ₩%(left)s are left in your research funds of %(year)s.")


@dataclass(frozen=True)
class Draft:
    """What a fellow claims: category, won, the day she spent it, what for."""

    category: ClaimCategory
    amount_krw: int
    spent_on: date
    purpose: str


@dataclass(frozen=True)
class Receipt:
    """A file of evidence as it was uploaded and checked."""

    name: str
    content: bytes
    content_type: str


@action
def submit_claim(appointment: Appointment, draft: Draft, receipts: Sequence[Receipt], *, by: User) -> Claim:
    """Claim an expense against the research funds of the year in which it was made; the finance desk decides.

    Refuses an expense outside the appointment, more than is left (claims that wait are counted), and a claim without
    evidence. The same receipt in a claim that stands is not claimed twice.
    """
    lock(appointment)
    _check(appointment, draft, receipts)
    fund = fund_of(appointment, draft.spent_on.year)
    if draft.amount_krw > fund.left_krw:
        raise FundTooSmall(field="amount_krw", left=f"{max(fund.left_krw, 0):,}", year=draft.spent_on.year)
    claim = Claim.objects.create(
        appointment=appointment,
        category=draft.category,
        amount_krw=draft.amount_krw,
        spent_on=draft.spent_on,
        fiscal_year=draft.spent_on.year,
        purpose=draft.purpose,
        submitted_by=by,
    )
    for receipt in receipts:
        _keep(claim, receipt)
    record("funding.claim.submitted", claim, by=by, after={"amount_krw": claim.amount_krw})
    return claim


def _check(appointment: Appointment, draft: Draft, receipts: Sequence[Receipt]) -> None:
    if not appointment.starts_on <= draft.spent_on <= min(appointment.ends_on, timezone.localdate()):
        raise ClaimRefused(_("The expense must lie within your appointment and not in the future."), field="spent_on")
    if not receipts:
        raise ClaimRefused(_("A claim needs a receipt."), field="receipts")
    hashes = [hashlib.sha256(receipt.content).hexdigest() for receipt in receipts]
    used = Evidence.objects.filter(sha256__in=hashes, claim__appointment=appointment).exclude(
        claim__state=ClaimState.REFUSED
    )
    if used.exists() or len(set(hashes)) != len(hashes):
        raise ClaimRefused(_("This receipt is part of another claim of yours already."), field="receipts")


def _keep(claim: Claim, receipt: Receipt) -> None:
    evidence = Evidence(
        claim=claim,
        name=receipt.name[:200],
        size=len(receipt.content),
        content_type=receipt.content_type,
        sha256=hashlib.sha256(receipt.content).hexdigest(),
    )
    evidence.file.save(receipt.name, ContentFile(receipt.content), save=False)
    evidence.save(force_insert=True)


@action
def approve_claim(claim: Claim, *, by: User) -> Claim:
    """Approve `claim`; above the category's limit the first approval only checks it, and another person approves.

    On approval the amount is booked as spent and owed. A category without a limit refuses; it never waves through.
    """
    lock(claim)
    limit = claim.category.single_approval_limit_krw
    if limit is None:
        raise NotConfigured(what=_("the approval limit of “%(category)s”") % {"category": claim.category.name})
    if by.pk in {claim.submitted_by_id, claim.checked_by_id, claim.appointment.fellow_id}:
        raise SamePersonTwice
    if claim.state == ClaimState.SUBMITTED and claim.amount_krw > limit:
        return move(claim, ClaimState.CHECKED, by=by)
    move(claim, ClaimState.APPROVED, by=by)
    books = Books(claim.appointment.institute, claim.fiscal_year)
    ledger.post(claim_posting(claim, books, timezone.localdate()), by=by)
    _tell(claim, "claim_approved")
    return claim


@action
def refuse_claim(claim: Claim, *, by: User, reason: str) -> Claim:
    """Refuse `claim` with a reason that the fellow reads; she can correct it and claim again."""
    if by.pk in {claim.submitted_by_id, claim.appointment.fellow_id}:
        raise SamePersonTwice
    if not reason.strip():
        raise ClaimRefused(_("Say why, so that she can correct it."), field="reason")
    move(claim, ClaimState.REFUSED, by=by, note=reason, refusal=reason)
    _tell(claim, "claim_refused")
    return claim


def _tell(claim: Claim, kind: str) -> None:
    facts: dict[str, Any] = {
        "amount_krw": f"{claim.amount_krw:,}",
        "purpose": claim.purpose[:200],
        "reason": claim.refusal,
        "path": reverse("funding:claim", kwargs={"key": claim.key}),
    }
    notify(kind, to=claim.appointment.fellow, about=claim, dedupe=str(claim.pk), **facts)


@action
def release_claims(institute: Institute, *, by: User) -> PaymentBatch:
    """Send the approved claims of `institute` to the bank in one batch; those that `by` herself approved are left."""
    lock(institute)
    claims = [
        claim
        for claim in to_release(institute).select_for_update(of=("self",))
        if by.pk not in {claim.submitted_by_id, claim.checked_by_id, claim.approved_by_id}
    ]
    if not claims:
        raise NothingToPay(_("No approved claim waits that another person than you approved."))
    for claim in claims:
        move(claim, ClaimState.RELEASED, by=by)
    dues = [Due(claim.appointment.fellow, claim.amount_krw, claim=claim) for claim in claims]
    return seal_batch(institute, dues, by=by, purpose=Purpose.RESEARCH_FUND, pay_on=timezone.localdate())


@action
def load_categories(rows: Sequence[dict[str, Any]], *, by: User | None) -> int:
    """Load categories of claims; those that are there stay as they are. How many are new."""
    new = 0
    for row in rows:
        _category, is_new = ClaimCategory.objects.get_or_create(
            code=row["code"], defaults={name: value for name, value in row.items() if name != "code"}
        )
        new += is_new
    if new:
        record("funding.categories.loaded", ClaimCategory.objects.earliest("pk"), by=by, after={"new": new})
    return new
