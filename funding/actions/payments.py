"""Verbs of payment: bank details, sealing a batch, the bank's answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.audit import record
from common.crypto import decrypt, encrypt
from common.gestures import action
from common.models import new_key
from common.refusals import NotConfigured, Refusal, SamePersonTwice
from common.states import lock, move
from funding import bankfile, ledger
from funding.models import BankDetail, Claim, PayerAccount, PayLine, Payment, PaymentBatch
from funding.postings import Books, payment_posting
from funding.queries.payments import current_details
from funding.states import BatchState, ClaimState, PaymentState, PayrollState, Purpose
from labs.models import Institute
from notifications.actions import notify
from people.models import User


class NothingToPay(Refusal):
    words = _("There is nothing to pay.")


class AnswerRefused(Refusal):
    words = _("The bank's answer does not fit this batch, so nothing was changed.")


@dataclass(frozen=True)
class Due:
    """One thing to pay: to whom, how much, and the pay line or claim that it settles."""

    payee: User
    amount_krw: int
    pay_line: PayLine | None = None
    claim: Claim | None = None


@dataclass(frozen=True)
class Answer:
    """What the bank says of one reference: paid, or returned with a reason."""

    reference: str
    is_paid: bool
    reason: str = ""


@action
def enter_bank_detail(user: User, *, by: User, holder: str, bank_code: str, number: str) -> BankDetail:
    """Keep a new account for `user`, encrypted; it is used only after another person confirmed it."""
    detail = BankDetail.objects.create(
        user=user,
        holder=holder,
        bank_code=bank_code,
        number_sealed=encrypt(number),
        last_digits=number[-4:],
        entered_by=by,
    )
    record("funding.bank.entered", detail, by=by, after={"user": user, "last_digits": detail.last_digits})
    notify("bank_changed", to=user, about=detail, dedupe=str(detail.pk), last_digits=detail.last_digits)
    return detail


@action
def confirm_bank_detail(detail: BankDetail, *, by: User) -> BankDetail:
    """Make `detail` the account that `user` is paid on. Whoever entered it, and whose it is, cannot confirm it."""
    lock(detail)
    if by.pk in {detail.entered_by_id, detail.user_id}:
        raise SamePersonTwice
    if detail.is_current:
        return detail
    BankDetail.objects.filter(user=detail.user_id, is_current=True).update(is_current=False)
    detail.confirmed_at, detail.confirmed_by, detail.is_current = timezone.now(), by, True
    detail.save(update_fields=["confirmed_at", "confirmed_by", "is_current"])
    record("funding.bank.confirmed", detail, by=by, after={"last_digits": detail.last_digits})
    return detail


@action
def set_payer_account(institute: Institute, *, by: User | None, bank_code: str, number: str) -> PayerAccount:
    """Say from which account `institute` pays."""
    sealed = {"bank_code": bank_code, "number_sealed": encrypt(number), "last_digits": number[-4:]}
    payer, _is_new = PayerAccount.objects.update_or_create(institute=institute, defaults=sealed)
    record("funding.payer.set", payer, by=by, after={"last_digits": payer.last_digits})
    return payer


@action
def seal_batch(
    institute: Institute, dues: Sequence[Due], *, by: User | None, purpose: str, pay_on: date
) -> PaymentBatch:
    """Make one file for the bank out of `dues`: payments, control totals, the hash of exactly what the bank is given.

    The constraints on payments let no pay line and no claim stand in two batches. Refuses an empty batch, a payee
    without confirmed bank details, and an institute without an account of its own.
    """
    payer = PayerAccount.objects.filter(institute=institute).first()
    if payer is None:
        raise NotConfigured(what=f"the bank account from which {institute.code} pays")
    details = current_details([due.payee.pk for due in dues])
    missing = sorted({str(due.payee) for due in dues if due.payee.pk not in details})
    if missing:
        raise NotConfigured(what=_("confirmed bank details of %(people)s") % {"people": ", ".join(missing[:5])})
    if not dues:
        raise NothingToPay
    batch = PaymentBatch(institute=institute, purpose=purpose, pay_on=pay_on, sealed_by=by)
    payments = [
        Payment(
            batch=batch,
            payee=due.payee,
            bank_detail=details[due.payee.pk],
            pay_line=due.pay_line,
            claim=due.claim,
            reference=f"{batch.key}-{new_key()}",
            amount_krw=due.amount_krw,
        )
        for due in dues
    ]
    _seal(batch, payments, payer)
    record("funding.batch.sealed", batch, by=by, after={"total_krw": batch.total_krw, "sha256": batch.sha256})
    return batch


def _seal(batch: PaymentBatch, payments: Sequence[Payment], payer: PayerAccount) -> None:
    header = bankfile.Header(
        batch=batch.key,
        payer=batch.institute.name_en,
        payer_account=decrypt(payer.number_sealed),
        payer_bank=payer.bank_code,
        pay_on=batch.pay_on,
        created_at=timezone.now(),
    )
    transfers = [
        bankfile.Transfer(
            payment.reference,
            payment.amount_krw,
            payment.bank_detail.holder,
            payment.bank_detail.bank_code,
            decrypt(payment.bank_detail.number_sealed),
        )
        for payment in payments
    ]
    xml = bankfile.pain001(header, transfers)
    batch.pain_xml_sealed, batch.sha256 = encrypt(xml), bankfile.seal(xml)
    batch.number_of_payments, batch.total_krw = len(payments), sum(payment.amount_krw for payment in payments)
    batch.save(force_insert=True)
    Payment.objects.bulk_create(payments)


@action
def record_answers(batch: PaymentBatch, answers: Sequence[Answer], *, by: User) -> PaymentBatch:
    """Enter the bank's answer: each payment is paid (and leaves the books) or returned (and is still owed).

    Refuses references that are not of this batch, before anything is changed; repeating an answer changes nothing.
    Whoever sealed or released the batch does not reconcile it.
    """
    lock(batch)
    if by.pk == batch.sealed_by_id:
        raise SamePersonTwice
    payments = {payment.reference: payment for payment in batch.payments.select_for_update().order_by("pk")}
    unknown = sorted({answer.reference for answer in answers} - payments.keys())
    if unknown:
        raise AnswerRefused(
            _("These references are not in the batch, so nothing was changed: %(unknown)s"),
            field="file",
            unknown=", ".join(unknown[:5]),
        )
    books = Books(batch.institute, batch.pay_on.year)
    for answer in answers:
        _answer(payments[answer.reference], answer, books, by)
    if not batch.payments.filter(state=PaymentState.PENDING).exists() and batch.state == BatchState.SEALED:
        move(batch, BatchState.CONFIRMED, by=by)
        _close_run(batch, by)
    return batch


def _answer(payment: Payment, answer: Answer, books: Books, by: User) -> None:
    if payment.state != PaymentState.PENDING:
        return
    if not answer.is_paid:
        move(payment, PaymentState.RETURNED, by=by, return_reason=answer.reason[:200])
        if payment.claim is not None:
            claim = payment.claim
            approved: dict[str, Any] = {"approved_by": claim.approved_by, "approved_at": claim.approved_at}
            move(claim, ClaimState.APPROVED, by=by, released_by=None, released_at=None, **approved)
        return
    move(payment, PaymentState.PAID, by=by)
    ledger.post(payment_posting(payment, books, timezone.localdate()), by=by)
    if payment.claim is not None:
        move(payment.claim, ClaimState.PAID, by=by)
        facts = {"amount_krw": f"{payment.amount_krw:,}", "last_digits": payment.bank_detail.last_digits}
        notify("claim_paid", to=payment.payee, about=payment.claim, dedupe=str(payment.pk), **facts)


def _close_run(batch: PaymentBatch, by: User) -> None:
    if batch.purpose != Purpose.SALARY:
        return
    line = PayLine.objects.filter(payments__batch=batch).select_related("run").first()
    if line is not None and line.run.state == PayrollState.RELEASED:
        is_open = (
            line.run.lines.filter(is_held=False, net_krw__gt=0).exclude(payments__state=PaymentState.PAID).exists()
        )
        if not is_open:
            move(line.run, PayrollState.PAID, by=by)


@action
def pay_again(payment: Payment, *, by: User) -> PaymentBatch:
    """Pay a returned payment once more, to the bank details that stand now, in a batch of its own."""
    lock(payment)
    if payment.state != PaymentState.RETURNED:
        raise NothingToPay(_("Only a returned payment is paid again."))
    if payment.claim is not None and by.pk in {payment.claim.submitted_by_id, payment.claim.approved_by_id}:
        raise SamePersonTwice
    due = Due(payment.payee, payment.amount_krw, payment.pay_line, payment.claim)
    if payment.claim is not None:
        move(payment.claim, ClaimState.RELEASED, by=by)
    batch = payment.batch
    return seal_batch(batch.institute, [due], by=by, purpose=batch.purpose, pay_on=timezone.localdate())
