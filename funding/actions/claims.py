"""Verbs of research-fund claims: claim, check, approve, refuse, release."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.core.files.base import ContentFile
from django.db import IntegrityError
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
from funding.models import (
    AdvanceSettlement,
    CardCharge,
    Claim,
    ClaimCategory,
    Evidence,
    ExchangeRate,
    FundPlan,
    PaymentBatch,
    PurchaseRequest,
)
from funding.postings import Books, advance_posting, claim_posting
from funding.queries.cards import charges_to_account
from funding.queries.claims import (
    fund_of,
    one_approval_limit,
    open_advances,
    rate_on,
    reasons_against,
    requests_to_claim,
    to_release,
)
from funding.queries.duties import free_to_release, of_claim, refuse_second_duty
from funding.spending import krw_of
from funding.states import CLAIM_GONE, ChargeState, ClaimKind, ClaimState, Duty, Purpose
from labs.models import Institute
from notifications.actions import notify
from people.models import User


class ClaimRefused(Refusal):
    words = _("This claim cannot be made so.")


class FundTooSmall(Refusal):
    words = _("Only ₩%(left)s are left in your research funds of %(year)s.")


@dataclass(frozen=True)
class Draft:
    """What a fellow claims: category, won, the day she spent it, what for; abroad, hundredths of a currency's unit.

    With a currency the won are computed by the day's recorded rate. An advance is for an expense still to come. With a
    charge on a card of the institute, its amount and day are the claim's.
    """

    category: ClaimCategory
    amount_krw: int
    spent_on: date
    purpose: str
    currency: str = ""
    foreign_minor: int | None = None
    kind: str = ClaimKind.EXPENSE
    request: PurchaseRequest | None = None
    charge: CardCharge | None = None

    def rated(self) -> tuple["Draft", ExchangeRate | None]:
        """The draft in won, and the rate by which it was computed."""
        if self.charge is not None:
            return replace(self, amount_krw=self.charge.amount_krw, spent_on=self.charge.used_on), None
        if not self.currency or self.foreign_minor is None:
            return self, None
        rate = rate_on(self.currency, self.spent_on)
        return replace(self, amount_krw=krw_of(self.foreign_minor, rate.krw_e4)), rate


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
    draft, rate = draft.rated()
    _check(appointment, draft, receipts)
    _check_request(appointment, draft)
    _check_charge(appointment, draft)
    fund = fund_of(appointment, draft.spent_on.year)
    set_aside = draft.request.estimate_krw if draft.request and draft.request.fiscal_year == fund.fiscal_year else 0
    if draft.amount_krw > fund.left_krw + set_aside:
        raise FundTooSmall(field="amount_krw", left=f"{max(fund.left_krw, 0):,}", year=draft.spent_on.year)
    claim = Claim.objects.create(
        appointment=appointment,
        category=draft.category,
        request=draft.request,
        charge=draft.charge,
        kind=draft.kind,
        amount_krw=draft.amount_krw,
        foreign_minor=draft.foreign_minor if rate else None,
        rate=rate,
        spent_on=draft.spent_on,
        fiscal_year=draft.spent_on.year,
        purpose=draft.purpose,
        submitted_by=by,
    )
    if draft.charge is not None:
        move(draft.charge, ChargeState.CLAIMED, by=by)
    for receipt in receipts:
        _keep(claim, receipt)
    record("funding.claim.submitted", claim, by=by, after={"amount_krw": claim.amount_krw})
    return claim


def _check(appointment: Appointment, draft: Draft, receipts: Sequence[Receipt]) -> None:
    is_advance = draft.kind == ClaimKind.ADVANCE
    last = appointment.ends_on if is_advance else min(appointment.ends_on, timezone.localdate())
    if not appointment.starts_on <= draft.spent_on <= last:
        raise ClaimRefused(_("The expense must lie within your appointment and not in the future."), field="spent_on")
    if draft.amount_krw <= 0:
        raise ClaimRefused(_("The amount comes to less than one won."), field="amount_krw")
    if is_advance and open_advances(appointment).exists():
        raise ClaimRefused(_("Settle the advance that you had before asking for another."), field="kind")
    if not receipts and not is_advance:
        raise ClaimRefused(_("A claim needs a receipt."), field="receipts")
    papers = None if is_advance else len(receipts)
    against = reasons_against(
        appointment, draft.category, draft.amount_krw, draft.spent_on, draft.purpose, papers,
        is_requested=draft.request is not None,
    )  # fmt: skip
    if against:
        raise ClaimRefused(" ".join(against), field="purpose")
    _refuse_used(appointment, receipts)


def _check_request(appointment: Appointment, draft: Draft) -> None:
    """A request is hers, approved, not used, of the same category, and for as much at least."""
    if draft.request is None:
        return
    lock(draft.request)
    if not requests_to_claim(appointment).filter(pk=draft.request.pk).exists():
        raise ClaimRefused(_("This purchase request is not open to a claim."), field="request")
    if draft.category.pk != draft.request.category_id:
        raise ClaimRefused(_("The purchase request was approved for another category."), field="category")
    if draft.amount_krw > draft.request.estimate_krw:
        raise ClaimRefused(
            _("₩%(most)s were approved; ask anew for what costs more."),
            field="amount_krw",
            most=f"{draft.request.estimate_krw:,}",
        )


def _check_charge(appointment: Appointment, draft: Draft) -> None:
    """A charge is on her card, and not accounted for otherwise."""
    if draft.charge is None:
        return
    lock(draft.charge)
    if not charges_to_account(appointment).filter(pk=draft.charge.pk).exists():
        raise ClaimRefused(_("This payment by card is accounted for already, or is not yours."))
    if draft.kind != ClaimKind.EXPENSE:
        raise ClaimRefused(_("What was paid by card is an expense that was made."), field="kind")


def _free_charge(claim: Claim, by: User) -> None:
    """The charge of a claim that is no more is to be accounted for again."""
    if claim.charge is not None:
        move(claim.charge, ChargeState.OPEN, by=by)


def _refuse_used(appointment: Appointment, receipts: Sequence[Receipt]) -> None:
    hashes = [hashlib.sha256(receipt.content).hexdigest() for receipt in receipts]
    used = Evidence.objects.filter(sha256__in=hashes).exclude(claim__state__in=CLAIM_GONE)
    if used.filter(claim__appointment=appointment).exists() or len(set(hashes)) != len(hashes):
        raise ClaimRefused(_("This receipt is part of another claim of yours already."), field="receipts")
    if used.exists():
        raise ClaimRefused(_("This receipt is part of another claim already."), field="receipts")


def _keep(claim: Claim, receipt: Receipt) -> None:
    evidence = Evidence(
        claim=claim,
        name=receipt.name[:200],
        size=len(receipt.content),
        content_type=receipt.content_type,
        sha256=hashlib.sha256(receipt.content).hexdigest(),
    )
    evidence.file.save(receipt.name, ContentFile(receipt.content), save=False)
    try:
        evidence.save(force_insert=True)
    except IntegrityError as problem:
        # another claim with it was made at the same moment; the database judged
        raise ClaimRefused(_("This receipt is part of another claim already."), field="receipts") from problem


@action
def approve_claim(claim: Claim, *, by: User, amount_krw: int | None = None, reason: str = "") -> Claim:
    """Approve `claim`; above the limit the first approval only checks it, and another person approves.

    `amount_krw`, when it is less than was claimed, is all that is approved, with the reason. On approval the amount is
    booked as spent and owed. The limit is the category's on the day of the expense; without one it refuses and never
    waves through. What was paid by card needs no bank file: it is paid.
    """
    lock(claim)
    is_part = amount_krw is not None and amount_krw != claim.payable_krw
    if is_part and amount_krw is not None and not 0 < amount_krw < claim.amount_krw:
        raise ClaimRefused(_("A part is more than nothing and less than was claimed."), field="amount_krw")
    if is_part and not reason.strip():
        raise ClaimRefused(_("Say why less is approved than was claimed."), field="reason")
    limit = one_approval_limit(claim.category, claim.spent_on)
    if limit is None:
        raise NotConfigured(what=_("the approval limit of “%(category)s”") % {"category": claim.category.name})
    if by.pk == claim.checked_by_id:
        raise SamePersonTwice
    refuse_second_duty(Duty.APPROVES, of_claim(claim), by=by)
    part: dict[str, Any] = {"approved_krw": amount_krw, "cut_reason": reason[:300]} if is_part else {}
    if claim.state == ClaimState.SUBMITTED and claim.amount_krw > limit:
        return move(claim, ClaimState.CHECKED, by=by, **part)
    move(claim, ClaimState.APPROVED, by=by, **part)
    books = Books(claim.appointment.institute, claim.fiscal_year)
    ledger.post(claim_posting(claim, books, timezone.localdate()), by=by)
    if claim.charge_id is not None:
        move(claim, ClaimState.PAID, by=by)
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
    _free_charge(claim, by)
    _tell(claim, "claim_refused")
    return claim


@action
def return_claim(claim: Claim, *, by: User, question: str) -> Claim:
    """Return `claim` with a question; she answers, and it waits again. An approval before is forgotten."""
    if by.pk in {claim.submitted_by_id, claim.appointment.fellow_id}:
        raise SamePersonTwice
    if not question.strip():
        raise ClaimRefused(_("Say what you ask."), field="question")
    again: dict[str, Any] = {"checked_by": None, "checked_at": None, "approved_krw": None, "cut_reason": ""}
    move(claim, ClaimState.RETURNED, by=by, note=question, question=question, answer="", **again)
    _tell(claim, "claim_returned")
    return claim


@action
def take_back_claim(claim: Claim, *, by: User) -> Claim:
    """She takes back what nobody decided yet; the money, the request and the receipts are free again."""
    move(claim, ClaimState.TAKEN_BACK, by=by)
    _free_charge(claim, by)
    return claim


@action
def answer_claim(claim: Claim, receipts: Sequence[Receipt], *, by: User, answer: str) -> Claim:
    """She answers the question, with more papers where they are asked for; the claim waits for a decision again."""
    if not answer.strip():
        raise ClaimRefused(_("Answer the question."), field="answer")
    _refuse_used(claim.appointment, receipts)
    for receipt in receipts:
        _keep(claim, receipt)
    return move(
        claim, ClaimState.SUBMITTED, by=by, note=answer, answer=answer,
        submitted_by=claim.submitted_by, submitted_at=claim.submitted_at,
    )  # fmt: skip


@action
def settle_advance(
    claim: Claim, receipts: Sequence[Receipt], *, by: User, spent_krw: int, words: str
) -> AdvanceSettlement:
    """She says what an advance was spent on, with papers. Refuses more than she had: the rest is a claim of its own."""
    lock(claim)
    if claim.kind != ClaimKind.ADVANCE or claim.state != ClaimState.PAID:
        raise ClaimRefused(_("Only an advance that was paid is settled."))
    if hasattr(claim, "settlement"):
        raise ClaimRefused(_("This advance was settled already."))
    if not 0 <= spent_krw <= claim.payable_krw:
        more = _("More than the advance is claimed as an expense of its own; settle the advance in full first.")
        raise ClaimRefused(more, field="spent_krw")
    if spent_krw and not receipts:
        raise ClaimRefused(_("A settlement needs a receipt."), field="receipts")
    _refuse_used(claim.appointment, receipts)
    for receipt in receipts:
        _keep(claim, receipt)
    made = AdvanceSettlement.objects.create(claim=claim, spent_krw=spent_krw, words=words, submitted_by=by)
    record("funding.advance.settled", made, by=by, after={"spent_krw": spent_krw})
    return made


@action
def approve_advance(settlement: AdvanceSettlement, *, by: User) -> AdvanceSettlement:
    """Another person approves: what was not spent is committed to her fund again, and she owes it."""
    lock(settlement)
    claim = settlement.claim
    if by.pk in {settlement.submitted_by_id, claim.appointment.fellow_id}:
        raise SamePersonTwice
    if settlement.approved_at is None:
        unspent = claim.payable_krw - settlement.spent_krw
        if unspent:
            books = Books(claim.appointment.institute, claim.fiscal_year)
            settlement.entry = ledger.post(advance_posting(claim, unspent, books, timezone.localdate()), by=by)
        settlement.approved_at, settlement.approved_by = timezone.now(), by
        settlement.save(update_fields=["approved_at", "approved_by", "entry"])
        record("funding.advance.approved", settlement, by=by, after={"unspent_krw": unspent})
    return settlement


@action
def keep_plan(appointment: Appointment, fiscal_year: int, amounts: Mapping[int, int], *, by: User) -> int:
    """Keep her plan of a year by category (primary key to won). Refuses a plan beyond what was promised."""
    lock(appointment)
    promised = fund_of(appointment, fiscal_year).promised_krw
    total = sum(amounts.values())
    if total > promised:
        raise FundTooSmall(
            _("The plan comes to ₩%(total)s; ₩%(promised)s are promised."), total=f"{total:,}", promised=f"{promised:,}"
        )
    for category, amount in amounts.items():
        FundPlan.objects.update_or_create(
            appointment=appointment, fiscal_year=fiscal_year, category_id=category, defaults={"amount_krw": amount}
        )
    record("funding.plan.kept", appointment, by=by, after={"year": fiscal_year, "total_krw": total})
    return total


@action
def record_rate(currency: str, on: date, krw_e4: int, source: str, *, by: User) -> ExchangeRate:
    """Record the rate of a currency on a day. Refuses to change one that is recorded."""
    if ExchangeRate.objects.filter(currency=currency, on=on).exists():
        raise ClaimRefused(_("The rate of this day is recorded; it is not changed."), field="on")
    made = ExchangeRate.objects.create(currency=currency, on=on, krw_e4=krw_e4, source=source, entered_by=by)
    record("funding.rate.recorded", made, by=by, after={"krw_e4": krw_e4})
    return made


def _tell(claim: Claim, kind: str) -> None:
    facts: dict[str, Any] = {
        "amount_krw": f"{claim.payable_krw:,}",
        "purpose": claim.purpose[:200],
        "question": claim.question,
        "reason": claim.refusal,
        "is_card": claim.charge_id is not None,
        "owed_krw": f"{claim.amount_krw - claim.payable_krw:,}" if claim.charge_id else "0",
        "path": reverse("funding:claim", kwargs={"key": claim.key}),
    }
    notify(kind, to=claim.appointment.fellow, about=claim, dedupe=str(claim.pk), **facts)


@action
def release_claims(institute: Institute, *, by: User) -> PaymentBatch:
    """Send the approved claims of `institute` to the bank in one batch.

    Left are those in which `by` holds another duty, and those whose payee's account their approver confirmed.
    """
    lock(institute)
    waiting = to_release(institute).select_for_update(of=("self",))
    claims = free_to_release(waiting, of_claim, by=by)
    if not claims:
        raise NothingToPay(_("No approved claim waits in which you have had no part yet."))
    for claim in claims:
        move(claim, ClaimState.RELEASED, by=by)
    dues = [Due(claim.appointment.fellow, claim.payable_krw, claim=claim) for claim in claims]
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
